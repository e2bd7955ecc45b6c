"""Changes of a tree of statements: one, many, and those that a text says. Knows no platform."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from netres.testing.sim.schema import PathRefused, Statement, steps
from netres.testing.sim.settext import Edit, Style, edits, split
from netres.testing.sim.settree import Node

VERBS: Final = frozenset({"set", "delete", "deactivate", "activate"})
"""Words that a line which changes a configuration begins with."""


def read(text: str, schema: Statement, style: Style) -> list[Edit]:
    """The changes that a text says, as lines or in braces.

    Raises:
        ValueError: it is neither.
    """
    if any(word.text == "{" and not word.quoted for word in split(text)):
        return edits(text, schema, style)
    made: list[Edit] = []
    for line in text.splitlines():
        words = [word.text for word in split(line)]
        if words and words[0] not in VERBS:
            raise ValueError(f"{line!r} is no line that sets or deletes")
        if words:
            made.append(Edit(words[0], tuple(words[1:])))
    return made


def change(config: Node, changes: Iterable[Edit], *, prune: bool) -> None:
    """Make changes.

    Raises:
        ValueError: a path does not fit; names it.
    """
    for one in changes:
        try:
            edit(config, one, prune=prune)
        except PathRefused as refused:
            raise ValueError(f"{one.verb} {' '.join(one.words)}: {refused}") from refused


def edit(config: Node, change: Edit, *, prune: bool) -> bool:
    """Make one change; whether there was something to change. ``prune``: containers left empty are gone.

    Raises:
        PathRefused: the path does not fit the schema.
    """
    path = steps(config.statement, change.words, part=change.verb == "delete")
    if change.verb == "delete":
        return config.delete(path, prune=prune) if path else _cleared(config)
    if change.verb == "set":
        if prune and path and path[-1][0].idle and config.at(*change.words) is None:
            return True  # an empty container means nothing
        return config.set(path)
    node = config.at(*change.words)
    changed = node is not None and node.inactive != (change.verb == "deactivate")
    if node is not None:
        node.inactive = change.verb == "deactivate"
    return changed


def _cleared(config: Node) -> bool:
    some = bool(config.children)
    config.children.clear()
    return some
