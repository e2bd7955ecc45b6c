"""One device's verbs, each a transaction of its own in the journal."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from netres.errors import JournalFailed, UsageError
from netres.fleet.journal import Journal, Leases, Part, TxOutcome
from netres.fleet.journal.part import state_of
from netres.fleet.journal.records import Decision, Verb
from netres.operation import Note
from netres.plan import ApplyResult, Outcome

_OUTCOMES: Final[dict[Outcome, TxOutcome]] = {
    Outcome.APPLIED: "applied",
    Outcome.PENDING: "applied",
    Outcome.NOT_APPLIED: "undone",
    Outcome.DIFFERS: "differs",
}


class Recorder:
    """The `netres.ledger.Ledger` of a device that is changed by itself.

    The lease is held, and the transaction open, from the beginning of a verb to its end; of a change that waits for its
    confirmation, until that is there, or the change is taken back. What ends `unknown` stays open, for `recover`.
    """

    def __init__(self, journal: Journal, device: str, *, wait: float = 0.0) -> None:
        """For a device; ``wait``: seconds for which it waits while another writer has it."""
        self._journal = journal
        self._device = device
        self._wait = wait
        self._tx = ""
        self._leases: Leases | None = None
        self._part: Part | None = None
        self._resumed = False
        self._ended = False
        """Whether the transaction that was resumed had ended: what came of it stays as it is written down."""
        self._waits = False
        self._taken_up: Decision | None = None
        """What had been decided of what was resumed and not held here: where nothing comes of it, that is so again."""

    def note(self, note: Note) -> str:
        """See `netres.ledger.Ledger.note`."""
        match note.about:
            case "begin":
                self._begin(note)
            case "before" if self._resumed:
                pass  # how the device was is known from when it was changed
            case "after" if note.result:
                self._after(note.verb, note.result)
            case "left":
                self._journal.decide(self._tx, "leave")
                self.close()
            case "abandoned":
                self.close()
            case "failed":
                self._refused(note.error)
            case _:
                self._open.note(note)
        return self._tx

    def steps(self, operations: Sequence[str]) -> Sequence[int]:
        """See `netres.ledger.Ledger.steps`."""
        return self._open.steps(operations)

    def require(self) -> None:
        """See `netres.ledger.Ledger.require`."""
        self._open.require()

    def answer(self, step: int, answer: str, error: str = "", seconds: float = 0.0) -> None:
        """See `netres.ledger.Ledger.answer`."""
        if step and self._part:
            self._part.answer(step, answer, error, seconds)

    def close(self) -> None:
        """See `netres.ledger.Ledger.close`."""
        self._part, self._waits = None, False
        if self._leases:
            self._leases.release()

    @property
    def _open(self) -> Part:
        if self._part is None:
            raise UsageError(f"{self._device}: nothing was begun in the journal")
        return self._part

    def _begin(self, note: Note) -> None:
        waits = note.result is not None and note.result.confirmed is False and note.result.transaction != ""
        self._resumed = note.result is not None and waits and self._resume(note.result.transaction, note.verb)
        if self._resumed:
            if not self._ended:
                self._decide(note.verb)
            return
        meant = note.plan or note.result
        if meant is None:
            raise UsageError(f"{self._device}: there is nothing to begin")
        if not self._waits:
            self.close()  # a verb that was interrupted may have left its lease
        terms = note.terms
        why, ticket, within = (terms.why, terms.ticket, terms.confirm_within) if terms else ("", "", None)
        verb: Verb = "rollback" if note.verb == "rollback" else "apply"
        self._leases, self._part = self._journal.single(
            meant, verb=verb, why=why, ticket=ticket, confirm_within=within, wait=self._wait
        )
        self._tx = self._part.tx

    def _decide(self, verb: str) -> None:
        if verb == "confirm":
            self._journal.decide(self._tx, "confirm")
            return
        with suppress(JournalFailed):  # what was not decided is undone
            self._journal.decide(self._tx, "undo")

    def _wait_on(self, decision: Decision) -> None:
        """What was resumed still waits, as before: what was not held here is let go again."""
        try:
            if not self._ended:
                self._journal.decide(self._tx, decision)
        finally:
            if self._taken_up:
                self.close()

    def _resume(self, transaction: str, verb: str) -> bool:
        """Go on with a transaction; false: it has ended, and a way back from what came of it is another one."""
        self._ended = False
        if self._part is not None and self._tx == transaction:
            self._taken_up = None
            return True
        record = self._journal.transaction(transaction)
        found = [part for part in record.parts if part.device == self._device]
        if not found:
            raise UsageError(f"transaction {transaction} did not come to {self._device!r}; give the result of another")
        self._ended = record.ended is not None
        if self._ended and verb == "rollback":
            return False
        self._tx, self._taken_up = record.id, record.decision or "undo"
        self._leases = self._journal.lease(record.id, [self._device], wait=self._wait)
        self._part = self._journal.resume(found[0], self._leases)
        return True

    def _after(self, verb: str, result: ApplyResult) -> None:
        if self._resumed and self._ended:
            self.close()
            return
        undone = self._resumed and verb == "rollback" and result.outcome.holds
        state = "undone" if undone else state_of(result)
        waits = result.outcome.holds or result.outcome is Outcome.DIFFERS
        if result.confirmed is False and verb != "rollback" and waits:
            self._open.state(state, result)
            self._waits = True
            if self._resumed:
                self._wait_on("leave" if self._taken_up == "leave" else "undo")
            return
        outcome = "undone" if undone else _OUTCOMES.get(result.outcome)
        if outcome:
            self._open.end(state, result, outcome, result.error)
        else:
            self._open.state(state, result)
        self.close()

    def _refused(self, error: str) -> None:
        if self._resumed:
            with suppress(JournalFailed):  # whoever is told of this error is to hear of the device's
                self._wait_on(self._taken_up or "undo")
            return
        try:
            self._open.end("refused", None, "refused", error)
        except JournalFailed:
            pass  # nothing was sent: there is nothing to recover
        finally:
            self.close()
