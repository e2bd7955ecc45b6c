"""Configuration as a tree of lines, as every indented command line has it. Knows no platform and no driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

Identity = Callable[[Sequence[str], str], str]
"""From the lines above and a line to what is told apart: of two lines with one identity the later replaces the earlier.
``description old`` and ``description new`` have the identity ``description``; ``vlan 10`` is its own."""


@dataclass
class Node:
    """A line with what stands below it; the root has no line."""

    line: str = ""
    children: dict[str, Node] = field(default_factory=dict[str, "Node"])
    """By their identity, in the order in which they came."""

    def child(self, identity: str, line: str) -> Node:
        """The line of this identity, made or replaced; what stands below it stays."""
        node = self.children.setdefault(identity, Node(line))
        node.line = line
        return node

    def at(self, identities: Sequence[str]) -> Node | None:
        """The node down this way, where it exists."""
        node: Node | None = self
        for identity in identities:
            node = node.children.get(identity) if node else None
        return node

    def copy(self) -> Node:
        """The whole tree once more."""
        return Node(self.line, {identity: node.copy() for identity, node in self.children.items()})

    def replace(self, other: Node) -> None:
        """Hold what ``other`` holds."""
        self.line, self.children = other.line, other.copy().children

    def lines(self, depth: int = 0, indent: str = " ") -> Iterator[str]:
        """All lines below, indented."""
        for node in self.children.values():
            yield indent * depth + node.line
            yield from node.lines(depth + 1, indent)

    def walk(self, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        """Every line below with the lines above it, from the outermost."""
        for node in self.children.values():
            yield (*above, node.line)
            yield from node.walk((*above, node.line))

    def sort(self, rank: Callable[[Sequence[str], str], tuple[int | str, ...]], above: Sequence[str] = ()) -> None:
        """Put the lines of each level into the order of ``rank``, keeping that of equal rank."""
        self.children = dict(sorted(self.children.items(), key=lambda pair: rank(above, pair[1].line)))
        for node in self.children.values():
            node.sort(rank, (*above, node.line))

    @classmethod
    def parse(cls, text: str, identity: Identity, comment: str = "!") -> Self:
        """The tree of indented text; blank lines and those that begin with ``comment`` are left out."""
        root = cls()
        stack: list[tuple[int, Node]] = [(-1, root)]
        for raw in text.splitlines():
            line = raw.strip()
            if not line or line.startswith(comment):
                continue
            depth = len(raw) - len(raw.lstrip())
            while stack[-1][0] >= depth:
                stack.pop()
            above = [node.line for _, node in stack[1:]]
            stack.append((depth, stack[-1][1].child(identity(above, line), line)))
        return root
