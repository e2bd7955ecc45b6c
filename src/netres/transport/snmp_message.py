"""Requests and answers (RFC 3416) as pysnmp's PDUs, and back as plain values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, cast

from pyasn1.type import univ
from pysnmp.proto.api import v2c
from pysnmp.proto.rfc1902 import Integer32, OctetString

from netres.transport.snmp_types import BulkApi, Oid, Pdu, PduApi, Status, Value

TOO_BIG: Final = 1
ERRORS: Final = (
    "noError",
    "tooBig",
    "noSuchName",
    "badValue",
    "readOnly",
    "genErr",
    "noAccess",
    "wrongType",
    "wrongLength",
    "wrongEncoding",
    "wrongValue",
    "noCreation",
    "inconsistentValue",
    "resourceUnavailable",
    "commitFailed",
    "undoFailed",
    "authorizationError",
    "notWritable",
    "inconsistentName",
)
"""The error-status of RFC 3416 by number."""
_PDU: Final = cast("PduApi", v2c.apiPDU)
_BULK: Final = cast("BulkApi", v2c.apiBulkPDU)


@dataclass(frozen=True)
class Answer:
    """A response, or a report in its place."""

    pairs: tuple[tuple[Oid, Value], ...] = ()
    status: int = 0
    index: int = 0
    """Which of the objects ``status`` is about, from 1; 0: all."""
    report: str = ""
    """Why the request was not processed: pysnmp's word, such as ``WrongDigest`` for usmStatsWrongDigests."""

    @property
    def error(self) -> str:
        """``status`` in words."""
        return ERRORS[self.status] if self.status < len(ERRORS) else f"error-status {self.status}"


def get(oids: Sequence[Oid]) -> Callable[[], Pdu]:
    """Makes GetRequests."""
    return lambda: _filled(cast("Pdu", v2c.GetRequestPDU()), _PDU, [(oid, v2c.null) for oid in oids])


def set_(pairs: Sequence[tuple[Oid, str | int]]) -> Callable[[], Pdu]:
    """Makes SetRequests: text is an OCTET STRING in UTF-8, a number an INTEGER."""
    values = [
        (oid, Integer32(value) if isinstance(value, int) else OctetString(value.encode())) for oid, value in pairs
    ]
    return lambda: _filled(cast("Pdu", v2c.SetRequestPDU()), _PDU, values)


def bulk(oids: Sequence[Oid], repetitions: int) -> Callable[[], Pdu]:
    """Makes GetBulkRequests for what comes after each of ``oids``."""

    def make() -> Pdu:
        pdu = _filled(cast("Pdu", v2c.GetBulkRequestPDU()), _BULK, [(oid, v2c.null) for oid in oids])
        _BULK.set_non_repeaters(pdu, 0)
        _BULK.set_max_repetitions(pdu, repetitions)
        return pdu

    return make


def blank() -> Pdu:
    """A GetRequest for nothing: what discovers an engine."""
    return _filled(cast("Pdu", v2c.GetRequestPDU()), _PDU, [])


def _filled(pdu: Pdu, api: PduApi, pairs: Sequence[tuple[Oid, object]]) -> Pdu:
    api.set_defaults(pdu)
    api.set_varbinds(pdu, pairs)
    return pdu


def answer_of(pdu: Pdu | None, status: Status | None) -> Answer | None:
    """What pysnmp hands over; ``None`` where all it says is that it waited long enough."""
    if status is not None:
        indication = status.get("errorIndication", None)
        word = type(indication).__name__
        if word == "RequestTimedOut":
            return None
        return Answer(report=f"{word} {indication}" if word == "ReportPduReceived" else word)
    if pdu is None:
        return Answer(report="EmptyResponse")
    pairs = tuple((tuple(int(part) for part in oid), _plain(value)) for oid, value in _PDU.get_varbinds(pdu))
    return Answer(pairs, int(_PDU.get_error_status(pdu)), int(_PDU.get_error_index(pdu, muteErrors=True)))


def _plain(value: object) -> Value:
    if isinstance(value, univ.Null):  # to pyasn1 an OctetString too; noSuchObject and its like are kinds of it
        return None
    if isinstance(value, univ.Integer):
        return int(cast("int", value))
    if isinstance(value, univ.ObjectIdentifier):
        return ".".join(str(part) for part in cast("Sequence[int]", value))
    if isinstance(value, univ.OctetString):
        return bytes(cast("bytes", value)).decode("latin-1")
    return None
