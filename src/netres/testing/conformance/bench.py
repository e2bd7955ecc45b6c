"""A device under test with a session, and the verbs of the laws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from netres.device import Device
from netres.driver import Driver
from netres.flow import Operation, Pausing, Reply, Transport
from netres.model import Config
from netres.outcome import differences
from netres.plan import ApplyResult
from netres.testing.conformance.subject import Subject


@dataclass
class Recorder:
    """A transport that passes on and remembers."""

    inner: Transport
    operations: list[Operation] = field(default_factory=list[Operation])

    def execute(self, operation: Operation) -> Reply:
        """Do one operation, and remember it."""
        self.operations.append(operation)
        return self.inner.execute(operation)

    def close(self) -> None:
        """End the session."""
        self.inner.close()

    def pause(self, seconds: float) -> None:
        """Let time go by in the device, where it has a clock of its own."""
        if isinstance(self.inner, Pausing):
            self.inner.pause(seconds)

    def writes(self) -> list[str]:
        """What could have changed the device."""
        return [str(operation) for operation in self.operations if operation.writes]


@dataclass
class Bench:
    """A subject with a session, and the verbs of the laws."""

    subject: Subject
    recorder: Recorder
    device: Device

    @classmethod
    def on(cls, subject: Subject) -> Bench:
        """A subject, reset, with a new session."""
        subject.reset()
        recorder = Recorder(subject.open())
        return cls(subject, recorder, Device("subject", subject.driver, recorder))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.device.close()

    @property
    def prune(self) -> frozenset[str]:
        """All kinds that can be written and deleted."""
        return prunable(self.subject.driver)

    def to(self, config: Config) -> ApplyResult:
        """Make the device have ``config`` and nothing else."""
        plan = self.device.plan(config, self.prune)
        result = self.device.apply(plan)
        assert result.outcome.holds, f"{result.outcome}: {result.error} {'; '.join(map(str, result.differences))}"
        self.require_nothing_left()
        return result

    def back(self, result: ApplyResult) -> ApplyResult:
        """Roll an apply back."""
        back = self.device.rollback(result)
        assert back.outcome.holds, f"{back.outcome}: {back.error} {'; '.join(map(str, back.differences))}"
        self.require_nothing_left()
        return back

    def require_nothing_left(self) -> None:
        """Nothing is left on the device that should not be."""
        left = self.subject.left_open()
        assert not left, f"left open: {', '.join(left)}"

    def missing(self, config: Config) -> list[str]:
        """What of ``config`` the device does not have."""
        found = self.device.observe()
        return [str(line) for line in differences(self.subject.driver, config.by_key, config, found)]


def prunable(driver: Driver) -> frozenset[str]:
    """All kinds that can be written and deleted: a device always has its own name."""
    return frozenset(kind for kind, feature in driver.table.items() if feature.write and feature.item.KEY)


@dataclass
class Reading:
    """A transport to a device that nobody changes: what was read is not read again."""

    inner: Transport
    seen: dict[Operation, Reply] = field(default_factory=dict[Operation, Reply])
    wrote: list[Operation] = field(default_factory=list[Operation])

    def execute(self, operation: Operation) -> Reply:
        """Do one operation, or tell what it told before."""
        if operation.writes:
            self.wrote.append(operation)
        if operation not in self.seen:
            self.seen[operation] = self.inner.execute(operation)
        return self.seen[operation]

    def close(self) -> None:
        """The session is somebody else's."""
