"""Many resources changed as one: all of them, or none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self, TypeAlias, Unpack

from netres import engine
from netres.device import Device
from netres.errors import JournalFailed, NetresError, Timeout, TransactionFailed, UsageError
from netres.fleet.crew import Crew, warnings
from netres.fleet.journal import Journal, Leases, TxOutcome
from netres.fleet.member import Member, Share, not_back
from netres.fleet.result import TransactionOutcome, TransactionResult
from netres.inventory.entry import Entry
from netres.ledger import Ledger
from netres.model.base import Key
from netres.model.config import Config
from netres.plan import Outcome, Plan
from netres.terms import ApplyTerms, Terms

Connect: TypeAlias = Callable[[Entry, Ledger], Device]
"""What opens a session with a device, whose deeds are written down in the ledger."""
_WITHIN = 600.0
"""Seconds, where nobody says otherwise."""


class Transaction:
    """Many resources changed as one. A context manager: what was not confirmed when it is left is taken back.

    ``plan`` what each device shall have, then ``apply``: all plans are checked, all devices are locked (a lease in the
    journal), all are read, and only then is the first one changed, in the order of their dependencies. What was sent is
    read back from all of them over new sessions, and then all are confirmed. Whatever fails before that takes every
    device back. Not for several threads at once.

    Args:
        inventory: the devices by name.
        journal: where everything is written down first.
        wait: seconds to wait for devices that another writer has.
        connect: what opens a session; default: as `Entry.connect`.
    """

    def __init__(
        self,
        inventory: Mapping[str, Entry],
        journal: Journal | None = None,
        *,
        wait: float = 10.0,
        connect: Connect = Entry.connect_with,
    ) -> None:
        self.id = ""
        """In the journal, once it is applied."""
        self.result: TransactionResult | None = None
        self._inventory = inventory
        self._own_journal = journal is None
        self._journal = journal or Journal.open()
        self._wait = wait
        self._connect = connect
        self._crew = Crew()
        self._leases: Leases | None = None
        self._busy = threading.RLock()
        self._timer: threading.Timer | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        back = self._close()
        if back is None or back.outcome == "undone":
            return
        failure = TransactionFailed(
            f"transaction {self.id}: {back.outcome}: what nobody confirmed could not be taken back: {back.error}", back
        )
        if error is None:
            raise failure
        error.add_note(str(failure))

    def close(self) -> None:
        """Take back what was not confirmed, `result` tells of it; end all sessions, release all locks."""
        self._close()

    def _close(self) -> TransactionResult | None:
        self._closed = True
        try:
            with self._busy:
                waits = self.result is not None and self.result.outcome == "waits"
                return self.rollback() if waits else None
        finally:
            self._release()
            self._crew.close()
            if self._own_journal:
                self._journal.close()

    def plan(
        self, device: str, config: Config, *, prune: Collection[str | Key] = frozenset(), after: Iterable[str] = ()
    ) -> Plan:
        """Plan what a device shall have; it is changed when all devices in ``after`` have been.

        Raises:
            UnknownDevice: the inventory has no such device.
            UsageError: it has a plan already, or the transaction was applied.
            InvalidConfig, Unsupported, SecretError, TransportError, DeviceError: as `Device.plan`.
        """
        self._require_open()
        if device in self._crew.members:
            raise UsageError(f"{device} has a plan in this transaction; put everything it shall have into one")
        share = Share()
        resource = self._connect(self._inventory[device], share)
        try:
            made = resource.plan(config, prune)
        except BaseException:
            resource.close()
            raise
        self._crew.members[device] = Member(resource, share, made, tuple(after))
        return made

    def plan_all(
        self, desired: Mapping[str, Config], *, prune: Collection[str | Key] = frozenset()
    ) -> Mapping[str, Plan]:
        """`plan` for many devices, several at the same time; the first error is raised when all have come back."""
        self._crew.each(desired.items(), lambda one: self.plan(*one, prune=prune))
        return {name: self.plans[name] for name in desired}

    @property
    def plans(self) -> Mapping[str, Plan]:
        """The plans by device."""
        return {name: member.plan for name, member in self._crew.members.items()}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What could not be taken back, or not by itself, said before anything is sent."""
        return tuple(warnings(self.plans.values()))

    def apply(self, *, hold: bool = False, **terms: Unpack[ApplyTerms]) -> TransactionResult:
        """Change all devices, or none; see the class. ``terms``: `ApplyTerms`; ``confirm_within`` is 600 s by default.

        Args:
            hold: stop when all devices have it, and wait for `confirm`.
            terms: for every device.

        Raises:
            UsageError, Unsupported, StalePlan, Busy, SecretError, TransportError, DeviceError, JournalFailed: nothing
                was sent to any device.
        """
        known = Terms.of({"confirm_within": _WITHIN, **terms})
        within = timedelta(seconds=known.confirm_within or _WITHIN)
        layers = self._begin(known)
        until = datetime.now(UTC) + within
        try:
            for layer in layers:
                self._crew.require(layer, Member.carry_out)
            self._crew.require(self._crew.waiting, Member.verify)
            _require_time(until, within)
        except NetresError as error:
            return self._undo(str(error))
        except BaseException as error:  # an interrupt must not leave some devices changed
            error.add_note(f"transaction {self.id}: {self._undo(type(error).__name__).outcome}")
            raise
        held = self._tell("waits", until=until)
        if not hold:
            try:
                return self._decided()
            except JournalFailed as error:  # it is not decided
                return self._undo(str(error))
        self._timer = threading.Timer(max((until - datetime.now(UTC)).total_seconds(), 0), self._expire)
        self._timer.daemon = True
        self._timer.start()
        return held

    def confirm(self) -> TransactionResult:
        """Have what waits stand for good, on all devices, once it was read back over new sessions.

        Where it does not stand any more on one of them, all are taken back.

        Raises:
            UsageError: nothing waits.
            JournalFailed: the decision cannot be written down; everything still waits.
        """
        with self._busy:
            self._require_waiting()
            try:
                self._crew.require(self._crew.waiting, Member.verify)
            except NetresError as error:
                return self._undo(str(error))
            return self._decided()

    def _decided(self) -> TransactionResult:
        with self._busy:
            self._journal.decide(self.id, "confirm")
            return self._surely(self._confirm)

    def rollback(self) -> TransactionResult:
        """Take back what waits, on all devices.

        Raises:
            UsageError: nothing waits.
        """
        with self._busy:
            self._require_waiting()
            return self._undo("taken back before it was confirmed")

    def _surely(self, act: Callable[[], TransactionResult]) -> TransactionResult:
        """Do what was decided; an interrupt goes on when it is done: it must not leave some devices changed.

        Where it cannot be done, nothing else is: what was decided stands in the journal, for `recover`.
        """
        try:
            return act()
        except BaseException as stop:
            try:
                stop.add_note(f"transaction {self.id}: {act().outcome}")
            except BaseException:
                self._end("unknown", type(stop).__name__)
                raise
            raise

    def _confirm(self) -> TransactionResult:
        waiting = self._crew.waiting
        failed = dict(self._crew.tried(waiting, Member.confirm))
        for member in waiting:
            if member.result and not member.result.confirmed:
                failed.setdefault(member.name, member.result.error or str(member.result.outcome))
        return self._end("unknown" if failed else "applied", _told(failed))

    def _begin(self, terms: Terms) -> list[list[Member]]:
        """Check, lock, read and write down everything; nothing is sent. The devices in their order."""
        self._require_open()
        layers, crew, journal = self._crew.layers(), self._crew, self._journal
        for member in crew.all:
            engine.require(member.device.driver, member.plan, terms)
        self.id = tx = journal.begin(why=terms.why, ticket=terms.ticket, confirm_within=terms.confirm_within)
        try:
            self._leases = leases = journal.lease(tx, crew.members, wait=self._wait)
            crew.each(crew.all, lambda member: member.join(journal, tx, leases))
            crew.each(crew.all, lambda member: member.prepare(terms))
            crew.each(crew.all, Member.note)
        except BaseException as error:
            reason = f"{type(error).__name__}: {error}"
            crew.tried([member for member in crew.all if member.joined], Member.refuse)
            self._written(lambda: journal.end(tx, "refused", reason))
            self._release()
            raise
        return layers

    def _require_open(self) -> None:
        if self.id or self._closed:
            raise UsageError(f"the transaction was {'applied' if self.id else 'closed'}; begin another")

    def _require_waiting(self) -> None:
        if self.result is None or self.result.outcome != "waits":
            raise UsageError(f"transaction {self.id or '(not applied)'}: nothing waits for its confirmation")

    def _undo(self, error: str) -> TransactionResult:
        """Every device back. Where it is the journal that failed, recover() tells it, later."""
        lost = self._written(lambda: self._journal.decide(self.id, "undo", error))
        return self._surely(lambda: self._take_back(error, {"journal": lost} if lost else {}))

    def _take_back(self, error: str, failed: Mapping[str, str]) -> TransactionResult:
        """The last changed first."""
        failed = dict(failed)
        for layer in reversed(self._crew.layers()):
            failed |= self._crew.tried([one for one in layer if one.waits], Member.take_back)
            failed |= self._crew.tried([one for one in layer if one.result is None], Member.refuse)
        astray = {member.name: last for member in self._crew.all if (last := member.astray)}
        told = "; ".join(filter(None, (error, _told(failed | {name: not_back(last) for name, last in astray.items()}))))
        if failed or any(last.outcome is Outcome.UNKNOWN for last in astray.values()):
            return self._end("unknown", told)
        return self._end("differs" if astray else "undone", told)

    def _end(self, outcome: TxOutcome, error: str) -> TransactionResult:
        """``unknown`` is no end: `recover` finds it."""
        if self._timer:
            self._timer.cancel()
        if outcome != "unknown":
            lost = self._written(lambda: self._journal.end(self.id, outcome, error))
            error = "; ".join(filter(None, (error, lost)))
        self._release()
        return self._tell("undone" if outcome == "refused" else outcome, error)

    def _tell(self, outcome: TransactionOutcome, error: str = "", until: datetime | None = None) -> TransactionResult:
        self.result = TransactionResult(
            id=self.id,
            outcome=outcome,
            results={member.name: member.result for member in self._crew.all if member.result},
            back={member.name: member.back for member in self._crew.all if member.back},
            error=error,
            confirm_by=until,
        )
        return self.result

    def _expire(self) -> None:
        with self._busy:
            if self.result is not None and self.result.outcome == "waits":
                self._undo("nobody confirmed it in time")

    def _release(self) -> None:
        if self._leases:
            self._leases.release()

    @staticmethod
    def _written(write: Callable[[], None]) -> str:
        """Write something down; what failed, in words."""
        try:
            write()
        except JournalFailed as error:
            return str(error)
        return ""


def _require_time(until: datetime, within: timedelta) -> None:
    if datetime.now(UTC) >= until:
        raise Timeout(f"not all devices had it within {within.total_seconds():g} s; give confirm_within more")


def _told(failed: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {error}" for name, error in failed.items())
