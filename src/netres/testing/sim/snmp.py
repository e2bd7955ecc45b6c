"""An SNMP agent as data: datagrams in, datagrams out (RFC 1901, RFC 3416). No socket.

For version 2c pysnmp's codec is enough, without its engine: nothing is shared between agents, nor with the process.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, Protocol, TypeAlias, cast

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pysnmp.error import PySnmpError
from pysnmp.proto import api

from netres.testing.sim.device import Delivered, Oid, Simulated, Value
from netres.testing.sim.mib import Counter32, Counter64, Gauge32, IpAddress, TimeTicks
from netres.testing.sim.snmp_usm import UsmAgent

WRITE_COMMUNITY: Final = "private"
_VERSION_2C, _VERSION_3 = 1, 3
"""In a message."""
_MOST: Final = 500  # variable bindings of an answer to a getBulk: what a datagram has room for
_GEN_ERR: Final = 5
_NO_ACCESS: Final = 6
_NOT_WRITABLE: Final = 17


class _Asn1(Protocol):
    """What is used of pyasn1's and pysnmp's objects, which have no types."""

    tagSet: object  # noqa: N815 - pyasn1's name

    def __getitem__(self, index: int, /) -> object: ...


class _PduApi(Protocol):
    def get_varbinds(self, pdu: _Asn1, /) -> Sequence[tuple[Sequence[int], object]]: ...
    def set_varbinds(self, pdu: _Asn1, pairs: Sequence[tuple[object, object]], /) -> None: ...
    def set_error_status(self, pdu: _Asn1, status: int, /) -> None: ...
    def set_error_index(self, pdu: _Asn1, index: int, /) -> None: ...
    def get_response(self, pdu: _Asn1, /) -> _Asn1: ...
    def get_non_repeaters(self, pdu: _Asn1, /) -> int: ...
    def get_max_repetitions(self, pdu: _Asn1, /) -> int: ...


class _MessageApi(Protocol):
    def get_pdu(self, message: _Asn1, /) -> _Asn1: ...
    def get_community(self, message: _Asn1, /) -> bytes: ...
    def get_response(self, message: _Asn1, /) -> _Asn1: ...


Make: TypeAlias = Callable[..., object]


class _V2c(Protocol):
    """``pysnmp.proto.api.v2c``."""

    Message: Make
    GetRequestPDU: Make
    GetNextRequestPDU: Make
    GetBulkRequestPDU: Make
    SetRequestPDU: Make
    ObjectIdentifier: Make
    Integer32: Make
    OctetString: Make
    Counter32: Make
    Counter64: Make
    Gauge32: Make
    TimeTicks: Make
    IpAddress: Make
    apiMessage: _MessageApi  # noqa: N815 - pysnmp's name
    apiPDU: _PduApi  # noqa: N815 - pysnmp's name
    apiBulkPDU: _PduApi  # noqa: N815 - pysnmp's name


_V2: Final = cast("_V2c", api.v2c)
_decode: Final = cast("Callable[..., tuple[_Asn1, bytes]]", decoder.decode)
_encode: Final = cast("Callable[[object], bytes]", encoder.encode)
_version: Final = cast("Callable[[bytes], int]", vars(api)["decodeMessageVersion"])
_tags: Final = cast("Callable[[object], object]", attrgetter("tagSet"))
_NO_SUCH_OBJECT: Final = cast("Make", api.v2c.NoSuchObject)("")
_NO_SUCH_INSTANCE: Final = cast("Make", api.v2c.NoSuchInstance)("")
_END: Final = cast("Make", api.v2c.EndOfMibView)("")
_KINDS: Final[Sequence[tuple[type[int | bytes], Make]]] = (
    (Counter32, _V2.Counter32),
    (Counter64, _V2.Counter64),
    (Gauge32, _V2.Gauge32),
    (TimeTicks, _V2.TimeTicks),
    (IpAddress, _V2.IpAddress),
    (int, _V2.Integer32),
    (bytes, _V2.OctetString),
)
"""From what a value is here to what it is on the wire: the narrower kinds first."""
_VERBS: Final = {
    _tags(_V2.GetRequestPDU()): "get",
    _tags(_V2.GetNextRequestPDU()): "getnext",
    _tags(_V2.GetBulkRequestPDU()): "getbulk",
    _tags(_V2.SetRequestPDU()): "set",
}
"""By the tag of a PDU."""
Pairs: TypeAlias = Sequence[tuple[Oid, object]]


@dataclass(frozen=True)
class Ask:
    """A request."""

    verb: str
    pairs: Sequence[tuple[Oid, object]]
    non_repeaters: int = 0
    repetitions: int = 0

    def __str__(self) -> str:
        shown = [".".join(map(str, oid)) for oid, _ in self.pairs]
        if self.verb == "set":
            shown = [f"{oid} = {value}" for oid, (_, value) in zip(shown, self.pairs, strict=True)]
        return f"{self.verb} {' '.join(shown)}"


@dataclass(frozen=True)
class Told:
    """An answer."""

    pairs: Pairs
    status: int = 0
    index: int = 0

    def __str__(self) -> str:
        error = f"error {self.status} at {self.index} " if self.status else ""
        return error + " ".join(f"{'.'.join(map(str, oid))} = {value}" for oid, value in self.pairs)


class Agent:
    """The agent of one device: version 2c with its community, version 3 with its user name and password."""

    def __init__(self, device: Simulated) -> None:
        self.device = device
        self._usm: UsmAgent | None = None
        self._performed: list[Delivered[Told]] = []

    def answer(self, datagram: bytes) -> tuple[Delivered[Told], bytes] | None:
        """What is answered to a datagram, and its octets; ``None``: it is no request, or from a stranger."""
        try:
            version = int(_version(datagram))
            if version == _VERSION_3:
                return self._answer_usm(datagram)
            if version != _VERSION_2C:
                return None
            message, _ = _decode(datagram, asn1Spec=_V2.Message())
            pdu = _V2.apiMessage.get_pdu(message)
            ask = _asked(pdu)
        except (PyAsn1Error, PySnmpError, ValueError, KeyError, IndexError, TypeError):  # anything may be in a datagram
            return None
        community = bytes(_V2.apiMessage.get_community(message)).decode(errors="replace")
        writes = community == WRITE_COMMUNITY
        if not writes and community != self.device.community:
            return None
        done = self._operate(ask, writes)
        return done, _message(message, done.answer or _refusal(ask))

    def _answer_usm(self, datagram: bytes) -> tuple[Delivered[Told], bytes] | None:
        if self._usm is None:
            device = self.device
            self._usm = UsmAgent(device.username, device.password, list(_VERBS), self._perform)
        self._performed.clear()
        octets = self._usm.answer(datagram)
        done = self._performed[-1] if self._performed else Delivered[Told](None)  # a report does nothing
        return (done, octets) if octets else None

    def _perform(self, pdu: object) -> object:
        asked = cast("_Asn1", pdu)
        ask = _asked(asked)
        done = self._operate(ask, True)
        self._performed.append(done)
        response = _V2.apiPDU.get_response(asked)
        _fill(response, done.answer or _refusal(ask))
        return response

    def _operate(self, ask: Ask, writes: bool) -> Delivered[Told]:
        return self.device.operate("snmp", str(ask), lambda: self._done(ask, writes), lambda: _refusal(ask))

    def _done(self, ask: Ask, writes: bool) -> Told:
        told: Mapping[Oid, Value] = self.device.mib() if self.device.mib else {}
        match ask.verb:
            case "get":
                return Told([(oid, _got(told, oid)) for oid, _ in ask.pairs])
            case "getnext":
                order = sorted(told)
                return Told([_after(told, order, oid) for oid, _ in ask.pairs])
            case "getbulk":
                return Told(list(_bulk(told, ask)))
            case _:
                return self._set(told, ask, writes)

    def _set(self, told: Mapping[Oid, Value], ask: Ask, writes: bool) -> Told:
        """All of it, or nothing (RFC 3416, 4.2.5)."""
        setter = self.device.mib_set
        if not writes or setter is None:
            return Told(ask.pairs, _NO_ACCESS, 1)
        for index, (oid, value) in enumerate(ask.pairs):
            if not setter(oid, _native(value)):
                for done, _ in ask.pairs[:index]:
                    setter(done, told[done])
                return Told(ask.pairs, _NOT_WRITABLE, index + 1)
        return Told(ask.pairs)


def _asked(pdu: _Asn1) -> Ask:
    verb = _VERBS[_tags(pdu)]
    pairs = [(tuple(oid), value) for oid, value in _V2.apiPDU.get_varbinds(pdu)]
    if verb != "getbulk":
        return Ask(verb, pairs)
    bulk = _V2.apiBulkPDU
    return Ask(verb, pairs, max(0, int(bulk.get_non_repeaters(pdu))), max(0, int(bulk.get_max_repetitions(pdu))))


def _got(told: Mapping[Oid, Value], oid: Oid) -> object:
    if oid in told:
        return _typed(told[oid])
    known = any(one[: len(oid) - 1] == oid[:-1] for one in told)  # the object is there, and this instance is not
    return _NO_SUCH_INSTANCE if known else _NO_SUCH_OBJECT


def _after(told: Mapping[Oid, Value], order: Sequence[Oid], oid: Oid) -> tuple[Oid, object]:
    place = bisect_right(order, oid)
    return (oid, _END) if place == len(order) else (order[place], _typed(told[order[place]]))


def _bulk(told: Mapping[Oid, Value], ask: Ask) -> Iterator[tuple[Oid, object]]:
    order = sorted(told)
    first, repeated = ask.pairs[: ask.non_repeaters], ask.pairs[ask.non_repeaters :]
    yield from (_after(told, order, oid) for oid, _ in first)
    at = [oid for oid, _ in repeated]
    room = (_MOST - len(first)) // max(1, len(at))
    for _ in range(min(ask.repetitions, room)):
        row = [_after(told, order, oid) for oid in at]
        yield from row
        at = [oid for oid, _ in row]
        if all(value is _END for _, value in row):
            return


def _typed(value: Value) -> object:
    make = next((make for kind, make in _KINDS if isinstance(value, kind)), _V2.ObjectIdentifier)
    return make(int(value) if isinstance(value, int) else bytes(value) if isinstance(value, bytes) else value)


def _native(value: object) -> Value:
    tags = _tags(value)
    for kind, make in _KINDS:
        if _tags(make()) == tags:
            return cast(
                "Value", kind(int(cast("int", value)) if issubclass(kind, int) else bytes(cast("bytes", value)))
            )
    return tuple(cast("Sequence[int]", value))


def _refusal(ask: Ask) -> Told:
    return Told(ask.pairs, _GEN_ERR, 1)


def _fill(pdu: _Asn1, told: Told) -> None:
    _V2.apiPDU.set_varbinds(pdu, [(_V2.ObjectIdentifier(oid), value) for oid, value in told.pairs])
    _V2.apiPDU.set_error_status(pdu, told.status)
    if told.status:
        _V2.apiPDU.set_error_index(pdu, told.index)


def _message(message: _Asn1, told: Told) -> bytes:
    response = _V2.apiMessage.get_response(message)
    _fill(_V2.apiMessage.get_pdu(response), told)
    return bytes(_encode(response))
