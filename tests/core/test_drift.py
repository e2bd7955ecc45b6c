"""Drift on devices in memory: what somebody changed by hand is found, just that, and can be ended in three ways."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_subject import Immediate, immediate_driver
from pydantic import BaseModel
from sessions import FRR, MEMORY, VLANS, Breaking

from netres.baseline import Baseline
from netres.drift import Cause, DriftReport
from netres.driver import Feature, Scope
from netres.errors import InvalidConfig, ParseError, Rejected, SecretError, Unsupported, UsageError
from netres.flow import Flow, Http, Operation, Reply
from netres.model import BgpNeighbor, BgpRouter, Config, Interface, Item, Key, Secret, Vlan, Wlan, WlanSecurity
from netres.model import paths as item_paths
from netres.model.secret import paired
from netres.plan import ApplyResult, Change, Difference, Outcome
from netres.resource import AsyncDevice, Device
from netres.testing.faulty import Faulty
from netres.testing.samples import SECRET, fitting
from netres.testing.sim import Simulated, SimulatedSession
from netres.testing.sim import registry as simulators
from netres.testing.sim.faults import FaultKind
from netres.transport.threads import ThreadedTransport
from netres_drivers.memory.device import MemoryDevice, MemorySession

NAMED: Final = Secret("env:NETRES_TEST_DRIFT", SECRET)
SAMPLES: Final = [
    Config.of(paired(item, item, lambda *_: NAMED) for item in sample.items) for sample in fitting(MEMORY)
]
KINDS: Final = frozenset(MEMORY.table)
_ALL: Final = [item for config in SAMPLES for item in config.items]
VARIANTS: Final[Mapping[Key, list[Item]]] = {one.key: [item for item in _ALL if item.key == one.key] for one in _ALL}
PLACE: Final = Scope(Config(), Config(), Reply())


@pytest.fixture(autouse=True, scope="module")
def _secret() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETRES_TEST_DRIFT", SECRET)
        yield


def by_hand(native: MemoryDevice, item: Item, *, gone: bool = False) -> None:
    """Somebody else's session, which checks nothing: it writes an Item, or deletes it."""
    write = MEMORY.table[item.KIND].write
    assert write
    change = Change.of(item, None) if gone else Change.of(None, item)
    made: list[Operation] = [*MEMORY.begin, *write(change, PLACE), *MEMORY.commit]
    session = native.session()
    for operation in made:
        session.execute(operation)


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
    """One apply after another, a few of which fail or are rolled back; the baseline of them all, out of its JSON."""
    device = Device("m", MEMORY, native.session())
    baseline = Baseline(device="m", platform="memory")
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
    assert SECRET not in baseline.model_dump_json()
    return Baseline.parse(baseline.model_dump_json())


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


def showing(show: Callable[[Item], Item]) -> Device:
    """A memory device that shows its Items otherwise than it has them, and the device itself."""

    def shown(feature: Feature) -> Feature:
        def read() -> Flow[Iterable[Item]]:
            return [show(item) for item in (yield from feature.read())]

        return replace(feature, read=read)

    driver = replace(MEMORY, features=tuple(shown(feature) for feature in MEMORY.features))
    return Device("m", driver, MemoryDevice().session())


_COUNT: Final = itertools.count()


def salted(item: Item) -> Item:
    return paired(item, item, lambda *_: Secret.observed(f"$5${next(_COUNT)}$aUdE"))


def hidden(item: Item) -> Item:
    return paired(item, item, lambda *_: Secret())


def without(item: Item) -> Item:
    return item.model_copy(update={"password": None}) if isinstance(item, BgpNeighbor) else item


NEIGHBOR: Final = BgpNeighbor(address="192.0.2.2", remote_as=65002, description="core", password=NAMED)
WLAN: Final = Wlan(name="corp", ssid="Corp", security=WlanSecurity(mode="psk", passphrase=NAMED))
WITH_SECRETS: Final = Config.of([BgpRouter(asn=65001), NEIGHBOR, WLAN])
SILENT: Final = ["bgp_neighbor[192.0.2.2].password", "wlan[corp].security.passphrase"]


def changed_by_hand(device: Device, item: Item) -> None:
    session = device._transport
    assert isinstance(session, MemorySession)
    by_hand(session.device, item)


def stored(baseline: Baseline) -> Baseline:
    return Baseline.parse(baseline.model_dump_json())


class TestSecrets:
    @pytest.mark.parametrize("show", [salted, hidden, without])
    @pytest.mark.parametrize("keep", [lambda baseline: baseline, stored])
    def test_what_the_device_does_not_show_is_no_drift(
        self, show: Callable[[Item], Item], keep: Callable[[Baseline], Baseline]
    ) -> None:
        device = showing(show)
        result = device.apply(device.plan(WITH_SECRETS))
        assert result.outcome is (Outcome.APPLIED if show is hidden else Outcome.DIFFERS)
        baseline = keep(Baseline.of(result))
        report = device.drift(baseline)
        assert report.empty
        assert [one.path for one in report.not_comparable] == (SILENT[:1] if show is without else SILENT)
        changed_by_hand(device, NEIGHBOR.model_copy(update={"description": "by hand"}))
        report = device.drift(baseline)
        assert [drift.path for drift in report.drifts] == ["bgp_neighbor[192.0.2.2].description"]
        reverted = report.revert().config.items[0]
        assert isinstance(reverted, BgpNeighbor)
        assert reverted.password == NAMED, "what the device shows must not become the password"
        assert baseline.accept(report).wanted.by_key[NEIGHBOR.key] == reverted.model_copy(
            update={"description": "by hand"}
        )

    def test_a_reference_is_compared_in_every_process(
        self, device: Device, native: MemoryDevice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text = Baseline.of(device.apply(device.plan(WITH_SECRETS))).model_dump_json()
        assert SECRET not in text
        monkeypatch.setattr("netres.model.secret._KEY", b"of another process")
        report = device.drift(Baseline.parse(text))
        assert (report.drifts, report.not_comparable) == ((), ())
        by_hand(native, NEIGHBOR.model_copy(update={"password": Secret.observed("new by hand")}))
        report = device.drift(Baseline.parse(text))
        assert [str(drift) for drift in report.drifts] == [
            "bgp_neighbor[192.0.2.2].password: wanted env:NETRES_TEST_DRIFT, found ******** (changed by hand)"
        ]
        assert "new by hand" not in report.model_dump_json() + repr(report)
        device.apply(device.plan(*report.revert()))
        assert "new by hand" not in native.native()
        monkeypatch.delenv("NETRES_TEST_DRIFT")
        report = device.drift(Baseline.parse(text))
        assert report.empty
        assert [(one.path, one.why) for one in report.not_comparable] == [
            (path, "env:NETRES_TEST_DRIFT leads nowhere here") for path in SILENT
        ]

    def test_one_that_was_read_from_a_device_is_compared_in_this_process_only(
        self, device: Device, native: MemoryDevice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read = NEIGHBOR.model_copy(update={"password": Secret.observed(SECRET)})
        baseline = stored(Baseline.of(device.apply(device.plan(Config.of([BgpRouter(asn=65001), read])))))
        assert device.drift(baseline).not_comparable == ()
        monkeypatch.setattr("netres.model.secret._KEY", b"of another process")
        report = device.drift(baseline)
        assert report.empty
        assert [one.why for one in report.not_comparable] == ["it was read from the device, and is not stored"]
        by_hand(native, read.model_copy(update={"description": "by hand"}))
        device.apply(device.plan(*device.drift(baseline).revert()))
        assert SECRET in native.native(), "it stays as it is"
        by_hand(native, read, gone=True)
        with pytest.raises(SecretError, match=r"bgp_neighbor\[192.0.2.2\]: a secret read from a device is not stored"):
            device.plan(*device.drift(baseline).revert())


class TestCauses:
    """What was changed by hand, what the device made of it, and what never came to be."""

    def causes(self, device: Device, baseline: Baseline) -> dict[str, Cause]:
        return {drift.path: drift.cause for drift in device.drift(stored(baseline)).drifts}

    def test_what_the_device_makes_of_it(self) -> None:
        def show(item: Item) -> Item:
            if isinstance(item, Vlan) and item.name:
                return item.model_copy(update={"name": item.name.upper()})
            return item.model_copy(update={"mtu": None}) if isinstance(item, Interface) else item

        device = showing(show)
        eth0 = Interface(name="eth0", description="core", mtu=1400)
        result = device.apply(device.plan(Config.of([*VLANS.items, eth0])))
        assert result.outcome is Outcome.DIFFERS
        baseline = Baseline.of(result)
        known = {"interface[eth0].mtu": Cause.NOT_APPLIED, "vlan[20].name": Cause.NORMALISED}
        assert self.causes(device, baseline) == known
        changed_by_hand(device, Vlan(id=20, name="data"))
        changed_by_hand(device, eth0.model_copy(update={"description": "by hand"}))
        assert self.causes(device, baseline) == {
            "interface[eth0].description": Cause.CHANGED_BY_HAND,
            "interface[eth0].mtu": Cause.NOT_APPLIED,
            "vlan[20].name": Cause.CHANGED_BY_HAND,
        }

    def test_what_nobody_knows(self, native: MemoryDevice) -> None:
        device = Device(
            "m", MEMORY, Faulty(native.session(), "no-route", at=None, on=lambda operation: operation.writes)
        )
        session = device._transport
        assert isinstance(session, Faulty)
        first = device.apply(device.plan(VLANS))
        plan = device.plan(Config.of([Vlan(id=20, name="data"), Vlan(id=40)]), prune={"vlan"})
        session.arm("no-route", at=0)
        result = device.apply(plan)
        assert result.outcome is Outcome.UNKNOWN
        session.mend()
        baseline = Baseline.of(first).then(result)
        assert self.causes(device, baseline) == {
            "vlan[20].name": Cause.NOT_APPLIED,
            "vlan[30]": Cause.NOT_APPLIED,
            "vlan[40]": Cause.NOT_APPLIED,
        }
        found = device.refresh(result)
        assert found.outcome is Outcome.NOT_APPLIED
        assert self.causes(device, baseline.then(found)) == {}
        by_hand(native, Vlan(id=30), gone=True)
        assert self.causes(device, baseline.then(found)) == {"vlan[30]": Cause.CHANGED_BY_HAND}

    def test_what_was_taken_back_because_nobody_confirmed_it(self, device: Device, native: MemoryDevice) -> None:
        device.apply(device.plan(VLANS))
        before = native.running
        result = device.apply(device.plan(Config.of([Vlan(id=20, name="data"), Vlan(id=40)])))
        waiting = result.model_copy(update={"confirmed": False})
        assert self.causes(device, Baseline.of(waiting)) == {}
        by_hand(native, Vlan(id=20, name="by-hand"))
        assert self.causes(device, Baseline.of(waiting)) == {"vlan[20].name": Cause.CHANGED_BY_HAND}
        native.running = before
        gone = {"vlan[20].name", "vlan[40]"}
        assert self.causes(device, Baseline.of(waiting)) == dict.fromkeys(gone, Cause.NOT_APPLIED)
        assert self.causes(device, Baseline.of(result)) == dict.fromkeys(gone, Cause.CHANGED_BY_HAND)

    def test_what_could_not_be_undone(self, native: MemoryDevice) -> None:
        """A change that is refused halfway, and whose way back is refused too: what was there is wanted."""
        device = Device("m", immediate_driver(), Immediate(native.session()))
        first = device.apply(device.plan(VLANS))
        refusing = Device("m", immediate_driver(), Refusing(native))
        result = refusing.apply(refusing.plan(Config.of([Vlan(id=20, name="data"), Vlan(id=40)])))
        assert (result.outcome, result.after) == (Outcome.DIFFERS, None)
        assert result.error
        assert self.causes(device, Baseline.of(first).then(result)) == {"vlan[20].name": Cause.NOT_APPLIED}
        assert [str(one) for one in device.drift(Baseline.of(result)).drifts] == [
            "vlan[20].name: wanted 'voice', found 'data' (not applied)"
        ]

    def test_a_way_back_that_is_not_finished(self, native: MemoryDevice) -> None:
        device = Device("m", MEMORY, native.session())
        first = device.apply(device.plan(VLANS))
        half = first.model_copy(
            update={
                "outcome": Outcome.DIFFERS,
                "changes": tuple(change.inverse() for change in first.changes),
                "before": VLANS,
                "after": None,
                "error": "the device was busy",
                "differences": (Difference(item="vlan[30]", wanted="absent", found="present"),),
            }
        )
        by_hand(native, Vlan(id=20), gone=True)
        assert self.causes(device, Baseline.of(first).then(half, back=True)) == {"vlan[30]": Cause.NOT_APPLIED}


class Refusing(Immediate):
    """Takes the first change, and no other."""

    def __init__(self, native: MemoryDevice) -> None:
        super().__init__(native.session())
        self.left = 1

    def execute(self, operation: Operation) -> Reply:
        if isinstance(operation, Http) and operation.method in {"PUT", "DELETE"}:
            self.left -= 1
            if self.left < 0:
                raise Rejected(str(operation), "no more")
        return super().execute(operation)


class TestOnFrr:
    """As the platform says it: defaults, and a router that shows otherwise what it was told."""

    NEIGHBOR = BgpNeighbor(address="192.0.2.2", remote_as=65002, description="core", password=NAMED)
    WANTED = Config.of([BgpRouter(asn=65001), NEIGHBOR, Interface(name="eth0", description="to the core")])

    @pytest.fixture
    def router(self) -> Simulated:
        return simulators.get("frr").make("r1")

    def test_a_default_that_is_spelled_out_is_no_drift(self, router: Simulated) -> None:
        device = Device("r1", FRR, SimulatedSession(router, FRR))
        baseline = stored(Baseline.of(device.apply(device.plan(self.WANTED))))
        router.store.load("router bgp 65001\n neighbor 192.0.2.2 timers connect 120\n")
        assert "timers connect 120" in router.native()
        assert device.drift(baseline).empty
        router.store.load("router bgp 65001\n neighbor 192.0.2.2 timers connect 30\n")
        assert [str(drift) for drift in device.drift(baseline).drifts] == [
            "bgp_neighbor[192.0.2.2].connect_retry: wanted None, found 30 (changed by hand)"
        ]

    def test_a_router_that_salts_and_normalises(self, router: Simulated) -> None:
        device = Device("r1", FRR, SimulatedSession(router, FRR))
        router.fail(FaultKind.SALTED, find=r"neighbor \S+ password (\S+)")
        router.fail(FaultKind.NORMALISED, find="to the core", replace="TO THE CORE")
        result = device.apply(device.plan(self.WANTED))
        assert result.outcome is Outcome.DIFFERS
        baseline = stored(Baseline.of(result))
        report = device.drift(baseline)
        assert [(drift.path, drift.cause) for drift in report.drifts] == [
            ("interface[eth0].description", Cause.NORMALISED)
        ]
        assert [one.path for one in report.not_comparable] == ["bgp_neighbor[192.0.2.2].password"]
        assert device.drift(baseline.accept(report)).empty
        router.store.load("router bgp 65001\n neighbor 192.0.2.2 description by hand\n")
        report = device.drift(baseline.accept(report))
        assert [drift.path for drift in report.drifts] == ["bgp_neighbor[192.0.2.2].description"]
        plan = device.plan(*report.revert())
        assert "neighbor 192.0.2.2 description core" in plan.payload
        device.apply(plan)
        assert "description core" in router.native()
        assert "$5$" not in router.native(), "a hash must not become the password"


class Flickering:
    """Shows a device with nothing, a few times, as noise on the way does; or something else each time."""

    def __init__(self, native: MemoryDevice, times: int) -> None:
        self.inner = native.session()
        self.times = times

    def execute(self, operation: Operation) -> Reply:
        reply = self.inner.execute(operation)
        if isinstance(operation, Http) and operation.path == "/vlan" and self.times:
            self.times -= 1
            return replace(reply, body={"20": {"kind": "vlan", "id": 20, "name": f"n{self.times}"}})
        return reply

    def close(self) -> None:
        self.inner.close()


class TestRefusals:
    def test_noise_is_no_drift(self, device: Device, native: MemoryDevice) -> None:
        baseline = Baseline.of(device.apply(device.plan(VLANS)))
        assert Device("m1", MEMORY, Flickering(native, 1)).drift(baseline).empty
        with pytest.raises(ParseError, match="something else each time"):
            Device("m1", MEMORY, Flickering(native, 3)).drift(baseline)

    def test_a_baseline_of_another_device_or_platform(self, device: Device) -> None:
        result = device.apply(device.plan(VLANS))
        baseline = Baseline.of(result)
        with pytest.raises(InvalidConfig, match="the baseline is of device 'm2', this is 'm1'"):
            device.drift(baseline.model_copy(update={"device": "m2"}))
        with pytest.raises(InvalidConfig, match="for platform 'frr', the device is 'memory'"):
            device.drift(baseline.model_copy(update={"platform": "frr"}))
        with pytest.raises(InvalidConfig, match=r"of 'm2' \(memory\), the result of 'm1' \(memory\)"):
            baseline.model_copy(update={"device": "m2"}).then(result)
        with pytest.raises(InvalidConfig, match=r"^baseline: "):
            Baseline.parse("{}")

    @pytest.mark.parametrize(
        ("pattern", "words"),
        [
            ("interfaces[*].mtu", "unknown kind 'interfaces'; did you mean 'interface'"),
            ("interface[*].descripton", "interface has no field 'descripton'; did you mean 'description'"),
            ("interface.mtu", r"name the Item too, like interface\[\*\]"),
            ("system[x].hostname", "there is one system only"),
            ("vlan[20", "is no path"),
            ("", "unknown kind ''"),
        ],
    )
    def test_a_path_that_matches_nothing_ever(self, device: Device, pattern: str, words: str) -> None:
        baseline = Baseline(device="m1", platform="memory")
        with pytest.raises(InvalidConfig, match=words):
            baseline.ignore([pattern])
        with pytest.raises(InvalidConfig, match=words):
            device.drift(baseline, [pattern])

    def test_a_path_at_which_nothing_drifted(self, device: Device, native: MemoryDevice) -> None:
        baseline = Baseline.of(device.apply(device.plan(VLANS)))
        by_hand(native, Vlan(id=20, name="data"))
        report = device.drift(baseline)
        with pytest.raises(
            UsageError, match=r"m1: nothing drifted at 'vlan\[20\].nam'; did you mean 'vlan\[20\].name'"
        ):
            report.revert(["vlan[20].nam"])
        with pytest.raises(UsageError, match=r"nothing drifted at 'vlan\[30\]'"):
            baseline.accept(report, ["vlan[20]", "vlan[30]"])
        assert baseline.accept(report, "vlan[20]") == baseline.accept(report)

    def test_one_field_without_another_is_no_item(self, device: Device, native: MemoryDevice) -> None:
        baseline = Baseline.of(device.apply(device.plan(WITH_SECRETS)))
        by_hand(native, WLAN.model_copy(update={"security": WlanSecurity(mode="open")}))
        report = device.drift(baseline)
        assert [drift.path for drift in report.drifts] == ["wlan[corp].security.mode", "wlan[corp].security.passphrase"]
        with pytest.raises(
            InvalidConfig, match=r"wlan\[corp\]: with security.mode alone it is not valid: .*wlan\[corp\]$"
        ):
            report.revert(["wlan[corp].security.mode"])
        with pytest.raises(InvalidConfig, match=r"with security\.mode alone"):
            baseline.accept(report, ["wlan[*].security.mode"])
        assert report.revert(["wlan[corp].security"]).config.items == (WLAN,)

    def test_a_kind_that_the_platform_does_not_have(self, native: MemoryDevice) -> None:
        device = Device("m", MEMORY, native.session())
        baseline = Baseline.of(device.apply(device.plan(VLANS)))
        bare = replace(MEMORY, features=tuple(one for one in MEMORY.features if one.item is not Vlan))
        with pytest.raises(Unsupported, match="vlan"):
            Device("m", bare, native.session()).drift(baseline)


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
