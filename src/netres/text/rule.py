"""A line of native configuration as a template that both parses and renders.

``router bgp {asn}[ vrf {vrf}] > neighbor {address:ip} remote-as {remote_as:int}``: segments parted by ``>`` are a line
and the blocks it stands in; ``{name:type}`` is a value; what stands in brackets may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Final

from netres.flow import Part
from netres.model.secret import Secret
from netres.text.indented import Path

_V4: Final = r"\d+\.\d+\.\d+\.\d+"
_V6: Final = r"[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*"
TYPES: Final[Mapping[str, str]] = {
    "word": r"\S+",
    "line": r"\S.*",
    "int": r"\d+",
    "ip": rf"(?:{_V4}|{_V6})",
    "ip4": _V4,
    "ip6": _V6,
    "net4": rf"{_V4}/\d+",
    "net6": rf"{_V6}/\d+",
    "secret": r"\S+",
}
_PIECE: Final = re.compile(r"\{(?P<name>\w+)(?::(?P<type>[^}]+))?\}|(?P<open>\[)|(?P<close>\])|(?P<text>[^{}\[\]]+)")


@dataclass(frozen=True)
class Piece:
    """A part of a template: literal text, or a value by name; in group ``optional`` where that is not 0."""

    text: str = ""
    name: str = ""
    type: str = "word"
    optional: int = 0

    @property
    def pattern(self) -> str:
        """Matches what the piece stands for. A type may also be a set of words: ``{action:permit|deny}``."""
        return rf"({TYPES.get(self.type, self.type)})" if self.name else re.escape(self.text)


def _pieces(template: str) -> tuple[Piece, ...]:
    found: list[Piece] = []
    group = inside = 0
    for match in _PIECE.finditer(template):
        if match["open"]:
            group += 1
            inside = group
        elif match["close"]:
            inside = 0
        elif match["text"]:
            found.append(Piece(text=match["text"], optional=inside))
        else:
            found.append(Piece(name=match["name"], type=match["type"] or "word", optional=inside))
    return tuple(found)


@dataclass(frozen=True)
class Segment:
    """One line of a rule's path."""

    template: str

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The parts of the template."""
        return _pieces(self.template)

    @cached_property
    def first_word(self) -> str:
        """The word the line begins with; every template begins with one."""
        return self.pieces[0].text.partition(" ")[0]

    @cached_property
    def start(self) -> str:
        """What the line begins with, up to its first value."""
        return self.pieces[0].text

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches a whole line."""
        pattern, group = "", 0
        for piece in self.pieces:
            if piece.optional != group:
                pattern += (")?" if group else "") + ("(?:" if piece.optional else "")
                group = piece.optional
            pattern += piece.pattern
        return re.compile(pattern + (")?" if group else ""))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The values' names, as the groups of `pattern`."""
        return tuple(piece.name for piece in self.pieces if piece.name)

    @cached_property
    def secret(self) -> frozenset[str]:
        """The names of those that are secrets."""
        return frozenset(piece.name for piece in self.pieces if piece.type == "secret")

    def match(self, line: str, *, whole: bool = True) -> dict[str, object] | None:
        """The values in a line, or in its beginning; ``None`` where it is another line."""
        if not line.startswith(self.start):
            return None
        match = self.pattern.fullmatch(line) if whole else self.pattern.match(line)
        if match is None:
            return None
        values: dict[str, object] = {}
        for name, found in zip(self.names, match.groups(), strict=True):
            if found is not None:
                values[name] = Secret.observed(found) if name in self.secret else found
        return values

    def render(self, values: Mapping[str, object]) -> tuple[Part, ...] | None:
        """The line with its values, or ``None`` where a value that is not optional is missing or of another type."""
        parts: list[Part] = []
        gone = {piece.optional for piece in self.pieces if piece.name and not _fits(piece, values.get(piece.name))}
        if 0 in gone:
            return None
        for piece in self.pieces:
            if piece.optional in gone:
                continue
            value = values.get(piece.name) if piece.name else piece.text
            if isinstance(value, Secret):
                parts.append(value)
            elif parts and isinstance(last := parts[-1], str):
                parts[-1] = last + str(value)
            else:
                parts.append(str(value))
        return tuple(parts)


def _fits(piece: Piece, value: object) -> bool:
    if value is None:
        return False
    return isinstance(value, Secret) or _whole(piece.type).fullmatch(str(value)) is not None


@cache
def _whole(kind: str) -> re.Pattern[str]:
    return re.compile(TYPES.get(kind, kind))


@dataclass(frozen=True)
class Rule:
    """One native line, in both directions."""

    template: str
    when: Mapping[str, object] = field(default_factory=dict[str, object])
    """Values that the line's presence means; it is rendered where they hold. ``None``: has no value."""
    each: str = ""
    """A field with several values: one line for each."""
    no: str = ""
    """The template that takes the line away, where that is not ``no`` before it."""
    root: bool = False
    """Whether taking this line away takes all of the Item (or entry) away: what stands inside it, and ``owns``."""
    owns: str = ""
    """What lines of the same outermost block begin with that go with a root."""
    slot: str = ""
    """Rules of one slot replace each other."""
    overwrites: bool = True
    """Whether writing the line with another value replaces it; else the old one is taken away first."""
    opens: bool = False
    """Whether the line is the header of a block."""
    parses_only: bool = False
    """Another spelling that is read, but never written."""

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The path's lines."""
        return tuple(Segment(part) for part in self.template.split(" > "))

    @cached_property
    def meant(self) -> Mapping[str, object]:
        """The values that the line's presence means."""
        return {name: value for name, value in self.when.items() if value is not None}

    @cached_property
    def name(self) -> str:
        """Names the rule's slot."""
        return self.slot or self.template

    def inside(self, parents: Path) -> dict[str, object] | None:
        """The values in the headers of a block, or ``None`` where it is not one that this rule's line stands in."""
        values = dict(self.meant)
        for segment, line in zip(self.segments, parents, strict=False):
            if (found := segment.match(line)) is None:
                return None
            values.update(found)
        return values

    def match(self, path: Path) -> dict[str, object] | None:
        """The values in a native line, or ``None`` where it is not this rule's."""
        if len(path) != len(self.segments):
            return None
        values: dict[str, object] = dict(self.meant)
        for segment, line in zip(self.segments, path, strict=True):
            if (found := segment.match(line)) is None:
                return None
            values.update(found)
        return values

    @cached_property
    def _owned(self) -> Segment:
        return Segment(self.owns)

    def within(self, path: Path) -> bool:
        """Whether this rule's lines may stand in the block of a header."""
        pairs = zip(self.segments, path, strict=False)
        return len(path) < len(self.segments) and all(segment.match(line) is not None for segment, line in pairs)

    def fixed(self, values: Mapping[str, object], keys: Collection[str]) -> str:
        """What the line begins with whatever its own value is: up to the first value that is no key."""
        text = ""
        for piece in self.segments[-1].pieces:
            if (piece.name and (piece.name not in keys or piece.optional)) or (piece.optional and not piece.name):
                break
            text += str(values.get(piece.name, "")) if piece.name else piece.text
        return text if text.endswith(" ") else f"{text} "

    def owner(self, path: Path) -> dict[str, object] | None:
        """The values that tell with which Item a line would go that no rule claims; ``None``: with none of this rule's.

        That is a line inside the block that a root opens, or one that begins as a root ``owns`` it.
        """
        depth = len(self.segments)
        if not self.root:
            return None
        if self.opens and len(path) > depth:
            return self.match(path[:depth])
        at_home = len(path) == 1 if depth == 1 else len(path) >= depth
        if not self.owns or not at_home:
            return None
        outer = self.segments[0].match(path[0]) if depth > 1 else {}
        if outer is None:
            return None
        inner = self._owned.match(path[-1].removeprefix("no "), whole=False)
        return None if inner is None else {**outer, **inner}

    def render(self, values: Mapping[str, object]) -> tuple[Path, tuple[Part, ...]] | None:
        """Parents and line for an Item's values, or ``None`` where the Item has no such line."""
        if self.parses_only or any(values.get(name) != wanted for name, wanted in self.when.items()):
            return None
        rendered = [segment.render(values) for segment in self.segments]
        if any(parts is None for parts in rendered):
            return None
        whole = [parts for parts in rendered if parts is not None]
        return tuple("".join(map(str, parts)) for parts in whole[:-1]), whole[-1]

    def negation(self, line: tuple[Part, ...], values: Mapping[str, object]) -> tuple[Part, ...]:
        """The line that takes ``line`` away."""
        if self.no and (parts := Segment(self.no).render(values)) is not None:
            return parts
        first = line[0]
        if isinstance(first, str) and first.startswith("no "):
            return (first.removeprefix("no "), *line[1:])
        return ("no ", *line)
