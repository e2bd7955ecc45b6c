"""Data trees as YANG models them (RFC 7950), in JSON (RFC 7951), and what may stand in them. Knows no model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, cast

from netres.testing.sim.http import Json

Tree: TypeAlias = dict[str, Json]
_STATUS: Final[Mapping[str, int]] = {
    "in-use": 409,
    "lock-denied": 409,
    "resource-denied": 409,
    "data-exists": 409,
    "data-missing": 409,
    "operation-not-supported": 405,
    "operation-failed": 500,
    "access-denied": 401,
}
"""By error tag (RFC 8040, 7); of the others it is 400."""


class YangError(Exception):
    """A request that cannot be done, in the words of RFC 8040, 7.1."""

    def __init__(self, tag: str, message: str, path: str = "", *, status: int = 0, kind: str = "application") -> None:
        super().__init__(message)
        self.tag = tag
        self.message = message
        self.path = path
        self.kind = kind
        self.status = status or _STATUS.get(tag, 400)

    @property
    def body(self) -> Json:
        """As it is sent."""
        error = {"error-type": self.kind, "error-tag": self.tag}
        if self.path:
            error["error-path"] = self.path
        if self.message:
            error["error-message"] = self.message
        return {"ietf-restconf:errors": {"error": [error]}}


@dataclass(frozen=True)
class Leaf:
    """A value."""

    type: str = "string"
    """``string``, ``boolean`` or ``uint``."""
    among: tuple[str, ...] = ()
    least: int = 0
    most: int = 2**64 - 1
    pattern: str = ""
    mandatory: bool = False
    many: bool = False
    """Whether it is a leaf-list."""

    def takes(self, value: Json) -> bool:
        """Whether it may have a value."""
        match value:
            case bool():
                return self.type == "boolean"
            case int():
                return self.type == "uint" and self.least <= value <= self.most
            case str():
                fits = not self.pattern or re.fullmatch(self.pattern, value) is not None
                return self.type == "string" and fits and (not self.among or value in self.among)
            case _:
                return False


@dataclass(frozen=True)
class Branch:
    """A container, or with `keys` a list."""

    children: Mapping[str, Node] = field(default_factory=dict[str, "Node"])
    keys: tuple[str, ...] = ()


Node: TypeAlias = Leaf | Branch
Must: TypeAlias = Callable[[Tree], None]
"""Raises `YangError` where a whole tree breaks a rule of the model."""


def schema(text: str) -> Branch:
    """A schema from indented lines.

    ``name`` is a container, ``name [key …]`` a list, ``name = type`` a leaf and ``name* = type`` a leaf-list; ``name!``
    is mandatory. Types: ``string``, ``string /pattern/``, ``boolean``, ``uint``, ``uint 1..4094``, ``a | b | c``.
    """
    root: dict[str, Node] = {}
    above: list[tuple[int, dict[str, Node]]] = [(-1, root)]
    for line in text.splitlines():
        if not (told := line.strip()):
            continue
        depth = len(line) - len(line.lstrip())
        while above[-1][0] >= depth:
            above.pop()
        name, equals, type_ = told.partition(" = ")
        if equals:
            above[-1][1][name.strip("!*")] = _leaf(type_, "!" in name, "*" in name)
            continue
        name, _, keys = told.partition(" [")
        below: dict[str, Node] = {}
        above[-1][1][name] = Branch(below, tuple(keys.strip("]").split()))
        above.append((depth, below))
    return Branch(root)


def _leaf(type_: str, mandatory: bool, many: bool) -> Leaf:
    word, _, more = type_.partition(" ")
    if "|" in type_ and not more.startswith("/"):
        return Leaf(among=tuple(one.strip() for one in type_.split("|")), mandatory=mandatory, many=many)
    if word == "uint" and more:
        low, _, high = more.partition("..")
        return Leaf("uint", least=int(low), most=int(high), mandatory=mandatory, many=many)
    pattern = more[1:-1] if more.startswith("/") else ""
    return Leaf(word, pattern=pattern, mandatory=mandatory, many=many)


def check(tree: Tree, node: Branch, path: str = "") -> None:
    """Look at a tree.

    Raises:
        YangError: it has what the schema does not know, or does not have what it wants.
    """
    for name, value in tree.items():
        child = node.children.get(name)
        here = f"{path}/{name}"
        match child:
            case None:
                raise YangError("unknown-element", f"unknown element: {name} in {path or '/'}", here)
            case Leaf(many=False):
                _fits(child, value, here)
            case Leaf():
                for one in _sequence(value, here):
                    _fits(child, one, here)
            case Branch(keys=()):
                check(_mapping(value, here), child, here)
            case Branch():
                _check_list(_sequence(value, here), child, here)
    for name, child in node.children.items():
        if isinstance(child, Leaf) and child.mandatory and name not in tree:
            raise YangError("missing-element", f"missing element: {name} in {path}", f"{path}/{name}")


def _fits(leaf: Leaf, value: Json, path: str) -> None:
    if not leaf.takes(value):
        raise YangError("invalid-value", f"invalid value for: {path.rpartition('/')[2]} in {path}", path)


def _mapping(value: Json, path: str) -> Tree:
    if not isinstance(value, dict):
        raise YangError("malformed-message", f"an object is expected at {path}", path)
    return value


def _sequence(value: Json, path: str) -> Sequence[Json]:
    if not isinstance(value, list):
        raise YangError("malformed-message", f"a list is expected at {path}", path)
    return cast("Sequence[Json]", value)


def _check_list(entries: Sequence[Json], node: Branch, path: str) -> None:
    seen: set[tuple[str, ...]] = set()
    for one in entries:
        entry = _mapping(one, path)
        if lacking := [key for key in node.keys if key not in entry]:
            raise YangError("missing-element", f"missing key: {lacking[0]} in {path}", path)
        keys = keys_of(entry, node)
        here = instance(path, node, keys)
        if keys in seen:
            raise YangError("bad-element", f"duplicate entry: {here}", here)
        seen.add(keys)
        check(entry, node, here)


def keys_of(entry: Mapping[str, Json], node: Branch) -> tuple[str, ...]:
    """The keys of a list's entry as text."""
    return tuple(text(entry[key]) if key in entry else "" for key in node.keys)


def text(value: Json) -> str:
    """A value as it stands in a path."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def instance(path: str, node: Branch, keys: Iterable[str]) -> str:
    """The instance identifier of a list's entry."""
    return path + "".join(f"[{name}='{value}']" for name, value in zip(node.keys, keys, strict=True))


def merged(old: Json, new: Json, node: Node) -> Json:
    """``old`` with what ``new`` says (RFC 8040, 4.6.1); list entries are told apart by their keys."""
    if isinstance(node, Leaf) or old is None:
        return new
    if node.keys:
        entries = [cast("Tree", one) for one in cast("Sequence[Json]", old)]
        return _merged_list(entries, [cast("Tree", one) for one in cast("Sequence[Json]", new)], node)
    result = dict(cast("Tree", old))
    for name, value in cast("Tree", new).items():
        result[name] = merged(result.get(name), value, node.children[name])
    return result


def _merged_list(old: Sequence[Tree], new: Sequence[Tree], node: Branch) -> Json:
    entry = Branch(node.children)
    result = {keys_of(one, node): one for one in old}
    for one in new:
        keys = keys_of(one, node)
        result[keys] = cast("Tree", merged(result.get(keys), one, entry))
    return list(result.values())


def pruned(tree: Tree) -> Tree:
    """A tree without containers and lists that hold nothing: they are there, whether somebody made them or not."""
    result: Tree = {}
    for name, value in tree.items():
        kept: Json = value
        if isinstance(value, dict):
            kept = pruned(value)
        elif isinstance(value, list):
            kept = [pruned(one) if isinstance(one, dict) else one for one in value]
        if kept not in ({}, []):
            result[name] = kept
    return result
