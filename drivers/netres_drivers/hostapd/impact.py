"""What a change does on an access point: hostapd throws all stations of its daemon off, whatever is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from netres.change import Change
from netres.driver import Scope
from netres.errors import DeviceError, ParseError
from netres.flow import Exec, Flow, ask
from netres.impact import Answer, Effect, Impact
from netres.model import Wlan
from netres_drivers.hostapd.compose import edited
from netres_drivers.hostapd.site import Site
from netres_drivers.hostapd.stations import addresses, asked
from netres_drivers.hostapd.text import File
from netres_drivers.hostapd.view import Bss, View

_THROWN: Final = "are thrown off, and join again by themselves where they still may"
_GONE: Final = "are thrown off, and find it no more"
# sshd tells where the session comes from; the kernel by which interface it is answered, what that is made of (the ports
# of a bridge, what a VLAN is on), and the hardware address of the next hop.
_ASK: Final = Exec(
    'PATH=$PATH:/usr/sbin:/sbin; printf "%s\\n" "$SSH_CONNECTION"; '
    'r=$(ip route get "${SSH_CONNECTION%% *}") && echo "$r" && d=${r#* dev } || exit; '
    'lower() { for l in /sys/class/net/"$1"/lower_*; do [ -e "$l" ] || continue; echo "lower ${l##*/lower_}"; '
    'lower "${l##*/lower_}"; done; }; lower "${d%% *}"; ip neigh show'
)
_PLACE: Final = re.compile(r"(\S+) \d+ \S+ \d+")
_ROUTE: Final = re.compile(r"^\S+ (?:via (?P<via>\S+) )?dev (?P<device>\S+)", re.MULTILINE)


def impact(site: Site, changes: Sequence[Change], scope: Scope) -> Flow[Impact]:
    """The radios that start anew, the stations that are associated now, and whether we come over one of them."""
    now = View(site, site.files(scope.native))
    after = edited(now, scope.after)
    changed = [file.path for file, other in zip(now.files, after.files, strict=True) if file != other]
    daemons = {site.pid(path) for path in changed}
    files = [file for file in now.files if site.pid(file.path) in daemons]
    bsses = [bss for bss in now.bsses if bss.file in files]
    stations = yield from _stations(site, now, bsses)
    effects = [*_radios(files, changed), *_clients(now, after, bsses, stations)]
    managed, why = yield from _management(bsses, stations)
    return Impact(effects=tuple(effects), management=managed, why=why, known=True)


def _radios(files: Sequence[File], changed: Sequence[str]) -> Iterator[Effect]:
    for file in files:
        if file.path in changed:
            yield Effect(what="radio_restart", where=file.radio, count=1, how="is switched off and on again")


def _clients(
    now: View, after: View, bsses: Sequence[Bss], stations: Mapping[str, frozenset[str] | None]
) -> Iterator[Effect]:
    staying = {bss.place.interface for bss in after.bsses if not bss.idle}
    names = {bss.section: name for name, group in now.named.items() for bss in group}
    for bss in bsses:
        interface = bss.place.interface
        name = names.get(bss.section)
        known = isinstance(now.wlans.get(name or ""), Wlan)
        found = stations[interface]
        if bss.idle and found is not None and not found:
            continue
        yield Effect(
            what="wireless_client",
            where=f"{interface} ({name})" if known else interface,
            count=None if found is None else len(found),
            how=_THROWN if interface in staying else _GONE,
        )


def _stations(site: Site, now: View, bsses: Sequence[Bss]) -> Flow[Mapping[str, frozenset[str] | None]]:
    """The addresses of the stations of each BSS; ``None``: hostapd does not tell."""
    found: dict[str, frozenset[str] | None] = {}
    for bss in bsses:
        try:
            found[bss.place.interface] = addresses((yield from asked(site, bss)), bss, now)
        except (DeviceError, ParseError):
            found[bss.place.interface] = None
    return found


def _management(bsses: Sequence[Bss], stations: Mapping[str, frozenset[str] | None]) -> Flow[tuple[Answer, str]]:
    """Whether the session comes over a BSS that starts anew."""
    told = (yield from ask(_ASK)).text
    first, _, rest = told.partition("\n")
    place, route = _PLACE.fullmatch(first), _ROUTE.search(rest)
    if place is None or route is None:
        return "unknown", "the device does not tell where the session comes from, and by which interface"
    ours, device = place[1], route["device"]
    neighbor = re.search(rf"^{re.escape(route['via'] or ours)} dev \S+ lladdr (\S+)", rest, re.MULTILINE)
    mac = neighbor[1].lower() if neighbor else ""
    over = [name for name, found in stations.items() if found and mac in found]
    if over:
        return "yes", f"the session comes from {ours} over the station {mac}, which is associated with {over[0]}"
    under = [device, *re.findall(r"^lower (\S+)$", rest, re.MULTILINE)]
    names = [bss.place.interface for bss in bsses]
    shared = [name for name in names if any(one == name or one.startswith(f"{name}.") for one in under)]
    if shared:
        return "unknown", f"the session comes from {ours} over {device}, which {shared[0]} is part of"
    return "no", f"the session comes from {ours} over {device}, which no BSS that starts anew is part of"
