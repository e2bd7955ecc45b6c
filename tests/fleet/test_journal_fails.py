"""The journal cannot be written from some moment on: no device stays halfway, and recover() makes both agree again."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fleets import DESIRED, Fleet, journal
from needed import need
from pens import Pen
from postgres import Postgres
from sqlalchemy import create_engine, update

from netres.errors import JournalFailed
from netres.fleet.journal import Journal
from netres.fleet.journal.place import Place
from netres.fleet.journal.schema import LEASE
from netres.fleet.recorder import Recorder
from netres.fleet.recover import recover
from netres.fleet.transaction import Transaction
from netres.flow import Http, Operation

NAMES = ("m1", "lines1")


@dataclass
class Watch:
    """What is sent forward; at one of these operations something happens to the journal."""

    fleet: Fleet
    sent: list[str] = field(default_factory=list[str])
    at: int | None = None
    happens: Callable[[], object] = lambda: None

    def recorded(self, book: Journal) -> bool:
        """Whether all that was sent stands in the journal."""
        whole = [book.transaction(one.id) for one in book.history()]
        steps = Counter(step.operation for one in whole for part in one.parts for step in part.steps)
        return Counter(self.sent) <= steps

    def __post_init__(self) -> None:
        alive = self.fleet.process.alive

        def watched(operation: Operation) -> bool:
            if isinstance(operation, Http) and operation.method == "PUT":
                self.sent.append(str(operation))
                if len(self.sent) == self.at:
                    self.happens()
            return alive(operation)

        setattr(self.fleet.process, "alive", watched)  # noqa: B010 - of this one process


def change(fleet: Fleet, book: Journal) -> None:
    with Transaction(fleet.inventory, book, connect=fleet.connect) as tx:
        tx.plan_all(dict.fromkeys(NAMES, DESIRED))
        result = tx.apply()
    assert result.outcome in {"applied", "undone", "unknown"}
    assert result.outcome == "applied" or "journal" in result.error


def change_one(name: str) -> Callable[[Fleet, Journal], None]:
    def changed(fleet: Fleet, book: Journal) -> None:
        with fleet.connect(fleet.inventory[name], Recorder(book, name)) as device:
            held = device.apply(device.plan(DESIRED), confirm_within=300)
            if held.outcome.holds:
                device.confirm(held)

    return changed


def agree(fleet: Fleet, book: Journal, where: str, before: dict[str, str]) -> str:
    """After recover() the journal agrees with the devices; how the transaction ended, or that it never began.

    What could not be released runs out by itself: half a minute goes by.
    """
    engine = create_engine(Place.of(where).url)
    with engine.begin() as connection:
        connection.execute(update(LEASE).values(expires=0.0))
    engine.dispose()
    recover(fleet.inventory, book, connect=fleet.connect)
    assert [one for one in book.unfinished() if one.parts] == []
    assert fleet.waiting() == []
    assert recover(fleet.inventory, book, connect=fleet.connect) == []
    history = book.history()
    outcome = str(history[0].outcome) if history else "nothing"
    assert (fleet.native() == before) == (outcome != "applied")
    return outcome


@pytest.mark.parametrize("act", [change, change_one("m1"), change_one("lines1")], ids=["many", "m1", "lines1"])
def test_it_is_full_at_any_moment(act: Callable[[Fleet, Journal], None], tmp_path: Path) -> None:
    ends: set[str] = set()
    at = 0
    while True:
        fleet, pen, folder = Fleet(*NAMES), Pen(fails_at=at), tmp_path / str(at)
        before, watch = fleet.native(), Watch(fleet)
        folder.mkdir()
        with journal(folder) as book, pen.held():
            pen.written, pen.fails_at = 0, at
            with suppress(JournalFailed):
                act(fleet, book)
            assert watch.recorded(book)
            decided = any(one.decision == "confirm" for one in book.history())
            assert fleet.native() == before or decided, at
            whole = not pen.failed
            pen.fails_at = None
            ends.add(agree(fleet, book, str(folder / "journal.db"), before))
        if whole:
            break
        at += 1
    assert at >= 10
    assert {"undone", "applied"} <= ends


def test_the_disk_is_full(tmp_path: Path) -> None:
    need(None if os.geteuid() == 0 else "only root can mount a file system")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", str(tmp_path)], check=True)
    filler = tmp_path / "filler"
    try:
        _stopped(str(tmp_path / "j.db"), lambda: _fill(filler), filler.unlink, "disk is full")
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def _fill(place: Path) -> None:
    with suppress(OSError), place.open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 4096)


def test_the_server_is_gone(server: Postgres) -> None:
    _stopped(server.url, server.stop, server.start, "server is gone")


def _stopped(where: str, breaks: Callable[[], object], mends: Callable[[], object], why: str) -> None:
    """In the middle of a transaction: the first device was changed, all of it was recorded, and the second is not."""
    fleet = Fleet(*NAMES)
    before, watch = fleet.native(), Watch(fleet, at=2, happens=breaks)
    with Journal.open(where) as book:
        with Transaction(fleet.inventory, book, connect=fleet.connect) as tx:
            tx.plan("m1", DESIRED)
            tx.plan("lines1", DESIRED, after=["m1"])
            result = tx.apply()
            assert result.outcome == "unknown"
            assert why in result.error
            assert len(watch.sent) == 2
            assert fleet.native() == before
            mends()
            assert watch.recorded(book)
        assert agree(fleet, book, where, before) == "undone"
