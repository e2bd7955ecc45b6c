"""The SSH transports by one face: the awaited one on a loop in a thread, so that a blocking test can hold it."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Coroutine, Sequence
from functools import cache
from typing import Any, TypeVar

from netres.driver import CliShell
from netres.flow import Operation, Reply
from netres.inventory.entry import Entry
from netres.transport.ssh import SshTransport
from netres.transport.ssh_async import AsyncSshTransport
from netres.transport.ssh_async_client import AsyncLink
from netres.transport.ssh_client import Link

T = TypeVar("T")


@cache
def loop() -> asyncio.AbstractEventLoop:
    """The loop of all tests; its thread ends with the process."""
    made = asyncio.new_event_loop()
    threading.Thread(target=made.run_forever, name="loop-of-tests", daemon=True).start()
    return made


def awaited(work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` returns; an interrupt cancels it, and waits for its end."""
    running = asyncio.run_coroutine_threadsafe(_task(work), loop())
    try:
        return running.result(60)
    except KeyboardInterrupt:
        running.cancel()
        raise


async def _task(work: Coroutine[Any, Any, T]) -> T:
    return await work


class LoopedSsh:
    """`AsyncSshTransport`, blocking."""

    def __init__(self, inner: AsyncSshTransport) -> None:
        self.inner = inner
        self.shown: list[str] = []
        if (link := link_of(self)) is not None and hasattr(link, "screen"):
            link.screen._note = self.shown.append  # type: ignore[union-attr]  # to see what comes unasked

    @classmethod
    def open(cls, entry: Entry, shell: CliShell | None, secrets: Sequence[re.Pattern[str]] = ()) -> LoopedSsh:
        return cls(awaited(AsyncSshTransport.open(entry, shell, secrets)))

    def execute(self, operation: Operation) -> Reply:
        return awaited(self.inner.execute(operation))

    def interrupt(self) -> None:
        """Nothing runs: nothing happens."""

    def close(self) -> None:
        awaited(self.inner.close())


Ssh = SshTransport | LoopedSsh


def link_of(session: Ssh) -> Link | AsyncLink:
    """Its connection, to wait for what has no other sign."""
    inner = session.inner if isinstance(session, LoopedSsh) else session
    link = inner._link  # pyright: ignore[reportPrivateUsage]
    assert link is not None
    return link


def gone(link: Link | AsyncLink) -> bool:
    """Whether the connection has ended."""
    return link.gone if isinstance(link, AsyncLink) else not link.connection.is_active()
