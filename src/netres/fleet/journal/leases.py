"""One writer per device: leases that expire, are renewed while they are held, and are never two for one device."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from types import TracebackType
from typing import Final, Self, TypeAlias

from sqlalchemy import Connection, Float, Insert, RowMapping, Select, Update, bindparam, insert, select, tuple_, update

from netres.errors import Busy, JournalFailed, LeaseLost, UsageError
from netres.fleet.journal.core import Core
from netres.fleet.journal.holder import Holder
from netres.fleet.journal.schema import CLOCKS, LEASE

_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while the machine sleeps, where there is such a clock: leases run out meanwhile."""
_LOOK_AGAIN: Final = (0.05, 0.25)
"""Seconds between two looks at a device that is held, drawn by lot, so that those who wait do not march in step."""


Stored: TypeAlias = Callable[[Connection], object]
"""What is stored together with leases."""


def _nothing(connection: Connection) -> None: ...


class Leases:
    """The leases of one transaction, renewed by a thread until they are released. Safe in several threads."""

    def __init__(self, core: Core, tx: str, fences: Mapping[str, int], until: float) -> None:
        self.tx = tx
        self._core = core
        self._fences = dict(fences)
        self._until = until
        self._lost: frozenset[str] = frozenset()
        self._freed = False
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="netres-leases", daemon=True)
        self._thread.start()

    @classmethod
    def take(
        cls,
        core: Core,
        tx: str,
        devices: Iterable[str],
        wait: float = 0.0,
        *,
        first: Stored = _nothing,
        then: Stored = _nothing,
    ) -> Leases:
        """Lease devices, all or none, waiting for at most ``wait`` seconds in all.

        ``first`` is stored before that in the same commit, whether they are free or not; ``then`` once they are leased.

        Raises:
            Busy: naming the device, who has it, and until when.
            JournalFailed: the journal cannot be read or written.
        """
        names = sorted(set(devices))
        last, again = _now() + wait, False

        def taken(connection: Connection) -> dict[str, int]:
            if not again:
                first(connection)
            fences = _taken(core, connection, tx, names)
            then(connection)
            return fences

        while True:
            began = _now()
            try:
                if again:
                    with core.database.reading() as connection:  # whoever waits does not lock others out
                        _require_free(core, connection, names)
                return cls(core, tx, core.writer.do(taken), began + core.lease)
            except Busy:
                left, again = last - _now(), True
                if left <= 0:
                    raise
            time.sleep(min(left, random.uniform(*_LOOK_AGAIN)))  # noqa: S311 - no secret

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def __repr__(self) -> str:
        return f"Leases({self.tx!r}, {sorted(self._fences)})"

    @property
    def lost(self) -> frozenset[str]:
        """The devices that another writer has, or may have."""
        return frozenset(self._fences) if self._done.is_set() or _now() >= self._until else self._lost

    def fence(self, device: str) -> int:
        """The number of this lease: greater than that of every earlier one of the device.

        Raises:
            UsageError: the device is not leased here.
        """
        if device not in self._fences:
            raise UsageError(f"{device!r} is not leased here; leased are: {', '.join(sorted(self._fences))}")
        return self._fences[device]

    def require(self, device: str) -> None:
        """Refuse where this process alone can tell that the lease is no more.

        Raises:
            LeaseLost: it was released, was taken by another, or ran out.
        """
        if device in self.lost:
            why = "was released" if self._done.is_set() else "ran out, or another writer has it"
            raise LeaseLost(f"{device}: the lease of transaction {self.tx} {why}; nothing more is sent to it")

    def stop(self) -> None:
        """Send nothing more under them, and renew them no more; they are still leased."""
        self._done.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def freed(self) -> None:
        """Their transaction has ended, which released them."""
        self._freed = True
        self.stop()

    def release(self) -> None:
        """Give the leases up. Where the journal cannot be written they run out by themselves."""
        if self._freed:
            return
        self.freed()
        pairs = list(self._fences.items())
        try:
            self._core.writer.do(lambda connection: _set_expiry(connection, pairs, 0.0))
        except JournalFailed:
            return

    def _keep(self) -> None:
        """Renew in thirds of the time, so that one try may fail, and more often where one has."""
        pause = self._core.lease / 3
        while not self._done.wait(pause):
            began = _now()
            try:
                kept = self._core.writer.do(self._renewed)
            except JournalFailed:
                pause = self._core.lease / 10
                continue
            self._until = began + self._core.lease
            self._lost = frozenset(self._fences) - kept
            pause = self._core.lease / 3

    def _renewed(self, connection: Connection) -> frozenset[str]:
        return _set_expiry(connection, list(self._fences.items()), self._core.database.clock + self._core.lease)


def _now() -> float:
    return time.clock_gettime(_CLOCK)


def _set_expiry(connection: Connection, pairs: Sequence[tuple[str, int]], expires: object) -> frozenset[str]:
    """Have the leases that are still these ones expire at another time: which they are."""
    mine = tuple_(LEASE.c.device, LEASE.c.fence).in_(pairs)
    found = connection.execute(update(LEASE).where(mine).values(expires=expires).returning(LEASE.c.device))
    return frozenset(str(device) for device in found.scalars())


@lru_cache(maxsize=2 * len(CLOCKS))
def _rows(dialect: str, lock: bool) -> Select[*tuple[object, ...]]:
    rows = select(LEASE, CLOCKS[dialect].label("now")).order_by(LEASE.c.device)
    these = rows.where(LEASE.c.device.in_(bindparam("names", expanding=True)))
    return these.with_for_update() if lock else these


@lru_cache(maxsize=len(CLOCKS))
def _written(dialect: str) -> tuple[Insert, Update]:
    """What leases a device for the first time, and again; ``lasts``: seconds."""
    expires = CLOCKS[dialect] + bindparam("lasts", type_=Float())
    again = update(LEASE).where(LEASE.c.device == bindparam("this"))
    return insert(LEASE).values(expires=expires), again.values(expires=expires)


def _require_free(core: Core, connection: Connection, names: Sequence[str], *, lock: bool = False) -> dict[str, int]:
    """The newest fence of each device that ever had one."""
    fences: dict[str, int] = {}
    for row in connection.execute(_rows(connection.dialect.name, lock), {"names": names}).mappings():
        if held(row):
            raise _busy(row)
        fences[str(row["device"])] = int(row["fence"])
    return fences


def holder_of(row: RowMapping) -> Holder:
    """Who wrote a row of leases or transactions."""
    return Holder(row["who"], row["host"], row["boot"], row["pid"], row["started"])


def held(row: RowMapping) -> bool:
    """Whether a lease, selected with the time ``now``, binds: it has not run out, and its holder is not known dead."""
    return bool(row["expires"] > row["now"]) and not holder_of(row).dead()


def _busy(row: RowMapping) -> Busy:
    until = datetime.fromtimestamp(row["expires"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return Busy(
        f"{row['device']} is leased by {holder_of(row)}, transaction {row['tx']}, until {until} unless "
        f"that is renewed; wait for it to end",
        retry_after=float(math.ceil(float(row["expires"]) - float(row["now"]))),
    )


def _taken(core: Core, connection: Connection, tx: str, names: Sequence[str]) -> dict[str, int]:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7237129)")  # one taker at a time, as with SQLite
        _require_free(core, connection, names)  # a row that is held is not locked: its holder's steps lock it, too
    before = _require_free(core, connection, names, lock=True)
    holder = core.holder
    values: dict[str, object] = {
        "tx": tx,
        "who": holder.who,
        "host": holder.host,
        "boot": holder.boot,
        "pid": holder.pid,
        "started": holder.started,
        "lasts": core.lease,
    }
    fences = {name: before.get(name, 0) + 1 for name in names}
    first, again = _written(connection.dialect.name)
    for name, fence in fences.items():
        if name in before:
            connection.execute(again, values | {"this": name, "fence": fence})
        else:
            connection.execute(first, values | {"device": name, "fence": fence})
    return fences
