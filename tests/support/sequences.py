"""A small fleet, a journal, processes that die, and what each device must have after whatever was done."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TypeVar, cast

from beliefs import NAMES, Believed, Made, Vlans, check, merged
from clocks import Clock
from fleets import Fleet, Process, journal
from pens import Pen

from netres.device import Device
from netres.errors import NetresError
from netres.fleet.journal import Journal, TransactionRecord
from netres.fleet.recorder import Recorder
from netres.fleet.recover import Recovered
from netres.fleet.transaction import Transaction
from netres.flow import Json
from netres_drivers.memory.device import Store

T = TypeVar("T")


class World:
    """The fleet and its journal, as one process after the other sees them."""

    def __init__(self, folder: Path, clock: Clock, pen: Pen) -> None:
        self.folder = folder
        self.clock = clock
        self.pen = pen
        self.fleet = Fleet(*NAMES)
        self.believed = {name: Believed() for name in NAMES}
        self.made: dict[str, list[Made]] = {name: [] for name in NAMES}
        """What was confirmed, by device."""
        self.left: dict[str, Made] = {}
        """What waits, left to the device: by transaction."""
        self.doubt: set[str] = set()
        """Transactions that nobody is at work at, and that have not ended."""
        self._born()

    def _born(self) -> None:
        self.book: Journal = journal(self.folder)
        self.fleet.process = Process(dies=self.die)
        self.devices: dict[str, Device] = {}
        self.held: dict[str, Made] = {}
        self.tx: Transaction | None = None
        self.parts: dict[str, Made] = {}
        """What waits in the transaction, by device."""
        self.clock.alarms.clear()

    def device(self, name: str) -> Device:
        if name not in self.devices:
            entry = self.fleet.inventory[name]
            self.devices[name] = self.fleet.connect(entry, Recorder(self.book, name))
        return self.devices[name]

    def attempt(self, act: Callable[[], T]) -> T | NetresError | None:
        """What comes of an act, or the error; ``None``: the process died of it, and another one begins."""
        ended, unfinished = self.ended(), {one.id: one for one in self.book.unfinished()}
        had = self.all_have()
        try:
            told: T | NetresError = act()
        except NetresError as error:
            told = error
        if not self.process.dead:
            return told
        self.bury()
        self._take_over(ended, unfinished, had)
        return None

    def _take_over(
        self, ended: set[str], unfinished: Mapping[str, TransactionRecord], had: Mapping[str, Believed]
    ) -> None:
        """Believe what the journal tells of what has ended since, though the process died before it could tell."""
        for tx in sorted(self.ended() - ended):
            self._believe(check(self.book.transaction(tx), unfinished.get(tx), had, self.all_have()))

    def recovered(self, was: TransactionRecord, done: Mapping[str, Recovered], had: Mapping[str, Believed]) -> None:
        """Check a transaction that had not ended; ``had``: how the devices were before anybody recovered."""
        alone = {one.did for one in done.values()} == {"left alone"}
        if alone and (was.id in self.left or done.keys() & self.leased().keys()):
            return  # it waits, or one of its devices, which it did not come to, is at work for somebody else
        if was.id not in self.left and was.id not in self.doubt:
            assert done == {}
            return
        self.left.pop(was.id, None)
        self.doubt.discard(was.id)
        record = self.book.transaction(was.id)
        assert record.ended, done
        self._believe(check(record, was, had, self.all_have()))

    def _believe(self, names: set[str]) -> None:
        for name in names:
            self.believed[name] = self.has(name)

    @property
    def process(self) -> Process:
        return self.fleet.process

    def die(self) -> None:
        self.process.dead, self.pen.dies_at = True, None
        self.book.close()

    def bury(self) -> None:
        """The next process begins; leases of a dead one bind nobody, and this one is dead though its PID is not."""
        self.die()
        with closing(sqlite3.connect(self.folder / "journal.db")) as database, database:
            database.execute("UPDATE lease SET expires = 0")
            database.execute("UPDATE tx SET started = started - 1 WHERE ended IS NULL")
        self._born()
        unfinished = {one.id: one.decision for one in self.book.unfinished()}
        # What was decided of what was left to wait, and not finished, is as much in doubt as anything else.
        self.left = {tx: made for tx, made in self.left.items() if unfinished.get(tx) == "leave"}
        self.doubt = unfinished.keys() - self.left.keys()

    def has(self, name: str) -> Believed:
        """What a device has."""
        native = self.fleet.natives[name]
        native.tick()
        trial = native.trial
        return Believed(
            running=_vlans(native.running),
            saved=_vlans(native.saved),
            before=_vlans(trial.before) if trial else None,
            due=0.0,
        )

    def all_have(self) -> dict[str, Believed]:
        """What each device has."""
        return {name: self.has(name) for name in NAMES}

    def token(self, name: str) -> str:
        trial = self.fleet.natives[name].trial
        return trial.token if trial else ""

    def by_hand(self, name: str, key: int, value: str | None) -> None:
        vlans = merged(self.has(name).running, {} if value is None else {key: value}, {key})
        native = self.fleet.natives[name]
        native.running = _stored(native.running, vlans)
        self.believed[name].running = vlans

    def leased(self) -> dict[str, str]:
        """The transaction that has a device, by its name."""
        with closing(sqlite3.connect(self.folder / "journal.db")) as database:
            return dict(database.execute("SELECT device, tx FROM lease WHERE expires > unixepoch('now')").fetchall())

    def ended(self) -> set[str]:
        """The transactions that have ended, as the journal tells."""
        with closing(sqlite3.connect(self.folder / "journal.db")) as database:
            return {str(tx) for (tx,) in database.execute("SELECT id FROM tx WHERE ended IS NOT NULL")}

    def in_doubt(self, *, settled: bool | None = None) -> set[str]:
        """The devices of which nobody knows what they have until somebody recovers.

        ``settled``: only those whose own share is at its end, or is not, in a transaction that is not.
        """
        parts = [part for one in self.book.unfinished() if one.id in self.doubt for part in one.parts if part.noted]
        return {part.device for part in parts if settled in {None, part.state in {"applied", "undone", "refused"}}}


def _vlans(store: Mapping[str, Mapping[str, object]]) -> Vlans:
    documents = cast("Mapping[str, Mapping[str, object]]", store.get("vlan", {}))
    return {int(name): str(document["name"]) for name, document in documents.items()}


def _stored(store: Store, vlans: Vlans) -> Store:
    documents: dict[str, Json] = {
        str(key): {"kind": "vlan", "id": key, "name": name} for key, name in sorted(vlans.items())
    }
    rest = {name: collection for name, collection in store.items() if name != "vlan"}
    return {**rest, "vlan": documents} if documents else rest
