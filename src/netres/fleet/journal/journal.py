"""The journal: what is meant, what is sent and what came of it, on the disk before any device hears of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from weakref import WeakSet

from sqlalchemy import Connection, Select, func, select, update

from netres.baseline import Baseline
from netres.errors import Busy, InvalidConfig, UsageError
from netres.fleet.journal import baselines, reading, rows
from netres.fleet.journal.baselines import Standing
from netres.fleet.journal.blobs import Policy, Vault, storable
from netres.fleet.journal.core import Core
from netres.fleet.journal.database import Database
from netres.fleet.journal.holder import Holder
from netres.fleet.journal.ids import new_id
from netres.fleet.journal.leases import Leases
from netres.fleet.journal.part import Part
from netres.fleet.journal.place import Place
from netres.fleet.journal.records import Backup, Decision, PartRecord, TransactionRecord, TxOutcome, Verb
from netres.fleet.journal.schema import PART, STEP, TX
from netres.fleet.journal.writer import Writer, executed
from netres.model.faults import nearest
from netres.model.secret import Secret
from netres.plan import ApplyResult, Plan

_PAGE = 50
"""Transactions that are read together by an export."""


class Journal:
    """The journal of one or many machines. Safe in several threads; a process needs one.

    Every verb may raise `netres.errors.JournalFailed`: it could not be read or written. What else, it says itself.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._leases: WeakSet[Leases] = WeakSet()

    @classmethod
    def open(
        cls,
        where: str | Path | None = None,
        *,
        who: str | None = None,
        lease: float = 30.0,
        backups: Policy = "masked",
        key: Secret | None = None,
    ) -> Journal:
        """Open a journal, made where there is none.

        Args:
            where: a path (SQLite), or an SQLAlchemy URL (``postgresql+pg8000://USER@HOST/DATABASE``), whose password
                may be a reference (``env:NAME``) or stand in $PGPASSWORD; ``None``: $NETRES_JOURNAL, or
                ``netres/journal.db`` in $XDG_STATE_HOME (``~/.local/state``).
            who: who is at work; ``None``: the user, before sudo, at this host.
            lease: seconds that a device stays leased to a process of which nothing is heard any more.
            backups: what is kept of native configurations: with secrets ``masked``; ``sealed``: with secrets, encrypted
                with what ``key`` gives; ``none``.
            key: a long password, for sealed backups: to write them, and to read them.

        Raises:
            JournalFailed: it cannot be opened, is of a newer netres, or is no journal.
            InvalidConfig, SecretError: ``where``, ``lease``, ``backups`` or ``key`` is of no use.
            MissingDependency: the database's driver is not installed.
        """
        if not lease > 0:
            raise InvalidConfig(f"journal: a lease of {lease:g} seconds holds nothing; give more")
        database = Database(Place.of(where))
        writer = Writer(database)
        try:
            vault = writer.do(lambda connection: Vault.of(backups, key, connection))
        except BaseException:
            writer.close()
            database.close()
            raise
        return cls(Core(database, writer, vault, Holder.here(who), lease))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Journal({self.place!r})"

    @property
    def place(self) -> str:
        """Where it is, without a password."""
        return self._core.database.place.shown

    def close(self) -> None:
        """Release what is still leased, write what waits, and end."""
        for leases in list(self._leases):
            leases.release()
        self._core.writer.close()
        self._core.database.close()

    def begin(self, *, why: str = "", ticket: str = "", confirm_within: float | None = None) -> str:
        """Begin a transaction: its id, in the order of time, unique across machines."""
        one = new_id()
        self._core.writer.do(rows.begin(one, self._core.holder, why, ticket, confirm_within))
        return one

    def single(
        self,
        meant: Plan | ApplyResult,
        *,
        verb: Verb = "apply",
        why: str = "",
        ticket: str = "",
        confirm_within: float | None = None,
        wait: float = 0.0,
    ) -> tuple[Leases, Part]:
        """`begin`, `lease` and `part` of a transaction with one device, in one commit.

        Raises:
            Busy, UsageError: as `lease` and `part`; the transaction has ended, ``refused``.
        """
        tx, device, found = new_id(), meant.device, list[int]()
        core = self._core
        begun, stored = rows.begin(tx, core.holder, why, ticket, confirm_within), rows.part(tx, meant, verb)

        def then(connection: Connection) -> None:
            found.append(stored(connection))
            self._begun(connection, tx, device)

        try:
            leases = Leases.take(core, tx, [device], wait, first=begun, then=then)
        except (Busy, UsageError, KeyboardInterrupt) as error:
            self.end(tx, "refused", str(error))
            raise
        self._leases.add(leases)
        return leases, Part(core, found[-1], device, leases)

    def _begun(self, connection: Connection, tx: str, device: str) -> None:
        """What else is stored where a transaction with one device begins."""

    def lease(self, tx: str, devices: Iterable[str], *, wait: float = 0.0) -> Leases:
        """Lease devices to a transaction, all or none, waiting for at most ``wait`` seconds in all.

        All are taken at once, so no two transactions ever wait for each other.

        Raises:
            Busy: naming the device, who has it, and until when.
        """
        leases = Leases.take(self._core, tx, devices, wait)
        self._leases.add(leases)
        return leases

    def part(
        self, tx: str, meant: Plan | ApplyResult, leases: Leases, *, verb: Verb = "apply", after: Sequence[str] = ()
    ) -> Part:
        """Store what is meant for one device: a plan, or a result that is to be taken back.

        ``after``: whose share comes first.

        Raises:
            UsageError: the device is not leased; or an earlier change of it has not ended, and this is no way back.
        """
        leases.fence(meant.device)
        return Part(self._core, self._core.writer.do(rows.part(tx, meant, verb, after)), meant.device, leases)

    def resume(self, record: PartRecord, leases: Leases) -> Part:
        """The `netres.ledger.Ledger` of a part that another process may have begun.

        Raises:
            UsageError: the device is not leased.
        """
        with self._core.database.reading() as connection:
            steps = connection.scalar(select(func.max(STEP.c.number)).where(STEP.c.part == record.id)) or 0
        return Part(self._core, record.id, record.device, leases, int(steps))

    def decide(self, tx: str, decision: Decision, error: str = "") -> None:
        """Store what is to become of a transaction, before it does."""
        change = update(TX).where(TX.c.id == tx).values(decision=decision, error=storable(error))
        if not self._core.writer.do(executed(change)):
            raise self._unknown(tx)

    def end(self, tx: str, outcome: TxOutcome, error: str = "") -> None:
        """Store what became of a transaction. From then on it leases nothing."""
        if not self._core.writer.do(lambda connection: rows.end(connection, tx, outcome, error)):
            raise self._unknown(tx)

    def history(self, *, device: str | None = None, limit: int = 50) -> list[TransactionRecord]:
        """The newest transactions, newest first, of all devices or with a part on one; without steps."""
        return self._read(_ids(device).order_by(TX.c.id.desc()).limit(limit), steps=False, whole=False)

    def transaction(self, tx: str) -> TransactionRecord:
        """One transaction, whole, by its id or the beginning of it.

        Raises:
            UsageError: there is none, or there are several.
        """
        wanted = tx.lower()
        found = self._read(
            select(TX.c.id).where(TX.c.id.startswith(wanted, autoescape=True)).order_by(TX.c.id).limit(2),
            steps=True,
            whole=True,
        )
        if not wanted or not found:
            raise self._unknown(tx)
        if len(found) > 1:
            raise UsageError(f"transaction {tx!r} is not the only one: {found[0].id}, {found[1].id}; give more of it")
        return found[0]

    def _unknown(self, tx: str) -> UsageError:
        with self._core.database.reading() as connection:
            known = connection.scalars(select(TX.c.id).order_by(TX.c.id.desc()).limit(1000)).all()
        return UsageError(f"journal {self.place} has no transaction {tx!r}{nearest(tx, known)}; see: netres history")

    def unfinished(self) -> list[TransactionRecord]:
        """The transactions that have not ended, whole, oldest first."""
        return self._read(select(TX.c.id).where(TX.c.ended.is_(None)).order_by(TX.c.id), steps=True, whole=True)

    def last_applied(self, device: str) -> PartRecord | None:
        """The newest part of a device that holds, and is confirmed where somebody was to confirm it; without steps."""
        newest = select(PART).where(PART.c.device == device, PART.c.state == "applied").order_by(PART.c.id.desc())
        with self._core.database.reading() as connection:
            row = connection.execute(newest.limit(1)).mappings().one_or_none()
            return None if row is None else reading.part(self._core, connection, row, whole=True)

    def backup(self, device: str, tx: str) -> Backup:
        """How a device was before a transaction.

        Raises:
            UsageError: there is no such transaction, or it never came to that device.
        """
        record = self.transaction(tx)
        first = select(PART, TX.c.began).join(TX).where(PART.c.tx == record.id, PART.c.device == device)
        with self._core.database.reading() as connection:
            found = first.where(PART.c.config.is_not(None)).order_by(PART.c.id).limit(1)
            row = connection.execute(found).mappings().one_or_none()
            if row is not None:
                return reading.backup(self._core, connection, row, row["began"])
        touched = [one.device for one in record.parts if one.noted]
        raise UsageError(
            f"transaction {record.id} did not come to {device!r}{nearest(device, touched)}; "
            f"it came to: {', '.join(touched) or 'no device'}"
        )

    def baseline(self, device: str) -> Standing | None:
        """What a device is to have: all that was applied to it, and what was accepted; ``None``: nothing ever was."""
        return baselines.standing(self._core, device)

    def keep_baseline(self, read: Standing, baseline: Baseline) -> None:
        """Store what became of a baseline that was read here: what was accepted or ignored of its drift.

        Raises:
            UsageError: somebody else stored another one meanwhile, or a transaction that is in it has not ended.
        """
        baselines.keep(self._core, read, baseline)

    def export(self, *, device: str | None = None) -> Iterator[str]:
        """All transactions, oldest first, with their steps, as JSON: one a line."""
        last = ""
        while True:
            page = _ids(device).where(TX.c.id > last).order_by(TX.c.id).limit(_PAGE)
            found = self._read(page, steps=True, whole=False)
            yield from (one.model_dump_json() for one in found)
            if not found:
                return
            last = found[-1].id

    def _read(self, wanted: Select[str], *, steps: bool, whole: bool) -> list[TransactionRecord]:
        with self._core.database.reading() as connection:
            ids = list(connection.scalars(wanted))
            return reading.transactions(self._core, connection, ids, steps=steps, whole=whole)


def _ids(device: str | None) -> Select[str]:
    if device is None:
        return select(TX.c.id)
    return select(TX.c.id).where(TX.c.id.in_(select(PART.c.tx).where(PART.c.device == device)))
