"""What a change touches on a device in memory: the clients and calls that its state tells of; it has nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from netres.change import Change
from netres.driver import Scope
from netres.flow import Flow, Http, Json
from netres.impact import Effect, Impact

_CLIENTS: Final = {"wlan": "wlan", "radio": "radio"}
"""By the kind that changes: the field of a `netres.model.WirelessClient` that names it."""


def impact(changes: Sequence[Change], scope: Scope) -> Flow[Impact]:
    """By the WLAN, radio or trunk that changes: who is there now, as far as the state tells."""
    kinds = {change.key.kind for change in changes}
    clients = (yield from _told("wireless_client")) if kinds & _CLIENTS.keys() else []
    trunks = (yield from _told("trunk_state")) if "sip_trunk" in kinds else []
    effects: list[Effect] = []
    for change in changes:
        if change.before is not None:
            effects.extend(_effects(change, clients, trunks))
    return Impact(effects=tuple(effects), management="no", why="the device is in this process", known=True)


def _told(kind: str) -> Flow[list[Mapping[str, Json]]]:
    body = (yield Http("GET", f"/state/{kind}")).body
    return [cast("Mapping[str, Json]", one) for one in cast("Sequence[Json]", body)]


def _effects(
    change: Change, clients: Sequence[Mapping[str, Json]], trunks: Sequence[Mapping[str, Json]]
) -> Iterator[Effect]:
    kind, name = change.key.kind, change.key.values[0] if change.key.values else ""
    if kind == "radio":
        yield Effect(what="radio_restart", where=name, count=1, how="is switched off and on again")
    if (field := _CLIENTS.get(kind)) is not None:
        places = [one.get(field) for one in clients]
        count = None if None in places else places.count(name)
        yield Effect(what="wireless_client", where=name, count=count, how="are thrown off")
    if kind == "sip_trunk":
        counts = [one.get("sessions") for one in trunks if one.get("trunk") == name]
        calls = counts[0] if counts and isinstance(counts[0], int) else None
        yield Effect(what="call", where=name, count=calls, how="end" if change.after is None else "go on")
