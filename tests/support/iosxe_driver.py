"""A small driver of IOS-XE for tests of its simulator: VLANs, time servers, a BGP speaker and its neighbours."""

from __future__ import annotations

import re
from typing import Final, cast

from netres.driver import CliShell, Driver, Facts, Feature
from netres.errors import InvalidConfig
from netres.flow import Cli, Flow, show
from netres.model import BgpNeighbor, BgpRouter, Config, Item, NtpServer, Vlan
from netres.plan import Guarantee
from netres.text.block import Block, Values, foreign
from netres.text.indented import Path
from netres.text.rule import Rule

SHOW: Final = "show running-config | begin ^version"
_BGP: Final = "router bgp {asn:int}"
_NEIGHBOR: Final = _BGP + " > neighbor {address:ip} "
_FAMILIES: Final = ("ipv4-unicast", "ipv6-unicast")


def _asn(item: Item, config: Config) -> dict[str, object]:
    router = config.find("bgp_router", "default")
    return {"asn": router.asn} if isinstance(router, BgpRouter) else {}


def _load(values: Values, lines: frozenset[Path]) -> Values | None:
    return {**values, "families": [name for name in _FAMILIES if values.get(name[:4])]}


def _dump(item: Item) -> Values:
    found = {name: getattr(item, name) for name in BgpNeighbor.model_fields}
    return {**found, **{name[:4]: name in cast("BgpNeighbor", item).families for name in _FAMILIES}}


def _own_words(item: Item) -> None:
    """What this driver does not express: other VRFs, capitals-only addresses of IPv6, "?" in text."""
    if getattr(item, "vrf", "default") != "default" or "?" in str(getattr(item, "description", "")):
        raise InvalidConfig(f"{item.key}: not in this driver")
    if ":" in str(getattr(item, "address", "")):
        raise InvalidConfig(f"{item.key}: IPv4 only in this driver")


VLAN: Final = Block(
    Vlan,
    keys=("id",),
    rules=(Rule("vlan {id:int}", root=True, opens=True), Rule("vlan {id:int} > name {name}", no="no name")),
)
NTP: Final = Block(
    NtpServer,
    keys=("address",),
    rules=(
        Rule("ntp server {address}", root=True, when={"prefer": False}),
        Rule("ntp server {address} prefer", root=True, when={"prefer": True}),
    ),
)
ROUTER: Final = Block(
    BgpRouter,
    keys=(),
    rules=(
        Rule(_BGP, root=True, opens=True),
        Rule(_BGP + " > bgp router-id {router_id:ip4}", no="no bgp router-id"),
    ),
)
NEIGHBOR: Final = Block(
    BgpNeighbor,
    keys=("address",),
    rules=(
        Rule(
            _NEIGHBOR + "remote-as {remote_as:int}", root=True, owns="neighbor {address} ", no="no neighbor {address}"
        ),
        Rule(_NEIGHBOR + "description {description:line}", no="no neighbor {address} description"),
        Rule(_NEIGHBOR + "password {password:secret}", no="no neighbor {address} password"),
        *(
            Rule(f"{_BGP} > address-family {name} > neighbor {{address:ip}} activate", when={name: True})
            for name in ("ipv4", "ipv6")
        ),
    ),
    load=_load,
    dump=_dump,
    context=_asn,
)


def _facts() -> Flow[Facts]:
    text = (yield from show("show version")).text
    serial = re.search(r"^Processor board ID (\S+)", text, re.MULTILINE)
    return Facts(vendor="Cisco", serial=serial[1] if serial else None)


DRIVER: Final = Driver(
    platform="iosxe_in_tests",
    title="IOS-XE, as far as tests need it",
    vendor="Cisco",
    families=("router",),
    features=(
        Feature(Vlan, VLAN.read(SHOW), VLAN.write),
        Feature(NtpServer, NTP.read(SHOW), NTP.write, missing=frozenset({"iburst"}), check=_own_words),
        Feature(
            BgpRouter,
            ROUTER.read(SHOW),
            ROUTER.write,
            missing=frozenset({"ebgp_requires_policy"}),
            replaces=frozenset({"asn"}),
            check=_own_words,
        ),
        Feature(
            BgpNeighbor,
            NEIGHBOR.read(SHOW),
            NEIGHBOR.write,
            missing=frozenset({"policy_in", "policy_out", "hold_time", "keepalive", "connect_retry"}),
            values={"families": _FAMILIES},
            check=_own_words,
        ),
    ),
    native=lambda: show(SHOW),
    facts=_facts,
    guarantee=Guarantee.COMPENSATED,
    guarantee_why="this driver uses neither the archive nor a timer",
    transport="ssh",
    shell=CliShell(
        netmiko="cisco_xe",
        prompt=r"[\w.-]+(\([\w-]+\))?#",
        prepare=("terminal length 0", "terminal width 0"),
        accepts=re.compile(
            r"\A\s*(Enter configuration commands, one per line\.  End with CNTL/Z\."
            r"|Building configuration\.\.\.\s+\[OK\])?\s*\Z"
        ),
        refuses=re.compile(r"^%", re.MULTILINE),
        secrets=(re.compile(r"neighbor \S+ password (\S+)"),),
    ),
    begin=(Cli(("configure terminal",)),),
    commit=(Cli(("end",)),),
    abort=(Cli(("end",)),),
    save=(Cli(("write memory",)),),
    foreign=foreign([VLAN, NTP, ROUTER, NEIGHBOR]),
)
