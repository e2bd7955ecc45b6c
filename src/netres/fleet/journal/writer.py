"""One thread that writes: whatever waits is written in one transaction, so that many steps cost one commit."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final, TypeAlias, TypeVar, cast

from sqlalchemy import Connection, Insert, Update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from netres.errors import JournalFailed, NetresError
from netres.fleet.journal.database import Database, code

T = TypeVar("T")
R = TypeVar("R")
Unit: TypeAlias = Callable[[Connection], T]
"""What is written together. Where it raises a NetresError, what it had written before stays written."""

Bulk: TypeAlias = Callable[[Connection, Sequence[R]], Sequence[object]]
"""What writes many rows at once, after all units: what comes of each, which may be a NetresError."""

_MOST: Final = 500
"""Units in one transaction."""
_TRIES: Final = 4
_LINGER: Final = 0.05
"""Seconds that what nobody waits for may lie, so that it costs no commit of its own."""
_TRANSIENT: Final = frozenset({"40001", "40P01"})
"""Serialisation failure and deadlock (PostgreSQL, appendix A): the server asks to try again."""
NOTHING_SENT: Final = "; what was not recorded was not sent"


@dataclass
class _Job:
    unit: Unit[object] | None
    bulk: Bulk[object] | None = None
    row: object = None
    lingers: bool = False
    future: Future[object] = field(default_factory=Future[object])


class Writer:
    """Writes units in the order in which they came. Safe in several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._some = threading.Condition()
        self._waiting: list[_Job] = []
        self._awaited = False
        """Whether somebody waits for one of them."""
        self._connection: Connection | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="netres-journal", daemon=True)
        self._thread.start()

    def do(self, unit: Unit[T]) -> T:
        """Write a unit; it is on the disk when this returns.

        Raises:
            JournalFailed: it could not be written, or nobody knows whether it was.
        """
        return self.soon(unit).result()

    def soon(self, unit: Unit[T]) -> Future[T]:
        """Write a unit, without waiting for it; what comes of it is told by the future."""
        job = _Job(unit)
        self._queue([job])
        return cast("Future[T]", job.future)

    def add(self, bulk: Bulk[R], rows: Sequence[R], *, lingers: bool = False) -> Sequence[Future[object]]:
        """Have rows written, together with all others that ``bulk`` writes, without waiting for it.

        ``lingers``: nobody waits for them, and they may be written with what comes next.
        """
        jobs = [_Job(None, cast("Bulk[object]", bulk), row, lingers) for row in rows]
        self._queue(jobs)
        return [job.future for job in jobs]

    def _queue(self, jobs: Sequence[_Job]) -> None:
        awaited = not all(job.lingers for job in jobs)
        with self._some:
            if self._closed:
                for job in jobs:
                    job.future.set_exception(JournalFailed(f"journal {self._database.place.shown} was closed"))
                return
            idle = not self._waiting
            self._waiting.extend(jobs)
            self._awaited |= awaited
            if idle or awaited:
                self._some.notify()

    def close(self) -> None:
        """Write what waits, and end."""
        with self._some:
            self._closed = True
            self._some.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        while jobs := self._next():
            self._write(jobs)
        self._disconnect()

    def _next(self) -> list[_Job]:
        with self._some:
            self._some.wait_for(lambda: self._waiting or self._closed)
            self._some.wait_for(lambda: self._awaited or self._closed, _LINGER)
            jobs, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            self._awaited = bool(self._waiting)
            return jobs

    def _write(self, jobs: Sequence[_Job]) -> None:
        try:
            told = self._together(jobs)
        except Exception as error:  # noqa: BLE001 - the thread must live, and whoever waits is told
            if len(jobs) == 1 or isinstance(error, _Lost):
                self._fail(jobs, error)
                return
            for job in jobs:  # one that cannot be written must not fail the others
                self._write([job])
            return
        for job, answer in zip(jobs, told, strict=True):
            if isinstance(answer, NetresError):
                job.future.set_exception(answer)
            else:
                job.future.set_result(answer)

    def _together(self, jobs: Sequence[_Job]) -> list[object]:
        """What comes of each unit, all in one transaction, tried again where the database asks for that."""
        for number in range(_TRIES):
            try:
                return self._once(jobs)
            except DBAPIError as error:
                if error.connection_invalidated and number > 0:
                    raise _Lost from error
                if not error.connection_invalidated and code(error) not in _TRANSIENT:
                    raise
        return self._once(jobs)

    def _once(self, jobs: Sequence[_Job]) -> list[object]:
        try:
            connection = self._connection = self._connection or self._database.connect()
        except SQLAlchemyError as error:
            raise _Lost from error
        try:
            # Steps must outlive this process. What is meant, how devices were and what was decided, the machine too.
            self._database.sync(connection, fully=any(job.bulk is None for job in jobs))
            told = _written(jobs, connection)
            self._commit(connection)
        except BaseException:
            self._disconnect()
            raise
        return told

    @staticmethod
    def _commit(connection: Connection) -> None:
        try:
            connection.commit()
        except DBAPIError as error:
            if error.connection_invalidated:
                raise _Lost from error
            raise

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _fail(self, jobs: Sequence[_Job], error: Exception) -> None:
        cause = error.__cause__ if isinstance(error, _Lost) else error
        for job in jobs:
            failed = self._database.explained(cast("Exception", cause), "written", NOTHING_SENT)
            failed.__cause__ = cause
            job.future.set_exception(failed)


def executed(change: Insert | Update) -> Unit[int]:
    """The unit that executes one statement: how many rows it wrote."""
    return lambda connection: connection.execute(change).rowcount


class _Lost(Exception):
    """The database is out of reach; where it was lost at a commit, nobody knows whether that was done."""


def _written(jobs: Sequence[_Job], connection: Connection) -> list[object]:
    told = [job.unit and _tried(job.unit, connection) for job in jobs]
    rows: defaultdict[Bulk[object], list[int]] = defaultdict(list)
    for place, job in enumerate(jobs):
        if job.bulk is not None:
            rows[job.bulk].append(place)
    for bulk, places in rows.items():
        answers = bulk(connection, [jobs[place].row for place in places])
        for place, answer in zip(places, answers, strict=True):
            told[place] = answer
    return told


def _tried(unit: Unit[object], connection: Connection) -> object:
    try:
        return unit(connection)
    except NetresError as error:
        return error
