"""Native lines on platforms with regular command lines: indented blocks, and set lines. See `netres.snippets`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from netres.flow import Cli, Flow, Operation, Part, Reply
from netres.model.base import Key
from netres.snippets import Edit, Header, Line, Snippets, Trail
from netres.text.block import Block
from netres.text.indented import LAYOUT, commands, line_set

Rules = Sequence[tuple[re.Pattern[str], str]]
_NEVER = re.compile(r"(?!)")


def indented(
    blocks: Iterable[Block],
    *,
    implicit: re.Pattern[str] = _NEVER,
    refused: Rules = (),
    one_way: Rules = (),
    compare: Callable[[Sequence[Operation]], Flow[str]] | None = None,
) -> Snippets:
    """Lines of an indented command line, taken away with ``no``.

    ``blocks``: the platform's Items. ``implicit``: headers, searched, that come and go with what is in them.
    """
    owners = _Owners(tuple(blocks), implicit)
    return Snippets(
        lines=lambda native: native.parsed(line_set),
        without=_without,
        write=_write,
        owner=owners.owner,
        header=owners.header,
        layout=LAYOUT,
        refused=refused,
        one_way=one_way,
        compare=compare,
    )


@dataclass(frozen=True)
class _Owners:
    """Whose lines are whose, by the rules of the blocks."""

    blocks: tuple[Block, ...]
    implicit: re.Pattern[str]
    _headers: dict[Trail, Header] = field(default_factory=dict[Trail, Header], compare=False)

    def owner(self, trail: Trail) -> Key | None:
        """The Item of which a line is part."""
        return next((key for block in self.blocks if (key := _says(block, trail))), None)

    def header(self, trail: Trail) -> Header:
        """Whose the header of a block is."""
        if trail not in self._headers:
            self._headers[trail] = self._header(trail)
        return self._headers[trail]

    def _header(self, trail: Trail) -> Header:
        if any(
            rule.root and rule.opens and rule.match(trail) is not None for block in self.blocks for rule in block.rules
        ):
            return "owned"
        within = any(rule.within(trail) for block in self.blocks for rule in block.rules)
        if within or self.implicit.search(trail[-1]):
            return "implicit"
        return "own"


def _says(block: Block, trail: Trail) -> Key | None:
    for rule in block.rules:
        if (values := rule.match(trail)) is not None:
            return Key(block.item.KIND, block.group(values))
    return None


def _write(edit: Edit) -> tuple[Sequence[Operation], Sequence[Operation]]:
    gone = commands((line.parents, negated(line.parts), False) for line in reversed(edit.gone))
    headers = {line.parents[:length] for line in edit.new for length in range(1, len(line.parents) + 1)}
    new = commands((line.parents, line.parts, line.trail in headers) for line in edit.new)
    return tuple(gone), tuple(new)


def negated(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The line that takes a line away."""
    first = parts[0]
    if isinstance(first, str) and first.startswith("no "):
        return (first.removeprefix("no "), *parts[1:])
    return ("no ", *parts)


def _without(native: Reply, drop: Callable[[Trail], bool]) -> Reply:
    """The configuration without lines; the header of a block that is not empty then stays."""
    raws = native.text.split("\n")
    trails: list[Trail] = []
    stack: list[tuple[int, str]] = []
    for raw in raws:
        line = raw.strip()
        if LAYOUT.fullmatch(line):
            trails.append(())
            continue
        indent = len(raw) - len(raw.lstrip())
        while stack and stack[-1][0] >= indent:
            stack.pop()
        stack.append((indent, line))
        trails.append(tuple(header for _, header in stack))
    kept: list[str] = []
    needed: set[Trail] = set()
    for raw, trail in zip(reversed(raws), reversed(trails), strict=True):
        if not trail or trail in needed or not drop(trail):
            kept.append(raw)
            needed.update(trail[:length] for length in range(1, len(trail)))
    return Reply("\n".join(reversed(kept)), native.status, native.body)


def set_lines(
    *,
    owner: Callable[[Trail], Key | None],
    refused: Rules = (),
    one_way: Rules = (),
    compare: Callable[[Sequence[Operation]], Flow[str]] | None = None,
) -> Snippets:
    """Lines that each begin with ``set``, in a candidate; taken away with ``delete``."""
    return Snippets(
        lines=lambda native: native.parsed(_set_trails),
        without=lambda native, drop: Reply(
            "\n".join(line for line in native.text.split("\n") if not drop((line.strip(),)))
        ),
        write=_write_sets,
        owner=owner,
        layout=re.compile(r"#.*|"),
        refused=(
            *refused,
            (re.compile(r"^(?!set )"), "lines begin with 'set' here; what is to go stands under absent"),
        ),
        one_way=one_way,
        away="'delete' in place of 'set', which may leave an empty statement around it",
        compare=compare,
    )


def _set_trails(native: Reply) -> Collection[Trail]:
    return frozenset((line.strip(),) for line in native.text.split("\n") if line.startswith("set "))


def _write_sets(edit: Edit) -> tuple[Sequence[Operation], Sequence[Operation]]:
    return tuple(Cli(_deleted(line)) for line in reversed(edit.gone)), tuple(Cli(line.parts) for line in edit.new)


def _deleted(line: Line) -> tuple[Part, ...]:
    first = line.parts[0]
    assert isinstance(first, str)
    return ("delete " + first.removeprefix("set "), *line.parts[1:])
