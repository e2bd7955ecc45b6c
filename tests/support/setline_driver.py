"""A driver for set lines, over the simulated Junos router: exclusive candidate, timed commit that is confirmed.

It is no driver of netres: it serves to hold the simulator and the laws against each other. It shares no code with the
simulator.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from netres.driver import CliShell, Driver, Facts, Feature, Scope
from netres.errors import InvalidConfig, ParseError, Rejected
from netres.flow import Cli, Flow, Operation, Reply, show
from netres.model import BgpNeighbor, BgpRouter, DnsServer, Item, Key, NtpServer, StaticRoute, System, Vlan
from netres.plan import Change, Guarantee
from netres.testing.conformance import SimulatedSubject
from netres.testing.sim import registry

SHOW: Final = "show configuration | display set"
SYSTEM: Final = {
    "hostname": "system host-name",
    "domain_name": "system domain-name",
    "login_banner": "system login message",
    "contact": "snmp contact",
    "location": "snmp location",
}
FAMILIES: Final = {"inet": "ipv4-unicast", "inet6": "ipv6-unicast"}


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# From an Item to its lines


def lines(item: Item | None) -> list[str]:
    """The paths that make an Item."""
    return list(_lines(item)) if item else []


def _lines(item: Item) -> Iterator[str]:
    match item:
        case System():
            for name, path in SYSTEM.items():
                if (value := getattr(item, name)) is not None:
                    yield f"{path} {_quoted(value)}"
        case Vlan():
            yield f"{root(item)} vlan-id {item.id}"
        case DnsServer():
            yield f"system name-server {item.address}"
        case NtpServer():
            yield f"{root(item)} prefer" if item.prefer else root(item)
        case StaticRoute():
            yield from _route_lines(item)
        case _:
            yield from _bgp_lines(item)


def _bgp_lines(item: Item) -> Iterator[str]:
    match item:
        case BgpRouter():
            yield f"routing-options autonomous-system {item.asn}"
            if item.router_id:
                yield f"routing-options router-id {item.router_id}"
        case BgpNeighbor():
            here = f"{root(item)} neighbor {item.address}"
            yield f"{here} peer-as {item.remote_as}"
            if item.description:
                yield f"{here} description {_quoted(item.description)}"
            yield from (f"{here} family {name} unicast" for name, one in FAMILIES.items() if one in item.families)
        case _:
            pass


def _route_lines(route: StaticRoute) -> Iterator[str]:
    here = _route(route)
    if route.blackhole:
        yield f"{here} discard"
        if route.distance:
            yield f"{here} preference {route.distance}"
    elif route.distance:
        yield f"{here} qualified-next-hop {route.next_hop} preference {route.distance}"
    else:
        yield f"{here} next-hop {route.next_hop}"


def root(item: Item) -> str:
    """What is deleted with the Item, empty where it has nothing but its lines."""
    match item:
        case Vlan():
            return f"vlans {_quoted(item.name or f'vlan{item.id}')}"
        case NtpServer():
            return f"system ntp server {item.address}"
        case BgpNeighbor():
            return f"protocols bgp group {_quoted(f'peer-{item.address}')}"
        case _:
            return ""


def _route(item: StaticRoute) -> str:
    return f"routing-options {'rib inet6.0 ' if ':' in item.prefix else ''}static route {item.prefix}"


def write(change: Change, scope: Scope) -> Iterator[Operation]:
    """The lines that make a change."""
    old, new = lines(change.before), lines(change.after)
    below = root(change.before) if change.before else ""
    if isinstance(change.before, StaticRoute) and change.after is None and _last(change.before, scope):
        yield Cli((f"delete {_route(change.before)}",))
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


# From lines to Items


@dataclass
class Found:
    """What a configuration holds: fields by Item, and the lines that are nobody's."""

    fields: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict[tuple[str, ...], dict[str, Any]])
    unowned: list[str] = field(default_factory=list[str])

    def add(self, *key: str, **fields: object) -> None:
        known = self.fields.setdefault(key, {})
        for name, value in fields.items():
            known[name] = (*known.get(name, ()), value) if name == "families" else value


@lru_cache(maxsize=4096)
def _words(line: str) -> tuple[str, ...]:
    """A device shows nearly the same lines again and again, and shlex reads letter by letter."""
    return tuple(shlex.split(line))


def parsed(reply: Reply) -> Found:
    """The configuration, line by line."""
    found = Found()
    for line in reply.text.splitlines():
        if line and not line.startswith(("set ", "deactivate ")):
            raise ParseError(f"no line of a configuration: {line[:20]!r}")
        if line.startswith("set ") and not _read(found, _words(line)[1:]):
            found.unowned.append(line)
    return found


def _read(found: Found, words: Sequence[str]) -> bool:
    """Whether a line belongs to an Item."""
    named = {path: name for name, path in SYSTEM.items()}
    if (name := named.get(" ".join(words[:-1]))) is not None:
        found.add("system", **{name: words[-1]})
        return True
    return _read_other(found, words)


def _read_other(found: Found, words: Sequence[str]) -> bool:
    match words:
        case ["vlans", name, "vlan-id", number]:
            found.add("vlan", number, id=number, **({} if name == f"vlan{number}" else {"name": name}))
        case ["system", "name-server", address]:
            found.add("dns_server", address, address=address)
        case ["system", "ntp", "server", address, *rest] if rest in ([], ["prefer"]):
            found.add("ntp_server", address, address=address, prefer=bool(rest))
        case ["routing-options", "autonomous-system", number]:
            found.add("bgp_router", asn=number)
        case ["routing-options", "router-id", address]:
            found.add("bgp_router", router_id=address)
        case ["routing-options", "rib", "inet6.0", *rest]:
            return _read_other(found, ["routing-options", *rest])
        case ["routing-options", "static", "route", prefix, *rest]:
            return _read_route(found, prefix, rest)
        case ["protocols", "bgp", "group", name, "neighbor", address, *rest] if name == f"peer-{address}":
            return _read_neighbor(found, address, rest)
        case _:
            return False
    return True


def _read_route(found: Found, prefix: str, rest: Sequence[str]) -> bool:
    match rest:
        case ["next-hop", address]:
            found.add("static_route", prefix, address, prefix=prefix, next_hop=address)
        case ["qualified-next-hop", address, "preference", number]:
            found.add("static_route", prefix, address, prefix=prefix, next_hop=address, distance=number)
        case ["discard"]:
            found.add("static_route", prefix, "", prefix=prefix, blackhole=True)
        case ["preference", number]:
            found.add("static_route", prefix, "", prefix=prefix, blackhole=True, distance=number)
        case _:
            return False
    return True


def _read_neighbor(found: Found, address: str, rest: Sequence[str]) -> bool:
    match rest:
        case ["peer-as", number]:
            found.add("bgp_neighbor", address, address=address, remote_as=number)
        case ["description", text]:
            found.add("bgp_neighbor", address, description=text)
        case ["family", name, "unicast"]:
            found.add("bgp_neighbor", address, families=FAMILIES[name])
        case _:
            return False
    return True


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
        match _words(line):
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


def _verify() -> Flow[None]:
    """A commit that nobody confirmed would be gone in a few minutes: it does not count."""
    newest = (yield from show("show system commit")).text.partition("\n")[0]
    if "rollback in" in newest:
        raise Rejected("commit", f"not confirmed: {newest}")


def _feature(item: type[Item], *missing: str, **values: tuple[str, ...]) -> Feature:
    if "vrf" in item.model_fields:
        values["vrf"] = ("default",)
    return Feature(item, reader(item), write, missing=frozenset(missing), values=values, check=_expressible)


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
    guarantee=Guarantee.CONFIRMED,
    guarantee_why="commit confirmed",
    transport="ssh",
    begin=(Cli(("configure exclusive",)),),
    commit=(Cli(("commit confirmed 5",)), Cli(("commit",)), Cli(("exit",))),
    abort=(Cli(("rollback 0",)), Cli(("exit",))),
    verify=_verify,
    shell=CliShell(
        netmiko="juniper_junos",
        prompt=r"[\w.-]+@[\w.-]+[>#] ",
        prepare=("set cli screen-length 0",),
        accepts=re.compile(rf"\A\s*(?:(?:{ANSWERS})\s*)*\Z"),
        refuses=re.compile(r"^(?:error: |\s*\^$)|unknown command", re.MULTILINE),
    ),
    foreign=foreign,
    unowned=lambda native: tuple(native.parsed(parsed).unowned),
)


BY_HAND: Final = ("set policy-options prefix-list HAND 198.51.100.0/24", "set protocols lldp interface ge-0/0/3")


def set_line_subject(driver: Driver = DRIVER) -> SimulatedSubject:
    """A simulated router under the laws; ``driver``: another one than `DRIVER`, such as one with a mistake in it."""
    return SimulatedSubject(driver, registry.get("juniper_junos").make("r1"), BY_HAND)
