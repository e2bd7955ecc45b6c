"""The vocabulary: every kind of Item, and Config, a set of them."""

from __future__ import annotations

from netres.model.base import Item, Key
from netres.model.config import Config
from netres.model.interfaces import Interface, Vlan
from netres.model.kinds import KINDS, AnyItem
from netres.model.native import HiddenPart, NativeConfig
from netres.model.policy import PrefixList, PrefixListEntry, RouteMap, RouteMapEntry
from netres.model.routing import BgpNeighbor, BgpNetwork, BgpRouter, OspfInterface, OspfRouter, StaticRoute
from netres.model.secret import Secret
from netres.model.state import (
    STATES,
    AccessPoint,
    CallStatistics,
    Component,
    Cpu,
    InterfaceState,
    LldpNeighbor,
    Memory,
    PeerState,
    State,
    TrunkState,
    WirelessClient,
)
from netres.model.system import DnsServer, NtpServer, SyslogServer, System
from netres.model.voice import AllowedPeer, CallRoute, Keepalive, MediaPolicy, SipInterface, SipPeer, SipTrunk
from netres.model.wireless import ApGroup, Radio, RadiusServer, Wlan, WlanSecurity

__all__ = [
    "KINDS",
    "STATES",
    "AccessPoint",
    "AllowedPeer",
    "AnyItem",
    "ApGroup",
    "BgpNeighbor",
    "BgpNetwork",
    "BgpRouter",
    "CallRoute",
    "CallStatistics",
    "Component",
    "Config",
    "Cpu",
    "DnsServer",
    "HiddenPart",
    "Interface",
    "InterfaceState",
    "Item",
    "Keepalive",
    "Key",
    "LldpNeighbor",
    "MediaPolicy",
    "Memory",
    "NativeConfig",
    "NtpServer",
    "OspfInterface",
    "OspfRouter",
    "PeerState",
    "PrefixList",
    "PrefixListEntry",
    "Radio",
    "RadiusServer",
    "RouteMap",
    "RouteMapEntry",
    "Secret",
    "SipInterface",
    "SipPeer",
    "SipTrunk",
    "State",
    "StaticRoute",
    "SyslogServer",
    "System",
    "TrunkState",
    "Vlan",
    "WirelessClient",
    "Wlan",
    "WlanSecurity",
]
