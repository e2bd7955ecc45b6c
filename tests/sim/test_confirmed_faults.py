"""Whatever breaks while a change is put on trial, confirmed or taken back: what is told of it is true."""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from typing import Final

import pytest
from timed import DRIVERS, Rig

from netres import Device
from netres.errors import NetresError
from netres.plan import ApplyResult, Outcome
from netres.testing.faulty import INTERRUPT, NO_WAY_BACK, ON_THE_WIRE, Faulty
from netres.testing.sim.faults import FaultKind
from netres.testing.sim.session import SimulatedSession

KINDS: Final = (*ON_THE_WIRE, INTERRUPT, *NO_WAY_BACK, FaultKind.REBOOT, FaultKind.CLOCK_JUMP)
VERBS: Final = ("apply", "confirm", "rollback")
WITHIN: Final = 300


class Case:
    """One change that stands for a time, and something that breaks at one operation of one verb."""

    def __init__(self, platform: str, verb: str) -> None:
        self.rig = Rig(platform)
        self.verb = verb
        self.link = Faulty(SimulatedSession(self.rig.sim, self.rig.driver), INTERRUPT, None)
        self.device = Device("r1", self.rig.driver, self.link)
        self.plan = self.rig.plan()
        self.done: ApplyResult | None = None
        twin = self.rig if verb != "apply" else Rig(platform)  # to see what it leads to
        if twin is self.rig:
            self.done = self.device.apply(self.plan, confirm_within=WITHIN)
            self.device.leave(self.done)
        else:
            assert twin.device.apply(twin.plan()).outcome.holds
        self.after = twin.sim.native()

    def broken(self, kind: str, at: int) -> str | None:
        """What was told; ``None``: nothing broke. Raises AssertionError where it is not true."""
        strikes = {
            FaultKind.REBOOT.value: self.rig.sim.reboot,
            FaultKind.CLOCK_JUMP.value: lambda: self.rig.passes(86_400),
        }
        self.link.arm(kind, at, strikes.get(kind))
        told: ApplyResult | None = None
        try:
            told = self._do()
            name = f"{told.outcome}{'' if told.confirmed is not False else ' for a time'}"
        except (NetresError, KeyboardInterrupt) as error:
            name = type(error).__name__
        struck = self.link.struck
        self.link.mend()
        try:
            self._judge(told)
        except (AssertionError, NetresError) as error:
            raise AssertionError(f"{kind} at operation {at} ({struck}): {name}: {error}") from error
        return name if struck else None

    def _do(self) -> ApplyResult:
        if self.done is None:
            told = self.device.apply(self.plan, confirm_within=WITHIN)
            if told.confirmed is False:
                self.device.leave(told)
            return told
        return self.device.confirm(self.done) if self.verb == "confirm" else self.device.rollback(self.done)

    def _judge(self, told: ApplyResult | None) -> None:
        now, left = self.rig.sim.native(), self.rig.left_open()
        if told is None and self.done is None:
            assert self.rig.untouched(), (now, left)
        elif told is None or told.outcome is Outcome.UNKNOWN:
            assert now in {self.rig.before, self.after}, now
            first = self.done or told
            assert first is not None
            assert self.device.rollback(first, force=True).outcome is Outcome.APPLIED
            assert self.rig.untouched(), self.rig.left_open()
        elif told.outcome is Outcome.APPLIED and self.verb == "apply":
            assert now == self.after
            self.rig.passes(WITHIN + 60)
            assert self.rig.untouched(), "nobody confirmed it, and the device has it still"
        elif told.confirmed:
            self._require_final(told, now, left)
        else:
            gone = Outcome.APPLIED if self.verb == "rollback" else Outcome.NOT_APPLIED
            assert told.outcome is gone, (told.error, told.differences)
            assert self.rig.untouched(), (now, left)

    def _require_final(self, told: ApplyResult, now: str, left: tuple[str, ...]) -> None:
        assert (told.outcome, now, left) == (Outcome.APPLIED, self.after, ()), (told.error, now, left)
        self.rig.passes(86_400)
        assert self.rig.sim.native() == self.after
        self.rig.sim.reboot()
        known = {self.after} if told.saved is not False else {self.rig.before, self.after}  # noise is no yes
        assert self.rig.sim.native() in known


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("platform", DRIVERS)
def test_everything_breaks_once(platform: str, verb: str) -> None:
    for at, kind in enumerate(KINDS):
        Case(platform, verb).broken(kind, at % (20 if verb == "apply" else 10))


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("platform", DRIVERS)
def test_everything_breaks_everywhere(platform: str, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    told: Counter[str] = Counter()
    for kind in KINDS:
        for at in itertools.count():
            if (name := Case(platform, verb).broken(kind, at)) is None:
                break
            told[name] += 1
    with capsys.disabled():
        outcomes = ", ".join(f"{count} {name}" for name, count in sorted(told.items()))
        sys.stdout.write(f"\n{platform} {verb}: {told.total()} runs, wrong: 0 ({outcomes})\n")
