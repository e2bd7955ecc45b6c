"""A handful of memory devices as a fleet, a journal, and a process that dies in the middle of its work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from memory_subject import Immediate, immediate_driver

from netres import registry
from netres.device import Device
from netres.errors import ConnectFailed, Rejected
from netres.fleet.journal import Journal
from netres.flow import Operation, Reply, Transport
from netres.inventory import Inventory
from netres.inventory.entry import Entry
from netres.ledger import Ledger
from netres.model import Config, Vlan
from netres_drivers.memory.device import MemoryDevice

LINES = "lines"
"""Devices whose names begin with this have neither a candidate nor a timer."""
DESIRED = Config.of([Vlan(id=20, name="voice"), Vlan(id=30, name="guests")])


@dataclass
class Process:
    """What a process can do to devices until it dies: then nothing of what it does arrives anywhere."""

    dies_at: int | None = None
    """The number of the operation that writes, over all devices, before which it dies."""
    wrote: int = 0
    dead: bool = False
    dies: Callable[[], object] = lambda: None

    def alive(self, operation: Operation) -> bool:
        if operation.writes and not self.dead:
            if self.wrote == self.dies_at:
                self.dead = True
                self.dies()
            self.wrote += 1
        return not self.dead


@dataclass
class Link:
    """A session of such a process. ``refuses``, ``swallows``: the device does that with the second thing it is told.

    ``sticks``: it refuses that, and everything after it.
    """

    process: Process
    inner: Transport
    refuses: bool = False
    swallows: bool = False
    sticks: bool = False
    wrote: int = 0

    def execute(self, operation: Operation) -> Reply:
        if not self.process.alive(operation):
            raise ConnectFailed("the process is dead")
        self.wrote += operation.writes
        if operation.writes and ((self.wrote == 2 and self.refuses) or (self.wrote >= 2 and self.sticks)):
            raise Rejected(str(operation), "no")
        if self.wrote == 2 and operation.writes and self.swallows:
            return Reply(status=204)
        return self.inner.execute(operation)

    def pause(self, seconds: float) -> None:
        """Nobody waits for what is dead."""

    def close(self) -> None:
        if not self.process.dead:
            self.inner.close()


class Fleet:
    """Memory devices by name."""

    def __init__(self, *names: str) -> None:
        self.natives = {name: MemoryDevice() for name in names}
        self.inventory = Inventory.from_mapping(
            {"devices": {name: {"platform": "memory", "host": name} for name in names}}
        )
        self.process = Process()
        self.refuses = ""
        self.swallows = ""
        self.sticks = ""
        """The name of the device that does."""

    def connect(self, entry: Entry, ledger: Ledger) -> Device:
        native = self.natives[entry.name]
        lines = entry.name.startswith(LINES)
        driver = immediate_driver() if lines else registry.get("memory")
        session: Transport = Immediate(native.session()) if lines else native.session()
        return Device(
            entry.name,
            driver,
            Link(
                self.process,
                session,
                entry.name == self.refuses,
                entry.name == self.swallows,
                entry.name == self.sticks,
            ),
            ledger=ledger,
        )

    def native(self) -> dict[str, str]:
        return {name: native.native() for name, native in self.natives.items()}

    def waiting(self) -> list[str]:
        return [name for name, native in self.natives.items() if native.trial is not None]


def journal(folder: Path) -> Journal:
    return Journal.open(folder / "journal.db", who="tests")
