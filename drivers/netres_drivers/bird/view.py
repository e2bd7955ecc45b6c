"""What netres's file says: Items, and what is not netres's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from netres.errors import ParseError
from netres.flow import Reply
from netres.model import BgpNetwork, BgpRouter, Item, Key
from netres.model.types import DEFAULT_VRF
from netres_drivers.bird import bgp, static
from netres_drivers.bird.text import Block, Document, Line, define

_HEADER: Final = re.compile(rb"## /\S+ (\d+)\n")
SERIAL: Final = "serial"
"""The constant that netres counts up with every change of the file, as in a DNS zone."""


@dataclass(frozen=True)
class View:
    """A file, and what it says."""

    document: Document

    @classmethod
    def of(cls, native: Reply) -> View:
        """From what the device shows; other text is a file."""
        whole = native.text.encode(errors="surrogateescape")
        header = _HEADER.match(whole)
        if header is not None and len(whole) - header.end() != int(header[1]):
            raise ParseError("the configuration changed while it was read; try again")
        text = whole[header.end() :] if header else whole
        return cls(Document.read(text.decode(errors="surrogateescape")))

    @cached_property
    def serial(self) -> int:
        """The number of the file; 0 where it has none."""
        found = self.document.defines.get(SERIAL, "")
        return int(found) if re.fullmatch(r"[1-9][0-9]{0,8}", found) else 0

    @cached_property
    def _speaker(self) -> tuple[BgpRouter | None, tuple[BgpNetwork, ...]]:
        return bgp.speaker(self.document.defines)

    @cached_property
    def items(self) -> Mapping[Key, Item]:
        """The Items by key."""
        router, networks = self._speaker
        found: dict[Key, Item] = {item.key: item for item in (router, *networks) if item is not None}
        for block in self.blocks.values():
            for item in said(block, router):
                found.setdefault(item.key, item)
        return found

    @cached_property
    def blocks(self) -> Mapping[str, Block]:
        """The protocols that are netres's, by name; the others are like any line by hand."""
        return {name: block for name, block in self.document.blocks.items() if _ours(block)}

    def others(self, block: Block) -> tuple[Line, ...]:
        """The lines of a protocol that no Item says."""
        router = self._speaker[0]
        own = said(block, router)
        mine = Counter[Line](static.line(route) for route in static.routes(own))
        if block.type == "static":
            mine[static.first(block.name)] += 1
        elif router is not None:
            mine.update(line for one in bgp.neighbors(own) for line in bgp.lines(one, router))
        left: list[Line] = []
        for line in block.lines:
            if mine[line]:
                mine[line] -= 1
            else:
                left.append(line)
        return tuple(left)

    def foreign(self) -> Mapping[Key, tuple[str, ...]]:
        """What no Item says in the protocols of neighbours; and a speaker that the model cannot express."""
        found: dict[Key, tuple[str, ...]] = {}
        for block in self.blocks.values():
            if block.type == "bgp" and (left := self.others(block)):
                key = Key("bgp_neighbor", (bgp.address(block.lines), DEFAULT_VRF))
                found[key] = tuple(_shown(line) for line in left)
        if self._speaker[0] is None:
            strange = [name for name in bgp.DEFINES if name in self.document.defines]
            if strange:
                found[Key("bgp_router", (DEFAULT_VRF,))] = tuple(f"netres_{name}" for name in strange)
        return found

    def unowned(self) -> Iterator[str]:
        """Every line that no Item says, those of protocols with the protocol's name."""
        known = {SERIAL, *(bgp.DEFINES if self._speaker[0] else ())}
        seen: set[str] = set()
        for piece in self.document.pieces:
            if isinstance(piece, Block):
                own = piece is self.blocks.get(piece.name)
                yield from (
                    f"{piece.name}: {_shown(line)}"
                    for line in (self.others(piece) if own else piece.all)
                    if _shown(line)
                )
            elif (found := define(piece)) and found[0] in known - seen:
                seen.add(found[0])
            elif piece.strip():
                yield from (line.strip() for line in piece.splitlines() if line.strip())


def said(block: Block, router: BgpRouter | None) -> tuple[Item, ...]:
    """The Items in a protocol."""
    if block.type == "bgp":
        one = bgp.neighbor(block.lines, router)
        return (one,) if one is not None else ()
    found: dict[Key, Item] = {}
    for line in block.lines:
        if (route := static.route(line)) is not None and static.block_name(route) == block.name:
            found.setdefault(route.key, route)
    return tuple(found.values())


def _ours(block: Block) -> bool:
    if block.type == "bgp":
        return block.name == bgp.block_name(bgp.address(block.lines))
    return block.name in static.NAMES.values() and static.first(block.name) in block.lines


def _shown(line: Line) -> str:
    return line.strip() if isinstance(line, str) else line.before.strip()
