"""What devices are to have by the journal: per device one baseline, out of all that was applied to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from netres.baseline import Baseline
from netres.errors import JournalFailed, UsageError
from netres.fleet.journal import reading
from netres.fleet.journal.core import Core
from netres.fleet.journal.records import PartRecord
from netres.fleet.journal.schema import BASELINE, PART, TX
from netres.plan import Outcome

_PAGE: Final = 50
_MANY: Final = 20
"""Parts that are merged again each time before the baseline of them is stored."""


@dataclass(frozen=True)
class Standing:
    """The baseline of one device, and what it is made of."""

    baseline: Baseline
    through: int
    """The last part, by its number, that is in it for good."""
    revision: int
    """How often it was stored; 0: never."""
    open: tuple[str, ...] = ()
    """The transactions that are in it as they stand now, and have not ended."""


def standing(core: Core, device: str) -> Standing | None:
    """The baseline of a device; ``None``: nothing was ever applied to it.

    Where much was applied since it was stored, it is stored anew, if the journal can be written.
    """
    with core.database.reading() as connection:
        told = _standing(core, connection, device)
    if told is None:
        return None
    fixed, now, merged = told
    if merged >= _MANY:
        with suppress(JournalFailed, UsageError):
            keep(core, fixed, fixed.baseline)
            now = Standing(now.baseline, now.through, now.revision + 1, now.open)
    return now


def _standing(core: Core, connection: Connection, device: str) -> tuple[Standing, Standing, int] | None:
    """The baseline of all that has ended, that with all that has not, and how many parts were merged into the first."""
    row = connection.execute(select(BASELINE).where(BASELINE.c.device == device)).mappings().one_or_none()
    baseline = Baseline.parse(row["data"], f"journal {core.database.place.shown}") if row is not None else None
    revision, through = (int(row["revision"]), int(row["part"])) if row is not None else (0, 0)
    fixed, merged = baseline, 0
    open_: list[str] = []
    for record, ended in _parts(core, connection, device, through):
        if not ended:
            open_.append(record.tx)
        baseline = _then(baseline, record, ended)
        if not open_:
            fixed, through, merged = baseline, record.id, merged + 1
    if baseline is None:
        return None
    first = fixed or Baseline(device=device, platform=baseline.platform)
    return Standing(first, through, revision), Standing(baseline, through, revision, tuple(open_)), merged


def _parts(
    core: Core, connection: Connection, device: str, through: int
) -> Iterator[tuple[PartRecord, datetime | None]]:
    """The parts of a device after one of them, whole, in the order in which they were leased; when each ended."""
    found = select(PART, TX.c.ended).join(TX).where(PART.c.device == device).order_by(PART.c.id).limit(_PAGE)
    while rows := connection.execute(found.where(PART.c.id > through)).mappings().all():
        for row in rows:
            through = int(row["id"])
            ended = None if row["ended"] is None else reading.time(row["ended"])
            yield reading.part(core, connection, row, whole=True), ended


def _then(baseline: Baseline | None, record: PartRecord, ended: datetime | None) -> Baseline | None:
    result = record.result
    if result is None and record.noted is not None and record.state == "sending":
        result = record.noted.model_copy(update={"outcome": Outcome.UNKNOWN})
    if result is None or record.state in {"planned", "refused", "undone"}:
        return baseline
    if baseline is None or baseline.platform != record.platform:  # another device by the same name
        baseline = Baseline(device=record.device, platform=record.platform)
    back = record.verb == "rollback" or (record.noted is not None and result.changes != record.noted.changes)
    return baseline.then(result.model_copy(update={"transaction": record.tx}), when=ended, back=back)


def keep(core: Core, read: Standing, baseline: Baseline) -> None:
    """Store what became of the baseline that was ``read``.

    Raises:
        UsageError: somebody else stored another one meanwhile, or a transaction that is in it has not ended.
        JournalFailed: it could not be stored.
    """
    if read.open:
        raise UsageError(
            f"{baseline.device}: transaction {read.open[0]} has not ended: nobody knows what will be wanted; "
            f"confirm it, roll it back, or have it recovered first"
        )
    values = {"part": read.through, "revision": read.revision + 1, "data": baseline.model_dump_json()}
    known = update(BASELINE).where(BASELINE.c.device == baseline.device, BASELINE.c.revision == read.revision)

    def stored(connection: Connection) -> None:
        if connection.execute(known.values(values)).rowcount:
            return
        there = connection.scalar(select(BASELINE.c.revision).where(BASELINE.c.device == baseline.device))
        if there is not None:
            raise UsageError(f"{baseline.device}: somebody else changed its baseline meanwhile; look again")
        connection.execute(insert(BASELINE).values(device=baseline.device, **values))

    core.writer.do(stored)
