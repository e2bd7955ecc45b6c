"""A small driver of VyOS for tests of its simulator: host name, time and name servers, static routes, BGP.

It stays in configuration mode from the login on: each login has a candidate of its own there, and locks nobody out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from netres.change import Change
from netres.confirming import Confirming, Trial
from netres.driver import CliShell, Driver, Facts, Feature, Scope, together
from netres.errors import InvalidConfig, ParseError
from netres.flow import Cli, Flow, Operation, Reply, show
from netres.model import BgpNeighbor, BgpRouter, DnsServer, Item, Key, NtpServer, StaticRoute, System
from netres.plan import Guarantee

SHOW: Final = "run show configuration commands"
Line = tuple[str, ...]
"""The words of a line, without ``set``."""
_SCALARS: Final[Mapping[Line, Line]] = {
    ("system", "host-name"): ("system", "hostname"),
    ("system", "domain-name"): ("system", "domain_name"),
    ("protocols", "bgp", "system-as"): ("bgp_router", "asn"),
    ("protocols", "bgp", "parameters", "router-id"): ("bgp_router", "router_id"),
}
"""Kind and field of what stands once in a configuration."""
_FAMILIES: Final = ("ipv4-unicast", "ipv6-unicast")


def _lines(item: Item | None) -> Iterator[Line]:
    """The lines that make an Item."""
    match item:
        case System():
            named = (("host-name", item.hostname), ("domain-name", item.domain_name))
            yield from (("system", name, value) for name, value in named if value)
        case DnsServer():
            yield "system", "name-server", item.address
        case NtpServer():
            yield ("service", "ntp", "server", item.address, *(["prefer"] if item.prefer else []))
        case StaticRoute():
            last = ("blackhole",) if item.blackhole else ("next-hop", str(item.next_hop))
            far = ("distance", str(item.distance)) if item.distance else ()
            yield ("protocols", "static", "route6" if ":" in item.prefix else "route", item.prefix, *last, *far)
        case BgpRouter():
            yield "protocols", "bgp", "system-as", str(item.asn)
            if item.router_id:
                yield "protocols", "bgp", "parameters", "router-id", item.router_id
        case BgpNeighbor():
            here = ("protocols", "bgp", "neighbor", item.address)
            yield *here, "remote-as", str(item.remote_as)
            if item.description:
                yield *here, "description", item.description
            yield from ((*here, "address-family", name) for name in item.families)
        case _:
            pass


def _read(line: Line) -> tuple[Line, dict[str, Any]] | None:
    """Which Item a line belongs to, and what it says of it; ``None``: to none."""
    if (scalar := _SCALARS.get(line[:-1])) is not None:
        return (scalar[0],), {scalar[1]: line[-1]}
    match line:
        case "system", "name-server", address:
            return ("dns_server", address), {"address": address}
        case "service", "ntp", "server", address, *rest if rest in ([], ["prefer"]):
            return ("ntp_server", address), {"address": address, "prefer": bool(rest)}
        case "protocols", "static", "route" | "route6", prefix, *rest:
            return _read_route(prefix, rest)
        case "protocols", "bgp", "neighbor", address, *rest:
            return _read_neighbor(address, rest)
        case _:
            return None


def _read_route(prefix: str, rest: Sequence[str]) -> tuple[Line, dict[str, Any]] | None:
    match rest:
        case ["blackhole", *far] if far[:-1] in ([], ["distance"]):
            hop: dict[str, Any] = {"blackhole": True}
        case ["next-hop", address, *far] if far[:-1] in ([], ["distance"]):
            hop = {"next_hop": address}
        case _:
            return None
    distance = {"distance": far[1]} if far else {}
    return ("static_route", prefix, str(hop.get("next_hop"))), {"prefix": prefix, **hop, **distance}


def _read_neighbor(address: str, rest: Sequence[str]) -> tuple[Line, dict[str, Any]] | None:
    key, known = ("bgp_neighbor", address), {"address": address}
    match rest:
        case ["remote-as", number] if number.isdigit():
            return key, {**known, "remote_as": number}
        case ["description", text]:
            return key, {**known, "description": text}
        case ["address-family", name] if name in _FAMILIES:
            return key, {**known, name: True}
        case _:
            return None


def _configured(native: Reply) -> tuple[Line, ...]:
    found = [line.partition(" ")[::2] for line in native.text.splitlines() if line]
    if any(verb != "set" for verb, _ in found):
        raise ParseError(f"no lines of a configuration: {native.text[:40]!r}")
    return tuple(tuple(shlex.split(rest)) for _, rest in found)


def _reader(kind: type[Item]) -> Callable[[], Flow[Iterable[Item]]]:
    def read() -> Flow[Iterable[Item]]:
        fields: dict[Line, dict[str, Any]] = {("system",): {}} if kind is System else {}
        for line in (yield from show(SHOW)).parsed(_configured):
            if (told := _read(line)) is not None and told[0][0] == kind.KIND:
                fields.setdefault(told[0], {}).update(told[1])
        return [_item(kind, one) for one in fields.values() if kind is not BgpRouter or "asn" in one]

    return read


def _item(kind: type[Item], fields: dict[str, Any]) -> Item:
    if kind is BgpNeighbor:
        fields["families"] = [name for name in _FAMILIES if fields.pop(name, False)]
    return kind.model_validate(fields)


def _compose(changes: Sequence[Change], scope: Scope) -> Iterator[Operation]:
    """What is deleted goes with all that would be left empty above it: VyOS keeps what is empty."""
    there = scope.native.parsed(_configured)
    old = {line for change in changes for line in _lines(change.before)}
    new = [line for change in changes for line in _lines(change.after)]
    stays = {line[:end] for line in (*(one for one in there if one not in old), *new) for end in range(len(line) + 1)}
    gone = [line for line in there if line in old and line not in stays]
    tops = [next(line[:end] for end in range(len(line) + 1) if line[:end] not in stays) for line in gone]
    yield from (_line("delete", top) for top in dict.fromkeys(tops))
    yield from (_line("set", line) for line in new if line not in there)


def _line(verb: str, words: Line) -> Cli:
    return Cli((" ".join((verb, *(f"'{word}'" for word in words))),))


def _expressible(item: Item) -> None:
    said = item.model_dump(mode="json")
    if any("'" in str(value) or "?" in str(value) for value in said.values()):
        raise InvalidConfig(f"{item.key}: neither a single quote nor the key that asks for help")
    if said.get("vrf", "default") != "default":
        raise InvalidConfig(f"{item.key}: there are no VRFs in this driver")
    if isinstance(item, StaticRoute) and not item.blackhole and (item.next_hop or "fe80:").startswith("fe80:"):
        raise InvalidConfig(f"{item.key}: a next hop that needs no interface, in this driver")


def _foreign(native: Reply) -> Mapping[Key, tuple[str, ...]]:
    """The lines inside a neighbour that are nobody's."""
    inside: dict[Key, tuple[str, ...]] = {}
    for line in native.parsed(_configured):
        if line[:3] == ("protocols", "bgp", "neighbor") and _read(line) is None:
            key = Key("bgp_neighbor", (line[3], "default"))
            inside[key] = (*inside.get(key, ()), " ".join(line))
    return inside


def _facts() -> Flow[Facts]:
    text = (yield from show("run show version")).text
    version = re.search(r"^Version: +(.+)$", text, re.MULTILINE)
    return Facts(vendor="VyOS", os_version=version[1] if version else None)


# How a change stands for a time


def _plain(*lines: str) -> tuple[Cli, ...]:
    return tuple(Cli((line,)) for line in lines)


def _waits(trial: Trial) -> Flow[bool]:
    """Whether a commit waits, of whomever it is: it is a timer of systemd's, always of the same name."""
    told = (yield from show("systemctl is-active commit-confirm.timer")).text.strip()
    if told not in {"active", "inactive"}:
        raise ParseError(f"this tells of no timer: {told[:40]!r}")
    return told == "active"


def _lacks() -> Flow[str]:
    """The router starts anew from what is saved, unless it is told to load what ran before."""
    lines = (yield from show(SHOW)).parsed(_configured)
    if ("system", "config-management", "commit-confirm", "action", "reload") in lines:
        return ""
    yield from show("discard")  # the candidate, which is compared, has what others committed since the login
    told = (yield from show("compare saved")).text
    if told.startswith("No changes between"):
        return ""
    return (
        "what runs is not what is saved, and the router would start anew with that; `save` it, or configure "
        "`system config-management commit-confirm action reload`"
    )


CONFIRMING: Final = Confirming(
    why="commit-confirm, which starts the router anew, or loads what ran before",
    commit=lambda trial: _plain(f"commit-confirm {trial.seconds // 60}", "y"),
    confirm=lambda trial: _plain("confirm"),
    # Stopped first: where nothing waits any more this is refused, and revision 1 is not what was before the trial.
    cancel=lambda trial: _plain("confirm", "rollback-soft 1", "commit"),
    waits=_waits,
    lacks=_lacks,
    step=60,
    least=60,
    needs=("what runs is saved, or commit-confirm reloads",),
)
_ANSWERS: Final = (
    r"Configuration path: \[.*\] already exists",
    r"No configuration changes to commit",
    r"(?:No changes|Changes) have been discarded",
    r"Saving configuration to '\S+'\.\.\.\s+Done",
    r"commit-confirm will automatically reboot in \d+ minutes unless changes\s+are confirmed\.",
    r"commit-confirm will automatically reload previous config in \d+ minutes unless changes\s+are confirmed\.",
    r"Initialized commit-confirm; \d+ minutes to confirm before (?:reboot|reload)",
    r"(?:Reboot|Reload) timer stopped",
    r'Rollback diff has been applied\.\s+Use "compare" to review the changes or "commit" to apply them\.',
)


def _feature(kind: type[Item], *missing: str, **values: tuple[str, ...]) -> Feature:
    return Feature(kind, _reader(kind), together, missing=frozenset(missing), values=values, check=_expressible)


DRIVER: Final = Driver(
    platform="vyos_in_tests",
    title="VyOS, as far as tests need it",
    vendor="VyOS",
    families=("router",),
    features=(
        _feature(System, "login_banner", "contact", "location"),
        _feature(DnsServer),
        _feature(NtpServer, "iburst"),
        _feature(StaticRoute, "interface"),
        _feature(BgpRouter, "ebgp_requires_policy"),
        _feature(
            BgpNeighbor,
            *("hold_time", "keepalive", "connect_retry", "password", "policy_in", "policy_out"),
            families=_FAMILIES,
        ),
    ),
    native=lambda: show(SHOW),
    facts=_facts,
    guarantee=Guarantee.COMPENSATED,
    guarantee_why="a commit that fails may have committed a part",
    transport="ssh",
    shell=CliShell(
        netmiko="vyos",
        prompt=r"[\w.-]+@[\w.-]+(:~\$|#) |Proceed \? \[Y/n\] ",
        prepare=("set terminal length 0", "configure"),
        accepts=re.compile(rf"\A\s*(?:(?:{'|'.join(_ANSWERS)})\s*)*\Z"),
        refuses=re.compile(r"Invalid command|is not valid|Commit failed"),
        ahead=32,
        pipelines=True,
    ),
    begin=_plain("discard"),
    commit=_plain("commit"),
    abort=_plain("n", "discard"),  # the first to a question that is still open
    save=_plain("save"),
    compose=_compose,
    foreign=_foreign,
    confirming=CONFIRMING,
)
