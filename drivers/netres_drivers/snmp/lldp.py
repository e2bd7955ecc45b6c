"""Neighbours: LLDP-MIB (IEEE 802.1AB-2005)."""

from __future__ import annotations

import ipaddress
from typing import Final

from netres.driver import Reading
from netres.flow import Flow, octets
from netres.model import LldpNeighbor
from netres_drivers.snmp.mib import Row, decoded, mac, number, tables, text

_REMOTE: Final = "1.0.8802.1.1.2.1.4.1.1"
_LOCAL: Final = "1.0.8802.1.1.2.1.3.7.1"
_NEIGHBOURS: Final = {
    "chassis_type": f"{_REMOTE}.4",
    "chassis": f"{_REMOTE}.5",
    "port_type": f"{_REMOTE}.6",
    "port": f"{_REMOTE}.7",
    "description": f"{_REMOTE}.8",
    "name": f"{_REMOTE}.9",
    "system": f"{_REMOTE}.10",
}
_PORTS: Final = {"type": f"{_LOCAL}.2", "id": f"{_LOCAL}.3", "description": f"{_LOCAL}.4"}
_CHASSIS_MAC, _CHASSIS_ADDRESS = 4, 5
_PORT_MAC, _PORT_ADDRESS, _PORT_INTERFACE = 3, 4, 5
"""LldpChassisIdSubtype and LldpPortIdSubtype: macAddress, networkAddress, interfaceName."""


def neighbours() -> Flow[tuple[LldpNeighbor, ...]]:
    """What the neighbours say of themselves."""
    ports, table = yield from tables(_PORTS, _NEIGHBOURS)
    found: list[LldpNeighbor] = []
    for index, row in table.items():
        local = index.split(".")[1]  # lldpRemTimeMark, lldpRemLocalPortNum, lldpRemIndex
        found.append(
            LldpNeighbor(
                local_interface=_port(local, ports.get(local, {})),
                chassis_id=_identity(row, "chassis", _CHASSIS_MAC, _CHASSIS_ADDRESS),
                port_id=_identity(row, "port", _PORT_MAC, _PORT_ADDRESS),
                port_description=text(row, "description"),
                system_name=text(row, "name"),
                system_description=text(row, "system"),
            )
        )
    return tuple(found)


def _port(index: str, row: Row) -> str:
    """The name of a port: its ID where that is one, else its description, as agents have it that use the MAC as ID."""
    named = text(row, "id") if number(row, "type") == _PORT_INTERFACE else None
    return named or text(row, "description", "id") or index


def _identity(row: Row, name: str, as_mac: int, as_address: int) -> str:
    value = str(row.get(name, ""))
    kind = number(row, f"{name}_type")
    if kind == as_mac and (found := mac(value)):
        return found
    data = octets(value)
    if kind == as_address and len(data) in {5, 17}:  # an address family number (IANA), then the address
        return str(ipaddress.ip_address(data[1:]))
    return decoded(value) or data.hex(":")


READING: Final = Reading(LldpNeighbor, neighbours)
