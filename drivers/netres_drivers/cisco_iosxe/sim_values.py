"""Values of IOS-XE's configuration lines: which are taken, and how the device writes them."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
import secrets
from collections.abc import Mapping
from typing import Final

from netres.testing.sim.words import Accept

ROUTED: Final = tuple(f"GigabitEthernet0/0/{port}" for port in range(3))
"""The ports of the router itself."""
SWITCHED: Final = tuple(f"GigabitEthernet0/1/{port}" for port in range(4))
"""The ports of its switch module."""
PORTS: Final = (*ROUTED, *SWITCHED)
LOGICAL: Final = {"loopback": ("Loopback", 2147483647), "tunnel": ("Tunnel", 2147483647)}
_NUMBERED: Final = {**LOGICAL, "port-channel": ("Port-channel", 64), "vlan": ("Vlan", 4094), "null": ("Null", 0)}
_ASN: Final = re.compile(r"(\d+)(?:\.(\d+))?")
_ALPHABET: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TYPE_9: Final = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", _ALPHABET.encode()
)


def ipv4(word: str) -> str | None:
    """``192.0.2.1``."""
    try:
        return str(ipaddress.IPv4Address(word))
    except ValueError:
        return None


def ipv6(word: str) -> str | None:
    """``2001:db8::1``, in capitals, as the device shows it."""
    try:
        return str(ipaddress.IPv6Address(word)).upper()
    except ValueError:
        return None


def ipv6_prefix(word: str) -> str | None:
    """``2001:DB8::1/64``."""
    address, slash, length = word.partition("/")
    taken = ipv6(address)
    if not slash or taken is None or not length.isdecimal() or int(length) > 128:
        return None
    return f"{taken}/{int(length)}"


def cidr(word: str) -> str | None:
    """``10.0.0.0/8``; host bits are cleared."""
    try:
        return str(ipaddress.IPv4Network(word, strict=False)) if "/" in word else None
    except ValueError:
        return None


def asn(word: str) -> str | None:
    """``65000``, or ``1.10``, which is shown as ``65546``."""
    found = _ASN.fullmatch(word)
    if found is None:
        return None
    high, low = (int(found[1]), int(found[2])) if found[2] else divmod(int(found[1]), 65536)
    number = high * 65536 + low
    return str(number) if low < 65536 and 0 < number < 2**32 else None


def host_name(word: str) -> str | None:
    """Letters, digits and hyphens, at most 63."""
    return word if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,62}", word) else None


_ALL: Final = frozenset(range(1, 4095))


def vlan_set(text: str) -> frozenset[int]:
    """The numbers of ``10,20-30``."""
    if text in {"all", "none", ""}:
        return _ALL if text == "all" else frozenset()
    bounds = [[int(end) for end in part.split("-")] for part in text.split(",")]
    return frozenset(number for part in bounds for number in range(part[0], part[-1] + 1))


def vlan_list(numbers: frozenset[int]) -> str:
    """``10,20-30``; of all: ``all``; of none: ``none``."""
    if numbers in {_ALL, frozenset()}:
        return "all" if numbers else "none"
    starts = [number for number in sorted(numbers) if number - 1 not in numbers]
    ends = [number for number in sorted(numbers) if number + 1 not in numbers]
    return ",".join(_run(start, end) for start, end in zip(starts, ends, strict=True))


def _run(start: int, end: int) -> str:
    return str(start) if start == end else f"{start},{end}" if end == start + 1 else f"{start}-{end}"


def vlans(word: str) -> str | None:
    """``10,20-30``, or ``none``."""
    if word.lower() in {"none", "all"}:
        return word.lower()
    bounds = [part.split("-") for part in word.split(",")]
    good = all(1 <= len(part) <= 2 and all(end.isdecimal() and 0 < int(end) < 4095 for end in part) for part in bounds)
    return word if good else None


def port(word: str) -> str | None:
    """A port that the device has, by its whole name: ``gi0/0/1`` is ``GigabitEthernet0/0/1``; or one below it."""
    found = re.fullmatch(r"([A-Za-z]+)([\d/]+)(\.\d{1,10})?", word)
    if found is None or not "gigabitethernet".startswith(found[1].lower()):
        return None
    name = f"GigabitEthernet{found[2]}"
    return name + (found[3] or "") if name in PORTS and (name in ROUTED or not found[3]) else None


def numbered(kind: str) -> Accept:
    """Of an interface that is made by its name: ``lo0`` is ``Loopback0``."""
    name, most = _NUMBERED[kind]

    def accept(word: str) -> str | None:
        found = re.fullmatch(r"([A-Za-z-]+)(\d{1,10})", word)
        if found is None or not name.lower().startswith(found[1].lower()) or int(found[2]) > most:
            return None
        return f"{name}{int(found[2])}"

    return accept


def interface(word: str) -> str | None:
    """Any of them."""
    for accept in (port, *(numbered(kind) for kind in _NUMBERED)):
        if (name := accept(word)) is not None:
            return name
    return None


def _peer(word: str) -> str | None:
    """A BGP neighbour: an address, or the name of a peer group."""
    if re.fullmatch(r"[\d.]+", word):
        return ipv4(word)
    return ipv6(word) if ":" in word else word


def _area(word: str) -> str | None:
    return word if word.isdecimal() and int(word) < 2**32 else ipv4(word)


def hashed(password: str, salt: str = "") -> str:
    """As type 9 (scrypt) stores it: ``$9$SALT$HASH``."""
    salt = salt or "".join(secrets.choice(_ALPHABET) for _ in range(14))
    key = hashlib.scrypt(password.encode(), salt=salt.encode(), n=16384, r=1, p=1, dklen=32)
    return f"$9${salt}${base64.b64encode(key).translate(_TYPE_9).decode().rstrip('=')}"


def is_password(given: str, stored: str) -> bool:
    """Whether ``given`` is the password of a hash, or the stored password itself."""
    found = re.fullmatch(r"\$9\$([^$]+)\$\S+", stored)
    return hashed(given, found[1]) == stored if found else given == stored


TYPES: Final[Mapping[str, Accept]] = {
    "ipv4": ipv4,
    "mask": ipv4,
    "ipv6": ipv6,
    "ipv6_prefix": ipv6_prefix,
    "cidr": cidr,
    "asn": asn,
    "hostname": host_name,
    "vlans": vlans,
    "port": port,
    "interface": interface,
    "peer": _peer,
    "area": _area,
    "tag": lambda word: word if word.isdecimal() and 0 < int(word) < 2**32 else None,
    **{kind: numbered(kind) for kind in _NUMBERED},
}
