"""Items: what they take, how they normalise, and what they refuse with which words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netres.errors import InvalidConfig
from netres.model import KINDS, BgpNeighbor, Config, Interface, Item, Key, LldpNeighbor, PrefixList, StaticRoute, Vlan
from netres.model.types import mac_address
from netres.testing.samples import SAMPLES


@pytest.mark.parametrize(
    ("given_", "normal"),
    [
        ({"kind": "interface", "name": "eth0", "addresses": ["2001:DB8:0::1/64", "192.0.2.1/30", "192.0.2.1/30"]},
         {"addresses": ("192.0.2.1/30", "2001:db8::1/64")}),
        ({"kind": "bgp_router", "asn": "1.10"}, {"asn": 65546}),
        ({"kind": "bgp_router", "asn": "65001"}, {"asn": 65001}),
        ({"kind": "ospf_interface", "interface": "eth0", "area": 51}, {"area": "0.0.0.51"}),
        ({"kind": "ospf_interface", "interface": "eth0", "area": "0"}, {"area": "0.0.0.0"}),
        ({"kind": "ntp_server", "address": "NTP.Example.NET."}, {"address": "ntp.example.net"}),
        ({"kind": "ntp_server", "address": "3.pool.3com.xn--p1ai"}, {"address": "3.pool.3com.xn--p1ai"}),
        ({"kind": "bgp_neighbor", "address": "2001:DB8::2", "remote_as": 1},
         {"address": "2001:db8::2", "families": ("ipv6-unicast",)}),
        ({"kind": "bgp_neighbor", "address": "192.0.2.2", "remote_as": 1,
          "families": ["IPV6_UNICAST", "ipv4 unicast"]}, {"families": ("ipv4-unicast", "ipv6-unicast")}),
        ({"kind": "bgp_neighbor", "address": "192.0.2.2", "remote_as": 1, "hold_time": 9}, {"keepalive": 3}),
        ({"kind": "bgp_neighbor", "address": "192.0.2.2", "remote_as": 1, "keepalive": 10}, {"hold_time": 30}),
        ({"kind": "bgp_neighbor", "address": "192.0.2.2", "remote_as": 1, "families": []}, {"families": ()}),
    ],
)  # fmt: skip
def test_what_is_said_in_other_words_is_the_same(given_: dict[str, object], normal: dict[str, object]) -> None:
    item = Config.model_validate({"items": [given_]}).items[0]
    assert {name: getattr(item, name) for name in normal} == normal


_BASE = {"kind": "bgp_neighbor", "address": "192.0.2.2", "remote_as": 65002}


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"kind": "vlan", "id": 4095}, "id: 4095: input should be less than or equal to 4094"),
        ({"kind": "vlan"}, "field 'id' is missing"),
        ({"kind": "vlan", "id": 2, "nmae": "x"}, "unknown field 'nmae'; did you mean 'name'?; known: id, kind, name"),
        ({"kind": "vlna", "id": 2}, "unknown kind 'vlna'; did you mean 'vlan'?; known: "),
        ({"id": 2}, "field 'kind' is missing"),
        ({"kind": "vlan", "id": 2, "name": "a b"}, "name: 'a b': string should match pattern"),
        ({"kind": "interface", "name": "eth0", "addresses": ["192.0.2.1"]}, "has no prefix length"),
        ({"kind": "interface", "name": "eth0", "addresses": ["fe80::1%eth0/64"]}, "has a zone"),
        ({"kind": "static_route", "prefix": "fe80::%x y/64", "blackhole": True}, "has a zone"),
        ({"kind": "dns_server", "address": "fe80::1%x y"}, "has a zone"),
        ({"kind": "interface", "name": "eth0", "parent": "eth1"}, "give both or neither"),
        ({"kind": "interface", "name": "eth0", "parent": "eth0", "vlan": 2}, "cannot be its own parent"),
        ({"kind": "interface", "name": "eth0", "description": "a\nb"}, "control character or line break"),
        ({"kind": "interface", "name": "eth0", "description": " a"}, "begins or ends with a blank"),
        ({"kind": "interface", "name": "eth0", "description": "a  b"}, "two blanks in a row"),
        ({"kind": "static_route", "prefix": "10.0.0.0/8"}, "give one of these"),
        ({"kind": "static_route", "prefix": "10.0.0.0/8", "interface": "e0", "blackhole": True}, "give one of these"),
        ({"kind": "static_route", "prefix": "10.0.0.1/8", "blackhole": True},
         "host bits set; the network is 10.0.0.0/8"),
        ({"kind": "static_route", "prefix": "10.0.0.0", "blackhole": True}, "has no prefix length"),
        ({"kind": "static_route", "prefix": "10.0.0.0/8", "next_hop": "2001:db8::1"}, "not of the address family"),
        ({"kind": "static_route", "prefix": "::/0", "next_hop": "fe80::1"}, "link-local: name the interface too"),
        ({"kind": "bgp_router", "asn": "1.70000"}, "no AS number in asdot"),
        ({**_BASE, "hold_time": 2}, "0 or at least 3 seconds"),
        ({**_BASE, "hold_time": 3, "keepalive": 5}, "keepalive 5 is longer than hold_time 3"),
        ({**_BASE, "families": [], "policy_in": "X"}, "nothing for a policy to act on"),
        ({**_BASE, "families": ["ipv5"]}, "families: 'ipv5': input should be"),
        ({"kind": "ntp_server", "address": "not a host"}, "neither an IP address nor a host name"),
        ({"kind": "ntp_server", "address": "192.0.2.256"}, "neither an IP address nor a host name"),
        ({"kind": "ntp_server", "address": "192.000.002.001"}, "neither an IP address nor a host name"),
        ({"kind": "ntp_server", "address": "a" * 64 + ".example"}, "neither an IP address nor a host name"),
        ({"kind": "ntp_server", "address": "a" * 200 + "!"}, "neither an IP address nor a host name"),  # and at once
        ({"kind": "prefix_list", "name": "P", "entries": []}, "at least 1 item"),
        ({"kind": "prefix_list", "name": "P", "entries": [{"seq": 5, "prefix": "10.0.0.0/8", "ge": 8}]}, "ge 8 is not"),
        ({"kind": "prefix_list", "name": "P", "entries": [{"seq": 5, "prefix": "10.0.0.0/8", "le": 33}]},
         "le 33 is not"),
        ({"kind": "prefix_list", "name": "P", "entries": [{"seq": 5, "prefix": "10.0.0.0/8", "ge": 20, "le": 16}]},
         "ge 20 is more than le 16"),
        ({"kind": "prefix_list", "name": "P",
          "entries": [{"seq": 5, "prefix": "::/0"}, {"seq": 6, "prefix": "10.0.0.0/8"}]},
         "mixes IPv4 and IPv6"),
        ({"kind": "prefix_list", "name": "P",
          "entries": [{"seq": 5, "prefix": "::/0"}, {"seq": 5, "prefix": "::/1"}]},
         "seq 5 occurs twice"),
        ({"kind": "route_map", "name": "R", "entries": [{"seq": 5}, {"seq": 5}]}, "seq 5 occurs twice"),
        ({"kind": "route_map", "name": "R", "entries": [{"seq": 5, "set_community_additive": True}]},
         "no set_community"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line_with_its_place(tmp_path: Path, item: dict[str, object], words: str) -> None:
    path = tmp_path / "desired.json"
    path.write_text(Config.model_construct(items=()).model_dump_json().replace("[]", _json([item])))
    with pytest.raises(InvalidConfig) as error:
        Config.load(path)
    assert str(error.value).startswith(f"{path}:1: ")
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def _json(value: object) -> str:
    import json

    return json.dumps(value)


def test_two_items_with_one_key_are_refused() -> None:
    twice = [Vlan(id=20), Vlan(id=30), Vlan(id=20, name="x")]
    with pytest.raises(InvalidConfig, match=r"items 0 and 2 are both vlan\[20\]; merge them into one"):
        Config.of(twice)


def test_more_faults_than_one_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "desired.yaml"
    path.write_text("items:\n  - {kind: vlan, id: 0}\n  - {kind: vlan, id: 5000}\n")
    with pytest.raises(InvalidConfig, match=r"desired.yaml:2: id: 0: .* \(and 1 more\)"):
        Config.load(path)


def test_long_values_are_cut_in_messages(tmp_path: Path) -> None:
    path = tmp_path / "desired.yaml"
    path.write_text(f"items:\n  - {{kind: interface, name: {'x' * 900}}}\n")
    with pytest.raises(InvalidConfig) as error:
        Config.load(path)
    assert len(str(error.value)) < 300 + len(str(path))


@pytest.mark.parametrize("item", [item for sample in SAMPLES for item in sample], ids=lambda item: str(item.key))
def test_an_item_survives_json(item: Item) -> None:
    config = Config.of([item])
    assert Config.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_an_item_needs_is_of_the_kinds_it_declares(kind: str) -> None:
    items = [item for sample in SAMPLES for item in sample if kind == item.KIND]
    named = {key.kind for item in items for key in (*item.needs(), *item.follows())}
    assert items
    assert named == items[0].NEEDS
    assert KINDS[kind].model_fields["kind"].default == kind


def test_keys_sort_as_people_do() -> None:
    names = ["eth10", "eth9", "eth1", "lo"]
    keys = sorted((Interface(name=name).key for name in names), key=Key.rank)
    assert [key.values[0] for key in keys] == ["eth1", "eth9", "eth10", "lo"]


@given(st.lists(st.text(max_size=8), max_size=3), st.lists(st.text(max_size=8), max_size=3))
def test_any_two_keys_can_be_sorted(one: list[str], other: list[str]) -> None:
    keys = [Key("vlan", tuple(one)), Key("vlan", tuple(other))]
    first, last = sorted(keys, key=Key.rank)
    assert first.rank() <= last.rank()


def test_configs_are_sets() -> None:
    vlans = [Vlan(id=20), Vlan(id=30)]
    one, other = Config.of(vlans), Config.of(reversed(vlans))
    assert one == other
    assert hash(one) == hash(other)
    assert one != "something else"
    assert Vlan(id=20).key in one
    assert one.find("vlan", "30") == vlans[1]
    assert one.only({"interface"}) == Config()
    assert len(one) == 2
    assert str(Vlan(id=20).key) == "vlan[20]"
    assert str(StaticRoute(prefix="::/0", blackhole=True).key) == "static_route[::/0 blackhole]"


def test_items_know_in_what_they_differ() -> None:
    one = BgpNeighbor(address="192.0.2.2", remote_as=1)
    other = one.model_copy(update={"remote_as": 2, "description": "x"})
    assert one.differing(other) == ("remote_as", "description")
    assert one != other
    assert one != Vlan(id=1)
    family = PrefixList.model_validate({"name": "P", "entries": [{"seq": 5, "prefix": "::/0"}]}).family
    assert family == "ipv6"


@pytest.mark.parametrize("text", ["00:1A:2B:3C:4D:5E", "00-1a-2b-3c-4d-5e", "001a.2b3c.4d5e", "001A2B3C4D5E"])
def test_a_mac_address_is_taken_in_every_usual_notation(text: str) -> None:
    assert mac_address(text) == "00:1a:2b:3c:4d:5e"


@pytest.mark.parametrize("text", ["::001a2b3c4d5e", "00:1a-2b.3c:4d5e", "001a.2b3c.4d5e.", "0:1a:2b:3c:4d:5e"])
def test_what_only_looks_like_a_mac_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no MAC address"):
        mac_address(text)


def test_a_chassis_named_by_twelve_digits_keeps_its_name() -> None:
    names = ("123456789012", "00-1A-2B-3C-4D-5E")
    said = [LldpNeighbor(local_interface="e", chassis_id=name, port_id="1") for name in names]
    assert [one.chassis_id for one in said] == ["123456789012", "00:1a:2b:3c:4d:5e"]
