"""Peers of trunks as lines of dispatcher's list: ``1000 sip:192.0.2.20:5060 0 65535 trunk=itsp;rweight=1``.

A trunk has a set for each priority of its peers where netres.cfg's routes pick them, else one set. Dispatcher tries the
highest priority first, so it gets 65535 less ours. In a set calls are shared by ``rweight`` (algorithm 11), which goes
from 1 to 100; ``weight`` is there where the peer has one of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from netres.errors import InvalidConfig
from netres.model import Key, SipInterface, SipPeer, SipTrunk

FIRST_SET: Final = 1000
"""Sets of netres begin here; the numbers below are the administrator's."""
_HIGHEST: Final = 65535
_LINE: Final = re.compile(
    r"\s*(?P<set>\d{1,9})\s+sip:(?P<host>\[[0-9a-f:.]+\]|[a-z0-9.-]+):(?P<port>\d{1,5})(?:;transport=(?P<transport>tcp|tls))?"
    r"\s+0\s+(?P<priority>\d{1,5})\s+trunk=(?P<trunk>[^\s;=]+);rweight=(?P<rweight>\d{1,3})(?:;weight=(?P<weight>\d{1,3}))?\s*"
)
_NAMED: Final = re.compile(r"[^#]*\s(?:\S*;)?trunk=([A-Za-z0-9_][^\s;=]*)(?:;\S*)?\s*")
_SET: Final = re.compile(r"\s*(\d+)\s")


def claim(line: str) -> tuple[Key, Mapping[str, object] | None] | None:
    """Whose line it is, and what it says; ``None``: nobody's that netres knows."""
    if (named := _NAMED.fullmatch(line)) is None:
        return None
    key = Key("sip_trunk", (named[1],))
    found = _LINE.fullmatch(line)
    if found is None or found["trunk"] != named[1] or int(found["priority"]) > _HIGHEST:
        return key, None
    weight = int(found["weight"] or 0)
    if int(found["rweight"]) != max(weight, 1) or (found["weight"] and not weight):
        return key, None
    values = {
        "set": int(found["set"]),
        "trunk": named[1],
        "host": found["host"].strip("[]"),
        "port": int(found["port"]),
        "transport": found["transport"] or "udp",
        "priority": _HIGHEST - int(found["priority"]),
        "weight": weight,
    }
    return key, values


def make(values: Mapping[str, object]) -> SipPeer:
    """The peer that a line names."""
    return SipPeer.model_validate({name: values[name] for name in SipPeer.model_fields})


def spell(values: Mapping[str, object]) -> str:
    """The line that says so."""
    peer = make(values)
    return _line(str(values["set"]), peer, str(values["trunk"]))


def _line(number: str, peer: SipPeer, trunk: str) -> str:
    transport = "" if peer.transport == "udp" else f";transport={peer.transport}"
    weight = f";weight={peer.weight}" if peer.weight else ""
    share = f"trunk={trunk};rweight={max(peer.weight, 1)}{weight}"
    return f"{number} sip:{peer.address}{transport} 0 {_HIGHEST - peer.priority} {share}"


def lines(trunk: SipTrunk, numbers: Sequence[int], *, by_priority: bool) -> tuple[str, ...]:
    """The lines of a trunk whose sets have these numbers."""
    named = zip(numbers, levels(trunk, by_priority=by_priority), strict=True)
    return tuple(_line(str(number), peer, trunk.name) for number, level in named for peer in level)


def levels(trunk: SipTrunk, *, by_priority: bool) -> tuple[tuple[SipPeer, ...], ...]:
    """The peers of a trunk as they stand in its sets."""
    if not by_priority:
        return (trunk.peers,)
    return tuple(tuple(group) for _, group in groupby(trunk.peers, key=lambda peer: peer.priority))


def sets(text: str) -> frozenset[int]:
    """The numbers of all sets in a list, whoever made them."""
    return frozenset(int(found[1]) for line in text.split("\n") if (found := _SET.match(line)))


def numbered(old: Sequence[int], count: int, taken: Collection[int]) -> tuple[int, ...]:
    """As many numbers as a trunk needs: those it has, then the lowest that are free."""
    fresh = (number for number in range(FIRST_SET, FIRST_SET + len(taken) + count + 1) if number not in taken)
    return tuple([*old, *(next(fresh) for _ in range(count - len(old)))][:count])


def check(trunk: SipTrunk, interfaces: Iterable[SipInterface] | None, *, by_priority: bool) -> None:
    """Refuse peers that Kamailio would not call as they are meant.

    Raises:
        InvalidConfig: naming the peer, and the remedy.
    """
    for problem in _problems(trunk, interfaces, by_priority=by_priority):
        raise InvalidConfig(f"sip_trunk[{trunk.name}] peers: {problem}")


def _problems(trunk: SipTrunk, interfaces: Iterable[SipInterface] | None, *, by_priority: bool) -> Iterator[str]:
    for peer in trunk.peers:
        if peer.weight > 100:
            yield f"{peer.address}: dispatcher shares calls by weights up to 100, not {peer.weight}"
        if peer.weight and not by_priority:
            yield f"{peer.address}: this script does not share calls by weight {peer.weight}; leave it out"
        if interfaces is not None and not any(_reaches(interface, peer) for interface in interfaces):
            yield (
                f"{peer.address}: Kamailio listens nowhere with transport {peer.transport} and the address family of "
                f"this peer; it could not call it"
            )
    for level in levels(trunk, by_priority=True):
        if by_priority and any(peer.weight for peer in level) and not all(peer.weight for peer in level):
            yield f"{level[-1].address}: give all peers of priority {level[0].priority} a weight, or none"


def _reaches(interface: SipInterface, peer: SipPeer) -> bool:
    named = not re.fullmatch(r"[0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*", peer.host)
    return interface.transport == peer.transport and (named or (":" in interface.address) == (":" in peer.host))
