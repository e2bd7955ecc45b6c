"""Devices of a run as jobs of an executor: in other processes, or on other machines."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import dataclass
from functools import lru_cache

from netres.errors import NetresError
from netres.fleet.journal import Journal
from netres.fleet.journal.runs import RunJournal
from netres.fleet.perform import failed, perform
from netres.fleet.recover import recover
from netres.fleet.rows import Row
from netres.fleet.stop import Stop
from netres.fleet.tasks import Task
from netres.inventory.entry import Entry


@dataclass(frozen=True)
class Job:
    """One device of a run. Can be pickled where its task can; secrets go as references."""

    task: Task
    entry: Entry
    blank: Row
    run: str = ""
    journal: str = ""
    """As `Journal.open` takes it; a password in it is a reference, or stands in the worker's $PGPASSWORD."""
    lease: float = 30.0


def work(job: Job) -> Row:
    """Do a job, which a worker that died may have begun: each device is changed once."""
    try:
        return asyncio.run(_worked(job))
    except NetresError as error:
        return failed(job.blank, error)


async def _worked(job: Job) -> Row:
    if not job.journal:
        return await perform(job.task, job.entry, job.blank, None)
    book, name = RunJournal(_opened(job.journal, job.lease), job.run), job.entry.name
    await asyncio.to_thread(_finish, book, job)
    for standing in await asyncio.to_thread(book.standings, name):
        if standing.outcome == "applied":
            record = await asyncio.to_thread(book.transaction, standing.tx)
            told = {"status": "done", "result": record.parts[0].result, "transaction": standing.tx}
            return job.blank.model_copy(update=told)
    return await perform(job.task, job.entry, job.blank, book, wait=2 * job.lease)


def _finish(book: RunJournal, job: Job) -> None:
    """Finish, or undo, what a dead worker began on the device."""
    mine = {standing.tx for standing in book.standings(job.entry.name) if standing.left == "unknown"}
    if mine:
        recover({job.entry.name: job.entry}, book, wait=2 * job.lease, only=mine)


@lru_cache(maxsize=4)
def _opened(where: str, lease: float) -> Journal:
    return Journal.open(where, lease=lease)


class Elsewhere:
    """Does a task by an executor."""

    def __init__(
        self, task: Task, inventory: Mapping[str, Entry], book: RunJournal | None, executor: Executor, stop: Stop
    ) -> None:
        self._task = task
        self._inventory = inventory
        self._book = book
        self._executor = executor
        self._stop = stop

    async def __call__(self, name: str, wave: int) -> Row:
        """Do it to one device."""
        blank = Row(device=name, platform="", status="failed", wave=wave)
        try:
            entry = self._inventory[name]
            blank = blank.model_copy(update={"platform": entry.platform})
            book = self._book
            run, where, lease = (book.run, book.where, book.lasts) if book else ("", "", 0.0)
            job = Job(self._task, entry, blank, run, where, lease)
            return await asyncio.wrap_future(self._executor.submit(work, job))
        except asyncio.CancelledError:
            return blank.model_copy(update={"status": "cancelled", "error": "its job was given up"})
        except BrokenExecutor as error:
            self._stop.gently(f"its executor is broken: {error}")
            return failed(blank, error).model_copy(update={"status": "unknown"})
        except Exception as error:  # noqa: BLE001 - what an executor raises of one job is one row
            return failed(blank, error)
