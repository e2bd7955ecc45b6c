"""Devices in memory."""

from __future__ import annotations

import pytest
from sessions import MEMORY

from netres.resource import Device
from netres_drivers.memory.device import MemoryDevice


@pytest.fixture
def native() -> MemoryDevice:
    return MemoryDevice()


@pytest.fixture
def device(native: MemoryDevice) -> Device:
    return Device("m1", MEMORY, native.session())
