"""IOS-XE's interfaces as its commands show them, made from the configuration; a port that is not shut has a link."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netres.testing.sim.tree import Node
from netres_drivers.cisco_iosxe.sim_checks import networks
from netres_drivers.cisco_iosxe.sim_session import Router
from netres_drivers.cisco_iosxe.sim_values import PORTS, SWITCHED

_COUNTERS = """\
  Last input never, output never, output hang never
  Last clearing of "show interface" counters never
  Input queue: 0/375/0/0 (size/max/drops/flushes); Total output drops: 0
  Queueing strategy: fifo
  Output queue: 0/40 (size/max)
  5 minute input rate 0 bits/sec, 0 packets/sec
  5 minute output rate 0 bits/sec, 0 packets/sec
     0 packets input, 0 bytes, 0 no buffer
     Received 0 broadcasts (0 IP multicasts)
     0 runts, 0 giants, 0 throttles
     0 input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored
     0 watchdog, 0 multicast, 0 pause input
     0 packets output, 0 bytes, 0 underruns
     0 output errors, 0 collisions, 0 interface resets
     0 unknown protocol drops
     0 babbles, 0 late collision, 0 deferred
     0 lost carrier, 0 no carrier, 0 pause output
     0 output buffer failures, 0 output buffers swapped out
"""


@dataclass(frozen=True)
class Port:
    """One interface."""

    name: str
    node: Node
    shut: bool
    """Whether it, or the port it is on, is shut down."""
    up: bool
    mac: str

    def value(self, words: str, default: str = "") -> str:
        """What is configured on it."""
        node = self.node.children.get(words)
        return node.line[len(words) :].strip() if node and not node.line.startswith("no ") else default

    @property
    def address(self) -> ipaddress.IPv4Interface | None:
        """Its first address."""
        found = re.match(r"(\S+) (\S+)$", self.value("ip address"))
        return ipaddress.IPv4Interface(f"{found[1]}/{found[2]}") if found else None

    @property
    def status(self) -> str:
        """As ``show ip interface brief`` says it."""
        return "administratively down" if self.shut else "up" if self.up else "down"


def ports(router: Router) -> list[Port]:
    """All of them, in the order of ``show ip interface brief``: what is real first."""
    nodes = {
        node.line.split()[-1]: node for node in router.store.running.ordered() if node.line.startswith("interface")
    }
    names = [
        *(name for name in nodes if name.startswith("Gig")),
        *(name for name in nodes if not name.startswith("Gig")),
    ]
    return [_port(router, name, nodes) for name in names]


def _port(router: Router, name: str, nodes: dict[str, Node]) -> Port:
    base = name.partition(".")[0]
    shut = any("shutdown" in nodes[one].children for one in {name, base} if one in nodes)
    up = not shut
    if name.startswith("Vlan"):
        number = name[4:]
        up = up and (number == "1" or f"vlan {number}" in router.store.running.children)
    if name.startswith("Port-channel"):
        members = [one for one in nodes if f"channel-group {name[12:]} " in " ".join(nodes[one].lines()) + " "]
        up = up and any("shutdown" not in nodes[one].children for one in members)
    if name.startswith("Tunnel"):
        up = up and {"tunnel source", "tunnel destination"} <= set(nodes[name].children)
    last = PORTS.index(base) if base in PORTS else 127
    return Port(name, nodes[name], shut, up, f"{router.mac[:4]}.{router.mac[4:8]}.{router.mac[8:]}{last:02x}")


def brief(found: Sequence[Port]) -> str:
    """``show ip interface brief``."""
    lines = ["Interface              IP-Address      OK? Method Status                Protocol"]
    for port in found:
        address = port.address
        method = "NVRAM" if port.node.children else "unset"
        given, down = str(address.ip) if address else "unassigned", "up" if port.up else "down"
        lines.append(f"{port.name:<22} {given:<15} YES {method:<6} {port.status:<21} {down:<6}")
    return "".join(f"{line}\n" for line in lines)


def descriptions(found: Sequence[Port]) -> str:
    """``show interfaces description``."""
    lines = ["Interface                      Status         Protocol Description"]
    for port in found:
        status = "admin down" if port.shut else port.status
        down = "up" if port.up else "down"
        lines.append(f"{short(port.name):<30} {status:<14} {down:<8} {port.value('description')}".rstrip())
    return "".join(f"{line}\n" for line in lines)


def short(name: str) -> str:
    """``Gi0/0/0``."""
    return re.sub(r"^(Gi|Lo|Tu|Po|Vl)[A-Za-z-]+", r"\1", name)


def details(found: Sequence[Port]) -> str:
    """``show interfaces``."""
    return "".join(line for port in found for line in _details(port))


def _details(port: Port) -> Iterator[str]:
    yield f"{port.name} is {port.status}, line protocol is {'up' if port.up else 'down'} \n"
    virtual = port.name.startswith(("Loopback", "Tunnel"))
    kind = {"Lo": "Loopback", "Tu": "Tunnel", "Vl": "Ethernet SVI", "Po": "GEChannel"}.get(port.name[:2])
    kind = kind or ("NIM-ES2-4" if port.name in SWITCHED else "ISR4331-3x1GE")
    yield f"  Hardware is {kind}" + ("\n" if virtual else f", address is {port.mac} (bia {port.mac})\n")
    if text := port.value("description"):
        yield f"  Description: {text}\n"
    if address := port.address:
        yield f"  Internet address is {address}\n"
    speed = 8000000 if virtual and port.name.startswith("Lo") else 100 if virtual else 1000000
    mtu = port.value("mtu", "1514" if port.name.startswith("Lo") else "1500")
    width = port.value("bandwidth", str(speed))
    yield f"  MTU {mtu} bytes, BW {width} Kbit/sec, DLY {5000 if virtual else 10} usec, \n"
    yield "     reliability 255/255, txload 1/255, rxload 1/255\n"
    tag = port.value("encapsulation dot1Q")
    inside = f"802.1Q Virtual LAN, Vlan ID  {tag.split()[0]}." if tag else "LOOPBACK" if speed == 8000000 else "ARPA"
    yield f"  Encapsulation {inside}, loopback not set\n"
    yield "  Keepalive not supported \n"
    if port.name in PORTS:
        yield "  Full Duplex, 1000Mbps, link type is auto, media type is RJ45\n"
        yield "  output flow-control is off, input flow-control is off\n"
    yield "  ARP type: ARPA, ARP Timeout 04:00:00\n" if not virtual else ""
    yield _COUNTERS


def vlans(router: Router) -> str:
    """``show vlan brief``."""
    tree = router.store.running
    held = {"1": Node(children={"name": Node("name default")})}
    held |= {node.line.split()[-1]: node for node in tree.ordered() if re.fullmatch(r"vlan \d+", node.line)}
    lines = [
        "\nVLAN Name                             Status    Ports",
        "---- -------------------------------- --------- -------------------------------",
    ]
    access = [(port.value("switchport access vlan", "1"), port) for port in ports(router) if port.name in SWITCHED]
    for number in sorted(held, key=int):
        name = held[number].children.get("name", Node(f"name VLAN{int(number):04}")).line.split(" ", 1)[1]
        state = "suspended" if "state suspend" in [node.line for node in held[number].children.values()] else "active"
        state = "act/lshut" if "shutdown" in held[number].children else state
        members = [
            short(port.name) for vlan, port in access if vlan == number and "trunk" not in port.value("switchport mode")
        ]
        lines.append(f"{number:<4} {name:<32} {state:<9} {', '.join(members)}".rstrip())
    for reserved, name in ((1002, "fddi"), (1003, "token-ring"), (1004, "fddinet"), (1005, "trnet")):
        lines.append(f"{reserved} {name + '-default':<32} act/unsup")
    return "".join(f"{line}\n" for line in lines)


def routes(router: Router) -> Iterator[str]:
    """The lines of ``show ip route``: networks of interfaces that are up, and static routes."""
    for port in ports(router):
        if port.up and port.address is not None and "vrf" not in " ".join(port.node.children):
            for network in networks(port.node):
                yield f"C        {network} is directly connected, {port.name}"
            yield f"L        {port.address.ip}/32 is directly connected, {port.name}"
    for node in router.store.running.ordered():
        if found := re.match(r"ip route (\d\S+) (\S+) (\S+)(?: (\d[\d.]*))?", node.line):
            network = ipaddress.IPv4Network(f"{found[1]}/{found[2]}")
            star = "S*   " if network.prefixlen == 0 else "S    "
            distance = found[4] if (found[4] or "").isdecimal() else "1"
            way = f"[{distance}/0] via {found[3]}" if found[3][0].isdecimal() else f"is directly connected, {found[3]}"
            yield f"{star}    {network} {way}"
