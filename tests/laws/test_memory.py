"""The laws over the reference driver."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from netres import registry
from netres.driver import Driver
from netres.flow import Transport
from netres.testing.conformance import LAWS, Law
from netres_drivers.memory.device import MemoryDevice


class MemorySubject:
    """A memory device."""

    def __init__(self) -> None:
        self.driver: Driver = registry.get("memory")
        self.device = MemoryDevice()

    def open(self) -> Transport:
        return self.device.session()

    def native(self) -> str:
        return self.device.native()

    def reset(self) -> None:
        self.device.running = {}

    def scribble(self) -> Sequence[str]:
        self.device.running["note"] = {"by hand": "leave this alone"}
        return ('note by hand "leave this alone"',)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(law: Law) -> None:
    law(MemorySubject())
