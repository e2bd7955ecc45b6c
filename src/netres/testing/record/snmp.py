"""Redaction of what SNMP tells: addresses in indexes and as octets, names and serial numbers by their objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from typing import Final

from netres.flow import Json, octets
from netres.testing.record.redact import Redactor

_BY_ADDRESS: Final = ("1.3.6.1.2.1.4.20.1.", "1.3.6.1.2.1.4.21.1.", "1.3.6.1.2.1.4.22.1.", "1.3.6.1.2.1.15.3.1.")
"""Tables whose index ends with a bare IPv4 address: ipAddrTable, ipRouteTable, ipNetToMediaTable, bgpPeerTable."""
_HOSTS: Final = ("1.3.6.1.2.1.1.5.", "1.0.8802.1.1.2.1.3.3.", "1.0.8802.1.1.2.1.4.1.1.9.")
"""sysName, lldpLocSysName, lldpRemSysName."""
_SERIALS: Final = ("1.3.6.1.2.1.47.1.1.1.1.11.",)
"""entPhysicalSerialNum."""
_MACS: Final = ("1.3.6.1.2.1.2.2.1.6.", "1.3.6.1.2.1.4.22.1.2.", "1.0.8802.1.1.2.1.3.2.", "1.0.8802.1.1.2.1.4.1.1.5.")
"""ifPhysAddress, ipNetToMediaPhysAddress, lldpLocChassisId, lldpRemChassisId."""
_COLUMNS: Final = 9
"""No index begins before: what looks like an address there is the name of an object."""
_OID: Final = re.compile(r"\d+(?:\.\d+){6,}")


def learn(redactor: Redactor, body: Json) -> None:
    """Have a redactor know of all that an answer tells."""
    for oid, value in _objects(body):
        _oid(oid, lambda packed: _known(redactor, str(ip_address(packed)), packed))
        if isinstance(value, str):
            raw = _raw(value)
            if len(raw) == 6 and _is_octets(oid, raw):
                redactor.learn(raw.hex(":"))
            elif len(raw) in {4, 16} and _is_octets(oid, raw):
                redactor.learn(str(ip_address(raw)))
            elif (sort := _sort(oid)) and value:
                redactor.name(sort, value)
            else:
                redactor.learn(value)


def redacted(redactor: Redactor, body: Json) -> Json:
    """An answer as it may be written."""
    if not isinstance(body, Mapping):
        return body
    return {
        oid_redacted(redactor, oid): _value(redactor, oid, value) if isinstance(value, str) else value
        for oid, value in _objects(body)
    }


def oid_redacted(redactor: Redactor, oid: str) -> str:
    """An OID whose index is or holds an address."""
    return _oid(oid, redactor.address)


def _known(redactor: Redactor, text: str, packed: bytes) -> bytes:
    redactor.learn(text)
    return packed


def _objects(body: Json) -> Sequence[tuple[str, Json]]:
    return tuple(body.items()) if isinstance(body, Mapping) else ()


def _raw(value: str) -> bytes:
    try:
        return octets(value)
    except UnicodeEncodeError:
        return b""


def _value(redactor: Redactor, oid: str, value: str) -> str:
    raw = _raw(value)
    if (sort := _sort(oid)) and value:
        return redactor.text(redactor.name(sort, value))
    if _OID.fullmatch(value):
        return oid_redacted(redactor, value)
    if len(raw) == 6 and _is_octets(oid, raw):
        return redactor.mac(raw).decode("latin-1")
    if len(raw) in {4, 16} and _is_octets(oid, raw):
        return redactor.address(raw).decode("latin-1")
    return redactor.text(value)


def _sort(oid: str) -> str:
    return "host" if oid.startswith(_HOSTS) else "serial" if oid.startswith(_SERIALS) else ""


def _is_octets(oid: str, raw: bytes) -> bool:
    """Whether a value is an address, no text."""
    return oid.startswith(_MACS) or not all(32 <= octet < 127 for octet in raw)


def _oid(oid: str, new: Callable[[bytes], bytes]) -> str:
    arcs = [int(arc) for arc in oid.split(".") if arc.isdigit()]
    if oid.startswith(_BY_ADDRESS) and len(arcs) >= 14:
        start, size = len(arcs) - 4, 4
    elif (found := _typed(arcs)) is not None:
        start, size = found
    else:
        return oid
    if max(arcs[start : start + size]) > 255:
        return oid
    arcs[start : start + size] = new(bytes(arcs[start : start + size]))
    return ".".join(map(str, arcs))


def _typed(arcs: Sequence[int]) -> tuple[int, int] | None:
    """Where an address with type and length before it stands (RFC 4001; LLDP-MIB's are numbered the same)."""
    for start in range(len(arcs) - 6, _COLUMNS - 1, -1):
        size = {(1, 4): 4, (2, 16): 16}.get((arcs[start], arcs[start + 1]))
        if size and start + 2 + size <= len(arcs):
            return start + 2, size
    return None
