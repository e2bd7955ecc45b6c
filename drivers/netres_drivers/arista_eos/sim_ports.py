"""Arista EOS: what the simulated device tells of its interfaces and VLANs, from its configuration alone.

No traffic passes: a port is up unless it is shut down, and its counters are zero. Forms: recorded ``show interfaces``,
``show vlan``, ``show interfaces status`` and ``show ip interface brief``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from netres.testing.sim.http import Json
from netres.testing.sim.tree import Node
from netres_drivers.arista_eos.sim_facts import Facts, colons, dots
from netres_drivers.arista_eos.sim_grammar import PHYSICAL, short
from netres_drivers.arista_eos.sim_text import whole

_ROUTED_MTU, _BRIDGED_MTU, _LOOPBACK_MTU = 1500, 9214, 65535
_TYPE: Final = "EbraTestPhyPort"  # what a container's port calls itself
_COUNTERS: Final = (
    "outBroadcastPkts", "linkStatusChanges", "totalOutErrors", "inMulticastPkts", "inBroadcastPkts", "inOctets",
    "outDiscards", "outOctets", "inUcastPkts", "outUcastPkts", "outMulticastPkts", "totalInErrors", "inDiscards",
)  # fmt: skip
_OUT_ERRORS: Final = ("deferredTransmissions", "txPause", "collisions", "lateCollisions")
_IN_ERRORS: Final = ("runtFrames", "rxPause", "fcsErrors", "alignmentErrors", "giantFrames", "symbolErrors")


@dataclass(frozen=True)
class Port:
    """An interface, as it is configured."""

    node: Node
    facts: Facts

    @property
    def name(self) -> str:
        """Whole."""
        return self.node.line.split(" ", 1)[1]

    def value(self, key: str, default: str = "") -> str:
        """What stands behind a line's first words."""
        found = self.node.children.get(key)
        return found.line.removeprefix(key).strip() if found else default

    @property
    def kind(self) -> str:
        """``Ethernet`` or ``Loopback``: its name without the number."""
        return self.name.rstrip("0123456789/.")

    @property
    def up(self) -> bool:
        """Unless it is shut down."""
        found = self.node.children.get("shutdown")
        return found is None or found.line != "shutdown"

    @property
    def routed(self) -> bool:
        """Whether it is no port of a bridge."""
        found = self.node.children.get("switchport")
        return self.kind not in {"Ethernet", "Port-Channel"} or (found is not None and found.line == "no switchport")

    @property
    def mtu(self) -> int:
        """Bytes."""
        default = _LOOPBACK_MTU if self.kind == "Loopback" else _ROUTED_MTU if self.routed else _BRIDGED_MTU
        return int(self.value("mtu") or default)

    @property
    def mac(self) -> str:
        """Twelve digits; of what has no address of its own: the system's."""
        return self.facts.mac(PHYSICAL.index(self.name) + 1 if self.name in PHYSICAL else 0)

    @property
    def address(self) -> str:
        """With its length, or nothing; a bridged port has none, whatever is configured."""
        return self.value("ip address") if self.routed else ""

    @property
    def status(self) -> str:
        """``connected`` or ``disabled``."""
        return "connected" if self.up else "disabled"

    @property
    def line(self) -> str:
        """``up`` or ``down``."""
        return "up" if self.up else "down"

    def vlans(self, known: Sequence[int]) -> Sequence[int]:
        """Those of ``known`` that it is in."""
        if self.routed:
            return ()
        if self.value("switchport mode") == "trunk":
            allowed = _numbers(self.value("switchport trunk allowed vlan", "all"))
            return [vlan for vlan in known if allowed is None or vlan in allowed]
        return [vlan for vlan in known if vlan == int(self.value("switchport access vlan") or 1)]


def _numbers(text: str) -> set[int] | None:
    """VLANs of ``10,20-30``; ``None``: all."""
    if text in {"all", "none"}:
        return None if text == "all" else set()
    made = set[int]()
    for part in text.split(","):
        low, _, high = part.partition("-")
        made.update(range(int(low), int(high or low) + 1))
    return made


class Ports:
    """All interfaces and VLANs of a configuration."""

    def __init__(self, running: Node, facts: Facts) -> None:
        self._tree = whole(running)
        self._facts = facts

    @cached_property
    def all(self) -> tuple[Port, ...]:
        """In the order in which they are shown."""
        found = [node for node in self._tree.ordered() if node.line.startswith("interface ")]
        return tuple(Port(node, self._facts) for node in found)

    @cached_property
    def vlans(self) -> Mapping[int, tuple[str, bool]]:
        """Name, and whether it is active, by number."""
        made = {1: ("default", True)}
        for node in self._tree.ordered():
            if node.line.startswith("vlan "):
                number = int(node.line.split()[1])
                usual = "default" if number == 1 else f"VLAN{number:04}"
                name, state = node.children.get("name"), node.children.get("state")
                made[number] = (name.line[5:] if name else usual, state is None or state.line != "state suspend")
        return made

    def members(self, vlan: int) -> Iterator[str]:
        """The ports in a VLAN; ``Cpu`` where the device itself has an address in it."""
        if any(port.name == f"Vlan{vlan}" for port in self.all):
            yield "Cpu"
        yield from (port.name for port in self.all if port.vlans([vlan]))

    def interfaces(self) -> Mapping[str, Json]:
        """``show interfaces`` as JSON."""
        return {"interfaces": {port.name: _interface(port) for port in self.all}}

    def vlan(self) -> Mapping[str, Json]:
        """``show vlan`` as JSON."""
        return {
            "sourceDetail": "",
            "vlans": {
                str(number): {
                    "status": "active" if active else "suspended",
                    "name": name,
                    "interfaces": {port: {"privatePromoted": False} for port in self.members(number)},
                    "dynamic": False,
                }
                for number, (name, active) in self.vlans.items()
            },
        }

    def brief(self) -> Mapping[str, Json]:
        """``show ip interface brief`` as JSON."""
        return {"interfaces": {port.name: _brief(port) for port in self.all if port.address}}

    def vlan_text(self) -> str:
        """``show vlan`` as text."""
        lines = ["VLAN  Name                             Status    Ports", f"{'-' * 5} {'-' * 32} {'-' * 9} {'-' * 31}"]
        for number, (name, active) in self.vlans.items():
            ports = ", ".join(short(port) for port in self.members(number))
            lines.append(f"{number:<5} {name:<32} {'active' if active else 'suspended':<9} {ports}".rstrip())
        return "".join(f"{line}\n" for line in lines)

    def status_text(self) -> str:
        """``show interfaces status`` as text."""
        lines = ["Port       Name                   Status       Vlan        Duplex  Speed Type"]
        for port in self.all:
            if port.name in PHYSICAL:
                mode = port.value("switchport mode", "access")
                vlan = (
                    "routed" if port.routed else mode if mode == "trunk" else port.value("switchport access vlan", "1")
                )
                name = port.value("description")[:22]
                lines.append(f"{short(port.name):<10} {name:<22} {port.status:<12} {vlan:<11} full    1G    {_TYPE}")
        return "".join(f"{line}\n" for line in lines)

    def brief_text(self) -> str:
        """``show ip interface brief`` as text."""
        lines = [f"{'Interface':<22} {'IP Address':<18} {'Status':<10} {'Protocol':<14} {'MTU':>5}"]
        lines.extend(
            f"{port.name:<22} {port.address:<18} {port.line:<10} {port.line:<14} {port.mtu:>5}"
            for port in self.all
            if port.address
        )
        return "".join(f"{line}\n" for line in lines)

    def interfaces_text(self) -> str:
        """``show interfaces`` as text."""
        return "".join(_told(port) for port in self.all)


def _interface(port: Port) -> Mapping[str, Json]:
    made: dict[str, Json] = {
        "name": port.name,
        "interfaceStatus": port.status,
        "lineProtocolStatus": port.line,
        "mtu": port.mtu,
        "hardware": {"Loopback": "loopback", "Vlan": "vlan", "Port-Channel": "portChannel"}.get(port.kind, "ethernet"),
        "bandwidth": 1_000_000_000 if port.name in PHYSICAL else 0,
        "forwardingModel": "routed" if port.routed else "bridged",
        "interfaceAddress": [_address(port.address)] if port.address else [],
        "description": port.value("description"),
    }
    if port.kind == "Loopback":
        return made
    made |= {"burnedInAddress": colons(port.mac), "physicalAddress": colons(port.mac)}
    if port.name in PHYSICAL:
        made |= {"autoNegotiate": "unknown", "loopbackMode": "loopbackNone", "duplex": "duplexFull"}
        errors: Mapping[str, Json] = {
            "outputErrorsDetail": dict.fromkeys(_OUT_ERRORS, 0),
            "inputErrorsDetail": dict.fromkeys(_IN_ERRORS, 0),
        }
        made["interfaceCounters"] = {**dict.fromkeys(_COUNTERS, 0), **errors}
    return made


def _address(text: str) -> Mapping[str, Json]:
    address = ipaddress.ip_interface(text)
    return {
        "secondaryIpsOrderedList": [],
        "broadcastAddress": "255.255.255.255",
        "secondaryIps": {},
        "primaryIp": {"maskLen": address.network.prefixlen, "address": str(address.ip)},
        "virtualIp": {"maskLen": 0, "address": "0.0.0.0"},  # noqa: S104 - nothing is bound to it
    }


def _brief(port: Port) -> Mapping[str, Json]:
    address = ipaddress.ip_interface(port.address)
    return {
        "name": port.name,
        "interfaceStatus": port.status,
        "lineProtocolStatus": port.line,
        "mtu": port.mtu,
        "ipv4Routable240": False,
        "ipv4Routable0": False,
        "interfaceAddress": {"ipAddr": {"address": str(address.ip), "maskLen": address.network.prefixlen}},
        "nonRoutableClassEIntf": False,
    }


def _told(port: Port) -> str:
    state = "up" if port.up else "administratively down"
    made = [f"{port.name} is {state}, line protocol is {port.line} ({port.status})"]
    if port.kind == "Loopback":
        made.append("  Hardware is Loopback")
    else:
        kind = "Vlan" if port.kind == "Vlan" else "Ethernet"
        made.append(f"  Hardware is {kind}, address is {dots(port.mac)} (bia {dots(port.mac)})")
    if description := port.value("description"):
        made.append(f"  Description: {description}")
    if port.routed:
        made.append(
            f"  Internet address is {port.address}" if port.address else "  No Internet protocol address assigned"
        )
    made.append(f"  {'IP' if port.routed else 'Ethernet'} MTU {port.mtu} bytes")
    return "".join(f"{line}\n" for line in made)
