"""The laws over a simulated FRRouting router: where no real one can run, and as fast as a driver's author wants it."""

from __future__ import annotations

import pytest

from netres import registry
from netres.model import BgpNeighbor, BgpRouter, Config, Secret
from netres.testing.conformance import DriverLaws, SimulatedSubject, broken
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


class Salting(SimulatedSubject):
    """A router that shows passwords as a hash, another one each time: no FRRouting does."""

    def change(self) -> tuple[Config, Config]:
        neighbor = BgpNeighbor(address="192.0.2.2", remote_as=65002, password=Secret.observed("one"))
        router = BgpRouter(asn=65001)
        return Config.of([router]), Config.of([router, neighbor])


def test_a_driver_that_takes_a_hash_for_the_secret_is_found() -> None:
    device = simulators.get("frr").make("r1")
    matrix = broken(Salting(registry.get("frr"), device, (), salts=r"neighbor \S+ password (\S+)"))
    assert [wrong.split(":")[0] for wrong in matrix.wrong] == ["salted all the time"]
    assert "told differs" in matrix.wrong[0]
