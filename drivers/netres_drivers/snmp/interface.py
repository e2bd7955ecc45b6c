"""Interfaces: IF-MIB (RFC 2863), and their addresses from IP-MIB (RFC 4293, and RFC 1213's table for IPv4)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final, Literal

from pydantic import ValidationError

from netres.driver import Feature, Reading
from netres.flow import Flow, octets
from netres.model import Interface, InterfaceState
from netres_drivers.snmp.mib import Row, mac, number, rows, tables, text

_IF: Final = "1.3.6.1.2.1.2.2.1"
_IFX: Final = "1.3.6.1.2.1.31.1.1.1"
NAMES: Final = {"name": f"{_IFX}.1", "descr": f"{_IF}.2"}
_SETTINGS: Final = {**NAMES, "mtu": f"{_IF}.4", "admin": f"{_IF}.7", "alias": f"{_IFX}.18"}
_COUNTERS: Final = {
    **NAMES,
    "mac": f"{_IF}.6",
    "oper": f"{_IF}.8",
    "speed": f"{_IFX}.15",
    "in": f"{_IFX}.6",
    "out": f"{_IFX}.10",
    "in32": f"{_IF}.10",
    "out32": f"{_IF}.16",
    "in_errors": f"{_IF}.14",
    "out_errors": f"{_IF}.20",
}
_ADDRESSES: Final = {"index": "1.3.6.1.2.1.4.34.1.3", "type": "1.3.6.1.2.1.4.34.1.4", "prefix": "1.3.6.1.2.1.4.34.1.5"}
_ADDRESSES_4: Final = {"index": "1.3.6.1.2.1.4.20.1.2", "mask": "1.3.6.1.2.1.4.20.1.3"}
_SIZES: Final = {"1": 4, "2": 16, "3": 4, "4": 16}
"""Octets of an InetAddress by InetAddressType (RFC 4001): ipv4, ipv6, and both with a zone after them."""
_BROADCAST: Final = 3
_STATUS: Final[Mapping[int | None, Literal["up", "down"]]] = {1: "up", 2: "down", 6: "down", 7: "down"}
"""ifOperStatus: up, down, notPresent, lowerLayerDown; testing, unknown and dormant are neither."""


def read() -> Flow[tuple[Interface, ...]]:
    """The interfaces whose names the model has a word for."""
    table, addressed, addressed4 = yield from tables(_SETTINGS, _ADDRESSES, _ADDRESSES_4)
    addresses: dict[int | None, set[str]] = {}
    for owner, address in (*_addresses(addressed), *_addresses4(addressed4)):
        addresses.setdefault(owner, set()).add(address)
    found: dict[str, Interface] = {}
    for index, row in table.items():
        if (interface := _interface(row, addresses.get(int(index), set()))) is not None:
            found.setdefault(interface.name, interface)
    return tuple(found.values())


def _interface(row: Row, addresses: set[str]) -> Interface | None:
    mtu = number(row, "mtu")
    fields: dict[str, object] = {
        "name": text(row, "name", "descr"),
        "enabled": number(row, "admin") == 1,
        "mtu": mtu if mtu is not None and 68 <= mtu <= 65535 else None,
        "addresses": tuple(addresses),
    }
    for description in (text(row, "alias"), None):  # without it, where the model has no word for it
        with suppress(ValidationError):
            return Interface.model_validate({**fields, "description": description})
    return None


def _addresses(table: Mapping[str, Row]) -> Iterator[tuple[int | None, str]]:
    """From ipAddressTable: ifIndex and address; its index is a type, a length and the octets."""
    for index, row in table.items():
        kind, _, *parts = index.split(".")
        size = _SIZES.get(kind, 0)
        length = str(row.get("prefix", "")).rpartition(".")[2]
        if len(parts) < size or not size or number(row, "type") == _BROADCAST:
            continue
        if str(row.get("prefix", "0.0")) != "0.0":
            yield number(row, "index"), f"{ipaddress.ip_address(bytes(map(int, parts[:size])))}/{length}"


def _addresses4(table: Mapping[str, Row]) -> Iterator[tuple[int | None, str]]:
    """From ipAddrTable, which older agents have alone."""
    for address, row in table.items():
        mask = row.get("mask")
        if isinstance(mask, str) and len(mask) == 4:
            with suppress(ValueError):
                yield number(row, "index"), str(ipaddress.IPv4Interface((address, _length(mask))))


def _length(mask: str) -> int:
    return ipaddress.IPv4Network((0, str(ipaddress.IPv4Address(octets(mask))))).prefixlen


def states() -> Flow[tuple[InterfaceState, ...]]:
    """All interfaces in operation."""
    table = yield from rows(_COUNTERS)
    return tuple(_state(index, row) for index, row in table.items())


def _state(index: str, row: Row) -> InterfaceState:
    return InterfaceState(
        name=text(row, "name", "descr") or index,
        status=_STATUS.get(number(row, "oper"), "unknown"),
        mac=mac(row.get("mac")),
        speed=number(row, "speed") or None,
        in_octets=number(row, "in", "in32"),
        out_octets=number(row, "out", "out32"),
        in_errors=number(row, "in_errors"),
        out_errors=number(row, "out_errors"),
    )


FEATURE: Final = Feature(
    Interface,
    read,
    missing=frozenset({"parent", "vlan"}),
    note="IF-MIB is for reading: what an agent lets be written there differs from one to the next",
)
READING: Final = Reading(InterfaceState, states)
