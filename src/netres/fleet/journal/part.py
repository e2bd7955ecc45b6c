"""One device's share of a transaction, written down step by step: the `netres.ledger.Ledger` of a journal."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cached_property
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, literal, select, update
from sqlalchemy.sql.dml import Insert

from netres.errors import LeaseLost
from netres.fleet.journal.blobs import Blob, storable
from netres.fleet.journal.core import Core
from netres.fleet.journal.leases import Leases, holder_of
from netres.fleet.journal.records import PartState
from netres.fleet.journal.schema import LEASE, PART, STEP
from netres.fleet.journal.writer import executed
from netres.operation import Note
from netres.plan import ApplyResult, Outcome

_MOST: Final = 4000
"""Characters of an operation or an answer that stand in a step; the whole of a longer operation is a blob."""


class Part:
    """One device's share of a transaction, under its lease. Safe in several threads."""

    def __init__(self, core: Core, record: int, device: str, leases: Leases) -> None:
        self.id = record
        """Its number in the journal."""
        self.device = device
        self.tx = leases.tx
        self._core = core
        self._leases = leases
        self._fence = leases.fence(device)
        self._lock = threading.Lock()
        self._number: int | None = None

    def __repr__(self) -> str:
        return f"Part({self.tx!r}, {self.device!r})"

    def note(self, note: Note) -> None:
        """Store how the device is before anything is sent, or what came of it; it is on the disk when this returns.

        Raises:
            JournalFailed: it could not be stored.
            LeaseLost: another writer has the device.
        """
        if note.result is None:
            return
        if note.about == "before":
            self._before(note.result)
        else:
            self.state(state_of(note.result), note.result)

    def state(self, state: PartState, result: ApplyResult | None = None) -> None:
        """Store how it stands, and what came of it; it is on the disk when this returns.

        Raises:
            JournalFailed: it could not be stored.
            LeaseLost: another writer has the device.
        """
        values: dict[str, object] = {"state": state}
        if result is not None:
            values["result"] = _json(result)
        self._core.writer.do(lambda connection: self._set(connection, values))

    def step(self, operation: str) -> int:
        """Store that an operation (secrets masked) is about to be sent; its number. It is on the disk then.

        Raises:
            JournalFailed: it could not be stored: the operation must not be sent.
            LeaseLost: the lease ran out, or another writer has the device: the operation must not be sent.
        """
        self._leases.require(self.device)
        number = self._next()
        whole = Blob.of(operation) if len(operation) > _MOST else None
        values = {
            "its_part": self.id,
            "its_number": number,
            "its_operation": storable(operation, _MOST),
            "its_whole": whole.digest if whole else None,
            "its_device": self.device,
            "its_fence": self._fence,
        }
        self._core.writer.do(lambda connection: self._stepped(connection, values, whole))
        self._leases.require(self.device)  # it may have waited for long
        return number

    def answer(self, step: int, answer: str, error: str = "") -> None:
        """Store what was answered to a step (secrets masked), soon. Never raises."""
        values: dict[str, object] = {
            "answered": self._core.database.clock,
            "answer": storable(answer, _MOST),
            "error": storable(error, _MOST),
        }
        change = update(STEP).where(STEP.c.part == self.id, STEP.c.number == step).values(values)
        self._core.writer.soon(executed(change))

    def _next(self) -> int:
        with self._lock:
            if self._number is None:
                with self._core.database.reading() as connection:
                    found = select(func.max(STEP.c.number)).where(STEP.c.part == self.id)
                    self._number = int(connection.scalar(found) or 0)
            self._number += 1
            return self._number

    def _stepped(self, connection: Connection, values: Mapping[str, object], whole: Blob | None) -> None:
        if whole is not None:
            whole.put(connection)  # where the step is refused it is left over, which harms nobody
        if connection.execute(self._insert, values).rowcount != 1:
            self._require(connection)
            raise LeaseLost(f"{self.device}: the lease of transaction {self.tx} ran out; nothing more is sent to it")

    @cached_property
    def _insert(self) -> Insert:
        """One statement: with its lock on the lease nobody takes that over before the step is on the disk."""
        clock = self._core.database.clock
        fields = (
            bindparam("its_part", type_=STEP.c.part.type),
            bindparam("its_number", type_=STEP.c.number.type),
            clock,
            bindparam("its_operation", type_=STEP.c.operation.type),
            bindparam("its_whole", type_=STEP.c.whole.type),
            literal("", STEP.c.answer.type),
            literal("", STEP.c.error.type),
        )
        ours = (
            LEASE.c.device == bindparam("its_device", type_=LEASE.c.device.type),
            LEASE.c.fence == bindparam("its_fence", type_=LEASE.c.fence.type),
            LEASE.c.expires > clock,
        )
        columns = ["part", "number", "sent", "operation", "whole", "answer", "error"]
        return insert(STEP).from_select(columns, select(*fields).where(*ours).with_for_update(read=True))

    def _before(self, result: ApplyResult) -> None:
        config, native = Blob.of(result.before.model_dump_json()), self._core.vault.native(result)
        values: dict[str, object] = {
            "state": "sending",
            "noted": _json(result),
            "config": config.digest,
            "native": native.digest if native else None,
            "exact": self._core.vault.exact(result),
        }
        blobs = (config, native) if native else (config,)
        self._core.writer.do(lambda connection: self._set(connection, values, blobs))

    def _set(self, connection: Connection, values: dict[str, object], blobs: tuple[Blob, ...] = ()) -> None:
        self._require(connection)
        for blob in blobs:
            blob.put(connection)
        connection.execute(update(PART).where(PART.c.id == self.id).values(values))

    def _require(self, connection: Connection) -> None:
        """Refuse where another writer has, or had, the device."""
        lease = select(LEASE).where(LEASE.c.device == self.device).with_for_update(read=True)
        row = connection.execute(lease).mappings().one()
        if row["fence"] != self._fence:
            raise LeaseLost(
                f"{self.device}: the lease of transaction {self.tx} ran out, and {holder_of(row)} took the device over "
                f"(transaction {row['tx']}); nothing more is sent to it"
            )


def _json(result: ApplyResult) -> str:
    return result.model_dump_json(exclude={"before", "native_before"})


def state_of(result: ApplyResult) -> PartState:
    """How a part stands of which this came."""
    if result.outcome.holds:
        return "unconfirmed" if result.confirmed is False else "applied"
    states: dict[Outcome, PartState] = {Outcome.NOT_APPLIED: "undone", Outcome.DIFFERS: "differs"}
    if result.outcome is Outcome.DIFFERS and result.confirmed is False:
        return "unconfirmed"
    return states.get(result.outcome, "unknown")
