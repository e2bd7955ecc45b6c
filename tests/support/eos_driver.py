"""A small driver of EOS for tests of its simulator: VLANs, time servers, a BGP speaker, its neighbours.

Its transaction is a configuration session on trial, which is confirmed as soon as the device answers again. Where that
is the last thing that breaks (noise for the answer to the commit, half of the list of sessions), the trial stays open
until its timer ends: a driver alone cannot close it, for it does not know the session's name.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, cast

from netres.driver import CliShell, Driver, Facts, Feature
from netres.errors import DeviceError, InvalidConfig, ParseError
from netres.flow import Cli, Flow, show
from netres.model import BgpNeighbor, BgpRouter, Config, Item, NtpServer, Vlan
from netres.plan import Guarantee
from netres.text.block import Block, Values, foreign
from netres.text.indented import Path
from netres.text.rule import Rule

SHOW: Final = "show running-config"
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
    """What this driver does not express: VRFs, IPv6, and "?", the key that asks for help."""
    said = item.model_dump(mode="json")
    if said.get("vrf", "default") != "default" or any("?" in str(value) for value in said.values()):
        raise InvalidConfig(f"{item.key}: not in this driver")
    if ":" in str(said.get("address", "")):
        raise InvalidConfig(f"{item.key}: IPv4 only in this driver")


VLAN: Final = Block(
    Vlan,
    keys=("id",),
    rules=(Rule("vlan {id:int}", root=True, opens=True), Rule("vlan {id:int} > name {name}", no="no name")),
)
NTP: Final = Block(
    NtpServer,
    keys=("address",),
    rules=tuple(
        Rule(
            f"ntp server {{address}}{words}", root=True, when={"prefer": "prefer" in words, "iburst": "iburst" in words}
        )
        for words in ("", " prefer", " iburst", " prefer iburst")
    ),
)
ROUTER: Final = Block(
    BgpRouter,
    keys=(),
    rules=(Rule(_BGP, root=True, opens=True), Rule(_BGP + " > router-id {router_id:ip4}", no="no router-id")),
)
NEIGHBOR: Final = Block(
    BgpNeighbor,
    keys=("address",),
    rules=(
        Rule(
            _NEIGHBOR + "remote-as {remote_as:int}", root=True, owns="neighbor {address} ", no="no neighbor {address}"
        ),
        Rule(_NEIGHBOR + "description {description:line}", no="no neighbor {address} description"),
        Rule(_NEIGHBOR + "timers {keepalive:int} {hold_time:int}", no="no neighbor {address} timers"),
        *(
            Rule(f"{_BGP} > address-family {name} > neighbor {{address:ip}} activate", when={name: True})
            for name in ("ipv4", "ipv6")
        ),
    ),
    load=_load,
    dump=_dump,
    context=_asn,
)
BLOCKS: Final = (VLAN, NTP, ROUTER, NEIGHBOR)


def _facts() -> Flow[Facts]:
    text = (yield from show("show version")).text
    serial = re.search(r"^Serial number: (\S+)", text, re.MULTILINE)
    return Facts(vendor="Arista", serial=serial[1] if serial else None)


def _verify() -> Flow[None]:
    """Confirm the session that is on trial: the device can still be talked to. Drop those that a lost login left."""
    listing = "show configuration sessions"
    try:
        told = (yield from show(listing)).text
    except DeviceError:  # without its name the session on trial can be neither confirmed nor dropped: ask once more
        told = (yield from show(listing)).text
    if "Maximum number of pending sessions" not in told:
        raise ParseError(f"this tells of no sessions: {told[:40]!r}")
    for name, state in re.findall(r"^  (sess-\S+) +(pending|pendingCommitTimer) *$", told, re.MULTILINE):
        abort = Cli((f"configure session {name} abort",))
        if state == "pending":
            yield abort
            continue
        try:
            yield Cli((f"configure session {name} commit",))
        except DeviceError:  # while a commit is on trial the device takes no other: not even one that goes back
            yield abort
            raise


_NOT_OF_NEIGHBORS: Final = frozenset({"policy_in", "policy_out", "connect_retry", "password"})
DRIVER: Final = Driver(
    platform="eos_in_tests",
    title="EOS, as far as tests need it",
    vendor="Arista",
    families=("router",),
    features=(
        Feature(Vlan, VLAN.read(SHOW), VLAN.write),
        Feature(NtpServer, NTP.read(SHOW), NTP.write, check=_own_words),
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
            missing=_NOT_OF_NEIGHBORS,
            values={"families": _FAMILIES},
            check=_own_words,
        ),
    ),
    native=lambda: show(SHOW),
    facts=_facts,
    guarantee=Guarantee.CONFIRMED,
    guarantee_why="a configuration session with a commit timer",
    transport="ssh",
    shell=CliShell(
        netmiko="arista_eos",
        prompt=r"[\w.-]+(\([\w-]+\))?#",
        prepare=("terminal length 0", "terminal width 511"),
        accepts=re.compile(r"\A\s*(Copy completed successfully\.)?\s*\Z"),
        refuses=re.compile(r"^%", re.MULTILINE),
    ),
    begin=(Cli(("configure session",)),),
    commit=(Cli(("commit timer 00:05:00",)),),
    abort=(Cli(("abort",)),),
    save=(Cli(("write memory",)),),
    verify=_verify,
    foreign=foreign(BLOCKS),
)
ATOMIC: Final = replace(
    DRIVER, guarantee=Guarantee.ATOMIC, guarantee_why="a configuration session", commit=(Cli(("commit",)),)
)
"""The same without a timer."""
