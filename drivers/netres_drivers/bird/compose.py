"""All changes at once: what netres's file becomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from netres.change import Change
from netres.driver import Scope
from netres.flow import Operation
from netres.model import BgpNetwork, BgpRouter, Config, Item
from netres_drivers.bird import bgp, static, tell
from netres_drivers.bird.site import Site
from netres_drivers.bird.text import Block, Document, Line, define
from netres_drivers.bird.view import SERIAL, View, said


def compose(site: Site, changes: Sequence[Change], scope: Scope) -> Iterator[Operation]:
    """What puts the new file beside the one that counts. Of no changes BIRD takes what is there once more."""
    if not changes:
        yield tell.cleanup(site)
        return
    now = View.of(scope.native)
    new = edited(now, scope.after)
    if scope.restore is not None:
        new = as_it_was(now, new, View.of(scope.restore))
    yield tell.staged(site, now.document, new)


def edited(now: View, wanted: Config) -> Document:
    """The file with other Items: what does not change stays where it is, what is new comes at the end."""
    router = next((item for item in wanted.items if isinstance(item, BgpRouter)), None)
    constants = {SERIAL: str(now.serial + 1)}
    constants |= bgp.defines(router, (item for item in wanted.items if isinstance(item, BgpNetwork)))
    left = dict(_wanted(wanted, router))
    pieces: list[str | Block] = []
    for piece in now.document.pieces:
        if not isinstance(piece, Block) or piece is not now.blocks.get(piece.name):
            pieces.append(piece)
        elif (block := _rewritten(now, piece, left.pop(piece.name, ()))) is not None:
            pieces.append(block)
    made = [Block("static" if name in static.NAMES.values() else "bgp", name, left[name]) for name in left]
    if made and pieces:
        pieces[-1] = _ended(pieces[-1])
    return Document((*_constants(now, pieces, constants), *made))


def _wanted(wanted: Config, router: BgpRouter | None) -> Iterator[tuple[str, tuple[Line, ...]]]:
    """The protocols by name, in an order that does not depend on the order of the Items."""
    items: list[Item] = sorted(wanted.items, key=lambda item: item.key.rank())
    for name in static.NAMES.values():
        mine = [route for route in static.routes(items) if static.block_name(route) == name]
        if mine:
            yield name, (static.first(name), *map(static.line, mine))
    for neighbor in bgp.neighbors(items):
        if router is not None:
            yield bgp.block_name(neighbor.address), bgp.lines(neighbor, router)


def _rewritten(now: View, block: Block, lines: Sequence[Line]) -> Block | None:
    """A protocol with other lines of Items, those that were there before in their places; ``None``: it goes."""
    others = now.others(block)
    if not lines and (block.type == "bgp" or not others):
        return block if others else None  # a neighbour with lines by hand stays: the engine asks for nothing else
    left = Counter(lines or (static.first(block.name),))
    there, by_hand = Counter(block.lines), Counter(others)
    if block.type == "bgp" and left - there:
        return Block(block.type, block.name, (*lines, *others), block.end)
    kept: list[Line] = []
    for line in block.lines:
        which = left if left[line] else by_hand
        if which[line]:
            which[line] -= 1
            kept.append(line)
    return Block(block.type, block.name, (*kept, *left.elements()), block.end)


def _constants(now: View, pieces: Sequence[str | Block], wanted: Mapping[str, str]) -> tuple[str | Block, ...]:
    """Pieces with other constants: each where it stood, what is new behind the last of them, or first of all."""
    owned = {SERIAL, *(bgp.DEFINES if any(isinstance(item, BgpRouter) for item in now.items.values()) else ())}
    left = dict(wanted)
    kept: list[str | Block] = []
    place = 0
    for piece in pieces:
        found = define(piece) if isinstance(piece, str) else None
        if found is None or found[0] not in owned:
            kept.append(piece)
            continue
        owned.discard(found[0])
        if found[0] in left:
            kept.append(_define(found[0], left.pop(found[0])))
            place = len(kept)
    return (*kept[:place], *(_define(name, value) for name, value in left.items()), *kept[place:])


def _define(name: str, value: str) -> str:
    return f"define netres_{name} = {value};\n"


def _ended(piece: str | Block) -> str | Block:
    """A piece with a line break at its end."""
    if isinstance(piece, Block):
        return piece if piece.end.endswith("\n") else Block(piece.type, piece.name, piece.lines, piece.end + "\n")
    return piece if piece.endswith("\n") else piece + "\n"


def as_it_was(now: View, new: Document, before: View) -> Document:
    """``new``, but its pieces as they were spelled and placed before, if nobody wrote in the file since."""
    after = View(new)
    if list(now.unowned()) != list(before.unowned()):
        return new
    if bgp.speaker(after.document.defines) != bgp.speaker(before.document.defines):
        return new
    router = next((item for item in before.items.values() if isinstance(item, BgpRouter)), None)
    # A protocol in which no Item stood goes with the first change, and comes back with the last.
    empty = {name for name, block in before.document.blocks.items() if not list(said(block, router))}
    if after.document.blocks.keys() - empty != before.document.blocks.keys() - empty:
        return new
    return Document(tuple(_as_it_was(piece, after, router) for piece in before.document.pieces))


def _as_it_was(piece: str | Block, after: View, router: BgpRouter | None) -> str | Block:
    if not isinstance(piece, Block):
        return piece
    new = after.document.blocks.get(piece.name)
    if new is None:
        return piece
    same = {item.key: item for item in said(piece, router)} == {item.key: item for item in said(new, router)}
    return piece if same else new
