"""The laws over a simulated FRRouting router: where no real one can run, and as fast as a driver's author wants it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from netres import registry
from netres.driver import Driver
from netres.flow import Transport
from netres.testing.conformance import LAWS, Law
from netres.testing.sim import SimulatedSession
from netres.testing.sim import registry as simulators

_BY_HAND = (
    "access-list 10 seq 5 permit 10.0.0.0/8",
    "route-map BYHAND permit 10",
    " set metric +5",
    "ip prefix-list CUSTOMERS description made by hand",
    "bgp as-path access-list TRANSIT seq 5 permit _65000_",
)


class SimulatedFrr:
    """A router in this process."""

    def __init__(self) -> None:
        self.driver: Driver = registry.get("frr")
        self.device = simulators.get("frr").make("r1")

    def open(self) -> Transport:
        return SimulatedSession(self.device, self.driver)

    def native(self) -> str:
        return self.device.native()

    def reset(self) -> None:
        self.device.store.reset()

    def scribble(self) -> Sequence[str]:
        self.device.store.load("\n".join(_BY_HAND))
        return _BY_HAND


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(law: Law) -> None:
    law(SimulatedFrr())
