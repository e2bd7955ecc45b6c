"""A driver that knows nothing of the simulator keeps the laws over it: what it does is what a device does."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from openwrt_driver import DRIVER

from netres.testing.conformance import DriverLaws, SimulatedSubject
from netres.testing.sim import registry

_BY_HAND = ("config route 'byhand'", "\toption target '192.0.2.0/24'", "\tlist servers 'x'")


class OpenwrtSubject(SimulatedSubject):
    """A simulated access point: a line by hand says which package it goes to."""

    def scribble(self) -> Sequence[str]:
        self.device.store.load("\n".join(("package network", *_BY_HAND, "")))
        return _BY_HAND


class TestOpenwrt(DriverLaws):
    @pytest.fixture
    def subject(self) -> OpenwrtSubject:
        return OpenwrtSubject(DRIVER, registry.get("openwrt").make("ap1"), _BY_HAND)
