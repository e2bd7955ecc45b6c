"""What a change does to BGP sessions, OSPF adjacencies and routes, as FRR 8.4.4 was seen to behave."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from netres.change import Change
from netres.driver import Scope
from netres.flow import Flow
from netres.impact import Effect, Impact
from netres.model import BgpNeighbor, BgpRouter, Item, Key, OspfInterface, OspfRouter, StaticRoute
from netres.model.types import DEFAULT_VRF
from netres_drivers.frr import running
from netres_drivers.frr.cut import Lost, Merged, Network, differing, interfaces, merged, refreshed
from netres_drivers.frr.management import management
from netres_drivers.frr.running import Address, Session

_RESETS: Final = frozenset({"remote_as", "password", "families"})
"""What bgpd takes by ending the session; timers wait for the next one."""
_TAKES_DOWN: Final = frozenset({"area", "network_type"})
_TIMERS: Final = frozenset({"hello_interval", "dead_interval"})
_LOST: Final = "may run over {name}, of which an address or all goes"


def impact(changes: Sequence[Change], scope: Scope) -> Flow[Impact]:
    """What changes touch. Asks only the daemons that it takes."""
    found = merged(changes)
    kinds = {key.kind for key, (before, _) in found.items() if before is not None}
    cut = [(name, networks) for name, _, networks in interfaces(found)]
    bgp = bool(cut or kinds & {"bgp_router", "bgp_neighbor"} or refreshed(found, scope.before))
    ospf = bool(cut or kinds & {"ospf_router", "ospf_interface"})
    sessions = (yield from running.sessions()) if bgp else None
    adjacencies = (yield from running.adjacencies()) if ospf else None
    routes = yield from _statics(found, scope, bool(cut))
    effects = [*_bgp(found, scope, sessions), *_ospf(found, adjacencies), *_routes(found, scope, routes)]
    managed, why = yield from management(found)
    notes: list[str] = []
    if bgp and sessions is None:
        notes.append("bgpd did not tell its sessions: there may be more than the neighbours that are configured")
    if ospf and adjacencies is None:
        notes.append("ospfd did not tell its adjacencies")
    if cut:
        notes.append("what other routes and far neighbours lead over these interfaces is not known")
    return Impact(effects=tuple(effects), management=managed, why=why, known=not notes, notes=tuple(notes))


def _bgp(changes: Merged, scope: Scope, sessions: Mapping[tuple[str, str], Session] | None) -> Iterator[Effect]:
    known = {(one.vrf, one.address) for one in scope.before.items if isinstance(one, BgpNeighbor)}
    soft, cut = refreshed(changes, scope.before), list(interfaces(changes))
    for vrf, address in sorted(known | (sessions or {}).keys()):
        key = Key("bgp_neighbor", (address, vrf))
        how, lost = _reset(changes, key) or _unreached(cut, key), True
        if not how and (key in soft or differing(*changes.get(key, (None, None))) & {"policy_in", "policy_out"}):
            how, lost = "stays; its routes are asked for and told anew (soft refresh)", False
        if not how:
            continue
        session = (sessions or {}).get((vrf, address))
        name = address if vrf == DEFAULT_VRF else f"{address} vrf {vrf}"
        count = None if session is None else int(session.established)
        yield Effect(what="bgp_session", where=name, count=count, how=how)
        if lost and count != 0:
            received = session.received if session else None
            yield Effect(what="route", where=f"BGP from {name}", count=received, how="vanish with the session")


def _reset(changes: Merged, key: Key) -> str:
    """How bgpd ends the session with a neighbour; empty: it does not."""
    router_before, router = changes.get(Key("bgp_router", key.values[1:]), (None, None))
    before, after = changes.get(key, (None, None))
    if (router_before is not None and router is None) or (before is not None and after is None):
        return "ends"
    fields = differing(before, after) & _RESETS
    if isinstance(router, BgpRouter):
        fields |= differing(router_before, router) & {"asn", "router_id"}
    told = ", ".join(sorted(fields))
    return f"is reset, for another {told}; it comes back where the neighbour agrees" if fields else ""


def _unreached(cut: Sequence[Lost], key: Key) -> str:
    """How a neighbour is reached no more; empty: it is."""
    address, vrf = key.values
    for name, _, networks in cut:
        if address == name or (vrf == DEFAULT_VRF and _inside(address, networks)):
            return _LOST.format(name=name)
    return ""


@lru_cache(maxsize=65536)
def _address(text: str) -> Address | None:
    """An address; ``None``: a neighbour without one, at an interface."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _inside(text: str, networks: Sequence[Network]) -> bool:
    if not networks or (address := _address(text)) is None:
        return False
    return any(address in network for network in networks)


def _ospf(changes: Merged, adjacencies: Mapping[str, int] | None) -> Iterator[Effect]:
    touched: dict[str, str] = {}
    for before, after in changes.values():
        if isinstance(before, OspfInterface) and (how := _adjacency(before, after)):
            touched[before.interface] = how
        if isinstance(before, OspfRouter):
            yield from _speaker(before, after, adjacencies)
    for name, off, networks in interfaces(changes):
        if off or any(network.version == 4 for network in networks):
            touched[name] = _LOST.format(name=name)
    for name, how in sorted(touched.items()):
        count = None if adjacencies is None else adjacencies.get(name, 0)
        if count != 0:
            yield Effect(what="ospf_adjacency", where=name, count=count, how=how)
            yield Effect(what="route", where=f"OSPF over {name}", how="may vanish, or lead elsewhere")


def _adjacency(before: OspfInterface, after: Item | None) -> str:
    """What happens to the adjacencies of an interface; empty: nothing."""
    if not isinstance(after, OspfInterface):
        return "end"
    fields = differing(before, after)
    if after.passive and not before.passive:
        return "end: the interface becomes passive"
    if fields & _TAKES_DOWN:
        return f"are taken down, for another {', '.join(sorted(fields & _TAKES_DOWN))}"
    if fields & _TIMERS:
        return f"end, unless the neighbours have the same {', '.join(sorted(fields & _TIMERS))}"
    return "stay; their routes may lead elsewhere, for another cost" if "cost" in fields else ""


def _speaker(before: OspfRouter, after: Item | None, adjacencies: Mapping[str, int] | None) -> Iterator[Effect]:
    count = None if adjacencies is None or before.vrf != DEFAULT_VRF else sum(adjacencies.values())
    if not isinstance(after, OspfRouter):
        yield Effect(what="ospf_adjacency", where=str(before.key), count=count, how="end, all of them")
        yield Effect(what="route", where=f"OSPF of {before.key}", how="vanish")
        return
    if after.router_id != before.router_id:
        how = "stay: ospfd refuses another router_id while one of them is full"
        yield Effect(what="ospf_adjacency", where=str(before.key), count=count, how=how)
    if after.reference_bandwidth != before.reference_bandwidth:
        yield Effect(what="route", where=f"OSPF of {before.key}", how="may lead elsewhere: all costs change")


_Statics = Mapping[tuple[str, str], Mapping[str, int] | None]
"""By address family and VRF: static routes that are in use."""


def _family(item: StaticRoute) -> tuple[str, str]:
    return "ipv6" if ":" in item.prefix else "ip", item.vrf


def _statics(changes: Merged, scope: Scope, cut: bool) -> Flow[_Statics]:
    """The static routes in use, as far as some may go."""
    old = [before for before, _ in changes.values() if isinstance(before, StaticRoute)]
    old += [item for item in scope.before.items if cut and isinstance(item, StaticRoute) and not item.blackhole]
    found: dict[tuple[str, str], Mapping[str, int] | None] = {}
    for family in sorted({_family(item) for item in old}):
        found[family] = yield from running.statics(*family)
    return found


def _routes(changes: Merged, scope: Scope, statics: _Statics) -> Iterator[Effect]:
    for key, (before, after) in changes.items():
        if isinstance(before, StaticRoute):
            yield _static(before, "leads elsewhere, or vanishes" if after is None else "may lead elsewhere", statics)
        elif isinstance(after, StaticRoute):
            yield Effect(what="route", where=after.prefix, how="is new: what it matches goes its way from now on")
        elif key.kind == "bgp_network":
            how = "is told to BGP neighbours" if after else "is told to BGP neighbours no more"
            yield Effect(what="route", where=key.values[0], how=how)
    cut = list(interfaces(changes))
    staying = [item for item in scope.before.items if isinstance(item, StaticRoute) and item.key not in changes]
    for name, _, networks in cut:
        for item in staying:
            if _leads(item, name, networks):
                yield _static(item, f"vanishes with {name}, or leads elsewhere", statics)


def _leads(item: StaticRoute, name: str, networks: Sequence[Network]) -> bool:
    return item.interface == name or (item.next_hop is not None and _inside(item.next_hop, networks))


def _static(item: StaticRoute, how: str, statics: _Statics) -> Effect:
    used = statics.get(_family(item))
    return Effect(what="route", where=item.prefix, count=None if used is None else used.get(item.prefix, 0), how=how)
