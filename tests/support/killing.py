"""A transaction over a campus that is killed at an instant, and recovered: all is as before, or all as wanted."""

from __future__ import annotations

import os
import re
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import campus_run
from campus import Campus
from campus_run import NAMES, SHAPES, SIDES, Shape, Side

from netres.fleet.journal import Journal, TransactionRecord
from netres.fleet.recover import recover

_SERIAL: Final = re.compile(r"(?<=^define netres_serial = )\d+(?=;$)|^\d+$", re.MULTILINE)
"""Where BIRD's files, and BIRD itself, say how often the file was changed."""


@dataclass(frozen=True)
class Killed:
    """One case. Seconds."""

    at: float
    """After everything was planned."""
    of: float
    """What an unbroken run takes."""
    where: str
    """What the transaction was doing, by its journal."""
    outcome: str
    recovery: float


class Runner:
    """The processes that are killed."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, campus_run.__file__, str(folder)]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self._server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        assert self._server.stdout
        self._out = self._server.stdout

    def close(self) -> None:
        """End the one that makes them."""
        self._server.kill()
        self._server.communicate()

    def run(self, side: Side, shape: Shape, kill_at: float | None = None) -> tuple[float, str]:
        """Lead the campus to a side, killed after so many seconds: how long it took, and how it ended, if it did."""
        return self._do(f"{side} {shape}", kill_at)

    def recover(self, kill_at: float) -> None:
        """Recover, killed after so many seconds."""
        self._do("recover", kill_at)

    def _do(self, what: str, kill_at: float | None) -> tuple[float, str]:
        self._say(what)
        child = int(self._hear())
        assert (told := self._hear()) == "ready", told
        began = time.monotonic()
        select.select([self._out], [], [], kill_at)
        took = time.monotonic() - began
        if kill_at is not None:
            os.kill(child, signal.SIGKILL)
        told = self._hear()
        assert told == "gone" or self._hear() == "gone"
        self._say("heard")
        return took, told

    def _say(self, text: str) -> None:
        assert self._server.stdin
        print(text, file=self._server.stdin, flush=True)

    def _hear(self) -> str:
        return self._out.readline().rstrip("\n")


class Killing:
    """Leads a campus from one side to the other and back, killed on the way. A context manager."""

    def __init__(self, campus: Campus) -> None:
        self.campus = campus
        self.side: Side = "other"
        self._natives: dict[Side, Mapping[str, str]] = {}
        self._took: dict[tuple[Side, Shape], float] = {}

    def __enter__(self) -> Self:
        self._runner = Runner(self.campus.folder)
        shapes: tuple[Shape, ...] = ("in turn", "in turn", "together")
        for shape in shapes:  # what comes to be from nothing stands in another order than what comes to be again
            self.whole(shape)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.close()

    def rehearse(self) -> None:
        """Find out how the devices are on both sides, and how long it takes to get there in either shape."""
        for shape in SHAPES:
            self.whole(shape)
            self.whole(shape)

    def whole(self, shape: Shape = "in turn") -> None:
        """An unbroken run to the other side: how long it takes, and how the devices are then."""
        took, told = self._runner.run(self.target, shape)
        assert told == "applied ", told
        self._took[self.target, shape] = took
        self.side = self.target
        self._natives[self.side] = self.campus.native()
        assert self.campus.left_behind() == []

    def kill(self, fraction: float, shape: Shape = "in turn", again: Iterable[float] = ()) -> Killed:
        """One case: killed after a fraction of what an unbroken run takes.

        ``again``: what recovers is killed after these seconds, too, before it is left to do its work.
        """
        side, of = self.target, self._took[self.target, shape]
        start = self.campus.native()
        assert start == self._expected(self.side, start), "a program went on after the case before"
        before = self.newest()
        took, told = self._runner.run(side, shape, kill_at=fraction * of)
        if told != "gone":  # other work on the machine comes and goes: what was measured is a while ago
            self._took[side, shape] = took
        newest = self.newest()
        with campus_run.journal(self.campus.folder) as book:
            where = "before it began" if newest == before else _where(book.transaction(newest))
            for seconds in again:
                self._runner.recover(seconds)
            began = time.monotonic()
            done = recover(campus_run.inventory(self.campus.folder), book)
            recovery = time.monotonic() - began
            has = self.campus.native()
            after = self._expected(side, start, steps=1)
            assert has in (start, after), _differences(has, start, after, where, done)
            outcome = "nothing" if newest == before else self._told(book, newest, applied=has == after)
            assert recover(campus_run.inventory(self.campus.folder), book) == []
        assert self.campus.left_behind() == [], where
        self.side = side if has == after else self.side
        return Killed(fraction * of, of, where, outcome, recovery)

    def _told(self, book: Journal, tx: str, *, applied: bool) -> str:
        """How the journal says that it ended; it must agree with the devices."""
        record = book.transaction(tx)
        states = {part.state for part in record.parts}
        assert book.unfinished() == []
        assert record.ended
        assert leased(self.campus.folder) == []
        tokens = [part.noted.token for part in record.parts if part.noted and part.noted.token]
        assert not [token for token in tokens if Path("/tmp/netres-" + token).exists()]
        assert record.outcome in ({"applied"} if applied else {"undone", "refused"}), record.outcome
        assert states <= ({"applied"} if applied else {"undone", "refused"}), states
        return str(record.outcome)

    @property
    def target(self) -> Side:
        """Where it goes next."""
        return SIDES[1 - SIDES.index(self.side)]

    def _expected(self, side: Side, start: Mapping[str, str], steps: int = 0) -> Mapping[str, str]:
        """How the devices are on a side; BIRD's file counts its changes."""
        found = _SERIAL.search(start["b1"])
        serial = int(found[0] if found else 0) + steps
        return {**self._natives[side], "b1": _SERIAL.sub(str(serial), self._natives[side]["b1"])}

    def newest(self) -> str:
        """The id of the newest transaction."""
        with campus_run.journal(self.campus.folder) as book:
            return next((one.id for one in book.history(limit=1)), "")


def leased(folder: Path) -> list[str]:
    """The devices of which some process has a lease."""
    with closing(sqlite3.connect(folder / "journal.db")) as database:
        rows = database.execute("SELECT device FROM lease WHERE expires > unixepoch('now')").fetchall()
    return [str(device) for (device,) in rows]


def _where(record: TransactionRecord) -> str:
    """What a transaction was doing when it was killed."""
    if record.ended:
        return "after its end"
    if record.decision:
        return f"deciding: {record.decision}"
    if {part.device for part in record.parts} < set(NAMES) or any(part.noted is None for part in record.parts):
        return "before anything was sent"
    sending = [part.device for part in record.parts if part.steps and part.steps[-1].answered is None]
    return f"sending to {' '.join(sending)}" if sending else "between two steps"


def _differences(
    has: Mapping[str, str], start: Mapping[str, str], after: Mapping[str, str], where: str, done: object
) -> str:
    told = [f"killed {where}; recover: {done}"]
    told += [f"{name} is as before: {has[name] == start[name]}, as wanted: {has[name] == after[name]}" for name in has]
    return "\n".join([*told, "before and now:", differing(start, has), "wanted and now:", differing(after, has)])


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> str:
    """The lines in which devices differ; empty: none."""
    lines: list[str] = []
    for name, text in one.items():
        lines += unified_diff(text.splitlines(), other[name].splitlines(), name, name, n=1, lineterm="")
    return "\n".join(lines)
