"""A device on which a transaction did not end is changed by nobody else: recover() would take that back as well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fleets import DESIRED, Fleet, Process, journal

from netres.device import Device
from netres.errors import NetresError, UsageError
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
    with pytest.raises(UsageError, match=rf"lines1: transaction {left.id} changed it and has not ended"):
        one.apply(one.plan(OTHER))
    with Transaction(fleet.inventory, book, connect=fleet.connect, wait=0) as tx:
        tx.plan_all({"m1": OTHER, "lines1": OTHER})
        with pytest.raises(UsageError, match="lines1: transaction"):
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
    with pytest.raises(UsageError, match=r"m1: transaction .* \(it is unconfirmed\); confirm that, or roll it back"):
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


def test_what_stands_no_more_is_not_confirmed(fleet: Fleet, book: Journal) -> None:
    """While it waited a device without a timer started anew: it had not stored the change."""
    before = fleet.native()
    with Transaction(fleet.inventory, book, connect=fleet.connect) as tx:
        tx.plan_all({"m1": OTHER, "lines1": OTHER})
        assert tx.apply(hold=True, confirm_within=300).outcome == "waits"
        fleet.natives["lines1"].reboot()
        told = tx.confirm()
    assert told.outcome == "undone"
    assert "lines1" in told.error
    assert fleet.native() == before
    assert book.transaction(tx.id).outcome == "undone"


def test_what_was_stored_before_the_process_died_is_not_stored_any_more(fleet: Fleet, tmp_path: Path) -> None:
    dying = journal(tmp_path)
    native = fleet.natives["lines1"]
    one = device(fleet, dying, "lines1")
    plan = one.plan(DESIRED)
    save = native.save

    def saved() -> None:
        save()
        fleet.process.dead = True
        dying.close()

    setattr(native, "save", saved)  # noqa: B010 - of this one device
    with suppress(NetresError):
        one.apply(plan)
    setattr(native, "save", save)  # noqa: B010 - it lives on
    fleet.process = Process()
    assert native.saved != {}
    with journal(tmp_path) as book:
        recover(fleet.inventory, book, connect=fleet.connect)
        assert book.unfinished() == []
    assert native.running == native.saved == {}
