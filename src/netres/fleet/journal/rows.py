"""What is written of a transaction as a whole: its beginning, what is meant for a device, its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from sqlalchemy import Connection, insert, select, update

from netres.errors import UsageError
from netres.fleet.journal.blobs import storable
from netres.fleet.journal.holder import Holder
from netres.fleet.journal.records import TxOutcome, Verb
from netres.fleet.journal.schema import CLOCKS, LEASE, PART, TX
from netres.plan import ApplyResult, Plan

Stored: TypeAlias = Callable[[Connection], int]
"""What stores something: how many rows, or the number of the one."""


def begin(tx: str, holder: Holder, why: str, ticket: str, confirm_within: float | None) -> Stored:
    """Store that a transaction begins: how many rows that are."""
    values = {
        "id": tx,
        "who": storable(holder.who),
        "host": holder.host,
        "boot": holder.boot,
        "pid": holder.pid,
        "started": holder.started,
        "why": storable(why),
        "ticket": storable(ticket),
        "confirm_within": confirm_within,
    }

    def stored(connection: Connection) -> int:
        row = insert(TX).values(values | {"began": CLOCKS[connection.dialect.name]})
        return connection.execute(row).rowcount

    return stored


def part(tx: str, meant: Plan | ApplyResult, verb: Verb, after: Sequence[str] = ()) -> Stored:
    """Store what is meant for one device: the number of that part.

    Raises (when it is stored):
        UsageError: an earlier change of the device has not ended, and this is not the way back from it.
    """
    back = meant.transaction if isinstance(meant, ApplyResult) else tx
    row = insert(PART).values(
        tx=tx,
        device=meant.device,
        platform=meant.platform,
        verb=verb,
        state="planned",
        after="\n".join(after),
        plan=meant.model_dump_json() if isinstance(meant, Plan) else "",
    )

    def stored(connection: Connection) -> int:
        _require_ended(connection, meant.device, {tx, back})
        return int(connection.execute(row.returning(PART.c.id)).scalar_one())

    return stored


def _require_ended(connection: Connection, device: str, besides: set[str]) -> None:
    """Refuse where an earlier change of a device may still be taken back: that would take a later one with it."""
    open_ = PART.c.state.in_(("sending", "unconfirmed", "unknown")), TX.c.ended.is_(None), TX.c.id.not_in(besides)
    found = select(PART.c.tx, PART.c.state).join(TX).where(PART.c.device == device, *open_).limit(1)
    if row := connection.execute(found).one_or_none():
        raise UsageError(
            f"{device}: transaction {row.tx} changed it and has not ended (it is {row.state}); "
            f"confirm that, or roll it back, or have recover() (netres recover) end it first"
        )


def end(connection: Connection, tx: str, outcome: TxOutcome, error: str = "") -> int:
    """Store what became of a transaction, which leases nothing then: how many of that name there are."""
    values = {"outcome": outcome, "error": storable(error), "ended": CLOCKS[connection.dialect.name]}
    connection.execute(update(LEASE).where(LEASE.c.tx == tx).values(expires=0.0))
    return connection.execute(update(TX).where(TX.c.id == tx).values(values)).rowcount
