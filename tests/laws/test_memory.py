"""The laws over the reference driver, with its candidate and without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from everywhere import Everywhere
from immediate import Immediate, immediate_driver

from netres import registry
from netres.driver import Driver
from netres.flow import Transport
from netres.testing.conformance import DriverLaws, Subject
from netres_drivers.memory.device import MemoryDevice

_FEW = ("vlan", "wlan", "radius_server", "ap_group", "prefix_list", "route_map")


class MemorySubject(Subject):
    """A memory device."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.device = MemoryDevice()

    def open(self) -> Transport:
        session = self.device.session()
        return session if self.driver.begin else Immediate(session)

    def native(self) -> str:
        return self.device.native()

    def reset(self) -> None:
        self.device.running = self.device.saved = {}

    def scribble(self) -> Sequence[str]:
        self.device.running = {**self.device.running, "note": {"by hand": "leave this alone"}}
        return ('note by hand "leave this alone"',)

    def reboot(self) -> bool:
        self.device.reboot()
        return True


def some(driver: Driver) -> Driver:
    """A driver of few kinds: everything that breaks breaks at every reading of every kind."""
    return replace(driver, features=tuple(feature for feature in driver.features if feature.item.KIND in _FEW))


class TestEveryKind(Everywhere):
    @pytest.fixture
    def subject(self) -> MemorySubject:
        return MemorySubject(registry.get("memory"))


class TestCandidate(DriverLaws):
    everywhere = True

    @pytest.fixture
    def subject(self) -> MemorySubject:
        return MemorySubject(some(registry.get("memory")))


class TestImmediate(DriverLaws):
    everywhere = True

    @pytest.fixture
    def subject(self) -> MemorySubject:
        return MemorySubject(some(immediate_driver()))
