"""How a run is stopped: from outside, by its failures, by its deadline. Safe in several threads and in signals."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum


class Level(IntEnum):
    """How far a run is stopped."""

    NOT = 0
    GENTLY = 1
    """No device is begun; what is open ends."""
    NOW = 2
    """What is open is undone."""
    ABANDONED = 3
    """What is not undone by now is left as it is, for `netres.recover`."""


class Stop:
    """Stops the run that it is given to."""

    def __init__(self) -> None:
        self.level = Level.NOT
        self.why = ""
        """Why it was stopped first."""
        self.last = ""
        """Why it was stopped further."""
        self._told: Callable[[], object] | None = None

    def gently(self, why: str = "stopped") -> None:
        """Begin no other device; what is open ends, or is undone."""
        self._to(Level.GENTLY, why)

    def now(self, why: str = "stopped") -> None:
        """Undo what is open."""
        self._to(Level.NOW, why)

    def abandon(self, why: str = "stopped") -> None:
        """Wait for nothing any more."""
        self._to(Level.ABANDONED, why)

    def further(self, why: str) -> None:
        """`gently`, and the second time `now`: what Ctrl-C does."""
        self._to(Level.GENTLY if self.level is Level.NOT else Level.NOW, why)

    def on_change(self, told: Callable[[], object] | None) -> None:
        """Whom to tell when it is stopped further."""
        self._told = told
        if told and self.level:
            told()

    def _to(self, level: Level, why: str) -> None:
        if level <= self.level:
            return
        self.level, self.why, self.last = level, self.why or why, why
        if self._told:
            self._told()
