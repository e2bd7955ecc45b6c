"""Ansible's inventory in INI: ``[group]``, ``[group:vars]``, ``[group:children]``."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path
from typing import Final

from netres.errors import InvalidConfig
from netres.inventory.sources.ansible_ranges import expanded
from netres.inventory.sources.ansible_tree import Tree

_SECTION: Final = re.compile(r"\[([^\]:]+)(?::(vars|children|hosts))?\]\s*(?:#.*)?")
_PORT: Final = re.compile(r"(.*[^:]):([0-9]+)")


def parse(path: Path, text: str) -> Tree:
    """The groups, hosts and variables of a file.

    Raises:
        InvalidConfig: naming file and line.
    """
    tree, group, kind = Tree(), "ungrouped", "hosts"
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        where = f"{path}:{number}"
        if line.startswith("[") and (section := _SECTION.fullmatch(line)):
            group, kind = section[1], section[2] or "hosts"
            tree.group(group)
        elif kind == "vars":
            name, equals, value = line.partition("=")
            if not equals:
                raise InvalidConfig(f"{where}: is no variable; write name=value")
            tree.group(group).variables[name.strip()] = _value(value.strip())
        elif kind == "children":
            tree.child(group, line.split("#")[0].strip())
        else:
            _hosts(tree, group, line, where)
    return tree


def _hosts(tree: Tree, group: str, line: str, where: str) -> None:
    try:
        pattern, *words = shlex.split(line, comments=True)
    except ValueError as error:
        raise InvalidConfig(f"{where}: a quote is not closed; close it") from error
    variables: dict[str, object] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise InvalidConfig(f"{where}: a host is followed by name=value alone; check blanks and quotes")
        variables[name] = _value(value)
    if port := _PORT.fullmatch(pattern):
        pattern = port[1]
        variables.setdefault("ansible_port", int(port[2]))
    for name in expanded(pattern):
        tree.host(name, group, variables)


def _value(text: str) -> object:
    """A value as Ansible reads it: a Python literal, else text."""
    try:
        value: object = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return value
