"""A BSS as a `Wlan`: which lines say what, in both directions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter, ValidationError

from netres.errors import InvalidConfig, SecretError
from netres.model import Item, Wlan
from netres.model.types import Name
from netres_drivers.hostapd import radius, security
from netres_drivers.hostapd.radius import Server
from netres_drivers.hostapd.security import Strange, strange
from netres_drivers.hostapd.text import MARK, Line, Section, octets, text

STATIONS: Final = 2007
"""MAX_STA_COUNT of hostapd: association identifiers (IEEE 802.11-2020, 9.4.1.8)."""
_NAME: Final[TypeAdapter[str]] = TypeAdapter(Name)
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_ESCAPE: Final = re.compile(rb'\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(["\\nrte]))')
_ESCAPED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"e": b"\x1b"}


@dataclass(frozen=True)
class Place:
    """Of a BSS: what its lines are named after, and what is there by hand."""

    interface: str
    hostname: str
    bridge: str
    """Name of the bridge of a VLAN, with ``{vlan}`` where its number stands; empty: there are none."""

    @property
    def identifier(self) -> str:
        """NAS-Identifier, which is the R0KH-ID too: up to 48 octets, another for every BSS."""
        return f"{self.hostname[: 47 - len(self.interface)]}.{self.interface}"

    def vlan(self, bridge: str) -> int | None:
        """The VLAN of a bridge."""
        before, _, after = self.bridge.partition("{vlan}")
        found = re.fullmatch(rf"{re.escape(before)}([1-9][0-9]{{0,3}}){re.escape(after)}", bridge)
        return int(found[1]) if self.bridge and found and int(found[1]) <= 4094 else None


@dataclass(frozen=True)
class Content:
    """What a BSS says, without names: a `Wlan` named after its interface, and its RADIUS servers."""

    wlan: Wlan
    servers: tuple[Server, ...]


def valid_name(value: str) -> bool:
    """Whether a text can name an Item."""
    try:
        _NAME.validate_python(value)
    except ValidationError:
        return False
    return True


def ssid(section: Section) -> str:
    """The SSID of a BSS.

    Raises:
        Strange: there is none, hostapd would not take it, or it is not UTF-8.
    """
    found = [line for line in section.lines if line.key in {"ssid", "ssid2"}]
    if not found:
        raise Strange("no ssid")
    value = text(str(found[-1].value)).encode(errors="surrogateescape")
    if found[-1].key == "ssid2":
        value = _unquoted(value, found[-1])
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Strange(found[-1].body) from None


def _unquoted(value: bytes, line: Line) -> bytes:
    if value[:1] == b'"' and value[-1:] == b'"' and len(value) > 1:
        return value[1:-1]
    if value[:2] == b'P"' and value[-1:] == b'"' and len(value) > 2:
        return _ESCAPE.sub(_unescaped, value[2:-1])
    if not _HEX.fullmatch(str(line.value)):
        raise Strange(line.body)
    return bytes.fromhex(str(line.value))


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes([int(found[1], 16)])
    return bytes([int(found[2], 8) & 0xFF]) if found[2] else _ESCAPED.get(found[3], found[3])


def content(section: Section, place: Place) -> Content:
    """What a BSS says.

    Raises:
        Strange: what the model cannot express.
    """
    if (section.get("start_disabled") or "0") != "0":
        raise strange("start_disabled", section)
    said = security.fields(section)
    servers: tuple[Server, ...] = ()
    secured = said["security"]
    if isinstance(secured, dict) and secured["mode"] == "enterprise":
        servers = radius.servers(section)
        said["security"] = {**secured, "radius": tuple(f"s{number}" for number in range(len(servers)))}
    said |= {
        "name": "x",
        "ssid": ssid(section),
        "hidden": _flag(section, "ignore_broadcast_ssid"),
        "neighbor_report": _flag(section, "rrm_neighbor_report"),
        "bss_transition": _flag(section, "bss_transition"),
        "client_isolation": _flag(section, "ap_isolate"),
        "max_clients": _clients(section),
        "vlan": place.vlan(section.get("bridge") or ""),
    }
    try:
        return Content(Wlan.model_validate(said), servers)
    except ValidationError as error:
        raise Strange(*sorted({fault["msg"] for fault in error.errors(include_input=False)})) from None


def _flag(section: Section, key: str) -> bool:
    value = section.get(key) or "0"
    if value not in {"0", "1"}:
        raise strange(key, section)
    return value == "1"


def _clients(section: Section) -> int | None:
    if (value := section.get("max_num_sta")) is None:
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,3}", value) or int(value) > STATIONS:
        raise strange("max_num_sta", section)
    return int(value)


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
    section = section.with_lines(lambda line: line.key == "start_disabled", ())
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


def idle(section: Section, place: Place) -> Section:
    """The first BSS of a file, which cannot be taken away, without its WLAN: it sends no beacons."""
    kept = section.with_lines(lambda line: owns(line, place) or line.key == "start_disabled", ())
    return kept.with_lines(lambda line: False, [Line.of("start_disabled", 1)])


def _domain(name: str) -> str:
    """Access points that carry an SSID must agree on the domain without knowing of each other."""
    return hashlib.sha256(name.encode()).hexdigest()[:4]


def check(item: Item) -> None:
    """Refuse a `Wlan` that hostapd does not take.

    Raises:
        InvalidConfig, SecretError: naming the field.
    """
    if not isinstance(item, Wlan):
        return
    if (item.max_clients or 0) > STATIONS:
        raise InvalidConfig(f"{item.key}: hostapd takes max_clients up to {STATIONS}, not {item.max_clients}")
    passphrase = item.security.passphrase
    if passphrase is not None and passphrase.known and (problem := _bad(item.security.mode, passphrase.reveal())):
        raise SecretError(f"{item.key}: security passphrase {problem}")


def _bad(mode: str, value: str) -> str:
    size = len(value.encode(errors="surrogateescape"))
    if mode == "psk" and security.PSK.fullmatch(value):
        return ""
    if mode != "sae":
        if not 8 <= size <= 63:
            return f"has {size} octets; {mode} takes 8 to 63" + (", or 64 hexadecimal digits" if mode == "psk" else "")
        return "" if value.isascii() and value.isprintable() else "has characters beyond printable ASCII"
    if not value.isprintable():
        return "has a control character"
    if not 8 <= size <= 63 and security.ATTRIBUTE.search(value):
        return "has |mac=, |vlanid=, |pk= or |id=, which hostapd takes out of a password of that length"
    return f"has {size} octets; hostapd reads lines of up to 4095" if size > 4000 else ""
