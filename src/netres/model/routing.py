"""Static routes, BGP and OSPF. After openconfig-network-instance, openconfig-bgp (RFC 4271) and openconfig-ospfv2."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, ClassVar, Literal, cast, get_args

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from netres.model.base import Item, Key
from netres.model.secret import Secret
from netres.model.types import (
    DEFAULT_VRF,
    Area,
    Asn,
    InterfaceName,
    IpAddress,
    Name,
    Prefix,
    RouterId,
    Text,
    Uint16,
    family,
)

Family = Literal["ipv4-unicast", "ipv6-unicast", "l3vpn-ipv4-unicast", "l3vpn-ipv6-unicast", "l2vpn-evpn"]
"""OpenConfig's AFI-SAFI names in lower case with hyphens."""


def _family_name(value: object) -> object:
    return value.lower().replace("_", "-").replace(" ", "-") if isinstance(value, str) else value


def _families(families: tuple[Family, ...]) -> tuple[Family, ...]:
    return tuple(name for name in get_args(Family) if name in families)


class StaticRoute(Item):
    """A static route. Several to one prefix, with unlike next hops, share the load or back each other up."""

    KIND: ClassVar[str] = "static_route"
    KEY: ClassVar[tuple[str, ...]] = ("prefix", "next_hop", "interface", "blackhole", "vrf")
    NEEDS: ClassVar[frozenset[str]] = frozenset({"interface"})

    kind: Literal["static_route"] = "static_route"
    prefix: Prefix
    next_hop: IpAddress | None = None
    interface: InterfaceName | None = None
    blackhole: bool = False
    """Drop what the route matches, in silence."""
    distance: Annotated[int, Field(ge=1, le=255)] | None = None
    """Administrative distance; OpenConfig's preference."""
    vrf: Name = DEFAULT_VRF

    @cached_property
    def key(self) -> Key:
        """Prefix, where it leads, and VRF."""
        where = (self.next_hop or "", self.interface or "", "blackhole" if self.blackhole else "")
        return Key(self.KIND, (self.prefix, *where, self.vrf))

    @model_validator(mode="after")
    def _one_way(self) -> StaticRoute:
        if self.blackhole == bool(self.next_hop or self.interface):
            raise ValueError("a route has a next_hop, an interface (or both), or blackhole: true; give one of these")
        if self.next_hop and family(self.next_hop) != family(self.prefix):
            raise ValueError(f"next_hop {self.next_hop} is not of the address family of {self.prefix}")
        if self.next_hop and self.next_hop.startswith("fe80:") and not self.interface:
            raise ValueError(f"next_hop {self.next_hop} is link-local: name the interface too")
        return self

    def follows(self) -> Iterator[Key]:
        """The interface it leaves by."""
        if self.interface:
            yield Key("interface", (self.interface,))


class BgpRouter(Item):
    """A BGP speaker; one per VRF."""

    KIND: ClassVar[str] = "bgp_router"
    KEY: ClassVar[tuple[str, ...]] = ("vrf",)

    kind: Literal["bgp_router"] = "bgp_router"
    asn: Asn
    router_id: RouterId | None = None
    ebgp_requires_policy: bool = True
    """Whether an external neighbour without policies exchanges nothing (RFC 8212)."""
    vrf: Name = DEFAULT_VRF


class BgpNeighbor(Item):
    """A BGP neighbour. Policies are names of route maps and hold in every family of the neighbour."""

    KIND: ClassVar[str] = "bgp_neighbor"
    KEY: ClassVar[tuple[str, ...]] = ("address", "vrf")
    NEEDS: ClassVar[frozenset[str]] = frozenset({"bgp_router", "route_map"})

    kind: Literal["bgp_neighbor"] = "bgp_neighbor"
    address: IpAddress
    remote_as: Asn
    description: Text | None = None
    families: Annotated[tuple[Annotated[Family, BeforeValidator(_family_name)], ...], AfterValidator(_families)] = ()
    """Left out: unicast of the address's own family. Empty: the neighbour exchanges nothing."""
    hold_time: Annotated[int, Field(ge=0, le=65535)] | None = None
    """Seconds; 0 for no keepalives, else at least 3 (RFC 4271 §4.2)."""
    keepalive: Uint16 | None = None
    """Seconds; where only one of the two timers is given, the other follows by RFC 4271's ratio of one to three."""
    connect_retry: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Seconds."""
    password: Secret | None = None
    """TCP MD5 signature (RFC 2385)."""
    policy_in: Name | None = None
    policy_out: Name | None = None
    vrf: Name = DEFAULT_VRF

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        given = cast("dict[str, object]", data)
        known = {name: value for name, value in given.items() if value is not None}
        hold, keep = known.get("hold_time"), known.get("keepalive")
        if isinstance(hold, int) and keep is None:
            known["keepalive"] = hold // 3
        if isinstance(keep, int) and hold is None:
            known["hold_time"] = keep * 3
        address = known.get("address")
        if "families" not in known and isinstance(address, str):
            known["families"] = (f"{family(address)}-unicast",)
        return known

    @model_validator(mode="after")
    def _timers(self) -> BgpNeighbor:
        if self.hold_time in (1, 2):
            raise ValueError("hold_time is 0 or at least 3 seconds (RFC 4271 §4.2)")
        if self.hold_time and self.keepalive and self.keepalive > self.hold_time:
            raise ValueError(f"keepalive {self.keepalive} is longer than hold_time {self.hold_time}")
        if not self.families and (self.policy_in or self.policy_out):
            raise ValueError("a neighbour without families has nothing for a policy to act on")
        return self

    def needs(self) -> Iterator[Key]:
        """The speaker and the policies."""
        yield Key("bgp_router", (self.vrf,))
        for policy in (self.policy_in, self.policy_out):
            if policy:
                yield Key("route_map", (policy,))


class BgpNetwork(Item):
    """A prefix that BGP originates where the routing table has it."""

    KIND: ClassVar[str] = "bgp_network"
    KEY: ClassVar[tuple[str, ...]] = ("prefix", "vrf")
    NEEDS: ClassVar[frozenset[str]] = frozenset({"bgp_router", "route_map"})

    kind: Literal["bgp_network"] = "bgp_network"
    prefix: Prefix
    policy: Name | None = None
    vrf: Name = DEFAULT_VRF

    def needs(self) -> Iterator[Key]:
        """The speaker and the policy."""
        yield Key("bgp_router", (self.vrf,))
        if self.policy:
            yield Key("route_map", (self.policy,))


class OspfRouter(Item):
    """An OSPFv2 speaker (RFC 2328); one per VRF."""

    KIND: ClassVar[str] = "ospf_router"
    KEY: ClassVar[tuple[str, ...]] = ("vrf",)

    kind: Literal["ospf_router"] = "ospf_router"
    router_id: RouterId | None = None
    reference_bandwidth: Annotated[int, Field(ge=1, le=4294967)] | None = None
    """Mbit/s; the cost of an interface is this over its speed."""
    vrf: Name = DEFAULT_VRF


class OspfInterface(Item):
    """OSPFv2 on an interface."""

    KIND: ClassVar[str] = "ospf_interface"
    KEY: ClassVar[tuple[str, ...]] = ("interface",)
    NEEDS: ClassVar[frozenset[str]] = frozenset({"ospf_router", "interface"})

    kind: Literal["ospf_interface"] = "ospf_interface"
    interface: InterfaceName
    area: Area
    network_type: Literal["broadcast", "point-to-point", "non-broadcast", "point-to-multipoint"] | None = None
    passive: bool = False
    cost: Annotated[int, Field(ge=1, le=65535)] | None = None
    priority: Annotated[int, Field(ge=0, le=255)] | None = None
    hello_interval: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Seconds."""
    dead_interval: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Seconds."""

    def follows(self) -> Iterator[Key]:
        """The interface and the speaker of the default VRF."""
        yield Key("interface", (self.interface,))
        yield Key("ospf_router", (DEFAULT_VRF,))
