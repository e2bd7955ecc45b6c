"""A WLAN in the lines of a BSS: which lines it owns, and what becomes of them when it changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from netres.errors import InvalidConfig
from netres.model import Wlan
from netres_drivers.hostapd import radius, security
from netres_drivers.hostapd.radius import Server
from netres_drivers.hostapd.text import MARK, Line, Section, octets, text
from netres_drivers.hostapd.wlan import Place


@dataclass(frozen=True)
class Network:
    """A WLAN with the RADIUS servers it names, in its order."""

    wlan: Wlan
    servers: tuple[Server, ...] = ()


@dataclass(frozen=True)
class Group:
    """Lines that change together: which they are, what of a WLAN they say, and how that is said."""

    keys: frozenset[str]
    said: Callable[[Network], object]
    lines: Callable[[Network], Iterator[Line]]

    def has(self, line: Line) -> bool:
        """Whether a line is one of these."""
        return line.key in self.keys


def _ssid_lines(network: Network) -> Iterator[Line]:
    name = network.wlan.ssid
    plain = name.isascii() and name.isprintable() and name == name.strip()
    yield Line.of("ssid", name) if plain else Line.of("ssid2", name.encode().hex())


def _switch(field: str, *keys: str) -> Group:
    def lines(network: Network) -> Iterator[Line]:
        if getattr(network.wlan, field):
            yield from (Line.of(key, 1) for key in keys)

    return Group(frozenset(keys), lambda network: getattr(network.wlan, field), lines)


def _most(network: Network) -> Iterator[Line]:
    if network.wlan.max_clients is not None:
        yield Line.of("max_num_sta", network.wlan.max_clients)


_GROUPS: Final = (
    Group(frozenset({"ssid", "ssid2"}), lambda network: network.wlan.ssid, _ssid_lines),
    _switch("hidden", "ignore_broadcast_ssid"),
    Group(
        security.SUITE_KEYS,
        lambda network: (network.wlan.security.mode, network.wlan.fast_transition),
        lambda network: security.suites(network.wlan),
    ),
    Group(
        security.PASSPHRASE_KEYS,
        lambda network: (network.wlan.security.mode, network.wlan.security.passphrase),
        lambda network: security.passphrase(network.wlan),
    ),
    Group(security.PMF_KEYS, lambda network: network.wlan.pmf, lambda network: security.pmf(network.wlan)),
    Group(radius.KEYS, lambda network: network.servers, lambda network: radius.lines(network.servers)),
    _switch("neighbor_report", "rrm_neighbor_report", "rrm_beacon_report"),
    _switch("bss_transition", "bss_transition"),
    _switch("client_isolation", "ap_isolate"),
    Group(frozenset({"max_num_sta"}), lambda network: network.wlan.max_clients, _most),
)
_KEYS: Final = frozenset({MARK, "mobility_domain", "ft_psk_generate_local"}).union(*(group.keys for group in _GROUPS))


def owns(line: Line, place: Place) -> bool:
    """Whether a line of a BSS is said by its `Wlan`."""
    if line.key == "nas_identifier":
        return line.value == octets(place.identifier)
    if line.key == "bridge":
        return place.vlan(str(line.value)) is not None
    return line.key in _KEYS


def written(section: Section, before: Network | None, after: Network, place: Place) -> Section:
    """A BSS with another WLAN; lines of what does not change stay as they are."""
    section = section.with_lines(closes, ())
    marked = [_mark(after.wlan)]
    if section.get(MARK) != marked[0].value:
        section = section.with_lines(lambda line: line.key == MARK, marked)
    for group in _GROUPS:
        if before is None or group.said(before) != group.said(after):
            section = section.with_lines(group.has, tuple(group.lines(after)))
    if before is None or before.wlan.vlan != after.wlan.vlan:
        section = _with_bridge(section, after.wlan, place)
    return _with_domain(section, before, after, place)


def _mark(wlan: Wlan) -> Line:
    words = {"wlan": wlan.name, "bands": ",".join(wlan.bands), "radius": ",".join(wlan.security.radius)}
    return Line.of(MARK, " ".join(f"{key}={value}" for key, value in words.items() if value))


def _with_bridge(section: Section, wlan: Wlan, place: Place) -> Section:
    bridge = section.get("bridge")
    if wlan.vlan is not None and bridge is not None and place.vlan(bridge) is None:
        raise InvalidConfig(
            f"{wlan.key}: vlan {wlan.vlan}: {place.interface} is in the bridge {text(bridge)} by hand; "
            f"take that line away first"
        )
    new = [Line.of("bridge", place.bridge.replace("{vlan}", str(wlan.vlan)))] if wlan.vlan is not None else []
    return section.with_lines(lambda line: line.key == "bridge" and owns(line, place), new)


def _with_domain(section: Section, before: Network | None, after: Network, place: Place) -> Section:
    """With what 802.11r needs, or without; a domain set by hand stays."""
    old = before.wlan if before else None
    if old and (old.fast_transition, old.security.mode, old.ssid) == (
        after.wlan.fast_transition,
        after.wlan.security.mode,
        after.wlan.ssid,
    ):
        return section
    domain = section.get("mobility_domain")
    if domain is None or (old and domain == _domain(old.ssid)):
        domain = _domain(after.wlan.ssid)
    section = section.with_lines(lambda line: line.key == "nas_identifier" and owns(line, place), ())
    new: list[Line] = []
    if after.wlan.fast_transition:
        new.append(Line.of("mobility_domain", text(domain)))
        if after.wlan.security.mode != "enterprise":
            new.append(Line.of("ft_psk_generate_local", 1))
        if section.get("nas_identifier") is None:
            new.append(Line.of("nas_identifier", place.identifier))
    return section.with_lines(lambda line: line.key in {"mobility_domain", "ft_psk_generate_local"}, new)


def closes(line: Line) -> bool:
    """Whether a line keeps stations from a BSS that carries no WLAN."""
    return line.key == "start_disabled" or (line.key == "max_num_sta" and line.value == "0")


def idle(section: Section, place: Place) -> bool:
    """Whether a first BSS carries no WLAN, and nothing that was left of one by hand."""
    return not any(owns(line, place) and not closes(line) for line in section.lines)


def emptied(section: Section, place: Place) -> Section:
    """The first BSS of a file, which cannot be taken away, without its WLAN: nobody can join it.

    A running hostapd 2.10 that reads such a file again sends on as an open network with an empty SSID, and passes over
    ``start_disabled`` until its radio is enabled anew: so it takes no station either.
    """
    kept = section.with_lines(lambda line: owns(line, place) or closes(line), ())
    return kept.with_lines(lambda line: False, [Line.of("start_disabled", 1), Line.of("max_num_sta", 0)])


def _domain(name: str) -> str:
    """Access points that carry an SSID must agree on the domain without knowing of each other."""
    return hashlib.sha256(name.encode()).hexdigest()[:4]
