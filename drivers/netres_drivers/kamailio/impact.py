"""What a change does to calls. Kamailio swaps its lists under running calls: they keep what they began with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from netres.change import Change
from netres.driver import Scope
from netres.flow import Flow
from netres.impact import Effect, Impact
from netres.model import SipTrunk
from netres_drivers.kamailio import peers
from netres_drivers.kamailio.script import Script
from netres_drivers.kamailio.state import sessions

_MANAGEMENT: Final = "netres comes over SSH, and Kamailio's lists are about SIP alone"
_ANEW: Final = "dispatcher asks the peers of all trunks anew; until they answer, those that are down are called too"


def concerned(changes: Sequence[Change]) -> list[str]:
    """The trunks that are there and change, or go."""
    return sorted({change.key.values[0] for change in changes if isinstance(change.before, SipTrunk)})


def impact(script: Script, changes: Sequence[Change], scope: Scope) -> Flow[Impact]:
    """The calls in progress on the trunks that change, and on those whose media policy does."""
    hows = dict(_hows(changes, scope))
    counts = yield from sessions(script, sorted(hows))
    effects = tuple(
        Effect(what="call", where=name, count=counts.get(name), how=how) for name, how in sorted(hows.items())
    )
    reloads = any(_is_loaded(script, change) for change in changes)
    return Impact(effects=effects, management="no", why=_MANAGEMENT, known=True, notes=(_ANEW,) if reloads else ())


def _hows(changes: Sequence[Change], scope: Scope) -> Iterator[tuple[str, str]]:
    """What happens to the calls of each trunk that is touched."""
    policies = {change.key.values[0] for change in changes if change.key.kind == "media_policy" and change.before}
    for item in scope.before.items:
        if isinstance(item, SipTrunk) and item.media_policy in policies:
            yield item.name, "go on with the media policy they began with"
    going: Mapping[str, bool] = {
        change.key.values[0]: change.after is None for change in changes if isinstance(change.before, SipTrunk)
    }
    for name, gone in going.items():
        yield name, "go on to their end; " + ("new ones find no trunk" if gone else "new ones go as it is then")


def _is_loaded(script: Script, change: Change) -> bool:
    """Whether a change has dispatcher load its list again."""
    lines = [
        peers.lines(item, range(len(item.peers)), by_priority=script.routes) if isinstance(item, SipTrunk) else ()
        for item in (change.before, change.after)
    ]
    return lines[0] != lines[1]
