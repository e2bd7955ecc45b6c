"""What is written into a journal can be read, on both kinds of database, by whoever opens it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from journals import applied, parts, planned, store

from netres import errors
from netres.fleet.journal import Journal, PartState, TransactionRecord
from netres.fleet.journal.ids import new_id
from netres.operation import Note
from netres.plan import Outcome


def test_a_transaction_tells_everything_that_was_written(journal: Journal) -> None:
    plan = planned()
    result = applied(plan)
    tx = store(journal, result, plan, "vlan 20", "x" * 9000)
    found = journal.transaction(tx)
    assert (found.who, found.why, found.ticket, found.outcome) == ("anna@noc", "upgrade", "CHG-7", "applied")
    assert found.ended
    assert found.began <= found.ended
    assert abs(found.began - datetime.now(UTC)) < timedelta(minutes=1)
    (part,) = found.parts
    assert (part.device, part.platform, part.verb, part.state) == ("m1", "memory", "apply", "applied")
    assert part.plan == plan
    assert part.result == result
    assert [(step.number, step.operation, step.answer) for step in part.steps] == [
        (1, "vlan 20", "ok"),
        (2, "x" * 9000, "ok"),
    ]


def test_a_step_is_seen_by_others_before_it_is_sent(journal: Journal, where: str) -> None:
    tx = journal.begin()
    with Journal.open(where) as other, journal.lease(tx, ["m1"]) as leases:
        (part,) = parts(journal, leases, "m1")
        assert other.transaction(tx).parts[0].after == ("before",)
        for number in (1, 2, 3):
            assert part.step(f"vlan {number}") == number
            (seen,) = other.transaction(tx).parts
            assert [step.operation for step in seen.steps] == [f"vlan {one}" for one in range(1, number + 1)]
            assert seen.steps[-1].answered is None


@pytest.mark.parametrize(
    ("outcome", "confirmed", "state"),
    [
        (Outcome.APPLIED, None, "applied"),
        (Outcome.PENDING, True, "applied"),
        (Outcome.APPLIED, False, "unconfirmed"),
        (Outcome.NOT_APPLIED, None, "undone"),
        (Outcome.DIFFERS, None, "differs"),
        (Outcome.UNKNOWN, False, "unknown"),
    ],
)
def test_how_a_part_stands_follows_from_its_result(
    tmp_path: Path, outcome: Outcome, confirmed: bool | None, state: PartState
) -> None:
    plan = planned()
    result = applied(plan).model_copy(update={"outcome": outcome, "confirmed": confirmed})
    with Journal.open(tmp_path / "j.db") as journal:
        tx = journal.begin()
        with journal.lease(tx, ["m1"]) as leases:
            part = journal.part(tx, plan, leases)
            assert journal.transaction(tx).parts[0].state == "planned"
            part.note(Note("before", result=result))
            assert journal.transaction(tx).parts[0].state == "sending"
            part.note(Note("after", result=result))
        assert journal.transaction(tx).parts[0].state == state
        assert (journal.last_applied("m1") is not None) == (state == "applied")


def test_history_is_newest_first_and_finds_a_device(journal: Journal) -> None:
    made = [store(journal, applied(plan), plan, "x") for plan in (planned("a"), planned("b"), planned("a", 30))]
    assert made == sorted(made)
    assert [one.id for one in journal.history()] == made[::-1]
    assert [one.id for one in journal.history(limit=1)] == made[2:]
    assert [one.id for one in journal.history(device="a")] == [made[2], made[0]]
    assert not any(part.steps for one in journal.history() for part in one.parts)
    newest = journal.last_applied("a")
    assert newest
    assert newest.tx == made[2]
    assert journal.last_applied("c") is None


def test_a_transaction_is_found_by_its_beginning_and_else_the_nearest_is_named(journal: Journal) -> None:
    one, other = journal.begin(), journal.begin()
    assert journal.transaction(one.upper()[:-3]).id == one
    with pytest.raises(errors.UsageError, match="not the only one"):
        journal.transaction(one[:4])
    with pytest.raises(errors.UsageError, match=other):
        journal.transaction(other[:-1] + ("0" if other[-1] != "0" else "1"))
    for wrong in ("", "%", "_" * 36):
        with pytest.raises(errors.UsageError, match="has no transaction"):
            journal.transaction(wrong)
    with pytest.raises(errors.UsageError, match="has no transaction"):
        journal.end("0", "applied")


def test_what_has_not_ended_is_told_with_what_a_way_back_needs(journal: Journal) -> None:
    plan = planned()
    result = applied(plan)
    tx, done = journal.begin(confirm_within=60.0), store(journal, result, plan)
    with journal.lease(tx, ["m1"]) as leases:
        part = journal.part(tx, plan, leases)
        part.note(Note("before", result=result))
        part.step("vlan 20")
        journal.decide(tx, "undo", "m2: refused")
        (found,) = journal.unfinished()
        assert (found.id, found.decision, found.error, found.confirm_within) == (tx, "undo", "m2: refused", 60.0)
        assert not found.abandoned
        assert found.parts[0].noted == result
    (found,) = journal.unfinished()
    assert found.abandoned
    with journal.lease(tx, ["m1"]) as leases:  # as recover() does
        (found,) = journal.unfinished()
        assert not found.abandoned
        again = journal.resume(found.parts[0], leases)
        assert again.step("undo vlan 20") == 2
        again.state("undone")
    journal.end(tx, "undone")
    assert journal.unfinished() == []
    assert {one.id: one.outcome for one in journal.history()} == {tx: "undone", done: "applied"}


def test_nothing_that_only_began_is_abandoned(journal: Journal) -> None:
    journal.begin()
    (found,) = journal.unfinished()
    assert not found.abandoned


def test_the_export_is_json_lines_of_all_transactions_with_their_steps(journal: Journal) -> None:
    plan = planned()
    made = [store(journal, applied(plan), plan, "vlan 20", "name\nvoice") for _ in range(3)]
    made += [journal.begin() for _ in range(60)]
    lines = list(journal.export())
    assert [json.loads(line)["id"] for line in lines] == made
    assert not any("\n" in line for line in lines)
    first = TransactionRecord.model_validate_json(lines[0])
    assert [step.operation for step in first.parts[0].steps] == ["vlan 20", "name\nvoice"]
    assert [json.loads(line)["id"] for line in journal.export(device="m1")] == made[:3]


def test_odd_characters_are_stored_and_a_long_answer_is_cut(journal: Journal) -> None:
    plan = planned()
    tx = journal.begin(why="\0\udcff", ticket="\N{SNOWMAN}")
    with journal.lease(tx, ["m1"]) as leases:
        part = journal.part(tx, plan, leases)
        part.answer(part.step("banner \0\udcff"), "\0" * 5000, "\udcff" * 5000)
        part.answer(99, "of no step")
    found = journal.transaction(tx)
    (step,) = found.parts[0].steps
    assert found.ticket == "\N{SNOWMAN}"
    assert step.operation.startswith("banner ")
    assert (len(step.answer), len(step.error)) == (4000, 4000)


def several() -> list[str]:
    return [new_id() for _ in range(500)]


def test_ids_are_in_the_order_of_time_and_never_twice() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = [one.result() for one in [threads.submit(several) for _ in range(8)]]
    for some in made:
        assert some == sorted(some)
    assert len({one for some in made for one in some}) == 4000
    assert {(one[14], one[19] in "89ab", len(one)) for some in made for one in some} == {("7", True, 36)}
