"""Sample configurations of every kind, for the laws: each names all it refers to, and differs from its neighbours.

A platform gets of each sample what its capabilities allow (`fitting`), so one set serves all drivers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal, TypedDict

from netres import differ
from netres.driver import Driver
from netres.errors import InvalidConfig
from netres.model import (
    AllowedPeer,
    ApGroup,
    BgpNeighbor,
    BgpNetwork,
    BgpRouter,
    CallRoute,
    Config,
    DnsServer,
    Interface,
    Item,
    Keepalive,
    MediaPolicy,
    NativeConfig,
    NtpServer,
    OspfInterface,
    OspfRouter,
    PrefixList,
    PrefixListEntry,
    Radio,
    RadiusServer,
    RouteMap,
    RouteMapEntry,
    Secret,
    SipInterface,
    SipPeer,
    SipTrunk,
    StaticRoute,
    SyslogServer,
    System,
    Vlan,
    Wlan,
    WlanSecurity,
    paths,
)

SECRET: Final = "Gr8-secret.never_shown"  # noqa: S105 - made up, to be looked for
"""The one secret value in the samples: the laws look for it wherever something is shown."""


class _Roaming(TypedDict):
    fast_transition: bool
    neighbor_report: bool
    bss_transition: bool
    pmf: Literal["optional"]


_SECRET: Final = Secret.observed(SECRET)
_PSK: Final = WlanSecurity(mode="psk", passphrase=_SECRET)
_ROAMING: Final = _Roaming(fast_transition=True, neighbor_report=True, bss_transition=True, pmf="optional")

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
        Radio(name="wlan0", band="2.4ghz", channel=6, width=20, country="DE"),
        Radio(name="wlan1", band="5ghz", channel=36, width=80, power=17, country="DE"),
        RadiusServer(name="ise1", host="192.0.2.10", accounting_port=1813, secret=_SECRET),
        Wlan(name="corp", ssid="Corp", security=_PSK, bands=("5ghz",)),
        Wlan(name="staff", ssid="Staff", security=WlanSecurity(mode="enterprise", radius=("ise1",)), **_ROAMING),
        Wlan(name="guest", ssid="Gäste & Freunde", client_isolation=True, max_clients=50),
        ApGroup(name="offices", access_points=("ap-01",), wlans=("corp", "guest")),
        ApGroup(name="halls", access_points=("ap-02",), wlans=("corp", "staff")),
        SipInterface(address="192.0.2.1"),
        AllowedPeer(prefix="192.0.2.64/32", name="pbx"),
        AllowedPeer(prefix="203.0.113.0/24", port=5060),
        MediaPolicy(name="relayed"),
        SipTrunk(
            name="itsp-a",
            peers=(SipPeer(host="192.0.2.20", priority=0), SipPeer(host="192.0.2.21", priority=10)),
            codecs=("PCMA", "G729"),
            srtp="required",
            dtmf="rfc4733",
            max_sessions=3,
            max_cps=10,
            media_policy="relayed",
        ),
        SipTrunk(name="pbx", peers=(SipPeer(host="192.0.2.64", port=5070, transport="tcp"),)),
        CallRoute(name="national", called="+49*", strip=3, prepend="0", trunks=("itsp-a", "pbx")),
        CallRoute(name="inside", called="1xx", priority=10, trunks=("pbx",)),
    ),
    (
        System(
            hostname="edge-2", login_banner="Authorised use only", contact="noc@example.net", location="rack 7, Leeds"
        ),
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
            password=_SECRET,
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
        Radio(name="wlan0", band="2.4ghz", channel=11, width=40, country="GB"),
        Radio(name="wlan1", enabled=False),
        RadiusServer(name="ise1", host="192.0.2.11", port=1645, secret=_SECRET),
        RadiusServer(name="ise2", host="2001:db8::12", accounting_port=1813, secret=_SECRET),
        Wlan(name="corp", ssid="Corp", security=WlanSecurity(mode="psk-sae", passphrase=_SECRET), **_ROAMING),
        Wlan(name="staff", ssid="Staff", security=WlanSecurity(mode="enterprise", radius=("ise1", "ise2"))),
        Wlan(name="lab", ssid=' 🛜 "\\', security=WlanSecurity(mode="sae", passphrase=_SECRET), vlan=20, hidden=True),
        ApGroup(name="offices", access_points=("ap-01", "ap-02"), wlans=("corp",)),
        ApGroup(name="warehouse", wlans=("corp", "lab")),
        AllowedPeer(prefix="192.0.2.64/32", port=5070, transport="tcp"),
        AllowedPeer(prefix="2001:db8:64::/64", transport="tls"),
        MediaPolicy(name="relayed", symmetric_rtp=False, ice="pass"),
        MediaPolicy(name="direct", relay=False),
        SipTrunk(
            name="itsp-a",
            peers=(
                SipPeer(host="192.0.2.20", port=5061, transport="tls", weight=70),
                SipPeer(host="sip.example.net", port=5061, transport="tls", weight=30),
                SipPeer(host="2001:db8::21", priority=1),
            ),
            keepalive=Keepalive(interval=10, down_after=2, up_after=2),
            codecs=("G722",),
            srtp="optional",
            max_sessions=30,
            media_policy="relayed",
        ),
        SipTrunk(name="itsp-b", peers=(SipPeer(host="192.0.2.30"),), max_cps=5, media_policy="direct"),
        CallRoute(name="national", called="+49*", calling="+44*", trunks=("itsp-b", "itsp-a")),
        CallRoute(name="rest", priority=900, trunks=("itsp-a",)),
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
        System(contact="ops", location="Berlin"),
        Wlan(name="corp", ssid="Corporation", enabled=False, security=_PSK),
        ApGroup(name="halls", access_points=("ap-01",), wlans=("corp",)),
        SipTrunk(name="pbx", peers=(SipPeer(host="192.0.2.65"),), max_sessions=0),
        AllowedPeer(prefix="198.51.100.0/24"),
        NativeConfig(name="motd", platform="memory", lines=("motd", " welcome")),
    ),
)


def fitting(driver: Driver) -> tuple[Config, ...]:
    """The samples as far as a platform can take them: without kinds and fields it does not have."""
    return tuple(_whole(driver, Config.of(_fitted(driver, sample))) for sample in SAMPLES)


def _whole(driver: Driver, config: Config) -> Config:
    """``config`` without what refers to an Item that the platform did not take."""
    kept = [item for item in config.items if all(key in config or key.kind not in driver.table for key in item.needs())]
    return config if len(kept) == len(config) else _whole(driver, Config.of(kept))


def _fitted(driver: Driver, items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        feature = driver.table.get(item.KIND)
        if feature is None or feature.write is None:
            continue
        fitted = item
        for name in feature.missing:
            fitted = paths.reset(fitted, name)
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
