"""What FRR's daemons tell of sessions, adjacencies and routes. What one does not tell is ``None``, never nothing."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from netres.errors import DeviceError
from netres.flow import Flow, Json, show
from netres.model.types import DEFAULT_VRF

Table: TypeAlias = Mapping[str, Json]
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_NONE: Final[Table] = {}


@dataclass(frozen=True)
class Session:
    """A BGP session."""

    established: bool
    received: int | None
    """Prefixes, of all address families."""


@dataclass(frozen=True)
class Route:
    """The route that is in use for an address."""

    prefix: str
    protocol: str
    interfaces: tuple[str, ...]
    next_hops: tuple[str, ...]


def _told(command: str) -> Flow[Table | None]:
    """What a command tells as JSON; ``None``: it tells none."""
    try:
        found = cast("Json", json.loads((yield from show(command)).text))
    except (DeviceError, ValueError):
        return None
    return found if isinstance(found, Mapping) else None


def _table(value: Json) -> Table:
    return value if isinstance(value, Mapping) else _NONE


def _rows(value: Json) -> list[Table]:
    return [_table(one) for one in value] if isinstance(value, list) else []


def _number(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def sessions() -> Flow[Mapping[tuple[str, str], Session] | None]:
    """The BGP sessions, by VRF and the neighbour's address (its interface, where it has none)."""
    told = yield from _told("show bgp vrf all summary json")
    if told is None:
        return None
    found: dict[tuple[str, str], Session] = {}
    for vrf, families in told.items():
        for family in _table(families).values():
            for address, peer in _table(_table(family).get("peers")).items():
                one = _table(peer)
                if not isinstance(one.get("state"), str):
                    return None
                received, before = _number(one.get("pfxRcd")), found.get((vrf, address))
                if before is not None and (before.received is None or received is None):
                    received = None
                elif before is not None and received is not None and before.received is not None:
                    received += before.received
                found[vrf, address] = Session(one["state"] == "Established", received)
    return found


def adjacencies() -> Flow[Mapping[str, int] | None]:
    """How many full OSPF adjacencies each interface has; one without is not among them."""
    told = yield from _told("show ip ospf vrf all neighbor json")
    if told is None:
        return None
    found: dict[str, int] = {}
    for instance in told.values():
        for neighbors in _table(_table(instance).get("neighbors")).values():
            for one in _rows(neighbors):
                interface, state = one.get("ifaceName"), one.get("nbrState", one.get("state"))
                if not isinstance(interface, str) or not isinstance(state, str):
                    return None
                name = interface.rpartition(":")[0] or interface
                found[name] = found.get(name, 0) + state.startswith("Full")
    return found


def statics(family: str, vrf: str) -> Flow[Mapping[str, int] | None]:
    """How many static routes are in use for each prefix; ``family`` is ``ip`` or ``ipv6``."""
    told = yield from _told(f"show {family} route {'' if vrf == DEFAULT_VRF else f'vrf {vrf} '}static json")
    if told is None:
        return None
    return {prefix: sum(one.get("selected") is True for one in _rows(rows)) for prefix, rows in told.items()}


def route(address: Address) -> Flow[Route | None]:
    """The route by which an address is reached, in the default VRF."""
    told = yield from _told(f"show {'ip' if address.version == 4 else 'ipv6'} route {address} json")
    for prefix, rows in (told or _NONE).items():
        for one in _rows(rows):
            if one.get("selected") is not True:
                continue
            hops = _rows(one.get("nexthops"))
            interfaces = (hop.get("interfaceName") for hop in hops)
            addresses = (hop.get("ip") for hop in hops)
            return Route(
                prefix,
                str(one.get("protocol")),
                tuple(name for name in interfaces if isinstance(name, str)),
                tuple(name for name in addresses if isinstance(name, str)),
            )
    return None
