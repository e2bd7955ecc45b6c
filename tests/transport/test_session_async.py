"""The journal around an awaited transport: the same steps as around a blocking one; cancelled, it is whole."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sessions import MEMORY, VLANS

from netres.async_device import AsyncDevice
from netres.device import Device
from netres.errors import JournalFailed, TransportError
from netres.fleet.journal import Journal, StepRecord
from netres.fleet.recorder import Recorder
from netres.flow import Batch, Cli, Note, Operation, Reply
from netres.plan import Outcome
from netres.terms import TOKEN, Terms
from netres.transport.session import NOT_SENT
from netres.transport.session_async import AsyncSession
from netres_drivers.memory.device import MemoryDevice


class Awaited:
    """A session with a memory device, awaited. ``cancels``: it cancels its task once the device has committed."""

    def __init__(self, native: MemoryDevice, *, cancels: bool = False) -> None:
        self.inner = native.session()
        self.cancels = cancels

    async def execute(self, operation: Operation) -> Reply:
        reply = self.inner.execute(operation)
        if self.cancels and "commit" in str(operation):
            self.cancels = False
            task = asyncio.current_task()
            assert task
            task.cancel()
        await asyncio.sleep(0)
        return reply

    async def close(self) -> None:
        self.inner.close()


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal.db") as opened:
        yield opened


async def change(native: MemoryDevice, book: Journal, *, cancels: bool = False) -> Outcome:
    session = AsyncSession(Awaited(native, cancels=cancels), Recorder(book, "m1"))
    async with AsyncDevice("m1", MEMORY, session) as device:
        return (await device.apply(await device.plan(VLANS))).outcome


def steps(book: Journal) -> list[tuple[str, str, str]]:
    def told(step: StepRecord) -> tuple[str, str, str]:
        return TOKEN.sub("token", step.operation), step.answer, step.error

    return [told(step) for step in book.transaction(book.history()[0].id).parts[0].steps]


def test_the_same_steps_as_blocking(book: Journal) -> None:
    assert asyncio.run(change(MemoryDevice(), book)) is Outcome.APPLIED
    awaited = steps(book)
    with Device("m1", MEMORY, MemoryDevice().session(), ledger=Recorder(book, "m1")) as device:
        device.apply(device.plan(VLANS))
    assert awaited == steps(book)
    assert awaited
    assert all(answer for _, answer, _ in awaited)


def test_cancelled_at_the_commit_the_journal_tells_what_is_true(book: Journal) -> None:
    native = MemoryDevice()
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(change(native, book, cancels=True))
    (record,) = book.history()
    assert record.outcome == ("applied" if native.native() else "undone")
    assert any("CancelledError" in error for _, _, error in steps(book))


def test_what_cannot_be_recorded_is_not_sent(book: Journal) -> None:
    native = MemoryDevice()
    book.close()
    with pytest.raises(JournalFailed):
        asyncio.run(change(native, book))
    assert native.native() == ""


class Typed:
    """Takes batches: it answers the first line, is sent the second, and is lost."""

    batches = True

    async def execute(self, operation: Operation) -> Reply:
        assert isinstance(operation, Batch)
        for place in (0, 1):
            operation.sending(place)
        operation.answered(0, Reply("ok"))
        raise TransportError("lost")

    async def close(self) -> None: ...


def test_each_line_of_a_batch_is_recorded_by_itself(book: Journal) -> None:
    with Device("m1", MEMORY, MemoryDevice().session()) as device:
        begin = Note("begin", plan=device.plan(VLANS), terms=Terms())
    batch = Batch(tuple(Cli((line,)) for line in ("vlan 2", "vlan 3", "vlan 4")))

    async def main() -> None:
        session = AsyncSession(Typed(), Recorder(book, "m1"))
        await session.execute(begin)
        await session.execute(Note("steps", steps=batch.operations))
        with pytest.raises(TransportError):
            await session.execute(batch)
        await session.close()

    asyncio.run(main())
    assert steps(book) == [
        ("vlan 2", "ok", ""),
        ("vlan 3", "", "TransportError: lost"),
        ("vlan 4", "", NOT_SENT),
    ]
