"""A small fleet, a journal, processes that die, and what each device must have after whatever was done."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias, TypeVar, cast

from clocks import Clock
from fleets import LINES, Fleet, Process, journal
from pens import Pen

from netres.device import Device
from netres.errors import NetresError
from netres.fleet.journal import Journal
from netres.fleet.recorder import Recorder
from netres.fleet.transaction import Transaction
from netres.flow import Json
from netres.model import Config, Vlan
from netres.plan import ApplyResult
from netres_drivers.memory.device import Store

T = TypeVar("T")
NAMES: Final = ("m1", "m2", f"{LINES}1")
Vlans: TypeAlias = dict[int, str]
"""Names of VLANs by number."""


@dataclass
class Believed:
    """What a device must have."""

    running: Vlans = field(default_factory=Vlans)
    saved: Vlans = field(default_factory=Vlans)
    before: Vlans | None = None
    """What comes back when nobody confirms in time; ``None``: nothing waits."""
    due: float = 0.0

    def take_back(self) -> None:
        if self.before is not None:
            self.running, self.before = self.before, None

    def tick(self, now: float) -> None:
        if self.due <= now:
            self.take_back()

    def reboot(self) -> None:
        self.running, self.before = self.saved, None


@dataclass(frozen=True)
class Made:
    """A change that was made: what a device had, and what it has."""

    device: str
    before: Vlans
    wanted: Vlans
    result: ApplyResult

    @property
    def keys(self) -> set[int]:
        return differing(self.before, self.wanted)

    def undone(self, has: Vlans) -> Vlans:
        return merged(has, self.before, self.keys)

    def stands(self, has: Vlans) -> bool:
        return self.of(has) == self.of(self.wanted)

    def gone(self, has: Vlans) -> bool:
        return self.of(has) == self.of(self.before)

    def of(self, has: Vlans) -> Vlans:
        return {key: has[key] for key in self.keys & has.keys()}

    def strange(self, has: Vlans) -> bool:
        """Whether somebody changed one of its VLANs to something else."""
        return any(has.get(key) not in {self.before.get(key), self.wanted.get(key)} for key in self.keys)


def differing(one: Vlans, other: Vlans) -> set[int]:
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


def merged(has: Vlans, source: Vlans, keys: set[int]) -> Vlans:
    kept = {key: name for key, name in has.items() if key not in keys}
    return kept | {key: name for key, name in source.items() if key in keys}


def config(vlans: Vlans) -> Config:
    return Config.of(Vlan(id=key, name=name) for key, name in sorted(vlans.items()))


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
        try:
            told: T | NetresError = act()
        except NetresError as error:
            told = error
        if not self.process.dead:
            return told
        self.bury()
        return None

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
