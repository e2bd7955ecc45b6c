"""The laws over real FRRouting routers, over real SSH."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from netres import registry
from netres.driver import Driver
from netres.flow import Transport
from netres.testing.conformance import LAWS, Law
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


class FrrSubject:
    """A real router, looked at from inside its namespace."""

    def __init__(self, router: Router) -> None:
        self.driver: Driver = registry.get("frr")
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


@pytest.fixture(scope="module")
def router(lab: FrrLab) -> Router:
    return lab.routers["r1"]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(law: Law, router: Router) -> None:
    law(FrrSubject(router))
