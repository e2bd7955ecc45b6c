"""IP addresses to those of documentation: networks stay networks, and what lay in one lies in one.

Blocks are given out in the order in which networks are met. RFC 5737 has room for three networks of 256 addresses
only; what does not fit goes to the range for benchmarks (RFC 2544), then to the one reserved since RFC 1112: nobody
has an address there. IPv6 has RFC 3849 and RFC 9637.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from netres.errors import InvalidConfig
from netres.testing.record.swap import swap

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_QUAD: Final = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_V4: Final = re.compile(
    rf"(?<!\d)(?<!\d\.)({_QUAD})(?!\d|\.\d)"
    rf"(?:/(\d\d?)(?!\d)|(?=[ \t]+(?:net)?(?:mask[ \t]+)?({_QUAD})(?!\d|\.\d)))?"
)
_V6: Final = re.compile(
    rf"(?:(?<![\w:.])|(?<=\\[nrt]))(?=[\da-fA-F]*:[\da-fA-F]*:)"
    rf"([\da-fA-F:]+(?<=:){_QUAD}|[\da-fA-F:]*(?:[\da-fA-F]|::))(?!\w|\.\d)(?:/(\d{{1,3}})(?!\d))?"
)
_OCTETS: Final = re.compile(r"[\da-fA-F]{2}(?::[\da-fA-F]{2}){7}")
"""Eight octets in hex, as of an EUI-64: no IPv6 address is written so."""
_MASKS: Final = frozenset(map(ipaddress.ip_address, ("128.0.0.0", "192.0.0.0")))
"""Masks that might be networks; the others are no addresses anyway."""
_VERSION: Final = re.compile(r"(?:\b(?:version|firmware|software|image)\b[\s.:=\"']*|\bv)$", re.IGNORECASE)
"""What comes before four numbers with dots that are no address."""


class Space:
    """The addresses of one version of IP, and what they are replaced by."""

    def __init__(self, pools: Sequence[str], left: Sequence[str], usual: int, shortest: int) -> None:
        self.pools = [ipaddress.ip_network(pool) for pool in pools]
        self._left = [ipaddress.ip_network(network) for network in left]
        self._bits = self.pools[0].max_prefixlen
        self._usual = usual
        """Prefix length of a block where no shorter network is known."""
        self._shortest = shortest
        """Networks shorter than this are aggregates: no member follows them."""
        self._next = [int(pool.network_address) for pool in self.pools]
        self._seen: set[int] = set()
        """The blocks of the pools that the text itself uses."""
        self._known: dict[int, set[int]] = {}
        """By prefix length, the networks that are shorter than usual."""
        self._aggregates: dict[Address, int] = {}
        """The prefix lengths of those that are too short to have their members follow them."""
        self._blocks: dict[tuple[int, int], int] = {}
        """From prefix length and network to the first address of the block that replaces it."""
        self._networks: set[Address] = set()
        """What was written with a prefix length or a mask."""
        self.given: dict[Address, Address] = {}

    def learn(self, address: Address, length: int | None) -> None:
        """Know of an address in the text, and of the network it is written with, before any is replaced."""
        if length is not None:
            self._networks.add(address)
        if any(address in pool for pool in self.pools):
            self._seen.add(int(address) >> (self._bits - self._usual))
        elif length is None or self.stays(address) or self._tells_nothing(address, length):
            return
        elif self._shortest <= length < self._usual:
            self._known.setdefault(length, set()).add(int(address) >> (self._bits - length))
        elif self._is_aggregate(address, length):
            self._aggregates[address] = min(length, self._aggregates.get(address, length))

    def stays(self, address: Address) -> bool:
        """Whether it tells nothing: a mask, a loopback, a multicast group, an address of documentation."""
        return any(address in network for network in (*self._left, *self.pools))

    def replaced(self, address: Address, length: int | None = None) -> Address:
        """What stands for it; ``length``: the prefix length it is written with."""
        if self.stays(address) or (length is not None and self._tells_nothing(address, length)):
            return address
        if address in _MASKS and address not in self._networks and self._network(address) is None:
            return address
        if address not in self.given:
            size = self._aggregates.get(address) or self._network(address) or self._usual
            network = int(address) >> (self._bits - size)
            if (size, network) not in self._blocks:
                self._blocks[size, network] = self._allocated(size)
            offset = int(address) & ((1 << (self._bits - size)) - 1)
            self.given[address] = type(address)(self._blocks[size, network] + offset)
        return self.given[address]

    def _is_aggregate(self, address: Address, length: int) -> bool:
        return length < self._shortest and int(address) & ((1 << (self._bits - length)) - 1) == 0

    def _tells_nothing(self, address: Address, length: int) -> bool:
        """Whether it is a large range that everybody knows, such as 10.0.0.0/8 or 2000::/3."""
        known = not address.is_global or length <= self.pools[-1].prefixlen
        return known and self._is_aggregate(address, length)

    def _network(self, address: Address) -> int | None:
        lengths = sorted(self._known)
        return next((one for one in lengths if int(address) >> (self._bits - one) in self._known[one]), None)

    def _allocated(self, length: int) -> int:
        size = 1 << (self._bits - length)
        for index, pool in enumerate(self.pools):
            start = -(-self._next[index] // size) * size
            while self._used(start, size):
                start += size
            if start + size - 1 <= int(pool.broadcast_address):
                self._next[index] = start + size
                return start
        raise InvalidConfig(f"the dialogue names too many networks of prefix length {length} to redact; record less")

    def _used(self, start: int, size: int) -> bool:
        first, last = start >> (self._bits - self._usual), (start + size - 1) >> (self._bits - self._usual)
        return any(first <= block <= last for block in self._seen)


class Addresses:
    """Replaces the IP addresses in text. `learn` from all of it first."""

    def __init__(self, mac: Callable[[bytes], bytes], keep: frozenset[str] = frozenset()) -> None:
        self._mac = mac
        self._keep = keep
        pools4 = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "240.0.0.0/4")
        left4 = ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")
        self.v4 = Space(pools4, left4, usual=24, shortest=15)
        self.v6 = Space(("2001:db8::/32", "3fff::/20"), ("::/127", "fe80::/10", "ff00::/8"), usual=48, shortest=20)

    @property
    def count(self) -> int:
        """How many addresses were replaced."""
        return len(self.v4.given) + len(self.v6.given)

    def learn(self, text: str) -> None:
        """Know of the addresses and networks of ``text``."""
        for match in _V4.finditer(text):
            self.v4.learn(ipaddress.IPv4Address(match[1]), _length(match))
        for match in _V6.finditer(text):
            if (address := _v6(match[1])) and not address.ipv4_mapped:
                self.v6.learn(address, int(match[2]) if match[2] else None)

    def text(self, text: str) -> str:
        """``text`` with its addresses replaced."""
        return swap(swap(text, _V6, self._new6), _V4, self._new4)

    def address(self, address: Address, length: int | None = None) -> Address:
        """What stands for one address."""
        if isinstance(address, ipaddress.IPv4Address):
            return self.v4.replaced(address, length)
        packed = self.v6.replaced(address, length).packed
        if packed[11:13] == b"\xff\xfe":  # RFC 4291, appendix A: the interface's MAC address stands in it
            mac = bytes([packed[8] ^ 2]) + packed[9:11] + packed[13:]
            new = self._mac(mac)
            packed = packed[:8] + bytes([new[0] ^ 2]) + new[1:3] + b"\xff\xfe" + new[3:]
        return ipaddress.IPv6Address(packed)

    def _new4(self, match: re.Match[str]) -> str | None:
        if match[1] in self._keep or _VERSION.search(match.string, max(0, match.start() - 40), match.start()):
            return None
        return str(self.address(ipaddress.IPv4Address(match[1]), _length(match)))

    def _new6(self, match: re.Match[str]) -> str | None:
        old = _v6(match[1])
        if old is None or match[1] in self._keep:
            return None
        if old.ipv4_mapped:
            return f"::ffff:{self.v4.replaced(old.ipv4_mapped)}"
        new = self.address(old, int(match[2]) if match[2] else None)
        if new == old:
            return None
        shown = new.exploded if len(match[1]) == 39 else str(new)
        return shown.upper() if match[1] == match[1].upper() != match[1].lower() else shown


def _v6(text: str) -> ipaddress.IPv6Address | None:
    if _OCTETS.fullmatch(text):
        return None
    try:
        return ipaddress.IPv6Address(text)
    except ValueError:
        return None


def _length(match: re.Match[str]) -> int | None:
    """The prefix length an IPv4 address is written with: after a slash, or as a mask or wildcard."""
    if match[2]:
        return int(match[2]) if int(match[2]) <= 32 else None
    if match[3] in {None, "0.0.0.0"}:  # noqa: S104 - a wildcard, no address to bind to
        return None
    try:
        return ipaddress.IPv4Network(f"0.0.0.0/{match[3]}").prefixlen
    except ValueError:
        return None
