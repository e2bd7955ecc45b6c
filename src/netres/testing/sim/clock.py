"""The clock of a simulated device: real time that a test may push forward, and timers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(eq=False)
class Timer:
    """Something that a device does at a time, unless it is cancelled before."""

    due: float
    """On the device's `Clock`."""
    action: Callable[[], None]


@dataclass
class Clock:
    """Seconds since some point in the past, running in real time.

    No thread watches the timers: a device calls `tick` before it does or shows anything, so a timer has fired whenever
    somebody could see that it had not.
    """

    _ahead: float = 0.0
    _timers: list[Timer] = field(default_factory=list[Timer])

    @property
    def now(self) -> float:
        """Seconds."""
        return time.monotonic() + self._ahead

    @property
    def wall(self) -> float:
        """Seconds since 1970, as the device tells the time of day."""
        return time.time() + self._ahead

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Do ``action`` in so many seconds."""
        timer = Timer(self.now + seconds, action)
        self._timers.append(timer)
        return timer

    def cancel(self, timer: Timer | None) -> None:
        """Forget a timer; one that has fired, or none, is no fault."""
        self._timers = [one for one in self._timers if one is not timer]

    def remaining(self, timer: Timer) -> float:
        """Seconds until a timer fires."""
        return max(0.0, timer.due - self.now)

    def advance(self, seconds: float) -> None:
        """Let so much time have passed; what became due is done at the next `tick`."""
        self._ahead += seconds

    def tick(self) -> None:
        """Do what is due, the earliest first."""
        while due := [timer for timer in self._timers if timer.due <= self.now]:
            timer = min(due, key=lambda one: one.due)
            self.cancel(timer)
            timer.action()
