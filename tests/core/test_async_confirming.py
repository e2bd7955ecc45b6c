"""A change that stands for a time, awaited: confirmed, left, forgotten, cancelled; with a journal and without."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from memory_subject import Immediate, immediate_driver
from sessions import VLANS

from netres.async_device import AsyncDevice
from netres.errors import UsageError
from netres.fleet.journal import Journal
from netres.inventory import Inventory
from netres.inventory.entry import Entry
from netres.model import Config, NtpServer
from netres.plan import ApplyResult, Outcome
from netres.transport.threads import ThreadedTransport
from netres.verbs import Verb
from netres_drivers.memory.device import MemoryDevice, at


@pytest.fixture
def entry() -> Entry:
    name = f"{uuid4().hex}.test"
    return Inventory.from_mapping({"devices": {"m1": {"platform": "memory", "host": name}}})["m1"]


@pytest.fixture
def native(entry: Entry) -> MemoryDevice:
    return at(entry.host, entry.options)


@pytest.fixture(params=[True, False], ids=["journal", "no journal"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal | None]:
    if not request.param:
        yield None
        return
    with Journal.open(tmp_path / "journal.db") as opened:
        yield opened


def ended(book: Journal | None) -> list[str | None]:
    return [one.outcome for one in book.history()] if book else []


def waits(native: MemoryDevice) -> bool:
    return native.trial is not None


def test_confirmed(entry: Entry, native: MemoryDevice, book: Journal | None) -> None:
    async def run() -> ApplyResult:
        async with entry.connect_async(book) as device:
            held = await device.apply(await device.plan(VLANS), confirm_within=300)
            assert held.confirmed is False
            assert waits(native)
            with pytest.raises(UsageError, match="a change waits for its confirmation"):
                await device.apply(await device.plan(VLANS))
            assert (await device.verify(held)).outcome is Outcome.APPLIED
            return await device.confirm(held)

    assert asyncio.run(run()).confirmed
    assert not waits(native)
    assert native.saved
    assert set(ended(book)) <= {"applied"}


def test_left_to_the_device(entry: Entry, native: MemoryDevice, book: Journal | None) -> None:
    async def run() -> None:
        async with entry.connect_async(book) as device:
            held = await device.apply(await device.plan(VLANS), confirm_within=300)
            await device.leave(held)
        assert waits(native)
        async with entry.connect_async(book) as device:
            assert (await device.confirm(held)).confirmed

    asyncio.run(run())
    assert not waits(native)
    assert set(ended(book)) <= {"applied"}


@pytest.mark.parametrize("forgotten", [True, False])
def test_not_confirmed(entry: Entry, native: MemoryDevice, book: Journal | None, forgotten: bool) -> None:
    async def run() -> list[ApplyResult]:
        async with entry.connect_async(book) as device:
            await device.apply(await device.plan(VLANS), confirm_within=0.2 if forgotten else 300)
            for _ in range(500 if forgotten else 0):
                if device.taken_back:
                    break
                await asyncio.sleep(0.02)
        return device.taken_back

    assert [one.exact for one in asyncio.run(run())] == [True]
    assert native.native() == ""
    assert not waits(native)
    assert set(ended(book)) <= {"undone"}


def test_cancelled_while_it_waits(entry: Entry, native: MemoryDevice, book: Journal | None) -> None:
    async def run(held: asyncio.Event) -> None:
        async with entry.connect_async(book) as device:
            await device.apply(await device.plan(VLANS), confirm_within=300)
            held.set()
            await asyncio.sleep(60)

    async def cancelled() -> None:
        held = asyncio.Event()
        task = asyncio.create_task(run(held))
        await held.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert native.native() == ""
    assert not waits(native)
    assert set(ended(book)) <= {"undone"}


class Giving(AsyncDevice):
    """One that gives other tasks their turn between what is done to the device and what follows from it."""

    async def _change(self, verb: Verb) -> ApplyResult:
        done = await super()._change(verb)
        await asyncio.sleep(0.2)
        return done


def lines() -> Giving:
    return Giving("m1", immediate_driver(), ThreadedTransport(Immediate(MemoryDevice().session())))


def test_of_two_at_the_same_time_one_waits_and_the_other_is_refused() -> None:
    async def run() -> None:
        async with lines() as device:
            plans = await device.plan(VLANS), await device.plan(Config.of([NtpServer(address="192.0.2.1")]))
            held = await asyncio.gather(
                *(device.apply(plan, confirm_within=300) for plan in plans), return_exceptions=True
            )
            assert [type(one) for one in held] == [ApplyResult, UsageError]
            assert await device.observe() == VLANS
        assert [one.exact for one in device.taken_back] == [True]

    asyncio.run(run())


@pytest.mark.parametrize("confirms", [True, False])
def test_the_watch_does_not_come_in_between(confirms: bool) -> None:
    async def run() -> None:
        async with lines() as device:
            held = await device.apply(await device.plan(VLANS), confirm_within=0.3)
            if confirms:
                assert (await device.confirm(held)).confirmed
                await asyncio.sleep(0.2)
                assert await device.observe() == VLANS
            else:
                await asyncio.sleep(0.2)  # it is being taken back
        assert len(device.taken_back) == (not confirms)

    asyncio.run(run())
