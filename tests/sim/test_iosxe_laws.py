"""A driver that knows nothing of the simulator keeps the laws over it: what it does is what a device does."""

from __future__ import annotations

import pytest
from iosxe_driver import DRIVER

from netres.testing.conformance import DriverLaws, SimulatedSubject
from netres.testing.sim import registry

_BY_HAND = ("ip access-list standard BYHAND", " permit 192.0.2.0 0.0.0.255", "logging host 192.0.2.9")


class TestIosxe(DriverLaws):
    @pytest.fixture
    def subject(self) -> SimulatedSubject:
        return SimulatedSubject(DRIVER, registry.get("cisco_iosxe").make("r1"), _BY_HAND)
