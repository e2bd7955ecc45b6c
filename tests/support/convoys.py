"""Fleets of unlike devices in this process, which are changed in one transaction."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import eos_driver
import iosxe_driver
import openwrt_driver
import setline_driver
import vyos_driver
from memory_subject import MemorySubject, immediate_driver

from netres import BgpRouter, Config, NtpServer, Vlan, registry
from netres.driver import Driver
from netres.testing.conformance import SimulatedSubject, Subject
from netres.testing.sim import registry as simulators

_FEW: Final = frozenset({"vlan", "ntp_server"})
_VLANS: Final = (Config.of([Vlan(id=10), Vlan(id=20)]), Config.of([Vlan(id=20, name="voice"), Vlan(id=30)]))
_TIMES: Final = (
    Config.of([NtpServer(address="192.0.2.1"), NtpServer(address="192.0.2.2")]),
    Config.of([NtpServer(address="192.0.2.2"), NtpServer(address="192.0.2.66"), BgpRouter(asn=65001)]),
)
_NAMED: Final = (
    Config.of([NtpServer(address="192.0.2.1"), Vlan(id=10)]),
    Config.of([NtpServer(address="192.0.2.66"), Vlan(id=20, name="voice")]),
)
_BGP: Final = (Config.of([BgpRouter(asn=65001)]), Config.of([BgpRouter(asn=65001, router_id="192.0.2.1")]))
_ACCESS: Final = (
    Config.of([NtpServer(address="192.0.2.1"), Vlan(id=10)]),
    Config.of([NtpServer(address="192.0.2.66"), Vlan(id=20)]),
)


def few(driver: Driver) -> Driver:
    """A driver of two kinds: everything that breaks breaks at every reading of every kind."""
    return replace(driver, features=tuple(one for one in driver.features if one.item.KIND in _FEW))


class Memory(MemorySubject):
    """A memory device under a small change: something is made, changed and deleted."""

    def change(self) -> tuple[Config, Config]:
        return _VLANS


class Small(SimulatedSubject):
    """A simulated device under a small change."""

    def __init__(self, platform: str, driver: Driver, change: tuple[Config, Config]) -> None:
        super().__init__(driver, simulators.get(platform).make("r1"), ())
        self._change = change

    def change(self) -> tuple[Config, Config]:
        return self._change


KINDS: Final[dict[str, Callable[[], Subject]]] = {
    "memory": lambda: Memory(few(registry.get("memory"))),
    "memory without candidate": lambda: Memory(few(immediate_driver())),
    "eos": lambda: Small("arista_eos", eos_driver.DRIVER, _NAMED),
    "eos without timer": lambda: Small("arista_eos", eos_driver.WITHOUT_TIMER, _TIMES),
    "iosxe": lambda: Small("cisco_iosxe", iosxe_driver.DRIVER, _TIMES),
    "junos": lambda: Small("juniper_junos", setline_driver.DRIVER, _NAMED),
    "vyos": lambda: Small("vyos", vyos_driver.DRIVER, _TIMES),
    "frr": lambda: Small("frr", registry.get("frr"), _BGP),
    "openwrt": lambda: Small("openwrt", openwrt_driver.DRIVER, _ACCESS),
}


def convoy(*kinds: str) -> list[Subject]:
    """Devices of these kinds."""
    return [KINDS[kind]() for kind in kinds]


def mixed(count: int) -> list[Subject]:
    """So many devices, of all kinds in turn."""
    kinds: Iterator[str] = itertools.islice(itertools.cycle(KINDS), count)
    return convoy(*kinds)


PAIRS: Final[Sequence[tuple[str, ...]]] = (
    ("memory", "memory without candidate"),
    ("eos", "openwrt"),
    ("iosxe", "frr"),
    ("junos", "vyos"),
)
"""Of each way in which a change can be made, and be taken back, one at least."""
