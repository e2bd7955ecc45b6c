"""`netres.transport.session.Session`, awaited: the journal's writes never block the loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final, TypeVar

from netres.flow import AsyncTransport, Batch, Batching, Note, Operation, Pause, Reply
from netres.ledger import Ledger
from netres.transport.session import Session

T = TypeVar("T")
_THREADS: Final = 64
"""Writes to journals that wait for the disk together; each thread only waits."""


class AsyncSession:
    """`AsyncTransport` around another: what writes is recorded before it is sent, and its answer after.

    What `Session` says of recording holds here too. A cancellation is raised when what was being written is written.
    """

    def __init__(self, inner: AsyncTransport, ledger: Ledger | None = None, mask: Callable[[str], str] = str) -> None:
        self.inner = inner
        self.ledger = ledger
        self._records = Session(_Nowhere(), ledger, mask)

    @property
    def batches(self) -> bool:
        """Whether the inner transport takes a `netres.flow.Batch`."""
        return isinstance(self.inner, Batching) and self.inner.batches

    async def execute(self, operation: Operation) -> Reply:
        """Do one operation; errors as of `Session.execute`."""
        if isinstance(operation, Note):
            if self.ledger is None:
                return self._records.execute(operation)
            return await _written(lambda: self._records.execute(operation))
        if isinstance(operation, Pause):
            await asyncio.sleep(operation.seconds)
            return Reply()
        if self.ledger is None or not operation.writes:
            return await self.inner.execute(operation)
        records, ledger = self._records, self.ledger
        if isinstance(operation, Batch):
            recorded = await _written(lambda: records.batch(ledger, operation))
            try:
                return await self.inner.execute(recorded.batch)
            except BaseException as error:
                recorded.failed(error)
                raise
        if records.is_announced(operation):
            step = records.step(ledger, operation)
        else:
            step = await _written(lambda: records.step(ledger, operation))
        began = time.monotonic()
        try:
            reply = await self.inner.execute(operation)
        except BaseException as error:
            records.failed(ledger, step, error, time.monotonic() - began)
            raise
        records.answered(ledger, step, operation, reply, time.monotonic() - began)
        return reply

    async def close(self) -> None:
        """End the session; never raises."""
        await self.inner.close()
        if self.ledger:
            await _written(self.ledger.close)


class _Nowhere:
    """Where a session that only records sends nothing."""

    def execute(self, operation: Operation) -> Reply:
        raise NotImplementedError(f"{operation} is sent by the awaited session")

    def close(self) -> None: ...


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="netres-records")


async def _written(write: Callable[[], T]) -> T:
    future = _pool().submit(write)
    try:
        return await asyncio.shield(asyncio.wrap_future(future))
    except asyncio.CancelledError:
        if not future.cancel():  # the next thing to be written must not come between
            await asyncio.wait([asyncio.wrap_future(future)])
        raise
