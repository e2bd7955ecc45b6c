"""A device on which a transaction did not end is changed by nobody else: recover() would take that back as well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fleets import DESIRED, Fleet, Process, journal

from netres.device import Device
from netres.errors import Busy, NetresError
from netres.fleet.journal import Journal
from netres.fleet.recorder import Recorder
from netres.fleet.recover import recover
from netres.fleet.transaction import Transaction
from netres.model import Config, Vlan

OTHER = Config.of([Vlan(id=20, name="other")])


@pytest.fixture
def fleet() -> Fleet:
    return Fleet("m1", "lines1")


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Journal]:
    with journal(tmp_path) as opened:
        yield opened


def device(fleet: Fleet, book: Journal, name: str) -> Device:
    return fleet.connect(fleet.inventory[name], Recorder(book, name))


def dies(fleet: Fleet, folder: Path, name: str, at: int) -> None:
    """A process dies while it changes a device."""
    dying = journal(folder)
    fleet.process = Process(dies_at=at, dies=dying.close)
    with suppress(NetresError):
        one = device(fleet, dying, name)
        one.apply(one.plan(DESIRED))
    assert fleet.process.dead
    fleet.process = Process()


def test_nothing_is_changed_on_top_of_what_a_dead_process_left(fleet: Fleet, book: Journal, tmp_path: Path) -> None:
    dies(fleet, tmp_path, "lines1", 1)
    (left,) = book.unfinished()
    has = fleet.native()
    one = device(fleet, book, "lines1")
    with pytest.raises(Busy, match=rf"lines1: transaction {left.id} did not end; call recover\(\)"):
        one.apply(one.plan(OTHER))
    with Transaction(fleet.inventory, book, connect=fleet.connect, wait=0) as tx:
        tx.plan_all({"m1": OTHER, "lines1": OTHER})
        with pytest.raises(Busy, match="lines1: transaction"):
            tx.apply()
    assert fleet.native() == has
    assert [one.id for one in book.unfinished()] == [left.id]
    recover(fleet.inventory, book, connect=fleet.connect)
    assert one.apply(one.plan(OTHER)).outcome.holds


def test_nothing_is_changed_on_top_of_what_was_left_to_wait(fleet: Fleet, book: Journal) -> None:
    one = device(fleet, book, "m1")
    held = one.apply(one.plan(DESIRED), confirm_within=300)
    one.leave(held)
    fleet.natives["m1"].ahead += 400
    with pytest.raises(Busy, match="m1: transaction .* waits for its confirmation; confirm it, or roll it back"):
        one.apply(one.plan(OTHER))
    one.rollback(held)
    assert one.apply(one.plan(OTHER)).outcome.holds
    assert book.unfinished() == []


def test_what_ended_unknown_can_be_taken_back(fleet: Fleet, book: Journal) -> None:
    fleet.sticks = "lines1"
    one = device(fleet, book, "lines1")
    done = one.apply(one.plan(DESIRED))
    fleet.sticks = ""
    back = device(fleet, book, "lines1").rollback(done, force=True)
    assert back.outcome.holds
