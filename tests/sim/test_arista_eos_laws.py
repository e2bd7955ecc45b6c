"""Drivers that know nothing of the simulator keep the laws over it: what it does is what a device does."""

from __future__ import annotations

import pytest
from eos_driver import DRIVER, WITHOUT_TIMER
from everywhere import Everywhere

from netres.testing.conformance import SimulatedSubject
from netres.testing.sim import registry

_BY_HAND = ("ip prefix-list BYHAND", "   seq 10 permit 192.0.2.0/24", "logging host 192.0.2.9")


class TestWithoutTimer(Everywhere):
    @pytest.fixture
    def subject(self) -> SimulatedSubject:
        return SimulatedSubject(WITHOUT_TIMER, registry.get("arista_eos").make("r1"), _BY_HAND)


class TestWithCommitTimer(Everywhere):
    @pytest.fixture
    def subject(self) -> SimulatedSubject:
        return SimulatedSubject(DRIVER, registry.get("arista_eos").make("r1"), _BY_HAND)
