"""What the device is: system group (RFC 3418) and ENTITY-MIB (RFC 6933)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from netres.driver import Facts, Reading
from netres.flow import Flow, Snmp
from netres.model import Component
from netres_drivers.snmp.mib import Row, decoded, number, objects, rows, text

_ENTITY: Final = "1.3.6.1.2.1.47.1.1.1.1"
_PARTS: Final = {
    "description": f"{_ENTITY}.2",
    "parent": f"{_ENTITY}.4",
    "class": f"{_ENTITY}.5",
    "name": f"{_ENTITY}.7",
    "hardware": f"{_ENTITY}.8",
    "software": f"{_ENTITY}.10",
    "serial": f"{_ENTITY}.11",
    "model": f"{_ENTITY}.13",
}
_OF_FACTS: Final = {name: _PARTS[name] for name in ("description", "class", "software", "serial", "model")}
_CLASSES: Final = (
    *("other", "unknown", "chassis", "backplane", "container", "powerSupply", "fan", "sensor", "module", "port"),
    *("stack", "cpu", "energyObject", "battery", "storageDrive"),
)
"""PhysicalClass, from 1."""
_CHASSIS, _STACK = 3, 11
_SYSTEM: Final = {
    "description": "1.3.6.1.2.1.1.1.0",
    "object": "1.3.6.1.2.1.1.2.0",
    "uptime": "1.3.6.1.2.1.1.3.0",
    "name": "1.3.6.1.2.1.1.5.0",
    "host_uptime": "1.3.6.1.2.1.25.1.1.0",
}
"""sysDescr, sysObjectID, sysUpTime, sysName; hrSystemUptime, for sysUpTime is that of the agent."""
VENDORS: Final = {
    9: "Cisco",
    177: "Sonus",
    2636: "Juniper",
    5003: "AudioCodes",
    6527: "Nokia",
    8072: "net-snmp",
    9148: "Acme Packet",
    14179: "Airespace",
    14823: "Aruba",
    14988: "MikroTik",
    25053: "Ruckus",
    30065: "Arista",
    41112: "Ubiquiti",
}
"""Private enterprise numbers (iana.org/assignments/enterprise-numbers): whom they were given to."""
_ENTERPRISES: Final = re.compile(r"1\.3\.6\.1\.4\.1\.(\d+)(?:\.|$)")
_VERSION: Final = re.compile(r"(?:\bVersion:?|\bJUNOS|\bRouterOS|^Linux \S+) (\d[^\s,;\]]*)")
"""In sysDescr or the description of the chassis, where ENTITY-MIB tells no version."""


def facts() -> Flow[Facts]:
    """What the device says of itself."""
    found = objects((yield Snmp("get", tuple(_SYSTEM.values()))))
    told = {name: found[oid] for name, oid in _SYSTEM.items() if oid in found}
    entities = yield from rows(_OF_FACTS)
    chassis = _main(entities)
    enterprise = _ENTERPRISES.match(str(told.get("object", "")))
    vendor = int(enterprise[1]) if enterprise else 0
    hundredths = number(told, "host_uptime", "uptime")
    described = (_VERSION.search(text(row, "description") or "") for row in (told, chassis))
    version = next(filter(None, described), None)
    return Facts(
        vendor=VENDORS.get(vendor, f"enterprise {vendor}" if vendor else "unknown"),
        model=text(chassis, "model"),
        serial=text(chassis, "serial"),
        os_version=text(chassis, "software") or (version[1] if version else None),
        hostname=decoded(str(told.get("name", ""))),
        uptime=None if hundredths is None else hundredths // 100,
    )


def _main(entities: Mapping[str, Row]) -> Row:
    """The chassis: the first one, of a stack too, for the stack itself has no serial number."""
    for kind in (_CHASSIS, _STACK):
        for row in entities.values():
            if number(row, "class") == kind:
                return row
    return {}


def components() -> Flow[tuple[Component, ...]]:
    """The parts of entPhysicalTable."""
    table = yield from rows(_PARTS)
    return tuple(_component(int(index), row) for index, row in table.items())


def _component(index: int, row: Row) -> Component:
    kind = number(row, "class") or 2
    return Component(
        index=index,
        parent=number(row, "parent") or None,
        type=_CLASSES[kind - 1] if 0 < kind <= len(_CLASSES) else "unknown",
        name=text(row, "name"),
        description=text(row, "description"),
        model=text(row, "model"),
        serial=text(row, "serial"),
        hardware_version=text(row, "hardware"),
        software_version=text(row, "software"),
    )


READING: Final = Reading(Component, components)
