"""The laws over the reference driver, with its candidate and without."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from immediate import Immediate, immediate_driver

from netres import registry
from netres.flow import Transport
from netres.testing.conformance import DriverLaws, Subject, broken
from netres_drivers.memory.device import MemoryDevice


class MemorySubject(Subject):
    """A memory device."""

    def __init__(self, *, candidate: bool = True) -> None:
        self.driver = registry.get("memory") if candidate else immediate_driver()
        self.device = MemoryDevice()
        self.candidate = candidate

    def open(self) -> Transport:
        session = self.device.session()
        return session if self.candidate else Immediate(session)

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


class TestMemory(DriverLaws):
    @pytest.fixture
    def subject(self) -> MemorySubject:
        return MemorySubject()


class TestImmediate(DriverLaws):
    @pytest.fixture
    def subject(self) -> MemorySubject:
        return MemorySubject(candidate=False)


@pytest.mark.parametrize("candidate", [True, False], ids=["candidate", "immediate"])
def test_every_fault_at_every_operation(candidate: bool) -> None:
    matrix = broken(MemorySubject(candidate=candidate), everywhere=True)
    print(matrix)
    assert not matrix.wrong, "\n".join((str(matrix), *matrix.wrong[:5]))
