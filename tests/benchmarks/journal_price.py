"""What the journal costs a bulk run: ``python tests/benchmarks/journal_price.py [DEVICES [MILLISECONDS [ROUNDS]]]``.

Simulated routers in another process, over SSH, that answer after so many milliseconds; to each connect,
plan, and apply six lines, 20 devices at a time, in turn without a journal and with one (SQLite, beside this file: on a
real disk). Then one transaction over all of them. Prints seconds, their ratio, and which share of their time threads
waited for the journal.
"""

from __future__ import annotations

import functools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from netres.fleet.journal import Journal, Leases, Part
from netres.fleet.member import Member
from netres.fleet.transaction import Transaction
from netres.inventory import Inventory
from netres.model import Config, StaticRoute
from netres.testing.entries import inventory_yaml
from netres.testing.sim.lab import Lab

AT_ONCE: Final = 20
LINES: Final = 6
_JOURNAL: Final[dict[type, tuple[str, ...]]] = {
    Journal: ("begin", "lease", "part", "decide", "end"),
    Leases: ("release",),
    Part: ("note", "state", "step", "answer"),
}
_WORK: Final[dict[type, tuple[str, ...]]] = {
    Member: ("join", "prepare", "note", "carry_out", "verify", "confirm"),
}


@dataclass
class Run:
    """What a run took."""

    seconds: float
    processor: float
    """Seconds of this process's."""
    waited: float = 0.0
    """Which share of their time threads were in the journal."""
    calls: int = 0
    """Of the journal."""


class Clock:
    """Adds up how long threads are in some methods; calls within calls count once."""

    def __init__(self, methods: dict[type, tuple[str, ...]]) -> None:
        self.seconds = 0.0
        self.calls = 0
        self._methods = methods
        self._lock = threading.Lock()
        self._inside = threading.local()
        self._real: list[tuple[type, str, object]] = []

    def __enter__(self) -> Self:
        for owner, names in self._methods.items():
            for name in names:
                real = getattr(owner, name)
                self._real.append((owner, name, real))
                setattr(owner, name, self._timed(real))
        return self

    def __exit__(self, *error: object) -> None:
        for owner, name, real in self._real:
            setattr(owner, name, real)

    def _timed(self, real: Callable[..., object]) -> Callable[..., object]:
        @functools.wraps(real)
        def timed(*args: object, **kwargs: object) -> object:
            if getattr(self._inside, "yes", False):
                return real(*args, **kwargs)
            self._inside.yes, began = True, time.perf_counter()
            try:
                return real(*args, **kwargs)
            finally:
                self._inside.yes = False
                with self._lock:
                    self.seconds += time.perf_counter() - began
                    self.calls += 1

        return timed


@contextmanager
def laboratory(devices: int, milliseconds: float) -> Generator[Inventory]:
    """That many routers in a process of their own."""
    command = [sys.executable, __file__, "serve", str(devices), str(milliseconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        try:
            yield Inventory.load(server.stdout.readline().rstrip("\n"))
        finally:
            server.stdin.close()


def serve(devices: int, milliseconds: float) -> None:
    """Be the laboratory until the other side ends."""
    lab = Lab({f"r{number:03}": "frr" for number in range(devices)})
    with lab:
        if milliseconds:
            for name in lab.names:
                lab[name].fail("slow", on=".", times=0, seconds=milliseconds / 1000)
        path = lab.folder / "inventory.yaml"
        path.write_text(inventory_yaml(lab.entries))
        sys.stdout.write(f"{path}\n")
        sys.stdout.flush()
        sys.stdin.read()


def desired(number: int) -> Config:
    """Six lines that no run before had."""
    return Config.of(
        [StaticRoute(prefix=f"10.{number}.{line}.0/24", blackhole=True) for line in range(LINES)]  # one line each
    )


def bulk(inventory: Inventory, config: Config, journal: Journal | None) -> Run:
    """Change every device by itself."""

    def change(name: str) -> None:
        with inventory[name].connect(journal) as resource:
            done = resource.apply(resource.plan(config)).raise_for_outcome()
            assert len(done.changes) == LINES

    began, processor = time.perf_counter(), time.process_time()
    with Clock(_JOURNAL) as waited, ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(change, inventory))
    seconds = time.perf_counter() - began
    return Run(seconds, time.process_time() - processor, waited.seconds / (seconds * AT_ONCE), waited.calls)


def together(inventory: Inventory, config: Config, journal: Journal) -> tuple[float, float]:
    """Change all devices as one: seconds of the apply, and which share of the devices' time went to the journal."""
    with Transaction(inventory, journal) as tx:
        tx.plan_all(dict.fromkeys(inventory, config))
        began = time.perf_counter()
        with Clock(_JOURNAL) as waited, Clock(_WORK) as worked:
            tx.apply().raise_for_outcome()
        return time.perf_counter() - began, waited.seconds / worked.seconds


def measure(devices: int, milliseconds: float, rounds: int) -> float:
    """Print what the journal costs: the median of the ratios."""
    folder = Path(tempfile.mkdtemp(prefix="journal-price-", dir=Path(__file__).parent))
    ratios: list[float] = []
    try:
        with laboratory(devices, milliseconds) as inventory, Journal.open(folder / "journal.db") as journal:
            bulk(inventory, desired(0), None)  # imports, host keys
            for number in range(rounds):
                numbers = (1 + 2 * number, 2 + 2 * number)
                if number % 2:
                    one = bulk(inventory, desired(numbers[0]), journal)
                    without = bulk(inventory, desired(numbers[1]), None)
                else:
                    without = bulk(inventory, desired(numbers[0]), None)
                    one = bulk(inventory, desired(numbers[1]), journal)
                ratios.append(one.seconds / without.seconds)
                print(  # noqa: T201  # the result
                    f"without {without.seconds:6.2f} s ({without.processor:5.2f} s processor)  "
                    f"with {one.seconds:6.2f} s ({one.processor:5.2f} s)  ratio {ratios[-1]:.3f}  "
                    f"waited for the journal: {one.waited:.1%} of the threads' time, "
                    f"{one.calls / devices:.0f} calls a device  load {os.getloadavg()[0]:.1f}"
                )
            for number in range(2):
                seconds, share = together(inventory, desired(200 + number), journal)
                print(f"transaction {seconds:6.2f} s, of the devices' time {share:.1%} for the journal")  # noqa: T201
    finally:
        shutil.rmtree(folder)
    print(f"median ratio {statistics.median(ratios):.3f}")  # noqa: T201
    return statistics.median(ratios)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]), float(sys.argv[3]))
    else:
        numbers = [*map(float, sys.argv[1:]), *(100, 20, 5)[len(sys.argv) - 1 :]]
        measure(int(numbers[0]), numbers[1], int(numbers[2]))
