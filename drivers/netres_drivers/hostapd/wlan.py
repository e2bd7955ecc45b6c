"""What a BSS says, as a `Wlan`, and what hostapd does not take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter, ValidationError

from netres.errors import InvalidConfig, SecretError
from netres.model import Item, Wlan
from netres.model.types import Name
from netres_drivers.hostapd import radius, security
from netres_drivers.hostapd.radius import Server
from netres_drivers.hostapd.security import Strange, strange
from netres_drivers.hostapd.text import Line, Section, text, unfit

STATIONS: Final = 2007
"""MAX_STA_COUNT of hostapd: association identifiers (IEEE 802.11-2020, 9.4.1.8)."""
_NAME: Final[TypeAdapter[str]] = TypeAdapter(Name)
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_ESCAPE: Final = re.compile(rb"\\(?:x([0-9A-Fa-f]{0,2})|([0-7]{1,3})|(.?))", re.DOTALL)
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
    if found[1] is not None:
        return bytes([int(found[1], 16)]) if found[1] else b""
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
    if not 8 <= size <= 63 and security.ATTRIBUTE.search(value):
        return "has |mac=, |vlanid=, |pk= or |id=, which hostapd takes out of a password of that length"
    return unfit(value)
