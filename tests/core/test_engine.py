"""Planning, sealing, refusing; over the reference driver and the pure parts of frr."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from netres import registry
from netres.driver import Driver, Feature
from netres.errors import (
    ApplyFailed,
    InvalidConfig,
    NetresError,
    Rejected,
    SecretError,
    StalePlan,
    TamperedPlan,
    TransportError,
    Unsupported,
)
from netres.flow import Cli, Exec, Flow, Http, Operation, Reconnect, Reply, Transport, ask, run
from netres.model import (
    BgpNeighbor,
    BgpNetwork,
    BgpRouter,
    Config,
    Interface,
    PrefixList,
    RouteMap,
    Secret,
    StaticRoute,
    System,
    Vlan,
)
from netres.offline import parse, render
from netres.plan import ApplyResult, Guarantee, Outcome, Plan
from netres.resource import AsyncDevice, Device
from netres.testing.samples import SECRET, fitting
from netres.transport.fake import FakeTransport
from netres.transport.threads import ThreadedTransport
from netres_drivers.memory.device import MemoryDevice

MEMORY, FRR = registry.get("memory"), registry.get("frr")
VLANS = Config.of([Vlan(id=20, name="voice"), Vlan(id=30)])


@pytest.fixture
def native() -> MemoryDevice:
    return MemoryDevice()


@pytest.fixture
def device(native: MemoryDevice) -> Device:
    return Device("m1", MEMORY, native.session())


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
            (Vlan(id=2), "frr has vlan as never: FRR leaves this to the host's operating system"),
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
        with pytest.raises(Unsupported, match="frr has system as read-only: the names are the host's"):
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


class TestSecrets:
    NEIGHBOR = BgpNeighbor(address="192.0.2.2", remote_as=2, password=Secret("env:NEW_PW"))

    def test_a_replaced_secret_comes_back_in_this_process_only(
        self, device: Device, native: MemoryDevice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NEW_PW", "new one")
        old = self.NEIGHBOR.model_copy(update={"password": Secret.observed(SECRET)})
        device.apply(device.plan(Config.of([BgpRouter(asn=1), old])))
        before = native.native()
        result = device.apply(device.plan(Config.of([self.NEIGHBOR])))
        stored = ApplyResult.parse(result.model_dump_json())
        assert SECRET not in result.model_dump_json()
        assert "new one" in native.native()
        with pytest.raises(SecretError, match="is not resolved"):
            device.rollback(stored)
        assert "new one" in native.native()
        assert device.refresh(stored).outcome is Outcome.APPLIED
        assert device.rollback(result).exact
        assert native.native() == before

    def test_a_plan_from_json_resolves_its_secrets_when_it_is_applied(
        self, device: Device, native: MemoryDevice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NEW_PW", "new one")
        text = device.plan(Config.of([BgpRouter(asn=1), self.NEIGHBOR])).model_dump_json()
        assert "new one" not in text
        monkeypatch.delenv("NEW_PW")
        with pytest.raises(SecretError, match="NEW_PW is not set"):
            device.apply(Plan.parse(text))
        assert not native.running
        monkeypatch.setenv("NEW_PW", "new one")
        assert device.apply(Plan.parse(text)).outcome is Outcome.APPLIED
        assert "new one" in native.native()


class Breaking:
    """Passes on until a writing operation begins with ``at``; raises there."""

    def __init__(self, inner: Transport, at: str | tuple[str, ...], error: NetresError) -> None:
        self.inner, self.at, self.error = inner, at, error

    def execute(self, operation: Operation) -> Reply:
        if str(operation).startswith(self.at):
            raise self.error
        return self.inner.execute(operation)

    def close(self) -> None:
        self.inner.close()


class TestWayBack:
    def test_a_way_back_that_breaks_is_unknown_and_can_be_taken_again(
        self, device: Device, native: MemoryDevice
    ) -> None:
        result = device.apply(device.plan(VLANS))
        cut = Device("m1", MEMORY, Breaking(native.session(), ("DELETE /vlan/30", "reconnect"), TransportError("cut")))
        broken = cut.rollback(result)
        assert broken.outcome is Outcome.UNKNOWN
        assert broken.error == "cut"
        assert device.rollback(result).exact
        assert not native.running

    def test_a_way_back_over_a_lost_session_is_taken_again(self, device: Device, native: MemoryDevice) -> None:
        result = device.apply(device.plan(VLANS))

        class Once(Breaking):
            def execute(self, operation: Operation) -> Reply:
                if str(operation) == "DELETE /vlan/30" and self.at:
                    self.at = ""
                    raise self.error
                return self.inner.execute(operation)

        lost = Device("m1", MEMORY, Once(native.session(), "x", TransportError("cut")))
        assert lost.rollback(result).exact
        assert not native.running

    def test_a_way_back_that_is_refused_differs(self, device: Device, native: MemoryDevice) -> None:
        result = device.apply(device.plan(VLANS))
        stubborn = Device("m1", MEMORY, Breaking(native.session(), "DELETE /vlan/30", Rejected("x", "no")))
        back = stubborn.rollback(result)
        assert back.outcome is Outcome.DIFFERS
        assert back.error_type == "Rejected"
        assert [str(one) for one in back.differences] == [
            "vlan[20]: wanted absent, found present",
            "vlan[30]: wanted absent, found present",
        ]

    def test_a_device_that_cannot_be_read_gets_nothing(self, device: Device, native: MemoryDevice) -> None:
        result = device.apply(device.plan(VLANS))
        cut = Device("m1", MEMORY, Breaking(native.session(), "GET", TransportError("cut")))
        with pytest.raises(TransportError):
            cut.rollback(result)

    def test_what_was_not_saved_is_told(self, native: MemoryDevice) -> None:
        full = Device("m1", MEMORY, Breaking(native.session(), "POST /saved", Rejected("save", "no space")))
        result = full.apply(full.plan(VLANS))
        assert result.outcome is Outcome.APPLIED
        assert result.saved is False
        assert "was not stored for the next start" in result.notes[0]
        back = full.rollback(result)
        assert (back.outcome, back.saved) == (Outcome.APPLIED, False)
        assert full.apply(full.plan(VLANS), save=False).saved is None

    def test_what_the_device_normalised_is_told(self, native: MemoryDevice) -> None:
        class Shouting(Breaking):
            def execute(self, operation: Operation) -> Reply:
                if isinstance(operation, Http) and operation.path == "/vlan/20":
                    operation = Http("PUT", "/vlan/20", {"kind": "vlan", "id": 20, "name": "VOICE"})
                return self.inner.execute(operation)

        odd = Device("m1", MEMORY, Shouting(native.session(), "never", TransportError()))
        result = odd.apply(odd.plan(VLANS))
        assert result.outcome is Outcome.DIFFERS
        assert [str(one) for one in result.differences] == ["vlan[20] name: wanted 'voice', found 'VOICE'"]
        with pytest.raises(ApplyFailed, match="m1: differs") as error:
            result.raise_for_outcome()
        assert error.value.result is result
        assert odd.refresh(result).outcome is Outcome.DIFFERS

    def test_a_refused_commit_leaves_nothing(self, native: MemoryDevice) -> None:
        full = Device("m1", MEMORY, Breaking(native.session(), "POST /candidate/commit", Rejected("commit", "no")))
        result = full.apply(full.plan(VLANS))
        assert result.outcome is Outcome.NOT_APPLIED
        assert result.error == "the device refused 'commit': no"
        assert not native.running
        nothing = full.apply(full.plan(Config()))
        assert nothing.outcome is Outcome.APPLIED
        assert not nothing.sent


class TestFlows:
    def test_the_same_flow_awaited(self, native: MemoryDevice) -> None:
        async def main() -> ApplyResult:
            async with AsyncDevice("m1", MEMORY, ThreadedTransport(native.session())) as device:
                assert repr(device) == "AsyncDevice('m1', 'memory')"
                assert device.capabilities() == MEMORY.capabilities()
                with pytest.raises(InvalidConfig):
                    await device.observe(["x"])
                return await device.apply(await device.plan(VLANS))

        assert asyncio.run(main()).outcome is Outcome.APPLIED
        assert len(native.running["vlan"]) == 2

    def test_errors_of_operations_reach_the_flow(self) -> None:
        def flow() -> Flow[str]:
            try:
                yield from ask(Reconnect())
            except TransportError as error:
                return str(error)
            return "no error"

        def cut(operation: Operation) -> Reply:
            raise TransportError(f"{operation} failed")

        assert run(flow(), cut) == "reconnect failed"

    def test_operations_cannot_hold_a_second_line(self) -> None:
        with pytest.raises(InvalidConfig, match="control character or line break"):
            Cli(("a\nb",))
        with pytest.raises(SecretError, match="control character"):
            Cli(("a ", Secret.observed("b\nc"))).reveal()
        assert Cli(("a ", Secret("env:X"))).width == 7
        assert Cli(("a ", Secret.observed("four"))).width == 6
        assert Exec("true", ("a", Secret.observed("b"))).reveal() == "ab"
        assert Http("GET", "/x").reveal() is None
        assert [Http(method, "/").writes for method in ("GET", "HEAD", "POST")] == [False, False, True]

    def test_what_several_features_read_is_parsed_once(self) -> None:
        calls: list[str] = []

        def count(reply: Reply) -> int:
            calls.append(reply.text)
            return len(reply.text)

        reply = Reply("abc")
        assert [reply.parsed(count), reply.parsed(count)] == [3, 3]
        assert calls == ["abc"]

    def test_each_reading_operation_is_asked_once(self) -> None:
        asked: list[str] = []

        def answer(operation: Operation) -> Reply:
            asked.append(str(operation))
            return Reply("hostname r1\n")

        device = Device("r1", FRR, FakeTransport(answer))
        assert repr(device) == "Device('r1', 'frr')"
        assert len(device.observe()) == 1
        assert asked == ["show running-config"]


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
    assert device.capabilities()[-1].support == "read-only"
    assert device.plan(VLANS).empty
    with pytest.raises(Unsupported, match="memory has vlan as read-only"):
        device.plan(Config.of([Vlan(id=4)]))


def test_samples_fit_what_they_are_for() -> None:
    frr = fitting(FRR)
    assert {item.KIND for sample in frr for item in sample.items} == {
        kind for kind, feature in FRR.table.items() if feature.write
    }
    assert not any(isinstance(item, PrefixList) and not item.entries for sample in frr for item in sample.items)
    assert any(isinstance(item, BgpNetwork) for item in frr[1].items)
