"""Arista EOS: a configuration as the simulated device shows it: sections, ``!`` between them, defaults left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from netres.testing.sim.http import Json
from netres.testing.sim.modes import Editor
from netres.testing.sim.tree import Node
from netres_drivers.arista_eos.sim_facts import MODEL, VERSION
from netres_drivers.arista_eos.sim_grammar import DIALECT, PHYSICAL, defaults

_BLOCK: Final = re.compile(
    r"(address-family|interface|ip access-list|ip prefix-list|management|route-map|router|vlan|vrf instance) "
)
_WITH: Final = {"aaa root": "enable"}
"""A line that stands in one section with those of another first word."""


def whole(tree: Node, *, every: bool = False) -> Node:
    """A configuration with all ports that the device has, and without its defaults; ``every``: with them."""
    made = tree.copy()
    editor = Editor(DIALECT, made)
    for name in PHYSICAL:
        if f"interface {name}" not in made.children:
            editor.enter(f"interface {name}")
    for node in made.children.values():
        usual = defaults(node.line)
        if every:
            node.children |= {key: Node(line) for key, line in usual.items() if key not in node.children}
        else:
            node.children = {key: below for key, below in node.children.items() if _tells(below, usual.values())}
    return made


def _tells(node: Node, usual: Collection[str]) -> bool:
    """Whether a line is shown: it is no default, and no address family with nothing in it."""
    return node.line not in usual and (bool(node.children) or not node.line.startswith("address-family "))


def header(running: Node) -> str:
    """What precedes every configuration."""
    return f"! device: {configured(running, 'hostname', 'localhost')} ({MODEL}, EOS-{VERSION})\n!\n"


def body(tree: Node, *, every: bool = False) -> str:
    """The sections, and ``end``; ``every``: also what is so by default."""
    return "".join(f"{line}\n" for line in [*_sections(whole(tree, every=every), 0), "!", "end"])


def cmds(tree: Node, shown: Callable[[str], str] = str) -> Mapping[str, Json]:
    """A `whole` configuration as JSON: from each line, as ``shown`` shows it, to what stands below it, or nothing."""
    made: dict[str, Json] = {}
    for node in tree.ordered():
        below: Json = {"comments": [], "cmds": cmds(node, shown)} if _BLOCK.match(node.line) else None
        made[shown(node.line)] = below
    return made


def _sections(tree: Node, depth: int) -> Iterator[str]:
    indent, last = DIALECT.indent * depth, ""
    for number, node in enumerate(tree.ordered()):
        section = _section(node.line, depth)
        if number and section != last:
            yield f"{indent}!"
        last = section
        yield indent + node.line
        yield from _sections(node, depth + 1)


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
