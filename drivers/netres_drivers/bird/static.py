"""Static routes: a line each, in one protocol static per address family."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

from pydantic import ValidationError

from netres.errors import InvalidConfig
from netres.model import Item, StaticRoute
from netres.model.types import family
from netres_drivers.bird.text import Line

NAMES: Final = {"ipv4": "netres_static_ipv4", "ipv6": "netres_static_ipv6"}
"""The protocols, by address family."""
MOST: Final = 200
"""An administrative distance of 1 is BIRD's preference 200, which it gives static routes; one of 200 is 1, the last."""
_ROUTE: Final = re.compile(
    r"  route (?P<prefix>[0-9a-f.:/]+) (?P<blackhole>blackhole)?"
    r"(?:via (?P<next_hop>[0-9a-f.:]+)(?:%'(?P<scope>[^']+)')?|via \"(?P<interface>[^\"]+)\")?"
    r"(?: \{ preference = (?P<preference>\d+); \})?;\n"
)
_IFNAME: Final = 15
_BOGUS: Final = tuple(
    ipaddress.ip_network(prefix)
    for prefix in (
        *("127.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32"),
        *("::1/128", "ff00::/8", "fe80::/10", "::ffff:0:0/96"),
    )
)
"""BIRD 2.0.12 passes over routes to these: "Ignoring bogus route"."""


def line(route: StaticRoute) -> str:
    """The line of a route."""
    if route.blackhole:
        where = "blackhole"
    elif route.next_hop is None:
        where = f'via "{route.interface}"'
    else:
        where = f"via {route.next_hop}" + (f"%'{route.interface}'" if route.interface else "")
    preference = "" if (route.distance or 1) == 1 else f" {{ preference = {MOST + 1 - (route.distance or 1)}; }}"
    return f"  route {route.prefix} {where}{preference};\n"


def route(text: Line) -> StaticRoute | None:
    """The route that a line says; ``None``: it is another line."""
    found = _ROUTE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    try:
        made = StaticRoute(
            prefix=found["prefix"],
            next_hop=found["next_hop"],
            interface=found["scope"] or found["interface"],
            blackhole=bool(found["blackhole"]),
            distance=MOST + 1 - int(found["preference"]) if found["preference"] else None,
        )
    except ValidationError:
        return None
    return made if line(made) == text else None


def routes(items: Iterable[Item]) -> tuple[StaticRoute, ...]:
    """The routes among Items."""
    return tuple(item for item in items if isinstance(item, StaticRoute))


def first(name: str) -> str:
    """The first line of a protocol: its channel."""
    return f"  {next(family for family, one in NAMES.items() if one == name)};\n"


def check(item: Item) -> None:
    """Refuse a route that BIRD would not take, or pass over.

    Raises:
        InvalidConfig: naming the field.
    """
    if not isinstance(item, StaticRoute):
        return
    if (item.distance or 1) > MOST:
        raise InvalidConfig(
            f"{item.key} distance: {item.distance} is more than BIRD can express: 1 is its preference 200, {MOST} its "
            f"preference 1; choose at most {MOST}"
        )
    if item.interface and ("/" in item.interface or len(item.interface) > _IFNAME):
        raise InvalidConfig(
            f"{item.key} interface: {item.interface!r} is no name of an interface of Linux: up to {_IFNAME} "
            f"characters, and no '/'"
        )
    network = ipaddress.ip_network(item.prefix)
    for bogus in _BOGUS:
        if network.version == bogus.version and network.subnet_of(bogus):  # type: ignore[arg-type]  # same version
            raise InvalidConfig(f"{item.key} prefix: BIRD ignores routes to {bogus}; leave it out")


def block_name(route: StaticRoute) -> str:
    """The protocol that a route is in."""
    return NAMES[family(route.prefix)]
