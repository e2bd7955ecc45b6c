"""From the journal's rows to records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, RowMapping, select

from netres.errors import InvalidConfig, JournalFailed
from netres.fleet.journal.blobs import Blob, Vault
from netres.fleet.journal.core import Core
from netres.fleet.journal.leases import held, holder_of
from netres.fleet.journal.records import Backup, PartRecord, StepRecord, TransactionRecord
from netres.fleet.journal.schema import BLOB, LEASE, PART, STEP, TX
from netres.flow import Reply
from netres.model.config import Config
from netres.plan import ApplyResult, Plan

_NEVER_BEGAN: Final = 3600.0
"""Seconds after which a transaction of another machine is abandoned that never leased anything."""
_DIRECT: Final = ("id", "who", "host", "why", "ticket", "confirm_within", "decision", "outcome", "error")


def transactions(
    core: Core, connection: Connection, ids: Sequence[str], *, steps: bool, whole: bool
) -> list[TransactionRecord]:
    """The transactions with these ids, in that order; ``whole``: with what a way back needs."""
    now = connection.scalar(select(core.database.clock)) or 0.0
    rows = {row["id"]: row for row in connection.execute(select(TX).where(TX.c.id.in_(ids))).mappings()}
    parts: defaultdict[str, list[PartRecord]] = defaultdict(list)
    for row in connection.execute(select(PART).where(PART.c.tx.in_(ids)).order_by(PART.c.id)).mappings().all():
        record = part(core, connection, row, whole=whole)
        parts[record.tx].append(record.model_copy(update={"steps": _steps(connection, record.id)} if steps else {}))
    leases: defaultdict[str, list[RowMapping]] = defaultdict(list)
    found = select(LEASE, core.database.clock.label("now")).where(LEASE.c.tx.in_(ids))
    for row in connection.execute(found).mappings():
        leases[row["tx"]].append(row)
    return [_transaction(rows[one], tuple(parts[one]), leases[one], float(now)) for one in ids if one in rows]


def _transaction(
    row: RowMapping, parts: tuple[PartRecord, ...], leases: Sequence[RowMapping], now: float
) -> TransactionRecord:
    return TransactionRecord(
        **{name: row[name] for name in _DIRECT},
        began=time(row["began"]),
        ended=None if row["ended"] is None else time(row["ended"]),
        abandoned=row["ended"] is None and _abandoned(row, bool(parts), leases, now),
        parts=parts,
    )


def _abandoned(row: RowMapping, begun: bool, leases: Sequence[RowMapping], now: float) -> bool:
    if any(held(lease) for lease in leases):
        return False  # whoever began it, or whoever recovers it, is at work
    holder = holder_of(row)
    return holder.dead() or begun or bool(leases) or (not holder.near() and now - row["began"] > _NEVER_BEGAN)


def part(core: Core, connection: Connection, row: RowMapping, *, whole: bool) -> PartRecord:
    """One part; ``whole``: with what a way back needs."""
    place = core.database.place.shown
    try:
        noted, result = _result(row["noted"]), _result(row["result"])
        if whole and row["config"] is not None:
            config, native = _config(core.vault, connection, row), _native(core.vault, connection, row)
            noted, result = (_whole(one, config, native) for one in (noted, result))
        return PartRecord(
            id=row["id"],
            tx=row["tx"],
            device=row["device"],
            platform=row["platform"],
            verb=row["verb"],
            state=row["state"],
            after=tuple(filter(None, row["after"].split("\n"))),
            plan=Plan.parse(row["plan"]) if row["plan"] else None,
            noted=noted,
            result=result,
        )
    except InvalidConfig as error:
        raise JournalFailed(
            f"journal {place}: transaction {row['tx']}, {row['device']}: cannot be read: {error}; "
            f"it was written by another version of netres, use that"
        ) from error


def backup(core: Core, connection: Connection, row: RowMapping, began: float) -> Backup:
    """How the device of a part was before it."""
    native, _ = _native(core.vault, connection, row) or ("", False)
    return Backup(
        device=row["device"],
        tx=row["tx"],
        taken=time(began),
        config=_config(core.vault, connection, row),
        native=native,
        exact=bool(row["exact"]) and bool(native),
    )


def _result(text: str | None) -> ApplyResult | None:
    return None if text is None else ApplyResult.parse(text)


def _whole(result: ApplyResult | None, config: Config, native: tuple[str, bool] | None) -> ApplyResult | None:
    if result is None:
        return None
    text, sealed = native or ("", False)
    found = result.model_copy(update={"before": config, "native_before": "" if sealed else text})
    return found.remembering(Reply(text)) if sealed else found


def _config(vault: Vault, connection: Connection, row: RowMapping) -> Config:
    (blob,) = _blobs(connection, [row["config"]])
    config = Config.model_validate_json(blob.text())
    if row["secrets"] is None:
        return config
    (blob,) = _blobs(connection, [row["secrets"]])
    return vault.with_secrets(config, blob)


def _native(vault: Vault, connection: Connection, row: RowMapping) -> tuple[str, bool] | None:
    """The native configuration, and whether it was sealed; ``None``: there is none, or no key."""
    if row["native"] is None:
        return None
    (blob,) = _blobs(connection, [row["native"]])
    text = vault.opened(blob)
    return None if text is None else (text, blob.sealed)


def _steps(connection: Connection, part: int) -> tuple[StepRecord, ...]:
    rows = connection.execute(select(STEP).where(STEP.c.part == part).order_by(STEP.c.number)).mappings().all()
    longer = {blob.digest: blob for blob in _blobs(connection, {row["whole"] for row in rows if row["whole"]})}
    return tuple(
        StepRecord(
            number=row["number"],
            sent=time(row["sent"]),
            operation=longer[row["whole"]].text() if row["whole"] else row["operation"],
            answered=None if row["answered"] is None else time(row["answered"]),
            answer=row["answer"],
            error=row["error"],
        )
        for row in rows
    )


def _blobs(connection: Connection, digests: Iterable[str]) -> list[Blob]:
    rows = connection.execute(select(BLOB).where(BLOB.c.digest.in_(list(digests)))).mappings()
    return [Blob(row["digest"], bytes(row["data"]), bool(row["sealed"])) for row in rows]


def time(seconds: float) -> datetime:
    """A time of the database's clock."""
    return datetime.fromtimestamp(seconds, UTC)
