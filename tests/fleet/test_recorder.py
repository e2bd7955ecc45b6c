"""One device's verbs in the journal, where something comes in between: no lease is kept, what ended has ended."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from fleets import DESIRED, Fleet, journal

from netres.device import Device
from netres.errors import Busy, JournalFailed
from netres.fleet.journal import Journal
from netres.fleet.recorder import Recorder
from netres.fleet.recover import recover
from netres.plan import ApplyResult, Outcome

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


def test_a_verb_that_was_interrupted_while_it_began_keeps_no_lease(
    fleet: Fleet, book: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = connected(fleet, book, "m1")
    plan = device.plan(DESIRED)
    for error in (KeyboardInterrupt(), JournalFailed("full")):
        with monkeypatch.context() as patched:

            def fails(*args: object, error: BaseException = error, **kwargs: object) -> None:
                raise error

            patched.setattr(Journal, "part", fails)
            with pytest.raises(type(error)):
                device.apply(plan)
        tx = book.begin()
        book.lease(tx, ["m1"]).release()
    assert device.apply(plan).outcome is Outcome.APPLIED
    device.close()


def test_what_waits_keeps_its_lease(fleet: Fleet, book: Journal) -> None:
    with connected(fleet, book, "m1") as device:
        held = device.apply(device.plan(DESIRED), confirm_within=300)
        with pytest.raises(Busy, match="m1 is leased by"):
            book.lease(book.begin(), ["m1"])
        assert device.confirm(held).confirmed
        book.lease(book.begin(), ["m1"]).release()
