"""A fleet of devices under test that is changed in one transaction again and again, while something breaks on one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from netres.device import Device
from netres.errors import NetresError
from netres.fleet.journal import Journal, TransactionRecord
from netres.fleet.recover import recover
from netres.fleet.result import TransactionResult
from netres.fleet.transaction import Transaction
from netres.inventory.entry import Entry
from netres.ledger import Ledger
from netres.plan import Outcome
from netres.testing.conformance.breaking import Trial, Untrue
from netres.testing.conformance.seat import NEVER, Seat, Side
from netres.testing.conformance.subject import Subject
from netres.testing.faulty import INTERRUPT, NO_WAY_BACK
from netres.testing.sim.faults import FaultKind

Told: TypeAlias = TransactionResult | BaseException
Sides: TypeAlias = Mapping[str, Side | None]
Natives: TypeAlias = Mapping[str, str]
_SIDES: Final[Mapping[str, Side]] = {"applied": "after", "undone": "before", "refused": "before", "planned": "before"}
"""How a device is whose part, or transaction, stands so in the journal."""


def _held(tx: Transaction) -> TransactionResult:
    told = tx.apply(hold=True)
    return tx.confirm() if told.outcome == "waits" else told


def _taken_back(tx: Transaction) -> TransactionResult:
    told = tx.apply(hold=True)
    return tx.rollback() if told.outcome == "waits" else told


MANNERS: Final[Mapping[str, Callable[[Transaction], TransactionResult]]] = {
    "applied": Transaction.apply,
    "held and confirmed": _held,
    "held and taken back": _taken_back,
}
"""What is done with a transaction that was planned."""


@dataclass(frozen=True)
class Case:
    """Something that breaks in a transaction."""

    manner: str
    device: str
    kind: str
    at: int
    """At which of the device's operations since it was planned."""

    def __str__(self) -> str:
        return f"{self.manner}: {self.kind} on {self.device} at operation {self.at}"


class Transacting:
    """A fleet of devices under test, by the names that its seats have in the journal."""

    def __init__(self, subjects: Sequence[Subject], journal: Journal) -> None:
        """Learn how the devices are before and after.

        Raises:
            AssertionError: a driver keeps not even the other laws.
        """
        self.journal = journal
        names = [f"d{number:02}" for number in range(1, len(subjects) + 1)]
        self.seats = {name: Seat(name, subject) for name, subject in zip(names, subjects, strict=True)}
        self.inventory = {
            name: Entry(name=name, platform=seat.subject.driver.platform, host=name)
            for name, seat in self.seats.items()
        }
        told, tx = self._run(None, "applied")
        assert isinstance(told, TransactionResult), repr(told)
        assert told.outcome == "applied", told.error
        self.operations = {name: seat.link.seen for name, seat in self.seats.items()}
        """Of each device, in a transaction at which nothing breaks."""
        self._judge(told, tx)
        self._anew()

    def close(self) -> None:
        """End the sessions."""
        for seat in self.seats.values():
            seat.link.close()

    def connect(self, entry: Entry, ledger: Ledger) -> Device:
        """What a transaction connects with."""
        return self.seats[entry.name].connect(ledger)

    def trial(self, case: Case) -> Trial:
        """Break something in a transaction.

        Raises:
            Untrue: what was told is not true, or recover() does not make it good.
        """
        seat = self.seats[case.device]
        told, tx = self._run(case, case.manner)
        struck = seat.stands or seat.link.struck is not None
        try:
            self._judge(told, tx)
            if case.kind in NO_WAY_BACK and seat.link.struck:
                self._recover_in_vain(tx)
            seat.mend()
            self._recover(told, tx)
            self._last(tx)
        except (NetresError, AssertionError) as error:
            raise Untrue(f"{case} ({seat.link.struck}): {_words(told)}: {error}") from error
        finally:
            seat.mend()
            self._close(tx)
            self._anew()
        return _name(told), struck

    def _run(self, case: Case | None, manner: str) -> tuple[Told, str]:
        tx = Transaction(self.inventory, self.journal, connect=self.connect, wait=0)
        previous = ""
        try:
            with tx:
                for name, seat in self.seats.items():
                    tx.plan(name, seat.wanted, prune=seat.prune, after=[previous] if previous else [])
                    previous = "" if previous else name  # two layers: each second one after the one before it
                for seat in self.seats.values():
                    seat.arm(INTERRUPT, NEVER)
                if case:
                    self.seats[case.device].arm(case.kind, case.at)
                told: Told = MANNERS[manner](tx)
        except (NetresError, KeyboardInterrupt) as error:
            told = error
        return told, tx.id

    def _judge(self, told: Told, tx: str) -> None:
        """Compare what was told with what is there."""
        sides = self._sides()
        match told:
            case TransactionResult(outcome="applied"):
                _require(set(sides.values()) == {"after"}, f"the devices are {sides}")
                _require(all(one.confirmed for one in told.results.values()), "not all are confirmed")
            case TransactionResult(outcome="undone"):
                _require(set(sides.values()) == {"before"}, f"the devices are {sides}")
            case TransactionResult(outcome="unknown" | "differs"):
                self._judge_named(told, sides)
            case KeyboardInterrupt():
                _require(len(set(sides.values()) & {"before", "after"}) == 1, f"the devices are {sides}")
                _require(not tx or self.journal.transaction(tx).ended is not None, "it has not ended")
            case NetresError():
                _require(set(sides.values()) == {"before"}, f"the devices are {sides}")
            case _:
                raise Untrue("this is no end")
        if not (isinstance(told, TransactionResult) and told.outcome == "unknown"):
            self._require_nothing_left()
        if tx:
            self.journal.lease(tx, self.seats).release()  # Busy: a lease is still held

    def _judge_named(self, told: TransactionResult, sides: Sides) -> None:
        """What is told of the devices by name; the others are all on one side."""
        known = {name: side for name in self.seats if (side := _told_of(name, told))}
        _require(any(name in told.error for name in self.seats), "no device is named")
        _require(all(sides[name] == side for name, side in known.items()), f"told {known}, the devices are {sides}")
        named = {name for name, side in known.items() if side == "before" and name in told.error}
        others = {side for name, side in known.items() if name not in named}
        _require(len(others) < 2, f"told {known}: some one way, some the other")
        if told.outcome == "differs":
            strays = {name for name, side in sides.items() if side != "before"}
            _require(strays == self.seats.keys() - known.keys(), f"told {known}, the devices are {sides}")

    def _recover_in_vain(self, tx: str) -> None:
        """Nothing gets worse by it, and what cannot be reached stays unfinished."""
        if not tx or self.journal.transaction(tx).ended:
            return
        sides = self._sides()
        recover(self.inventory, self.journal, connect=self.connect)
        now = self._sides()
        _require(all(now[name] == side for name, side in sides.items() if side), f"the devices were {sides}, are {now}")

    def _recover(self, told: Told, tx: str) -> None:
        """recover() finishes what is not finished, the journal agrees with the devices, and it does nothing twice."""
        done = recover(self.inventory, self.journal, connect=self.connect)
        sides = self._sides()
        if isinstance(told, TransactionResult) and told.outcome == "differs":
            _require(not done, f"recover() did {done}")
        else:
            _require(len(set(sides.values()) & {"before", "after"}) == 1, f"recovered: {done}, the devices are {sides}")
        self._require_nothing_left()
        if tx:
            self._require_agreeing(self.journal.transaction(tx), sides)
        natives = self._natives()
        again = recover(self.inventory, self.journal, connect=self.connect)
        _require(not again and self._natives() == natives, f"recover() did something twice: {again}")

    def _require_agreeing(self, record: TransactionRecord, sides: Sides) -> None:
        _require(record.ended is not None, "the journal has no end of it")
        states = {part.device: part.state for part in record.parts}
        if record.outcome == "differs":
            _require("differs" in states.values(), f"the journal says {states}")
        else:
            side = _SIDES[record.outcome or ""]
            _require(set(sides.values()) == {side}, f"the journal says {record.outcome}, the devices are {sides}")
        wrong = {name: state for name, state in states.items() if _SIDES.get(state) != sides[name]}
        _require(not wrong or record.outcome == "differs", f"the journal says {wrong}, the devices are {sides}")

    def _last(self, tx: str) -> None:
        """Later, and after a start anew, all is as it is now; but for what could not be led back, or not be stored."""
        parts = self.journal.transaction(tx).parts if tx else ()
        unsure = {one.device for one in parts if one.state == "differs" or (one.result and one.result.saved is False)}
        for name, seat in self.seats.items():
            now = seat.subject.native()
            if seat.jumps:
                seat.subject.fail(FaultKind.CLOCK_JUMP, seat.wanted)
                _require(seat.subject.native() == now, f"{name}: a timer struck later")
            if seat.reboots and name not in unsure:
                seat.subject.reboot()
                _require(seat.subject.native() == now, f"{name}: a start anew changed it")

    def _require_nothing_left(self) -> None:
        left = {name: found for name, seat in self.seats.items() if (found := tuple(seat.subject.left_open()))}
        _require(not left, f"left open: {left}")

    def _sides(self) -> Sides:
        return {name: seat.side() for name, seat in self.seats.items()}

    def _natives(self) -> Natives:
        return {name: seat.subject.native() for name, seat in self.seats.items()}

    def _close(self, tx: str) -> None:
        """What went wrong here must not be recovered later."""
        if tx and not self.journal.transaction(tx).ended:
            self.journal.end(tx, "differs")

    def _anew(self) -> None:
        for seat in self.seats.values():
            if seat.side() != "before" or seat.subject.left_open():
                seat.lead()


def _told_of(name: str, told: TransactionResult) -> Side | None:
    """How a device is, by what was told of it; ``None``: it is told that this is not known."""
    if back := told.back.get(name):
        return "before" if back.outcome.holds else None
    result = told.results.get(name)
    if result is None or result.outcome is Outcome.NOT_APPLIED:
        return "before"
    return "after" if result.outcome.holds and result.confirmed else None


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Untrue(otherwise)


def _name(told: Told) -> str:
    return told.outcome if isinstance(told, TransactionResult) else type(told).__name__


def _words(told: Told) -> str:
    if isinstance(told, TransactionResult):
        return f"told {told.outcome} ({told.error})"
    return f"raised {type(told).__name__}: {told}"
