"""What the frr driver reads from a configuration that a real router (8.4.4) gave, and from corners of its language."""

from __future__ import annotations

from pathlib import Path

import pytest

import netres_drivers.frr
from netres import registry
from netres.errors import InvalidConfig
from netres.flow import Reply
from netres.model import (
    BgpNeighbor,
    BgpNetwork,
    Config,
    Interface,
    Item,
    Key,
    OspfInterface,
    PrefixList,
    RouteMap,
    StaticRoute,
)
from netres.offline import parse, render

FRR = registry.get("frr")
CAPTURE = Path(netres_drivers.frr.__file__).parent / "captures" / "show_running_config.txt"


def test_a_configuration_with_everything() -> None:
    seen = parse(FRR, CAPTURE.read_text())
    kinds = {kind: sum(kind == item.KIND for item in seen.config.items) for kind in FRR.table}
    assert kinds == {
        "system": 1,
        "interface": 3,
        "static_route": 8,
        "prefix_list": 3,
        "route_map": 2,
        "bgp_router": 2,
        "bgp_neighbor": 2,
        "bgp_network": 3,
        "ospf_router": 1,
        "ospf_interface": 2,
    }
    assert seen.foreign[Key("route_map", ("ZED", "10"))] == ("call OTHER", "on-match next")
    assert seen.foreign[Key("bgp_neighbor", ("10.9.0.1", "blue"))] == ("neighbor 10.9.0.1 remote-as external",)
    route_map = seen.config.find("route_map", "ZED")
    assert isinstance(route_map, RouteMap)
    assert route_map.entries[0].set_community == ("65001:1", "no-export")
    assert route_map.entries[0].set_community_additive
    assert seen.config.find("static_route", "10.9.0.0/16", "", "", "blackhole", "blue") is not None
    assert OspfInterface(interface="eth1", area="0.0.0.1") in seen.config.items


def test_what_was_read_renders_to_nothing() -> None:
    text = CAPTURE.read_text()
    seen = parse(FRR, text)
    assert not render(FRR, seen.config, text).operations


def test_a_neighbour_whose_policies_differ_by_family_is_left_alone() -> None:
    text = (
        "router bgp 65001\n neighbor 2001:db8::2 remote-as 65002\n !\n address-family ipv6 unicast\n"
        "  neighbor 2001:db8::2 activate\n  neighbor 2001:db8::2 route-map OUT out\n exit-address-family\nexit\n"
    )
    seen = parse(FRR, text)
    assert not seen.config.only({"bgp_neighbor"})
    assert len(seen.foreign[Key("bgp_neighbor", ("2001:db8::2", "default"))]) == 3


def test_without_default_ipv4_the_neighbour_has_what_is_activated() -> None:
    text = (
        "router bgp 65001\n no bgp default ipv4-unicast\n neighbor 2001:db8::2 remote-as 65002\n"
        " neighbor 192.0.2.2 remote-as 65002\n !\n address-family ipv6 unicast\n"
        "  neighbor 2001:db8::2 activate\n  neighbor 2001:db8::2 route-map OUT out\n exit-address-family\nexit\n"
    )
    neighbors = {item.key.values[0]: item for item in parse(FRR, text).config.only({"bgp_neighbor"}).items}
    six, four = neighbors["2001:db8::2"], neighbors["192.0.2.2"]
    assert isinstance(six, BgpNeighbor)
    assert isinstance(four, BgpNeighbor)
    assert (six.families, six.policy_out) == (("ipv6-unicast",), "OUT")
    assert four.families == ()


def test_other_spellings_are_the_same() -> None:
    text = "ip route 10.0.0.0/8 Null0 9\nip prefix-list P seq 5 permit any\nipv6 prefix-list P seq 5 deny any\n"
    items = parse(FRR, text).config
    assert items.find("static_route", "10.0.0.0/8", "", "", "blackhole", "default") == StaticRoute(
        prefix="10.0.0.0/8", blackhole=True, distance=9
    )
    lists = items.only({"prefix_list"}).model_dump(exclude_none=True)["items"]
    assert [entry["le"] for one in lists for entry in one["entries"]] == [32, 128]


def test_lines_the_model_has_no_words_for_stay_out() -> None:
    text = (
        "ip route 10.0.0.0/8 192.0.2.1 tag 5\nip route 10.2.0.0/16 192.0.2.1 onlink\nip route 10.1.0.0/16 reject\n"
        "ip route 10.3.0.0/16 tag 7\nip route 10.4.0.0/16 192.0.2.1 eth0 table 9\n"
        "router ospf 5\n ospf router-id 1.1.1.1\n"
    )
    seen = parse(FRR, text)
    assert seen.config == Config()
    assert seen.foreign[Key("static_route", ("10.0.0.0/8", "192.0.2.1", "", "", "default"))] == (
        "ip route 10.0.0.0/8 192.0.2.1 tag 5",
    )
    with pytest.raises(InvalidConfig, match=r"has static_route\[10.0.0.0/8 192.0.2.1\] with lines .*: .* tag 5"):
        render(FRR, Config.of([StaticRoute(prefix="10.0.0.0/8", next_hop="192.0.2.1")]), text)
    beside = StaticRoute(prefix="10.0.0.0/8", next_hop="192.0.2.1", interface="eth0")
    with pytest.raises(InvalidConfig, match=r"would write over a line that netres does not own: .* tag 5"):
        render(FRR, Config.of([beside]), text)


@pytest.mark.parametrize(
    ("native", "item"),
    [
        ("router bgp 1\n address-family ipv4 unicast\n  network 10.0.0.0/8 backdoor\n",
         BgpNetwork(prefix="10.0.0.0/8")),
        ("interface eth0\n ip ospf area 0\n ip ospf dead-interval minimal hello-multiplier 4\n",
         OspfInterface(interface="eth0", area="0", dead_interval=8)),
        ("route-map R permit 10\n set metric +5\n", {"set_metric": 50}),
        ("route-map R permit 10\n set as-path prepend last-as 3\n", {"set_as_path_prepend": [65001]}),
        ("route-map R permit 10\n match community BLUE exact-match\n", {"match_community": "RED"}),
        ("ip route 10.0.0.0/8 blackhole tag 5\n", StaticRoute(prefix="10.0.0.0/8", blackhole=True)),
    ],
)  # fmt: skip
def test_lines_of_others_are_not_written_over(native: str, item: Item | dict[str, object]) -> None:
    entry = item if isinstance(item, dict) else {}
    wanted = RouteMap.model_validate({"name": "R", "entries": [{"seq": 10, **entry}]}) if entry else item
    assert isinstance(wanted, Item)
    with pytest.raises(InvalidConfig, match="would write over a line that netres does not own"):
        render(FRR, Config.of([wanted]), native)


def test_only_a_line_feed_ends_a_line() -> None:
    text = "interface eth0\n description a\u2028router bgp 666\u2028 neighbor 6.6.6.6 remote-as 6\n"
    assert [item.KIND for item in parse(FRR, text).config.items] == []


def test_default_ipv6_is_read() -> None:
    text = "router bgp 1\n bgp default ipv6-unicast\n neighbor 192.0.2.2 remote-as 2\n"
    neighbor = parse(FRR, text).config.find("bgp_neighbor", "192.0.2.2", "default")
    assert isinstance(neighbor, BgpNeighbor)
    assert neighbor.families == ("ipv4-unicast", "ipv6-unicast")


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (Interface(name="a-very-long-name-1", description="x"), "to 15 characters"),
        (OspfInterface(interface="a-very-long-name-1", area="0"), "to 15 characters"),
        (RouteMap.model_validate({"name": "R", "entries": [{"seq": 1, "match_metric": 0}]}),
         "daemons of FRR 8.4 crash"),
        (PrefixList.model_validate({"name": "P", "entries": [
            {"seq": 5, "prefix": "10.0.0.0/8"}, {"seq": 10, "prefix": "10.0.0.0/8"}]}),
         "FRR ignores seq 10, which says the same as seq 5"),
    ],
)  # fmt: skip
def test_what_frr_would_take_and_not_do_is_refused(item: Item, words: str) -> None:
    with pytest.raises(InvalidConfig, match=words):
        render(FRR, Config.of([item]))


def test_an_address_that_stays_is_made_anew_where_one_of_its_subnet_goes() -> None:
    running = "interface lan0\n ip address 10.5.0.1/24\n ip address 10.5.0.2/24\n ip address 10.6.0.1/24\n"
    wanted = Interface(name="lan0", addresses=("10.5.0.2/24", "10.6.0.1/24"))
    assert [str(operation) for operation in render(FRR, Config.of([wanted]), running).operations] == [
        "interface lan0",
        "no ip address 10.5.0.2/24",
        "no ip address 10.5.0.1/24",
        "exit",
        "interface lan0",
        "ip address 10.5.0.2/24",
        "exit",
    ]


def test_entries_of_a_prefix_list_go_before_new_ones_come() -> None:
    running = "ip prefix-list P seq 5 permit 10.0.0.0/8\nip prefix-list P seq 10 permit 11.0.0.0/8\n"
    entries = [{"seq": 5, "prefix": "11.0.0.0/8"}, {"seq": 10, "prefix": "10.0.0.0/8"}]
    made = render(FRR, Config.of([PrefixList.model_validate({"name": "P", "entries": entries})]), running)
    assert [str(operation).partition(" ")[0] for operation in made.operations] == ["no", "no", "ip", "ip"]


def test_secrets_that_the_device_shows_stay_out_of_messages() -> None:
    text = "router bgp 1\n neighbor 192.0.2.2 remote-as external\n neighbor 192.0.2.2 password Zx9secretQ\n"
    with pytest.raises(InvalidConfig) as error:
        render(FRR, Config.of([BgpNeighbor(address="192.0.2.2", remote_as=2)]), text)
    assert "Zx9secretQ" not in str(error.value)
    assert "password ********" in str(error.value)


def _told(wanted: list[Item], running: str = "", prune: frozenset[str] = frozenset()) -> list[str]:
    return [str(operation) for operation in render(FRR, Config.of(wanted), running, prune).operations]


def test_an_ospf_area_goes_before_another_comes() -> None:
    running = "interface eth0\n ip ospf area 0\n"
    assert _told([OspfInterface(interface="eth0", area="1")], running) == [
        "interface eth0",
        "no ip ospf area 0",
        "ip ospf area 0.0.0.1",
        "exit",
    ]


def test_lines_of_others_are_told_by_what_they_stand_in() -> None:
    permit = "route-map X permit 10\n call Y\nline vty\n exec-timeout 0\nlog syslog\n"
    told = ("route_map[X 10] > call Y", "line vty > exec-timeout 0", "log syslog")
    assert FRR.unowned(Reply(permit)) == told
    assert FRR.unowned(Reply(permit.replace("permit", "deny"))) == told


def test_a_blackhole_is_written_once() -> None:
    assert _told([StaticRoute(prefix="10.0.0.0/8", blackhole=True)]) == ["ip route 10.0.0.0/8 blackhole"]


def test_negated_lines_of_others_count_too() -> None:
    running = "router bgp 1\n neighbor 192.0.2.2 remote-as 2\n no neighbor 192.0.2.2 send-community\n"
    with pytest.raises(InvalidConfig, match=r"no neighbor 192\.0\.2\.2 send-community"):
        _told([], running, frozenset({"bgp_neighbor"}))
    elsewhere = "router bgp 1\n neighbor 192.0.2.2 remote-as 2\n neighbor 192.0.2.20 shutdown\n"
    assert _told([], elsewhere, frozenset({"bgp_neighbor"})) == ["router bgp 1", "no neighbor 192.0.2.2", "exit"]


def test_what_the_device_has_and_netres_cannot_express_can_be_referred_to() -> None:
    running = "route-map X permit 10\n set community internet\nrouter bgp 1\n"
    neighbor = BgpNeighbor(address="192.0.2.2", remote_as=2, policy_in="X")
    assert "neighbor 192.0.2.2 route-map X in" in _told([neighbor], running)


def test_what_needs_goes_first_and_comes_last() -> None:
    running = (
        "interface eth0\n description x\nip route 10.0.0.0/8 eth0\nip prefix-list P seq 5 permit any\n"
        "route-map R permit 10\n match ip address prefix-list P\nrouter bgp 1\n neighbor 192.0.2.2 remote-as 2\n"
        " address-family ipv4 unicast\n  neighbor 192.0.2.2 route-map R in\n"
    )
    kinds = frozenset({"interface", "static_route", "prefix_list", "route_map", "bgp_router", "bgp_neighbor"})
    gone = [change.key.kind for change in render(FRR, Config(), running, kinds).changes]
    assert gone.index("bgp_neighbor") < gone.index("route_map") < gone.index("prefix_list")
    assert gone.index("bgp_neighbor") < gone.index("bgp_router")
    assert gone.index("static_route") < gone.index("interface")
    made = [change.key.kind for change in render(FRR, parse(FRR, running).config).changes]
    assert made.index("prefix_list") < made.index("route_map") < made.index("bgp_neighbor")
    assert made.index("interface") < made.index("static_route")
