"""Apply and the way back: truth, secrets, and what others did meanwhile."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from memory_subject import Immediate, immediate_driver
from sessions import FRR, MEMORY, VLANS, Breaking

from netres.errors import (
    ApplyFailed,
    InvalidConfig,
    Rejected,
    SecretError,
    StalePlan,
    TransportError,
)
from netres.flow import Body, Flow, Http, Operation, Reply
from netres.model import (
    BgpNeighbor,
    BgpNetwork,
    BgpRouter,
    Config,
    Interface,
    Secret,
    StaticRoute,
    Vlan,
    Wlan,
    WlanSecurity,
)
from netres.outcome import differences
from netres.plan import ApplyResult, Outcome, Plan
from netres.resource import Device
from netres.testing.conformance import Recorder
from netres.testing.faulty import Faulty
from netres.testing.samples import SECRET
from netres.testing.sim.faults import FaultKind
from netres.transport.fake import FakeTransport
from netres_drivers.memory.device import MemoryDevice


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
        with pytest.raises(SecretError, match=r"bgp_neighbor.* needs was read from the device and is not stored"):
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


class TestWhatRuns:
    def lost(self, native: MemoryDevice, verdicts: list[str]) -> ApplyResult:
        """An apply whose session is lost when all is done; what `Driver.verify` says then, and after the way back."""

        def verify() -> Flow[None]:
            yield from ()
            if verdict := verdicts.pop(0) if verdicts else "":
                raise Rejected("verify", verdict)

        driver = replace(immediate_driver(), verify=verify)
        device = Device(
            "m1",
            driver,
            Faulty(
                Immediate(native.session()), FaultKind.CUT_AFTER, len(VLANS) - 1, on=lambda operation: operation.writes
            ),
        )
        return device.apply(device.plan(VLANS))

    def test_what_is_configured_after_a_lost_session_need_not_be_what_runs(self, native: MemoryDevice) -> None:
        result = self.lost(native, ["it runs on the old one", ""])
        assert (result.outcome, result.exact) == (Outcome.NOT_APPLIED, True)
        assert "it runs on the old one" in result.notes[0]
        assert not native.running

    def test_what_runs_after_a_lost_session_is_applied(self, native: MemoryDevice) -> None:
        assert self.lost(native, [""]).outcome is Outcome.APPLIED
        assert native.running


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


class TestTruth:
    """What is read back counts, in both directions."""

    def test_a_secret_that_was_stored_otherwise_is_a_difference(self, native: MemoryDevice) -> None:
        neighbor = BgpNeighbor(address="192.0.2.2", remote_as=2, password=Secret.observed(SECRET))

        class Other(Breaking):
            def execute(self, operation: Operation) -> Reply:
                if operation.writes and "192.0.2.2" in str(operation):
                    body: Body = {
                        "kind": "bgp_neighbor",
                        "address": "192.0.2.2",
                        "remote_as": 2,
                        "password": {"$secret": "x"},
                    }
                    operation = Http("PUT", "/bgp_neighbor/192.0.2.2", body)
                return self.inner.execute(operation)

        device = Device("m1", MEMORY, Other(native.session(), "never", TransportError()))
        result = device.apply(device.plan(Config.of([BgpRouter(asn=1), neighbor])))
        assert result.outcome is Outcome.DIFFERS
        assert [one.field for one in result.differences] == ["password"]
        assert SECRET not in str(result.differences)

    def test_a_way_back_that_the_device_normalises_differs(self, device: Device, native: MemoryDevice) -> None:
        device.apply(device.plan(VLANS))
        result = device.apply(device.plan(Config.of([Vlan(id=20, name="new")])))

        class Shouting(Breaking):
            def execute(self, operation: Operation) -> Reply:
                if isinstance(operation, Http) and operation.path == "/vlan/20":
                    operation = Http("PUT", "/vlan/20", {"kind": "vlan", "id": 20, "name": "VOICE"})
                return self.inner.execute(operation)

        back = Device("m1", MEMORY, Shouting(native.session(), "never", TransportError())).rollback(result)
        assert back.outcome is Outcome.DIFFERS
        assert not back.exact

    def test_what_others_changed_elsewhere_is_kept_and_not_exact(self, device: Device, native: MemoryDevice) -> None:
        result = device.apply(device.plan(VLANS))
        device.apply(device.plan(Config.of([Interface(name="eth0", description="theirs")])))
        back = device.rollback(result, save=False)
        assert (back.outcome, back.exact, back.saved) == (Outcome.APPLIED, False, None)
        assert device.observe() == Config.of([Interface(name="eth0", description="theirs")])

    def test_what_broke_beside_the_change_is_told(self, device: Device, native: MemoryDevice) -> None:
        device.apply(device.plan(Config.of([Interface(name="eth0", description="ours")])))

        class Crashing(Breaking):
            def execute(self, operation: Operation) -> Reply:
                if str(operation).startswith("POST /candidate/commit"):
                    native.running.pop("interface")
                    raise Rejected("commit", "a daemon died")
                return self.inner.execute(operation)

        odd = Device("m1", MEMORY, Crashing(native.session(), "never", TransportError()))
        result = odd.apply(odd.plan(VLANS))
        assert result.outcome is Outcome.DIFFERS
        assert [str(one) for one in result.differences] == ["interface[eth0]: wanted present, found absent"]

    def test_an_undo_that_finds_the_session_lost_opens_another(self, device: Device, native: MemoryDevice) -> None:
        class Fragile(Breaking):
            lost = False

            def execute(self, operation: Operation) -> Reply:
                if str(operation) == "reconnect":
                    self.lost = False
                if self.lost:
                    raise TransportError("lost")
                if str(operation).startswith("POST /candidate/commit"):
                    self.lost = True
                    raise Rejected("commit", "no")
                return self.inner.execute(operation)

        fragile = Device("m1", MEMORY, Fragile(native.session(), "never", TransportError()))
        result = fragile.apply(fragile.plan(VLANS))
        assert result.outcome is Outcome.NOT_APPLIED
        assert result.error_type == "Rejected"


class TestSomebodyElse:
    """What others changed, or need, is not taken away by a way back."""

    def test_a_later_change_is_not_lost_unasked(self, device: Device, native: MemoryDevice) -> None:
        result = device.apply(device.plan(VLANS))
        device.apply(device.plan(Config.of([Vlan(id=20, name="theirs")])))
        before = native.native()
        with pytest.raises(StalePlan, match=r"m1 was changed since: vlan\[20\] name: wanted 'voice', found 'theirs'"):
            device.rollback(result)
        assert native.native() == before
        back = device.rollback(result, force=True)
        assert [change.action for change in back.changes] == ["delete", "delete"]
        assert not native.running
        again = device.rollback(back)
        assert again.outcome is Outcome.APPLIED
        assert native.native() == before

    def test_what_others_need_stays(self, device: Device, native: MemoryDevice) -> None:
        result = device.apply(device.plan(Config.of([BgpRouter(asn=1)])))
        device.apply(device.plan(Config.of([BgpNetwork(prefix="10.0.0.0/8")])))
        before = native.native()
        with pytest.raises(InvalidConfig, match=r"bgp_network\[10.0.0.0/8\] refers to bgp_router"):
            device.rollback(result)
        assert native.native() == before

    def test_a_second_rollback_does_nothing_but_save(self, device: Device) -> None:
        result = device.apply(device.plan(VLANS))
        device.rollback(result)
        again = device.rollback(result)
        assert (again.outcome, again.changes, again.sent, again.saved) == (Outcome.APPLIED, (), (), True)

    def test_lines_nobody_asked_to_change_are_missed(self) -> None:
        lines = ["hostname r1", "route-map R permit 10", " call OTHER", "exit"]

        def answer(operation: Operation) -> Reply:
            if str(operation) == "ip route 10.0.0.0/8 blackhole":
                lines[2:3] = []  # a router that loses something else meanwhile
                lines.append("ip route 10.0.0.0/8 blackhole")
            return Reply("\n".join((*lines, "end")) if str(operation) == "show running-config" else "")

        device = Device("r1", replace(FRR, dry_check=None), FakeTransport(answer))
        result = device.apply(device.plan(Config.of([StaticRoute(prefix="10.0.0.0/8", blackhole=True)])))
        assert result.outcome is Outcome.DIFFERS
        assert [str(one) for one in result.differences] == [
            "route_map[R 10] > call OTHER: wanted as before, found absent"
        ]


class TestUnchangedSecrets:
    NEIGHBOR = BgpNeighbor(address="192.0.2.2", remote_as=2, description="one", password=Secret("env:PW"))

    def test_a_stored_result_leads_back_where_the_secret_was_not_changed(
        self, device: Device, native: MemoryDevice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PW", SECRET)
        device.apply(device.plan(Config.of([BgpRouter(asn=1), self.NEIGHBOR])))
        before = native.native()
        new = self.NEIGHBOR.model_copy(update={"description": "two"})
        result = device.apply(device.plan(Config.of([new])))
        assert result.changes[0].fields == ("description",)
        stored = ApplyResult.parse(result.model_dump_json())
        monkeypatch.delenv("PW")
        assert device.rollback(stored).exact
        assert native.native() == before

    def test_a_deleted_item_comes_back_by_its_reference(
        self, device: Device, native: MemoryDevice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PW", SECRET)
        device.apply(device.plan(Config.of([BgpRouter(asn=1), self.NEIGHBOR])))
        before = native.native()
        result = device.apply(device.plan(Config(), {"bgp_neighbor"}))
        text = result.model_dump_json()
        with pytest.raises(SecretError, match="write a reference"):
            device.rollback(ApplyResult.parse(text))
        observed = next(word for word in text.split('"') if word.startswith("observed:"))
        assert device.rollback(ApplyResult.parse(text.replace(observed, "env:PW"))).exact
        assert native.native() == before

    def test_a_plan_that_cannot_be_stored_says_so(self, device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PW", SECRET)
        device.apply(device.plan(Config.of([BgpRouter(asn=1), self.NEIGHBOR])))
        observed = device.observe(["bgp_neighbor"]).items[0].model_copy(update={"description": "two"})
        plan = device.plan(Config.of([observed]))
        assert "bgp_neighbor[192.0.2.2] keeps a secret that was read from the device" in plan.notes[0]
        with pytest.raises(SecretError, match=r"bgp_neighbor\[192.0.2.2\]: a secret read from a device is not stored"):
            device.apply(Plan.parse(plan.model_dump_json()))
        assert device.apply(plan).outcome is Outcome.APPLIED

    def test_results_do_not_carry_secrets_when_pickled(self, device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PW", SECRET)
        device.apply(device.plan(Config.of([BgpRouter(asn=1), self.NEIGHBOR])))
        result = device.apply(device.plan(VLANS))
        data = pickle.dumps(result)
        assert SECRET.encode() not in data
        assert pickle.loads(data) == result
        assert ApplyResult.parse(result.model_dump_json()) == result
        assert hash(pickle.loads(data)) == hash(result)


def test_a_device_without_lists_in_order_is_not_read_once_more(native: MemoryDevice) -> None:
    session = Recorder(native.session())
    device = Device("m", MEMORY, session)
    result = device.apply(device.plan(VLANS))
    session.operations.clear()
    device.rollback(result)
    assert session.operations.count(Http("GET", "/config")) == 3  # is it as it was left; before; after


class TestWhatWasThere:
    """What a result keeps of what was read, beside what was changed."""

    def test_what_was_read_back_and_what_was_there_already(self, device: Device, native: MemoryDevice) -> None:
        device.apply(device.plan(VLANS))
        more = Config.of([*VLANS.items, Vlan(id=40, name="guests")])
        plan = device.plan(more, prune={"vlan"})
        assert (plan.kept, plan.pruned) == (VLANS, ("vlan",))
        result = device.apply(plan)
        assert (result.kept, result.pruned) == (VLANS, ("vlan",))
        assert result.after == Config.of([Vlan(id=40, name="guests")])
        again = device.apply(device.plan(more))
        assert (again.changes, again.kept, again.after) == ((), more, None)

    def test_nothing_is_said_of_what_was_undone(self, native: MemoryDevice) -> None:
        session = Breaking(native.session(), "PUT /vlan/30", Rejected("PUT", "no"))
        device = Device("m", MEMORY, session)
        result = device.apply(device.plan(VLANS))
        assert (result.outcome, result.after) == (Outcome.NOT_APPLIED, None)

    def test_a_secret_stays_a_reference(self, device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NEW_PW", "new one")
        wanted = Config.of([BgpRouter(asn=1), TestSecrets.NEIGHBOR])
        for times in (2, 1):  # in the change and as what was read back; then as what was there already
            text = device.apply(device.plan(wanted)).model_dump_json()
            assert "new one" not in text
            assert text.count('"env:NEW_PW"') == times


def test_a_secret_that_is_not_known_is_no_difference_wherever_it_stands() -> None:
    wanted = Wlan(name="w", ssid="W", security=WlanSecurity(mode="psk", passphrase=Secret.observed("made-up-1")))
    hidden = wanted.model_copy(update={"security": WlanSecurity(mode="psk", passphrase=Secret("env:HIDDEN"))})
    other = wanted.model_copy(update={"security": WlanSecurity(mode="psk", passphrase=Secret.observed("made-up-2"))})

    def found(item: Wlan) -> tuple[str, ...]:
        return tuple(one.field for one in differences(MEMORY, [wanted.key], Config.of([wanted]), Config.of([item])))

    assert found(hidden) == ()
    assert found(other) == ("security",)
