"""Law 10 in small: whatever breaks at whatever operation, the outcome told is what is true."""

from __future__ import annotations

import copy
import itertools

import pytest
from faults import FAULTS, Fault, Faulty, device_with, immediate_driver

from netres import registry
from netres.plan import ApplyResult, Outcome
from netres.resource import Device
from netres.testing.samples import fitting
from netres_drivers.memory.device import MemoryDevice

DRIVERS = {True: registry.get("memory"), False: immediate_driver()}
FIRST, SECOND = fitting(DRIVERS[True])[1:3]
PRUNE = frozenset(kind for kind, feature in DRIVERS[True].table.items() if feature.item.KEY)


@pytest.fixture(scope="module", params=[True, False], ids=["candidate", "immediate"])
def start(request: pytest.FixtureRequest) -> tuple[bool, MemoryDevice]:
    device = MemoryDevice()
    candidate = bool(request.param)
    shell = Device("m", DRIVERS[candidate], device_with(device, candidate=candidate))
    assert shell.apply(shell.plan(FIRST)).outcome is Outcome.APPLIED
    return candidate, device


def _broken(
    start: tuple[bool, MemoryDevice], fault: Fault, at: int, *, mends: bool
) -> tuple[MemoryDevice, ApplyResult | None, bool]:
    candidate, first = start
    native = copy.deepcopy(first)
    transport = Faulty(device_with(native, candidate=candidate), fault, at, mends)
    shell = Device("m", DRIVERS[candidate], transport)
    plan = shell.plan(SECOND, PRUNE)
    try:
        result = shell.apply(plan)
    except KeyboardInterrupt:
        result = None
    return native, result, transport.writes >= at


@pytest.mark.parametrize("fault", FAULTS)
def test_the_outcome_told_is_the_truth(start: tuple[bool, MemoryDevice], fault: Fault) -> None:
    outcomes = set[Outcome | None]()
    at = 0
    for at in itertools.count():
        native, result, broke = _broken(start, fault, at, mends=True)
        if not broke:
            break
        outcomes.add(result.outcome if result else None)
        if result is None or result.outcome is Outcome.NOT_APPLIED:
            if result:
                assert result.error
                assert native.native() == start[1].native()
                assert result.exact
            else:
                assert native.native() in {start[1].native(), _wanted()}
        else:
            assert result.outcome is Outcome.APPLIED
            assert native.native() == _wanted()
    assert at > 1
    assert (None if fault == "interrupt" else Outcome.NOT_APPLIED) in outcomes


def _wanted() -> str:
    device = MemoryDevice()
    shell = Device("m", DRIVERS[True], device.session())
    shell.apply(shell.plan(FIRST))
    shell.apply(shell.plan(SECOND, PRUNE))
    return device.native()


@pytest.mark.parametrize("fault", ["cut before", "cut after"])
def test_without_a_way_to_the_device_the_outcome_is_unknown(start: tuple[bool, MemoryDevice], fault: Fault) -> None:
    candidate, first = start
    for at in itertools.count():
        native, result, broke = _broken(start, fault, at, mends=False)
        if not broke:
            break
        assert result is not None
        if result.outcome is Outcome.APPLIED:  # it broke while it was saved: the change itself was read back
            assert result.saved is False
            continue
        assert result.outcome is Outcome.UNKNOWN
        assert result.error == "no answer"
        shell = Device("m", DRIVERS[candidate], device_with(native, candidate=candidate))
        truth = shell.refresh(result)
        assert truth.outcome is not Outcome.UNKNOWN
        assert (truth.outcome is Outcome.NOT_APPLIED) == (native.native() == first.native())
        assert (truth.outcome is Outcome.APPLIED) == (native.native() == _wanted())
        back = shell.rollback(result)
        assert back.outcome is Outcome.APPLIED
        assert native.native() == first.native()


def test_a_way_back_that_is_refused_is_told(start: tuple[bool, MemoryDevice]) -> None:
    candidate, first = start
    if candidate:
        return  # a candidate that is dropped leaves nothing to go back from
    native = copy.deepcopy(first)
    transport = Faulty(device_with(native, candidate=False), "refused", 3, again=True)
    shell = Device("m", DRIVERS[False], transport)
    result = shell.apply(shell.plan(SECOND, PRUNE))
    assert result.outcome is Outcome.DIFFERS
    assert result.differences
    assert "the way back was refused" in " ".join(result.notes)
    assert native.native() not in {first.native(), _wanted()}
