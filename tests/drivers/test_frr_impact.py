"""What FRR's driver makes of what the daemons tell, and of what they do not."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netres import registry
from netres.change import Change
from netres.driver import Scope
from netres.errors import Rejected
from netres.flow import Exec, Json, Operation, Reply, run
from netres.impact import Effect, Impact
from netres.impacts import foreseen
from netres.model import (
    BgpNeighbor,
    BgpRouter,
    Config,
    Interface,
    Item,
    OspfInterface,
    OspfRouter,
    PrefixList,
    PrefixListEntry,
    RouteMap,
    RouteMapEntry,
    StaticRoute,
)

FRR = registry.get("frr")
ANY = PrefixList(name="ANY", entries=(PrefixListEntry(seq=5, prefix="0.0.0.0/0", le=32),))
IMPORT = RouteMap(name="IMPORT", entries=(RouteMapEntry(seq=10, match_prefix_list="ANY"),))
NEIGHBOR = BgpNeighbor(address="10.0.12.2", remote_as=65002, policy_in="IMPORT")
ETH0 = Interface(name="eth0", addresses=("10.0.12.1/30",))
STATIC = StaticRoute(prefix="198.51.100.0/24", next_hop="10.0.12.2")
OSPF_ETH0 = OspfInterface(interface="eth0", area="0.0.0.0")
THERE = (ETH0, STATIC, ANY, IMPORT, BgpRouter(asn=65001), NEIGHBOR, OspfRouter(), OSPF_ETH0)
SUMMARY = "show bgp vrf all summary json"
OSPF = "show ip ospf vrf all neighbor json"
STATICS = "show ip route static json"
PEERS: Mapping[str, Json] = {
    "10.0.12.2": {"state": "Established", "pfxRcd": 12},
    "10.9.9.9": {"state": "Active", "pfxRcd": 0},
}
TOLD: Mapping[str, Json] = {
    SUMMARY: {"default": {"ipv4Unicast": {"peers": PEERS}}},
    OSPF: {"default": {"neighbors": {"10.255.0.2": [{"nbrState": "Full/DR", "ifaceName": "eth0:10.0.12.1"}]}}},
    STATICS: {"198.51.100.0/24": [{"selected": True, "protocol": "static"}]},
}
VTYSH = "Hello, this is FRRouting"


def route(prefix: str, protocol: str, interface: str, *hops: str) -> Json:
    hop: list[Json] = [{"interfaceName": interface, "ip": ip} for ip in hops] or [{"interfaceName": interface}]
    return {prefix: [{"selected": True, "protocol": protocol, "nexthops": hop}]}


def changed(*pairs: tuple[Item | None, Item | None]) -> tuple[Change, ...]:
    return tuple(Change.of(before, after) for before, after in pairs)


def told(changes: tuple[Change, ...], answers: Mapping[str, Json | str], connection: str = VTYSH) -> Impact:
    """A string stands for an answer that is no JSON; what is not there is refused."""

    def execute(operation: Operation) -> Reply:
        assert not operation.writes
        if isinstance(operation, Exec):
            return Reply(connection)
        if str(operation) not in answers:
            raise Rejected(str(operation), "% Unknown command")
        answer = answers[str(operation)]
        return Reply(answer if isinstance(answer, str) else json.dumps(answer))

    return run(foreseen(FRR, changes, Scope(Config.of(THERE), Config(), Reply())), execute)


def effects(found: Impact) -> list[tuple[str, str, int | None]]:
    return [(effect.what, effect.where, effect.count) for effect in found.effects]


@pytest.mark.parametrize(
    "fields", [{"description": "x"}, {"keepalive": 1, "hold_time": 3}, {"connect_retry": 1}], ids=str
)
def test_what_bgpd_takes_without_a_word(fields: dict[str, object]) -> None:
    found = told(changed((NEIGHBOR, NEIGHBOR.model_copy(update=fields))), TOLD)
    assert (found.effects, found.known, found.management) == ((), True, "no")


@pytest.mark.parametrize(
    ("changes", "how"),
    [
        (changed((NEIGHBOR, NEIGHBOR.model_copy(update={"remote_as": 65009}))), "is reset, for another remote_as; "),
        (changed((BgpRouter(asn=65001), BgpRouter(asn=65001, router_id="10.0.0.1"))), "is reset, for another router_"),
        (changed((NEIGHBOR, None)), "ends"),
        (changed((BgpRouter(asn=65001), None)), "ends"),
        (changed((NEIGHBOR, None), (None, NEIGHBOR.model_copy(update={"remote_as": 3}))), "is reset, for another rem"),
    ],
)
def test_a_session_that_is_reset_takes_its_routes_along(changes: tuple[Change, ...], how: str) -> None:
    found = told(changes, TOLD)
    assert effects(found)[:2] == [("bgp_session", "10.0.12.2", 1), ("route", "BGP from 10.0.12.2", 12)]
    assert found.effects[0].how.startswith(how)
    # That of another neighbour of the same router is down: it ends too, and has no routes.
    assert effects(found)[2:] == ([("bgp_session", "10.9.9.9", 0)] if changes[0].key.kind == "bgp_router" else [])


@pytest.mark.parametrize(
    "changes",
    [
        changed((NEIGHBOR, NEIGHBOR.model_copy(update={"policy_in": None}))),
        changed((IMPORT, None)),
        changed((ANY, PrefixList(name="ANY", entries=(PrefixListEntry(seq=5, prefix="10.0.0.0/8"),)))),
    ],
)
def test_a_policy_refreshes_softly(changes: tuple[Change, ...]) -> None:
    found = told(changes, TOLD)
    how = "stays; its routes are asked for and told anew (soft refresh)"
    assert found.effects == (Effect(what="bgp_session", where="10.0.12.2", count=1, how=how),)


@pytest.mark.parametrize(
    ("fields", "count"),
    [({"area": "0.0.0.1"}, 1), ({"hello_interval": 2}, 1), ({"passive": True}, 1), ({"priority": 3}, None)],
)
def test_adjacencies(fields: dict[str, object], count: int | None) -> None:
    found = told(changed((OSPF_ETH0, OSPF_ETH0.model_copy(update=fields))), TOLD)
    expected = [] if count is None else [("ospf_adjacency", "eth0", count), ("route", "OSPF over eth0", None)]
    assert effects(found) == expected


def test_an_interface_takes_along_what_runs_over_it() -> None:
    found = told(changed((ETH0, ETH0.model_copy(update={"addresses": ("10.0.12.9/30",)}))), TOLD)
    assert effects(found) == [
        ("bgp_session", "10.0.12.2", 1),
        ("route", "BGP from 10.0.12.2", 12),
        ("ospf_adjacency", "eth0", 1),
        ("route", "OSPF over eth0", None),
        ("route", "198.51.100.0/24", 1),
    ]
    assert not found.known
    assert told(changed((ETH0, ETH0.model_copy(update={"description": "x"}))), {}).effects == ()


CUTTING = changed(
    (ETH0, None),
    (NEIGHBOR, None),
    (OSPF_ETH0, None),
    (STATIC, None),
)


@pytest.mark.parametrize("silent", [SUMMARY, OSPF, STATICS])
def test_a_daemon_that_does_not_tell_is_not_one_that_has_nothing(silent: str) -> None:
    counted = {SUMMARY: {"bgp_session"}, OSPF: {"ospf_adjacency"}, STATICS: {"route"}}[silent]
    found = told(CUTTING, {name: answer for name, answer in TOLD.items() if name != silent})
    mine = [effect for effect in found.effects if effect.what in counted and not effect.where.startswith("BGP")]
    assert mine
    assert all(effect.count is None for effect in mine)
    assert not found.known


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@given(st.sampled_from([SUMMARY, OSPF, STATICS]), VALUES | st.text(max_size=20))
def test_what_is_not_understood_never_becomes_zero(asked: str, answer: Json) -> None:
    """An answer that says nothing of our things; an empty table does say that there is none."""
    found = told(CUTTING, {**TOLD, asked: answer})
    mine = {SUMMARY: NEIGHBOR.address, OSPF: "eth0", STATICS: STATIC.prefix}[asked]
    counts = [effect.count for effect in found.effects if effect.where == mine]
    if answer == {}:
        assert counts == {SUMMARY: [None], OSPF: [], STATICS: [0]}[asked]
    else:
        assert counts == [None] or (asked == STATICS and counts == [0] and _is_table(answer))


def _is_table(answer: Json) -> bool:
    return isinstance(answer, dict) and all(isinstance(rows, list) for rows in answer.values())


OURS, THEIRS = "192.0.2.9", "10.0.12.1"
CONNECTION = f"{OURS} 40000 {THEIRS} 22\n"
HERE = route("10.0.12.0/30", "connected", "eth0")
MGMT = Interface(name="mgmt", addresses=("10.99.0.2/30",))


def way(change: Change, towards: Json, connection: str = CONNECTION, here: Json = HERE) -> str:
    answers = {**TOLD, f"show ip route {OURS} json": towards, f"show ip route {THEIRS} json": here}
    return told((change,), answers, connection).management


STATIC_WAY = route("192.0.2.0/24", "static", "eth0", "10.0.12.2")
LOCAL = route("192.0.2.0/29", "connected", "eth0")


@pytest.mark.parametrize(
    ("change", "towards", "answer"),
    [
        (Change.of(ETH0, None), STATIC_WAY, "yes"),
        (Change.of(ETH0, ETH0.model_copy(update={"enabled": False})), STATIC_WAY, "yes"),
        (Change.of(None, Interface(name="eth0", enabled=False)), LOCAL, "yes"),
        (Change.of(ETH0, ETH0.model_copy(update={"description": "x"})), STATIC_WAY, "no"),
        (Change.of(MGMT, None), STATIC_WAY, "no"),
        (Change.of(StaticRoute(prefix="192.0.2.0/24", next_hop="10.0.12.2"), None), STATIC_WAY, "yes"),
        (Change.of(None, StaticRoute(prefix="192.0.2.8/31", blackhole=True)), LOCAL, "yes"),
        (Change.of(None, StaticRoute(prefix="192.0.2.0/29", blackhole=True)), LOCAL, "no"),
        (Change.of(None, StaticRoute(prefix="192.0.0.0/16", blackhole=True)), STATIC_WAY, "no"),
        (Change.of(None, StaticRoute(prefix="10.0.12.2/32", blackhole=True)), STATIC_WAY, "unknown"),
        (Change.of(None, StaticRoute(prefix="192.0.2.9/32", blackhole=True, vrf="blue")), LOCAL, "no"),
        (Change.of(NEIGHBOR, None), LOCAL, "no"),
        (Change.of(NEIGHBOR, None), route("192.0.2.0/24", "bgp", "eth0", "10.0.12.2"), "yes"),
        (Change.of(IMPORT, None), route("192.0.2.0/24", "bgp", "eth0", "10.0.12.2"), "yes"),
        (Change.of(OSPF_ETH0, None), route("192.0.2.0/24", "ospf", "eth0", "10.0.12.2"), "yes"),
        (Change.of(OSPF_ETH0, None), STATIC_WAY, "unknown"),
        (Change.of(OSPF_ETH0, None), {}, "unknown"),
        (Change.of(OSPF_ETH0, None), "no JSON", "unknown"),
    ],
)
def test_our_own_way(change: Change, towards: Json, answer: str) -> None:
    assert way(change, towards) == answer


def test_our_own_way_is_not_known() -> None:
    """No shell, no address, a link-local one, or one in another VRF."""
    cut = Change.of(ETH0, None)
    for connection in (VTYSH, "", "\n", "fe80::1%eth0 40000 fe80::2%eth0 22\n"):
        assert way(cut, STATIC_WAY, connection) == "unknown"
    assert way(cut, STATIC_WAY, here={"0.0.0.0/0": []}) == "unknown"
    assert way(cut, STATIC_WAY, here=route("0.0.0.0/0", "static", "eth0")) == "unknown"


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_a_route_over_our_address_is_never_told_to_be_harmless(address: ipaddress.IPv4Address, length: int) -> None:
    """Whatever route of FRR's own takes over ours, or goes, and is the one in use."""
    network = ipaddress.ip_network((address, length), strict=False)
    item = StaticRoute(prefix=str(network), next_hop="10.0.12.2")
    answer = way(Change.of(item, None), route(str(network), "static", "eth0", "10.0.12.2"))
    assert answer == ("yes" if ipaddress.ip_address(OURS) in network else answer)
