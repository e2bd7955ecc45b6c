"""A sweep over SNMP: who answers, what it says it is, and whom it sees over LLDP (LLDP-MIB, IEEE 802.1AB-2005).

Reads only. Nobody outside of the networks that are named is ever sent the credentials.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from netres.errors import InvalidConfig, NetresError
from netres.flow import Snmp, octets
from netres.inventory.entry import Entry
from netres.inventory.recognise import recognised
from netres.transport.snmp import SnmpTransport

_Network: TypeAlias = IPv4Network | IPv6Network
_SYSTEM: Final = {"description": "1.3.6.1.2.1.1.1.0", "object": "1.3.6.1.2.1.1.2.0", "name": "1.3.6.1.2.1.1.5.0"}
_REMOTE_NAMES: Final = "1.0.8802.1.1.2.1.4.1.1.9"
_REMOTE_ADDRESSES: Final = "1.0.8802.1.1.2.1.4.2.1.3"
"""lldpRemSysName; lldpRemManAddrIfSubtype, whose index holds the address."""
_SIZES: Final = {1: 4, 2: 16}
"""Octets of a management address by its AddressFamilyNumbers: ipv4, ipv6."""
_MOST: Final = 1 << 16


@dataclass(frozen=True)
class Proposal:
    """An agent that answered: the platform that may manage it, and on what evidence."""

    host: str
    name: str
    platform: str
    """That of `recognised` where it has a driver, else ``snmp``: what answered is an SNMP agent."""
    evidence: tuple[str, ...]
    neighbours: tuple[str, ...] = ()
    """Management addresses of its neighbours."""


@dataclass(frozen=True)
class Silent:
    """A host that did not answer, and why."""

    host: str
    why: str


def hosts(networks: Iterable[str]) -> tuple[list[str], list[_Network]]:
    """The hosts of networks and addresses.

    Raises:
        InvalidConfig: one is none, or has more than 65,536 hosts.
    """
    found: dict[str, None] = {}
    within: list[_Network] = []
    for text in networks:
        try:
            network = ip_network(text)
        except ValueError as error:
            raise InvalidConfig(f"{text!r} is no network: {error}; write it like 192.0.2.0/24") from error
        if network.num_addresses > _MOST:
            raise InvalidConfig(f"{text}: has {network.num_addresses} addresses; {_MOST} is the most, name parts of it")
        within.append(network)
        found |= dict.fromkeys(map(str, network.hosts()))
    return list(found), within


def discover(
    networks: Sequence[str], like: Entry, *, follow: Sequence[str] = (), width: int = 64, rate: float = 100.0
) -> Iterator[Proposal | Silent]:
    """Ask every host of some networks, as they answer.

    Args:
        networks: what is swept.
        like: credentials, port and timeouts; its name and host do not matter.
        follow: networks in which neighbours that LLDP tells of are asked too.
        width: how many are asked at once.
        rate: how many are begun in a second, at most.

    Raises:
        InvalidConfig: a network is none; or the credentials cannot be used.
    """
    asked, _ = hosts(networks)
    within = [ip_network(text) for text in follow]
    waiting, seen = deque(asked), set(asked)
    running: set[Future[Proposal | Silent]] = set()
    with ThreadPoolExecutor(max(1, width)) as pool:
        following = time.monotonic()
        while waiting or running:
            while waiting and len(running) < max(1, width):
                time.sleep(max(0.0, following - time.monotonic()))
                following = max(following, time.monotonic()) + 1 / rate
                running.add(pool.submit(_asked, like.model_copy(update={"host": waiting.popleft()})))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                found = one.result()
                for host in found.neighbours if isinstance(found, Proposal) else ():
                    if host not in seen and any(ip_address(host) in network for network in within):
                        seen.add(host)
                        waiting.append(host)
                yield found


def _asked(entry: Entry) -> Proposal | Silent:
    try:
        session = SnmpTransport.open(entry)
    except InvalidConfig:
        raise
    except NetresError as error:
        return Silent(entry.host, str(error))
    try:
        system = _told(session, Snmp("get", tuple(_SYSTEM.values())))
        neighbours = _told(session, Snmp("walk", (_REMOTE_NAMES, _REMOTE_ADDRESSES)))
    except NetresError as error:
        return Silent(entry.host, str(error))
    finally:
        session.close()
    return _proposal(entry.host, {name: str(system.get(oid, "")) for name, oid in _SYSTEM.items()}, neighbours)


def _told(session: SnmpTransport, operation: Snmp) -> Mapping[str, object]:
    body = session.execute(operation).body
    return dict(body) if isinstance(body, Mapping) else {}


def _proposal(host: str, system: Mapping[str, str], neighbours: Mapping[str, object]) -> Proposal:
    from netres.registry import platforms

    description, name = (_text(system[word]) for word in ("description", "name"))
    found = recognised(system["object"], description)
    evidence = [f"sysObjectID {system['object']}", f"sysDescr {description[:120]!r}", f"sysName {name!r}"]
    if found is not None and found not in platforms():
        evidence.append(f"it is {found}, which has no driver")
    names = [_text(str(value)) for oid, value in neighbours.items() if oid.startswith(f"{_REMOTE_NAMES}.")]
    evidence += [f"LLDP neighbour {one!r}" for one in names]
    addresses = (_address(oid) for oid in neighbours if oid.startswith(f"{_REMOTE_ADDRESSES}."))
    platform = found if found is not None and found in platforms() else "snmp"
    return Proposal(host, name, platform, tuple(evidence), tuple(dict.fromkeys(filter(None, addresses))))


def _address(oid: str) -> str | None:
    """From the index: lldpRemTimeMark, lldpRemLocalPortNum, lldpRemIndex, the family, the length, the octets."""
    _, _, _, family, length, *parts = map(int, oid.removeprefix(f"{_REMOTE_ADDRESSES}.").split("."))
    if _SIZES.get(family) != length or len(parts) != length or max(parts) > 255:
        return None
    return str(ip_address(bytes(parts)))


def _text(value: str) -> str:
    return " ".join(octets(value).decode(errors="replace").split())
