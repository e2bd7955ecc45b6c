"""Work that is done later: tasks that are polled, and devices that take their configuration from a controller."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeAlias, TypeVar

from netres.testing.sim.clock import Timer
from netres.testing.sim.device import Simulated
from netres.testing.sim.rest import Reason, Refusal

T = TypeVar("T")
State: TypeAlias = Literal["running", "done", "failed"]


@dataclass
class Task:
    """Something that is being done."""

    identity: str
    what: str
    state: State = "running"
    reason: str = ""
    """Why it failed."""
    epoch: int = 0


@dataclass
class Tasks:
    """All tasks of a device; those that run are lost with a restart, and never done."""

    device: Simulated
    seconds: float = 0.5
    """How long one takes, on the device's clock."""
    _all: dict[str, Task] = field(default_factory=dict[str, Task])

    def start(self, what: str, action: Callable[[], None]) -> Task:
        """Have ``action`` done later. What it refuses with `Refusal` fails the task."""
        device = self.device
        task = Task(str(len(self._all) + 1), what, epoch=device.epoch)
        self._all[task.identity] = task

        def finish() -> None:
            if task.epoch != device.epoch:
                return
            try:
                action()
            except Refusal as refusal:
                task.state, task.reason = "failed", str(refusal)
            else:
                task.state = "done"

        device.clock.after(self.seconds, finish)
        return task

    def find(self, identity: str) -> Task:
        """A task.

        Raises:
            Refusal: there is none, or it was lost.
        """
        found = self._all.get(identity)
        if found is None or (found.state == "running" and found.epoch != self.device.epoch):
            raise Refusal(Reason.NO_SUCH, "task", identity)
        return found

    @property
    def running(self) -> list[Task]:
        """What is not done yet."""
        return [one for one in self._all.values() if one.state == "running" and one.epoch == self.device.epoch]


@dataclass
class Provisioning(Generic[T]):
    """Devices under a controller: each takes what the controller wants of it some time after that changed.

    Args:
        members: their names.
        wanted: what the controller wants of all of them now.
        seconds: on the device's clock, from the last change; a restart of the controller makes no difference.
    """

    device: Simulated
    members: Iterable[str]
    wanted: Callable[[], T]
    seconds: float = 5.0
    _applied: dict[str, T] = field(default_factory=dict[str, T])
    _timer: Timer | None = None

    def __post_init__(self) -> None:
        self._apply()

    def changed(self) -> None:
        """The controller's configuration was changed: all members take it later."""
        self.device.clock.cancel(self._timer)
        self._timer = self.device.clock.after(self.seconds, self._apply)

    def applied(self, member: str) -> T:
        """What a member runs on."""
        return self._applied[member]

    def pending(self, member: str) -> bool:
        """Whether a member is still to take what the controller wants."""
        return self._applied[member] != self.wanted()

    def _apply(self) -> None:
        self._applied = dict.fromkeys(self.members, self.wanted())
