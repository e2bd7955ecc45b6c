"""`SnmpTransport`, awaited: no thread for each session, for the engine has one already."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Self

from netres.flow import Operation, Reconnect, Reply
from netres.inventory.entry import Entry
from netres.transport.snmp import SnmpTransport


class AsyncSnmpTransport:
    """`netres.flow.AsyncTransport` over a session of the one engine. A cancelled operation leaves the session whole."""

    def __init__(self, inner: SnmpTransport) -> None:
        self._inner = inner

    @classmethod
    async def open(cls, entry: Entry) -> Self:
        """As `SnmpTransport.open`, with the same errors."""
        inner = SnmpTransport(entry)
        transport = cls(inner)
        try:
            await asyncio.wrap_future(inner.connecting())
        except BaseException:
            await transport.close()
            raise
        return transport

    async def execute(self, operation: Operation) -> Reply:
        """As `SnmpTransport.execute`, with the same errors."""
        if isinstance(operation, Reconnect):
            return await asyncio.to_thread(self._inner.execute, operation)
        told = await asyncio.wrap_future(self._inner.begin(operation))
        return Reply(body=told)

    async def close(self) -> None:
        """End the session; never raises."""
        session = self._inner.take()
        if session is not None and session.engine.alive:
            with suppress(Exception):
                await asyncio.wrap_future(session.engine.submit(session.closing()))
