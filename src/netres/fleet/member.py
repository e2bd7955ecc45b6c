"""One device of a transaction: its session, its plan, and how far it has come."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from netres import engine, settle, undo
from netres.device import Device
from netres.driver import Driver
from netres.errors import NetresError, UsageError
from netres.fleet.journal import Journal, Leases, Part
from netres.fleet.journal.part import state_of
from netres.flow import Flow
from netres.operation import Note
from netres.plan import ApplyResult, Outcome, Plan
from netres.terms import Terms
from netres.verbs import Verb


class Share:
    """The `netres.ledger.Ledger` of one device in a transaction of several: the transaction begins and ends it."""

    def __init__(self) -> None:
        self.part: Part | None = None

    def note(self, note: Note) -> str:
        """See `netres.ledger.Ledger.note`.

        Of a way back it is not stored how the device was before it: who takes over is to know how it was before the
        change.
        """
        if note.about == "before" and note.verb != "rollback":
            self.open.note(note)
        return self.open.tx

    def steps(self, operations: Sequence[str]) -> Sequence[int]:
        """See `netres.ledger.Ledger.steps`."""
        return self.open.steps(operations)

    def require(self) -> None:
        """See `netres.ledger.Ledger.require`."""
        self.open.require()

    def answer(self, step: int, answer: str, error: str = "", seconds: float = 0.0) -> None:
        """See `netres.ledger.Ledger.answer`."""
        if step:
            self.open.answer(step, answer, error, seconds)

    def close(self) -> None:
        """See `netres.ledger.Ledger.close`."""

    @property
    def open(self) -> Part:
        """The part in the journal."""
        if self.part is None:
            raise UsageError("nothing is sent to a device of a transaction before the transaction is applied")
        return self.part


class Member:
    """One device of a transaction. Every method may raise what reaching a device raises."""

    def __init__(self, device: Device, share: Share, plan: Plan, after: tuple[str, ...]) -> None:
        self.device = device
        self.plan = plan
        self.after = after
        self.result: ApplyResult | None = None
        """What came of the change."""
        self.back: ApplyResult | None = None
        """What came of the way back."""
        self._share = share
        self._ready: engine.Prepared | None = None

    @property
    def name(self) -> str:
        """The device's."""
        return self.device.name

    def join(self, journal: Journal, tx: str, leases: Leases) -> None:
        """Write down what is meant."""
        self._share.part = journal.part(tx, self.plan, leases, after=self.after)

    @property
    def joined(self) -> bool:
        """Whether it is written down what is meant."""
        return self._share.part is not None

    def prepare(self, terms: Terms) -> None:
        """Read the device, and check that the plan fits."""
        known, own = self.plan.resolved(), replace(terms, token=Terms().token)
        self._ready = self.device.drive(lambda driver: engine.prepare(driver, known, own))

    def note(self) -> None:
        """Write down how the device is."""
        if self._ready and self._ready.operations:
            self._share.note(Note("before", result=self._ready.blank))

    def carry_out(self) -> ApplyResult:
        """Send the change, and read it back; what fails is undone."""
        ready = self._ready
        if ready is None:
            raise UsageError(f"{self.name}: was not prepared")
        self.result = ready.blank.model_copy(update={"outcome": Outcome.UNKNOWN, "confirmed": False})
        self.result = self._timed(lambda driver: engine.carry_out(driver, ready, noted=True))
        self._share.open.state(state_of(self.result), self.result)
        return self.result

    @property
    def waits(self) -> bool:
        """Whether the change waits for its confirmation, or for the way back."""
        return self.result is not None and self.result.confirmed is False and self.back is None

    @property
    def astray(self) -> ApplyResult | None:
        """What tells of a device that it is not as before: it was not led back, or could not go back by itself."""
        if self.back:
            return None if self.back.outcome.holds else self.back
        return self.result if self.result and self.result.outcome is Outcome.DIFFERS else None

    def verify(self) -> ApplyResult:
        """What is true now, over a new session."""
        told = self._told()
        now = self.device.drive(lambda driver: settle.verify(driver, told))
        return told if settle.stands(told, now) else now

    def confirm(self) -> ApplyResult:
        """Have the change stand for good."""
        told = self._told()
        self.result = self._timed(lambda driver: settle.confirm(driver, told, checked=True))
        self._share.open.state(state_of(self.result), self.result)
        return self.result

    def take_back(self) -> ApplyResult:
        """Lead the device back; whatever goes wrong is told by the result."""
        told = self._told()

        def way_back(driver: Driver) -> Flow[ApplyResult]:
            return undo.rollback(driver, told, save=False, force=False)

        try:
            back = self.device.drive(way_back)
        except NetresError as error:
            lost = {"outcome": Outcome.UNKNOWN, "error": str(error), "error_type": type(error).__name__}
            back = told.model_copy(update=lost)
        self.back = back
        state = "undone" if back.outcome.holds else state_of(back)
        self._share.open.state("unknown" if state == "unconfirmed" else state, back)
        return back

    def refuse(self) -> None:
        """Write down that nothing was sent."""
        self._share.open.state("refused")

    def _timed(self, verb: Verb) -> ApplyResult:
        before, began = self.result.seconds if self.result else 0.0, time.monotonic()
        done = self.device.drive(verb)
        return done.model_copy(update={"seconds": round(before + time.monotonic() - began, 3)})

    def _told(self) -> ApplyResult:
        if self.result is None:
            raise UsageError(f"{self.name}: nothing was sent")
        return self.result


def not_back(last: ApplyResult) -> str:
    """Why a device was not led back."""
    return f"not led back: {last.error or '; '.join(map(str, last.differences[:3])) or last.outcome}"
