"""What an SNMP agent tells: typed values (RFC 2578), and the objects that every device has (MIB-II, IF-MIB)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final

from netres.testing.sim.device import Oid, Simulated, Value

SYSTEM: Final[Oid] = (1, 3, 6, 1, 2, 1, 1)
_INTERFACES: Final[Oid] = (1, 3, 6, 1, 2, 1, 2)
_IFX: Final[Oid] = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
_ENTITY: Final[Oid] = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
_CHASSIS: Final = 3
_ETHERNET: Final = 6
_LARGEST: Final = 4294967295


class Counter32(int):
    """A counter that begins anew after 2^32 - 1."""


class Counter64(int):
    """A counter of 64 bits."""


class Gauge32(int):
    """A number that is not negative; Unsigned32 is the same."""


class TimeTicks(int):
    """Hundredths of a second."""


class IpAddress(bytes):
    """Four octets."""

    @classmethod
    def of(cls, address: str) -> IpAddress:
        """From its text form."""
        return cls(IPv4Address(address).packed)


@dataclass(frozen=True)
class Interface:
    """One interface, for ifTable and ifXTable."""

    name: str
    mac: str = "00:00:00:00:00:00"
    mtu: int = 1500
    speed: int = 1_000_000_000
    """Bits a second."""
    up: bool = True
    """What it is."""
    enabled: bool = True
    """What it shall be."""
    alias: str = ""
    type: int = _ETHERNET
    """Of IANAifType."""


@dataclass(frozen=True)
class System:
    """The system group."""

    description: str
    object_id: Oid
    name: str
    contact: str = ""
    location: str = ""
    services: int = 72


def uptime(device: Simulated) -> Callable[[], TimeTicks]:
    """sysUpTime: from when a device was made, or last started."""
    made = device.clock.now

    def ticks() -> TimeTicks:
        since = max(made, device.down_until)
        return TimeTicks(int(max(0.0, device.clock.now - since) * 100) & _LARGEST)

    return ticks


def mib2(system: System, up: TimeTicks, interfaces: Iterable[Interface] = ()) -> dict[Oid, Value]:
    """The system group (RFC 3418), ifTable and ifXTable (RFC 2863); interfaces are numbered from 1."""
    told: dict[Oid, Value] = {
        (*SYSTEM, 1, 0): system.description.encode(),
        (*SYSTEM, 2, 0): system.object_id,
        (*SYSTEM, 3, 0): up,
        (*SYSTEM, 4, 0): system.contact.encode(),
        (*SYSTEM, 5, 0): system.name.encode(),
        (*SYSTEM, 6, 0): system.location.encode(),
        (*SYSTEM, 7, 0): system.services,
    }
    number = 0
    for number, interface in enumerate(interfaces, 1):
        told |= table((*_INTERFACES, 2, 1), (number,), _if_entry(number, interface))
        told |= table(_IFX, (number,), _ifx_entry(interface))
    told[*_INTERFACES, 1, 0] = number
    return told


def chassis(description: str, model: str, serial: str, release: str) -> dict[Oid, Value]:
    """The one row of entPhysicalTable (RFC 6933) that says what the device is."""
    names: Mapping[int, Value] = {2: description.encode(), 7: b"Chassis", 10: release.encode(), 11: serial.encode()}
    return table(_ENTITY, (1,), {**names, 5: _CHASSIS, 13: model.encode()})


def table(entry: Oid, index: Oid, columns: Mapping[int, Value]) -> dict[Oid, Value]:
    """One row of a table: from the numbers of its columns to its values."""
    return {(*entry, column, *index): value for column, value in columns.items()}


def _if_entry(number: int, interface: Interface) -> Mapping[int, Value]:
    return {
        1: number,
        2: interface.name.encode(),
        3: interface.type,
        4: interface.mtu,
        5: Gauge32(min(interface.speed, _LARGEST)),
        6: bytes.fromhex(interface.mac.replace(":", "")),
        7: 1 if interface.enabled else 2,
        8: 1 if interface.up and interface.enabled else 2,
        9: TimeTicks(0),
        **{column: Counter32(0) for column in (10, 11, 13, 14, 16, 17, 19, 20)},
    }


def _ifx_entry(interface: Interface) -> Mapping[int, Value]:
    return {
        1: interface.name.encode(),
        **{column: Counter64(0) for column in (6, 7, 8, 9, 10, 11, 12, 13)},
        15: Gauge32(interface.speed // 1_000_000),
        18: interface.alias.encode(),
    }
