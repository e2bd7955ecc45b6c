"""A small driver of EOS for tests of its simulator: VLANs, time servers, a BGP speaker, its neighbours.

Its transaction is a configuration session, which carries the name of the trial: with that name any login can confirm
it, or take it back. It outlives a lost login: what nobody is in any more is dropped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, cast

from netres.confirming import Confirming, Trial
from netres.driver import CliShell, Driver, Facts, Feature
from netres.errors import DeviceError, InvalidConfig, ParseError
from netres.flow import Cli, Flow, Operation, show
from netres.model import BgpNeighbor, BgpRouter, Config, Item, NtpServer, Vlan
from netres.plan import Guarantee
from netres.text.block import Block, Values, foreign
from netres.text.indented import Path
from netres.text.rule import Rule
from netres.text.snippets import indented

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


def _sessions() -> Flow[Mapping[str, Mapping[str, object]]]:
    """The configuration sessions by name. As JSON: half of that is none, and half of the table looks like a table."""
    text = (yield from show("show configuration sessions | json")).text
    try:
        return cast("Mapping[str, Mapping[str, object]]", json.loads(text)["sessions"])
    except (ValueError, KeyError, TypeError) as error:
        raise ParseError(f"this tells of no sessions: {text[:40]!r}") from error


def _drop_the_abandoned() -> Flow[None]:
    """Drop what a lost login of ours left: a session that is half filled, and that nobody is in."""
    try:
        sessions = yield from _sessions()
    except DeviceError:  # it says nothing of what the device runs on
        sessions = yield from _sessions()
    for name, session in sessions.items():
        if session["state"] == "pending" and not session["instances"] and name.startswith((_PREFIX, "sess-")):
            yield _line(f"configure session {name} abort")


_PREFIX: Final = "netres-"


def _line(line: str) -> Cli:
    return Cli((line,))


def _begin(trial: Trial) -> Sequence[Cli]:
    return (_line(f"configure session {_PREFIX}{trial.token}"),)


def _commit(trial: Trial) -> Sequence[Cli]:
    minutes, seconds = divmod(trial.seconds, 60)
    return (_line(f"commit timer {minutes // 60:02}:{minutes % 60:02}:{seconds:02}"),)


def _confirm(trial: Trial) -> Sequence[Cli]:
    return (_line(f"configure session {_PREFIX}{trial.token} commit"),)


def _cancel(trial: Trial) -> Sequence[Cli]:
    return (_line(f"configure session {_PREFIX}{trial.token} abort"),)


def _waits(trial: Trial) -> Flow[bool]:
    session = (yield from _sessions()).get(f"{_PREFIX}{trial.token}", {})
    return session.get("state") in {"pendingCommitTimer", "committed"}  # up to 4.31, and since


def _compare(operations: Sequence[Operation]) -> Flow[str]:
    """The switch's own diff, in a session that is dropped again."""
    name = f"{_PREFIX}diff"
    yield from show(f"configure session {name}")
    try:
        for operation in operations:
            if isinstance(operation, Cli):
                yield replace(operation, writes=False)
        text = (yield from show("show session-config diffs")).text
    except DeviceError:
        yield from show("abort")
        raise
    yield from show("abort")
    return text


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
    guarantee=Guarantee.ATOMIC,
    guarantee_why="a configuration session is committed whole",
    transport="ssh",
    shell=CliShell(
        netmiko="arista_eos",
        prompt=r"[\w.-]+(\([\w-]+\))?#",
        prepare=("terminal length 0", "terminal width 511"),
        accepts=re.compile(r"\A\s*(Copy completed successfully\.)?\s*\Z"),
        refuses=re.compile(r"^%", re.MULTILINE),
        ahead=32,  # reads only: behind a refused `router bgp`, its `exit` would leave the configuration session
    ),
    begin=(_line("configure session"),),
    commit=(_line("commit"),),
    abort=(_line("abort"),),
    save=(_line("write memory"),),
    verify=_drop_the_abandoned,
    foreign=foreign(BLOCKS),
    snippets=indented(BLOCKS, compare=_compare),
    confirming=Confirming(
        why="commit timer, the switch's own",
        begin=_begin,
        commit=_commit,
        confirm=_confirm,
        cancel=_cancel,
        waits=_waits,
        named=True,
    ),
)
WITHOUT_TIMER: Final = replace(DRIVER, confirming=None)
