"""Whatever breaks while a change that stands for a time is confirmed or taken back: what is told of it is true."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
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
VERBS: Final = ("confirm", "rollback")


class Case:
    """One change that waits, and something that breaks at one operation of what is then done with it."""

    def __init__(self, platform: str, verb: str) -> None:
        self.rig = Rig(platform)
        self.link = Faulty(SimulatedSession(self.rig.sim, self.rig.driver), INTERRUPT, None)
        self.device = Device("r1", self.rig.driver, self.link)
        self.done = self.device.apply(self.rig.plan(), confirm_within=300)
        self.device.leave(self.done)
        self.after = self.rig.sim.native()
        self.verb: Callable[[ApplyResult], ApplyResult] = getattr(self.device, verb)

    def broken(self, kind: str, at: int) -> str | None:
        """What was told; ``None``: nothing broke. Raises AssertionError where it is not true."""
        strikes = {
            FaultKind.REBOOT: self.rig.sim.reboot,
            FaultKind.CLOCK_JUMP: lambda: self.rig.passes(86_400),
        }
        self.link.arm(kind, at, strikes.get(FaultKind(kind)) if kind in set(FaultKind) else None)
        told: ApplyResult | None = None
        try:
            told = self.verb(self.done)
            name = str(told.outcome)
        except (NetresError, KeyboardInterrupt) as error:
            name = type(error).__name__
        struck = self.link.struck
        self.link.mend()
        try:
            self._judge(told)
        except (AssertionError, NetresError) as error:
            raise AssertionError(f"{kind} at operation {at} ({struck}): {name}: {error}") from error
        return name if struck else None

    def _judge(self, told: ApplyResult | None) -> None:
        now, left = self.rig.sim.native(), self.rig.left_open()
        if told is None or told.outcome is Outcome.UNKNOWN:
            assert now in {self.rig.before, self.after}, now
            assert self.device.rollback(self.done, force=True).outcome is Outcome.APPLIED
            assert self.rig.untouched(), self.rig.left_open()
        elif told.confirmed:
            assert (told.outcome, now, left) == (Outcome.APPLIED, self.after, ()), (told.error, now, left)
            self.rig.passes(86_400)
            assert self.rig.sim.native() == self.after
            self.rig.sim.reboot()
            known = {self.after} if told.saved is not False else {self.rig.before, self.after}  # noise is no yes
            assert self.rig.sim.native() in known
        else:
            gone = Outcome.APPLIED if self.verb == self.device.rollback else Outcome.NOT_APPLIED
            assert told.outcome is gone, (told.error, told.differences)
            assert self.rig.untouched(), (self.rig.sim.native(), left)


def everywhere(platform: str, verb: str) -> Counter[str]:
    """What was told, of everything that broke everywhere."""
    told: Counter[str] = Counter()
    for kind in KINDS:
        for at in itertools.count():
            name = Case(platform, verb).broken(kind, at)
            if name is None:
                break
            told[name] += 1
    return told


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("platform", DRIVERS)
def test_everything_breaks_once(platform: str, verb: str) -> None:
    for at, kind in enumerate(KINDS):
        Case(platform, verb).broken(kind, at % 10)


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("platform", DRIVERS)
def test_everything_breaks_everywhere(platform: str, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = everywhere(platform, verb)
    with capsys.disabled():
        print(f"\n{platform} {verb}: {told.total()} runs, wrong: 0 ({dict(told)})")  # noqa: T201 - the figures
