"""The laws over a simulated FRRouting router: where no real one can run, and as fast as a driver's author wants it."""

from __future__ import annotations

import pytest

from netres import registry
from netres.testing.conformance import DriverLaws, SimulatedSubject
from netres.testing.sim import registry as simulators

_BY_HAND = (
    "access-list 10 seq 5 permit 10.0.0.0/8",
    "route-map BYHAND permit 10",
    " set metric +5",
    "ip prefix-list CUSTOMERS description made by hand",
    "bgp as-path access-list TRANSIT seq 5 permit _65000_",
)


class TestSimulatedFrr(DriverLaws):
    @pytest.fixture
    def subject(self) -> SimulatedSubject:
        return SimulatedSubject(registry.get("frr"), simulators.get("frr").make("r1"), _BY_HAND)
