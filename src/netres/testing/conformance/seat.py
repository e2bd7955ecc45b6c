"""One device of a fleet that is changed in one transaction again and again."""

from __future__ import annotations

import sys
from typing import Final, Literal, TypeAlias

from netres.device import Device
from netres.ledger import Ledger
from netres.testing.conformance.bench import prunable
from netres.testing.conformance.breaking import STANDING
from netres.testing.conformance.subject import Subject
from netres.testing.faulty import INTERRUPT, NO_WAY_BACK, ON_THE_WIRE, Faulty
from netres.testing.sim.faults import FaultKind

Side: TypeAlias = Literal["before", "after"]
NEVER: Final = sys.maxsize
"""The number of an operation that does not come."""


class Seat:
    """One device of a fleet: how it is before a transaction, and after."""

    def __init__(self, name: str, subject: Subject) -> None:
        self.name = name
        self.subject = subject
        self.start, self.wanted = subject.change()
        self.prune = prunable(subject.driver)
        self.before = ""
        self.lead()
        self.before = subject.native()
        with Device(name, subject.driver, subject.open()) as device:
            assert device.apply(device.plan(self.wanted, self.prune)).outcome.holds, name
        self.after = subject.native()
        assert self.after != self.before, f"{name}: the change changes nothing"
        self.link = Faulty(subject.open(), INTERRUPT, None)
        self.reboots = subject.reboot()
        self.jumps = subject.fail(FaultKind.CLOCK_JUMP, self.wanted)
        self.standing = tuple(kind for kind in STANDING if subject.fail(kind, self.wanted))
        """What can be wrong in it all the time."""
        self.stands = False
        """Whether something is wrong in it all the time."""
        subject.heal()
        self.lead()

    def lead(self) -> None:
        """Lead the device from its first configuration to where all begins."""
        self.subject.reset()
        with Device(self.name, self.subject.driver, self.subject.open()) as device:
            result = device.apply(device.plan(self.start, self.prune))
        assert result.outcome.holds, f"{self.name}: {result.outcome}: {result.error} {result.differences}"
        now = self.subject.native()
        assert self.before in {"", now}, f"{self.name}: was:\n{self.before}\nis:\n{now}"

    def kinds(self) -> tuple[str, ...]:
        """What can be made to break at an operation."""
        inside = (FaultKind.CLOCK_JUMP,) if self.jumps else ()
        reboot = (FaultKind.REBOOT,) if self.reboots else ()
        return (*ON_THE_WIRE, INTERRUPT, *NO_WAY_BACK, *reboot, *inside)

    def connect(self, ledger: Ledger) -> Device:
        """A new session, in which what is armed breaks."""
        self.link.renew(self.subject.open)
        return Device(self.name, self.subject.driver, self.link, ledger=ledger)

    def arm(self, kind: str, at: int) -> None:
        """Have something break, where it can."""
        self.stands = kind in STANDING and self.subject.fail(FaultKind(kind), self.wanted)
        if kind in STANDING:
            return
        strikes = {
            FaultKind.REBOOT.value: self.subject.reboot,
            FaultKind.CLOCK_JUMP.value: lambda: self.subject.fail(FaultKind.CLOCK_JUMP, self.wanted),
        }
        self.link.arm(kind, at, strikes.get(kind))

    def side(self) -> Side | None:
        """How the device is; ``None``: as it should never be for long."""
        now = self.subject.native()
        return "before" if now == self.before else "after" if now == self.after else None

    def mend(self) -> None:
        """Have nothing break any more."""
        self.link.mend()
        self.subject.heal()
