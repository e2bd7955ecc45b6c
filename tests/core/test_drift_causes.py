"""Why a field is not as it is to be: changed by hand, normalised by the device, or never applied."""

from __future__ import annotations

import pytest
from drifting import (
    NAMED,
    by_hand,
    showing,
    stored,
)
from memory_subject import Immediate, immediate_driver
from sessions import FRR, MEMORY, VLANS

from netres.baseline import Baseline
from netres.drift import Cause
from netres.errors import Rejected
from netres.flow import Http, Operation, Reply
from netres.model import BgpNeighbor, BgpRouter, Config, Interface, Item, Vlan
from netres.plan import Difference, Outcome
from netres.resource import Device
from netres.testing.faulty import Faulty
from netres.testing.samples import SECRET
from netres.testing.sim import Simulated, SimulatedSession
from netres.testing.sim import registry as simulators
from netres.testing.sim.faults import FaultKind
from netres_drivers.memory.device import MemoryDevice


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETRES_TEST_DRIFT", SECRET)


class TestCauses:
    """What was changed by hand, what the device made of it, and what never came to be."""

    def causes(self, device: Device, baseline: Baseline) -> dict[str, Cause]:
        return {drift.path: drift.cause for drift in device.drift(stored(baseline)).drifts}

    def test_what_the_device_makes_of_it(self, native: MemoryDevice) -> None:
        def show(item: Item) -> Item:
            if isinstance(item, Vlan) and item.name:
                return item.model_copy(update={"name": item.name.upper()})
            return item.model_copy(update={"mtu": None}) if isinstance(item, Interface) else item

        device = showing(show, native)
        eth0 = Interface(name="eth0", description="core", mtu=1400)
        result = device.apply(device.plan(Config.of([*VLANS.items, eth0])))
        assert result.outcome is Outcome.DIFFERS
        baseline = Baseline.of(result)
        known = {"interface[eth0].mtu": Cause.NOT_APPLIED, "vlan[20].name": Cause.NORMALISED}
        assert self.causes(device, baseline) == known
        by_hand(native, Vlan(id=20, name="data"))
        by_hand(native, eth0.model_copy(update={"description": "by hand"}))
        assert self.causes(device, baseline) == {
            "interface[eth0].description": Cause.CHANGED_BY_HAND,
            "interface[eth0].mtu": Cause.NOT_APPLIED,
            "vlan[20].name": Cause.CHANGED_BY_HAND,
        }

    def test_what_nobody_knows(self, native: MemoryDevice) -> None:
        session = Faulty(native.session(), "no-route", at=None, on=lambda operation: operation.writes)
        device = Device("m", MEMORY, session)
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
