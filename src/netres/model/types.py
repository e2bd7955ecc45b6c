"""Field types shared by all Items. Validators normalise, so that equality means equality."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Hashable
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

T = TypeVar("T", bound=Hashable)

DEFAULT_VRF: Final = "default"
WIRELESS: Final = frozenset({"access-point", "wireless-controller"})
SBC: Final = frozenset({"sbc"})
_LABEL: Final = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label is never all digits (RFC 1123, 2.1): what looks like an IP address is one, or a typing error.
_HOST: Final = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)*(?![0-9]+\.?\Z){_LABEL}\.?", re.IGNORECASE)
# An address that is canonical already, as most are that a device shows: ten times as fast as making an object of it.
_OCTET: Final = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_V4: Final = re.compile(rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}")
_V4_WITH_LENGTH: Final = re.compile(rf"{_V4.pattern}/(3[0-2]|[12]?[0-9])")
_MAC: Final = re.compile(
    r"[0-9a-f]{2}([:-]?)[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}", re.IGNORECASE
)


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("holds a control character or line break; use one line of printable text")
    if value != value.strip():
        raise ValueError("begins or ends with a blank; remove it")
    if "  " in value:
        raise ValueError("holds two blanks in a row; devices fold them into one")
    return value


def _address(value: str) -> str:
    if _V4.fullmatch(value):
        return value
    return str(ipaddress.ip_address(_plain(value)))


def _address4(value: str) -> str:
    if _V4.fullmatch(value):
        return value
    return str(ipaddress.IPv4Address(value))


def _not_zero(value: str) -> str:
    if value == "0.0.0.0":  # noqa: S104 - no address to bind to
        raise ValueError("is no router id (RFC 6286); choose one of the router's own addresses")
    return value


def _interface_address(value: str) -> str:
    if _V4_WITH_LENGTH.fullmatch(value):
        return value
    if "/" not in _plain(value):
        raise ValueError("has no prefix length; write it like 192.0.2.1/30")
    return str(ipaddress.ip_interface(value))


def _prefix(value: str) -> str:
    if (found := _V4_WITH_LENGTH.fullmatch(value)) and not _host_bits(*map(int, found.groups())):
        return value
    if "/" not in _plain(value):
        raise ValueError("has no prefix length; write it like 198.51.100.0/24")
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        network = ipaddress.ip_network(value, strict=False)
        raise ValueError(f"has host bits set; the network is {network}") from None


def _host_bits(a: int, b: int, c: int, d: int, length: int) -> int:
    """What an IPv4 address has beyond its prefix length."""
    return (a << 24 | b << 16 | c << 8 | d) & (0xFFFFFFFF >> length)


def _plain(value: str) -> str:
    """Refuse a zone (RFC 4007): Python takes any text for one, and hands it on."""
    if "%" in value:
        raise ValueError("has a zone; name the interface in its own field")
    return value


def _asn(value: object) -> object:
    if isinstance(value, float):
        raise ValueError(  # noqa: TRY004 - pydantic makes an error of the input of it
            "is a decimal number to YAML; write an AS number in asdot notation in quotes"
        )
    if isinstance(value, str) and (dotted := re.fullmatch(r"(\d{1,5})\.(\d{1,5})", value)):
        high, low = int(dotted[1]), int(dotted[2])
        if high > 0xFFFF or low > 0xFFFF:
            raise ValueError("is no AS number in asdot notation (RFC 5396)")
        return high << 16 | low
    return value


def _area(value: object) -> object:
    if (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, str) and value.isdecimal()):
        return str(ipaddress.IPv4Address(int(value)))
    return value


def mac_address(value: str) -> str:
    """``value`` as six octets, lower case, with colons.

    Raises:
        ValueError: it is none.
    """
    if not _MAC.fullmatch(value):
        raise ValueError("is no MAC address; write it like 00:11:22:33:44:55")
    digits = re.sub(r"[:.-]", "", value).lower()
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def _host(value: str) -> str:
    try:
        return _address(value)
    except ValueError:
        if not _HOST.fullmatch(value):
            raise ValueError("is neither an IP address nor a host name (RFC 1123)") from None
    return value.lower().rstrip(".")


Text = Annotated[str, StringConstraints(min_length=1, max_length=240), AfterValidator(_printable)]
"""One line of printable text, without blanks at its ends or doubled inside."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=63, pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.:@/-]*$")]
"""A name that every platform takes: ASCII letters, digits and ``_ . : @ / -``, not beginning with punctuation."""

InterfaceName = Annotated[str, StringConstraints(max_length=63, pattern=r"^[A-Za-z][A-Za-z0-9_.:/-]*$")]
"""The device's own name of an interface, such as ``eth0``, ``GigabitEthernet0/0/1.20`` or ``ge-0/0/1``."""

HostName = Annotated[str, StringConstraints(max_length=63, pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$")]
"""A host's own name: one label (RFC 1123)."""

DomainName = Annotated[
    str,
    StringConstraints(
        max_length=253, pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"
    ),
]
"""A domain name (RFC 1123)."""

Host = Annotated[str, AfterValidator(_host)]
"""An IP address or a host name, lower case."""

IpAddress = Annotated[str, AfterValidator(_address)]
"""An IPv4 or IPv6 address without zone, in canonical form (RFC 5952)."""

Ipv4Address = Annotated[str, AfterValidator(_address4)]
"""An IPv4 address."""

RouterId = Annotated[str, AfterValidator(_address4), AfterValidator(_not_zero)]
"""Four octets that name a router; not 0.0.0.0 (RFC 6286)."""

InterfaceAddress = Annotated[str, AfterValidator(_interface_address)]
"""An address with its prefix length, such as ``192.0.2.1/30`` or ``2001:db8::1/64``."""

Prefix = Annotated[str, AfterValidator(_prefix)]
"""A network, such as ``198.51.100.0/24``; host bits must be zero."""

Asn = Annotated[
    int,
    BeforeValidator(_asn, json_schema_input_type=int | str),
    Field(ge=1, le=4294967295),
]
"""An autonomous system number, as a number or in asdot notation (RFC 5396)."""

Area = Annotated[str, BeforeValidator(_area, json_schema_input_type=int | str), AfterValidator(_address4)]
"""An OSPF area: a number or a dotted quad; kept as a dotted quad."""

MacAddress = Annotated[str, AfterValidator(mac_address)]
"""Six octets, lower case, with colons; taken in every usual notation."""

Port = Annotated[int, Field(ge=1, le=65535)]
"""Of TCP or UDP."""

Uint16 = Annotated[int, Field(ge=0, le=65535)]
Uint32 = Annotated[int, Field(ge=0, le=4294967295)]


def distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    """Refuse a list that names something twice."""
    if len(set(values)) < len(values):
        twice = next(value for place, value in enumerate(values) if value in values[:place])
        raise ValueError(f"names {twice} twice; remove one")
    return values


def family(value: str) -> str:
    """``ipv4`` or ``ipv6``: the address family of an address, an interface address or a prefix."""
    return "ipv6" if ":" in value else "ipv4"
