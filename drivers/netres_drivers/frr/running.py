"""What FRR's daemons tell of sessions, adjacencies and routes. What one does not tell is ``None``, never nothing."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar, cast

from netres.errors import DeviceError
from netres.flow import Flow, Json, show
from netres.model.types import DEFAULT_VRF

Table: TypeAlias = Mapping[str, Json]
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
T = TypeVar("T")


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


def _told(command: str, parse: Callable[[Table], T]) -> Flow[T | None]:
    """What is made of what a command tells as JSON; ``None``: it tells none, or something else."""
    try:
        return parse(_table(cast("Json", json.loads((yield from show(command)).text))))
    except (DeviceError, ValueError):
        return None


def _table(value: Json) -> Table:
    if not isinstance(value, Mapping):
        raise ValueError("not a JSON object")  # noqa: TRY004 - what was told is wrong, not who asks
    return value


def _rows(value: Json) -> list[Table]:
    if not isinstance(value, list):
        raise ValueError("not a JSON array")  # noqa: TRY004 - as above
    return [_table(one) for one in value]


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise ValueError("not a JSON string")  # noqa: TRY004 - as above
    return value


def _number(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def sessions() -> Flow[Mapping[tuple[str, str], Session] | None]:
    """The BGP sessions, by VRF and the neighbour's address (its interface, where it has none)."""
    return (yield from _told("show bgp vrf all summary json", _sessions))


def _sessions(told: Table) -> Mapping[tuple[str, str], Session]:
    found: dict[tuple[str, str], Session] = {}
    for vrf, families in told.items():
        for family in _table(families).values():
            for address, peer in _table(_table(family).get("peers")).items():
                one = _table(peer)
                before = found.get((vrf, address), Session(established=False, received=0))
                received = _number(one.get("pfxRcd"))
                whole = None if before.received is None or received is None else before.received + received
                found[vrf, address] = Session(_text(one.get("state")) == "Established", whole)
    return found


def adjacencies() -> Flow[Mapping[str, int] | None]:
    """How many full OSPF adjacencies each interface has; one without is not among them."""
    return (yield from _told("show ip ospf vrf all neighbor json", _adjacencies))


def _adjacencies(told: Table) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for instance in told.values():
        for neighbors in _table(_table(instance).get("neighbors")).values():
            for one in _rows(neighbors):
                interface = _text(one.get("ifaceName"))  # eth0:192.0.2.1
                name = interface.rpartition(":")[0] or interface
                found[name] = found.get(name, 0) + _text(one.get("nbrState")).startswith("Full")
    return found


def statics(family: str, vrf: str) -> Flow[Mapping[str, int] | None]:
    """How many static routes are in use for each prefix; ``family`` is ``ip`` or ``ipv6``."""
    where = "" if vrf == DEFAULT_VRF else f"vrf {vrf} "
    return (yield from _told(f"show {family} route {where}static json", _statics))


def _statics(told: Table) -> Mapping[str, int]:
    return {prefix: sum(one.get("selected") is True for one in _rows(rows)) for prefix, rows in told.items()}


def route(address: Address) -> Flow[Route | None]:
    """The route by which an address is reached, in the default VRF."""
    family = "ip" if address.version == 4 else "ipv6"
    return (yield from _told(f"show {family} route {address} json", _route))


def _route(told: Table) -> Route | None:
    for prefix, rows in told.items():
        for one in _rows(rows):
            if one.get("selected") is True:
                hops = _rows(one.get("nexthops"))
                interfaces = tuple(_text(hop["interfaceName"]) for hop in hops if "interfaceName" in hop)
                next_hops = tuple(_text(hop["ip"]) for hop in hops if "ip" in hop)
                return Route(prefix, _text(one.get("protocol")), interfaces, next_hops)
    return None
