"""One device's share of a transaction, written down step by step: the `netres.ledger.Ledger` of a journal."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from netres.errors import LeaseLost
from netres.fleet.journal import rows, steps
from netres.fleet.journal.blobs import Blob, storable
from netres.fleet.journal.core import Core
from netres.fleet.journal.leases import Leases, holder_of
from netres.fleet.journal.records import PartState, TxOutcome
from netres.fleet.journal.schema import LEASE, PART
from netres.fleet.journal.steps import Answer, Step
from netres.operation import Note
from netres.plan import ApplyResult, Outcome

_MOST: Final = 4000
"""Characters of an operation or an answer that stand in a step; the whole of a longer operation is a blob."""
_SET: Final = update(PART).where(PART.c.id == bindparam("this"))
_HELD: Final = select(LEASE.c.fence).where(LEASE.c.device == bindparam("device")).with_for_update(read=True)


class Part:
    """One device's share of a transaction, under its lease; ``steps``: how many it has. Safe in several threads."""

    def __init__(self, core: Core, record: int, device: str, leases: Leases, steps: int = 0) -> None:
        self.id = record
        """Its number in the journal."""
        self.device = device
        self.tx = leases.tx
        self._core = core
        self._leases = leases
        self._fence = leases.fence(device)
        self._lock = threading.Lock()
        self._number = steps

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
        values = _values(state, result)
        self._core.writer.do(lambda connection: self._set(connection, values))

    def end(self, state: PartState, result: ApplyResult | None, outcome: TxOutcome, error: str = "") -> None:
        """`state`, and the end of the transaction, whose only part this is, in one commit; it leases nothing then.

        Raises:
            JournalFailed: it could not be stored.
            LeaseLost: another writer has the device; nothing was stored.
        """
        values = _values(state, result)

        def ended(connection: Connection) -> None:
            self._set(connection, values)
            rows.end(connection, self.tx, outcome, error)

        self._leases.stop()  # what is renewed after it was freed would be leased for nobody
        self._core.writer.do(ended)
        self._leases.freed()

    def step(self, operation: str) -> int:
        """Store that an operation (secrets masked) is about to be sent; its number. It is on the disk then.

        Raises:
            JournalFailed: it could not be stored: the operation must not be sent.
            LeaseLost: the lease ran out, or another writer has the device: the operation must not be sent.
        """
        return self.steps([operation])[0]

    def steps(self, operations: Sequence[str]) -> Sequence[int]:
        """`step` of operations that are sent one after the other, all at once: their numbers."""
        self.require()
        made = [self._step(operation) for operation in operations]
        for stored in self._core.writer.add(steps.put, made):
            stored.result()
        self.require()  # it may have waited for long
        return [step.number for step in made]

    def require(self) -> None:
        """See, before a step is sent that was stored with others, that the device is still ours. Asks no database.

        Raises:
            LeaseLost: the lease ran out, or another writer has the device: the operation must not be sent.
        """
        self._leases.require(self.device)

    def answer(self, step: int, answer: str, error: str = "", seconds: float = 0.0) -> None:
        """Store what was answered to a step (secrets masked), ``seconds`` after it was sent, soon. Never raises."""
        told = Answer(self.id, step, storable(answer, _MOST), storable(error, _MOST), seconds)
        self._core.writer.add(steps.answer, [told], lingers=True)

    def _step(self, operation: str) -> Step:
        with self._lock:
            self._number += 1
            number = self._number
        whole = Blob.of(operation) if len(operation) > _MOST else None
        return Step(self.id, number, storable(operation, _MOST), whole, self.device, self._fence, self._refusal)

    def _before(self, result: ApplyResult) -> None:
        vault = self._core.vault
        config = Blob.of(result.before.model_dump_json())
        native, secrets = vault.native(result), vault.secrets(result.before)
        values: dict[str, object] = {
            "state": "sending",
            "noted": _json(result),
            "config": config.digest,
            "native": native.digest if native else None,
            "secrets": secrets.digest if secrets else None,
            "exact": vault.exact(result),
        }
        blobs = tuple(blob for blob in (config, native, secrets) if blob)
        self._core.writer.do(lambda connection: self._set(connection, values, blobs))

    def _set(self, connection: Connection, values: dict[str, object], blobs: tuple[Blob, ...] = ()) -> None:
        self._require(connection)
        for blob in blobs:
            blob.put(connection)
        connection.execute(_SET, values | {"this": self.id})

    def _require(self, connection: Connection) -> None:
        """Refuse where another writer has, or had, the device."""
        if connection.scalar(_HELD, {"device": self.device}) != self._fence:
            raise self._refusal(connection)

    def _refusal(self, connection: Connection) -> LeaseLost:
        row = connection.execute(select(LEASE).where(LEASE.c.device == self.device)).mappings().one()
        taken = f", and {holder_of(row)} took the device over (transaction {row['tx']})"
        return LeaseLost(
            f"{self.device}: the lease of transaction {self.tx} ran out{taken if row['fence'] != self._fence else ''}; "
            f"nothing more is sent to it"
        )


def _json(result: ApplyResult) -> str:
    return result.model_dump_json(exclude={"before", "native_before"})


def _values(state: PartState, result: ApplyResult | None) -> dict[str, object]:
    return {"state": state, **({"result": _json(result)} if result else {})}


def state_of(result: ApplyResult) -> PartState:
    """How a part stands of which this came."""
    if result.outcome.holds:
        return "unconfirmed" if result.confirmed is False else "applied"
    states: dict[Outcome, PartState] = {Outcome.NOT_APPLIED: "undone", Outcome.DIFFERS: "differs"}
    if result.outcome is Outcome.DIFFERS and result.confirmed is False:
        return "unconfirmed"
    return states.get(result.outcome, "unknown")
