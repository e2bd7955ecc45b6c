"""A driver for set lines, over the simulated Junos router: exclusive candidate, timed commit that is confirmed.

It is no driver of netres: it serves to hold the simulator and the laws against each other. It shares no code with the
simulator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from setline_items import FAMILIES, lines, parsed, path_of, root, words

from netres.change import Change
from netres.confirming import Confirming, Trial
from netres.driver import CliShell, Driver, Facts, Feature, Scope
from netres.errors import DeviceError, InvalidConfig, ParseError
from netres.flow import Cli, Flow, Operation, Reply, show
from netres.model import BgpNeighbor, BgpRouter, DnsServer, Item, Key, NtpServer, StaticRoute, System, Vlan
from netres.plan import Guarantee
from netres.testing.conformance import SimulatedSubject
from netres.testing.sim import registry
from netres.text.snippets import set_lines

SHOW: Final = "show configuration | display set"


def write(change: Change, scope: Scope) -> Iterator[Operation]:
    """The lines that make a change."""
    old, new = lines(change.before), lines(change.after)
    below = root(change.before) if change.before else ""
    if isinstance(change.before, StaticRoute) and change.after is None and _last(change.before, scope):
        yield Cli((f"delete {path_of(change.before)}",))
    elif below and (change.after is None or root(change.after) != below):
        yield Cli((f"delete {below}",))
    else:
        gone = [line.partition(" preference ")[0] if "qualified" in line else line for line in old if line not in new]
        yield from (Cli((f"delete {line}",)) for line in gone)
    kept = () if below and change.after and root(change.after) != below else old
    yield from (Cli((f"set {line}",)) for line in new if line not in kept)


def _last(route: StaticRoute, scope: Scope) -> bool:
    others = (item for item in scope.after.items if isinstance(item, StaticRoute))
    return all(item.prefix != route.prefix for item in others)


def reader(kind: type[Item], command: str = SHOW) -> Callable[[], Flow[Iterable[Item]]]:
    def read() -> Flow[Iterable[Item]]:
        found = (yield from show(command)).parsed(parsed)
        return [
            kind.model_validate({"families": (), **fields} if kind is BgpNeighbor else fields)
            for key, fields in found.fields.items()
            if key[0] == kind.KIND and (kind is not BgpRouter or "asn" in fields)
        ]

    return read


def foreign(native: Reply) -> Mapping[Key, tuple[str, ...]]:
    """The lines inside a neighbour or a VLAN that are nobody's."""
    inside: dict[Key, tuple[str, ...]] = {}
    found = native.parsed(parsed)
    for line in found.unowned:
        match words(line):
            case ["set", "protocols", "bgp", "group", _, "neighbor", address, *_]:
                key = Key("bgp_neighbor", (address, "default"))
            case ["set", "vlans", name, *_]:
                numbers = [k[1] for k, fields in found.fields.items() if k[0] == "vlan" and fields.get("name") == name]
                key = Key("vlan", (numbers[0] if numbers else "",))
            case _:
                continue
        inside[key] = (*inside.get(key, ()), line)
    return inside


# The driver


def _expressible(item: Item) -> None:
    if isinstance(item, StaticRoute) and not (item.blackhole or item.next_hop):
        raise InvalidConfig(f"{item.key}: an interface alone is no next hop here")
    if isinstance(item, StaticRoute) and item.next_hop and item.next_hop.startswith("fe80:"):
        raise InvalidConfig(f"{item.key}: a link-local next hop needs its interface")
    if isinstance(item, BgpNeighbor) and not item.families:
        raise InvalidConfig(f"{item.key}: a neighbour without a family is not possible here")


def _facts() -> Flow[Facts]:
    text = (yield from show("show version")).text
    told = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    return Facts(vendor="simulated", model=told.get("Model"), os_version=told.get("Junos"))


def _comment(trial: Trial) -> str:
    return f"netres-{trial.token}"


def _waits(trial: Trial) -> Flow[bool]:
    """Whether the newest commit waits, and is that of the trial: its comment stands in the line below."""
    text = (yield from show("show system commit")).text
    newest, end, older = text.partition("\n")
    if not re.match(r"0 +\d{4}-", newest) or not end:
        raise ParseError(f"this tells of no commit: {newest[:40]!r}")
    if "rollback in" not in newest:
        return False
    comment, end, _ = older.partition("\n")
    if not end:
        raise ParseError("this tells only half of a commit")
    return comment.strip() == _comment(trial)


def _lines_of(*lines: str) -> tuple[Cli, ...]:
    return tuple(Cli((line,)) for line in lines)


CONFIRMING: Final = Confirming(
    why="commit confirmed, the router's own timer",
    # Any commit confirms what waits, whoever made it: where something does, the answer is not empty, and is a refusal.
    begin=lambda trial: _lines_of('show system commit | match "rollback in"', "configure exclusive"),
    commit=lambda trial: _lines_of(f"commit confirmed {trial.seconds // 60} comment {_comment(trial)}", "exit"),
    confirm=lambda trial: _lines_of("configure exclusive", "commit", "exit"),
    cancel=lambda trial: _lines_of("configure exclusive", "rollback 1", "commit", "exit"),
    waits=_waits,
    named=True,
    step=60,
    least=60,
    most=65535 * 60,
)


def _feature(item: type[Item], *missing: str, **values: tuple[str, ...]) -> Feature:
    if "vrf" in item.model_fields:
        values["vrf"] = ("default",)
    return Feature(item, reader(item), write, missing=frozenset(missing), values=values, check=_expressible)


def _owner(trail: tuple[str, ...]) -> Key | None:
    """The Item of which a line alone makes the driver think."""
    found = Reply("\n".join(trail)).parsed(parsed)
    return next((Key(key[0], key[1:]) for key in found.fields), None) if not found.unowned else None


def _compare(operations: Sequence[Operation]) -> Flow[str]:
    """The router's own diff, in a candidate that is dropped again."""
    yield from show("configure exclusive")
    try:
        for operation in operations:
            if isinstance(operation, Cli):
                yield replace(operation, writes=False)
        text = (yield from show("show | compare")).text
    except DeviceError:
        yield from show("rollback 0")
        yield from show("exit")
        raise
    yield from show("rollback 0")
    yield from show("exit")
    return text


ANSWERS: Final = (
    r"warning: uncommitted changes will be discarded on exit|Entering configuration mode|Exiting configuration mode|"
    # Of several routes to one prefix, the deletion of one may take the others along.
    r"warning: statement not found|"
    r"commit confirmed will be automatically rolled back in \d+ minutes unless confirmed|commit complete|load complete"
)
DRIVER: Final = Driver(
    platform="setlines",
    title="Set lines",
    vendor="simulated",
    families=("router", "switch"),
    features=(
        _feature(System),
        _feature(Vlan),
        _feature(DnsServer),
        _feature(NtpServer, "iburst"),
        _feature(StaticRoute, "interface"),
        _feature(BgpRouter, "ebgp_requires_policy"),
        _feature(
            BgpNeighbor,
            *("hold_time", "keepalive", "connect_retry", "password", "policy_in", "policy_out"),
            families=tuple(FAMILIES.values()),
        ),
    ),
    native=lambda: show(SHOW),
    facts=_facts,
    guarantee=Guarantee.ATOMIC,
    guarantee_why="the candidate is committed whole",
    transport="ssh",
    begin=_lines_of("configure exclusive"),
    commit=_lines_of("commit", "exit"),
    abort=_lines_of("rollback 0", "exit"),
    confirming=CONFIRMING,
    shell=CliShell(
        netmiko="juniper_junos",
        prompt=r"[\w.-]+@[\w.-]+[>#] ",
        prepare=("set cli screen-length 0",),
        accepts=re.compile(rf"\A\s*(?:(?:{ANSWERS})\s*)*\Z"),
        refuses=re.compile(r"^(?:error: |\s*\^$)|unknown command", re.MULTILINE),
        ahead=32,
        pipelines=True,
        above=re.compile(r"\n?^\[edit.*\]\n\Z|^\n\Z", re.MULTILINE),
    ),
    foreign=foreign,
    snippets=set_lines(owner=_owner, compare=_compare),
    unowned=lambda native: tuple(native.parsed(parsed).unowned),
)


BY_HAND: Final = ("set policy-options prefix-list HAND 198.51.100.0/24", "set protocols lldp interface ge-0/0/3")


def set_line_subject(driver: Driver = DRIVER) -> SimulatedSubject:
    """A simulated router under the laws; ``driver``: another one than `DRIVER`, such as one with a mistake in it."""
    return SimulatedSubject(driver, registry.get("juniper_junos").make("r1"), BY_HAND)
