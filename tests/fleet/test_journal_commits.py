"""Many writers cost few commits; one that cannot be written fails alone; what was lost on the way is tried again."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager

import pytest
from journals import parts, planned
from sessions import MEMORY
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import OperationalError

from netres import errors
from netres.device import Device
from netres.fleet.journal import Journal
from netres.fleet.journal.database import Database
from netres.fleet.journal.place import Place
from netres.fleet.journal.writer import Bulk, Unit, Writer
from netres.fleet.recorder import Recorder
from netres.model import Config, Vlan
from netres_drivers.memory.device import MemoryDevice


@contextmanager
def commits() -> Generator[list[Connection]]:
    """Every commit of a transaction that writes."""
    seen: list[Connection] = []

    def note(connection: Connection) -> None:
        seen.append(connection)

    event.listen(Engine, "commit", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "commit", note)


def test_many_threads_steps_take_far_fewer_commits(journal: Journal) -> None:
    names = [f"d{number}" for number in range(20)]
    with journal.lease(journal.begin(), names) as leases:
        made = parts(journal, leases, *names)
        ready = threading.Barrier(len(made))

        def work(number: int) -> None:
            ready.wait()
            for step in range(10):
                made[number].answer(made[number].step(f"set {step}"), "ok")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(len(made))]
        with commits() as seen:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len(seen) <= 200 / 4
    found = journal.transaction(leases.tx)
    assert [[step.number for step in part.steps] for part in found.parts] == [list(range(1, 11))] * 20
    assert {step.answer for part in found.parts for step in part.steps} == {"ok"}


def test_an_answer_is_not_waited_for(journal: Journal) -> None:
    with journal.lease(journal.begin(), ["a"]) as leases:
        (part,) = parts(journal, leases, "a")
        with commits() as seen:
            for number in range(1, 4):
                part.answer(part.step(f"set {number}"), "ok")
            part.state("applied")
        assert len(seen) <= 5
    assert [step.answer for step in journal.transaction(leases.tx).parts[0].steps] == ["ok"] * 3


@pytest.fixture
def writer(where: str) -> Iterator[Writer]:
    database = Database(Place.of(where))
    made = Writer(database)
    made.do(created)
    yield made
    made.close()
    database.close()


def created(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE seen (number INTEGER PRIMARY KEY)"))


def numbering(number: int) -> Unit[int]:
    return lambda connection: numbered(connection, number)


def numbered(connection: Connection, number: int) -> int:
    connection.execute(text("INSERT INTO seen VALUES (:number)"), {"number": number})
    return number


def numbers(connection: Connection) -> list[int]:
    return list(connection.scalars(text("SELECT number FROM seen ORDER BY number")))


def held_up(writer: Writer) -> threading.Event:
    """Have the writer wait, so that what comes next is written together."""
    go = threading.Event()
    writer.soon(lambda connection: go.wait(20))
    return go


def test_a_change_of_one_device_waits_for_as_many_commits_however_many_lines_it_has(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else it writes goes with these: a bulk run waits for nothing more."""
    waited: list[object] = []
    soon, add = Writer.soon, Writer.add

    def wait_for_unit(self: Writer, unit: Unit[object]) -> Future[object]:
        waited.append(unit)
        return soon(self, unit)

    def wait_for_rows(
        self: Writer, bulk: Bulk[object], rows: Sequence[object], *, lingers: bool = False
    ) -> Sequence[Future[object]]:
        waited.extend([] if lingers else [rows])
        return add(self, bulk, rows, lingers=lingers)

    monkeypatch.setattr(Writer, "soon", wait_for_unit)
    monkeypatch.setattr(Writer, "add", wait_for_rows)
    with Device("m1", MEMORY, MemoryDevice().session(), ledger=Recorder(journal, "m1")) as device:
        done = device.apply(device.plan(Config.of([Vlan(id=number) for number in range(2, 8)])))
    (record,) = journal.history()
    steps = journal.transaction(record.id).parts[0].steps
    assert (record.id, record.outcome) == (done.transaction, "applied")
    assert all(step.answered for step in steps)
    assert len(steps) > 6
    assert len(waited) == 3 + 3  # the change, its confirmation, and storing it
    journal.lease(journal.begin(), ["m1"]).release()  # it was freed with the end


def test_an_answer_that_nobody_waits_for_is_written_all_the_same(journal: Journal) -> None:
    with journal.lease(journal.begin(), ["a"]) as leases:
        (part,) = parts(journal, leases, "a")
        part.answer(part.step("x"), "ok")
        last = time.monotonic() + 20
        while journal.transaction(leases.tx).parts[0].steps[0].answered is None:
            assert time.monotonic() < last
            time.sleep(0.01)


def test_a_change_of_a_device_that_is_held_is_refused_and_ended(journal: Journal) -> None:
    with journal.lease(journal.begin(), ["m1"]):
        with pytest.raises(errors.Busy, match="m1 is leased"):
            journal.single(planned(), why="upgrade")
        newest = journal.history()[0]
        assert (newest.why, newest.outcome, newest.parts) == ("upgrade", "refused", ())
        threading.Timer(0.1, lambda: journal.end(journal.history()[-1].id, "refused")).start()
        leases, part = journal.single(planned(), wait=20)  # stored once, however often it looks again
    assert part.step("x") == 1
    assert [one.id for one in journal.history()].count(leases.tx) == 1
    assert len(journal.transaction(leases.tx).parts) == 1
    leases.release()


def test_what_cannot_be_written_fails_alone(writer: Writer) -> None:
    go = held_up(writer)
    good = [writer.soon(numbering(number)) for number in (1, 2)]
    twice = writer.soon(numbering(1))
    bug = writer.soon(lambda connection: 1 // 0)
    refused = writer.soon(lambda connection: _refuse())
    good.append(writer.soon(numbering(3)))
    go.set()
    assert [one.result() for one in good] == [1, 2, 3]
    with pytest.raises(errors.JournalFailed, match=r"cannot be written: .*not recorded was not sent"):
        twice.result()
    with pytest.raises(errors.JournalFailed, match="division"):
        bug.result()
    with pytest.raises(errors.LeaseLost, match="taken"):
        refused.result()
    assert writer.do(numbers) == [1, 2, 3]


def _refuse() -> int:
    raise errors.LeaseLost("taken")


def test_what_waits_is_written_when_the_writer_is_closed(where: str) -> None:
    database = Database(Place.of(where))
    writer = Writer(database)
    go = held_up(writer)
    waiting = [writer.soon(lambda connection: connection.dialect.name) for _ in range(1200)]
    threading.Timer(0.05, go.set).start()
    writer.close()
    assert {one.result(timeout=0) for one in waiting} == {waiting[0].result()}
    database.close()


def test_what_the_database_asks_to_try_again_is_tried_again(writer: Writer) -> None:
    tries: list[int] = []

    def deadlocked(connection: Connection) -> int:
        numbered(connection, 7)
        tries.append(len(tries))
        if len(tries) < 3:
            raise OperationalError("INSERT", {}, _Deadlock())
        return len(tries)

    assert writer.do(deadlocked) == 3
    assert writer.do(numbers) == [7]


class _Deadlock(Exception):
    sqlstate = "40P01"
