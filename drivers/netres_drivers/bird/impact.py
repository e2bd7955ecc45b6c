"""What a change does to BGP sessions and routes, as BIRD 2.0.12 was seen to behave; and to our own way there."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from netres.change import Change
from netres.driver import Scope
from netres.errors import Rejected
from netres.flow import Exec, Flow, ask
from netres.impact import Effect, Impact
from netres.model import BgpNeighbor, BgpNetwork, BgpRouter, StaticRoute
from netres_drivers.bird import bgp, static
from netres_drivers.bird.site import Site
from netres_drivers.bird.tell import program

_ASK: Final = r"""
set -- $SSH_CONNECTION; echo "client $1"
case $1 in *:*) v=-6;; *) v=-4;; esac
[ -z "$1" ] || ip $v route show match "$1" | sed 's/^/way /'
ctl show protocols all
"""
_USE: Final = 'ctl show route primary protocol {name} | sed "s/^/{name} /"\n'
"""``SSH_CONNECTION`` is what OpenSSH tells a program: our address first."""
_CLIENT: Final = re.compile(r"^client (\S+)$", re.MULTILINE)
_WAY: Final = re.compile(r"^way (?:unicast |blackhole |unreachable |prohibit )?(\S+)(?:.* proto (\S+))?", re.MULTILINE)
_PROTOCOL: Final = re.compile(r"^(\w\S*) +(?:BGP|Static) .*$", re.MULTILINE)
_IMPORTED: Final = re.compile(r"^    Routes: +(\d+) imported", re.MULTILINE)
_USED: Final = re.compile(r"^netres_static_ipv[46] ([0-9a-f.:]+/\d+) ", re.MULTILINE)
_SOFT: Final = "stays; its routes are asked for and told anew"
_OPENED: Final = "is closed, and opened anew"


@dataclass(frozen=True)
class Running:
    """What BIRD is doing, and how we come to it."""

    sessions: Mapping[str, int | None]
    """By protocol: routes that were taken from a session; ``None``: it is not established."""
    used: frozenset[str]
    """Prefixes of static routes that are in use."""
    client: str
    """Our address; empty: the router does not tell."""
    ways: tuple[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, str], ...]
    """The kernel's routes to it, the one that is used first, and who made each."""


def impact(site: Site, changes: Sequence[Change], scope: Scope) -> Flow[Impact]:
    """What changes touch.

    Raises:
        Rejected: BIRD does not answer.
    """
    old = [change.before for change in changes if isinstance(change.before, StaticRoute)]
    used = "".join(_USE.format(name=name) for name in sorted({static.block_name(route) for route in old}))
    reply = yield from ask(Exec(program(site, _ASK + used)))
    if re.search(r"^Name +Proto ", reply.text, re.MULTILINE) is None:
        raise Rejected("birdc show protocols", reply.text.strip() or f"exit status {reply.status}")
    running = _running(reply.text)
    over, why = management(changes, running)
    effects = (*_sessions(changes, scope, running), *_routes(changes, running))
    return Impact(effects=effects, management=over, why=why, known=True)


def _running(text: str) -> Running:
    sessions: dict[str, int | None] = {}
    heads = list(_PROTOCOL.finditer(text))
    for head, end in zip(heads, (*(one.start() for one in heads[1:]), len(text)), strict=False):
        up = head[0].rstrip().endswith("Established")
        sessions[head[1]] = sum(map(int, _IMPORTED.findall(text, head.end(), end))) if up else None
    client = _CLIENT.search(text)
    ways = [(ipaddress.ip_network(_whole(match[1], client)), match[2] or "boot") for match in _WAY.finditer(text)]
    ways.sort(key=lambda way: way[0].prefixlen, reverse=True)
    return Running(sessions, frozenset(_USED.findall(text)), client[1] if client else "", tuple(ways))


def _whole(prefix: str, client: re.Match[str] | None) -> str:
    six = client is not None and ":" in client[1]
    return ("::/0" if six else "0.0.0.0/0") if prefix == "default" else prefix


def _sessions(changes: Sequence[Change], scope: Scope, running: Running) -> Iterator[Effect]:
    found = dict(_touched(changes, scope))
    for address in sorted(found):
        routes = running.sessions.get(bgp.block_name(address))
        yield Effect(what="bgp_session", where=address, count=int(routes is not None), how=found[address])
        if routes is not None and found[address] != _SOFT:
            yield Effect(what="route", where=f"BGP from {address}", count=routes, how="vanish with the session")


def _touched(changes: Sequence[Change], scope: Scope) -> Iterator[tuple[str, str]]:
    """Neighbours, and what becomes of their sessions; of one that is told twice, the last counts."""
    there = [item.address for item in scope.before.items if isinstance(item, BgpNeighbor)]
    if any(isinstance(change.item, BgpNetwork) for change in changes):
        yield from ((address, _SOFT) for address in there)
    for change in changes:
        old, fields = change.before, set(change.fields)
        if isinstance(old, BgpRouter) and change.after is not None:
            how = _OPENED if {"asn", "router_id"} & fields else _SOFT
            yield from ((address, how) for address in there)
    for change in changes:
        old, fields = change.before, set(change.fields)
        if isinstance(old, BgpNeighbor) and (change.after is None or fields - {"description"}):
            yield old.address, _OPENED if change.after else "is closed"


def _routes(changes: Sequence[Change], running: Running) -> Iterator[Effect]:
    for change in changes:
        item = change.item
        if isinstance(item, BgpNetwork):
            how = "is told to BGP neighbours" if change.after else "is told to BGP neighbours no more"
            yield Effect(what="route", where=item.prefix, how=how)
        elif isinstance(item, StaticRoute) and change.before is None:
            yield Effect(what="route", where=item.prefix, how="is new: what it matches goes its way from now on")
        elif isinstance(item, StaticRoute):
            how = "leads elsewhere, or vanishes" if change.after is None else "may lead elsewhere"
            yield Effect(what="route", where=item.prefix, count=int(item.prefix in running.used), how=how)


def management(changes: Sequence[Change], running: Running) -> tuple[Literal["yes", "no", "unknown"], str]:
    """Whether our session with the router runs over what changes, and how that is known."""
    if not running.client or not running.ways:
        return "unknown", "the router does not tell where the session comes from, or by which route"
    client, (towards, maker) = ipaddress.ip_address(running.client), running.ways[0]
    for change in changes:
        if not isinstance(change.item, StaticRoute):
            continue
        network = ipaddress.ip_network(change.item.prefix)
        longer = network.prefixlen > towards.prefixlen or (network == towards and maker == "bird")
        if client in network and longer:
            return "yes", f"the session comes from {client}, and the route to {network} changes"
    if maker == "kernel":
        return "no", f"the session comes from {client}, which is connected: {towards}; that does not change"
    speaks = next((change.key for change in changes if not isinstance(change.item, StaticRoute)), None)
    if speaks is not None:
        return (
            "unknown",
            f"{speaks} changes; whether the session comes by a route of BGP is not known",
        )
    return "no", f"the session comes from {client}, by the route to {towards}; that does not change"
