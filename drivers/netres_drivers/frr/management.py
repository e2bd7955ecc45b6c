"""Whether our own session with a router runs over what changes: where it comes from, and by which route."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from netres.errors import DeviceError
from netres.flow import Exec, Flow
from netres.impact import Answer
from netres.model import BgpNeighbor, Item, StaticRoute
from netres.model.types import DEFAULT_VRF
from netres_drivers.frr import running
from netres_drivers.frr.cut import Merged, Network, differing, interfaces
from netres_drivers.frr.running import Address, Route

Told: TypeAlias = tuple[Answer, str]
_CONNECTION: Final = Exec('printf "%s\\n" "$SSH_CONNECTION"')
"""What OpenSSH tells a program: our address and port, and the router's."""
_PLACE: Final = re.compile(r"(\S+) \d+ (\S+) \d+")
_QUIET: Final = frozenset({"description", "keepalive", "hold_time", "connect_retry"})
"""Fields of a BGP neighbour that move no route."""
_PROTOCOLS: Final = {"bgp": ("bgp_", "route_map", "prefix_list"), "ospf": ("ospf_",)}
"""The kinds of Items that move the routes of a protocol."""


def management(changes: Merged) -> Flow[Told]:
    """Whether the session runs over what changes, and how that is known. Asks nothing where nothing can cut it."""
    if not _moves(changes):
        return "no", "nothing changes by which packets find their way"
    place = yield from _connection()
    if place is None:
        return "unknown", "the login gives vtysh, which does not tell where the session comes from"
    ours, theirs = place
    towards, here = (yield from running.route(ours)), (yield from running.route(theirs))
    if towards is None or here is None or here.protocol != "connected":
        return "unknown", f"FRR has no route of the default VRF to {ours}, or not the address {theirs}"
    return _judged(changes, ours, theirs, towards)


def _moves(changes: Merged) -> bool:
    return (
        any(True for _ in interfaces(changes))
        or any(isinstance(after or before, StaticRoute) for before, after in changes.values())
        or any(any(_speaks(changes, kinds)) for kinds in _PROTOCOLS.values())
    )


def _connection() -> Flow[tuple[Address, Address] | None]:
    """Our address, and the router's; ``None``: the login has no shell, or the address is link-local."""
    try:
        found = _PLACE.fullmatch((yield _CONNECTION).text.strip())
        ours, theirs = (ipaddress.ip_address(found[place]) for place in (1, 2)) if found else (None, None)
    except (DeviceError, ValueError):
        return None
    return None if ours is None or theirs is None or ours.is_link_local else (ours, theirs)


def _judged(changes: Merged, ours: Address, theirs: Address, towards: Route) -> Told:
    via = " and ".join(towards.interfaces)
    hops = [ipaddress.ip_address(hop) for hop in towards.next_hops]
    for name, off, networks in interfaces(changes):
        if (off and name in towards.interfaces) or any(
            one in network for one in (ours, theirs, *hops) for network in networks
        ):
            return "yes", f"the session comes from {ours} over {via}, and {name} changes"
    for route in _routes(changes):
        network = ipaddress.ip_network(route.prefix)
        if ours in network and _takes_over(network, towards):
            return "yes", f"the session comes from {ours}, and the route to {route.prefix} changes"
    if towards.protocol == "connected":
        return "no", f"the session comes from {ours}, which is connected at {via}; that does not change"
    if any(hop in ipaddress.ip_network(route.prefix) for route in _routes(changes) for hop in hops):
        return "unknown", f"whether the way to {ours} is resolved by a route that changes is not known"
    return _by_protocol(changes, ours, towards)


def _by_protocol(changes: Merged, ours: Address, towards: Route) -> Told:
    spoken = {protocol: key for protocol, kinds in _PROTOCOLS.items() for key in _speaks(changes, kinds)}
    if (key := spoken.get(towards.protocol)) is not None:
        return "yes", f"the session comes from {ours}, by a route of {towards.protocol.upper()}, and {key} changes"
    if spoken:
        key = min(spoken.values())
        return "unknown", f"{key} changes; whether packets from or to {ours} depend on it is not known"
    return "no", f"the session comes from {ours}, by the route to {towards.prefix}; that does not change"


def _routes(changes: Merged) -> Iterator[StaticRoute]:
    for pair in changes.values():
        yield from (item for item in pair if isinstance(item, StaticRoute) and item.vrf == DEFAULT_VRF)


def _takes_over(network: Network, towards: Route) -> bool:
    """Whether a route to a network is, or could be, used in place of the one that is."""
    now = ipaddress.ip_network(towards.prefix)
    return network.prefixlen > now.prefixlen or (network == now and towards.protocol != "connected")


def _speaks(changes: Merged, kinds: tuple[str, ...]) -> Iterator[str]:
    """The changes to what a protocol tells or is told, in the default VRF."""
    for key, (before, after) in changes.items():
        if key.kind.startswith(kinds) and _in_default(after or before) and not _is_quiet(before, after):
            yield str(key)


def _in_default(item: Item | None) -> bool:
    return getattr(item, "vrf", DEFAULT_VRF) == DEFAULT_VRF


def _is_quiet(before: Item | None, after: Item | None) -> bool:
    return isinstance(before, BgpNeighbor) and after is not None and differing(before, after) <= _QUIET
