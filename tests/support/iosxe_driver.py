"""A small driver of IOS-XE for tests of its simulator: VLANs, time servers, a BGP speaker and its neighbours."""

from __future__ import annotations

import re
from typing import Final, cast

from netres.confirming import Confirming, Trial
from netres.driver import CliShell, Driver, Facts, Feature
from netres.errors import InvalidConfig, ParseError
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


_NONE_PENDING: Final = "%No Rollback Confirmed Change pending"


def _line(line: str) -> tuple[Cli, ...]:
    return (Cli((line,)),)


def _lacks() -> Flow[str]:
    """The router keeps what it goes back to in its archive."""
    told = (yield from show("show archive")).text
    if told.startswith("Archive feature not enabled"):
        return "the archive is not configured; configure `archive` and in it `path flash:NAME`"
    if not told.startswith("The maximum archive configurations allowed is "):
        raise ParseError(f"this tells of no archive: {told[:40]!r}")
    return ""


def _waits(trial: Trial) -> Flow[bool]:
    """Whether a change waits, of whomever it is: the router has no names for them."""
    told = (yield from show("show archive config rollback timer")).text
    if told.strip() == _NONE_PENDING:
        return False
    if not re.search(r"^Timer value: \d+ min$", told, re.MULTILINE):
        raise ParseError(f"this tells of no timer: {told[:40]!r}")
    return True


CONFIRMING: Final = Confirming(
    why="configure terminal revert timer, the router's own",
    begin=lambda trial: _line(f"configure terminal revert timer {trial.seconds // 60}"),
    commit=lambda trial: _line("end"),
    confirm=lambda trial: _line("configure confirm"),
    cancel=lambda trial: _line("configure revert now"),
    waits=_waits,
    lacks=_lacks,
    step=60,
    least=60,
    most=7200,
    needs=("the archive is configured (archive, path)",),
)
_ANSWERS: Final = (
    r"Enter configuration commands, one per line\.  End with CNTL/Z\.",
    r"Building configuration\.\.\.\s+\[OK\]",
    r"Rollback Confirmed Change: Backing up current running config to \S+",
    r"Rollback Confirmed Change: rolling to:\S+\s+Total number of passes: \d+\s+Rollback Done",
)
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
    guarantee_why="every line runs as soon as it is entered",
    transport="ssh",
    shell=CliShell(
        netmiko="cisco_xe",
        prompt=r"[\w.-]+(\([\w-]+\))?#",
        prepare=("terminal length 0", "terminal width 0"),
        accepts=re.compile(rf"\A\s*(?:(?:{'|'.join(_ANSWERS)})\s*)*\Z"),
        refuses=re.compile(rf"^%(?!{_NONE_PENDING[1:]})", re.MULTILINE),
        secrets=(re.compile(r"neighbor \S+ password (\S+)"),),
    ),
    begin=_line("configure terminal"),
    commit=_line("end"),
    abort=_line("end"),
    save=_line("write memory"),
    foreign=foreign([VLAN, NTP, ROUTER, NEIGHBOR]),
    confirming=CONFIRMING,
)
