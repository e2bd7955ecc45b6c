"""The laws over the reference driver, with its candidate and without."""

from __future__ import annotations

from dataclasses import replace

import pytest
from everywhere import Everywhere
from memory_subject import MemorySubject, immediate_driver

from netres import registry
from netres.driver import Driver
from netres.testing.conformance import DriverLaws

_FEW = ("vlan", "wlan", "radius_server", "ap_group", "prefix_list", "route_map")


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
