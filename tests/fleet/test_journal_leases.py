"""One writer per device: across threads, across processes, past a death; and whoever lost a lease cannot step."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journal_worker import Worker
from journals import applied, parts, planned
from sqlalchemy import create_engine, update

from netres import errors
from netres.fleet.journal import Journal, Leases, Part
from netres.fleet.journal.place import Place
from netres.fleet.journal.schema import LEASE
from netres.operation import Note


def silenced(where: str | Path, *devices: str) -> None:
    """Have leases run out, as those do whose holder is not heard of any more."""
    engine = create_engine(Place.of(where).url)
    with engine.begin() as connection:
        connection.execute(update(LEASE).where(LEASE.c.device.in_(devices)).values(expires=1.0))
    engine.dispose()


def overtaken(journal: Journal, where: str, device: str) -> Leases:
    """The lease of a device that was somebody else's, who may renew it at any moment."""
    while True:
        silenced(where, device)
        try:
            return journal.lease(journal.begin(), [device])
        except errors.Busy:
            continue


def until(holds: Callable[[], bool]) -> None:
    """Wait for what other threads do."""
    last = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < last
        time.sleep(0.01)


def test_a_leased_device_is_refused_to_others_all_or_none_and_free_after_the_block(journal: Journal) -> None:
    one, other = journal.begin(), journal.begin()
    with journal.lease(one, ["b", "a", "a"]) as leases:
        assert (leases.fence("a"), leases.fence("b"), leases.lost) == (1, 1, frozenset())
        with pytest.raises(
            errors.Busy, match=rf"b is leased by anna@noc \(process .*transaction {one}, until "
        ) as busy:
            journal.lease(other, ["c", "b"])
        assert busy.value.retry_after
        assert 20 < busy.value.retry_after <= 30
        journal.lease(other, ["c"]).release()
        with pytest.raises(errors.UsageError, match="'z' is not leased here; leased are: a, b"):
            leases.fence("z")
    with pytest.raises(ZeroDivisionError), journal.lease(other, ["b"]):
        raise ZeroDivisionError
    with journal.lease(one, ["b"]) as leases:
        assert leases.fence("b") == 3


def test_what_has_ended_holds_no_device(journal: Journal) -> None:
    """A process may die between the two, or before it could say for which devices the leases were."""
    one, other = journal.begin(), journal.begin()
    leases = journal.lease(one, ["a", "b"])
    kept = journal.lease(other, ["c"])
    journal.end(one, "refused")
    assert journal.lease(other, ["a", "b"]).fence("a") == 2
    with pytest.raises(errors.Busy, match="c is leased"):
        journal.lease(journal.begin(), ["c"])
    leases.release()
    with pytest.raises(errors.Busy, match="a is leased"):
        journal.lease(journal.begin(), ["a"])
    kept.release()


def test_whoever_waits_gets_the_device_when_it_is_free(journal: Journal) -> None:
    leases = journal.lease(journal.begin(), ["a"])
    threading.Timer(0.1, leases.release).start()
    with journal.lease(journal.begin(), ["a"], wait=20) as mine:
        assert mine.fence("a") == 2


def test_many_threads_have_a_device_one_after_the_other(journal: Journal) -> None:
    inside: list[str] = []
    fences: list[int] = []

    def work() -> None:
        tx = journal.begin()
        with journal.lease(tx, ["a", "b"], wait=60) as leases:
            inside.append(tx)
            assert inside == [tx]
            fences.append(leases.fence("a"))
            inside.remove(tx)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fences == [1, 2, 3, 4, 5]


def test_a_lease_is_renewed_for_as_long_as_it_is_held(where: str) -> None:
    with Journal.open(where, lease=0.6) as journal, journal.lease(journal.begin(), ["a"]) as leases:
        (part,) = parts(journal, leases, "a")
        began = time.monotonic()
        until(lambda: time.monotonic() - began > 1.5)
        assert part.step("still ours") == 1
        assert not leases.lost
        with pytest.raises(errors.Busy):
            journal.lease(journal.begin(), ["a"])


def test_whoever_was_overtaken_can_neither_step_nor_write_what_came_of_it(journal: Journal, where: str) -> None:
    plan = planned("a")
    with journal.lease(journal.begin(), ["a", "b"]) as leases:
        part, other = journal.part(leases.tx, plan, leases), parts(journal, leases, "b")[0]
        part.note(Note("before", result=applied(plan)))
        silenced(where, "a")
        with pytest.raises(errors.LeaseLost, match=r"a: the lease of transaction .* ran out"):
            part.step("expired")
        taker = journal.lease(journal.begin(), ["a"])
        for write in (
            lambda: part.step("too late"),
            lambda: part.step("too late" * 1000),
            lambda: part.note(Note("before", result=applied(plan))),
            lambda: part.note(Note("after", result=applied(plan))),
            lambda: part.state("undone"),
        ):
            with pytest.raises(errors.LeaseLost, match=f"took the device over .transaction {taker.tx}"):
                write()
        assert other.step("not a") == 1
    assert [(one.state, one.steps) for one in journal.transaction(leases.tx).parts if one.device == "a"] == [
        ("sending", ())
    ]
    with pytest.raises(errors.Busy):
        journal.lease(journal.begin(), ["a"])  # the one that lost it has not released it
    taker.release()


def test_a_lost_lease_is_noticed_by_its_renewal(where: str) -> None:
    with Journal.open(where, lease=0.3) as journal, Journal.open(where) as other:
        leases = journal.lease(journal.begin(), ["a", "b"])
        taken = overtaken(other, where, "a")
        until(lambda: leases.lost == frozenset("a"))
        with pytest.raises(errors.LeaseLost, match="another writer has it"):
            leases.require("a")
        leases.require("b")
        leases.release()
        with pytest.raises(errors.LeaseLost, match="was released"):
            leases.require("b")
        taken.release()


def test_a_lease_that_cannot_be_renewed_is_lost_by_the_own_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal.open(tmp_path / "j.db", lease=0.2) as journal:
        failed = threading.Event()

        def renewed(self: Leases, connection: object) -> frozenset[str]:
            failed.set()
            raise errors.JournalFailed("the server is gone")

        monkeypatch.setattr(Leases, "_renewed", renewed)
        with journal.lease(journal.begin(), ["a"]) as leases:
            (part,) = parts(journal, leases, "a")
            until(lambda: bool(leases.lost))
            assert failed.is_set()
            with pytest.raises(errors.LeaseLost, match="ran out"):
                part.step("x")


def test_a_closed_journal_has_released_its_leases_and_refuses(where: str) -> None:
    journal = Journal.open(where)
    leases = journal.lease(journal.begin(), ["a"])
    (part,) = parts(journal, leases, "a")
    journal.close()
    with pytest.raises(errors.LeaseLost):
        part.step("x")
    with pytest.raises(errors.JournalFailed, match="was closed"):
        journal.begin()
    part.answer(1, "never raises")
    leases.release()
    with Journal.open(where) as again:
        again.lease(again.begin(), ["a"]).release()


def test_a_device_of_a_killed_process_is_free_at_once_and_its_transaction_abandoned(
    journal: Journal, where: str
) -> None:
    with Worker(where) as worker:
        assert worker.ask("lease", "a", "b") == "leased"
        assert worker.ask("step", "a") == "1"
        with pytest.raises(errors.Busy, match=f"process {worker.pid} on "):
            journal.lease(journal.begin(), ["a"])
        (found,) = [one for one in journal.unfinished() if one.parts]
        assert not found.abandoned
        worker.signal(signal.SIGKILL)
        with journal.lease(found.id, ["a"], wait=10) as leases:  # the time until the kernel has killed it
            assert leases.fence("a") == 2
    (found,) = [one for one in journal.unfinished() if one.parts]
    assert found.abandoned
    assert [step.answered for step in found.parts[0].steps] == [None]


def test_a_process_that_slept_past_its_lease_cannot_step(journal: Journal, where: str) -> None:
    with Worker(where, lease=0.5) as worker:
        assert worker.ask("lease", "a", "b") == "leased"
        assert worker.ask("step", "a") == "1"
        worker.signal(signal.SIGSTOP)
        with journal.lease(journal.begin(), ["a"], wait=20):
            worker.signal(signal.SIGCONT)
            assert worker.ask("step", "a").startswith("LeaseLost: a: ")
        assert worker.ask("step", "a").startswith("LeaseLost: a: ")
        until(lambda: worker.ask("step", "b").isdecimal())  # nobody took that: it is renewed


def test_processes_have_the_same_devices_one_after_the_other(where: str, tmp_path: Path) -> None:
    Journal.open(where).close()
    with Worker(where) as one, Worker(where) as other:
        for worker in (one, other):
            worker.say("race", tmp_path, 10, "a", "b", "c")
        assert (one.hear(), other.hear()) == ("raced", "raced")
    for name in "abc":
        assert Path(tmp_path, f"{name}.fences").read_text().split() == [str(fence) for fence in range(1, 21)]


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["lease", "release", "silence", "step"]),
        st.integers(0, 2),
        st.sets(st.sampled_from("abc"), min_size=1),
    ),
    max_size=15,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_whatever_happens_a_device_has_one_writer(deeds: list[tuple[str, int, set[str]]], tmp_path: Path) -> None:
    with Journal.open(tmp_path / "j.db", lease=1000) as journal:
        held: list[list[Leases]] = [[], [], []]
        writers: dict[str, Part] = {}
        written: list[Part] = []
        for deed, actor, devices in deeds:
            if deed == "lease":
                try:
                    leases = journal.lease(journal.begin(), devices)
                except errors.Busy:
                    continue
                assert not devices & {name for name, part in writers.items() if stepped(part)}
                held[actor].append(leases)
                made = parts(journal, leases, *sorted(devices))
                written += made
                writers |= {part.device: part for part in made}
            elif deed == "release" and held[actor]:
                held[actor].pop().release()
            elif deed == "silence":
                silenced(tmp_path / "j.db", *devices)
            for part in written:
                assert not stepped(part) or writers[part.device] is part
        # what is still held is released with the journal


def stepped(part: Part) -> bool:
    try:
        return part.step("x") > 0
    except errors.LeaseLost:
        return False
