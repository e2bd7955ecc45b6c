"""Many devices changed as one: all of them, or none; over devices with a timer and without."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fleets import DESIRED, Fleet, journal

from netres.errors import Busy, StalePlan, TransactionFailed, UnknownDevice, Unsupported, UsageError
from netres.fleet.journal import Journal, Leases
from netres.fleet.recover import recover
from netres.fleet.transaction import Transaction
from netres.model import Config, Vlan
from netres.plan import Outcome

NAMES = ("m1", "lines1", "m2", "lines2")
TOO_MUCH = Config.of([Vlan(id=20), Vlan(id=30, name="x")])


@pytest.fixture
def fleet() -> Fleet:
    return Fleet(*NAMES)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Journal]:
    with journal(tmp_path) as opened:
        yield opened


def transaction(fleet: Fleet, book: Journal) -> Transaction:
    return Transaction(fleet.inventory, book, connect=fleet.connect)


def planned(fleet: Fleet, book: Journal) -> Transaction:
    tx = transaction(fleet, book)
    for name in NAMES:
        tx.plan(name, DESIRED)
    return tx


def test_many_devices_are_planned_at_the_same_time(fleet: Fleet, book: Journal) -> None:
    with transaction(fleet, book) as tx:
        plans = tx.plan_all(dict.fromkeys(NAMES, DESIRED), prune={"vlan"})
        assert list(plans) == list(NAMES)
        with pytest.raises(UsageError, match="has a plan in this transaction"):
            tx.plan_all({"m1": DESIRED})
        assert tx.apply().outcome == "applied"


def ended(book: Journal, tx: Transaction) -> tuple[str | None, set[str]]:
    record = book.transaction(tx.id)
    return record.outcome, {part.state for part in record.parts}


def test_all_devices_have_it_confirmed_and_stored(fleet: Fleet, book: Journal) -> None:
    with planned(fleet, book) as tx:
        done = tx.apply(why="new VLANs", ticket="CHG-7")
    assert done.raise_for_outcome().outcome == "applied"
    assert {name: one.confirmed for name, one in done.results.items()} == dict.fromkeys(NAMES, True)
    assert all(native.saved == native.running != {} for native in fleet.natives.values())
    assert fleet.waiting() == []
    assert ended(book, tx) == ("applied", {"applied"})
    record = book.transaction(tx.id)
    assert (record.why, record.ticket, record.decision) == ("new VLANs", "CHG-7", "confirm")
    assert all(step.answered for part in record.parts for step in part.steps)


@pytest.mark.parametrize("at", range(4))
def test_one_fails_and_all_are_as_before(fleet: Fleet, book: Journal, at: int) -> None:
    before = fleet.native()
    fleet.refuses = NAMES[at]
    with planned(fleet, book) as tx:
        done = tx.apply()
    assert done.outcome == "undone"
    assert NAMES[at] in done.error
    assert fleet.native() == before
    assert fleet.waiting() == []
    assert all(native.saved == {} for native in fleet.natives.values())
    assert ended(book, tx) == ("undone", {"undone"})
    with pytest.raises(TransactionFailed, match="undone") as failed:
        done.raise_for_outcome()
    again = pickle.loads(pickle.dumps(failed.value))
    assert (str(again), again.result) == (str(failed.value), done)


def test_one_that_cannot_go_back_is_not_told_to_be_as_before(fleet: Fleet, book: Journal) -> None:
    before = fleet.native()
    fleet.sticks = "lines2"
    with planned(fleet, book) as tx:
        done = tx.apply()
    assert done.results["lines2"].outcome is Outcome.DIFFERS
    assert done.outcome == "differs"
    assert [name for name, text in fleet.native().items() if text != before[name]] == ["lines2"]
    assert ended(book, tx) == ("differs", {"undone", "differs"})


def test_one_that_differs_takes_all_back(fleet: Fleet, book: Journal) -> None:
    before = fleet.native()
    fleet.swallows = "lines2"
    with planned(fleet, book) as tx:
        done = tx.apply()
    assert done.outcome == "undone"
    assert fleet.native() == before


def test_a_stale_plan_sends_nothing_to_anybody(fleet: Fleet, book: Journal) -> None:
    with planned(fleet, book) as tx:
        fleet.natives["m2"].running = {"vlan": {"20": {"id": 20, "name": "other"}}}
        wrote = fleet.process.wrote
        with pytest.raises(StalePlan, match="m2"):
            tx.apply()
    assert fleet.process.wrote == wrote
    assert ended(book, tx) == ("refused", {"refused"})


def test_a_floor_is_checked_before_anything_is_written_down(fleet: Fleet, book: Journal) -> None:
    with planned(fleet, book) as tx, pytest.raises(Unsupported, match="lines1: confirmed is asked for"):
        tx.apply(at_least="confirmed")
    assert tx.id == ""
    assert book.history() == []


def test_devices_come_one_after_the_other(fleet: Fleet, book: Journal) -> None:
    with transaction(fleet, book) as tx:
        tx.plan("m1", DESIRED, after=["lines1"])
        tx.plan("lines1", DESIRED, after=["m2"])
        tx.plan("m2", DESIRED)
        assert tx.apply().outcome == "applied"
    parts = {part.device: part.steps for part in book.transaction(tx.id).parts}
    commits = {
        name: [s.sent for s in steps if "vlan" in s.operation or "commit" in s.operation]
        for name, steps in parts.items()
    }
    assert max(commits["m2"]) < min(commits["lines1"])
    assert max(commits["lines1"]) < min(commits["m1"])


def test_what_is_planned_wrongly_is_said(fleet: Fleet, book: Journal) -> None:
    with transaction(fleet, book) as tx:
        with pytest.raises(UnknownDevice, match="m9"):
            tx.plan("m9", DESIRED)
        tx.plan("m1", DESIRED, after=["m2"])
        with pytest.raises(UsageError, match="m1 has a plan in this transaction"):
            tx.plan("m1", DESIRED)
        with pytest.raises(UsageError, match="m1 comes after m2, which has no plan here"):
            tx.apply()
        tx.plan("m2", DESIRED, after=["m1"])
        with pytest.raises(UsageError, match=r"in a circle: m[12] -> m[12] -> m[12]"):
            tx.apply()
    assert book.history() == []


def test_held_it_waits_and_is_confirmed(fleet: Fleet, book: Journal) -> None:
    with planned(fleet, book) as tx:
        held = tx.apply(hold=True, confirm_within=300)
        assert held.outcome == "waits"
        assert held.confirm_by is not None
        assert fleet.waiting() == ["m1", "m2"]
        assert all(native.saved == {} for native in fleet.natives.values())
        assert tx.confirm().outcome == "applied"
        with pytest.raises(UsageError, match="nothing waits"):
            tx.confirm()
    assert all(native.saved for native in fleet.natives.values())


def test_held_and_left_it_is_taken_back(fleet: Fleet, book: Journal) -> None:
    before = fleet.native()
    with planned(fleet, book) as tx:
        assert tx.apply(hold=True, confirm_within=300).outcome == "waits"
        assert fleet.native() != before
    assert fleet.native() == before
    assert fleet.waiting() == []
    assert ended(book, tx) == ("undone", {"undone"})


def test_held_and_forgotten_it_is_taken_back(fleet: Fleet, book: Journal) -> None:
    before = fleet.native()
    with planned(fleet, book) as tx:
        waits = tx.apply(hold=True, confirm_within=1)
        deadline = time.monotonic() + 20
        while tx.result == waits and time.monotonic() < deadline:
            time.sleep(0.02)
        assert fleet.native() == before
        assert tx.result is not None
        assert tx.result.error == "nobody confirmed it in time"
        with pytest.raises(UsageError, match="nothing waits"):
            tx.confirm()


def test_a_device_has_one_writer(fleet: Fleet, book: Journal, tmp_path: Path) -> None:
    with planned(fleet, book) as tx, journal(tmp_path) as other:
        tx.apply(hold=True, confirm_within=300)
        with Transaction(fleet.inventory, other, connect=fleet.connect, wait=0) as second:
            second.plan("m1", Config.of([Vlan(id=99)]))
            with pytest.raises(Busy, match=r"m1 is leased by tests"):
                second.apply()
        tx.confirm()
    assert not any("99" in text for text in fleet.native().values())


def test_who_lost_the_lease_sends_nothing_more(fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(leases: Leases) -> None:
        """As in a process that is stopped: nobody renews them."""

    monkeypatch.setattr(Leases, "_keep", stopped)
    with Journal.open(tmp_path / "journal.db", lease=0.5) as book, journal(tmp_path) as other:
        tx = planned(fleet, book)
        tx.apply(hold=True, confirm_within=300)
        taken = other.lease(other.begin(), NAMES, wait=10)
        wrote, has = fleet.process.wrote, fleet.native()
        result = tx.confirm()
        assert result.outcome == "unknown"
        assert result.error.count("nothing more is sent to it") == len(NAMES)
        tx.close()
        assert (fleet.process.wrote, fleet.native()) == (wrote, has)
        taken.release()
        assert [one.did for one in recover(fleet.inventory, other, connect=fleet.connect)] == ["confirmed"] * 4
        assert fleet.native() == has
        assert fleet.waiting() == []


def test_an_empty_plan_is_no_reason_to_fail(fleet: Fleet, book: Journal) -> None:
    with transaction(fleet, book) as tx:
        tx.plan("m1", DESIRED)
        tx.plan("m2", Config())
        done = tx.apply()
    assert done.outcome == "applied"
    assert done.results["m2"].outcome is Outcome.APPLIED
    assert ended(book, tx) == ("applied", {"applied"})
    assert recover(fleet.inventory, book, connect=fleet.connect) == []


def test_of_no_device(fleet: Fleet, book: Journal) -> None:
    with transaction(fleet, book) as tx:
        assert tx.apply().outcome == "applied"
    assert book.transaction(tx.id).outcome == "applied"
    assert book.unfinished() == []


def test_closed_it_does_nothing_more(fleet: Fleet, book: Journal) -> None:
    tx = planned(fleet, book)
    tx.close()
    with pytest.raises(UsageError, match="was closed"):
        tx.plan("m1", DESIRED)
    with pytest.raises(UsageError, match="was closed"):
        tx.apply()
    tx.close()
