"""Law 9: hostile values, each planned alone, and applied together with those that it does not get in the way of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from netres.device import Device
from netres.errors import NetresError
from netres.model import Config, Item, Key
from netres.plan import Outcome, Plan
from netres.testing.conformance.bench import Bench, Reading
from netres.testing.conformance.subject import Subject
from netres.testing.hostile import hostile
from netres.testing.samples import fitting


def law_9_no_injection(subject: Subject) -> None:
    """No value of any Item becomes a second command: it is refused, or it is read back as it is and alone."""
    samples = fitting(subject.driver)
    with Bench.on(subject) as bench:
        before = subject.native()
        reading = Reading(bench.recorder.inner)
        planning = Device("subject", subject.driver, reading)
        taken = [
            item
            for item in hostile(*samples)
            if item.KIND in subject.driver.table and _plan(planning, _around([item], samples)) is not None
        ]
        assert not reading.wrote, reading.wrote
        assert subject.native() == before, "what was refused, or only planned, changed the device"
        for items in _together(taken):
            _try_all(bench, items, samples)


def _around(items: Sequence[Item], samples: Sequence[Config]) -> Mapping[Key, Item]:
    """Items with all that they need, from the first sample that has it."""
    found = {item.key: item for item in items}
    for item in items:
        needed = list(item.needs())
        support = next((one for one in samples if one.by_key.keys() >= set(needed)), Config())
        while needed:
            key = needed.pop()
            if key in support and key not in found:
                found[key] = support.by_key[key]
                needed.extend(found[key].needs())
    return found


def _together(items: Iterable[Item]) -> list[list[Item]]:
    """Items in groups in which none has the key of another."""
    groups: list[dict[Key, Item]] = []
    for item in items:
        group = next((one for one in groups if item.key not in one), None)
        if group is None:
            groups.append(group := {})
        group[item.key] = item
    return [list(group.values()) for group in groups]


def _plan(device: Device, items: Mapping[Key, Item]) -> Plan | None:
    try:
        return device.plan(Config.of(items.values()))
    except NetresError:
        return None


def _try_all(bench: Bench, items: Sequence[Item], samples: Sequence[Config]) -> None:
    """Apply them together; where one of them is refused for another's sake, in halves."""
    if not _try(bench, items, samples):
        assert len(items) > 1, f"{items[0]!r} was planned, and then refused"
        half = len(items) // 2
        _try_all(bench, items[:half], samples)
        _try_all(bench, items[half:], samples)


def _try(bench: Bench, items: Sequence[Item], samples: Sequence[Config]) -> bool:
    """Apply, look and roll back: whether the device took them; one that it refuses alone, it has refused well."""
    before = bench.subject.native()
    wanted = _around(items, samples)
    untouched = bench.device.observe().by_key
    plan = _plan(bench.device, wanted)
    if plan is None:
        return False
    result = bench.device.apply(plan)
    if result.outcome is Outcome.NOT_APPLIED:
        assert bench.subject.native() == before, items
        return len(items) == 1
    assert result.outcome.holds, f"{items!r}: {result}"
    found = bench.device.observe().by_key
    extra = found.keys() - wanted.keys() - untouched.keys()
    assert not {key for key in extra if found[key].KEY}, f"{items!r} made {extra}"
    bench.device.rollback(result)
    assert bench.subject.native() == before, items
    return True
