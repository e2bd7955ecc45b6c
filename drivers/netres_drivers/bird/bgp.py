"""The BGP speaker as constants, and its neighbours as a protocol bgp each."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pydantic import ValidationError

from netres.errors import InvalidConfig, SecretError
from netres.model import BgpNeighbor, BgpNetwork, BgpRouter, Item, Secret
from netres.model.types import family
from netres_drivers.bird.text import Line, Veiled

FAMILIES: Final = ("ipv4-unicast", "ipv6-unicast")
DEFINES: Final = ("asn", "router_id", "ebgp_requires_policy", "networks_ipv4", "networks_ipv6")
"""The constants that the speaker and its networks are, in the order in which they are written."""
_PASSWORD: Final = 80
"""Bytes of a key of TCP MD5 in Linux; with a longer one BIRD takes the configuration, and has no session."""
_OPEN: Final = "import all; export where source = RTS_BGP || net ~ netres_networks_{};"
_CLOSED: Final = "import none; export none;"
_FIELDS: Final[Mapping[str, re.Pattern[str]]] = {
    "description": re.compile(r'  description "([^"]*)";\n'),
    "hold_time": re.compile(r"  hold time (\d+);\n"),
    "keepalive": re.compile(r"  keepalive time (\d+);\n"),
    "connect_retry": re.compile(r"  connect retry time (\d+);\n"),
    "password": re.compile(r'  password "([^"]*)";\n'),
}
_NEIGHBOR: Final = re.compile(r"  neighbor ([0-9a-f.:]+) as (\d+);\n")
_CHANNEL: Final = re.compile(r"  (ipv[46]) \{ .* \};\n")


def block_name(address: str) -> str:
    """The protocol of a neighbour."""
    return "netres_" + re.sub(r"[.:]", "_", address)


def defines(router: BgpRouter | None, networks: Iterable[BgpNetwork]) -> dict[str, str]:
    """The constants by name, as BIRD writes their values."""
    if router is None:
        return {}
    prefixes = sorted((ipaddress.ip_network(one.prefix) for one in networks), key=lambda one: (one.version, one))
    found = {"asn": str(router.asn)}
    if router.router_id:
        found["router_id"] = router.router_id
    if not router.ebgp_requires_policy:
        found["ebgp_requires_policy"] = "false"
    for name in ("ipv4", "ipv6"):
        mine = ", ".join(str(prefix) for prefix in prefixes if family(str(prefix)) == name)
        found[f"networks_{name}"] = f"[ {mine} ]" if mine else "[]"
    return found


def speaker(constants: Mapping[str, str]) -> tuple[BgpRouter | None, tuple[BgpNetwork, ...]]:
    """The speaker and its networks, from the constants; ``None`` where they say something else."""
    mine = {name: value for name, value in constants.items() if name in DEFINES}
    try:
        router = BgpRouter.model_validate(
            {
                "asn": mine["asn"],
                "router_id": mine.get("router_id"),
                "ebgp_requires_policy": "ebgp_requires_policy" not in mine,
            }
        )
        prefixes = [prefix for name in ("ipv4", "ipv6") for prefix in _prefixes(mine.get(f"networks_{name}", ""))]
        networks = tuple(BgpNetwork(prefix=prefix) for prefix in prefixes)
    except (KeyError, ValidationError):
        return None, ()
    return (router, networks) if defines(router, networks) == mine else (None, ())


def _prefixes(value: str) -> Iterator[str]:
    yield from filter(None, value.strip("[ ]").split(", "))


def lines(neighbor: BgpNeighbor, router: BgpRouter) -> tuple[Line, ...]:
    """What stands in the protocol of a neighbour."""
    return tuple(_lines(neighbor, router))


def _lines(neighbor: BgpNeighbor, router: BgpRouter) -> Iterator[Line]:
    if neighbor.description is not None:
        yield f'  description "{neighbor.description}";\n'
    yield "  local as netres_asn;\n"
    if router.router_id:
        yield "  router id netres_router_id;\n"
    yield f"  neighbor {neighbor.address} as {neighbor.remote_as};\n"
    if neighbor.hold_time is not None:
        yield f"  hold time {neighbor.hold_time};\n"
    if neighbor.keepalive:
        yield f"  keepalive time {neighbor.keepalive};\n"
    if neighbor.connect_retry is not None:
        yield f"  connect retry time {neighbor.connect_retry};\n"
    if (password := neighbor.password) is not None:
        before, after = '  password "', '";\n'
        yield f"{before}{password.reveal()}{after}" if password.known else Veiled(before, password, after)
    closed = router.ebgp_requires_policy and neighbor.remote_as != router.asn
    for name in (one.partition("-")[0] for one in neighbor.families):
        yield f"  {name} {{ {_CLOSED if closed else _OPEN.format(name)} }};\n"


def address(block: Iterable[Line]) -> str:
    """The neighbour that a protocol is for; empty: none, or not in netres's words."""
    found = [match for line in block if isinstance(line, str) and (match := _NEIGHBOR.fullmatch(line))]
    return found[0][1] if len(found) == 1 else ""


def neighbor(block: Iterable[Line], router: BgpRouter | None) -> BgpNeighbor | None:
    """The neighbour whose lines are all in a protocol, maybe among others; ``None``: there is none."""
    values: dict[str, object] = {"families": []}
    families: list[str] = []
    for line in (line for line in block if isinstance(line, str)):
        if match := _NEIGHBOR.fullmatch(line):
            values |= {"address": match[1], "remote_as": match[2]}
        elif match := _CHANNEL.fullmatch(line):
            families.append(f"{match[1]}-unicast")
        for name, pattern in _FIELDS.items():
            if match := pattern.fullmatch(line):
                values[name] = Secret.observed(match[1]) if name == "password" else match[1]
    try:
        made = BgpNeighbor.model_validate({**values, "families": families})
    except ValidationError:
        return None
    return made if router and not (missing(made, router, block)) else None


def neighbors(items: Iterable[Item]) -> tuple[BgpNeighbor, ...]:
    """The neighbours among Items."""
    return tuple(item for item in items if isinstance(item, BgpNeighbor))


def missing(item: BgpNeighbor, router: BgpRouter, block: Iterable[Line]) -> list[Line]:
    """The lines of a neighbour that a protocol does not have."""
    there = list(block)
    return [line for line in lines(item, router) if there.count(line) != 1]


def check(item: Item) -> None:
    """Refuse what BIRD's file cannot hold.

    Raises:
        InvalidConfig, SecretError: naming the field, never a secret.
    """
    if not isinstance(item, BgpNeighbor):
        return
    if '"' in (item.description or ""):
        raise InvalidConfig(f"{item.key} description: BIRD's texts cannot have a '\"'; leave it out")
    address = ipaddress.ip_address(item.address)
    if address.is_unspecified or address.is_multicast:
        raise InvalidConfig(f"{item.key} address: nobody can be a neighbour there; give the address of a router")
    if address.is_link_local and address.version == 6:
        raise InvalidConfig(
            f"{item.key}: to BIRD a link-local neighbour needs an interface, which bgp_neighbor does not have; use its "
            f"global address"
        )
    if item.hold_time and not item.keepalive:
        raise InvalidConfig(f"{item.key} keepalive: BIRD sends keepalives at least every second; give 1 or more")
    if item.password is not None and item.password.known:
        _check_password(item, item.password.reveal())


def _check_password(item: BgpNeighbor, value: str) -> None:
    if not value or not value.isprintable() or '"' in value or len(value.encode(errors="surrogateescape")) > _PASSWORD:
        raise SecretError(
            f"{item.key} password: BIRD takes one of 1 to {_PASSWORD} bytes, without '\"' and control characters; "
            f"choose another"
        )
