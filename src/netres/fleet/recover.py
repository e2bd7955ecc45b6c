"""After a crash: what was begun and not finished is finished, or undone, by asking the devices what is true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from netres import engine, settle, undo
from netres.confirming import Trial
from netres.device import Device
from netres.driver import Driver
from netres.errors import Busy, NetresError
from netres.fleet.journal import Journal, Leases, PartRecord, PartState, TransactionRecord, TxOutcome
from netres.fleet.journal.part import state_of
from netres.fleet.member import Share
from netres.fleet.transaction import Connect
from netres.flow import Flow, Pause
from netres.inventory.entry import Entry
from netres.observation import observe
from netres.plan import ApplyResult, Outcome
from netres.terms import AT_ONCE, Terms
from netres.trial import confirmed, waiting

Did: TypeAlias = Literal["nothing", "confirmed", "applied again", "taken back", "left alone", "failed"]
_GRACE: Final = timedelta(seconds=30)
_LOOKS: Final = 30
_LONG: Final = timedelta(minutes=2)
"""After that no device still works on what a process sent that is dead."""


class Recovered(BaseModel):
    """What was done about one device's share of a transaction, and how the device is now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    transaction: str
    device: str
    did: Did
    state: PartState
    """How the share stands now."""
    why: str = ""


def recover(
    inventory: Mapping[str, Entry], journal: Journal, *, wait: float = 0.0, connect: Connect = Entry.connect_with
) -> list[Recovered]:
    """Finish, or undo, every transaction that a process began and did not end. Doing it twice changes nothing.

    A transaction whose confirmation was decided is confirmed, on all its devices; one that has taken it back by itself
    meanwhile is changed again. Every other one is taken back, on all its devices. What is still at work, or was left to
    wait for its confirmation, is left alone. What cannot be reached stays unfinished, for the next time.

    Args:
        inventory: the devices.
        journal: where the transactions are written down.
        wait: seconds to wait for devices that another writer has.
        connect: what opens a session; default: as `Entry.connect`.

    Raises:
        JournalFailed: the journal cannot be read or written.
    """
    return [told for one in journal.unfinished() for told in _Recovery(inventory, journal, wait, connect).run(one)]


class _Recovery:
    def __init__(self, inventory: Mapping[str, Entry], journal: Journal, wait: float, connect: Connect) -> None:
        self.inventory = inventory
        self.journal = journal
        self.wait = wait
        self.connect = connect

    def run(self, record: TransactionRecord) -> Iterator[Recovered]:
        if not record.abandoned:
            return
        names = {part.device for part in record.parts}
        try:
            leases = self.journal.lease(record.id, names, wait=self.wait)
        except Busy as error:
            yield from (_told(part, "left alone", part.state, str(error)) for part in record.parts)
            return
        with leases:
            now = self.journal.transaction(record.id)  # whoever had it may have ended it meanwhile
            if now.ended:
                return
            if now.decision == "leave" and (until := _deadline(now)) and datetime.now(UTC) < until + _GRACE:
                yield from (_told(part, "left alone", part.state, f"it waits until {until}") for part in now.parts)
                return
            done = [self._part(now, part, leases) for part in _ordered(now)]
            yield from done
            if outcome := _outcome(now, done):
                self.journal.end(now.id, outcome, "; ".join(one.why for one in done if one.why))

    def _part(self, tx: TransactionRecord, part: PartRecord, leases: Leases) -> Recovered:
        share = Share()
        share.part = self.journal.resume(part, leases)
        forward = tx.decision == "confirm"
        final: PartState = "applied" if forward else "undone"
        if part.noted is None or part.state in {final, "applied", "refused"}:
            state: PartState = "refused" if part.noted is None and part.state == "planned" else part.state
            share.part.state(state, part.result)
            return _told(part, "nothing", state)
        try:
            device = self.connect(self.inventory[part.device], share)
        except NetresError as error:
            return _told(part, "failed", part.state, str(error))
        with device:
            try:
                device.drive(lambda driver: _quiet(driver, part))
                did, result = self._forward(device, part) if forward else self._back(device, tx, part)
            except NetresError as error:
                return _told(part, "failed", part.state, str(error))
        state = "undone" if did == "taken back" and result.outcome.holds else state_of(result)
        share.part.state(state, result)
        return _told(part, did, state, result.error)

    def _back(self, device: Device, tx: TransactionRecord, part: PartRecord) -> tuple[Did, ApplyResult]:
        lost = _lost(part).recalled()
        save = lost.saves and tx.confirm_within is None  # what waits for its confirmation was never stored
        storing = {str(operation) for operation in device.driver.save}
        if not lost.token and storing & {step.operation for step in part.steps}:
            lost = lost.model_copy(update={"confirmed": None})  # it waited for nothing, and may stand after a start
        return "taken back", device.drive(lambda driver: undo.rollback(driver, lost, save=save, force=True))

    def _forward(self, device: Device, part: PartRecord) -> tuple[Did, ApplyResult]:
        told = _lost(part).model_copy(update={"outcome": Outcome.APPLIED}).resolved()
        seen = device.drive(lambda driver: settle.verify(driver, told))
        now = device.drive(lambda driver: settle.still_waiting(driver, seen))
        if settle.stands(told, now):
            return "confirmed", device.drive(lambda driver: settle.confirm(driver, told, checked=True))
        if now.outcome is Outcome.NOT_APPLIED and part.plan is not None:
            plan = part.plan.resolved()
            terms = replace(Terms(save=told.saves), over_management=True)
            return "applied again", device.drive(lambda driver: engine.apply(driver, plan, terms))
        # It was decided, and somebody changed it since: both stand, and it is told.
        device.drive(lambda driver: _let_stand(driver, told))
        why = "; ".join(map(str, now.differences))
        return "confirmed", now.model_copy(update={"confirmed": True, "error": f"changed since: {why}"})


def _lost(part: PartRecord) -> ApplyResult:
    """The result of a change of which nobody knows what came of it; the one that is stored may be a way back's."""
    assert part.noted is not None
    return part.noted.model_copy(update={"outcome": Outcome.UNKNOWN, "confirmed": False})


def _let_stand(driver: Driver, told: ApplyResult) -> Flow[None]:
    """Confirm what waits, whatever it is by now."""
    trial = Trial(AT_ONCE, told.token) if told.token else None
    if trial and driver.confirming and (yield from waiting(driver.confirming, trial)):
        yield from confirmed(driver, trial, [])


def _quiet(driver: Driver, part: PartRecord) -> Flow[None]:
    """Wait until a device is done with what it was sent: where nothing came back it may still be at work on it."""
    heard = max((step.answered or step.sent for step in part.steps), default=None)
    silent = any(step.answered is None for step in part.steps)
    if heard is None or not silent or datetime.now(UTC) - heard > _LONG:
        return
    before = (yield from observe(driver)).native.text
    for _ in range(_LOOKS):
        yield Pause(1.0)
        now = (yield from observe(driver)).native.text
        if now == before:
            return
        before = now


def _ordered(tx: TransactionRecord) -> list[PartRecord]:
    """Forward in the order in which devices are changed, back the other way round."""
    parts = sorted(tx.parts, key=lambda part: _depth(part, {one.device: one for one in tx.parts}))
    return parts if tx.decision == "confirm" else parts[::-1]


def _depth(part: PartRecord, parts: Mapping[str, PartRecord]) -> int:
    return 1 + max((_depth(parts[name], parts) for name in part.after if name in parts), default=0)


def _deadline(tx: TransactionRecord) -> datetime | None:
    return max((part.result.confirm_by for part in tx.parts if part.result and part.result.confirm_by), default=None)


def _outcome(tx: TransactionRecord, done: list[Recovered]) -> TxOutcome | None:
    """How a transaction ends; ``None``: it does not, yet."""
    states = {one.state for one in done}
    if any(one.did == "failed" and one.state != "differs" for one in done) or states & {"unknown", "sending"}:
        return None
    if "differs" in states:
        return "differs"
    if not states - {"refused", "planned"}:
        return "refused"
    return "applied" if not states - {"applied"} else "undone"


def _told(part: PartRecord, did: Did, state: PartState, why: str = "") -> Recovered:
    return Recovered(transaction=part.tx, device=part.device, did=did, state=state, why=why)
