"""Arista EOS: a configuration as the simulated device shows it: sections, ``!`` between them, defaults left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from netres.testing.sim.http import Json
from netres.testing.sim.modes import Editor
from netres.testing.sim.tree import Node
from netres_drivers.arista_eos.sim_grammar import DEFAULTS, DIALECT, PHYSICAL

_BLOCK: Final = re.compile(
    r"(address-family|interface|ip access-list|ip prefix-list|management|route-map|router|vlan|vrf instance) "
)
_WITH: Final = {"aaa root": "enable"}
"""A line that stands in one section with those of another first word."""


def whole(tree: Node) -> Node:
    """A configuration with the ports that the device has, configured or not."""
    made = tree.copy()
    editor = Editor(DIALECT, made)
    for name in PHYSICAL:
        if f"interface {name}" not in made.children:
            editor.enter(f"interface {name}")
    return made


def body(tree: Node) -> str:
    """The sections, and ``end``."""
    return "".join(f"{line}\n" for line in [*_sections(whole(tree), 0), "end"])


def cmds(tree: Node, shown: Callable[[str], str] = str) -> Mapping[str, Json]:
    """The same as JSON: from each line, as ``shown`` shows it, to what stands below it, or nothing."""
    made: dict[str, Json] = {}
    for node in _shown(tree):
        below: Json = {"comments": [], "cmds": cmds(node, shown)} if _BLOCK.match(node.line) else None
        made[shown(node.line)] = below
    return made


def _shown(tree: Node) -> list[Node]:
    hidden = DEFAULTS.get(tree.line.split(" ", 1)[0], frozenset())
    return [node for node in tree.ordered() if node.line not in hidden]


def _sections(tree: Node, depth: int) -> Iterator[str]:
    indent, last = DIALECT.indent * depth, ""
    for number, node in enumerate(_shown(tree)):
        section = _section(node.line, depth)
        if number and section != last:
            yield f"{indent}!"
        last = section
        yield indent + node.line
        yield from _sections(node, depth + 1)
    if not depth:
        yield "!"


def _section(line: str, depth: int) -> str:
    """What lines of one section have in common."""
    if _BLOCK.match(line):
        return line
    if depth:
        return ""
    first, _, rest = line.removeprefix("no ").partition(" ")
    return f"{first} {rest.split()[0]}" if first == "ip" and rest else _WITH.get(line.removeprefix("no "), first)


def configured(tree: Node, key: str, default: str) -> str:
    """What stands behind a line's first words at the top of a configuration."""
    node = tree.children.get(key)
    return node.line.removeprefix(key).strip() if node else default
