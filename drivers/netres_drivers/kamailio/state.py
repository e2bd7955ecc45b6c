"""What a Kamailio is doing: itself, its trunks, its calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from netres.driver import Facts
from netres.errors import Rejected
from netres.flow import Exec, Flow
from netres.model import CallStatistics, PeerState, SipTrunk, TrunkState
from netres_drivers.kamailio.lists import native, understood
from netres_drivers.kamailio.script import Script, asked, records, require

Status = Literal["up", "down", "unknown"]
_STATISTICS: Final = ("dlg.stats_active", "cnt.get netres answered", "cnt.get netres failed", "cnt.get netres refused")
# Names of trunks come by standard input, and are given to kamcmd as text: "s:".
_SESSIONS: Final = 'while read -r name; do printf \'%s %s\\n\' "$name" "$({rpc})"; done'
_VERSION: Final = re.compile(r"kamailio (\S+) \(([^)]*)\)")


def facts(script: Script) -> Flow[Facts]:
    """Version, platform, host name and uptime."""
    told = yield from asked(script, "core.version", "core.uptime")
    hostname = (yield Exec("uname -n")).text.strip()
    found = _VERSION.search(require("core.version", told["core.version"]))
    uptime = re.search(r"uptime: (\d+)", told["core.uptime"])
    return Facts(
        vendor="Kamailio",
        model=found[2] if found else None,
        os_version=found[1] if found else None,
        hostname=hostname or None,
        uptime=int(uptime[1]) if uptime else None,
    )


def trunks(script: Script) -> Flow[Iterable[TrunkState]]:
    """The trunks with the flags of dispatcher, and the sizes of the dialog profile ``netres``."""
    items = (yield from native(script)).parsed(understood).items
    known = [item for item in items.values() if isinstance(item, SipTrunk)]
    told = yield from asked(script, "dispatcher.list")
    flags = {(one.trunk, one.uri): one.flags for one in destinations(told["dispatcher.list"])}
    counts = yield from sessions(script, [trunk.name for trunk in known])
    return [_state(trunk, flags, counts) for trunk in known]


def sessions(script: Script, trunks: Sequence[str]) -> Flow[Mapping[str, int]]:
    """The calls in progress of trunks, by name: the sizes of the dialog profile; one that is not told is missing."""
    if not script.routes or not trunks:
        return {}
    request = script.rpc('dlg.profile_get_size netres "s:$name"')
    counted = yield Exec(_SESSIONS.format(rpc=request), ("".join(f"{name}\n" for name in trunks),))
    return {name: int(count) for name, count in re.findall(r"^(\S+) (\d+)$", counted.text, re.MULTILINE)}


@dataclass(frozen=True)
class Destination:
    """A peer of a trunk, as dispatcher has it."""

    trunk: str
    set: str
    uri: str
    flags: str


def destinations(text: str) -> Iterator[Destination]:
    """Those of trunks, in the answer to ``dispatcher.list``."""
    for found in records(text, "BODY"):
        if named := re.match(r"trunk=([^;]+)", found["BODY"]):
            yield Destination(named[1], found["ID"], found["URI"], found["FLAGS"])


def _state(trunk: SipTrunk, flags: Mapping[tuple[str, str], str], counts: Mapping[str, int]) -> TrunkState:
    states: list[PeerState] = []
    for peer in trunk.peers:
        transport = "" if peer.transport == "udp" else f";transport={peer.transport}"
        found = flags.get((trunk.name, f"sip:{peer.address}{transport}"), "")
        states.append(PeerState(address=peer.address, status=_status(found)))
    told = {state.status for state in states}
    status: Status = "up" if "up" in told else "unknown" if "unknown" in told else "down"
    return TrunkState(trunk=trunk.name, status=status, sessions=counts.get(trunk.name), peers=tuple(states))


def _status(flags: str) -> Status:
    """AP: answers; AX: was not asked yet; TP: missed an answer, and is asked again; I, D: not called."""
    return "up" if flags == "AP" else "down" if flags[:1] in {"I", "D"} else "unknown"


def statistics(script: Script) -> Flow[Iterable[CallStatistics]]:
    """Calls in progress, and the counters of netres.cfg's routes.

    Raises:
        Rejected: Kamailio tells none.
    """
    told = yield from asked(script, *_STATISTICS)
    active = re.search(r"all: (\d+)", require(_STATISTICS[0], told[_STATISTICS[0]]))
    if active is None:
        raise Rejected(_STATISTICS[0], "no count of dialogs")
    counts = [int(require(name, told[name]).strip()) for name in _STATISTICS[1:]]
    return [CallStatistics(active=int(active[1]), answered=counts[0], failed=counts[1], refused=counts[2])]
