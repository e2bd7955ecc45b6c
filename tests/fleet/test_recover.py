"""A process dies at any operation of a transaction: recover() leaves all devices as before, or all as wanted."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from fleets import DESIRED, Fleet, Process, journal

from netres.errors import JournalFailed, NetresError, UsageError
from netres.fleet.recorder import Recorder
from netres.fleet.recover import recover
from netres.fleet.transaction import Transaction
from netres.model import Config, Vlan
from netres.plan import Outcome

NAMES = ("m1", "lines1", "m2", "lines2")


def run(fleet: Fleet, folder: Path) -> Transaction:
    book = journal(folder)
    fleet.process.dies = book.close
    tx = Transaction(fleet.inventory, book, connect=fleet.connect)
    for name in NAMES:
        tx.plan(name, DESIRED)
    with suppress(JournalFailed):
        tx.apply()
    return tx


@pytest.fixture(scope="module")
def writes(tmp_path_factory: pytest.TempPathFactory) -> int:
    fleet = Fleet(*NAMES)
    assert run(fleet, tmp_path_factory.mktemp("whole")).result is not None
    return fleet.process.wrote


def test_killed_at_any_operation(writes: int, tmp_path: Path) -> None:
    wanted = Fleet(*NAMES)
    run(wanted, tmp_path / "wanted")
    after = wanted.native()
    ends: set[str] = set()
    for at in range(writes):
        fleet = Fleet(*NAMES)
        before = fleet.native()
        fleet.process.dies_at = at
        folder = tmp_path / str(at)
        folder.mkdir()
        tx = run(fleet, folder)
        fleet.process = Process()
        with journal(folder) as book:
            done = recover(fleet.inventory, book, connect=fleet.connect)
            assert {one.device for one in done} == set(NAMES)
            has = fleet.native()
            assert has in (before, after), (at, done)
            record = book.transaction(tx.id)
            assert record.outcome == ("applied" if has == after else "undone"), (at, done)
            assert {part.state for part in record.parts} == {record.outcome}, (at, done)
            assert fleet.waiting() == []
            stored = {name: native.saved for name, native in fleet.natives.items()}
            running = {name: native.running for name, native in fleet.natives.items()}
            assert stored == (running if has == after else {name: {} for name in NAMES}), (at, done)
            assert book.unfinished() == []
            assert recover(fleet.inventory, book, connect=fleet.connect) == []
            assert fleet.native() == has
            ends.add(str(record.outcome))
    assert ends == {"applied", "undone"}


@pytest.mark.parametrize("refuses", ["", "m2"])
def test_what_recovers_or_takes_back_is_killed_too(writes: int, tmp_path: Path, refuses: str) -> None:
    """``refuses``: the transaction takes itself back when it dies. Else it dies, and what recovers dies twice."""
    wanted = Fleet(*NAMES)
    run(wanted, tmp_path / "wanted")
    after = wanted.native()
    for at in range(writes):
        fleet, folder = Fleet(*NAMES), tmp_path / str(at)
        before = fleet.native()
        fleet.refuses = refuses
        fleet.process.dies_at = at
        folder.mkdir()
        tx = run(fleet, folder)
        for again in (1, 3):
            with journal(folder) as book:
                fleet.process = Process(dies_at=again, dies=book.close)
                with suppress(NetresError):
                    recover(fleet.inventory, book, connect=fleet.connect)
        fleet.process = Process()
        with journal(folder) as book:
            recover(fleet.inventory, book, connect=fleet.connect)
            has = fleet.native()
            assert has in (before, after), at
            assert book.transaction(tx.id).outcome == ("applied" if has == after else "undone"), at
        assert fleet.waiting() == []


def test_a_timer_that_fired_before_the_recovery_is_made_good(writes: int, tmp_path: Path) -> None:
    """Confirmed was decided, and one device had taken it back by itself: it is changed again."""
    fleet = Fleet(*NAMES)
    fleet.process.dies_at = writes - 3
    tx = run(fleet, tmp_path)
    for native in fleet.natives.values():
        native.ahead += 1000
    fleet.process = Process()
    with journal(tmp_path) as book:
        assert book.transaction(tx.id).decision == "confirm"
        done = {one.device: one.did for one in recover(fleet.inventory, book, connect=fleet.connect)}
        assert book.transaction(tx.id).outcome == "applied"
    assert "voice" in fleet.natives["m1"].native()
    assert "voice" in fleet.natives["m2"].native()
    assert set(done.values()) <= {"confirmed", "applied again", "nothing"}


def test_what_cannot_be_reached_stays_for_the_next_time(tmp_path: Path) -> None:
    fleet = Fleet(*NAMES)
    before = fleet.native()
    fleet.process.dies_at = 6
    tx = run(fleet, tmp_path)
    with journal(tmp_path) as book:
        first = recover(fleet.inventory, book, connect=fleet.connect)  # the process is still dead to the devices
        assert {one.did for one in first} <= {"failed", "nothing", "taken back"}
        assert book.transaction(tx.id).ended is None
        fleet.process = Process()
        recover(fleet.inventory, book, connect=fleet.connect)
        assert book.transaction(tx.id).outcome == "undone"
    assert fleet.native() == before


@pytest.mark.parametrize("name", ["m1", "lines1"])
def test_a_single_apply_is_recovered_too(name: str, tmp_path: Path) -> None:
    at = 0
    while True:
        fleet = Fleet(name)
        before = fleet.native()
        fleet.process.dies_at = at
        folder = tmp_path / str(at)
        folder.mkdir()
        book = journal(folder)
        fleet.process.dies = book.close
        device = fleet.connect(fleet.inventory[name], Recorder(book, name))
        with suppress(NetresError):
            device.apply(device.plan(DESIRED))
        if not fleet.process.dead:
            assert at > 2
            book.close()
            return
        fleet.process = Process()
        with journal(folder) as again:
            recover(fleet.inventory, again, connect=fleet.connect)
            assert again.unfinished() == []
            assert fleet.native() == before
        at += 1


def test_what_was_left_to_the_device_is_left_alone_until_its_time_is_over(tmp_path: Path) -> None:
    fleet = Fleet("m1")
    with journal(tmp_path) as book:
        with fleet.connect(fleet.inventory["m1"], Recorder(book, "m1")) as device:
            held = device.apply(device.plan(DESIRED), confirm_within=300)
            device.leave(held)
        assert [one.did for one in recover(fleet.inventory, book, connect=fleet.connect)] == ["left alone"]
        assert fleet.waiting() == ["m1"]
        with fleet.connect(fleet.inventory["m1"], Recorder(book, "m1")) as device:
            assert device.confirm(held).confirmed
        assert book.transaction(held.transaction).outcome == "applied"
        assert recover(fleet.inventory, book, connect=fleet.connect) == []
    assert fleet.waiting() == []


def test_a_device_writes_down_what_is_done_to_it(tmp_path: Path) -> None:
    fleet = Fleet("m1")
    with journal(tmp_path) as book, fleet.connect(fleet.inventory["m1"], Recorder(book, "m1")) as device:
        done = device.apply(device.plan(DESIRED), why="voice", ticket="CHG-1")
        back = device.rollback(done)
        applied, undone = reversed(book.history())
        assert (applied.id, applied.outcome, applied.why, applied.ticket) == (
            done.transaction,
            "applied",
            "voice",
            "CHG-1",
        )
        assert (undone.id, undone.outcome) == (back.transaction, "applied")
        assert undone.parts[0].verb == "rollback"
        with pytest.raises(NetresError, match="was changed after it was made"):
            device.apply(device.plan(DESIRED).model_copy(update={"digest": ""}))


@pytest.mark.parametrize("name", ["m1", "lines1"])
def test_nothing_is_changed_on_top_of_what_may_yet_be_taken_back(name: str, tmp_path: Path) -> None:
    """Else recover would take the later change away, and the journal would still say that it was applied."""
    fleet = Fleet(name)
    later = Config.of([Vlan(id=20, name="later")])
    with journal(tmp_path) as book, fleet.connect(fleet.inventory[name], Recorder(book, name)) as device:
        plan = device.plan(DESIRED)
        fleet.process.dies_at = 1 if name == "lines1" else 4
        assert device.apply(plan).outcome is Outcome.UNKNOWN
    fleet.process = Process()
    with journal(tmp_path) as book:
        (lost,) = book.unfinished()
        before = fleet.native()
        refused = pytest.raises(UsageError, match=f"{name}: transaction {lost.id} changed it and has not ended")
        with fleet.connect(fleet.inventory[name], Recorder(book, name)) as device, refused:
            device.apply(device.plan(later))
        with Transaction(fleet.inventory, book, connect=fleet.connect) as tx:
            tx.plan(name, later)
            with pytest.raises(UsageError, match="has not ended"):
                tx.apply()
        assert fleet.native() == before
        assert [one.did for one in recover(fleet.inventory, book, connect=fleet.connect)] == ["taken back"]
        with fleet.connect(fleet.inventory[name], Recorder(book, name)) as device:
            assert device.apply(device.plan(later)).outcome is Outcome.APPLIED
        assert recover(fleet.inventory, book, connect=fleet.connect) == []


def test_what_was_decided_and_changed_by_hand_since_stands_and_is_told(writes: int, tmp_path: Path) -> None:
    fleet = Fleet(*NAMES)
    fleet.process.dies_at = writes - 3
    tx = run(fleet, tmp_path)
    fleet.process = Process()
    for native in fleet.natives.values():
        native.running = {"vlan": {"20": {"kind": "vlan", "id": 20, "name": "by-hand"}}}
    has = fleet.native()
    with journal(tmp_path) as book:
        assert book.transaction(tx.id).decision == "confirm"
        done = [one for one in recover(fleet.inventory, book, connect=fleet.connect) if one.did != "nothing"]
        assert {one.state for one in done} == {"differs"}
        assert all("wanted 'voice', found 'by-hand'" in one.why for one in done)
        assert book.transaction(tx.id).outcome == "differs"
        assert recover(fleet.inventory, book, connect=fleet.connect) == []
    assert fleet.native() == has
    assert fleet.waiting() == []
