"""What users do to one device: the rules, and what each has to tell. `World` has the devices."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from beliefs import NAMES, Made, Vlans, config, differing
from clocks import Clock
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
)
from pens import Pen
from sequences import World

from netres.errors import Busy, NetresError, StalePlan, UsageError
from netres.fleet import crew
from netres.plan import ApplyResult, Outcome

SOON, LATE = 300.0, 3000.0
"""Seconds after which a change is taken back."""
names = st.sampled_from(NAMES)
vlans = st.dictionaries(st.sampled_from([20, 30]), st.sampled_from(["a", "b"]), max_size=2)
within = st.sampled_from([SOON, LATE])


class OneDevice(RuleBasedStateMachine):
    """The rules for one device; `World` has the devices, and what they must have."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="netres-sequence-"))
        self.clock, self.pen = Clock(), Pen()
        self.stack.enter_context(self.clock.shared())
        self.stack.enter_context(self.pen.held())
        self.stack.enter_context(patch.object(crew, "AT_ONCE", 1))  # else no sequence happens twice
        self.world = World(Path(folder), self.clock, self.pen)
        self.pen.dies = self.world.die

    def teardown(self) -> None:
        self.world.die()
        self.stack.close()

    # --- one device ---------------------------------------------------------------------------------------------------

    @rule(name=names, vlans=vlans, whole=st.booleans(), confirm_within=st.none() | within)
    def apply(self, name: str, vlans: Vlans, whole: bool, confirm_within: float | None) -> None:
        world, has = self.world, self.world.believed[name]
        if name in world.in_doubt(settled=True):
            return
        made_before = has.running
        wanted = vlans if whole else made_before | vlans
        told = world.attempt(lambda: self.applied(name, vlans, whole, confirm_within))
        if told is None:
            return
        if self.taken(name) or (differing(made_before, wanted) and has.before is not None):
            assert isinstance(told, Busy | UsageError), told
            return
        assert isinstance(told, ApplyResult), told
        assert told.outcome is Outcome.APPLIED
        made = Made(name, made_before, wanted, told)
        if not made.keys:
            return
        if confirm_within is None:
            has.running = has.saved = wanted
            world.made[name].append(made)
            self.ended(told.transaction, "applied")
            return
        self.waits(made, confirm_within)
        world.held[name] = made

    def applied(self, name: str, vlans: Vlans, whole: bool, confirm_within: float | None) -> ApplyResult:
        device = self.world.device(name)
        plan = device.plan(config(vlans), {"vlan"} if whole else frozenset())
        if confirm_within is None:
            return device.apply(plan)
        return device.apply(plan, confirm_within=confirm_within)

    def waits(self, made: Made, confirm_within: float) -> None:
        has = self.world.believed[made.device]
        if made.result.timer:
            has.before, has.due = has.running, self.clock.ahead + confirm_within
        has.running = made.wanted

    def taken(self, name: str) -> bool:
        """Whether a transaction that has not ended has it."""
        world = self.world
        left = {made.device for made in world.left.values()}
        return name in world.held or name in world.parts or name in left or name in world.in_doubt()

    @precondition(lambda self: self.world.held or self.world.left)
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        world = self.world
        made = data.draw(st.sampled_from([*world.held.values(), *world.left.values()]))
        has = world.believed[made.device]
        told = world.attempt(lambda: world.device(made.device).confirm(made.result))
        if told is None:
            return
        assert isinstance(told, ApplyResult), told
        assert told.confirmed == made.stands(has.running), told
        if told.confirmed:
            has.saved, has.before = has.running, None
            world.made[made.device].append(replace(made, result=told))
            self.over(made, "applied")
        elif told.outcome is Outcome.NOT_APPLIED:
            assert made.gone(has.running)
            assert has.before is None
            self.over(made, "undone")
        else:
            assert told.outcome is Outcome.DIFFERS

    def over(self, made: Made, outcome: str) -> None:
        self.world.held.pop(made.device, None)
        self.world.left.pop(made.result.transaction, None)
        self.ended(made.result.transaction, outcome)

    def ended(self, tx: str, outcome: str) -> None:
        record = self.world.book.transaction(tx)
        assert record.outcome == outcome, record

    @precondition(lambda self: self.world.held or self.world.left)
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        world = self.world
        made = data.draw(st.sampled_from([*world.held.values(), *world.left.values()]))
        has = world.believed[made.device]
        over = bool(made.result.timer) and has.before is None
        told = world.attempt(lambda: world.device(made.device).rollback(made.result))
        if told is not None:
            self.taken_back(made, told)
            if over and isinstance(told, ApplyResult):  # somebody else may have confirmed, and stored, it
                has.saved = has.running

    def taken_back(self, made: Made, told: ApplyResult | NetresError) -> None:
        has = self.world.believed[made.device]
        if isinstance(told, StalePlan):
            assert made.strange(has.running)
            return
        assert isinstance(told, ApplyResult), told
        assert told.outcome is Outcome.APPLIED
        has.take_back()
        has.running = made.undone(has.running)
        self.over(made, "undone")

    @precondition(lambda self: any(self.world.made.values()))
    @rule(data=st.data())
    def roll_back_what_was_confirmed(self, data: st.DataObject) -> None:
        world = self.world
        made = data.draw(st.sampled_from([made for each in world.made.values() for made in each[-2:]]))
        has = world.believed[made.device]
        if made.device in world.in_doubt(settled=True):
            return
        told = world.attempt(lambda: world.device(made.device).rollback(made.result))
        if told is None:
            return
        if self.taken(made.device):
            assert isinstance(told, Busy | UsageError | StalePlan), told
        elif isinstance(told, StalePlan):
            assert made.strange(has.running)
        else:
            assert isinstance(told, ApplyResult), told
            assert told.outcome is Outcome.APPLIED
            has.running = has.saved = made.undone(has.running)
            world.made[made.device].remove(made)

    @precondition(lambda self: any(made.result.timer for made in self.world.held.values()))
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        world = self.world
        made = data.draw(st.sampled_from([made for made in world.held.values() if made.result.timer]))
        told = world.attempt(lambda: world.device(made.device).leave(made.result))
        if not world.process.dead and not isinstance(told, NetresError) and made.device in world.held:
            world.left[made.result.transaction] = world.held.pop(made.device)
