"""MAC addresses to those of documentation (RFC 9542, 2.1.1), in the notation they have."""

from __future__ import annotations

import re
from typing import Final

from netres.testing.record.swap import swap

_PAIR: Final = "[0-9a-f]{2}"
_ANY: Final = re.compile(
    rf"(?<![\w:-])(?<![0-9a-f]\.)({_PAIR}(?P<sep>[:-]){_PAIR}(?:(?P=sep){_PAIR}){{4}}"
    r"|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}|[0-9a-f]{6}-[0-9a-f]{6}|[0-9a-f]{12})(?![\w:-]|\.\w)",
    re.IGNORECASE,
)
_CALLED: Final = re.compile(r"(?:mac|bssid|hwaddr)\W{0,5}(?:addr(?:ess)?\W{0,5})?$", re.IGNORECASE)
"""What comes before twelve digits that are a MAC address."""
_DIGIT: Final = re.compile("[0-9a-f]", re.IGNORECASE)
_DOCUMENTED: Final = 0x00005E005300
_LOCAL: Final = 0x02005E000000
"""Where the 256 of documentation are used up: addresses that are administered locally are nobody's."""


class Macs:
    """Replaces MAC addresses. `learn` from all text first."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._known: set[int] = set()
        self.given: dict[int, int] = {}

    def learn(self, text: str) -> None:
        """Know of the addresses in ``text``: those without separators are told from other numbers by that."""
        for match in _ANY.finditer(text):
            if len(match[1]) > 12 or _CALLED.search(text, max(0, match.start() - 30), match.start()):
                old = int(_digits(match[1]), 16)
                (self._seen if _stays(old) else self._known).add(old)

    def text(self, text: str) -> str:
        """``text`` with its MAC addresses replaced."""
        return swap(text, _ANY, self._swapped)

    def octets(self, octets: bytes) -> bytes:
        """What stands for six octets."""
        return self._new(int.from_bytes(octets, "big")).to_bytes(6, "big")

    def _swapped(self, match: re.Match[str]) -> str | None:
        old = int(_digits(match[1]), 16)
        if len(match[1]) == 12 and old not in self._known:
            return None
        if (new := self._new(old)) == old:
            return None
        digits = iter(f"{new:012x}")
        shown = _DIGIT.sub(lambda _: next(digits), match[1])
        return shown.upper() if match[1] == match[1].upper() else shown

    def _new(self, old: int) -> int:
        if _stays(old):
            return old
        if old not in self.given:
            count = len(self.given)
            new = _DOCUMENTED + count if count < 256 else _LOCAL + count
            while new in self._seen:
                count += 1
                new = _DOCUMENTED + count if count < 256 else _LOCAL + count
            self._seen.add(new)
            self.given[old] = new
        return self.given[old]


def _stays(address: int) -> bool:
    """Whether it tells nothing: zeros, a group, an address of documentation."""
    return address == 0 or bool(address >> 40 & 1) or address >> 8 == _DOCUMENTED >> 8 or address >> 24 == _LOCAL >> 24


def _digits(text: str) -> str:
    return re.sub("[^0-9a-fA-F]", "", text)
