"""Processors and memory: HOST-RESOURCES-MIB (RFC 2790)."""

from __future__ import annotations

from typing import Final

from netres.driver import Reading
from netres.flow import Flow
from netres.model import Cpu, Memory
from netres_drivers.snmp.mib import number, rows, text

_LOADS: Final = {"load": "1.3.6.1.2.1.25.3.3.1.2"}
_STORAGE: Final = "1.3.6.1.2.1.25.2.3.1"
_STORES: Final = {
    "type": f"{_STORAGE}.2",
    "name": f"{_STORAGE}.3",
    "unit": f"{_STORAGE}.4",
    "size": f"{_STORAGE}.5",
    "used": f"{_STORAGE}.6",
}
_MEMORY: Final = {"1.3.6.1.2.1.25.2.1.2", "1.3.6.1.2.1.25.2.1.3"}
"""hrStorageRam, hrStorageVirtualMemory; disks are hrStorageFixedDisk and others."""


def processors() -> Flow[tuple[Cpu, ...]]:
    """hrProcessorTable, by hrDeviceIndex."""
    table = yield from rows(_LOADS)
    found = ((int(index), number(row, "load")) for index, row in table.items())
    return tuple(Cpu(index=index, load=min(100, max(0, load))) for index, load in found if load is not None)


def memory() -> Flow[tuple[Memory, ...]]:
    """hrStorageTable, as far as it is memory."""
    table = yield from rows(_STORES)
    found: list[Memory] = []
    for index, row in table.items():
        unit, size, used = number(row, "unit"), number(row, "size"), number(row, "used")
        if row.get("type") in _MEMORY and unit is not None and size is not None and used is not None:
            found.append(Memory(name=text(row, "name") or index, size=unit * size, used=unit * used))
    return tuple(found)


READINGS: Final = (
    Reading(Cpu, processors, note="hrProcessorLoad: an agent that has just started may tell it a minute later"),
    Reading(Memory, memory),
)
