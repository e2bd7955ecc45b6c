"""How IOS-XE takes configuration: its modes, what it refuses and says, and how it shows what it holds."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from netres.testing.sim.cli import Refused
from netres.testing.sim.modes import Dialect, Edit, Editor, Mode
from netres.testing.sim.tree import Node
from netres_drivers.cisco_iosxe import sim_blocks as blocks
from netres_drivers.cisco_iosxe.sim_lines import TOP
from netres_drivers.cisco_iosxe.sim_values import PORTS, SWITCHED, TYPES, hashed

_NEW_INTERFACE: Final = {
    r"interface GigabitEthernet0/0/\d+$": "no ip address\nnegotiation auto",
    r"interface (Loopback|Tunnel|Vlan)|interface \S+\.": "no ip address",
}
_BAD_VLAN: Final = (
    "Command rejected: Bad VLAN list - character #{at} (EOL) delimits a VLAN\nnumber which is out of the range 1..4094."
)
_NO_SUBINTERFACE: Final = (
    "% Configuring IP routing on a LAN subinterface is only allowed if that\n"
    "subinterface is already configured as part of an IEEE 802.10, IEEE 802.1Q,\nor ISL vLAN.\n"
)
_PLAIN_SECRET: Final = re.compile(r"(enable secret |username \S+ (?:privilege \d+ )?secret )(?:0 )?(?![0589] \S)(\S+)")
_PLAIN_PASSWORD: Final = re.compile(r"(username \S+ (?:privilege \d+ )?password )(?![067] \S)(\S+)")


def factory(name: str, serial: str) -> str:
    """The configuration of a new router of this name, with SSH and an archive: what an operator stages it with."""
    head = f"""\
version 17.9
service timestamps debug datetime msec
service timestamps log datetime msec
platform qfp utilization monitor load 80
no platform punt-keepalive disable-kernel-core
hostname {name}
boot-start-marker
boot-end-marker
no aaa new-model
ip domain name example.net
login on-success log
subscriber templating
multilink bundle-name authenticated
license udi pid ISR4331/K9 sn {serial}
archive
 path bootflash:archive
spanning-tree extend system-id
vtp mode transparent
redundancy
 mode none
vlan internal allocation policy ascending
"""
    ports = "".join(f"interface {port}\n" for port in (*PORTS, "Vlan1"))
    tail = """\
ip forward-protocol nd
no ip http server
no ip http secure-server
ip ssh version 2
ip scp server enable
control-plane
line con 0
 transport input none
 stopbits 1
line aux 0
 stopbits 1
line vty 0 4
 privilege level 15
 login local
 transport input ssh
"""
    return head + ports + tail


def _stored(mode: str, line: str) -> str:
    """Secrets as the device writes them, and old words in their new form."""
    if mode != "configure":
        return re.sub(r"^(address-family (?:ipv4|ipv6|vpnv4)) unicast$", r"\1", line) if mode == "bgp" else line
    if found := _PLAIN_SECRET.fullmatch(line):
        return f"{found[1]}9 {hashed(found[2])}"
    if line.startswith("banner "):
        return re.sub(r"^(banner \S+ )(\^C|\S)(.*?)(\2).*$", r"\1^C\3^C", line, flags=re.DOTALL)
    return _PLAIN_PASSWORD.sub(r"\g<1>0 \2", line)


def _check(editor: Editor, edit: Edit) -> str:
    words, values = edit.matched.words, edit.matched.values
    match (edit.mode, *words[:2]):
        case ("configure", "vlan", number) if edit.matched.meaning.opens:
            return _vlan(number, edit.negative)
        case ("configure", "interface", name) if edit.negative and name in PORTS:
            raise Refused("% Removal of physical interfaces is not permitted\n")
        case ("configure", "ip", "route") if not edit.negative:
            address, mask = values[-len(values) + (words[2] == "vrf") :][:2]
            _network(address, mask)
        case ("configure", "router", "bgp"):
            running = next(
                (node.line for node in edit.parent.children.values() if node.line.startswith("router bgp")), ""
            )
            if running and running != edit.text:
                raise Refused(f"BGP is already running; AS is {running.split()[-1]}\n")
        case ("interface", "ip", "address") if len(values) >= 2 and not edit.negative:
            _address(editor.tree, edit.parent, values[0], values[1])
        case ("bgp" | "bgp-af" | "bgp-af6", "neighbor", peer) if not edit.negative:
            _neighbor(editor, peer, words[2])
        case _:
            pass
    return ""


def _vlan(number: str, negative: bool) -> str:
    if not number.isdecimal() or not 1 <= int(number) <= 4094:
        raise Refused(_BAD_VLAN.format(at=len(number) + 1))
    if negative and number == "1":
        raise Refused("Default VLAN 1 may not be deleted.\n")
    if negative and 1002 <= int(number) <= 1005:
        raise Refused(f"Default VLAN {number} may not be deleted.\n")
    return ""


def _wrong_mask(mask: str) -> bool:
    bits = f"{int(ipaddress.IPv4Address(mask)):032b}"
    return "01" in bits


def _network(address: str, mask: str) -> None:
    inside = int(ipaddress.IPv4Address(address)) & ~int(ipaddress.IPv4Address(mask))
    if _wrong_mask(mask) or inside:
        raise Refused("%Inconsistent address and mask\n")


def _address(tree: Node, own: Node, address: str, mask: str) -> None:
    """An address of an interface: its mask, its encapsulation, and the networks of the others."""
    if _wrong_mask(mask):
        raise Refused(f"Bad mask 0x{int(ipaddress.IPv4Address(mask)):08X} for address {address}\n")
    if "." in own.line and not any(key.startswith("encapsulation") for key in own.children):
        raise Refused(_NO_SUBINTERFACE)
    if own.line.split()[-1] in SWITCHED and "switchport" not in own.children:
        raise Refused("\n% IP addresses may not be configured on L2 links.\n")
    network = ipaddress.ip_network(f"{address}/{mask}", strict=False)
    for other in tree.children.values():
        if other is not own and other.line.startswith("interface ") and _vrf(other) == _vrf(own):
            for held in networks(other):
                if held.overlaps(network):
                    raise Refused(f"% {network.network_address} overlaps with {other.line.split()[-1]}\n")


def _vrf(node: Node) -> str:
    return next((line.line.split()[-1] for key, line in node.children.items() if key.endswith("vrf forwarding")), "")


def networks(interface: Node) -> Iterator[ipaddress.IPv4Network]:
    """Of the addresses of an interface, the first one first."""
    for node in interface.children.values():
        if found := re.match(r"ip address (\S+) (\S+)", node.line):
            yield ipaddress.IPv4Network(f"{found[1]}/{found[2]}", strict=False)


def _neighbor(editor: Editor, peer: str, what: str) -> None:
    block = next((node for node in editor.tree.children.values() if node.line.startswith("router bgp ")), Node())
    known = any(key.startswith((f"neighbor {peer} remote-as", f"neighbor {peer} peer-group")) for key in block.children)
    if not known and what not in {"remote-as", "peer-group"}:
        raise Refused("% Specify remote-as or peer-group commands first\n")


def _below(node: Node, depth: int) -> Iterator[str]:
    """The lines of a block; before an inner block that is closed by a word stands a ``!``."""
    for one in node.ordered():
        if one.closing:
            yield " " * depth + "!"
        yield " " * depth + one.line
        yield from _below(one, depth + 1)
        if one.closing:
            yield " " * depth + one.closing


def shown(tree: Node) -> str:
    """A configuration as the device shows it: sections between ``!``, and ``end``."""
    parts: list[str] = []
    nodes = tree.ordered()
    for node, after in pairwise([*nodes, Node("end")]):
        block = [node.line, *_below(node, 1)]
        parts.extend(f"{line}\n" for line in block)
        if len(block) > 1 or node.line.startswith("interface ") or node.line.split()[0] != after.line.split()[0]:
            parts.append("!\n")
    return "".join(parts) + "end\n"


def _others() -> Iterator[tuple[str, Mode]]:
    for part in re.split(r"^# ", blocks.OTHERS, flags=re.MULTILINE)[1:]:
        head, text = part.split("\n", 1)
        name, prompt, closing = (*head.split(), "")[:3]
        yield name, Mode(prompt, text, closing=closing)


DIALECT: Final = Dialect(
    modes={
        "configure": Mode("config", TOP),
        "interface": Mode("config-if", blocks.INTERFACE, _NEW_INTERFACE),
        "bgp": Mode("config-router", blocks.BGP, {"": "bgp log-neighbor-changes"}),
        "bgp-af": Mode("config-router-af", blocks.BGP_AF, closing="exit-address-family"),
        "bgp-af6": Mode("config-router-af", blocks.BGP_AF6, closing="exit-address-family"),
        "ospf": Mode("config-router", blocks.OSPF),
        **dict(_others()),
    },
    types=TYPES,
    invalid="% Invalid input detected at '^' marker.",
    incomplete="% Incomplete command.",
    ambiguous='% Ambiguous command:  "{line}"',
    locked=("Configuration mode is locked by process '382' user 'operator' from terminal '3'. Please try later."),
    check=_check,
    stored=_stored,
    text=re.compile(r"banner \S+ (\^C|\S)"),
)
HARDWARE: Final = "".join(f"interface {port}\n" for port in PORTS)
"""What every configuration has, whatever a file says: the ports are there."""
