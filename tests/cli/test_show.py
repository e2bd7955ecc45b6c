"""What people see, beyond what the other tests see in passing."""

from __future__ import annotations

import pytest

from netres import readable, registry
from netres.change import Change
from netres.cli import show
from netres.driver import Capability, Facts, Support
from netres.impact import Effect, Impact
from netres.model import BgpNeighbor, Interface, Item, PrefixList, PrefixListEntry, Secret, StaticRoute, System
from netres.plan import ApplyResult, Difference, Guarantee, Outcome, Plan


@pytest.mark.parametrize(
    ("item", "line"),
    [
        (System(hostname="r1"), "system hostname=r1"),
        (Interface(name="eth0"), "interface[eth0]"),
        (Interface(name="eth0", description="it's here"), """interface[eth0] description="it's here\""""),
        (StaticRoute(prefix="198.51.100.0/24", blackhole=True, vrf="a"), "static_route[198.51.100.0/24 blackhole a]"),
        (
            PrefixList(name="P", entries=(PrefixListEntry(seq=5, action="deny", prefix="0.0.0.0/0", le=7),)),
            "prefix_list[P ipv4] entries=[{seq: 5, action: deny, prefix: 0.0.0.0/0, le: 7}]",
        ),
        (
            BgpNeighbor(address="192.0.2.2", remote_as=1, password=Secret.observed("geheim")),
            "bgp_neighbor[192.0.2.2] remote_as=1 families=[ipv4-unicast] password=********",
        ),
        (
            BgpNeighbor(address="192.0.2.2", remote_as=1, password=Secret("observed:" + "0" * 64)),
            "bgp_neighbor[192.0.2.2] remote_as=1 families=[ipv4-unicast] password=********",
        ),
    ],
)
def test_an_item_in_one_line(item: Item, line: str) -> None:
    assert readable.described(item) == line


def test_a_list_in_another_order_is_shown_whole() -> None:
    one = PrefixListEntry(seq=5, action="permit", prefix="192.0.2.0/24")
    two = PrefixListEntry(seq=10, action="deny", prefix="192.0.2.0/24")
    before, after = PrefixList(name="P", entries=(one,)), PrefixList(name="P", entries=(one, two))
    assert list(readable.lines(Change.of(before, after))) == [
        ("~", "~ prefix_list[P ipv4]"),
        (" ", "    entries:"),
        ("+", "      + {seq: 10, action: deny, prefix: 192.0.2.0/24}"),
    ]
    changed = before.model_copy(update={"entries": (two, one)})
    swapped = before.model_copy(update={"entries": (one, two)})
    assert "→" in list(readable.lines(Change.of(changed, swapped)))[-1][1]


def test_colours_on_a_terminal_only(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    changes = [Change.of(None, System(hostname="r1")), Change.of(Interface(name="eth0"), None)]
    show.changes(changes)
    assert capsys.readouterr().out == "+ system hostname=r1\n- interface[eth0]\n"
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    show.changes(changes)
    assert capsys.readouterr().out == "\x1b[32m+ system hostname=r1\x1b[0m\n\x1b[31m- interface[eth0]\x1b[0m\n"


def test_what_a_capability_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    show.capabilities(
        [
            Capability(kind="interface", support=Support.READ_WRITE, missing=("mtu", "vlan"), limits={"max": 9}),
            Capability(
                kind="bgp_neighbor", support=Support.READ_ONLY, values={"families": ("ipv4-unicast", "l2vpn-evpn")}
            ),
            Capability(kind="vlan", support=Support.NEVER, reason="there [are] none"),
        ]
    )
    rows = [" ".join(row.split()) for row in capsys.readouterr().out.splitlines()]
    assert rows[1:] == [
        "interface read-write declared without mtu, vlan; max 9",
        "bgp_neighbor read-only declared families only ipv4-unicast, l2vpn-evpn",
        "vlan never declared there [are] none",
    ]


def test_facts_that_a_device_does_not_tell_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    show.facts(Facts(vendor="FRRouting", uptime=60))
    assert capsys.readouterr().out == "vendor: FRRouting\nuptime: 60 seconds\n"


def test_notes_and_differences(capsys: pytest.CaptureFixture[str]) -> None:
    show.result(
        ApplyResult(
            device="r1",
            platform="frr",
            outcome=Outcome.DIFFERS,
            plan="0",
            saved=False,
            exact=False,
            differences=(Difference(item="vlan[20]", field="name", wanted="'a'", found="'A'"),),
            notes=("the change holds",),
        )
    )
    assert capsys.readouterr().out.splitlines() == [
        "outcome: differs",
        "differs: vlan[20] name: wanted 'a', found 'A'",
        "saved: no",
        "native configuration as before: no, or not to the byte",
        "note: the change holds",
    ]
    show.plan(
        Plan(
            device="r1",
            platform="frr",
            changes=(Change.of(None, System(hostname="r1")),),
            payload=("hostname r1",),
            inverse=(),
            guarantee=Guarantee.BEST_EFFORT,
            guarantee_why="nobody knows",
            kinds=("system",),
            observed="0",
            notes=("take care",),
        )
    )
    assert "note: take care\n" in capsys.readouterr().out


def test_what_a_plan_touches(capsys: pytest.CaptureFixture[str]) -> None:
    calls = Effect(what="call", where="itsp", count=3, how="go on to their end")
    clients = Effect(what="wireless_client", where="wlan0 (corp)")
    show.impact(Impact(effects=(calls, clients), management="no", why="it comes over SSH", known=True))
    show.impact(Impact(effects=(calls,), management="yes", why="over eth0", notes=("bgpd is silent", "so is ospfd")))
    show.impact(Impact())
    show.impact(Impact(management="no", why="nothing changes", known=True))
    show.impact(Impact(management="no", why="nothing changes", known=True, notes=("peers are asked anew",)))
    assert capsys.readouterr().out.splitlines() == [
        "impact: calls in progress, itsp: 3; go on to their end",
        "impact: wireless clients, wlan0 (corp): not known how many",
        "our own session runs over it: no: it comes over SSH",
        "impact: calls in progress, itsp: 3; go on to their end",
        "impact: whether that is all is not known: bgpd is silent; so is ospfd",
        "our own session runs over it: yes: over eth0",
        "impact: not known",
        "our own session runs over it: not known: the driver does not tell",
        "impact: none",
        "our own session runs over it: no: nothing changes",
        "impact: peers are asked anew",
        "our own session runs over it: no: nothing changes",
    ]


def test_every_driver_has_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    show.drivers(registry.drivers())
    shown = capsys.readouterr().out
    for driver in registry.drivers():
        assert f"\n{driver.platform} " in shown
