"""Draining trunks: dispatcher sends no new call to their peers, and calls in progress go on to their end.

A peer is disabled with dispatcher's own ``set_state``; netres.cfg's routes then pass it over, and go on to the next
trunk of the call route, or answer 503. It is a state of the running Kamailio alone: a reload of the list ends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from netres.change import Change
from netres.draining import Drain
from netres.errors import Busy
from netres.flow import Exec, Flow
from netres_drivers.kamailio.impact import concerned
from netres_drivers.kamailio.script import Script, asked, require
from netres_drivers.kamailio.state import Destination, destinations, sessions

_LIST: Final = "dispatcher.list"
_DISABLED: Final = "D"
# Sets and URIs come by standard input.
_STATE: Final = (
    'while read -r set uri; do said=$({rpc}); case $said in Ok*) ;; *) echo "$uri: $said"; exit 1;; esac; done'
)


def drain(script: Script) -> Drain:
    """How trunks of a script with netres.cfg's routes are drained: they count the calls."""

    def ready(changes: Sequence[Change]) -> Flow[None]:
        for one in (yield from _peers(script, changes)):
            if _is_off(one):
                raise Busy(
                    f"the peer {one.uri} of trunk {one.trunk} is disabled already, by hand or by a drain that was cut "
                    f"off; enable it (kamcmd dispatcher.set_state ap {one.set} {one.uri}), or apply without drain"
                )

    def start(changes: Sequence[Change]) -> Flow[None]:
        yield from _set(script, "dx", [one for one in (yield from _peers(script, changes)) if not _is_off(one)])

    def running(changes: Sequence[Change]) -> Flow[Mapping[str, int | None]]:
        names = concerned(changes)
        counts = yield from sessions(script, names)
        return {name: counts.get(name) for name in names}

    def stop(changes: Sequence[Change]) -> Flow[None]:
        """To where a reload puts them: called, and asked anew whether they answer."""
        yield from _set(script, "ap", [one for one in (yield from _peers(script, changes)) if _is_off(one)])

    return Drain("trunk", "call", ready, start, running, stop)


def _is_off(one: Destination) -> bool:
    return one.flags.startswith(_DISABLED)


def _peers(script: Script, changes: Sequence[Change]) -> Flow[list[Destination]]:
    """Of the trunks that are there and change, as dispatcher has them now.

    Raises:
        Rejected: Kamailio does not tell.
    """
    names = concerned(changes)
    if not names:
        return []
    told = (yield from asked(script, _LIST)).get(_LIST, "error: no answer")
    if "No Destination Sets" in told:
        return []
    return [one for one in destinations(require(_LIST, told)) if one.trunk in names]


def _set(script: Script, state: str, wanted: Sequence[Destination]) -> Flow[None]:
    if wanted:
        command = _STATE.format(rpc=script.rpc(f'dispatcher.set_state {state} "$set" "s:$uri"'))
        yield Exec(command, ("".join(f"{one.set} {one.uri}\n" for one in wanted),), writes=True)
