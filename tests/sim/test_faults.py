"""Faults: which can be declared, and when they strike."""

from __future__ import annotations

import pytest
from toydevice import toy

from netres.errors import InvalidConfig
from netres.testing.sim.faults import Fault, Faults


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "hang"}, "hang names no operation; say which by `at` (a number) or `on` (a pattern)"),
        ({"kind": "hang", "on": "("}, "on: '(': is no regular expression"),
        ({"kind": "slow", "at": 0}, "slow needs `seconds`"),
        ({"kind": "clock-jump", "at": 0}, "clock-jump needs `seconds`"),
        ({"kind": "hang", "at": -1}, "at: "),
        ({"kind": "normalised", "find": "x"}, "normalised needs `replace`, what the device stores instead"),
        ({"kind": "salted", "find": "x"}, "salted needs a group in `find`: the secret"),
        ({"kind": "salted"}, "salted needs `find`, a pattern of what the device is told"),
        ({"kind": "cuts", "at": 0}, "kind: 'cuts'"),
        ({"kind": "hang", "when": 0}, "unknown field 'when'; known: at, find, kind, on, replace, seconds, times"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(fields: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        Fault.of(fields)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def strikes(faults: Faults, *operations: str) -> list[bool]:
    return [faults.at_operation(one) is not None for one in operations]


@pytest.mark.parametrize(
    ("fields", "struck"),
    [
        ({"at": 0}, [True, False, False, False]),
        ({"at": 2}, [False, False, True, False]),
        ({"at": 1, "times": 2}, [False, True, True, False]),
        ({"at": 1, "times": 0}, [False, True, True, True]),
        ({"on": "^b"}, [False, True, False, False]),
        ({"on": "^b", "times": 0}, [False, True, False, True]),
        ({"on": "^b", "at": 1}, [False, False, False, True]),
    ],
)
def test_a_fault_strikes_at_its_operations(fields: dict[str, object], struck: list[bool]) -> None:
    faults = Faults()
    strikes(faults, "before it was declared")
    faults.add(Fault.of({"kind": "hang", **fields}))
    assert strikes(faults, "a1", "b1", "a2", "b2") == struck


def test_the_fault_that_was_declared_first_strikes_first() -> None:
    device = toy()
    device.fail("slow", on="x", seconds=1)
    device.fail("hang", on="x")
    assert [device.operate("cli", "x", str, str).kind for _ in range(2)] == ["slow", "hang"]


def test_what_is_stored_and_what_is_shown() -> None:
    faults = Faults()
    faults.add(Fault.of({"kind": "normalised", "find": "Gi(?=[0-9])", "replace": "GigabitEthernet"}))
    faults.add(Fault.of({"kind": "salted", "find": r"key (\S+)"}))
    assert faults.stored("interface Gi0/1") == "interface GigabitEthernet0/1"
    first, second = faults.shown("key hush end"), faults.shown("key hush end")
    assert first != second
    assert first.startswith("key $5$")
    assert "hush" not in first + second
    locked = [faults.locked]
    faults.add(Fault.of({"kind": "locked"}))
    locked.append(faults.locked)
    faults.clear()
    assert [*locked, faults.locked] == [False, True, False]


def test_a_timer_has_fired_when_its_time_has_passed() -> None:
    device = toy()
    done: list[str] = []
    device.clock.after(60, lambda: done.append("second"))
    device.clock.after(30, lambda: done.append("first"))
    forgotten = device.clock.after(10, lambda: done.append("never"))
    device.clock.cancel(forgotten)
    device.fail("clock-jump", on="jump", seconds=59)
    device.operate("cli", "jump", str, str)
    assert done == ["first"]
    device.clock.advance(2)
    device.native()
    assert done == ["first", "second"]


def test_a_device_that_starts_cannot_be_reached() -> None:
    device = toy()
    up = [device.up]
    device.reboot(30)
    up.append(device.up)
    device.clock.advance(31)
    assert [*up, device.up] == [True, False, True]
