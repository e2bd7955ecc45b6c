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
from netres.testing.conformance import Subject
from netres.testing.conformance.faults import law_10_faults
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


class TestCandidate(Everywhere):
    @pytest.fixture
    def subject(self) -> MemorySubject:
        return MemorySubject(registry.get("memory"))


class TestImmediate(Everywhere):
    @pytest.fixture
    def subject(self) -> MemorySubject:
        return MemorySubject(immediate_driver())


@pytest.mark.parametrize("driver", [registry.get("memory"), immediate_driver()], ids=["candidate", "immediate"])
def test_every_fault_at_every_operation_of_some_kinds(driver: Driver) -> None:
    some = replace(driver, features=tuple(feature for feature in driver.features if feature.item.KIND in _FEW))
    law_10_faults(MemorySubject(some), everywhere=True)
