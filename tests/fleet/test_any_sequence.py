"""Any sequence of what users, devices, processes and time do: what netres says is what the devices have."""

from __future__ import annotations

from dataclasses import replace

import pytest
from beliefs import NAMES, Made, Vlans, config
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from one_device import OneDevice, names, vlans, within

from netres.errors import Busy, UsageError
from netres.fleet.recover import recover
from netres.fleet.result import TransactionResult
from netres.fleet.transaction import Transaction
from netres.plan import ApplyResult, Outcome


class AnySequence(OneDevice):
    """The rules for many devices at once, for processes and for time."""

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
        if any(self.taken(name) for name in wanted):
            assert isinstance(told, Busy | UsageError), told
            tx.close()
            return
        assert isinstance(told, TransactionResult), told
        assert told.outcome == ("waits" if hold else "applied"), told
        parts = {name: Made(name, before[name], wanted[name], told.results[name]) for name in wanted}
        changed = {name: made for name, made in parts.items() if made.keys}
        for name, made in changed.items():
            if hold:
                self.waits(made, confirm_within)
            else:
                world.believed[name].running = world.believed[name].saved = made.wanted
        if hold:
            world.tx, world.parts = tx, parts
        else:
            self.ended(tx.id, "applied")
            tx.close()

    def _carried_out(
        self, tx: Transaction, wanted: dict[str, Vlans], hold: bool, confirm_within: float
    ) -> TransactionResult:
        for name, each in wanted.items():
            tx.plan(name, config(each), prune={"vlan"})
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
            self.ended(tx.id, outcome)
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
            self.taken_back(made, told)

    @rule()
    def recover(self) -> None:
        world = self.world
        unfinished = world.book.unfinished()
        had = world.all_have()
        told = world.attempt(lambda: recover(world.fleet.inventory, world.book, connect=world.fleet.connect))
        if told is None:
            return
        assert isinstance(told, list), told
        for record in unfinished:
            done = {one.device: one for one in told if one.transaction == record.id}
            world.recovered(record, done, had)

    @invariant()
    def what_netres_says_is_what_the_devices_have(self) -> None:
        world = self.world
        doubtful = world.in_doubt()
        for name in NAMES:
            if name not in doubtful:
                has, believed = world.has(name), world.believed[name]
                assert has == replace(believed, due=0.0), name

    @invariant()
    def the_journal_knows_of_everything(self) -> None:
        world = self.world
        unfinished = {one.id: one for one in world.book.unfinished()}
        ours = {made.result.transaction for made in world.held.values()}
        ours |= {world.tx.id} if world.tx else set[str]()
        assert unfinished.keys() == ours | world.left.keys() | world.doubt
        assert set(world.leased().values()) <= ours
        tokens = {part.noted.token for one in unfinished.values() for part in one.parts if part.noted}
        assert {token for name in NAMES if (token := world.token(name))} <= tokens


_UNHURRIED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
_SETTINGS = settings(deadline=None, suppress_health_check=_UNHURRIED)


def test_any_sequence() -> None:
    run_state_machine_as_test(AnySequence, settings=settings(_SETTINGS, max_examples=15, stateful_step_count=25))


@pytest.mark.slow
def test_very_many_sequences() -> None:
    run_state_machine_as_test(AnySequence, settings=settings(_SETTINGS, max_examples=1000, stateful_step_count=50))
