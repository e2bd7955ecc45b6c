"""Sample configurations of every kind, for the laws: each names all it refers to, and differs from its neighbours.

A platform gets of each sample what its capabilities allow (`fitting`), so one set serves all drivers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from netres import differ
from netres.driver import Driver
from netres.errors import InvalidConfig
from netres.model import (
    BgpNeighbor,
    BgpNetwork,
    BgpRouter,
    Config,
    DnsServer,
    Interface,
    Item,
    NtpServer,
    OspfInterface,
    OspfRouter,
    PrefixList,
    PrefixListEntry,
    RouteMap,
    RouteMapEntry,
    Secret,
    StaticRoute,
    SyslogServer,
    System,
    Vlan,
)

SECRET: Final = "Gr8-secret.never_shown"  # noqa: S105 - made up, to be looked for
"""The one secret value in the samples: the laws look for it wherever something is shown."""

_EVERYTHING: Final = RouteMap(
    name="FULL",
    entries=(
        RouteMapEntry(
            seq=10,
            description="every clause there is",
            match_prefix_list="CUSTOMERS",
            match_prefix_list_ipv6="CUSTOMERS",
            match_as_path="TRANSIT",
            match_community="BLUE",
            match_interface="eth0",
            match_metric=5,
            match_tag=7,
            set_as_path_prepend=(65001, 65001),
            set_community=("65001:100", "no-export"),
            set_community_additive=True,
            set_local_preference=200,
            set_metric=50,
            set_next_hop="192.0.2.9",
            set_origin="igp",
            set_tag=9,
            set_weight=5,
        ),
        RouteMapEntry(seq=20, action="deny"),
    ),
)

SAMPLES: Final[tuple[tuple[Item, ...], ...]] = (
    (),
    (
        System(hostname="edge-1", domain_name="example.net"),
        Vlan(id=20, name="voice"),
        Vlan(id=100),
        Interface(name="eth0", description="to the core", addresses=("192.0.2.1/30", "2001:db8:1::1/64")),
        Interface(name="lan0", addresses=("198.51.100.1/24",)),
        StaticRoute(prefix="203.0.113.0/24", blackhole=True),
        StaticRoute(prefix="0.0.0.0/0", next_hop="192.0.2.2"),
        StaticRoute(prefix="::/0", next_hop="fe80::1", interface="eth0"),
        PrefixList(name="CUSTOMERS", entries=(PrefixListEntry(seq=5, prefix="198.51.100.0/22", le=24),)),
        RouteMap(name="OUT", entries=(RouteMapEntry(seq=10, match_prefix_list="CUSTOMERS", set_metric=50),)),
        BgpRouter(asn=65001, router_id="192.0.2.1"),
        BgpNeighbor(address="192.0.2.2", remote_as=65002, description="core, left", policy_out="OUT"),
        BgpNetwork(prefix="198.51.100.0/24"),
        OspfRouter(router_id="192.0.2.1"),
        OspfInterface(interface="eth0", area="0", network_type="point-to-point", hello_interval=1, dead_interval=4),
        DnsServer(address="192.0.2.53"),
        NtpServer(address="ntp.example.net", prefer=True),
        SyslogServer(host="192.0.2.14", severity="warning"),
    ),
    (
        System(hostname="edge-2", login_banner="Authorised use only"),
        Vlan(id=20, name="data"),
        Vlan(id=100, name="guests"),
        Interface(name="eth0", description="to the other core", enabled=False, addresses=("192.0.2.5/30",)),
        Interface(name="eth0.30", parent="eth0", vlan=30, mtu=1400, description="management"),
        StaticRoute(prefix="0.0.0.0/0", next_hop="192.0.2.2", distance=20),
        StaticRoute(prefix="0.0.0.0/0", next_hop="192.0.2.6", distance=200),
        StaticRoute(prefix="203.0.113.0/24", interface="lan0"),
        PrefixList(
            name="CUSTOMERS",
            entries=(
                PrefixListEntry(seq=5, action="deny", prefix="198.51.100.128/25"),
                PrefixListEntry(seq=10, prefix="0.0.0.0/0", le=32),
            ),
        ),
        PrefixList(name="CUSTOMERS", entries=(PrefixListEntry(seq=5, prefix="2001:db8::/32", ge=40, le=48),)),
        _EVERYTHING,
        RouteMap(name="OUT", entries=(RouteMapEntry(seq=10, action="deny", match_prefix_list="CUSTOMERS"),)),
        BgpRouter(asn=65001, router_id="192.0.2.5", ebgp_requires_policy=False),
        BgpNeighbor(
            address="192.0.2.2",
            remote_as=65003,
            hold_time=9,
            keepalive=3,
            connect_retry=5,
            password=Secret.observed(SECRET),
            policy_in="FULL",
            policy_out="OUT",
        ),
        BgpNeighbor(address="2001:db8:1::2", remote_as=65002, families=("ipv4-unicast", "ipv6-unicast")),
        BgpNeighbor(address="192.0.2.99", remote_as=65099, families=()),
        BgpNeighbor(address="192.0.2.98", remote_as=65098, families=("ipv4-unicast", "l2vpn-evpn")),
        BgpNetwork(prefix="198.51.100.0/24", policy="OUT"),
        BgpNetwork(prefix="2001:db8:2::/48"),
        OspfRouter(router_id="192.0.2.5", reference_bandwidth=10000),
        OspfInterface(interface="eth0", area="0.0.0.51", passive=True, cost=10, priority=0),
        OspfInterface(interface="lan0", area="0", network_type="broadcast"),
    ),
    (
        Interface(name="eth0", addresses=("192.0.2.1/30",)),
        StaticRoute(prefix="198.51.100.0/24", interface="lan0", vrf="blue"),
        StaticRoute(prefix="0.0.0.0/0", next_hop="192.0.2.6"),
        BgpRouter(asn=4200000000),
        BgpRouter(asn=65010, vrf="blue", router_id="192.0.2.10"),
        BgpNeighbor(address="192.0.2.2", remote_as=65002),
        BgpNeighbor(address="192.0.2.6", remote_as=65006, vrf="blue", description="in the blue"),
        BgpNetwork(prefix="203.0.113.0/24", vrf="blue"),
    ),
)


def fitting(driver: Driver) -> tuple[Config, ...]:
    """The samples as far as a platform can take them: without kinds and fields it does not have."""
    return tuple(Config.of(_fitted(driver, sample)) for sample in SAMPLES)


def _fitted(driver: Driver, items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        feature = driver.table.get(item.KIND)
        if feature is None or feature.write is None:
            continue
        fields = type(item).model_fields
        bare = {name: fields[name].get_default(call_default_factory=True) for name in feature.missing}
        fitted = item.model_copy(update=bare)
        if differ.inexpressible(fitted, feature):
            continue
        if feature.vacant and fitted == fitted.bare():
            continue
        try:
            if feature.check:
                feature.check(fitted)
        except InvalidConfig:
            continue
        yield fitted
