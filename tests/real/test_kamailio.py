"""A real Kamailio that SIPp calls: what netres writes decides about real calls."""

from __future__ import annotations

from pathlib import Path

import pytest
from calls import EVERYTHING, FIRST, SECOND, apply, state, trunk

from netres.cli import main
from netres.model import (
    AllowedPeer,
    CallRoute,
    CallStatistics,
    MediaPolicy,
    SipInterface,
    SipPeer,
    SipTrunk,
)
from netres.plan import ApplyResult, Outcome
from netres.resource import Device
from netres.testing.netns import wait_until
from netres.testing.sipp import CALLER
from netres_drivers.kamailio.lab import KamailioLab
from netres_drivers.kamailio.samples import DESIRED

pytestmark = pytest.mark.real


@pytest.fixture
def device(sbc: KamailioLab, opened: Device) -> Device:
    sbc.reset()
    return opened


def up(device: Device) -> None:
    """Dispatcher has asked every peer, and each answered."""
    wait_until(lambda: {peer.status for peer in state(device).peers} == {"up"}, "answers to OPTIONS")


def test_a_session_limit_refuses_the_calls_beyond_it_until_it_is_raised(sbc: KamailioLab, device: Device) -> None:
    apply(device, trunk(max_sessions=3), EVERYTHING)
    assert sbc.sipp.call("+4912345", count=10, rate=1000, hold=800).answers == {503: 7}
    raised = apply(device, trunk(max_sessions=10))
    assert not [line for line in raised.sent if "dispatcher.reload" in line]
    done = sbc.sipp.call("+4912345", count=10, rate=1000, hold=800)
    assert (done.successful, done.failed) == (10, 0)
    apply(device, trunk(max_sessions=0))
    assert sbc.sipp.call("+4912345").answers == {503: 1}
    assert device.state(CallStatistics)[0].active == 0


def test_new_calls_per_second_are_limited(sbc: KamailioLab, device: Device) -> None:
    apply(device, trunk(max_cps=2), EVERYTHING)
    done = sbc.sipp.call("+4912345", count=10, rate=1000, hold=10)
    assert 2 <= done.successful <= 4  # the burst may lie across the end of a second
    assert done.answers == {503: 10 - done.successful}


def test_no_call_is_lost_when_the_first_of_two_peers_dies(sbc: KamailioLab, device: Device) -> None:
    doomed = sbc.sipp.answer(5974)
    apply(device, trunk(SipPeer(host="127.0.0.1", port=5974), SECOND), EVERYTHING)
    up(device)
    before = len(sbc.sipp.heard(5972))
    calls = sbc.sipp.calling("+4912345", count=15, rate=5, hold=10)
    wait_until(lambda: len(sbc.sipp.heard(5974)) >= 6, "calls at the first peer")
    wait_until(lambda: len(sbc.sipp.heard(5974, "BYE")) >= 6, "their end")
    assert len(sbc.sipp.heard(5972)) == before
    sbc.host.stop(doomed)
    done = sbc.sipp.called(calls)
    assert (done.successful, done.failed) == (15, 0)
    assert len(sbc.sipp.heard(5972)) - before >= 2
    wait_until(lambda: state(device).peers[0].status == "down", "the first peer to be down")
    assert state(device).status == "up"


def test_a_silent_peer_is_down_without_any_call_until_it_answers(sbc: KamailioLab, device: Device) -> None:
    apply(device, trunk(SipPeer(host="127.0.0.1", port=5998)))
    wait_until(lambda: state(device).status == "down", "the peer to be down")
    sbc.sipp.answer(5998)
    wait_until(lambda: state(device).status == "up", "the peer to be up")


def test_calls_are_shared_by_weight_among_peers_of_one_priority(sbc: KamailioLab, device: Device) -> None:
    share = (FIRST.model_copy(update={"weight": 75}), SipPeer(host="127.0.0.1", port=5972, weight=25))
    apply(device, trunk(*share), EVERYTHING)
    before = [len(sbc.sipp.heard(port)) for port in (5971, 5972)]
    assert sbc.sipp.call("+4912345", count=100, rate=200, hold=10).successful == 100
    taken = [len(sbc.sipp.heard(port)) - then for port, then in zip((5971, 5972), before, strict=True)]
    assert taken == [75, 25]


def test_a_trunk_that_takes_no_call_gives_it_to_the_next(sbc: KamailioLab, device: Device) -> None:
    other = SipTrunk(name="other", peers=(SECOND,))
    apply(device, trunk(max_sessions=0), other, CallRoute(name="all", trunks=("itsp", "other")))
    before = len(sbc.sipp.heard(5972))
    assert sbc.sipp.call("+4912345").successful == 1
    assert len(sbc.sipp.heard(5972)) == before + 1


def test_a_peer_is_called_over_its_transport(sbc: KamailioLab, device: Device) -> None:
    apply(device, trunk(SipPeer(host="127.0.0.1", port=5973, transport="tcp")), EVERYTHING)
    assert sbc.sipp.call("+4912345").successful == 1
    assert "Via: SIP/2.0/TCP" in sbc.sipp.heard(5973)[-1]


def test_a_source_that_is_not_allowed_is_refused_until_it_is(sbc: KamailioLab, device: Device) -> None:
    apply(device, trunk(), EVERYTHING)
    refused = device.state(CallStatistics)[0].refused or 0
    assert sbc.sipp.call("+4912345", source="127.0.0.2").answers == {403: 1}
    assert device.state(CallStatistics)[0].refused == refused + 1
    added = apply(device, AllowedPeer(prefix="127.0.0.2/32", name="pbx"))
    assert sbc.sipp.call("+4912345", source="127.0.0.2").successful == 1
    device.rollback(added)
    assert sbc.sipp.call("+4912345", source="127.0.0.2").answers == {403: 1}
    apply(device, AllowedPeer(prefix="127.0.0.0/30"))
    assert sbc.sipp.call("+4912345", source="127.0.0.2").successful == 1


STRANGER = r"""
import socket
lines = (
    "INVITE sip:900@127.0.0.1:5971 SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.2:7777;branch=z9hG4bK1", "Max-Forwards: 70",
    "Route: <sip:127.0.0.1:5060;lr>", "From: <sip:x@127.0.0.2>;tag=1", "To: <sip:900@127.0.0.1>;tag=2",
    "Call-ID: made-up@127.0.0.2", "CSeq: 1 INVITE", "Contact: <sip:x@127.0.0.2:7777>", "Content-Length: 0", "", "",
)
caller = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
caller.bind(("127.0.0.2", 7777))
caller.settimeout(5)
caller.sendto("\r\n".join(lines).encode(), ("127.0.0.1", 5060))
answer = b" 100 "
while b" 100 " in answer[:16]:
    answer = caller.recv(4096)
print(answer.decode().partition("\r")[0])
"""
"""Calls a trunk's peer as if within a call that nobody made."""


def test_who_is_not_allowed_gets_no_call_with_a_to_tag_of_his_own_either(sbc: KamailioLab, device: Device) -> None:
    apply(device, trunk(), EVERYTHING)
    assert sbc.host.run("python3", "-c", STRANGER).strip() == "SIP/2.0 403 Forbidden"
    assert not [one for one in sbc.sipp.heard(5971) if "made-up" in one]


def test_a_caller_does_not_tell_the_peer_where_to_send_the_call(
    sbc: KamailioLab, device: Device, tmp_path: Path
) -> None:
    apply(device, trunk(), EVERYTHING)
    scenario = tmp_path / "uac.xml"
    there = "Max-Forwards: 70\n"
    scenario.write_text(CALLER.read_text().replace(there, f"{there}Route: <sip:192.0.2.66;lr>\n", 1))
    assert "192.0.2.66" in scenario.read_text()
    assert sbc.sipp.called(sbc.sipp.calling("901", scenario=scenario)).successful == 1
    assert "192.0.2.66" not in next(one for one in sbc.sipp.heard(5971) if "sip:901@" in one)


class TestCallRoutes:
    def test_called_and_calling_numbers_pick_the_trunk(self, sbc: KamailioLab, device: Device) -> None:
        apply(
            device,
            trunk(),
            SipTrunk(name="inside", peers=(SECOND,)),
            CallRoute(name="abroad", called="+49*", strip=3, prepend="0", trunks=("itsp",)),
            CallRoute(name="inside", called="1xx", priority=10, strip=1, trunks=("inside",)),
            CallRoute(name="guests", called="*", calling="+44x", prepend="+1", priority=500, trunks=("itsp",)),
        )
        assert sbc.sipp.call("+4912345").successful == 1
        assert sbc.sipp.heard(5971)[-1].startswith("INVITE sip:012345@127.0.0.1:5971 SIP/2.0")
        assert sbc.sipp.call("123").successful == 1
        assert sbc.sipp.heard(5972)[-1].startswith("INVITE sip:23@127.0.0.1:5972 SIP/2.0")
        assert sbc.sipp.call("999", caller="+447").successful == 1
        assert sbc.sipp.heard(5971)[-1].startswith("INVITE sip:+1999@127.0.0.1:5971 SIP/2.0")
        assert sbc.sipp.call("999", caller="+4477").answers == {404: 1}
        assert sbc.sipp.call("1234").answers == {404: 1}

    def test_the_lowest_priority_takes_the_call(self, sbc: KamailioLab, device: Device) -> None:
        last = CallRoute(name="a", priority=65535, prepend="9", trunks=("itsp",))
        apply(device, trunk(), last, CallRoute(name="b", priority=0, prepend="1", trunks=("itsp",)))
        assert sbc.sipp.call("5").successful == 1
        assert sbc.sipp.heard(5971)[-1].startswith("INVITE sip:15@")
        apply(device, last, trunk(), prune=frozenset({"call_route"}))
        assert sbc.sipp.call("5").successful == 1
        assert sbc.sipp.heard(5971)[-1].startswith("INVITE sip:95@")

    @pytest.mark.parametrize("names", ["ab", "ba"])
    def test_of_one_priority_the_most_digits_take_the_call(self, sbc: KamailioLab, device: Device, names: str) -> None:
        few = CallRoute(name=names[0], called="+4*", prepend="9", trunks=("itsp",))
        apply(device, trunk(), few, prune=frozenset({"call_route"}))
        apply(device, CallRoute(name=names[1], called="+49*", prepend="1", trunks=("itsp",)))
        assert sbc.sipp.call("+495").successful == 1
        assert sbc.sipp.heard(5971)[-1].startswith("INVITE sip:1+495@")
        assert sbc.sipp.call("+445").successful == 1
        assert sbc.sipp.heard(5971)[-1].startswith("INVITE sip:9+445@")

    def test_a_number_too_short_to_strip_is_refused(self, sbc: KamailioLab, device: Device) -> None:
        apply(device, trunk(), CallRoute(name="all", strip=4, trunks=("itsp",)))
        assert sbc.sipp.call("123").answers == {484: 1}


def test_trunk_state_and_statistics_while_calls_run(sbc: KamailioLab, device: Device) -> None:
    apply(device, trunk(FIRST, SipPeer(host="127.0.0.1", port=5999, priority=5)), EVERYTHING)
    wait_until(lambda: [peer.status for peer in state(device).peers] == ["up", "down"], "answers to OPTIONS")
    before = device.state(CallStatistics)[0]
    calls = sbc.sipp.calling("+4912345", count=5, rate=1000, hold=800)
    wait_until(lambda: state(device).sessions == 5, "five calls")
    assert device.state(CallStatistics)[0].active == 5
    assert sbc.sipp.called(calls).successful == 5
    assert state(device).sessions == 0
    after = device.state(CallStatistics)[0]
    assert (after.active, (after.answered or 0) - (before.answered or 0)) == (0, 5)
    apply(device, trunk(SipPeer(host="127.0.0.1", port=5999)))
    assert sbc.sipp.call("+4912345").failed == 1
    assert device.state(CallStatistics)[0].failed == (after.failed or 0) + 1


def test_the_main_job_on_the_command_line(
    sbc: KamailioLab, device: Device, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Inventory and desired configuration are files; a plan, an apply, a call, drift by hand, and all the way back."""
    before, inventory = sbc.native(), ("-i", str(tmp_path / "inventory.yaml"))
    desired, result = str(tmp_path / "sbc.yaml"), str(tmp_path / "result.json")
    (tmp_path / "inventory.yaml").write_text(sbc.inventory_yaml())
    (tmp_path / "sbc.yaml").write_text(DESIRED)
    assert main(["plan", "sbc", desired, *inventory]) == 2
    assert "sip_trunk[itsp]" in capsys.readouterr().out
    assert sbc.native() == before
    assert main(["apply", "sbc", desired, "--yes", "-o", result, *inventory]) == 0
    assert sbc.sipp.call("+4912345").successful == 1
    made = sbc.native()
    sbc.write("netres_trunk", sbc.read("netres_trunk").replace("max_sessions.itsp:0:1:3", "max_sessions.itsp:0:1:30"))
    capsys.readouterr()
    assert main(["plan", "sbc", desired, *inventory]) == 2
    assert "max_sessions" in capsys.readouterr().out
    assert main(["apply", "sbc", desired, "--yes", *inventory]) == 0
    assert sbc.native() == made
    assert main(["rollback", "sbc", result, *inventory]) == 0
    assert sbc.native() == before


def test_facts_and_interfaces(sbc: KamailioLab, device: Device) -> None:
    facts = device.facts()
    assert (facts.vendor, facts.hostname, facts.os_version) == ("Kamailio", "sbc", "5.6.3")
    assert facts.uptime is not None
    listening = [item for item in device.observe({"sip_interface"}).items if isinstance(item, SipInterface)]
    assert {(item.address, item.port, item.transport) for item in listening} == {
        ("127.0.0.1", 5060, "udp"),
        ("127.0.0.1", 5060, "tcp"),
        ("127.0.0.1", 5061, "tls"),
        ("::1", 5060, "udp"),
    }


def test_what_was_made_survives_a_restart(sbc: KamailioLab, device: Device) -> None:
    result = apply(
        device,
        MediaPolicy(name="relayed"),
        trunk(FIRST, SECOND, max_sessions=1, codecs=("PCMA",), media_policy="relayed"),
        EVERYTHING,
        AllowedPeer(prefix="127.0.0.2/32"),
    )
    made = sbc.native()
    sbc.restart()
    assert sbc.native() == made
    assert sbc.sipp.call("+4912345", source="127.0.0.2", count=2, rate=1000, hold=500).answers == {503: 1}
    assert next(line for line in sbc.sipp.heard(5971)[-1].splitlines() if line.startswith("m=")).endswith(
        "RTP/AVP 8 101"
    )
    assert device.rollback(result).exact


def test_limits_change_while_calls_run_and_peers_are_not_asked_anew(sbc: KamailioLab, device: Device) -> None:
    apply(device, trunk(max_sessions=5), EVERYTHING)
    up(device)
    calls = sbc.sipp.calling("+4912345", count=3, rate=1000, hold=800)
    wait_until(lambda: state(device).sessions == 3, "three calls")
    apply(device, trunk(max_sessions=2))
    assert (state(device).sessions, state(device).status) == (3, "up")
    assert sbc.sipp.called(calls).successful == 3


def test_rollback_gives_the_same_files_back_to_the_byte(sbc: KamailioLab, device: Device) -> None:
    sbc.append("dispatcher.list", "3  sip:127.0.0.9:5060   0 7  duid=own # mine")
    sbc.append("address.list", "1\t127.0.0.3 32\t0   spelled-by-hand")
    sbc.append("dispatcher.list", "# caf\udce9, as an old editor wrote it")
    sbc.append("dispatcher.list", "# an end without end of line")
    sbc.write("dispatcher.list", sbc.read("dispatcher.list").removesuffix("\n"))
    sbc.reload()
    apply(device, trunk(FIRST, SECOND), EVERYTHING)
    before = sbc.native()
    result = apply(device, trunk(SECOND, max_cps=1), prune=frozenset({"call_route", "allowed_peer"}))
    assert sbc.native() != before
    assert ApplyResult.parse(result.model_dump_json()) == result
    back = device.rollback(result)
    assert (back.outcome, back.exact) == (Outcome.APPLIED, True)
    assert sbc.native() == before
    assert not list(sbc.directory.glob("*.netres-*"))
