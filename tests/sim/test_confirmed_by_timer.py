"""A change that stands for a time, on every simulated device with a timer of its own: kept, or gone without a trace."""

from __future__ import annotations

import pytest
from timed import DRIVERS, MARK, OTHER, WANTED, Rig, Severed

from netres import Device
from netres.errors import Busy, ConnectFailed, Unsupported
from netres.flow import Operation, Reconnect, Reply
from netres.plan import ApplyResult, Guarantee, Outcome
from netres.testing.sim.session import SimulatedSession


@pytest.fixture(params=DRIVERS)
def rig(request: pytest.FixtureRequest) -> Rig:
    return Rig(str(request.param))


def named(rig: Rig) -> bool:
    """Whether the device tells one trial from another."""
    return rig.driver.confirming is not None and rig.driver.confirming.named


def held(rig: Rig, seconds: float = 300) -> ApplyResult:
    """A change that waits for its confirmation, on the device itself: netres has left."""
    done = rig.device.apply(rig.plan(), confirm_within=seconds)
    assert (done.outcome, done.confirmed, done.saved) == (Outcome.APPLIED, False, None)
    assert MARK in rig.sim.native()
    assert rig.left_open()
    rig.device.leave(done)
    return done


def test_what_is_confirmed_in_time_stays(rig: Rig) -> None:
    done = held(rig)
    rig.passes(299)
    final = rig.login().confirm(done)
    assert (final.outcome, final.confirmed) == (Outcome.APPLIED, True)
    assert final.saved is (True if rig.driver.save else None)
    after = rig.sim.native()
    assert MARK in after
    assert not rig.left_open()
    rig.passes(86_400)
    assert rig.sim.native() == after
    rig.sim.reboot()
    assert rig.sim.native() == after


def test_what_nobody_confirms_is_taken_back_by_the_device(rig: Rig) -> None:
    done = held(rig)
    rig.passes(301)
    assert rig.sim.native() == rig.before
    late = rig.login().confirm(done)
    assert (late.outcome, late.confirmed) == (Outcome.NOT_APPLIED, False)
    assert "taken back" in late.error
    assert rig.untouched()


def test_a_start_anew_takes_it_back_too(rig: Rig) -> None:
    done = held(rig)
    rig.sim.reboot()
    assert rig.device.confirm(done).outcome is Outcome.NOT_APPLIED
    assert rig.untouched()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_is_rolled_back_in_time_leaves_nothing(rig: Rig, elsewhere: bool) -> None:
    done = held(rig)
    back = (rig.login() if elsewhere else rig.device).rollback(done)
    assert (back.outcome, back.exact) == (Outcome.APPLIED, True)
    assert rig.untouched()


def test_a_change_that_is_over_is_rolled_back_as_nothing(rig: Rig) -> None:
    done = held(rig)
    rig.passes(301)
    back = rig.login().rollback(done, force=True)
    assert (back.outcome, back.exact) == (Outcome.APPLIED, True)
    assert rig.untouched()


@pytest.mark.parametrize("survives", [False, True])
@pytest.mark.parametrize("within", [None, 90, 600])
def test_a_change_that_cuts_our_own_way_comes_back_by_itself(rig: Rig, within: float | None, survives: bool) -> None:
    device = Device("r1", rig.driver, Severed(rig, survives=survives))
    plan = rig.plan()
    done = device.apply(plan) if within is None else device.apply(plan, confirm_within=within)
    assert (done.outcome, done.exact, done.confirmed) == (Outcome.NOT_APPLIED, True, None)
    assert rig.untouched()


def test_the_time_is_rounded_up_to_what_the_plan_says(rig: Rig) -> None:
    plan = rig.plan()
    assert plan.timer is not None
    step = plan.timer.step
    assert step == (1 if rig.platform == "arista_eos" else 60)
    assert f"in steps of {step} s" in plan.guarantee_why
    done = rig.device.apply(plan, confirm_within=90)
    rig.device.leave(done)
    line = next(line for line in done.sent if line.startswith(("commit", "configure terminal revert")))
    assert ("00:01:30" if step == 1 else " 2") in line
    over = -(-90 // step) * step
    rig.passes(over - 2)
    assert MARK in rig.sim.native()
    rig.passes(3)
    assert rig.sim.native() == rig.before


def test_more_than_the_device_waits_is_refused(rig: Rig) -> None:
    plan = rig.plan()
    assert plan.timer is not None
    if plan.timer.most < 86_400:
        with pytest.raises(Unsupported, match=f"the device waits {plan.timer.most} s at most"):
            rig.device.apply(plan, confirm_within=plan.timer.most + 1)
    assert rig.sim.native() == rig.before


class Lost(SimulatedSession):
    """A session that is lost once the change stands, and with it every way to the device, until it is mended."""

    mended = False

    def execute(self, operation: Operation) -> Reply:
        if not self.mended and MARK in self._device.native():
            self.close()
            raise ConnectFailed("no route to host")
        return super().execute(operation)

    def pause(self, seconds: float) -> None:
        """Less time goes by than the device waits."""


def test_a_device_that_is_lost_while_it_waits_is_led_back(rig: Rig) -> None:
    link = Lost(rig.sim, rig.driver)
    device = Device("r1", rig.driver, link)
    told = device.apply(rig.plan())
    assert told.outcome is Outcome.UNKNOWN
    link.mended = True
    link.execute(Reconnect())
    assert device.refresh(told).outcome in {Outcome.APPLIED, Outcome.DIFFERS}
    back = device.rollback(told)
    assert (back.outcome, back.exact) == (Outcome.APPLIED, True)
    assert rig.untouched()


def test_what_somebody_else_has_on_trial_is_left_alone(rig: Rig) -> None:
    done = held(rig)
    other = rig.login()
    before = rig.sim.native()
    plan = rig.plan(other, OTHER)
    if not named(rig):  # which cannot tell one change from another
        with pytest.raises(Busy, match="somebody else made waits for its confirmation"):
            other.apply(plan)
    else:
        told = other.apply(plan)
        assert (told.outcome, told.exact) == (Outcome.NOT_APPLIED, True)
        assert ("is pending" if rig.platform == "arista_eos" else "rollback in") in told.error
    assert rig.sim.native() == before
    assert len(rig.left_open()) == 1
    rig.passes(250)
    assert rig.device.confirm(done).confirmed
    assert MARK in rig.sim.native()


def test_the_guarantee_is_what_the_platform_gives(rig: Rig) -> None:
    plan = rig.plan()
    whole = rig.platform in {"arista_eos", "juniper_junos"}
    assert plan.guarantee is (Guarantee.ATOMIC if whole else Guarantee.CONFIRMED)
    assert rig.device.apply(plan, at_least="confirmed").confirmed
    assert rig.plan(wanted=WANTED).empty


@pytest.mark.parametrize("late", [False, True])
def test_a_confirmation_meets_the_end_of_the_time(rig: Rig, late: bool) -> None:
    """It arrives a moment before, or a moment after."""
    done = held(rig)
    rig.passes(299)
    line = {"arista_eos": "^configure session .* commit", "juniper_junos": "^commit$"}.get(rig.platform, "confirm$")
    rig.sim.fail("clock-jump", on=line, seconds=2 if late else 0.1)
    told = rig.login().confirm(done)
    assert rig.sim.faults.struck
    assert told.outcome is (Outcome.NOT_APPLIED if late else Outcome.APPLIED)
    assert told.confirmed is not late
    assert not rig.left_open()
    assert (rig.sim.native() == rig.before) is late


def test_a_cancellation_meets_the_end_of_the_time(rig: Rig) -> None:
    done = held(rig)
    rig.passes(299)
    lines = {"arista_eos": "abort$", "juniper_junos": "^rollback 1", "cisco_iosxe": "^configure revert now"}
    rig.sim.fail("clock-jump", on=lines.get(rig.platform, "^confirm$"), seconds=2)
    back = rig.login().rollback(done)
    assert rig.sim.faults.struck
    assert (back.outcome, back.exact) == (Outcome.APPLIED, True)
    assert rig.untouched()


@pytest.mark.parametrize("platform", ["arista_eos", "juniper_junos"])
def test_a_confirmation_that_is_refused_can_be_given_again(platform: str) -> None:
    rig = Rig(platform)
    done = held(rig)
    rig.sim.fail("locked")
    told = rig.device.confirm(done)
    assert (told.outcome, told.confirmed) == (Outcome.APPLIED, False)
    assert "lock" in told.error
    assert "still waits for it" in told.notes[-1]
    rig.sim.faults.clear()
    assert rig.device.confirm(told).confirmed
    assert not rig.left_open()


def test_a_login_that_is_lost_halfway_leaves_nothing(rig: Rig) -> None:
    rig.sim.fail("cut-before", on="bgp|autonomous-system")
    done = rig.device.apply(rig.plan(), confirm_within=300)
    assert rig.sim.faults.struck
    assert (done.outcome, done.exact) == (Outcome.NOT_APPLIED, True)
    assert rig.untouched()
