"""What IOS-XE refuses beside what its grammar does not have, and what it says to lines that it takes."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from netres.testing.sim.cli import Refused
from netres.testing.sim.modes import Edit, Editor
from netres.testing.sim.tree import Node
from netres.testing.sim.words import Wrong
from netres_drivers.cisco_iosxe.sim_values import PORTS, SWITCHED, vlan_set, vlans

_BAD_VLAN: Final = (
    "Command rejected: Bad VLAN list - character #{at} (EOL) delimits a VLAN\nnumber which is out of the range 1..4094."
)
_NO_SUBINTERFACE: Final = (
    "% Configuring IP routing on a LAN subinterface is only allowed if that\n"
    "subinterface is already configured as part of an IEEE 802.10, IEEE 802.1Q,\nor ISL vLAN.\n"
)
_NOT_ALL: Final = (
    "% Not all config may be removed and may reappear after reactivating the logical-interface/sub-interfaces\n"
)
_ONLY_ON: Final = {
    "switchport": r"GigabitEthernet0/1/|Port-channel",
    "channel-group": r"GigabitEthernet0/[01]/\d$",
    "encapsulation": r".*\.",
    "tunnel": "Tunnel",
    "speed": r"GigabitEthernet0/[01]/\d$",
    "duplex": r"GigabitEthernet0/[01]/\d$",
    "negotiation": r"GigabitEthernet0/0/\d$",
    "media-type": r"GigabitEthernet0/0/\d$",
    "spanning-tree": r"GigabitEthernet0/1/|Port-channel",
}
"""From the first words of a line to the interfaces that have it."""


def check(editor: Editor, edit: Edit) -> str:
    """What IOS-XE says to a line, and which lines it does not take where they stand.

    Raises:
        Refused: with its own words.
        Wrong: the line is not known to such an interface.
    """
    words, values = edit.matched.words, edit.matched.values
    if edit.mode == "interface":
        return _on_interface(editor.tree, edit)
    match (edit.mode, *words[:2]):
        case ("configure", "vlan", number) if edit.matched.meaning.opens:
            _vlan(number, edit)
        case ("configure", "interface", name) if edit.negative and name in PORTS:
            raise Refused("% Removal of physical interfaces is not permitted\n")
        case ("configure", "interface", name) if edit.negative and "." in name and edit.text in edit.parent.children:
            return _NOT_ALL
        case ("configure", "default", "interface"):
            return _default(editor, values[0])
        case ("configure", "ip", "route") if not edit.negative:
            first = int(words[2] == "vrf")
            _network(values[first], values[first + 1])
        case ("configure", "router", "bgp"):
            running = next(
                (node.line for node in edit.parent.children.values() if node.line.startswith("router bgp")), ""
            )
            if running and running != edit.text:
                raise Refused(f"BGP is already running; AS is {running.split()[-1]}\n")
        case ("bgp" | "bgp-af" | "bgp-af6", "neighbor", peer):
            _neighbor(editor.tree, edit, peer)
        case _:
            pass
    return ""


def _vlan(word: str, edit: Edit) -> None:
    if vlans(word) is None or not word[0].isdecimal():
        raise Refused(_BAD_VLAN.format(at=len(word) + 1))
    for number in vlan_set(word) if edit.negative else ():
        if number == 1 or 1002 <= number <= 1005:
            raise Refused(f"Default VLAN {number} may not be deleted.\n")
        edit.parent.children.pop(f"vlan {number}", None)


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


def _neighbor(tree: Node, edit: Edit, peer: str) -> None:
    """A neighbour is made by its AS or its group; where it goes, it goes from the address families too."""
    block = next((node for node in tree.children.values() if node.line.startswith("router bgp ")), Node())
    if edit.negative and edit.matched.identity == f"neighbor {peer}":
        for family in block.children.values():
            for key in [key for key in family.children if key.startswith(f"neighbor {peer} ")]:
                del family.children[key]
    made = (f"neighbor {peer} remote-as", f"neighbor {peer} peer-group")
    known = any(key.startswith(made) for key in (*block.children, *edit.parent.children))
    if not edit.negative and not known and edit.matched.words[2] not in {"remote-as", "peer-group"}:
        raise Refused("% Specify remote-as or peer-group commands first\n")


def _on_interface(tree: Node, edit: Edit) -> str:
    """A line of an interface; not every interface has every line."""
    name, values = edit.parent.line.split()[-1], edit.matched.values
    for words, names in _ONLY_ON.items():
        if edit.text.startswith(words) and not re.match(names, name):
            raise Wrong("invalid", 3 if edit.negative else 0)
    if edit.matched.identity in {"vrf forwarding", "ip vrf forwarding"}:
        return _forwarding(tree, edit)
    if edit.text.startswith("ip address ") and len(values) >= 2 and not edit.negative:
        _address(tree, edit.parent, values[0], values[1])
    return ""


def _default(editor: Editor, name: str) -> str:
    """``default interface``: as it was when it was new."""
    if (node := editor.tree.children.get(f"interface {name}")) is None:
        raise Refused("% Invalid interface\n")
    new = Node()
    Editor(editor.dialect, new).enter(f"interface {name}")
    node.children = new.children[f"interface {name}"].children
    return f"Interface {name} set to default configuration\n"


def _forwarding(tree: Node, edit: Edit) -> str:
    """An interface that changes its VRF loses its addresses."""
    own, name = edit.parent, edit.matched.values[-1] if edit.matched.values else ""
    if not edit.negative and not {f"vrf definition {name}", f"ip vrf {name}"} & set(tree.children):
        raise Refused(f"% VRF {name} not configured.\n")
    if (before := _vrf(own)) == ("" if edit.negative else name):
        return ""
    addresses = [key for key, node in own.children.items() if node.line.startswith(("ip address ", "ipv6 address "))]
    for key in addresses:
        if key == "ip address":
            own.children[key].line = "no ip address"
        else:
            del own.children[key]
    if not addresses:
        return ""
    why = f"disabling VRF {before}" if edit.negative else f"enabling VRF {name}"
    return f"% Interface {own.line.split()[-1]} IPv4 disabled and address(es) removed due to {why}\n"
