"""netres's file as BIRD reads it: statements of one line, and the protocols that netres owns.

What does not change is written as it was read, to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from netres.flow import Part
from netres.model.secret import Secret

SECRET: Final = re.compile(r'password\s+"?((?<=")[^"\n]*|(?<!")[^\s;"]+)')
"""A password of a protocol, wherever it stands: in a comment too. BIRD's strings have no escapes."""
_HEAD: Final = re.compile(r"protocol (static|bgp) (netres_\w+) \{\n")
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+\Z")
_DEFINE: Final = re.compile(r"define netres_(\w+) = (.*);\n?")


@dataclass(frozen=True)
class Veiled:
    """A line with a secret that is not known here."""

    before: str
    secret: Secret
    after: str


Line: TypeAlias = "str | Veiled"
"""With its line break, where it has one."""


@dataclass(frozen=True)
class Block:
    """One protocol that netres owns."""

    type: str
    """``static`` or ``bgp``."""
    name: str
    lines: tuple[Line, ...]
    end: str = "}\n"

    @property
    def head(self) -> str:
        """Its first line."""
        return f"protocol {self.type} {self.name} {{\n"

    @property
    def all(self) -> tuple[Line, ...]:
        """Its lines, the first and the last among them."""
        return (self.head, *self.lines, self.end)


@dataclass(frozen=True)
class Document:
    """The whole file: single lines and protocols, in their order."""

    pieces: tuple[str | Block, ...] = ()

    @classmethod
    def read(cls, text: str) -> Document:
        """A file from its text; every text is one."""
        return cls(tuple(_pieces(_LINE.findall(text))))

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines."""
        return tuple(line for piece in self.pieces for line in (piece.all if isinstance(piece, Block) else (piece,)))

    @property
    def text(self) -> str | None:
        """The file; ``None`` where a secret in it is not known here."""
        lines = [line for line in self.lines if isinstance(line, str)]
        return "".join(lines) if len(lines) == len(self.lines) else None

    @property
    def defines(self) -> dict[str, str]:
        """The constants of netres's, by name without ``netres_``; of one that stands there twice, the first."""
        found: dict[str, str] = {}
        for piece in self.pieces:
            if isinstance(piece, str) and (match := define(piece)):
                found.setdefault(*match)
        return found

    @property
    def blocks(self) -> dict[str, Block]:
        """The protocols by name; of one that stands there twice, the first."""
        found: dict[str, Block] = {}
        for piece in self.pieces:
            if isinstance(piece, Block):
                found.setdefault(piece.name, piece)
        return found

    def parts(self) -> tuple[Part, ...]:
        """The file as it is sent: text and secrets, one part for what has no secret."""
        joined: list[Part] = []
        for line in self.lines:
            for part in _parts(line):
                if isinstance(part, str) and joined and isinstance(joined[-1], str):
                    joined[-1] += part
                else:
                    joined.append(part)
        return tuple(joined)


def define(line: str) -> tuple[str, str] | None:
    """Name and value of a constant of netres's."""
    match = _DEFINE.fullmatch(line)
    return (match[1], match[2]) if match else None


def _pieces(lines: list[str]) -> Iterator[str | Block]:
    place = 0
    while place < len(lines):
        line = lines[place]
        last = place
        if head := _HEAD.fullmatch(line):
            last = next((n for n in range(place, len(lines)) if lines[n].rstrip("\n") == "}"), place)
        elif line.lstrip().startswith("/*"):  # what stands in a comment is not there
            last = next((n for n in range(place, len(lines)) if "*/" in lines[n]), len(lines) - 1)
        if head and last > place:
            yield Block(head[1], head[2], tuple(lines[place + 1 : last]), lines[last])
        else:
            yield from lines[place : last + 1] if last == place else ["".join(lines[place : last + 1])]
        place = last + 1


def _parts(line: Line) -> Iterator[Part]:
    if isinstance(line, Veiled):
        yield from (line.before, line.secret, line.after)
        return
    place = 0
    for match in SECRET.finditer(line):
        yield line[place : match.start(1)]
        yield Secret.observed(match[1])
        place = match.end(1)
    yield line[place:]
