"""What stands between a device's verbs and an awaited transport where no journal is kept: notes, and waiting."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from netres.flow import AsyncTransport, Batching, Note, Operation, Pause, Reply


class Unrecorded:
    """`netres.flow.AsyncTransport` around another, which gets what a device is to see."""

    def __init__(self, inner: AsyncTransport) -> None:
        self._inner = inner

    @property
    def batches(self) -> bool:
        """Whether the inner one takes a `netres.flow.Batch`."""
        return isinstance(self._inner, Batching) and self._inner.batches

    async def execute(self, operation: Operation) -> Reply:
        """Do one operation; errors as of the transport."""
        if isinstance(operation, Note):
            return Reply(datetime.now(UTC).isoformat() if operation.about == "armed" else "")
        if isinstance(operation, Pause):
            await asyncio.sleep(operation.seconds)
            return Reply()
        return await self._inner.execute(operation)

    async def close(self) -> None:
        """End the session; never raises."""
        await self._inner.close()
