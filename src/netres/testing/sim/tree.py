"""Configuration as a tree of lines, as every indented command line has it. Knows no platform and no driver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Rank: TypeAlias = tuple[int | str, ...]


@dataclass
class Node:
    """A line with what stands below it; the root has no line."""

    line: str = ""
    children: dict[str, Node] = field(default_factory=dict[str, "Node"])
    """By their identity, in the order in which they came."""
    rank: Rank = ()
    """Where it stands among its neighbours; of equal rank: in the order in which they came."""
    closing: str = ""
    """Shown after what stands below it, where the platform does so."""

    def child(self, identity: str, line: str, rank: Rank = (), closing: str = "") -> Node:
        """The line of this identity, made or replaced; what stands below it stays."""
        node = self.children.setdefault(identity, Node(line))
        node.line, node.rank, node.closing = line, rank, closing
        return node

    def at(self, identities: Sequence[str]) -> Node | None:
        """The node down this way, where it exists."""
        node: Node | None = self
        for identity in identities:
            node = node.children.get(identity) if node else None
        return node

    def copy(self) -> Node:
        """The whole tree once more."""
        children = {identity: node.copy() for identity, node in self.children.items()}
        return Node(self.line, children, self.rank, self.closing)

    def replace(self, other: Node) -> None:
        """Hold what ``other`` holds."""
        self.line, self.children = other.line, other.copy().children

    def ordered(self) -> list[Node]:
        """What stands directly below, by rank."""
        return sorted(self.children.values(), key=lambda node: node.rank)

    def lines(self, depth: int = 0, indent: str = " ") -> Iterator[str]:
        """All lines below, indented."""
        for node in self.ordered():
            yield indent * depth + node.line
            yield from node.lines(depth + 1, indent)
            if node.closing:
                yield indent * depth + node.closing
