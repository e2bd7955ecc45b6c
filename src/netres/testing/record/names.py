"""Names that tell whose device it is: of hosts, users and domains, and serial numbers.

Found where they are given (``hostname r1``, ``Serial Number: …``), they are replaced wherever they stand as a word,
unless they are words of the language too (``switch``): these are replaced where they are given, alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from netres.testing.record.finds import is_replaced
from netres.testing.record.swap import swap

_QUOTE: Final = r"(?:\\?[\"'])?"
_HOST: Final = r"(?![\d.]+\b)([A-Za-z0-9](?:[\w.-]*\w)?)"
_DOMAIN: Final = r"([A-Za-z0-9][\w-]*(?:\.[\w-]+)+)"
_SERIAL: Final = r"(?=[A-Z-]*\d)([A-Z0-9](?:[A-Z0-9-]|/(?=\d)){4,})(?!\.?\w)"
_GIVEN_SERIAL: Final = _SERIAL.replace(r"*\d)", r"*\d|[A-Z]{9})", 1)
"""After a colon or the like letters do too."""


def _pattern(text: str, value: str) -> re.Pattern[str]:
    return re.compile(text + _QUOTE + value, re.IGNORECASE | re.MULTILINE)


_HOSTS: Final = (
    _pattern(r"^[ \t]*(?:set[ \t]+system[ \t]+)?(?:hostname|host-name|sysname|switchname)[ \t]+", _HOST),
    _pattern(r"\b(?:hostname|host[-_]name|sysname|(?:system|device) name)[\"']?[ \t]*[.=:]+[ \t]*", _HOST),
    _pattern(r"\boption[ \t]+hostname[ \t]+", _HOST),
    _pattern(r"<(?:host-?name)>", _HOST),
    re.compile(r"^([A-Za-z][\w.-]+)[ \t]+uptime is ", re.MULTILINE),
    re.compile(
        r"^(?:[\w.-]{1,64}@)?([A-Za-z][\w.-]*\w)(?:\([\w./-]+\))?[#>](?=[ \t\r]|$|[a-z][\w-]*(?:[ \t]|$))", re.MULTILINE
    ),
)
_USERS: Final = (
    _pattern(r"^[ \t]*(?:set[ \t]+system[ \t]+login[ \t]+user|(?:mgmtuser[ \t]+|dot1x[ \t]+)?username)[ \t]+", _HOST),
    _pattern(r"(?<![\w-])(?:user_?name|login)[\"']?[ \t]*[=:][ \t]*", _HOST),
    re.compile(r"^([\w.-]{1,64})@[\w.-]+(?:\([\w-]+\))?[#>]", re.MULTILINE),
    re.compile(r"\b([\w.+-]{1,64})@[\w-]+(?:\.[\w-]+)+\b"),
)
_DOMAINS: Final = (
    _pattern(
        r"^[ \t]*(?:ip[ \t]+|set[ \t]+system[ \t]+)?(?:domain[- ](?:name|search|list)|domain|search)[ \t]+", _DOMAIN
    ),
    _pattern(r"\bdomain[-_ ]?name[\"']?[ \t]*[.=:]+[ \t]*", _DOMAIN),
    re.compile(r"\b[\w.+-]{1,64}@([A-Za-z0-9][\w-]*(?:\.[\w-]+)+)"),
)
_SERIALS: Final = (
    _pattern(
        r"\b(?:serial[ _-]?(?:number|num|no|#)|serial|s/?n|board id)[\"']?[ \t]*(?:[.:#=,]|is[ \t])+[ \t]*",
        _GIVEN_SERIAL,
    ),
    _pattern(r"\b(?:serial[ _-](?:number|num)|board id)[ \t]+", _SERIAL),
    _pattern(r"<serial(?:-number)?>", _SERIAL),
)
_COLUMN: Final = re.compile(r"\bSerial(?:[ _-]?(?:number|num|no\.?|#))?(?=[ \t]{2}|[ \t]*$|[ \t]+[A-Z])", re.IGNORECASE)
_WORD: Final = re.compile(rf"{_SERIAL}(?!\S)", re.IGNORECASE)
_COMMON: Final = re.compile(
    r"admin|administrator|root|operator|guest|user|localhost|none|null|default|manager|support|monitor|system"
    r"|router|switch|local|kernel|device|not|unknown|yes|no|example\.net|example\.com|example\.org",
    re.IGNORECASE,
)
_SAFE_DOMAINS: Final = ("example.net", "example.com", "example.org")
_MADE: Final = re.compile(
    r"(?:host|user|name)-\d+(?:\.(?:d\d+\.)?example\.(?:net|com|org))?"
    r"|(?:d\d+\.)?example\.(?:net|com|org)|SN0+\d+"
)
_ADDRESS: Final = re.compile(r"(?:[0-9a-f]{2}[:.-]?){6}|[0-9.]+", re.IGNORECASE)
_QUALIFIED: Final = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_DISTINCT: Final = re.compile(r"\d|[_.-]|[a-z][A-Z]")


@dataclass(frozen=True)
class _Sort:
    label: str
    patterns: tuple[re.Pattern[str], ...]


_SORTS: Final = (
    _Sort("serial", _SERIALS),
    _Sort("domain", _DOMAINS),
    _Sort("host", _HOSTS),
    _Sort("user", _USERS),
)


class Names:
    """Replaces names. `text` of everything once, then again: a name may be shown before the line that gives it."""

    def __init__(self, keep: frozenset[str] = frozenset()) -> None:
        self._keep = keep
        self.given: dict[str, dict[str, str]] = {label: {} for label in (*(sort.label for sort in _SORTS), "name")}
        """By what they are, from names to what replaces them."""
        self._everywhere: re.Pattern[str] | None = None
        self._named: re.Pattern[str] | None = None

    def name(self, label: str, *values: str) -> None:
        """Know of names that the caller gives: ``name`` ones are replaced inside of words too, whatever their case."""
        for value in values:
            if value and value not in self._keep:
                self._new(label, value, replace_common=True)

    def text(self, text: str) -> str:
        """``text`` with what is known so far, and what it gives by itself, replaced."""
        for serial in _column(text):
            self._new("serial", serial)
        for sort in _SORTS:
            for pattern in sort.patterns:
                text = swap(text, pattern, partial(self._match, sort.label))
        return self._known(text)

    def value(self, label: str, value: str) -> str:
        """What stands for a value of which it is known what it is."""
        return self._new(label, value) or value

    def _known(self, text: str) -> str:
        if self._everywhere is None:
            words = {word for made in self.given.values() for word in made if _DISTINCT.search(word)}
            longest = sorted((words - self.given["name"].keys()), key=len, reverse=True)
            self._everywhere = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest)) or '(?!)'})(?![\w-])")
            named = sorted(self.given["name"], key=len, reverse=True)
            self._named = re.compile(rf"({'|'.join(map(re.escape, named)) or '(?!)'})", re.IGNORECASE)
        assert self._named is not None
        text = swap(text, self._everywhere, lambda match: self._find(match[1]))
        lower = {word.lower(): new for word, new in self.given["name"].items()}
        return swap(text, self._named, lambda match: lower[match[1].lower()])

    def _match(self, label: str, match: re.Match[str]) -> str | None:
        return self._new(label, match[1])

    def _find(self, word: str) -> str:
        return next(made[word] for made in self.given.values() if word in made)

    def _new(self, label: str, value: str, *, replace_common: bool = False) -> str | None:
        """What replaces a value; ``None``: nothing has to."""
        made = self.given[label]
        if value in made:
            return made[value]
        if value in self._keep or _MADE.fullmatch(value) or is_replaced(value):
            return None
        is_common = _COMMON.fullmatch(value) and not replace_common
        if is_common or (label != "serial" and _ADDRESS.fullmatch(value)):
            return None
        if any(value in other for other in self.given.values()):
            return self._find(value)
        if label == "host" and _QUALIFIED.fullmatch(value):  # its own name, and its domain's
            host, _, domain = value.partition(".")
            new = f"{self._new('host', host) or host}.{self._new('domain', domain) or domain}"
        else:
            new = _made(label, value, len(made) + 1)
        made[value] = new
        self._everywhere = None
        return new


def _column(text: str) -> Iterator[str]:
    """The serial numbers in a table: what stands below a column's title, down to a blank line."""
    column = -1
    for line in text.split("\n"):
        if title := _COLUMN.search(line):
            column = title.start()
        elif not line.strip():
            column = -1
        elif column >= 0 and line[max(0, column - 1) : column].isspace() and (word := _WORD.match(line, column)):
            yield word[1]


def _made(label: str, value: str, number: int) -> str:
    if label == "serial":
        return f"SN{number:0{max(2, len(value) - 2)}}"
    if label == "domain":
        return _SAFE_DOMAINS[number - 1] if number <= len(_SAFE_DOMAINS) else f"d{number}.example.net"
    return f"{label}-{number}"
