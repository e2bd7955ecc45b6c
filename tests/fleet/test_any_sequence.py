"""Any sequence of what users, devices, processes and time do: what netres says is what the devices have."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from clocks import Clock
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pens import Pen
from sequence_recovery import recovered
from sequences import NAMES, Made, Vlans, World, config, differing

from netres.errors import Busy, NetresError, StalePlan, UsageError
from netres.fleet import crew
from netres.fleet.recover import recover
from netres.fleet.result import TransactionResult
from netres.fleet.transaction import Transaction
from netres.plan import ApplyResult, Outcome

SOON, LATE = 300.0, 3000.0
"""Seconds after which a change is taken back."""
names = st.sampled_from(NAMES)
vlans = st.dictionaries(st.sampled_from([20, 30]), st.sampled_from(["a", "b"]), max_size=2)
within = st.sampled_from([SOON, LATE])


class AnySequence(RuleBasedStateMachine):
    """The rules; `World` has the devices, and what they must have."""

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
        told = world.attempt(lambda: self._applied(name, vlans, whole, confirm_within))
        if told is None:
            return
        if self._taken(name) or (differing(made_before, wanted) and has.before is not None):
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
            self._ended(told.transaction, "applied")
            return
        self._waits(made, confirm_within)
        world.held[name] = made

    def _applied(self, name: str, vlans: Vlans, whole: bool, confirm_within: float | None) -> ApplyResult:
        device = self.world.device(name)
        plan = device.plan(config(vlans), {"vlan"} if whole else frozenset())
        if confirm_within is None:
            return device.apply(plan)
        return device.apply(plan, confirm_within=confirm_within)

    def _waits(self, made: Made, confirm_within: float) -> None:
        has = self.world.believed[made.device]
        if made.result.timer:
            has.before, has.due = has.running, self.clock.ahead + confirm_within
        has.running = made.wanted

    def _taken(self, name: str) -> bool:
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
            self._over(made, "applied")
        elif told.outcome is Outcome.NOT_APPLIED:
            assert made.gone(has.running)
            self._over(made, "undone")
        else:
            assert told.outcome is Outcome.DIFFERS

    def _over(self, made: Made, outcome: str) -> None:
        self.world.held.pop(made.device, None)
        self.world.left.pop(made.result.transaction, None)
        self._ended(made.result.transaction, outcome)

    def _ended(self, tx: str, outcome: str) -> None:
        record = self.world.book.transaction(tx)
        assert record.outcome == outcome, record

    @precondition(lambda self: self.world.held or self.world.left)
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        world = self.world
        made = data.draw(st.sampled_from([*world.held.values(), *world.left.values()]))
        told = world.attempt(lambda: world.device(made.device).rollback(made.result))
        if told is not None:
            self._taken_back(made, told)

    def _taken_back(self, made: Made, told: ApplyResult | NetresError) -> None:
        has = self.world.believed[made.device]
        if isinstance(told, StalePlan):
            assert made.strange(has.running)
            return
        assert isinstance(told, ApplyResult), told
        assert told.outcome is Outcome.APPLIED
        has.take_back()
        has.running = made.undone(has.running)
        self._over(made, "undone")

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
        if self._taken(made.device):
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

    # --- many ---------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.world.tx is None)
    @rule(wanted=st.dictionaries(names, vlans, min_size=1), hold=st.booleans(), confirm_within=within)
    def transaction(self, wanted: dict[str, Vlans], hold: bool, confirm_within: float) -> None:
        world = self.world
        if wanted.keys() & world.in_doubt(settled=True):
            return
        before = {name: world.believed[name].running for name in wanted}
        tx = Transaction(world.fleet.inventory, world.book, wait=0, connect=world.fleet.connect)
        told = world.attempt(lambda: self._carried_out(tx, wanted, hold, confirm_within))
        if told is None:
            return
        if any(self._taken(name) for name in wanted):
            assert isinstance(told, Busy), told
            tx.close()
            return
        assert isinstance(told, TransactionResult), told
        assert told.outcome == ("waits" if hold else "applied"), told
        parts = {name: Made(name, before[name], wanted[name], told.results[name]) for name in wanted}
        changed = {name: made for name, made in parts.items() if made.keys}
        for name, made in changed.items():
            if hold:
                self._waits(made, confirm_within)
            else:
                world.believed[name].running = world.believed[name].saved = made.wanted
        if hold:
            world.tx, world.parts = tx, parts
        else:
            self._ended(tx.id, "applied")
            tx.close()

    def _carried_out(
        self, tx: Transaction, wanted: dict[str, Vlans], hold: bool, confirm_within: float
    ) -> TransactionResult:
        for name, vlans in wanted.items():
            tx.plan(name, config(vlans), prune={"vlan"})
        return tx.apply(hold=hold, confirm_within=confirm_within)

    @precondition(lambda self: self.world.tx is not None)
    @rule()
    def confirm_all(self) -> None:
        world, tx, parts = self.world, self.world.tx, self.world.parts
        assert tx
        told = world.attempt(tx.confirm)
        if told is None:
            return
        assert isinstance(told, TransactionResult), told
        stand = [made.stands(world.believed[name].running) for name, made in parts.items()]
        if not all(stand):
            self._all_taken_back(told)
            return
        assert told.outcome == "applied", told
        for name, made in parts.items():
            if made.keys:
                has = world.believed[name]
                has.saved, has.before = has.running, None
        self._closed("applied")

    def _closed(self, outcome: str | None) -> None:
        world, tx = self.world, self.world.tx
        assert tx
        if outcome is None:
            world.doubt.add(tx.id)
        else:
            self._ended(tx.id, outcome)
        world.tx, world.parts = None, {}
        tx.close()

    @precondition(lambda self: self.world.tx is not None)
    @rule()
    def roll_all_back(self) -> None:
        tx = self.world.tx
        assert tx
        told = self.world.attempt(tx.rollback)
        if told is not None:
            assert isinstance(told, TransactionResult), told
            self._all_taken_back(told)

    def _all_taken_back(self, told: TransactionResult) -> None:
        world = self.world
        strange = False
        for name, made in world.parts.items():
            has = world.believed[name]
            if made.strange(has.running):
                strange = True
                continue
            if made.keys:
                has.take_back()
                has.running = made.undone(has.running)
        assert told.outcome == ("unknown" if strange else "undone"), told
        self._closed(None if strange else "undone")

    # --- what else happens --------------------------------------------------------------------------------------------

    @rule(at=st.integers(0, 15))
    def will_die_at_an_operation(self, at: int) -> None:
        self.world.process.dies_at = self.world.process.wrote + at

    @rule(at=st.integers(0, 30))
    def will_die_at_a_line_of_the_journal(self, at: int) -> None:
        self.pen.dies_at = self.pen.written + at

    @rule()
    def dies(self) -> None:
        self.world.bury()

    @rule(name=names, key=st.sampled_from([20, 30]), value=st.none() | st.sampled_from(["a", "b", "by-hand"]))
    def somebody_changes(self, name: str, key: int, value: str | None) -> None:
        self.world.by_hand(name, key, value)

    @rule(name=names)
    def starts_anew(self, name: str) -> None:
        self.world.fleet.natives[name].reboot()
        self.world.believed[name].reboot()

    @rule(seconds=st.sampled_from([10.0, 400.0, 4000.0]))
    def time_goes_by(self, seconds: float) -> None:
        world = self.world
        for name, native in world.fleet.natives.items():
            native.ahead += seconds
            native.tick()
            world.believed[name].tick(self.clock.ahead + seconds)
        held, tx = dict(world.held), world.tx
        world.attempt(lambda: self.clock.advance(seconds))
        for name, made in held.items():
            if name in world.devices and (back := world.devices[name].taken_back):
                world.held.pop(name)
                self._expired(made, back.pop())
        if tx and world.tx is tx and tx.result and tx.result.outcome != "waits":
            self._all_taken_back(tx.result)

    def _expired(self, made: Made, told: ApplyResult) -> None:
        if told.outcome is Outcome.UNKNOWN:
            assert made.strange(self.world.believed[made.device].running), told
            self.world.doubt.add(made.result.transaction)
        else:
            self._taken_back(made, told)

    @rule()
    def recover(self) -> None:
        world = self.world
        unfinished = world.book.unfinished()
        had = {name: world.has(name) for name in NAMES}
        told = world.attempt(lambda: recover(world.fleet.inventory, world.book, connect=world.fleet.connect))
        if told is None:
            return
        assert isinstance(told, list), told
        for record in unfinished:
            done = {one.device: one for one in told if one.transaction == record.id}
            recovered(world, record.id, done, had)

    @invariant()
    def what_netres_says_is_what_the_devices_have(self) -> None:
        world = self.world
        doubtful = world.in_doubt()
        for name in NAMES:
            if name not in doubtful:
                has, believed = world.has(name), world.believed[name]
                assert (has.running, has.saved, has.before) == (believed.running, believed.saved, believed.before), name

    @invariant()
    def the_journal_knows_of_everything(self) -> None:
        world = self.world
        unfinished = {one.id: one for one in world.book.unfinished()}
        ours = {made.result.transaction for made in world.held.values()} | ({world.tx.id} if world.tx else set())
        assert unfinished.keys() == ours | world.left.keys() | world.doubt
        assert set(world.leased().values()) <= ours
        tokens = {part.noted.token for one in unfinished.values() for part in one.parts if part.noted}
        assert {token for name in NAMES if (token := world.token(name))} <= tokens


_SETTINGS = settings(deadline=None, suppress_health_check=list(HealthCheck))


def test_any_sequence() -> None:
    run_state_machine_as_test(AnySequence, settings=settings(_SETTINGS, max_examples=15, stateful_step_count=25))


@pytest.mark.slow
def test_very_many_sequences() -> None:
    run_state_machine_as_test(AnySequence, settings=settings(_SETTINGS, max_examples=3000, stateful_step_count=50))
