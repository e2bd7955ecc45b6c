"""Memory devices under test; one without a candidate: its every change is the configuration at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from netres import registry
from netres.driver import Driver
from netres.flow import Http, Operation, Reply, Transport
from netres.model import Config
from netres.plan import Guarantee
from netres.testing.conformance import Subject
from netres.testing.sim.faults import FaultKind
from netres_drivers.memory.device import MemoryDevice, MemorySession


@dataclass
class Immediate:
    """A session with such a device."""

    inner: MemorySession

    def execute(self, operation: Operation) -> Reply:
        if not (isinstance(operation, Http) and operation.method in {"PUT", "DELETE"}):
            return self.inner.execute(operation)
        self.inner.execute(Http("POST", "/candidate"))
        reply = self.inner.execute(operation)
        self.inner.execute(Http("POST", "/candidate/commit"))
        return reply

    def close(self) -> None:
        self.inner.close()


def immediate_driver() -> Driver:
    """The reference driver, told that there is no candidate."""
    return replace(
        registry.get("memory"),
        begin=(),
        commit=(),
        abort=(),
        confirming=None,
        guarantee=Guarantee.COMPENSATED,
        guarantee_why="no candidate",
    )


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
        self.device.trial = None

    def scribble(self) -> Sequence[str]:
        self.device.running = {**self.device.running, "note": {"by hand": "leave this alone"}}
        return ('note by hand "leave this alone"',)

    def left_open(self) -> Sequence[str]:
        self.device.tick()
        return ("a commit waits for its confirmation",) if self.device.trial else ()

    def fail(self, kind: FaultKind, wanted: Config) -> bool:
        if kind is FaultKind.CLOCK_JUMP:
            self.device.ahead += 86_400
        return kind is FaultKind.CLOCK_JUMP

    def reboot(self) -> bool:
        self.device.reboot()
        return True
