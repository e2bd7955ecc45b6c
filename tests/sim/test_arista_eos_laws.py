"""Drivers that know nothing of the simulator keep the laws over it: what it does is what a device does."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from eos_driver import ATOMIC, DRIVER

from netres.driver import Driver
from netres.flow import Transport
from netres.model import Config
from netres.testing.conformance import LAWS, Law, Subject
from netres.testing.sim import FaultKind, SimulatedSession, registry
from netres.testing.sim.sessions import SessionStore

_BY_HAND = ("ip prefix-list BYHAND", "   seq 10 permit 192.0.2.0/24", "logging host 192.0.2.9")


class EosSubject(Subject):
    """A simulated switch."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.device = registry.get("arista_eos").make("r1")

    def open(self) -> Transport:
        return SimulatedSession(self.device, self.driver)

    def native(self) -> str:
        return self.device.native()

    def reset(self) -> None:
        self.device.store.reset()

    def scribble(self) -> Sequence[str]:
        self.device.store.load("\n".join(_BY_HAND))
        return _BY_HAND

    def left_open(self) -> Sequence[str]:
        assert isinstance(self.device.store, SessionStore)
        return self.device.store.left_open()

    def reboot(self) -> bool:
        self.device.reboot()
        return True

    def fail(self, kind: FaultKind, wanted: Config) -> bool:
        if kind is FaultKind.CLOCK_JUMP:
            self.device.clock.advance(3600)
        return kind is FaultKind.CLOCK_JUMP


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law_without_a_timer(law: Law) -> None:
    law(EosSubject(ATOMIC))


@pytest.mark.parametrize("law", LAWS[:9], ids=lambda law: law.__name__)
def test_law_with_a_commit_timer(law: Law) -> None:
    subject = EosSubject(DRIVER)
    law(subject)
    assert not (left := subject.left_open()), left
