"""Arista EOS: the configuration lines of the simulated device, in the order in which EOS shows them.

Sources: the running configurations among the recordings, and Arista's EOS User Manual. What is not here is refused as
EOS refuses an unknown line. A word that is longer than EOS's own list of choices is taken as it is.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Final

from netres.testing.sim.cli import Refused
from netres.testing.sim.modes import Dialect, Edit, Editor, Mode
from netres.testing.sim.words import Accept, Wrong
from netres_drivers.arista_eos.sim_secrets import stored

PHYSICAL: Final = ("Ethernet1", "Ethernet2", "Ethernet3", "Ethernet4", "Management0")
SHORT: Final = {
    "Ethernet": "Et",
    "Loopback": "Lo",
    "Management": "Ma",
    "Port-Channel": "Po",
    "Tunnel": "Tu",
    "Vlan": "Vl",
    "Vxlan": "Vx",
}
_PORT: Final = re.compile(r"([A-Za-z-]+)\s*(\d+(?:/\d+)*(?:\.\d+)?)")


def port(word: str) -> str | None:
    """An interface's whole name from any beginning of it: ``Ethernet1`` from ``et1``."""
    if (match := _PORT.fullmatch(word)) is None:
        return None
    found = [name for name in SHORT if name.lower().startswith(match[1].lower())]
    return found[0] + match[2] if len(found) == 1 else None


def short(name: str) -> str:
    """As it stands in the prompt and in tables: ``Et1``."""
    match = _PORT.fullmatch(name)
    return SHORT.get(match[1], match[1]) + match[2] if match else name


def _of(*kinds: str) -> Accept:
    def accept(word: str) -> str | None:
        name = port(word)
        if name is None or not name.startswith(kinds):
            return None
        there = not name.startswith(("Ethernet", "Management")) or name.partition(".")[0] in PHYSICAL
        return name if there else None

    return accept


def _address(word: str) -> str | None:
    try:
        return str(ipaddress.ip_address(word))
    except ValueError:
        return None


def _interface(word: str) -> str | None:
    try:
        return str(ipaddress.ip_interface(word)) if "/" in word else None
    except ValueError:
        return None


def _prefix(word: str) -> str | None:
    try:
        return str(ipaddress.ip_network(word, strict=False)) if "/" in word else None
    except ValueError:
        return None


def _vlans(word: str) -> str | None:
    if word in {"all", "none"}:
        return word
    parts = [part.split("-") for part in word.split(",")]
    good = all(len(part) <= 2 and all(one.isdecimal() and 1 <= int(one) <= 4094 for one in part) for part in parts)
    return word if good else None


def _as_number(word: str) -> str | None:
    high, dot, low = word.rpartition(".")
    if not all(part.isdecimal() for part in ([high, low] if dot else [word])):
        return None
    number = (int(high) << 16) + int(low) if dot else int(word)
    return word if 1 <= number <= 2**32 - 1 else None


TYPES: Final[Mapping[str, Accept]] = {
    "port": _of(*SHORT),
    "channel": _of("Port-Channel"),
    "ethernet": _of("Ethernet"),
    "loopback": _of("Loopback"),
    "management": _of("Management"),
    "svi": _of("Vlan"),
    "ip": _address,
    "ip/n": _interface,
    "prefix": _prefix,
    "vlans": _vlans,
    "asn": _as_number,
}
_TOP: Final = """
enable (password|secret) = [(0|5|sha512)] <word>
[no] aaa root = secret [(0|5|sha512)] <word>
username <word> = [privilege <0-15>] [role <word>] (nopassword|secret [(0|5|sha512)] <word>)
management api http-commands -> http
transceiver qsfp default-mode = <word>
service routing protocols model = (multi-agent|ribd)
logging host <word>
hostname = <word>
ip name-server [vrf <word>] <ip>
dns domain = <word>
ntp local-interface = <port>
ntp server [vrf <word>] <word> = [prefer] [iburst]
radius-server host <word> = [key [(0|7)] <word>]
snmp-server contact = <line>
snmp-server location = <line>
snmp-server community <word> = (ro|rw)
snmp-server host <word> = [version (1|2c)] <word>
spanning-tree mode = (mstp|none|rapid-pvst|rstp)
vlan <1-4094> -> vlan
vrf instance <word> -> vrf
aaa authorization exec default = (local|none)
interface <channel> -> interface
interface <ethernet> -> interface
interface <loopback> -> interface
interface <management> -> interface
interface <svi> -> interface
ip access-list <word> -> list
[no] ip routing
ip routing vrf <word>
ip prefix-list <word> -> prefixes
ip route [vrf <word>] <prefix> (<ip>|<port>|Null0) = [<1-255>] [tag <0-4294967295>] [name <word>]
route-map <word> (permit|deny) <1-16777215> -> map
router bgp = <asn> -> bgp
router ospf <1-65535> -> ospf
"""
_INTERFACE: Final = """
description = <line>
[no] shutdown
mtu = <68-9214>
speed = <line>
~ switchport
switchport access vlan = <1-4094>
switchport trunk native vlan = <1-4094>
switchport trunk allowed vlan = <vlans>
switchport mode = (access|trunk)
channel-group = <1-2000> mode (active|on|passive)
encapsulation dot1q vlan = <1-4094>
vrf = <word>
ip address = <ip/n>
ip address <ip/n> secondary
ipv6 enable
ipv6 address <ip/n>
ip ospf area = <word>
spanning-tree portfast
"""
_BGP: Final = """
router-id = <ip>
maximum-paths = <1-600> [ecmp <1-600>]
timers bgp = <0-3600> <0-3600>
bgp log-neighbor-changes
~ bgp default ipv4-unicast
no neighbor <word>
neighbor <word> peer group = [<word>]
neighbor <word> remote-as = <asn>
neighbor <word> update-source = <port>
neighbor <word> description = <line>
neighbor <word> ebgp-multihop = [<1-255>]
neighbor <word> shutdown
neighbor <word> timers = <0-3600> <0-3600>
neighbor <word> route-map = <word> = (in|out)
neighbor <word> password = [(0|7)] <word>
neighbor <word> send-community = [(extended|large|standard)]
neighbor <word> maximum-routes = <0-4294967294>
network <prefix> = [route-map <word>]
redistribute (connected|ospf|static) = [route-map <word>]
address-family (ipv4|ipv6) -> family
"""
_OSPF: Final = """
router-id = <ip>
passive-interface (default|<port>)
network <prefix> = area <word>
max-lsa = <0-100000>
"""
_MAP: Final = """
description = <line>
match ip address prefix-list = <word>
match interface = <port>
set local-preference = <0-4294967295>
set metric = <0-4294967295>
set community = <line>
set as-path prepend = <line>
"""
MODES: Final[Mapping[str, Mode]] = {
    "configure": Mode("config", _TOP),
    "http": Mode("mgmt-api-http-cmds", "[no] protocol (http|https) = [port <1-65535>]\n[no] shutdown"),
    "interface": Mode("if", _INTERFACE),
    "vlan": Mode("vlan", "name = <word>\nstate = (active|suspend)\ntrunk group <word>"),
    "vrf": Mode("vrf", "description = <line>\nrd = <word>"),
    "list": Mode("acl", "<1-4294967295> = (deny|permit|remark) <line>"),
    "prefixes": Mode("ip-pfx", "seq <0-65535> = (deny|permit) <prefix> [eq <1-32>] [ge <1-32>] [le <1-32>]"),
    "map": Mode("route-map", _MAP),
    "bgp": Mode("router-bgp", _BGP),
    "family": Mode("router-bgp-af", "neighbor <word> activate\nnetwork <prefix> = [route-map <word>]"),
    "ospf": Mode("router-ospf", _OSPF),
}
ARGUMENT: Final = frozenset({"if", "vlan", "vrf", "acl", "route-map"})
"""The modes whose prompt has the name of the block."""
_BRIDGED: Final = {
    "switchport": "switchport",
    "switchport mode": "switchport mode access",
    "switchport access vlan": "switchport access vlan 1",
    "switchport trunk native vlan": "switchport trunk native vlan 1",
    "switchport trunk allowed vlan": "switchport trunk allowed vlan 1-4094",
}
_PORT_DEFAULTS: Final = {"description": "no description", "shutdown": "no shutdown"}


def defaults(block: str) -> Mapping[str, str]:
    """By their identities, the lines that a block has by itself: EOS shows them with ``all`` only."""
    match block.split():
        case ["interface", name]:
            return _PORT_DEFAULTS | (_BRIDGED if name.startswith(("Ethernet", "Port-Channel")) else {})
        case ["management", "api", "http-commands"]:
            return {"protocol https": "protocol https", "protocol http": "no protocol http", "shutdown": "shutdown"}
        case ["vlan", number]:
            return {"name": f"name VLAN{int(number):04}", "state": "state active"}
        case _:
            return {}


CLEAN: Final = """
no aaa root
transceiver qsfp default-mode 4x10G
service routing protocols model ribd
spanning-tree mode mstp
no ip routing
"""
"""What a device runs on that nobody configured: what ``rollback clean-config`` leaves."""


class EosDialect(Dialect):
    """EOS shows no caret: it says what is wrong in one line."""

    def words_of(self, wrong: Wrong, line: str, column: int) -> str:
        """What is answered to a line that is not taken."""
        return {"invalid": self.invalid, "incomplete": self.incomplete, "ambiguous": self.ambiguous}[wrong.kind]


def _check(editor: Editor, edit: Edit) -> str:
    """Refuse a second BGP process; a neighbour that is taken away goes from the address families too."""
    words = edit.matched.words
    if edit.mode == "bgp" and edit.negative and words[0] == "neighbor" and len(words) == 2:
        for family in edit.parent.children.values():
            for key in [key for key in family.children if key.startswith(f"{edit.text} ")]:
                del family.children[key]
    if words[:2] == ("router", "bgp") and not edit.negative:
        there = edit.parent.children.get("router bgp")
        if there is not None and there.line != edit.text:
            raise Refused(f"% BGP is already running with AS number {there.line.split()[-1]}")
    return ""


DIALECT: Final = EosDialect(
    modes=MODES,
    types=TYPES,
    invalid="% Invalid input",
    incomplete="% Incomplete command",
    ambiguous="% Ambiguous command",
    locked="% Unable to run this command (the configuration lock is held by another user)",
    check=_check,
    stored=stored,
    indent="   ",
)
