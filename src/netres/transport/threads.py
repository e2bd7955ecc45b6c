"""A blocking transport, awaited: its operations run in a thread of their own, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from netres.errors import UsageError
from netres.flow import Operation, Reply, Transport
from netres.transport.session import Session

T = TypeVar("T")


class ThreadedTransport:
    """`netres.flow.AsyncTransport` over a `netres.flow.Transport`.

    A thread cannot be cancelled. When the awaiting task is, the operation is interrupted where the transport can
    (`netres.flow.Interruptible`); what comes next begins when the thread has come back, so no two operations ever
    overlap.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport if isinstance(transport, Session) else Session(transport)
        # asyncio's own pool has four threads more than the machine has processors: few, where threads only wait.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="netres-session")
        self._closed = False

    @classmethod
    async def open(cls, opener: Callable[[], Transport]) -> ThreadedTransport:
        """The transport that ``opener`` opens, in a thread. Cancelled meanwhile, it is closed as soon as it is open."""
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="netres-connect")
        opening = thread.submit(opener)
        thread.shutdown(wait=False)
        try:
            return cls(await asyncio.wrap_future(opening))
        except asyncio.CancelledError:
            opening.add_done_callback(_close_result)
            raise

    async def execute(self, operation: Operation) -> Reply:
        """Do one operation; errors as in `netres.flow.Transport.execute`."""
        if self._closed:
            raise UsageError(f"{str(operation)!r} was sent after close()")
        try:
            return await self._in_thread(lambda: self._transport.execute(operation))
        except asyncio.CancelledError:
            self._transport.interrupt()
            raise

    async def close(self) -> None:
        """End the session. The session ends too where waiting for that is cancelled."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._in_thread(self._transport.close)
        finally:
            self._thread.shutdown(wait=False)

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._thread.submit(call))


def _close_result(opening: Future[Transport]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
