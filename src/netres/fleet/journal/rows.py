"""What is written of a transaction as a whole: its beginning, what is meant for a device, its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from sqlalchemy import Connection, Insert, Text, Update, bindparam, insert, select, update

from netres.errors import UsageError
from netres.fleet.journal.blobs import storable
from netres.fleet.journal.holder import Holder
from netres.fleet.journal.records import TxOutcome, Verb
from netres.fleet.journal.schema import CLOCKS, LEASE, PART, TX
from netres.plan import ApplyResult, Plan

Stored: TypeAlias = Callable[[Connection], int]
"""What stores something: how many rows, or the number of the one."""

# Statements that are made once, and given values when they are executed, cost a third of what making them costs.
_PART: Final = insert(PART).returning(PART.c.id)
_OPEN: Final = (
    select(PART.c.tx, PART.c.state)
    .join(TX)
    .where(
        PART.c.device == bindparam("device"),
        PART.c.state.in_(("sending", "unconfirmed", "unknown")),
        TX.c.ended.is_(None),
        TX.c.id != bindparam("mine", type_=Text()),
        TX.c.id != bindparam("back", type_=Text()),
    )
    .limit(1)
)
_FREE: Final = update(LEASE).where(LEASE.c.tx == bindparam("of")).values(expires=0.0)


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
        return connection.execute(_begun(connection.dialect.name), values).rowcount

    return stored


def part(tx: str, meant: Plan | ApplyResult, verb: Verb, after: Sequence[str] = ()) -> Stored:
    """Store what is meant for one device: the number of that part.

    Raises (when it is stored):
        UsageError: an earlier change of the device has not ended, and this is not the way back from it.
    """
    back = meant.transaction if isinstance(meant, ApplyResult) else tx
    values = {
        "tx": tx,
        "device": meant.device,
        "platform": meant.platform,
        "verb": verb,
        "state": "planned",
        "after": "\n".join(after),
        "plan": meant.model_dump_json() if isinstance(meant, Plan) else "",
    }

    def stored(connection: Connection) -> int:
        _require_ended(connection, meant.device, tx, back)
        return int(connection.execute(_PART, values).scalar_one())

    return stored


def _require_ended(connection: Connection, device: str, mine: str, back: str) -> None:
    """Refuse where an earlier change of a device may still be taken back: that would take a later one with it."""
    if row := connection.execute(_OPEN, {"device": device, "mine": mine, "back": back}).one_or_none():
        raise UsageError(
            f"{device}: transaction {row.tx} changed it and has not ended (it is {row.state}); "
            f"confirm that, or roll it back, or have recover() (netres recover) end it first"
        )


def end(connection: Connection, tx: str, outcome: TxOutcome, error: str = "") -> int:
    """Store what became of a transaction, which leases nothing then: how many of that name there are."""
    connection.execute(_FREE, {"of": tx})
    values = {"of": tx, "outcome": outcome, "error": storable(error)}
    return connection.execute(_ended(connection.dialect.name), values).rowcount


@lru_cache(maxsize=len(CLOCKS))
def _begun(dialect: str) -> Insert:
    return insert(TX).values(began=CLOCKS[dialect])


@lru_cache(maxsize=len(CLOCKS))
def _ended(dialect: str) -> Update:
    told = {name: bindparam(name, type_=Text()) for name in ("outcome", "error")}
    return update(TX).where(TX.c.id == bindparam("of", type_=Text())).values(told | {"ended": CLOCKS[dialect]})
