"""What a device needs so that it takes a change back by itself; and what netres does where it lacks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from timed import MARK, OTHER, Rig

from netres.errors import Unsupported
from netres.plan import Guarantee, Outcome


def without_archive() -> Rig:
    """A router of IOS-XE that has nothing to go back to."""
    rig = Rig("cisco_iosxe")
    rig.sim.store.load("no archive\n")
    return rig


def unsaved() -> Rig:
    """A router of VyOS that would start anew with something else than what runs."""
    rig = Rig("vyos")
    assert rig.device.apply(rig.plan(wanted=OTHER), save=False).outcome.holds
    return rig


@pytest.mark.parametrize(
    ("rig", "remedy"),
    [
        (without_archive, "configure `archive` and in it `path flash:NAME`"),
        (unsaved, "`save` it, or configure `system config-management commit-confirm action reload`"),
    ],
)
def test_the_plan_says_what_is_lacking_and_what_helps(rig: Callable[[], Rig], remedy: str) -> None:
    made = rig()
    before = made.sim.native()
    plan = made.plan()
    assert (plan.timer, plan.guarantee) == (None, Guarantee.COMPENSATED)
    assert f"no timer would take a change back: {'the archive' if rig is without_archive else 'what runs'}" in str(plan)
    assert remedy in plan.guarantee_why
    with pytest.raises(Unsupported, match="confirmed is asked for, and the device can only do compensated"):
        made.device.apply(plan, at_least="confirmed")
    assert made.sim.native() == before


@pytest.mark.parametrize("rig", [without_archive, unsaved])
def test_there_netres_itself_takes_back_what_nobody_confirms(rig: Callable[[], Rig]) -> None:
    made = rig()
    before = made.sim.native()
    with made.device as device:
        done = device.apply(made.plan(), confirm_within=300)
        assert (done.outcome, done.confirmed, done.timer) == (Outcome.APPLIED, False, "")
        assert MARK in made.sim.native()
        assert not made.left_open()
    assert made.sim.native() == before
    assert [one.exact for one in device.taken_back] == [True]


def test_what_is_saved_can_be_taken_back_again() -> None:
    rig = unsaved()
    assert rig.device.apply(rig.plan()).saved
    assert rig.plan(wanted=OTHER).timer is not None


def test_a_router_that_reloads_needs_nothing_saved() -> None:
    rig = Rig("vyos that reloads")
    assert rig.device.apply(rig.plan(wanted=OTHER), save=False).outcome.holds
    now = rig.sim.native()
    done = rig.device.apply(rig.plan(), confirm_within=60)
    rig.device.leave(done)
    rig.passes(61)
    assert rig.sim.native() == now
