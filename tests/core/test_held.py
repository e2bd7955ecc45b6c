"""A change that waits for its confirmation, while a timer runs: whoever comes first, what is told is true."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from memory_subject import Immediate, immediate_driver
from sessions import MEMORY, VLANS

from netres.confirming import Trial
from netres.device import Device
from netres.errors import InvalidConfig, UsageError
from netres.model import Config, Vlan
from netres.plan import ApplyResult, Outcome
from netres.verbs import Verb
from netres_drivers.memory.device import MemoryDevice

OTHER = Config.of([Vlan(id=99)])


class Slow(Device):
    """One that gives other threads their turn between what is done to the device and what follows from it."""

    after = 0.0

    def _change(self, verb: Verb) -> ApplyResult:
        done = super()._change(verb)
        time.sleep(self.after)
        return done


@pytest.fixture(params=[True, False], ids=["timer", "lines"])
def device(request: pytest.FixtureRequest) -> Slow:
    session = MemoryDevice().session()
    return Slow("m1", MEMORY, session) if request.param else Slow("m1", immediate_driver(), Immediate(session))


@pytest.mark.parametrize("verb", [Slow.confirm, Slow.rollback])
def test_the_timer_does_not_come_in_between(device: Slow, verb: Callable[[Slow, ApplyResult], ApplyResult]) -> None:
    held = device.apply(device.plan(VLANS), confirm_within=0.3)
    device.after = 0.5
    done = verb(device, held)
    time.sleep(0.1)
    assert (done.outcome, device.taken_back) == (Outcome.APPLIED, [])
    assert (device.observe() == VLANS) is (verb is Slow.confirm)


def test_while_one_waits_no_other_is_rolled_back_or_confirmed(device: Slow) -> None:
    first = device.apply(device.plan(OTHER))
    held = device.apply(device.plan(VLANS), confirm_within=300)
    for verb in (device.rollback, device.confirm, device.leave):
        with pytest.raises(UsageError, match="m1: "):
            verb(first)
    assert device.refresh(held).outcome is Outcome.APPLIED
    assert device.confirm(held).confirmed
    assert device.rollback(first).outcome is Outcome.APPLIED


def test_what_waits_no_more_is_not_left() -> None:
    device = Device("m1", MEMORY, MemoryDevice().session())
    held = device.apply(device.plan(VLANS), confirm_within=300)
    assert device.confirm(held).confirmed
    with pytest.raises(UsageError, match="nothing waits"):
        device.leave(held)


@pytest.mark.parametrize("token", ["x; reboot", "0c0c0000000\n", "0C0C00000000", "$(reboot)"])
def test_a_token_from_elsewhere_is_no_command(token: str) -> None:
    """Results come from files, and a token stands in what a device's shell reads."""
    device = Device("m1", MEMORY, MemoryDevice().session())
    held = device.apply(device.plan(VLANS), confirm_within=300)
    hostile = held.model_dump_json().replace(held.token, json.dumps(token)[1:-1])
    with pytest.raises(InvalidConfig, match="token"):
        ApplyResult.parse(hostile)
    with pytest.raises(InvalidConfig, match="12 hexadecimal digits"):
        Trial(60, token)
    device.close()


def test_a_term_that_does_not_exist_is_refused() -> None:
    """Mistyped, confirm_within would be left out: the change would stand for good."""
    device = Device("m1", MEMORY, MemoryDevice().session())
    with pytest.raises(UsageError, match=r"confirm_witin is no term of an apply; there are: .*confirm_within"):
        device.apply(device.plan(VLANS), confirm_witin=300)  # type: ignore[call-arg]
    assert device.observe() == Config()
