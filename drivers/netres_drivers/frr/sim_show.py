"""How vtysh 8.4 shows a configuration."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Final, TypeAlias

from netres.testing.sim.tree import Node

Rank: TypeAlias = tuple[int | str, ...]

_SECTIONS: Final = (
    ("frr ", "hostname ", "log ", "service "),
    ("ip route ", "ipv6 route "),
    ("vrf ",),
    ("interface ",),
    ("router bgp ",),
    ("router ospf",),
    ("access-list ",),
    ("ip prefix-list ",),
    ("ipv6 prefix-list ",),
    ("bgp as-path ",),
    ("route-map ",),
)
_HIDDEN: Final = frozenset({"ip ospf network broadcast", "ip ospf priority 1"})
_ROUTER: Final = ("bgp router-id", "no bgp ebgp", "bgp ebgp", "no bgp default", "bgp default")
_USUAL: Final = frozenset({"bgp ebgp-requires-policy", "bgp default ipv4-unicast", "no bgp default ipv6-unicast"})
_NEIGHBOR: Final = ("remote-as", "description", "password", "timers")
_FAMILY: Final = ("activate", "route-map", "maximum-prefix")


def shown(tree: Node) -> str:
    """The sections, each ended by ``!``; a block is a section of its own."""
    lines: list[str] = []
    for section in _SECTIONS:
        nodes = [node for node in tree.children.values() if node.line.startswith(section)]
        if section == ("route-map ",):
            names = list(dict.fromkeys(node.line.split()[1] for node in nodes))
            nodes.sort(key=lambda node: (names.index(node.line.split()[1]), int(node.line.split()[3])))
        else:
            nodes.sort(key=_top)
        blocks = [list(_block(node)) for node in nodes]
        blocks = [block for block in blocks if block]
        for number, block in enumerate(blocks):
            lines.extend(block)
            if block[-1].startswith("exit") or number == len(blocks) - 1:
                lines.append("!")
    return "".join(f"{line}\n" for line in lines)


def _block(node: Node) -> Iterator[str]:
    match node.line.split():
        case ["interface" | "route-map", *_]:
            inside = sorted(one.line for one in node.children.values() if one.line not in _HIDDEN)
        case ["router", "bgp", *_]:
            inside = list(_bgp(node))
        case ["router" | "vrf", *_]:
            inside = [one.line for one in sorted(node.children.values(), key=_top)]
        case _:
            yield node.line
            return
    if inside or not node.line.startswith(("interface ", "vrf ")):  # those that nobody configured are not shown
        yield node.line
        yield from (f" {line}" for line in inside)
        yield node.closing or "exit"


def _bgp(node: Node) -> Iterator[str]:
    families = [one for one in node.children.values() if one.line.startswith("address-family")]
    lines = [one.line for one in node.children.values() if not one.line.startswith("address-family")]
    yield from (line for line in sorted(lines, key=_in_bgp) if line not in _USUAL)
    active = {"ipv4": "no bgp default ipv4-unicast" not in lines, "ipv6": "bgp default ipv6-unicast" in lines}
    for family in sorted(families, key=lambda one: one.line):
        default = "" if active[family.line.split()[1]] else "no "
        inside = [one.line for one in family.children.values() if not _as_all(one.line, default)]
        if inside:
            yield from ("!", family.line)
            yield from (f" {one}" for one in sorted(inside, key=_in_family))
            yield "exit-address-family"


def _as_all(line: str, default: str) -> bool:
    """Whether a neighbour is as active as all are."""
    return line.endswith(" activate") and line.startswith(f"{default}neighbor")


def _in_bgp(line: str) -> Rank:
    words = line.split()
    if words[0] != "neighbor":
        return (0, next(number for number, begin in enumerate(_ROUTER) if line.startswith(begin)))
    return (1, *_address(words[1]), _NEIGHBOR.index(words[2]), words[3] == "connect")


def _in_family(line: str) -> Rank:
    words = line.removeprefix("no ").split()
    if words[0] == "network":
        return (0, *_address(words[1].partition("/")[0]), words[1])
    return (1, *_address(words[1]), _FAMILY.index(words[2]), words[-1])


def _address(word: str) -> Rank:
    address = ipaddress.ip_address(word)
    return (address.version, int(address))


def _top(node: Node) -> Rank:
    """Where a line stands in its section."""
    words = node.line.split()
    rank: Rank = ()
    match words:
        case ["ip" | "ipv6", "route", prefix, *rest]:
            network = ipaddress.ip_network(prefix)
            rank = (words[0], int(network.network_address), network.prefixlen, " ".join(rest))
        case ["ip" | "ipv6", "prefix-list", name, "seq", seq, *_]:
            rank = (words[0], name, 1, int(seq))
        case ["ip" | "ipv6", "prefix-list", name, *_]:
            rank = (words[0], name, 0, 0)
        case ["router", "bgp", asn, *vrf]:
            rank = (0 if vrf else 1, " ".join(vrf), int(asn))
        case ["interface", *_]:
            rank = (node.line,)
        case ["auto-cost", *_]:
            rank = (1,)
        case ["ospf", *_]:
            rank = (0,)
        case _:
            rank = ()
    return rank
