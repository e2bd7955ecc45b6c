"""Transactions with a mistake each: law 10 over many devices finds it."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final, TypeAlias, cast

import pytest
from convoys import convoy

from netres.fleet import recover
from netres.fleet.journal import Journal, Leases, PartRecord, TransactionRecord, TxOutcome
from netres.fleet.journal.records import Decision
from netres.fleet.member import Member
from netres.fleet.recover import Recovered
from netres.fleet.result import TransactionResult
from netres.fleet.transaction import Transaction
from netres.plan import ApplyResult, Outcome
from netres.testing.conformance.breaking import Untrue
from netres.testing.conformance.transacting import Transacting
from netres.testing.conformance.transactions import diagonal

Mistake: TypeAlias = Callable[[pytest.MonkeyPatch], None]


def confirms_before_all_were_verified(patch: pytest.MonkeyPatch) -> None:
    carry_out = Member.carry_out

    def mutant(self: Member) -> ApplyResult:
        result = carry_out(self)
        return self.confirm() if self.waits and result.outcome.holds else result

    patch.setattr(Member, "carry_out", mutant)


def forgets_to_undo_the_first(patch: pytest.MonkeyPatch) -> None:
    take_back = Member.take_back

    def mutant(self: Member) -> ApplyResult:
        if self.name != "d01" or self.result is None:
            return take_back(self)
        self.back = self.result.model_copy(update={"outcome": Outcome.APPLIED})
        return self.back

    patch.setattr(Member, "take_back", mutant)


def takes_for_undone_what_was_not_reached(patch: pytest.MonkeyPatch) -> None:
    take_back = Member.take_back

    def mutant(self: Member) -> ApplyResult:
        self.back = take_back(self).model_copy(update={"outcome": Outcome.APPLIED})
        return self.back

    patch.setattr(Member, "take_back", mutant)


def ends_in_the_journal_what_is_unknown(patch: pytest.MonkeyPatch) -> None:
    end = cast("Callable[[Transaction, TxOutcome, str], TransactionResult]", vars(Transaction)["_end"])

    def mutant(self: Transaction, outcome: TxOutcome, error: str) -> TransactionResult:
        told = end(self, outcome, error)
        if outcome == "unknown":
            cast("Journal", vars(self)["_journal"]).end(self.id, "undone")
        return told

    patch.setattr(Transaction, "_end", mutant)


def keeps_the_leases(patch: pytest.MonkeyPatch) -> None:
    def mutant(self: Transaction) -> None:
        """Nothing."""

    patch.setattr(Transaction, "_release", mutant)


def confirms_without_writing_it_down_first(patch: pytest.MonkeyPatch) -> None:
    decide = Journal.decide

    def mutant(self: Journal, tx: str, decision: Decision, error: str = "") -> None:
        if decision != "confirm":
            decide(self, tx, decision, error)

    patch.setattr(Journal, "decide", mutant)


def stops_halfway_when_it_is_interrupted(patch: pytest.MonkeyPatch) -> None:
    def mutant(self: Transaction, act: Callable[[], TransactionResult]) -> TransactionResult:
        return act()

    patch.setattr(Transaction, "_surely", mutant)


def confirms_only_the_first(patch: pytest.MonkeyPatch) -> None:
    confirm = Member.confirm

    def mutant(self: Member) -> ApplyResult:
        if self.name == "d01" or self.result is None:
            return confirm(self)
        self.result = self.result.model_copy(update={"confirmed": True})
        return self.result

    patch.setattr(Member, "confirm", mutant)


def recovers_without_asking_what_was_decided(patch: pytest.MonkeyPatch) -> None:
    transaction = Journal.transaction

    def mutant(self: Journal, tx: str) -> TransactionRecord:
        return transaction(self, tx).model_copy(update={"decision": None})

    patch.setattr(Journal, "transaction", mutant)


def recovers_only_the_first(patch: pytest.MonkeyPatch) -> None:
    kind = cast("type[object]", vars(recover)["_Recovery"])
    recovered = cast("Callable[..., Recovered]", vars(kind)["_part"])

    def mutant(self: object, tx: TransactionRecord, part: PartRecord, leases: Leases) -> Recovered:
        if part.device == "d01":
            return recovered(self, tx, part, leases)
        return Recovered(transaction=tx.id, device=part.device, did="nothing", state="undone")

    patch.setattr(kind, "_part", mutant)


def recovers_again_and_again(patch: pytest.MonkeyPatch) -> None:
    def mutant(tx: TransactionRecord, done: list[Recovered]) -> None:
        """It never ends."""

    patch.setattr(recover, "_outcome", mutant)


MISTAKES: Final[Mapping[Mistake, str]] = {
    confirms_before_all_were_verified: "told undone .*the devices are",
    forgets_to_undo_the_first: "told undone .*the devices are {'d01': 'after'",
    takes_for_undone_what_was_not_reached: "told undone .*the devices are .*'after'",
    ends_in_the_journal_what_is_unknown: r"told unknown .*recovered: \[\], the devices are",
    keeps_the_leases: "told unknown .*is leased by",
    confirms_without_writing_it_down_first: "recovered: .*'taken back'.*the devices are",
    stops_halfway_when_it_is_interrupted: "interrupt on d01 .*KeyboardInterrupt: : the devices are",
    confirms_only_the_first: "the journal says {'d02': 'unconfirmed'}",
    recovers_without_asking_what_was_decided: "recovered: .*'taken back'.*the devices are",
    recovers_only_the_first: r"told unknown .*recovered: .*the devices are",
    recovers_again_and_again: "the journal has no end of it",
}


def found(book: Journal, mistake: Mistake) -> Generator[str]:
    fleet = Transacting(convoy("memory", "memory without candidate"), book)
    try:
        with pytest.MonkeyPatch.context() as patch:
            mistake(patch)
            for case in diagonal(fleet):
                try:
                    fleet.trial(case)
                except Untrue as error:
                    yield str(error)
    finally:
        fleet.close()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_the_law_finds_it(mistake: Mistake, tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.db", who="tests") as book, closing(found(book, mistake)) as wrong:
        assert any(re.search(MISTAKES[mistake], one) for one in wrong)
