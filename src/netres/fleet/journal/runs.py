"""Runs in a journal: which devices one has, and how far it came with each."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from sqlalchemy import Connection, Insert, RowMapping, Update, bindparam, insert, select, update

from netres.errors import Busy, UsageError
from netres.fleet.journal.blobs import storable
from netres.fleet.journal.ids import new_id
from netres.fleet.journal.journal import Journal
from netres.fleet.journal.leases import holder_of
from netres.fleet.journal.records import TxOutcome
from netres.fleet.journal.schema import CLOCKS, RUN, RUN_DEVICE, TX
from netres.model.faults import nearest

Left: TypeAlias = Literal["to do", "done", "unknown"]
_WAITING: Final = "waiting"
_OF: Final = (RUN_DEVICE.c.run == bindparam("this"), RUN_DEVICE.c.device == bindparam("name"))
_LINK: Final = update(RUN_DEVICE).where(*_OF).values(tx=bindparam("by"))
_STATUS: Final = update(RUN_DEVICE).where(*_OF).values(status=bindparam("now"))


@dataclass(frozen=True)
class Standing:
    """How a device of a run stands."""

    device: str
    status: str
    """As in `netres.fleet.rows.Row`; or ``waiting``: it had not its turn."""
    tx: str = ""
    """The last transaction in which the run changed it."""
    outcome: TxOutcome | None = None
    """How that ended; ``None``: it has not, or there is none."""

    @property
    def left(self) -> Left:
        """What is left to be done. What was applied is done, also where the run died before it knew."""
        if self.status in {"done", "unchanged"} or self.outcome == "applied":
            return "done"
        return "unknown" if self.tx and self.outcome is None else "to do"


class RunJournal(Journal):
    """A journal, as a run writes to it: each transaction is known as the run's from its beginning on."""

    def __init__(self, journal: Journal, run: str) -> None:
        super().__init__(journal._core)  # noqa: SLF001 - it is the same journal
        self._leases = journal._leases  # noqa: SLF001
        self.run = run

    @classmethod
    def begin_run(cls, journal: Journal, task: str, devices: Sequence[str]) -> RunJournal:
        """Begin a run of devices.

        Raises:
            JournalFailed: it could not be stored.
        """
        one, core = new_id(), journal._core  # noqa: SLF001 - it is the same journal
        rows = [
            {"run": one, "number": number, "device": device, "status": _WAITING}
            for number, device in enumerate(devices)
        ]

        def stored(connection: Connection) -> None:
            values = {"id": one, "task": storable(task), **_holder(core.holder)}
            connection.execute(_begun(connection.dialect.name), values)
            if rows:
                connection.execute(insert(RUN_DEVICE), rows)

        core.writer.do(stored)
        return cls(journal, one)

    @classmethod
    def resume_run(cls, journal: Journal, run: str, task: str) -> RunJournal:
        """Go on with a run, by its id or the beginning of it.

        Raises:
            UsageError: there is none, or several; it was of another task.
            Busy: it is still at work.
        """
        core = journal._core  # noqa: SLF001 - it is the same journal

        def taken(connection: Connection) -> str:
            row = _found(connection, run)
            if row["task"] != storable(task):
                raise UsageError(f"run {row['id']} was: {row['task']}; this is: {task}; resume it with the same task")
            holder = holder_of(row)
            if row["ended"] is None and holder.near() and not holder.dead() and holder != core.holder:
                raise Busy(f"run {row['id']} is still at work: {holder}; stop that first")
            again = {"ended": None, "stopped": "", **_holder(core.holder)}
            connection.execute(update(RUN).where(RUN.c.id == row["id"]).values(again))
            return str(row["id"])

        return cls(journal, core.writer.do(taken))

    @property
    def where(self) -> str:
        """As `Journal.open` takes it, without a password."""
        return self.place

    @property
    def lasts(self) -> float:
        """Seconds that a lease holds."""
        return self._core.lease

    def standings(self, device: str | None = None) -> list[Standing]:
        """How the devices of the run stand, in their order; or one of them."""
        found = (
            select(RUN_DEVICE, TX.c.outcome, TX.c.ended)
            .outerjoin(TX, TX.c.id == RUN_DEVICE.c.tx)
            .where(RUN_DEVICE.c.run == self.run)
            .order_by(RUN_DEVICE.c.number)
        )
        found = found if device is None else found.where(RUN_DEVICE.c.device == device)
        with self._core.database.reading() as connection:
            return [_standing(row) for row in connection.execute(found).mappings()]

    def status(self, device: str, status: str) -> Future[int]:
        """Store how a device stands, soon."""
        values = {"this": self.run, "name": device, "now": status}
        return self._core.writer.soon(lambda connection: connection.execute(_STATUS, values).rowcount)

    def end_run(self, stopped: str) -> None:
        """Store that the run has ended, and why before its time."""
        values = {"of": self.run, "why": storable(stopped)}
        self._core.writer.do(lambda connection: connection.execute(_ended(connection.dialect.name), values).rowcount)

    def _begun(self, connection: Connection, tx: str, device: str) -> None:
        connection.execute(_LINK, {"this": self.run, "name": device, "by": tx})


def _holder(holder: object) -> dict[str, object]:
    return {name: getattr(holder, name) for name in ("who", "host", "boot", "pid", "started")}


def _found(connection: Connection, run: str) -> RowMapping:
    like = RUN.c.id.startswith(run.lower(), autoescape=True)
    rows = connection.execute(select(RUN).where(like).order_by(RUN.c.id).limit(2)).mappings().all()
    if len(rows) > 1 and run:
        raise UsageError(f"run {run!r} is not the only one: {rows[0]['id']}, {rows[1]['id']}; give more of it")
    if not rows or not run:
        known = connection.scalars(select(RUN.c.id).order_by(RUN.c.id.desc()).limit(100)).all()
        last = f"; the last one is {known[0]}" if known else "; it has none at all"
        raise UsageError(f"the journal has no run {run!r}{nearest(run, known) or last}")
    return rows[0]


def _standing(row: RowMapping) -> Standing:
    return Standing(row["device"], row["status"], row["tx"] or "", row["outcome"] if row["ended"] is not None else None)


@lru_cache(maxsize=len(CLOCKS))
def _begun(dialect: str) -> Insert:
    return insert(RUN).values(began=CLOCKS[dialect])


@lru_cache(maxsize=len(CLOCKS))
def _ended(dialect: str) -> Update:
    return update(RUN).where(RUN.c.id == bindparam("of")).values(ended=CLOCKS[dialect], stopped=bindparam("why"))
