"""Which access points a change concerns: they take it when they next ask the controller."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from netres.change import Change
from netres.driver import Scope
from netres.flow import Flow
from netres.impact import Effect, Impact
from netres.model import ApGroup, Config, Key, Wlan
from netres_drivers.openwisp.rest import DEVICES, TEMPLATES, listed, table, text
from netres_drivers.openwisp.site import Site

_TAKEN: Final = "take it when they next ask the controller; their radios may start anew"
_CLIENTS: Final = "are thrown off while the access points take it; the controller does not count them"


def impact(site: Site) -> Callable[[Sequence[Change], Scope], Flow[Impact]]:
    """What tells it: by the WLAN or the group that changes, the access points that carry it, or leave or join it."""
    of_site = ("organization", str(site.organization))

    def tell(changes: Sequence[Change], scope: Scope) -> Flow[Impact]:
        concerned = dict(_groups(changes))
        wlans = _wlans(changes, scope.before)
        templates = (yield from listed(TEMPLATES, of_site)) if wlans else []
        ids = {text(each["name"]): text(each["id"]) for each in templates}
        for name in sorted(wlans & ids.keys()):
            carriers = yield from listed(DEVICES, ("config__templates", ids[name]))
            concerned[Key("wlan", (name,))] = {text(each["name"]) for each in carriers if table(each.get("config"))}
        effects = [effect for key, names in sorted(concerned.items(), key=_rank) for effect in _effects(key, names)]
        if not effects:
            return Impact(management="no", why="no access point is concerned", known=True)
        why = "the controller does not know whether we, or it, are reached over one of these access points"
        return Impact(effects=tuple(effects), why=why, known=True)

    return tell


def _rank(concerned: tuple[Key, set[str]]) -> tuple[int | str, ...]:
    return concerned[0].rank()


def _wlans(changes: Sequence[Change], before: Config) -> set[str]:
    """The WLANs that are there and change, or whose RADIUS server does."""
    servers = {change.key.values[0] for change in changes if change.key.kind == "radius_server" and change.before}
    asking = {item.name for item in before.items if isinstance(item, Wlan) and servers & set(item.security.radius)}
    return asking | {change.before.name for change in changes if isinstance(change.before, Wlan)}


def _groups(changes: Sequence[Change]) -> Iterator[tuple[Key, set[str]]]:
    """The access points that get other WLANs than they have, by the group that changes."""
    for change in changes:
        old, new = (each if isinstance(each, ApGroup) else None for each in (change.before, change.after))
        if old is None and new is None:
            continue
        was, members = (set(each.access_points) if each else set[str]() for each in (old, new))
        same = old is not None and new is not None and old.wlans == new.wlans
        yield change.key, (was ^ members if same else was | members)


def _effects(key: Key, names: set[str]) -> Iterator[Effect]:
    if names:
        few = ", ".join(sorted(names)[:5]) + (" …" if len(names) > 5 else "")
        yield Effect(what="access_point", where=str(key), count=len(names), how=f"{_TAKEN} ({few})")
        yield Effect(what="wireless_client", where=str(key), how=_CLIENTS)
