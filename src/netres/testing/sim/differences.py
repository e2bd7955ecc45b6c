"""What tells two configurations of an indented command line apart, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from netres.testing.sim.tree import Node


def only(of: Node, other: Node, mark: str = "", depth: int = 0) -> Iterator[str]:
    """The lines of ``of`` that ``other`` lacks, with ``mark`` before each, below the lines that lead to them."""
    for node in of.ordered():
        counterpart = next((one for one in other.children.values() if one.line == node.line), None)
        if counterpart is None:
            yield f"{' ' * depth}{mark}{node.line}"
            yield from _all(node, mark, depth + 1)
        elif below := list(only(node, counterpart, mark, depth + 1)):
            yield f"{' ' * depth}{node.line}"
            yield from below


def _all(node: Node, mark: str, depth: int) -> Iterator[str]:
    for below in node.ordered():
        yield f"{' ' * depth}{mark}{below.line}"
        yield from _all(below, mark, depth + 1)


def differences(before: Node, after: Node) -> list[str]:
    """First what ``after`` has more, marked ``+``, then what it lacks, marked ``-``."""
    return [*only(after, before, "+"), *only(before, after, "-")]
