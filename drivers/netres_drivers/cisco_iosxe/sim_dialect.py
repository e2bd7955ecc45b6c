"""How IOS-XE takes configuration: its modes, what it refuses and says, and how it shows what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from netres.testing.sim.modes import Dialect, Edit, Mode
from netres.testing.sim.tree import Node
from netres_drivers.cisco_iosxe import sim_blocks as blocks
from netres_drivers.cisco_iosxe.sim_checks import check
from netres_drivers.cisco_iosxe.sim_lines import TOP
from netres_drivers.cisco_iosxe.sim_values import PORTS, TYPES, hashed, vlan_list, vlan_set

_NEW_INTERFACE: Final = {
    r"interface GigabitEthernet0/0/\d+$": "no ip address\nnegotiation auto",
    r"interface (Loopback|Tunnel|Vlan)|interface \S+\.": "no ip address",
}
_TRUNK: Final = "switchport trunk allowed vlan"
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


def _told(edit: Edit) -> str:
    """Lists of VLANs: those that stand there are told one by one, those of a trunk are added up."""
    if edit.mode == "configure" and edit.text.startswith("vlan ") and edit.matched.meaning.opens:
        *others, last = sorted(vlan_set(edit.text.split()[1]))
        for number in others:
            edit.parent.child(f"vlan {number}", f"vlan {number}", edit.rank(f"vlan {number}"))
        return f"vlan {last}"
    if edit.text.startswith("default "):
        return ""
    if not edit.text.startswith(_TRUNK):
        return edit.text
    how, given = ("", *edit.text.split())[-2], vlan_set(edit.text.split()[-1])
    held = edit.parent.children.get(_TRUNK)
    before = vlan_set(held.line.split()[-1] if held else "all")
    whole = {"add": before | given, "remove": before - given, "except": vlan_set("all") - given}.get(how, given)
    listed = vlan_list(whole)
    return "" if listed == "all" else f"{_TRUNK} {listed}"


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
        if (
            len(block) > 1
            or node.line.startswith(("interface ", "vlan "))
            or node.line.split()[0] != after.line.split()[0]
        ):
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
    check=check,
    stored=_stored,
    told=_told,
    text=re.compile(r"banner \S+ (\^C|\S)"),
)
UNCONFIGURED: Final = "version 17.9\nhostname Router\nno aaa new-model\nline con 0\nline aux 0\nline vty 0 4\n login\n"
"""What a router without a startup configuration runs on."""
HARDWARE: Final = "".join(f"interface {port}\n" for port in PORTS)
"""What every configuration has, whatever a file says: the ports are there."""
