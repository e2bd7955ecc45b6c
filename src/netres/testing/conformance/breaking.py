"""A device that is led from one configuration to another again and again, while something breaks."""

from __future__ import annotations

from typing import Final, TypeAlias

from netres.attempt import LEFT_BEHIND
from netres.device import Device
from netres.errors import NetresError
from netres.model import Config
from netres.native import aware
from netres.observation import observe
from netres.outcome import differences
from netres.plan import ApplyResult, Outcome, Plan
from netres.testing.conformance.bench import Bench
from netres.testing.conformance.subject import Subject
from netres.testing.faulty import INTERRUPT, NO_WAY_BACK, ON_THE_WIRE, Faulty
from netres.testing.sim.faults import FaultKind

STANDING: Final = (FaultKind.NORMALISED, FaultKind.SALTED)
"""These are there all the time, and strike at no operation."""
Trial: TypeAlias = tuple[str, bool]
"""What was told, and whether anything broke."""


class Untrue(AssertionError):
    """What was told is not what is true."""


class Breaking:
    """A device that is led from one configuration to another again and again, while something breaks."""

    def __init__(self, subject: Subject) -> None:
        """Learn what an apply does at which nothing breaks.

        Raises:
            AssertionError: the driver keeps not even the other laws.
        """
        self.subject = subject
        self.start, self.wanted = subject.change()
        with Bench.on(subject) as bench:
            self.prune = bench.prune
            bench.to(self.start)
            self.before = subject.native()
            plan = bench.device.plan(self.wanted, self.prune)
            bench.recorder.operations.clear()
            assert bench.device.apply(plan).outcome.holds
            self.operations = len(bench.recorder.operations)
            self.after = subject.native()
        pipelines = subject.driver.shell is not None and subject.driver.shell.pipelines
        self.link = Faulty(subject.open(), INTERRUPT, None, batches=pipelines)
        self.device = Device("subject", subject.driver, self.link)
        self.reboots = subject.reboot()
        self._anew()

    def close(self) -> None:
        """End the session."""
        self.device.close()

    def faults(self) -> tuple[str, ...]:
        """What can be made to break at an operation."""
        inside = (FaultKind.CLOCK_JUMP,) if self.subject.fail(FaultKind.CLOCK_JUMP, self.wanted) else ()
        reboot = (FaultKind.REBOOT,) if self.reboots else ()
        return (*ON_THE_WIRE, INTERRUPT, *NO_WAY_BACK, *reboot, *inside)

    def trial(self, kind: str, at: int) -> Trial:
        """Break at an operation.

        Raises:
            Untrue: what was told is not true, or the device cannot be led back.
        """
        strikes = {
            FaultKind.REBOOT.value: self.subject.reboot,
            FaultKind.CLOCK_JUMP.value: lambda: self.subject.fail(FaultKind.CLOCK_JUMP, self.wanted),
        }
        plan = self.device.plan(self.wanted, self.prune)
        self.link.arm(kind, at, strikes.get(kind))
        told = self._applied(plan)
        struck, wrote = self.link.struck, bool(self.link.wrote)
        self.link.mend()
        self._check(f"{kind} at operation {at} ({struck})", told, wrote=wrote)
        return _name(told), struck is not None

    def standing(self, kind: FaultKind) -> Trial:
        """Have something be wrong in the device all the time, where it can be.

        Raises:
            Untrue: as `trial`.
        """
        plan = self.device.plan(self.wanted, self.prune)
        if not self.subject.fail(kind, self.wanted):
            return "", False
        told = self._applied(plan)
        self.subject.heal()
        self._check(f"{kind} all the time", told, wrote=True)
        return _name(told), True

    def _check(self, what: str, told: ApplyResult | BaseException, *, wrote: bool) -> None:
        try:
            self._judge(told, wrote)
        except (NetresError, AssertionError) as error:
            self._anew()
            raise Untrue(f"{what}: {_told(told)}: {error}") from error

    def _applied(self, plan: Plan) -> ApplyResult | BaseException:
        try:
            return self.device.apply(plan)
        except (NetresError, KeyboardInterrupt) as error:
            return error

    def _judge(self, told: ApplyResult | BaseException, wrote: bool) -> None:
        """Compare what was told with what is there, and lead the device back."""
        now = self.subject.native()
        if isinstance(told, ApplyResult):
            self._require_true(told, now)
        else:
            known = (self.before, self.after) if isinstance(told, KeyboardInterrupt) and wrote else (self.before,)
            _require(now in known, f"was:\n{self.before}\nis:\n{now}")
        if not isinstance(told, ApplyResult) and now != self.before:
            self._anew()
        elif isinstance(told, ApplyResult) and told.outcome is not Outcome.NOT_APPLIED:
            back = self.device.rollback(told)
            _require(back.outcome.holds, f"the way back ended as {back.outcome}: {back.error} {back.differences}")
            now = self.subject.native()
            _require(now == self.before, f"after the way back; was:\n{self.before}\nis:\n{now}")
        self._require_nothing_left()
        again = self.device.plan(self.wanted, self.prune)
        _require(bool(again.changes), "afterwards the device cannot be changed again")

    def _require_true(self, told: ApplyResult, now: str) -> None:
        match told.outcome:
            case Outcome.APPLIED | Outcome.PENDING:
                _require(now == self.after, f"should be:\n{self.after}\nis:\n{now}")
            case Outcome.NOT_APPLIED:
                _require(now == self.before, f"was:\n{self.before}\nis:\n{now}")
            case Outcome.DIFFERS:
                _require(now not in {self.before, self.after}, "the device is as it was, or as it should be")
                self._require_named(told)
            case Outcome.UNKNOWN:
                truth = self.device.refresh(told).outcome
                _require(truth is not Outcome.UNKNOWN, "and it stays unknown when the device is there again")
                _require(now == self.after or not truth.holds, f"{truth} was told later; is:\n{now}")
                whole = now == self.after and not self.subject.left_open()  # under a timer that runs it need not hold
                _require(truth.holds or not whole, f"{truth} was told later; is:\n{now}")
                _require((truth is Outcome.NOT_APPLIED) == (now == self.before), f"{truth} was told later; is:\n{now}")
        if told.outcome is not Outcome.UNKNOWN and not any(LEFT_BEHIND in note for note in told.notes):
            self._require_nothing_left()

    def _require_named(self, told: ApplyResult) -> None:
        """The differences told are those that somebody else finds, from what was wanted or from what was there."""
        keys = {change.key for change in told.changes}
        driver, named = self.subject.driver, set(map(str, told.differences))
        items = {**told.before.by_key, **{change.key: change.after for change in told.changes}}
        wanted = Config.of(item for item in items.values() if item is not None)
        found = self.device.drive(lambda driver: observe(aware(driver, told.changes, wanted.items))).config
        sides = [
            set(map(str, differences(driver, keys, wanted, found))),
            set(map(str, differences(driver, told.before.by_key, told.before, found))),
        ]
        _require(any(named and named == side for side in sides), f"told {sorted(named)}, there is {sides}")

    def _require_nothing_left(self) -> None:
        left = self.subject.left_open()
        _require(not left, f"left open: {', '.join(left)}")

    def _anew(self) -> None:
        """Lead the device from its first configuration to where all begins."""
        self.subject.reset()
        self.link.inner.close()
        self.link.inner, self.link.dead = self.subject.open(), False
        plan = self.device.plan(self.start, self.prune)
        result = self.device.apply(plan)
        assert result.outcome.holds, f"{result.outcome}: {result.error} {result.differences}"
        assert self.subject.native() == self.before, f"was:\n{self.before}\nis:\n{self.subject.native()}"


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Untrue(otherwise)


def _name(told: ApplyResult | BaseException) -> str:
    return str(told.outcome) if isinstance(told, ApplyResult) else type(told).__name__


def _told(told: ApplyResult | BaseException) -> str:
    if isinstance(told, ApplyResult):
        return f"told {told.outcome} ({told.error or '; '.join(told.notes)})"
    return f"raised {type(told).__name__}: {told}"
