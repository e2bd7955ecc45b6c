"""A process that changes `witnesses` while another does: ``python contender.py PORT DEVICES ROUNDS BASE``.

Its journal is the one in $NETRES_JOURNAL. It says ``ready``, waits for a line, changes all devices in each round, in
turn as one transaction and one by one, and says as JSON what came of it.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Final, TypedDict

from witnesses import Link

from netres import registry
from netres.device import Device
from netres.errors import Busy, StalePlan
from netres.fleet.journal import Journal
from netres.fleet.recorder import Recorder
from netres.fleet.transaction import Transaction
from netres.inventory import Inventory
from netres.inventory.entry import Entry
from netres.ledger import Ledger
from netres.model import Config, Vlan

_WAIT: Final = 60.0
"""Seconds for a device that the other has."""
_PATIENCE: Final = 1000
"""Tries of one change: no process is left behind for ever."""


class Told(TypedDict):
    """What came of it."""

    applied: dict[str, list[int]]
    """The numbers of the VLANs that a device was given, and confirmed."""
    again: dict[str, int]
    """How often something had to be tried again, by why."""
    most: int
    """Tries of the change that took most of them."""
    seconds: float


class Contender:
    """The process."""

    def __init__(self, port: int, devices: int, journal: Journal) -> None:
        self.names = names(devices)
        self.journal = journal
        self._port = port
        self._inventory = Inventory.from_mapping(
            {"devices": {name: {"platform": "memory", "host": name} for name in self.names}}
        )
        self._changes = 0
        self._again: Counter[str] = Counter()
        self._most = 0
        self._applied: dict[str, list[int]] = {name: [] for name in self.names}

    def work(self, rounds: int, base: int) -> Told:
        """Change all devices that often."""
        began = time.monotonic()
        for number in range(base, base + rounds):
            if number % 2:
                for name in random.sample(self.names, len(self.names)):
                    self._until_done(partial(self._single, name, number))
            else:
                self._until_done(partial(self._together, number))
            for name in self.names:
                self._applied[name].append(number)
        seconds = round(time.monotonic() - began, 2)
        return Told(applied=self._applied, again=dict(self._again), most=self._most, seconds=seconds)

    def _until_done(self, change: Callable[[], None]) -> None:
        for tries in range(1, _PATIENCE):
            self._changes += 1
            try:
                change()
            except (Busy, StalePlan) as error:
                self._again[type(error).__name__] += 1
                continue
            self._most = max(self._most, tries)
            return
        raise TimeoutError("the other one never let us")

    def _single(self, name: str, number: int) -> None:
        recorder = Recorder(self.journal, name, wait=_WAIT)
        with self._connect(self._inventory[name], recorder) as device:
            device.apply(device.plan(_desired(number))).raise_for_outcome()

    def _together(self, number: int) -> None:
        with Transaction(self._inventory, self.journal, wait=_WAIT, connect=self._connect) as tx:
            tx.plan_all({name: _desired(number) for name in self.names})
            tx.apply().raise_for_outcome()

    def _connect(self, entry: Entry, ledger: Ledger) -> Device:
        link = Link(self._port, entry.name, f"{os.getpid()}.{self._changes}")
        return Device(entry.name, registry.get("memory"), link, ledger=ledger)


def names(devices: int) -> list[str]:
    """The devices'."""
    return [f"m{number:02}" for number in range(devices)]


def _desired(number: int) -> Config:
    return Config.of([Vlan(id=number, name=f"v{number}")])


def main() -> None:
    """Do it."""
    port, devices, rounds, base = map(int, sys.argv[1:])
    with Journal.open() as journal:
        contender = Contender(port, devices, journal)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        sys.stdout.write(json.dumps(contender.work(rounds, base)) + "\n")


if __name__ == "__main__":
    main()
