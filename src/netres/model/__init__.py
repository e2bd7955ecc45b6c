"""The vocabulary: every kind of Item, and Config, a set of them."""

from __future__ import annotations

from netres.model.base import Item, Key
from netres.model.config import Config
from netres.model.interfaces import Interface, Vlan
from netres.model.kinds import KINDS, AnyItem
from netres.model.policy import PrefixList, PrefixListEntry, RouteMap, RouteMapEntry
from netres.model.routing import BgpNeighbor, BgpNetwork, BgpRouter, OspfInterface, OspfRouter, StaticRoute
from netres.model.secret import Secret
from netres.model.system import DnsServer, NtpServer, SyslogServer, System

__all__ = [
    "KINDS",
    "AnyItem",
    "BgpNeighbor",
    "BgpNetwork",
    "BgpRouter",
    "Config",
    "DnsServer",
    "Interface",
    "Item",
    "Key",
    "NtpServer",
    "OspfInterface",
    "OspfRouter",
    "PrefixList",
    "PrefixListEntry",
    "RouteMap",
    "RouteMapEntry",
    "Secret",
    "StaticRoute",
    "SyslogServer",
    "System",
    "Vlan",
]
