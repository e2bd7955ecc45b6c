"""Every kind of Item, as one type and as one table."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from pydantic import Field

from netres.model.base import Item
from netres.model.interfaces import Interface, Vlan
from netres.model.native import NativeConfig
from netres.model.policy import PrefixList, RouteMap
from netres.model.routing import BgpNeighbor, BgpNetwork, BgpRouter, OspfInterface, OspfRouter, StaticRoute
from netres.model.system import DnsServer, NtpServer, SyslogServer, System
from netres.model.voice import AllowedPeer, CallRoute, MediaPolicy, SipInterface, SipTrunk
from netres.model.wireless import ApGroup, Radio, RadiusServer, Wlan

AnyItem: TypeAlias = Annotated[
    System
    | DnsServer
    | NtpServer
    | SyslogServer
    | Vlan
    | Interface
    | StaticRoute
    | BgpRouter
    | BgpNeighbor
    | BgpNetwork
    | OspfRouter
    | OspfInterface
    | PrefixList
    | RouteMap
    | Radio
    | RadiusServer
    | Wlan
    | ApGroup
    | SipInterface
    | AllowedPeer
    | MediaPolicy
    | SipTrunk
    | CallRoute
    | NativeConfig,
    Field(discriminator="kind"),
]
"""Any Item; ``kind`` tells which."""

KINDS: Final[dict[str, type[Item]]] = {kind.KIND: kind for kind in Item.__subclasses__()}
"""Every kind by name."""
