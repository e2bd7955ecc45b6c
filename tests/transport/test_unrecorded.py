"""A session of `connect_async` where no journal is kept."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from netres.flow import Batch, Cli, Note, Operation, Pause, Reply
from netres.inventory.entry import Entry
from netres.registry import get
from netres.testing.sim import Lab
from netres.transport import open_async
from netres.transport.session_async import AsyncSession
from netres.transport.ssh_async import AsyncSshTransport


class Seen:
    """Keeps what a device would see."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.closed = False

    async def execute(self, operation: Operation) -> Reply:
        self.operations.append(operation)
        return Reply("seen")

    async def close(self) -> None:
        self.closed = True


class Taking(Seen):
    batches = True


def test_notes_and_pauses_are_no_business_of_the_device() -> None:
    async def main() -> None:
        inner = Seen()
        session = AsyncSession(inner)
        began = datetime.now(UTC)
        assert (await session.execute(Note("begin"))).text == ""
        assert datetime.fromisoformat((await session.execute(Note("armed"))).text) >= began
        await session.execute(Pause(0.001))
        assert (await session.execute(Cli(("show x",)))).text == "seen"
        await session.close()
        assert (inner.operations, inner.closed) == ([Cli(("show x",))], True)

    asyncio.run(main())


def test_batches_are_taken_where_the_inner_one_takes_them() -> None:
    assert not AsyncSession(Seen()).batches
    assert AsyncSession(Taking()).batches
    assert AsyncSshTransport.batches
    assert str(Batch((Cli(("a",)), Cli(("b",))))) == "a; b"


def test_a_driver_over_ssh_is_awaited_without_a_thread() -> None:
    async def main(entry: Entry) -> None:
        transport = await open_async(entry, get("frr"))
        assert isinstance(transport, AsyncSshTransport)
        await transport.close()

    with Lab({"r1": "arista_eos"}) as lab:
        asyncio.run(main(lab.entry("r1")))


def test_another_transport_is_not_awaited() -> None:
    entry = Entry(name="m", platform="memory", host="127.0.0.1")
    assert asyncio.run(open_async(entry, get("memory"))) is None
