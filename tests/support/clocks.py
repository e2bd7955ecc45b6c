"""A clock that netres and its devices share, and pushed forward by a test: what is due then happens, in this thread."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Final
from unittest.mock import patch

_SEE: Final = ("netres.device", "netres.fleet.transaction", "netres.fleet.recover", "netres.transport.session")
_SET: Final = ("netres.device", "netres.fleet.transaction")


class Alarm:
    """As `threading.Timer`, by the clock."""

    def __init__(self, clock: Clock, seconds: float, act: Callable[..., object], args: Iterable[object] = ()) -> None:
        self.daemon = True
        self.due = clock.ahead + seconds
        self._clock = clock
        self._act = act
        self._args = tuple(args)

    def start(self) -> None:
        self._clock.alarms.append(self)

    def cancel(self) -> None:
        if self in self._clock.alarms:
            self._clock.alarms.remove(self)

    def ring(self) -> None:
        self.cancel()
        self._act(*self._args)


class Clock:
    """Ahead of the real one by so many seconds."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.alarms: list[Alarm] = []

    def advance(self, seconds: float) -> None:
        """Let time go by, and ring what is due."""
        self.ahead += seconds
        for alarm in [one for one in self.alarms if one.due <= self.ahead]:
            alarm.ring()

    @contextmanager
    def shared(self) -> Generator[None]:
        clock = self

        class Now(dt.datetime):
            @classmethod
            def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]  # a plain one
                return dt.datetime.now(tz) + dt.timedelta(seconds=clock.ahead)

        def timer(seconds: float, act: Callable[..., object], args: Iterable[object] = ()) -> Alarm:
            return Alarm(clock, seconds, act, args)

        threads = SimpleNamespace(Timer=timer, RLock=threading.RLock)
        with ExitStack() as stack:
            for module in _SEE:
                stack.enter_context(patch(f"{module}.datetime", Now))
            for module in _SET:
                stack.enter_context(patch(f"{module}.threading", threads))
            yield
