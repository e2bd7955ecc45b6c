"""Many writers cost few commits; one that cannot be written fails alone; what was lost on the way is tried again."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest
from journals import parts
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import OperationalError

from netres import errors
from netres.fleet.journal import Journal
from netres.fleet.journal.database import Database
from netres.fleet.journal.place import Place
from netres.fleet.journal.writer import Unit, Writer


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
