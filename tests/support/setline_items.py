"""Items as set lines, and back: how the simulated Junos router has them. It shares no code with the simulator."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from netres.errors import ParseError
from netres.flow import Reply
from netres.model import BgpNeighbor, BgpRouter, DnsServer, Item, NtpServer, StaticRoute, System, Vlan

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
    here = path_of(route)
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


def path_of(item: StaticRoute) -> str:
    return f"routing-options {'rib inet6.0 ' if ':' in item.prefix else ''}static route {item.prefix}"


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
def words(line: str) -> tuple[str, ...]:
    """A device shows nearly the same lines again and again, and shlex reads letter by letter."""
    return tuple(shlex.split(line))


def parsed(reply: Reply) -> Found:
    """The configuration, line by line."""
    found = Found()
    for line in reply.text.splitlines():
        if line and not line.startswith(("set ", "deactivate ")):
            raise ParseError(f"no line of a configuration: {line[:20]!r}")
        if line.startswith("set ") and not _read(found, words(line)[1:]):
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
