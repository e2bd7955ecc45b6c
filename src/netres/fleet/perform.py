"""A task on one device: whatever comes of it is a row."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from netres.attempt import interrupted
from netres.errors import ApplyFailed, NetresError
from netres.fleet.journal.runs import RunJournal
from netres.fleet.rows import Row
from netres.fleet.tasks import Task, applied
from netres.inventory.entry import Entry
from netres.plan import Outcome


class Here:
    """Does a task in this process; sessions that need a thread have one each."""

    def __init__(self, task: Task, inventory: Mapping[str, Entry], journal: RunJournal | None) -> None:
        self._task = task
        self._inventory = inventory
        self._journal = journal

    async def __call__(self, name: str, wave: int) -> Row:
        """Do it to one device."""
        blank = Row(device=name, platform="", status="failed", wave=wave)
        try:
            entry = self._inventory[name]
        except NetresError as error:
            return failed(blank, error)
        blank = blank.model_copy(update={"platform": entry.platform})
        return await perform(self._task, entry, blank, self._journal)


async def perform(task: Task, entry: Entry, blank: Row, journal: RunJournal | None, *, wait: float = 0.0) -> Row:
    """Do a task to one device; ``wait``: seconds for a device that another writer has."""
    from netres.fleet.recorder import Recorder

    ledger = Recorder(journal, entry.name, wait=wait) if journal else None
    try:
        async with entry.connect_async_with(ledger) as resource:
            return await task.on(resource, entry, blank)
    except asyncio.CancelledError as error:
        row = cancelled(blank, error)
    except ApplyFailed as error:
        row = applied(blank, error.result)
    except Exception as error:  # noqa: BLE001 - one device's failure, a callable's bug too, is one row
        row = failed(blank, error)
    return row.model_copy(update={"transaction": row.transaction or (ledger.tx if ledger else "")})


def failed(blank: Row, error: BaseException) -> Row:
    """The row of an error."""
    told = {"status": "failed", "error": str(error) or type(error).__name__, "error_type": type(error).__name__}
    return blank.model_copy(update=told)


def cancelled(blank: Row, error: BaseException) -> Row:
    """The row of what was given up: whether it was undone, or ended all the same."""
    told = interrupted(error)
    if told is None:
        return blank.model_copy(update={"status": "cancelled", "error": "given up before anything was changed"})
    if told.outcome is Outcome.NOT_APPLIED:
        return blank.model_copy(update={"status": "cancelled", "result": told, "error": "given up, and taken back"})
    return applied(blank, told.model_copy(update={"error": told.error or "given up"}))
