"""A change that stands for a time: confirmed, taken back, lost; on the reference driver, whose device has a timer."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from memory_subject import Immediate, immediate_driver
from sessions import MEMORY, VLANS

from netres.errors import ApplyFailed, InvalidConfig, Unsupported, UsageError
from netres.flow import Operation, Reconnect, Reply
from netres.model import Config, Vlan
from netres.plan import Guarantee, Outcome
from netres.resource import Device
from netres.testing.faulty import Faulty
from netres.testing.sim.faults import FaultKind
from netres_drivers.memory.device import MemoryDevice


@pytest.fixture
def native() -> MemoryDevice:
    return MemoryDevice()


@pytest.fixture
def device(native: MemoryDevice) -> Device:
    return Device("m1", MEMORY, native.session())


def waits(native: MemoryDevice) -> bool:
    return native.trial is not None


class Lines:
    """A device without candidate and timer."""

    def __init__(self) -> None:
        self.native = MemoryDevice()
        self.device = Device("m1", immediate_driver(), Immediate(self.native.session()))


def test_a_plan_tells_who_takes_a_change_back_and_in_what_steps(device: Device) -> None:
    plan = device.plan(VLANS)
    assert plan.guarantee is Guarantee.ATOMIC
    assert plan.timer is not None
    assert (plan.timer.step, plan.timer.least, plan.timer.most) == (1, 1, 86400)
    assert "taken back by the device's own timer (in steps of 1 s, 1 to 86400 s)" in plan.guarantee_why
    assert Lines().device.plan(VLANS).timer is None


def test_an_apply_is_on_trial_until_it_was_read_back(device: Device, native: MemoryDevice) -> None:
    done = device.apply(device.plan(VLANS))
    assert (done.outcome, done.confirmed, done.saved) == (Outcome.APPLIED, True, True)
    assert not waits(native)
    assert any('"seconds": 120' in line for line in done.sent)


def test_what_is_held_waits_for_its_confirmation_and_is_not_saved(device: Device, native: MemoryDevice) -> None:
    done = device.apply(device.plan(VLANS), confirm_within=300)
    assert (done.outcome, done.confirmed, done.saved) == (Outcome.APPLIED, False, None)
    assert done.confirm_by is not None
    assert waits(native)
    assert native.saved == {}
    final = device.confirm(done)
    assert (final.outcome, final.confirmed, final.saved) == (Outcome.APPLIED, True, True)
    assert not waits(native)
    assert native.saved == native.running != {}
    device.close()
    assert device.taken_back == []


def test_what_nobody_confirms_is_gone_on_the_device_itself(device: Device, native: MemoryDevice) -> None:
    before = native.native()
    done = device.apply(device.plan(VLANS), confirm_within=300)
    native.ahead += 301
    late = device.confirm(done)
    assert native.native() == before
    assert late.outcome is Outcome.NOT_APPLIED
    assert late.confirmed is False
    assert "taken back" in late.error
    device.close()
    assert device.taken_back == []


@pytest.mark.parametrize("timer", [True, False])
def test_what_nobody_confirms_is_taken_back_by_netres(timer: bool) -> None:
    lines = Lines()
    native, device = lines.native, lines.device
    if timer:
        device = Device("m1", MEMORY, native.session())
    before = native.native()
    done = device.apply(device.plan(VLANS), confirm_within=0.2)
    assert done.outcome is Outcome.APPLIED
    deadline = time.monotonic() + 10
    while not device.taken_back and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [one.outcome for one in device.taken_back] == [Outcome.APPLIED]
    assert device.taken_back[0].exact
    assert native.native() == before
    assert device.confirm(done).outcome is Outcome.NOT_APPLIED


def test_what_a_start_anew_takes_while_it_is_confirmed_is_not_told_to_stand() -> None:
    native = MemoryDevice()
    link = Faulty(Immediate(native.session()), FaultKind.REBOOT, None)
    device = Device("m1", immediate_driver(), link)
    before = native.native()
    done = device.apply(device.plan(VLANS), confirm_within=300)
    link.on = lambda operation: "/saved" in str(operation)
    link.arm(FaultKind.REBOOT, 0, native.reboot)
    late = device.confirm(done)
    assert (late.outcome, late.confirmed, native.native()) == (Outcome.NOT_APPLIED, False, before)


@pytest.mark.parametrize("lines", [True, False])
def test_leaving_the_block_takes_back_what_nobody_confirmed(lines: bool) -> None:
    made = Lines()
    native = made.native
    before = native.native()
    with made.device if lines else Device("m1", MEMORY, native.session()) as device:
        assert device.apply(device.plan(VLANS), confirm_within=300).outcome is Outcome.APPLIED
        assert native.native() != before
    assert native.native() == before
    assert not waits(native)
    assert len(device.taken_back) == 1


def test_leaving_the_block_tells_where_nothing_can_be_taken_back(native: MemoryDevice) -> None:
    link = Faulty(native.session(), "no-route", None)

    def left() -> None:
        with Device("m1", MEMORY, link) as device:
            device.apply(device.plan(VLANS), confirm_within=300)
            link.at, link.struck = 0, Reconnect()

    with pytest.raises(ApplyFailed, match="what nobody confirmed could not be taken back"):
        left()
    assert waits(native)  # the device itself will
    native.ahead += 301
    assert native.native() == ""


def test_rollback_of_what_waits_is_done_by_the_device(device: Device, native: MemoryDevice) -> None:
    device.apply(device.plan(VLANS))
    before, saved = native.native(), native.saved
    done = device.apply(device.plan(Config.of([Vlan(id=77)]), prune={"vlan"}), confirm_within=300)
    back = device.rollback(done)
    assert (back.outcome, back.exact) == (Outcome.APPLIED, True)
    assert any(line.startswith("DELETE /trial") for line in back.sent)
    assert native.native() == before
    assert not waits(native)
    assert native.saved == saved


def test_left_to_the_device_it_stays_until_its_time_is_over(native: MemoryDevice) -> None:
    with Device("m1", MEMORY, native.session()) as device:
        done = device.apply(device.plan(VLANS), confirm_within=300)
        device.leave(done)
    assert waits(native)
    with Device("m1", MEMORY, native.session()) as device:
        assert device.confirm(done).confirmed
    assert not waits(native)
    lines = Lines().device
    held = lines.apply(lines.plan(VLANS), confirm_within=300)
    with pytest.raises(UsageError, match="nothing but netres takes this change back"):
        lines.leave(held)


def test_one_change_waits_at_a_time(device: Device) -> None:
    plan = device.plan(VLANS)
    device.apply(plan, confirm_within=300)
    with pytest.raises(UsageError, match="a change waits for its confirmation"):
        device.apply(plan)


def test_what_does_not_wait_is_not_confirmed(device: Device) -> None:
    done = device.apply(device.plan(VLANS))
    with pytest.raises(UsageError, match="nothing waits for a confirmation"):
        device.confirm(done)
    with pytest.raises(InvalidConfig, match="'m1', this is 'm2'"):
        Device("m2", MEMORY, MemoryDevice().session()).confirm(done)


def test_a_floor_is_kept_before_anything_is_sent(device: Device, native: MemoryDevice) -> None:
    made = Lines()
    with pytest.raises(Unsupported, match="confirmed is asked for, and the device can only do compensated: no can"):
        made.device.apply(made.device.plan(VLANS), at_least="confirmed")
    assert made.native.native() == ""
    assert made.device.apply(made.device.plan(VLANS), at_least="compensated").outcome is Outcome.APPLIED
    assert device.apply(device.plan(VLANS), at_least=Guarantee.CONFIRMED).outcome is Outcome.APPLIED


@pytest.mark.parametrize("seconds", [0, -1, 86401, float("nan")])
def test_a_term_that_is_not_usable_is_named(device: Device, seconds: float) -> None:
    with pytest.raises(UsageError, match=r"confirm_within is .*; give seconds: more than 0, at most 86400"):
        device.apply(device.plan(VLANS), confirm_within=seconds)
    with pytest.raises(UsageError, match=r"at_least is 'much'; there are: atomic, confirmed, compensated, best-effort"):
        device.apply(device.plan(VLANS), at_least="much")  # type: ignore[arg-type]


def test_longer_than_the_device_waits_is_refused(native: MemoryDevice) -> None:
    assert MEMORY.confirming is not None
    short = replace(MEMORY, confirming=replace(MEMORY.confirming, most=60, step=60, least=60))
    device = Device("m1", short, native.session())
    with pytest.raises(Unsupported, match="confirm_within is 61; the device waits 60 s at most"):
        device.apply(device.plan(VLANS), confirm_within=61)
    done = device.apply(device.plan(VLANS), confirm_within=5)
    assert '"seconds": 60' in done.sent[-1]


def test_a_change_that_cuts_our_own_way_comes_back_by_itself(native: MemoryDevice) -> None:
    class Cut(Faulty):
        """No new session as long as the change stands."""

        def execute(self, operation: Operation) -> Reply:
            native.tick()
            self.at = 0 if native.trial else None
            self.struck = operation
            return super().execute(operation) if isinstance(operation, Reconnect) else self.inner.execute(operation)

    device = Device("m1", MEMORY, Cut(native.session(), "no-route", None))
    done = device.apply(device.plan(VLANS))
    assert done.outcome is Outcome.NOT_APPLIED
    assert done.exact
    assert native.native() == ""
    assert not waits(native)
