"""Plans: sealing, refusing, ordering."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from sessions import FRR, MEMORY, VLANS

from netres.driver import Driver, Feature
from netres.errors import (
    InvalidConfig,
    StalePlan,
    TamperedPlan,
    Unsupported,
)
from netres.model import (
    BgpNeighbor,
    BgpNetwork,
    BgpRouter,
    Config,
    Interface,
    PrefixList,
    RouteMap,
    StaticRoute,
    System,
    Vlan,
)
from netres.offline import parse, render
from netres.plan import ApplyResult, Guarantee, Outcome, Plan
from netres.resource import Device
from netres.testing.samples import fitting
from netres_drivers.memory.device import MemoryDevice


def forged(plan: Plan, change: Callable[[dict[str, object]], object]) -> Plan:
    """The plan with something changed, and sealed anew as a forger would."""
    data: dict[str, object] = json.loads(plan.model_dump_json())
    change(data)
    return Plan.model_validate_json(json.dumps(data)).sealed()


class TestSeal:
    def test_a_plan_survives_json_and_still_applies(self, device: Device) -> None:
        plan = device.plan(VLANS)
        again = Plan.parse(plan.model_dump_json())
        assert again == plan
        assert device.apply(again).outcome is Outcome.APPLIED

    def test_a_changed_plan_is_refused(self, device: Device, native: MemoryDevice) -> None:
        plan = device.plan(VLANS)
        with pytest.raises(TamperedPlan, match="was changed after it was made"):
            device.apply(plan.model_copy(update={"guarantee": Guarantee.CONFIRMED}))
        assert not native.running

    def test_a_forged_payload_is_refused(self, device: Device, native: MemoryDevice) -> None:
        plan = forged(device.plan(VLANS), lambda data: data.update(payload=["PUT /vlan/20 {}"]))
        with pytest.raises(TamperedPlan, match="would not send what it says"):
            device.apply(plan)
        assert not native.running

    def test_a_plan_for_another_device_or_platform_is_refused(self, device: Device) -> None:
        plan = device.plan(VLANS)
        with pytest.raises(InvalidConfig, match="the plan is for device 'm2', this is 'm1'"):
            device.apply(forged(plan, lambda data: data.update(device="m2")))
        with pytest.raises(InvalidConfig, match="the plan is for platform 'frr'"):
            device.apply(forged(plan, lambda data: data.update(platform="frr")))

    def test_a_stale_plan_is_refused(self, device: Device) -> None:
        plan = device.plan(VLANS)
        device.apply(device.plan(Config.of([Vlan(id=99)])))
        with pytest.raises(StalePlan, match="m1 changed since the plan was made"):
            device.apply(plan)

    def test_a_change_of_unrelated_kinds_does_not_matter(self, device: Device) -> None:
        plan = device.plan(VLANS)
        device.apply(device.plan(Config.of([Interface(name="eth0", description="x")])))
        assert device.apply(plan).outcome is Outcome.APPLIED

    def test_what_is_no_plan_is_refused(self) -> None:
        with pytest.raises(InvalidConfig, match=r"plan.json: field 'device' is missing"):
            Plan.parse("{}", "plan.json")
        with pytest.raises(InvalidConfig, match=r"result: .*"):
            ApplyResult.parse("[]")


class TestRefusals:
    def test_a_reference_to_what_is_not_there(self, device: Device) -> None:
        neighbor = BgpNeighbor(address="192.0.2.2", remote_as=1)
        with pytest.raises(InvalidConfig, match=r"bgp_neighbor\[192.0.2.2\] refers to bgp_router, which neither"):
            device.plan(Config.of([neighbor]))

    def test_pruning_what_others_need(self, device: Device) -> None:
        neighbor = BgpNeighbor(address="192.0.2.2", remote_as=1)
        device.apply(device.plan(Config.of([BgpRouter(asn=1), neighbor])))
        with pytest.raises(InvalidConfig, match=r"bgp_neighbor\[192.0.2.2\] refers to bgp_router"):
            device.plan(Config(), prune={"bgp_router"})
        assert len(device.plan(Config(), prune={"bgp_router", "bgp_neighbor"}).changes) == 2

    def test_kinds(self, device: Device) -> None:
        with pytest.raises(InvalidConfig, match=r"unknown kind 'vlans'; did you mean 'vlan'\?"):
            device.plan(VLANS, prune={"vlans"})
        with pytest.raises(InvalidConfig, match=r"unknown kind 'x'"):
            device.observe(["x"])

    def test_more_than_the_platform_holds(self, device: Device) -> None:
        vlan = replace(MEMORY.table["vlan"], limits={"max": 1})
        others = tuple(feature for feature in MEMORY.features if feature.item is not Vlan)
        small = Device("m1", replace(MEMORY, features=(*others, vlan)), MemoryDevice().session())
        with pytest.raises(Unsupported, match="2 Items of kind vlan: memory holds at most 1") as error:
            small.plan(VLANS)
        assert error.value.capability
        assert error.value.capability.limits == {"max": 1}

    @pytest.mark.parametrize(
        ("item", "words"),
        [
            (Vlan(id=2), r"vlan\[2\]: frr: the platform has no such thing: FRR leaves this to the host"),
            (Interface(name="eth0", mtu=1400), r"interface\[eth0\]: frr cannot express the field 'mtu'; leave it out"),
            (BgpNeighbor(address="192.0.2.2", remote_as=1, families=("l2vpn-evpn",)),
             r"cannot express families 'l2vpn-evpn'; it knows ipv4-unicast, ipv6-unicast"),
        ],
    )  # fmt: skip
    def test_what_frr_cannot(self, item: Vlan, words: str) -> None:
        with pytest.raises(Unsupported, match=words):
            render(FRR, Config.of([BgpRouter(asn=1), item]))

    def test_a_line_that_is_too_long(self) -> None:
        entry = {"seq": 1, "set_community": [f"65001:{number}" for number in range(100)]}
        with pytest.raises(InvalidConfig, match="frr takes lines of at most 480 characters"):
            render(FRR, Config.of([RouteMap.model_validate({"name": "R", "entries": [entry]})]))

    def test_a_read_only_kind_may_stand_as_it_is(self) -> None:
        running = "hostname r1\n"
        assert not render(FRR, Config.of([System(hostname="r1")]), running).operations
        with pytest.raises(Unsupported, match="system: frr: it can be read, not written: the names are the host's"):
            render(FRR, Config.of([System(hostname="r2")]), running)

    def test_lines_of_others_are_spared(self) -> None:
        peer_group = "router bgp 65001\n neighbor 192.0.2.2 remote-as external\n"
        neighbor = BgpNeighbor(address="192.0.2.2", remote_as=2)
        with pytest.raises(InvalidConfig, match=r"has bgp_neighbor\[192.0.2.2\] with lines that netres cannot express"):
            render(FRR, Config.of([neighbor]), peer_group)
        by_hand = "route-map R permit 10\n call OTHER\nroute-map R permit 20\n"
        kept = RouteMap.model_validate({"name": "R", "entries": [{"seq": 20}]})
        with pytest.raises(InvalidConfig, match=r"deleting route_map\[R 10\] would take lines with it .*: call OTHER"):
            render(FRR, Config.of([kept]), by_hand)
        made = render(FRR, Config.of([RouteMap.model_validate({"name": "R", "entries": [{"seq": 10}]})]), by_hand)
        assert [str(operation) for operation in made.operations] == ["no route-map R permit 20"]


class TestOrder:
    def test_what_cannot_change_in_place_is_made_anew_with_all_that_needs_it(self) -> None:
        running = (
            "ip prefix-list P seq 5 permit any\n"
            "router bgp 65001\n neighbor 192.0.2.2 remote-as 65002\n"
            " address-family ipv4 unicast\n  network 10.0.0.0/8\n exit-address-family\n"
        )
        made = render(FRR, Config.of([BgpRouter(asn=65009)]), running)
        assert [(change.action, str(change.key)) for change in made.changes] == [
            ("delete", "bgp_neighbor[192.0.2.2]"),
            ("delete", "bgp_network[10.0.0.0/8]"),
            ("delete", "bgp_router"),
            ("create", "bgp_router"),
            ("create", "bgp_neighbor[192.0.2.2]"),
            ("create", "bgp_network[10.0.0.0/8]"),
        ]
        told = [str(operation) for operation in made.operations]
        assert told.index("no router bgp 65001") < told.index("router bgp 65009")
        assert "no ip prefix-list" not in " ".join(told)

    def test_neither_item_order_nor_hash_seed_matters(self) -> None:
        script = (
            "from netres import registry; from netres.model import Config; from netres.offline import render;"
            "from netres.testing.samples import fitting; import sys; d = registry.get('frr');"
            "c = fitting(d)[2]; s = [i for i in c.items if i.KIND != 'system'];"
            "s = s if sys.argv[1] == '0' else s[::-1];"
            "print([str(o) for o in render(d, Config.of(s)).operations])"
        )
        told = {
            subprocess.run(
                [sys.executable, "-c", script, turned],
                env={**os.environ, "PYTHONHASHSEED": seed},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for turned, seed in itertools.product("01", ("0", "1", "4242"))
        }
        assert len(told) == 1


def test_defaults_of_the_platform_are_no_changes() -> None:
    running = "ip route 10.0.0.0/8 eth0\ninterface eth0\n ip ospf area 0\n ip ospf hello-interval 10\n"
    observed = parse(FRR, running).config
    wanted = [StaticRoute(prefix="10.0.0.0/8", interface="eth0", distance=1), Interface(name="eth9")]
    plain = [item.model_copy(update={"hello_interval": None}) for item in observed.only({"ospf_interface"}).items]
    assert not render(FRR, Config.of([*wanted, *plain]), running).operations


def test_a_driver_without_writing_features_can_still_read() -> None:
    reader = Feature(Vlan, MEMORY.table["vlan"].read)
    driver: Driver = replace(MEMORY, features=(reader,))
    native = MemoryDevice()
    Device("m", MEMORY, native.session()).apply(Device("m", MEMORY, native.session()).plan(VLANS))
    device = Device("m", driver, native.session())
    assert device.observe() == VLANS
    assert driver.capability("vlan").support == "read-only"
    assert device.plan(VLANS).empty
    with pytest.raises(Unsupported, match=r"vlan\[4\]: memory: it can be read, not written"):
        device.plan(Config.of([Vlan(id=4)]))


def test_samples_fit_what_they_are_for() -> None:
    frr = fitting(FRR)
    assert {item.KIND for sample in frr for item in sample.items} == {
        kind for kind, feature in FRR.table.items() if feature.write
    }
    assert not any(isinstance(item, PrefixList) and not item.entries for sample in frr for item in sample.items)
    assert any(isinstance(item, BgpNetwork) for item in frr[1].items)
