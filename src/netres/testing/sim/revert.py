"""A change that is taken back unless somebody confirms it in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from netres.testing.sim.clock import Clock, Timer


@dataclass(frozen=True)
class Pending:
    """A change that waits to be confirmed."""

    timer: Timer
    user: str
    minutes: int
    since: float
    """On the device's clock."""
    idle: bool = False
    """Whether the time runs anew with each command of the user."""


class Reverter:
    """Holds at most one pending change of a device."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._back: Callable[[], None] | None = None
        self.pending: Pending | None = None

    def start(self, user: str, minutes: int, back: Callable[[], None], *, idle: bool = False) -> None:
        """Do ``back`` in so many minutes, unless it is confirmed."""
        self.forget()
        self._back = back
        timer = self._clock.after(minutes * 60, self.now)
        self.pending = Pending(timer, user, minutes, self._clock.now, idle)

    def extend(self, minutes: int, *, idle: bool = False) -> None:
        """Give the change another time, from now."""
        if self.pending is not None and self._back is not None:
            self.start(self.pending.user, minutes, self._back, idle=idle)

    def touched(self) -> None:
        """The user did something: an idle timer begins anew."""
        if self.pending is not None and self.pending.idle:
            self.extend(self.pending.minutes, idle=True)

    def now(self) -> None:
        """Take the change back."""
        back = self._back
        self.forget()
        if back is not None:
            back()

    def forget(self) -> None:
        """Keep the change: it was confirmed, or the device started anew and knows no timer any more."""
        if self.pending is not None:
            self._clock.cancel(self.pending.timer)
        self.pending, self._back = None, None
