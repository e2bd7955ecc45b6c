"""Deadlines: how long an exchange may take as a whole, and what ends it when it takes longer."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager


class Deadline:
    """A moment in the future, in seconds from now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._fired = False

    @property
    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._end - time.monotonic())

    @property
    def expired(self) -> bool:
        """Whether the moment has come."""
        return self._fired or self.remaining == 0.0

    @contextmanager
    def guard(self, stop: Callable[[], None]) -> Generator[None, None, None]:
        """Call ``stop``, from another thread, when the moment comes before the block ends.

        Libraries wait without limit in places that take no timeout; taking the connection from under them ends that.
        """

        def fire() -> None:
            self._fired = True
            stop()

        timer = threading.Timer(self.remaining, fire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    @asynccontextmanager
    async def bound(self) -> AsyncGenerator[None]:
        """Cancel the block when the moment comes before it ends.

        Raises:
            TimeoutError: then.
        """
        import asyncio

        try:
            async with asyncio.timeout(self.remaining) as limit:
                yield
        finally:
            self._fired = self._fired or limit.expired()
