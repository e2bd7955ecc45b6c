"""A configuration as a tree of statements that ``set`` and ``delete`` change. Knows no platform."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from netres.testing.sim.schema import Kind, Statement, Step, steps

Words = tuple[str, ...]


@dataclass
class Node:
    """A statement that is there: a leaf with its value, an entry of a list, a container. The root has no words."""

    statement: Statement
    words: Words = ()
    children: dict[Words, Node] = field(default_factory=dict[Words, "Node"])
    inactive: bool = False
    """Deactivated: it stands there and has no effect."""

    def copy(self) -> Node:
        """The whole tree once more."""
        children = {words: child.copy() for words, child in self.children.items()}
        return Node(self.statement, self.words, children, self.inactive)

    def sorted(self) -> list[Node]:
        """What stands in it, as it is shown: as the schema has it; entries by key, or as the user ordered them."""
        return sorted(self.children.values(), key=lambda child: (self.statement.rank(child.statement), _order(child)))

    def of(self, statement: Statement) -> list[Node]:
        """What stands in it of one statement: the entries of a list, the values of a leaf-list."""
        return [child for child in self.sorted() if child.statement is statement]

    def at(self, *words: str) -> Node | None:
        """The node down a path, where it is.

        Raises:
            PathRefused: the path does not fit the schema.
        """
        return _down(self, words)

    def inside(self, *words: str) -> Node | None:
        """The child of these words, where it is."""
        return self.children.get(words)

    def value(self, *words: str) -> str | None:
        """The value of the leaf down a path, where it has one; of a flag: its name."""
        above = _down(self, words[:-1])
        found = (child.words for child in (above.children.values() if above else ()))
        return next((one[-1] for one in found if one[0] == words[-1]), None)

    def set(self, path: Sequence[Step]) -> bool:
        """Have what a path leads to; whether it is new."""
        node, new = self, False
        for statement, words in path:
            if words not in node.children:
                new = True
                if statement.kind is Kind.LEAF:
                    node.remove(statement, (statement.name,))
                node.children[words] = Node(statement, words)
            node = node.children[words]
        return new

    def delete(self, path: Sequence[Step], *, prune: bool = True) -> bool:
        """Remove what a path leads to; whether it was there. ``prune``: with the containers left empty above it."""
        above: list[Node] = [self]
        for _, words in path[:-1]:
            if words not in above[-1].children:
                return False
            above.append(above[-1].children[words])
        if not above[-1].remove(*path[-1]):
            return False
        while prune and len(above) > 1 and not above[-1].children and above[-1].statement.idle:
            gone = above.pop()
            del above[-1].children[gone.words]
        return True

    def remove(self, statement: Statement, words: Words) -> bool:
        """Remove a child; words without a value: all of the statement."""
        gone = self.chosen(statement, words)
        for one in gone:
            del self.children[one.words]
        return bool(gone)

    def chosen(self, statement: Statement, words: Words) -> list[Node]:
        """The children that words lead to; words without a value: all of the statement."""
        if statement.named_only(words):
            return self.of(statement)
        return [self.children[words]] if words in self.children else []

    def paths(self, above: Sequence[Words] = ()) -> Iterator[tuple[Words, ...]]:
        """The path of everything that has nothing below, in order: feeding them to `set` makes the tree."""
        for child in self.sorted():
            path = (*above, child.words)
            if child.children:
                yield from child.paths(path)
            else:
                yield path

    def inactives(self, above: Sequence[Words] = ()) -> Iterator[tuple[Words, ...]]:
        """The path of everything that is deactivated."""
        for child in self.sorted():
            path = (*above, child.words)
            if child.inactive:
                yield path
            yield from child.inactives(path)

    def same(self, other: Node) -> bool:
        """Whether both hold the same, in the same order."""
        mine, theirs = list(self.paths()), list(other.paths())
        return mine == theirs and list(self.inactives()) == list(other.inactives())

    def rebase(self, base: Node, onto: Node) -> Node:
        """``onto``, changed as this tree was changed since it was ``base``."""
        if base.same(onto):
            return self.copy()
        made = onto.copy()
        for gone in base.missing(self):
            made.delete(steps(made.statement, flat(gone)))
        for new in self.missing(base):
            made.set(steps(made.statement, flat(new)))
        return made

    def missing(self, other: Node) -> list[tuple[Words, ...]]:
        """The paths of what stands here and not in ``other``."""
        return [path for path in self.paths() if not other.has(path)]

    def has(self, path: Sequence[Words]) -> bool:
        """Whether something stands down a path."""
        node: Node | None = self
        for words in path:
            node = node.children.get(words) if node else None
        return node is not None


def _down(node: Node | None, words: Sequence[str]) -> Node | None:
    for _, taken in steps(node.statement, words) if node else ():
        node = node.children.get(taken) if node else None
    return node


def flat(path: Sequence[Words]) -> Words:
    """A path as one row of words."""
    return tuple(word for words in path for word in words)


def _order(node: Node) -> tuple[tuple[int, int, str], ...]:
    """Where an entry stands among its like: numbers in words count as numbers; one order where the user's counts."""
    if "ordered" in node.statement.options or node.statement.kind is Kind.LEAF_LIST:
        return ()
    return _natural(node.words[-1] if node.words else "")


@lru_cache(maxsize=4096)
def _natural(word: str) -> tuple[tuple[int, int, str], ...]:
    pieces = re.findall(r"\d+|\D+", word)
    return tuple((0, int(piece), "") if piece.isdigit() else (1, 0, piece) for piece in pieces)
