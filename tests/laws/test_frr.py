"""The laws over real FRRouting routers, over real SSH."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from everywhere import Everywhere

from netres import registry
from netres.flow import Transport
from netres.model import Config, Interface, PrefixList, PrefixListEntry, RouteMap, RouteMapEntry, StaticRoute
from netres.testing.conformance import Subject
from netres.transport import open_transport
from netres_drivers.frr.lab import FrrLab, Router

_BY_HAND = (
    "access-list 10 seq 5 permit 10.0.0.0/8",
    "log syslog informational",
    "route-map BYHAND permit 10",
    " set metric +5",
    "ip prefix-list CUSTOMERS description made by hand",
    "bgp as-path access-list TRANSIT seq 5 permit _65000_",
)


class FrrSubject(Subject):
    """A real router, looked at from inside its namespace."""

    def __init__(self, router: Router) -> None:
        self.driver = registry.get("frr")
        self.router = router

    def open(self) -> Transport:
        return open_transport(self.router.entry(), self.driver)

    def native(self) -> str:
        return self.router.running_config()

    def reset(self) -> None:
        self.router.reset()

    def scribble(self) -> Sequence[str]:
        self.router.load("\n".join(_BY_HAND))
        return _BY_HAND

    def reboot(self) -> bool:
        self.router.restart()
        return True

    def change(self) -> tuple[Config, Config]:
        """Each line is an operation, and every one of them is broken: few, of each sort."""
        return _BEFORE, _AFTER


_ENTRY = PrefixListEntry(seq=5, prefix="198.51.100.0/22", le=24)
_BEFORE = Config.of(
    [
        Interface(name="eth0", description="to the core", addresses=("192.0.2.1/30",)),
        StaticRoute(prefix="203.0.113.0/24", blackhole=True),
        PrefixList(name="CUSTOMERS", entries=(_ENTRY,)),
    ]
)
_AFTER = Config.of(
    [
        Interface(name="eth0", description="to the other core", addresses=("192.0.2.5/30",)),
        StaticRoute(prefix="0.0.0.0/0", next_hop="192.0.2.6"),
        PrefixList(name="CUSTOMERS", entries=(_ENTRY,)),
        RouteMap(name="OUT", entries=(RouteMapEntry(seq=10, match_prefix_list="CUSTOMERS", set_metric=50),)),
    ]
)


class TestFrr(Everywhere):
    @pytest.fixture
    def subject(self, lab: FrrLab) -> FrrSubject:
        return FrrSubject(lab.routers["r1"])
