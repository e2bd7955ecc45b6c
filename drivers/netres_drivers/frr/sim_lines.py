"""The lines that the simulated router takes, and what it checks beyond them (lib, bgpd, ospfd and zebra of 8.4)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Final

from netres.testing.sim.cli import Refused
from netres.testing.sim.modes import Edit, Editor
from netres.testing.sim.tree import Node
from netres.testing.sim.words import Accept

_ROUTE: Final = """\
ip route <net4> <ip4> = [<1-255>]
ip route <net4> <ip4> <ifname> = [<1-255>]
ip route <net4> (blackhole|reject) = [<1-255>]
ip route <net4> <ifname> = [<1-255>]
ipv6 route <net6> <ip6> = [<1-255>]
ipv6 route <net6> <ip6> <ifname> = [<1-255>]
ipv6 route <net6> (blackhole|reject) = [<1-255>]
ipv6 route <net6> <ifname> = [<1-255>]
"""
TOP: Final = f"""\
frr version = <word>
frr defaults = (traditional|datacenter)
hostname = <word>
log syslog = [(emergencies|alerts|critical|errors|warnings|notifications|informational|debugging)]
service integrated-vtysh-config
{_ROUTE}
vrf <word> -> vrf
interface <word> -> interface
router bgp <1-4294967295> [vrf <word>] -> bgp
router ospf [vrf <word>] -> ospf
access-list <word> seq <1-4294967295> = (permit|deny) (any|<net4>)
ip prefix-list <word> description = <line>
ip prefix-list <word> seq <1-4294967295> = (permit|deny) (any|<net4>) [ge <0-32>] [le <0-32>]
ipv6 prefix-list <word> description = <line>
ipv6 prefix-list <word> seq <1-4294967295> = (permit|deny) (any|<net6>) [ge <0-128>] [le <0-128>]
bgp as-path access-list <word> seq <1-4294967295> = (permit|deny) <line>
route-map <word> (permit|deny) <1-65535> -> route-map
no ip prefix-list <word>
no ipv6 prefix-list <word>
"""
VRF: Final = _ROUTE
INTERFACE: Final = """\
description = <line>
ip address <if4>
ipv6 address <if6>
ip ospf area = <area>
ip ospf network = (broadcast|point-to-point|non-broadcast|point-to-multipoint)
ip ospf passive
ip ospf cost = <1-65535>
ip ospf priority = <0-255>
ip ospf hello-interval = <1-65535>
ip ospf dead-interval = <1-65535>
shutdown
"""
BGP: Final = """\
bgp router-id = <ip4>
[no] bgp ebgp-requires-policy
[no] bgp default ipv4-unicast
[no] bgp default ipv6-unicast
neighbor <peer> remote-as = (<1-4294967295>|internal|external)
neighbor <peer> description = <line>
neighbor <peer> password = <line>
neighbor <peer> timers = <0-65535> <0-65535>
neighbor <peer> timers connect = <1-65535>
address-family ipv4 unicast -> family
address-family ipv6 unicast -> family
no neighbor <peer>
"""
FAMILY: Final = """\
network <net> = [route-map <word>]
[no] neighbor <peer> activate
neighbor <peer> route-map in
neighbor <peer> route-map <word> in
neighbor <peer> route-map <word> out
neighbor <peer> maximum-prefix = <1-4294967295>
"""
OSPF: Final = """\
ospf router-id = <ip4>
auto-cost reference-bandwidth = <1-4294967>
"""
ROUTE_MAP: Final = """\
description = <line>
match ip address prefix-list = <word>
match ipv6 address prefix-list = <word>
match as-path = <word>
match community = <word>
match interface = <word>
match metric = <0-4294967295>
match tag = <1-4294967295>
set as-path prepend = <line>
set community = <line>
set local-preference = <signed>
set metric = <signed>
set ip next-hop = <ip4>
set origin = (egp|igp|incomplete)
set tag = <1-4294967295>
set weight = <0-4294967295>
"""


def _address(version: int) -> Accept:
    def accept(word: str) -> str | None:
        try:
            found = ipaddress.ip_address(word)
        except ValueError:
            return None
        return str(found) if found.version == version and "%" not in word else None

    return accept


def _network(version: int) -> Accept:
    def accept(word: str) -> str | None:
        try:
            found = ipaddress.ip_network(word, strict=False)
        except ValueError:
            return None
        return str(found) if found.version == version and "/" in word else None

    return accept


def _on_interface(version: int) -> Accept:
    def accept(word: str) -> str | None:
        try:
            found = ipaddress.ip_interface(word)
        except ValueError:
            return None
        return str(found) if found.version == version and "/" in word and "%" not in word else None

    return accept


def _either(*accepts: Accept) -> Accept:
    return lambda word: next((found for accept in accepts if (found := accept(word)) is not None), None)


def _area(word: str) -> str | None:
    """A number or dotted, and shown as it was typed."""
    return word if _area_number(word) is not None else None


def _area_number(word: str) -> int | None:
    if word.isdecimal():
        return int(word) if int(word) < 1 << 32 else None
    return None if _address(4)(word) is None else int(ipaddress.IPv4Address(word))


def _signed(word: str) -> str | None:
    """A number that may be added or subtracted."""
    return word if word.removeprefix("+").removeprefix("-").isdecimal() else None


def _ifname(word: str) -> str | None:
    reserved = {"blackhole", "reject", "tag", "vrf", "label", "table", "nexthop-vrf", "onlink", "color", "bfd"}
    return word if word[:1].isalpha() and word not in reserved else None


TYPES: Final[Mapping[str, Accept]] = {
    "ip4": _address(4),
    "ip6": _address(6),
    "peer": _either(_address(4), _address(6)),
    "net4": _network(4),
    "net6": _network(6),
    "net": _either(_network(4), _network(6)),
    "if4": _on_interface(4),
    "if6": _on_interface(6),
    "area": _area,
    "signed": _signed,
    "ifname": _ifname,
}


_NOT_THERE: Final = {
    "router bgp ": "% Can't find BGP instance",
    "ip route ": "% Refusing to remove a non-existent route",
    "ipv6 route ": "% Refusing to remove a non-existent route",
    "ip address ": "% Can't find address",
    "ipv6 address ": "% Can't find address",
    "ip ospf area": "Can't find specified interface area configuration.",
}
"""What is said where such a line is to be taken away and is not there."""


def checked(editor: Editor, edit: Edit) -> str:
    """What the daemons check beyond the grammar.

    Raises:
        Refused: in a daemon's words.
    """
    words = edit.matched.words
    if edit.negative and edit.matched.identity not in edit.parent.children:
        for begin, refusal in _NOT_THERE.items():
            if edit.matched.identity.startswith(begin):
                raise Refused(refusal)
    match words[0]:
        case "neighbor":
            _neighbor(editor, edit)
        case _ if edit.negative:
            pass
        case "router" if words[1] == "bgp":
            _one_as(edit.parent, words)
        case "route-map" if edit.mode == "configure":
            _other_action(edit.parent, words)
        case "ip" if words[1:3] == ("ospf", "area"):
            _one_area(edit.parent, words[3])
        case _:
            pass
    return ""


def _one_as(top: Node, words: tuple[str, ...]) -> None:
    """A VRF has one BGP instance (bgpd/bgp_vty.c)."""
    for node in top.children.values():
        other = node.line.split()
        if other[:2] == ["router", "bgp"] and other[3:] == list(words[3:]) and other[2] != words[2]:
            raise Refused(f"BGP is already running; AS is {other[2]}")


def _neighbor(editor: Editor, edit: Edit) -> None:
    """A neighbour begins and ends with its AS (bgpd/bgp_vty.c)."""
    peer, what = edit.matched.words[1], edit.matched.words[2:3]
    router = editor.block("bgp")
    known = f"neighbor {peer} remote-as" in router.children
    if not known and what and what != ("remote-as",):
        raise Refused("% Specify remote-as or peer-group commands first")
    if edit.negative and edit.mode == "bgp" and what in {(), ("remote-as",)}:
        for block in (router, *router.children.values()):
            for identity in [one for one in block.children if one.startswith(f"neighbor {peer} ")]:
                del block.children[identity]


def _other_action(top: Node, words: tuple[str, ...]) -> None:
    """An entry may become its opposite; its clauses stay."""
    other = {"permit": "deny", "deny": "permit"}[words[2]]
    mine = f"route-map {words[1]} {other} {words[3]}"
    new = " ".join(words)
    if mine in top.children:  # it keeps its place
        top.children = {(new if one == mine else one): node for one, node in top.children.items()}


def _one_area(interface: Node, area: str) -> None:
    """An interface is in one area (ospfd/ospf_vty.c)."""
    old = interface.children.get("ip ospf area")
    if old is not None and _area_number(old.line.split()[-1]) != _area_number(area):
        raise Refused("Must remove previous area config before changing ospf area ")
