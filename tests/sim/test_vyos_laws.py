"""A driver that knows nothing of the simulator keeps the laws over it: what it does is what a device does."""

from __future__ import annotations

import pytest
from everywhere import Everywhere
from vyos_driver import DRIVER

from netres.testing.conformance import SimulatedSubject
from netres.testing.sim import registry

_BY_HAND = ("set interfaces ethernet eth1 description 'by hand'", "set system time-zone 'Europe/Berlin'")


class TestVyos(Everywhere):
    @pytest.fixture
    def subject(self) -> SimulatedSubject:
        return SimulatedSubject(DRIVER, registry.get("vyos").make("r1"), _BY_HAND)
