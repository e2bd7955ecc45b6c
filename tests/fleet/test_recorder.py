"""One device's verbs in the journal, where something comes in between: no lease is kept, what ended has ended."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from fleets import DESIRED, Fleet, Process, journal

from netres.device import Device
from netres.errors import Busy, ConnectFailed, StalePlan
from netres.fleet.journal import Journal
from netres.fleet.recorder import Recorder
from netres.fleet.recover import recover
from netres.flow import Json
from netres.model import Config, Vlan
from netres.operation import Note
from netres.plan import ApplyResult, Outcome
from netres.terms import Terms

NAMES = ("m1", "lines1")


@pytest.fixture
def fleet() -> Fleet:
    return Fleet(*NAMES)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Journal]:
    with journal(tmp_path) as opened:
        yield opened


def connected(fleet: Fleet, book: Journal, name: str) -> Device:
    return fleet.connect(fleet.inventory[name], Recorder(book, name))


def outcomes(book: Journal) -> Sequence[str | None]:
    return [one.outcome for one in book.history()][::-1]


@pytest.mark.parametrize("name", NAMES)
def test_what_was_confirmed_elsewhere_and_is_rolled_back_is_another_transaction(
    fleet: Fleet, book: Journal, name: str
) -> None:
    with connected(fleet, book, name) as device:
        held = device.apply(device.plan(DESIRED), confirm_within=300)
        assert device.confirm(held).confirmed
    stored = ApplyResult.parse(held.model_dump_json())
    with connected(fleet, book, name) as device:
        back = device.rollback(stored)
        assert back.outcome is Outcome.APPLIED
        assert back.transaction != held.transaction
        assert device.confirm(stored).outcome is Outcome.NOT_APPLIED
    assert fleet.native()[name] == ""
    assert outcomes(book) == ["applied", "applied"]
    assert [one.decision for one in book.history()][::-1] == ["confirm", None]


@pytest.mark.parametrize("name", NAMES)
def test_a_way_back_that_failed_leaves_the_device_to_recover(fleet: Fleet, book: Journal, name: str) -> None:
    """Though the session that could not do it is still there."""
    device = connected(fleet, book, name)
    device.apply(device.plan(DESIRED), confirm_within=0.2)
    fleet.process.dead = True
    for _ in range(200):
        if device.taken_back:
            break
        time.sleep(0.02)
    assert [one.outcome for one in device.taken_back] == [Outcome.UNKNOWN]
    fleet.process.dead = False
    assert [one.did for one in recover(fleet.inventory, book, connect=fleet.connect)] == ["taken back"]
    assert fleet.native()[name] == ""
    assert device.apply(device.plan(DESIRED)).outcome is Outcome.APPLIED
    device.close()


def test_a_verb_that_was_interrupted_when_it_had_begun_keeps_nobody_out(fleet: Fleet, book: Journal) -> None:
    recorder = Recorder(book, "m1")
    device = fleet.connect(fleet.inventory["m1"], recorder)
    plan = device.plan(DESIRED)
    recorder.note(Note("begin", plan=plan, terms=Terms()))  # and whoever waited for it was cancelled
    assert device.apply(plan).outcome is Outcome.APPLIED
    book.lease(book.begin(), ["m1"]).release()
    device.close()


def test_what_waits_keeps_its_lease(fleet: Fleet, book: Journal) -> None:
    with connected(fleet, book, "m1") as device:
        held = device.apply(device.plan(DESIRED), confirm_within=300)
        with pytest.raises(Busy, match="m1 is leased by"):
            book.lease(book.begin(), ["m1"])
        assert device.confirm(held).confirmed
        book.lease(book.begin(), ["m1"]).release()


def changes_by_hand(fleet: Fleet, names: dict[int, str]) -> None:
    documents: dict[str, Json] = {str(key): {"kind": "vlan", "id": key, "name": name} for key, name in names.items()}
    fleet.natives["m1"].running = {"vlan": documents} if documents else {}


def test_what_was_left_and_changed_by_hand_waits_on_and_is_leased_to_nobody(fleet: Fleet, book: Journal) -> None:
    """Neither a confirmation that came to nothing nor a way back that was refused decides anything."""
    with connected(fleet, book, "m1") as device:
        held = device.apply(device.plan(DESIRED), confirm_within=300)
        device.leave(held)
        changes_by_hand(fleet, {20: "by-hand"})
        told = device.confirm(held)
        assert (told.outcome, told.confirmed) == (Outcome.DIFFERS, False)
        assert [one.decision for one in book.unfinished()] == ["leave"]
        book.lease(held.transaction, ["m1"]).release()
        with pytest.raises(StalePlan):
            device.rollback(held)
        assert [one.decision for one in book.unfinished()] == ["leave"]
        book.lease(held.transaction, ["m1"]).release()
        fleet.process.dead = True
        with pytest.raises(ConnectFailed):
            device.confirm(held)
        assert [one.decision for one in book.unfinished()] == ["leave"]
        book.lease(held.transaction, ["m1"]).release()


def test_what_was_not_confirmed_is_not_confirmed_by_recover(fleet: Fleet, book: Journal) -> None:
    device = connected(fleet, book, "m1")
    held = device.apply(device.plan(DESIRED), confirm_within=300)
    changes_by_hand(fleet, {20: "by-hand"})
    assert device.confirm(held).confirmed is False
    assert [one.decision for one in book.unfinished()] == ["undo"]
    changes_by_hand(fleet, {20: "voice", 30: "guests"})
    assert device.confirm(held).confirmed
    assert [one.decision for one in book.history()] == ["confirm"]
    device.close()


@pytest.mark.parametrize("left", [False, True])
def test_what_was_taken_back_by_hand_waits_while_the_device_does(fleet: Fleet, book: Journal, left: bool) -> None:
    """Its timer would take back what else was done since, and nobody would know of it any more."""
    with connected(fleet, book, "m1") as device:
        held = device.apply(device.plan(Config.of([Vlan(id=20, name="voice")])), confirm_within=300)
        if left:
            device.leave(held)
        changes_by_hand(fleet, {})
        told = device.confirm(held)
        assert (told.outcome, told.confirmed) == (Outcome.DIFFERS, False)
        assert [one.id for one in book.unfinished()] == [held.transaction]
        assert fleet.waiting() == ["m1"]
        fleet.natives["m1"].ahead += 400
        assert device.confirm(held).outcome is Outcome.NOT_APPLIED
        assert book.unfinished() == []


def test_recover_lets_stand_what_was_decided_and_taken_back_by_hand(
    fleet: Fleet, book: Journal, tmp_path: Path
) -> None:
    """While the device waits: it takes no other change, and what was done since is not lost."""
    dying = journal(tmp_path)
    fleet.process = Process(dies=dying.close)
    device = connected(fleet, dying, "m1")
    held = device.apply(device.plan(DESIRED), confirm_within=300)
    fleet.process.dies_at = fleet.process.wrote
    device.confirm(held)
    assert fleet.process.dead
    fleet.process = Process()
    changes_by_hand(fleet, {40: "by-hand"})
    (done,) = recover(fleet.inventory, book, connect=fleet.connect)
    assert (done.did, done.state) == ("confirmed", "differs")
    assert fleet.waiting() == []
    assert 'vlan 40 {"id": 40' in fleet.native()["m1"]
    assert book.unfinished() == []
