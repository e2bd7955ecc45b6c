"""Indented command lines (IOS-like): native text as paths, and lines back as commands that enter and leave blocks."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from netres.flow import Cli, Part, Reply

Path: TypeAlias = tuple[str, ...]
"""A line with the headers of the blocks it stands in: ``("router bgp 65001", "bgp router-id 192.0.2.1")``."""

LAYOUT: Final = re.compile(r"!.*|exit(-[a-z-]+)?|end|Building configuration\.\.\.|Current configuration:.*|")
"""Lines that part and end blocks, and say nothing."""
_LAYOUT_BEGINS: Final = frozenset({"!", "e", "B", "C", ""})
"""What a line of `LAYOUT` begins with: most lines are none, and looking at one character tells."""


def paths(text: str) -> tuple[Path, ...]:
    """Every line of an indented configuration with its parents, headers included; layout lines left out."""
    found: list[Path] = []
    stack: list[tuple[int, Path]] = [(-1, ())]
    for raw in text.split("\n"):  # not splitlines(): to a device only this ends a line
        line = raw.strip()
        if line[:1] in _LAYOUT_BEGINS and LAYOUT.fullmatch(line):
            continue
        indent = 0 if raw.startswith(line) else len(raw) - len(raw.lstrip())
        while stack[-1][0] >= indent:
            stack.pop()
        path = (*stack[-1][1], line)
        stack.append((indent, path))
        found.append(path)
    return tuple(found)


def lines_of(native: Reply) -> tuple[Path, ...]:
    """`paths` of a reply, for `Reply.parsed`."""
    return paths(native.text)


def line_set(native: Reply) -> frozenset[Path]:
    """`lines_of`, for looking one up."""
    return frozenset(native.parsed(lines_of))


@dataclass(frozen=True)
class Passage:
    """Lines with the same parents, one after the other."""

    parents: Path
    lines: tuple[Path, ...]


def by_header(native: Reply) -> Mapping[tuple[int, str], tuple[Passage, ...]]:
    """The lines by depth and by the first word of the outermost one, for `Reply.parsed`, in their order."""
    found: dict[tuple[int, str], list[tuple[Path, list[Path]]]] = {}
    for path in native.parsed(lines_of):
        depth = len(path)
        passages = found.setdefault((depth, path[0].partition(" ")[0]), [])
        if not passages or (depth > 1 and passages[-1][0] != path[:-1]):
            passages.append((path[:-1], []))
        passages[-1][1].append(path)
    return {
        key: tuple(Passage(parents, tuple(lines)) for parents, lines in passages) for key, passages in found.items()
    }


def by_parents(native: Reply) -> Mapping[Path, tuple[str, ...]]:
    """The lines of a reply under each header, in the order of their text, for `Reply.parsed`."""
    found: dict[Path, list[str]] = {}
    for path in native.parsed(lines_of):
        found.setdefault(path[:-1], []).append(path[-1])
    return {parents: tuple(sorted(lines, key=_spaced)) for parents, lines in found.items()}


def _spaced(line: str) -> str:
    return f"{line} "


def beginning(lines: Sequence[str], start: str) -> Iterator[str]:
    """Those of ordered lines that begin with ``start``, which ends with a blank."""
    for place in range(bisect_left(lines, start, key=_spaced), len(lines)):
        if not _spaced(lines[place]).startswith(start):
            return
        yield lines[place]


def commands(lines: Iterable[tuple[Path, tuple[Part, ...], bool]], leave: str = "exit") -> Iterator[Cli]:
    """Commands that write ``lines``: (parents, the line, whether it opens a block), in order, from the top level."""
    inside: Path = ()
    for parents, parts, opens in lines:
        here = (*parents, "".join(str(part) for part in parts)) if opens else parents
        shared = _shared(inside, here)
        yield from (Cli((leave,)) for _ in inside[shared:])
        entered = here[shared:-1] if opens else here[shared:]
        yield from (Cli((header,)) for header in entered)
        if not opens or shared < len(here):
            yield Cli(parts)
        inside = here
    yield from (Cli((leave,)) for _ in inside)


def _shared(one: Path, other: Path) -> int:
    length = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        length += 1
    return length
