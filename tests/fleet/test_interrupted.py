"""A transaction that is interrupted, or meets an error of another kind: it never undoes what was decided."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fleets import DESIRED, Fleet, journal

from netres.errors import TransactionFailed
from netres.fleet import crew
from netres.fleet.journal import Journal
from netres.fleet.member import Member
from netres.fleet.recover import recover
from netres.fleet.transaction import Transaction
from netres.plan import ApplyResult

NAMES = ("lines1", "lines2", "m1", "m2")


@pytest.fixture
def fleet() -> Fleet:
    return Fleet(*NAMES)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Journal]:
    with journal(tmp_path) as opened:
        yield opened


def planned(fleet: Fleet, book: Journal, *names: str) -> Transaction:
    tx = Transaction(fleet.inventory, book, connect=fleet.connect)
    for name in names or NAMES:
        tx.plan(name, DESIRED)
    return tx


def has_it(fleet: Fleet) -> set[bool]:
    return {"guests" in native for native in fleet.native().values()}


class Once:
    """Raises in place of what a member does, once, for one device."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, verb: str, error: BaseException, name: str = "lines2") -> None:
        real = getattr(Member, verb)
        left = [error]

        def does(member: Member) -> object:
            if member.name == name and left:
                raise left.pop()
            return real(member)

        monkeypatch.setattr(Member, verb, does)


@pytest.mark.parametrize("hold", [True, False])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a bug")])
def test_what_was_decided_is_not_undone(
    fleet: Fleet, book: Journal, monkeypatch: pytest.MonkeyPatch, hold: bool, error: BaseException
) -> None:
    Once(monkeypatch, "confirm", error)

    def run() -> None:
        with planned(fleet, book) as tx:
            tx.apply(hold=hold)
            if hold:
                tx.confirm()
            assert tx.result is not None
            raise TransactionFailed(tx.result.error, tx.result)

    with pytest.raises((KeyboardInterrupt, TransactionFailed)):
        run()
    unfinished = [one.decision for one in book.unfinished()]
    assert unfinished == ([] if isinstance(error, KeyboardInterrupt) else ["confirm"])  # an interrupt waits for the end
    assert has_it(fleet) == {True}
    recover(fleet.inventory, book, connect=fleet.connect)
    assert has_it(fleet) == {True}
    assert [one.outcome for one in book.history()] == ["applied"]


def test_an_error_of_another_kind_does_not_keep_the_others_from_their_way_back(
    fleet: Fleet, book: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    Once(monkeypatch, "take_back", RuntimeError("a bug"))
    with pytest.raises(TransactionFailed, match="could not be taken back"), planned(fleet, book) as tx:
        tx.apply(hold=True)
    assert tx.result is not None
    assert tx.result.outcome == "unknown"
    assert "lines2: RuntimeError: a bug" in tx.result.error
    assert {name for name, native in fleet.native().items() if "guests" in native} == {"lines2"}
    recover(fleet.inventory, book, connect=fleet.connect)
    assert has_it(fleet) == {False}


def test_leaving_the_block_tells_where_not_all_could_be_taken_back(fleet: Fleet, book: Journal) -> None:
    def cut() -> None:
        with tx:
            assert tx.apply(hold=True).outcome == "waits"
            fleet.process.dead = True

    tx = planned(fleet, book)
    with pytest.raises(TransactionFailed, match="unknown") as told:
        cut()
    assert told.value.result is tx.result
    fleet.process.dead = False
    recover(fleet.inventory, book, connect=fleet.connect)
    assert has_it(fleet) == {False}


def test_what_was_not_begun_is_not_begun_after_an_interrupt(
    fleet: Fleet, book: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Devices that wait for their turn get none any more, and the one at work is waited for."""
    monkeypatch.setattr(crew, "AT_ONCE", 1)
    carry_out = Member.carry_out
    begun: list[str] = []

    def interrupted(member: Member) -> ApplyResult:
        begun.append(member.name)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        assert taken.wait(20)
        time.sleep(0.2)
        return carry_out(member)

    work = vars(crew)["_Work"]
    stop, taken = work.stop, threading.Event()

    def stopped(self: object) -> None:
        taken.set()
        stop(self)

    monkeypatch.setattr(work, "stop", stopped)
    monkeypatch.setattr(Member, "carry_out", interrupted)
    with planned(fleet, book) as tx, pytest.raises(KeyboardInterrupt):
        tx.apply()
    assert len(begun) == 1
    assert tx.result is not None
    assert tx.result.outcome == "undone"
    assert has_it(fleet) == {False}
    assert fleet.waiting() == []
    assert [one.outcome for one in book.history()] == ["undone"]
