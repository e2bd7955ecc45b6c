"""Drift on devices in memory: what somebody changed by hand is found, just that, and can be ended in three ways."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

import pytest
from drifting import (
    NAMED,
    as_it_is,
    by_hand,
    stored,
    with_secret,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from sessions import MEMORY, VLANS, Breaking

from netres.baseline import Baseline
from netres.drift import Cause, DriftReport
from netres.errors import InvalidConfig, Rejected
from netres.model import Config, Interface, Item, Key, Secret, Vlan
from netres.model import paths as item_paths
from netres.plan import ApplyResult, Outcome
from netres.resource import AsyncDevice, Device
from netres.testing.samples import SECRET, fitting
from netres.transport.threads import ThreadedTransport
from netres_drivers.memory.device import MemoryDevice

SAMPLES: Final = [Config.of(with_secret(item, NAMED) for item in sample.items) for sample in fitting(MEMORY)]
KINDS: Final = frozenset(MEMORY.table)
_ALL: Final = [item for config in SAMPLES for item in config.items]
VARIANTS: Final[Mapping[Key, list[Item]]] = {one.key: [item for item in _ALL if item.key == one.key] for one in _ALL}


@pytest.fixture(autouse=True, scope="module")
def _secret() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETRES_TEST_DRIFT", SECRET)
        yield


def leaves(item: Item | None) -> Iterator[tuple[str, object]]:
    """Every field with its value, secrets in clear."""

    def inside(model: BaseModel, prefix: str) -> Iterator[tuple[str, object]]:
        for name in type(model).model_fields:
            value = getattr(model, name)
            if isinstance(value, BaseModel):
                yield from inside(value, f"{prefix}.{name}")
            else:
                yield f"{prefix}.{name}", value.reveal() if isinstance(value, Secret) else value

    if item:
        yield from inside(item, item_paths.of(item.key))


def differing(wanted: Item | None, found: Item | None, key: Key) -> set[str]:
    if wanted is None or found is None:
        return set() if wanted is found else {item_paths.of(key)}
    changed = {path for path, _ in {*leaves(wanted)} ^ {*leaves(found)}}
    return {path for path in changed if path.rpartition(".")[0] not in changed}  # a part that one does not have


def applied(native: MemoryDevice, data: st.DataObject) -> Baseline:
    """One apply after another, a few of which fail or are rolled back: the baseline of them all."""
    device = Device("m", MEMORY, native.session())
    baseline, keep = Baseline(device="m", platform="memory"), stored
    for sample in data.draw(st.lists(st.sampled_from(SAMPLES), min_size=1, max_size=3), "applies"):
        prune = KINDS if data.draw(st.booleans(), "prune") else frozenset[str]()
        how = data.draw(st.sampled_from(["applied", "applied", "rolled back", "refused"]), "how")
        plan = device.plan(sample, prune)
        if how == "refused":
            broken = Device("m", MEMORY, Breaking(native.session(), "POST /candidate/commit", Rejected("POST", "no")))
            result = broken.apply(plan)
            assert plan.empty or result.outcome is Outcome.NOT_APPLIED
        else:
            result = device.apply(plan)
        baseline = baseline.then(ApplyResult.parse(result.model_dump_json()))
        if how == "rolled back":
            baseline = baseline.then(device.rollback(result), back=True)
            keep = as_it_is  # a secret that a rollback brings back was read from the device, and is not stored
    assert SECRET not in baseline.model_dump_json()
    return keep(baseline)


def meddled(native: MemoryDevice, baseline: Baseline, data: st.DataObject) -> tuple[set[str], list[Key]]:
    """A few Items changed by hand: the paths of all that is not as it was, and the Items that are nobody's business."""
    wanted = baseline.resolved().wanted.by_key
    changed: set[str] = set()
    strays: list[Key] = []
    expected = sorted({one.key for one in baseline.expected}, key=Key.rank)
    anybody = st.sampled_from(sorted(VARIANTS, key=Key.rank))
    whose = st.sampled_from(expected) | anybody if expected else anybody
    for key in data.draw(st.lists(whose, unique=True, max_size=4), "changed by hand"):
        before = wanted.get(key)
        others: list[Item | None] = [item for item in VARIANTS[key] if item != before]
        new = data.draw(st.sampled_from([*others, None] if before else others), "to")
        by_hand(native, new or VARIANTS[key][0], gone=new is None)
        if key in expected or key.kind in baseline.pruned:
            changed |= differing(before, new, key)
        else:
            strays.append(key)
    return changed, strays


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_was_changed_by_hand_is_found_and_nothing_else(data: st.DataObject) -> None:
    native = MemoryDevice()
    baseline = applied(native, data)
    device = Device("m", MEMORY, native.session())
    assert device.drift(baseline) == DriftReport(device="m", platform="memory")
    before = native.native()
    changed, strays = meddled(native, baseline, data)
    after = native.native()
    report = device.drift(baseline)
    assert {drift.path for drift in report.drifts} == changed
    assert {drift.cause for drift in report.drifts} <= {Cause.CHANGED_BY_HAND}
    assert SECRET not in report.model_dump_json()
    assert DriftReport.parse(report.model_dump_json()).drifts == report.drifts
    assert device.drift(baseline.ignore(changed)).empty
    assert {drift.path for drift in device.drift(baseline, changed).ignored} == changed
    assert device.drift(baseline.accept(report)).empty
    assert native.native() == after, "only reads"
    for key in strays:  # what they refer to may not be there, and then nothing can be planned
        by_hand(native, VARIANTS[key][0], gone=True)
    result = device.apply(device.plan(*report.revert()))
    assert result.outcome is Outcome.APPLIED
    assert device.drift(baseline).empty
    assert native.native() == before


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_path_by_path(data: st.DataObject) -> None:
    """Whatever part is taken back, accepted and ignored: the rest drifts on, and is as it was."""
    native = MemoryDevice()
    device = Device("m", MEMORY, native.session())
    baseline = Baseline.of(device.apply(device.plan(SAMPLES[1])))
    meddled(native, baseline, data)
    left = {drift.path for drift in device.drift(baseline).drifts}
    for how in ("revert", "accept", "ignore"):
        report = device.drift(baseline)
        chosen = data.draw(st.sets(st.sampled_from(sorted(left))) if left else st.just(set[str]()), how)
        try:
            if how == "revert":
                assert device.apply(device.plan(*report.revert(chosen))).outcome is Outcome.APPLIED
            baseline = baseline.accept(report, chosen) if how == "accept" else baseline
            baseline = baseline.ignore(chosen) if how == "ignore" else baseline
            left -= chosen
        except InvalidConfig as error:  # one field without another is no Item, or refers to what is not there
            assert "alone it is not valid" in str(error) or "refers to" in str(error)  # noqa: PT017
        assert {drift.path for drift in device.drift(baseline).drifts} == left


class TestWhatIsManaged:
    """What was changed, what was there already as desired, and kinds that are managed whole."""

    def test_what_was_there_already(self, device: Device, native: MemoryDevice) -> None:
        for item in VLANS.items:
            by_hand(native, item)
        baseline = stored(Baseline.of(device.apply(device.plan(VLANS))))
        by_hand(native, Vlan(id=20, name="data"))
        by_hand(native, Vlan(id=50))
        assert [drift.path for drift in device.drift(baseline).drifts] == ["vlan[20].name"]

    def test_a_kind_stays_whole_until_somebody_says_otherwise(self, device: Device, native: MemoryDevice) -> None:
        baseline = Baseline.of(device.apply(device.plan(VLANS, prune={"vlan"})))
        baseline = baseline.then(device.apply(device.plan(Config.of([Vlan(id=40), Interface(name="eth0")]))))
        by_hand(native, Vlan(id=50))
        by_hand(native, Interface(name="eth1"))
        report = device.drift(baseline)
        assert [str(drift) for drift in report.drifts] == [
            "vlan[50]: wanted absent, found present (not known to netres)"
        ]
        assert device.drift(baseline.ignore(["vlan[5*]"])).empty
        assert device.drift(baseline, ["*[50]"]).empty
        accepted = baseline.accept(report)
        by_hand(native, Vlan(id=50), gone=True)
        assert [str(drift) for drift in device.drift(accepted).drifts] == [
            "vlan[50]: wanted present, found absent (changed by hand)"
        ]

    def test_what_stood_once_is_wanted_even_where_it_was_taken_back(self, device: Device, native: MemoryDevice) -> None:
        result = device.apply(device.plan(VLANS))
        native.running = {}
        found = device.refresh(result)
        assert found.outcome is Outcome.NOT_APPLIED
        drifts = device.drift(Baseline.of(result).then(found)).drifts
        assert [(drift.path, drift.cause) for drift in drifts] == [
            ("vlan[20]", Cause.CHANGED_BY_HAND),
            ("vlan[30]", Cause.CHANGED_BY_HAND),
        ]

    def test_an_item_that_says_nothing_is_the_same_as_none(self, native: MemoryDevice) -> None:
        features = tuple(replace(one, vacant=True) if one.item is Interface else one for one in MEMORY.features)
        device = Device("m1", replace(MEMORY, features=features), native.session())
        eth0 = Interface(name="eth0", description="core")
        baseline = Baseline.of(device.apply(device.plan(Config.of([eth0]))))
        baseline = baseline.then(device.apply(device.plan(Config(), prune={"interface"})))
        by_hand(native, Interface(name="eth0"))
        by_hand(native, Interface(name="eth1"))
        assert device.drift(baseline).empty
        by_hand(native, eth0)
        assert [drift.path for drift in device.drift(baseline).drifts] == ["interface[eth0]"]


def test_single_items_are_pruned_by_key(device: Device, native: MemoryDevice) -> None:
    device.apply(device.plan(Config.of([*VLANS.items, Vlan(id=40)])))
    plan = device.plan(Config(), prune={Key("vlan", ("40",)), Key("vlan", ("41",))})
    assert [(change.action, str(change.key)) for change in plan.changes] == [("delete", "vlan[40]")]
    assert (plan.kinds, plan.pruned) == (("vlan",), ())
    device.apply(plan)
    assert device.observe({"vlan"}) == VLANS
    with pytest.raises(InvalidConfig, match="unknown kind 'vlam'"):
        device.plan(Config(), prune={Key("vlam", ("40",))})


def test_awaited(native: MemoryDevice) -> None:
    async def drifted() -> DriftReport:
        async with AsyncDevice("m", MEMORY, ThreadedTransport(native.session())) as device:
            baseline = Baseline.of(await device.apply(await device.plan(VLANS)))
            by_hand(native, Vlan(id=30), gone=True)
            return await device.drift(baseline)

    assert [str(drift) for drift in asyncio.run(drifted()).drifts] == [
        "vlan[30]: wanted present, found absent (changed by hand)"
    ]
