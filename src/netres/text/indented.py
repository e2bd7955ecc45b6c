"""Indented command lines (IOS-like): native text as paths, and lines back as commands that enter and leave blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from netres.flow import Cli, Part, Reply

Path: TypeAlias = tuple[str, ...]
"""A line with the headers of the blocks it stands in: ``("router bgp 65001", "bgp router-id 192.0.2.1")``."""

LAYOUT: Final = re.compile(r"!.*|exit(-[a-z-]+)?|end|Building configuration\.\.\.|Current configuration:.*|")
"""Lines that part and end blocks, and say nothing."""


def paths(text: str) -> tuple[Path, ...]:
    """Every line of an indented configuration with its parents, headers included; layout lines left out."""
    found: list[Path] = []
    stack: list[tuple[int, str]] = []
    for raw in text.split("\n"):  # not splitlines(): to a device only this ends a line
        line = raw.strip()
        if LAYOUT.fullmatch(line):
            continue
        indent = len(raw) - len(raw.lstrip())
        while stack and stack[-1][0] >= indent:
            stack.pop()
        stack.append((indent, line))
        found.append(tuple(header for _, header in stack))
    return tuple(found)


def lines_of(native: Reply) -> tuple[Path, ...]:
    """`paths` of a reply, for `Reply.parsed`."""
    return paths(native.text)


def by_parents(native: Reply) -> Mapping[Path, tuple[str, ...]]:
    """The lines of a reply under each header, for `Reply.parsed`."""
    found: dict[Path, list[str]] = {}
    for path in native.parsed(lines_of):
        found.setdefault(path[:-1], []).append(path[-1])
    return {parents: tuple(lines) for parents, lines in found.items()}


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
