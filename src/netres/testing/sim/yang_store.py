"""A configuration as a YANG data tree: running and startup, and changes that are done whole or not at all."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import unquote

from netres.testing.sim.http import Json
from netres.testing.sim.yang import (
    Branch,
    Leaf,
    Must,
    Node,
    Tree,
    YangError,
    check,
    instance,
    keys_of,
    merged,
    pruned,
)

NOT_FOUND = "uri keypath not found"


@dataclass(frozen=True)
class Step:
    """One part of a path: a name, and of a list's entry its keys; where it leads in the schema, and where it is."""

    name: str
    node: Node
    keys: tuple[str, ...] | None
    where: str

    @property
    def entry(self) -> bool:
        """Whether it leads to one entry of a list."""
        return self.keys is not None


@dataclass
class YangStore:
    """Implements `netres.testing.sim.device.Store`."""

    schema: Branch
    factory: str = "{}"
    """JSON: what is there from the factory."""
    musts: Sequence[Must] = ()
    running: Tree = field(default_factory=dict[str, Json])
    startup: Tree = field(default_factory=dict[str, Json])

    def __post_init__(self) -> None:
        self.reset()

    def native(self) -> str:
        """The whole tree as JSON."""
        return json.dumps(self.running, indent=1, sort_keys=True) + "\n"

    def load(self, text: str) -> None:
        """Merge JSON into the tree, and save it.

        Raises:
            ValueError: it is no JSON, or the tree would break the model.
        """
        told = json.loads(text)
        try:
            check(told, self.schema)
            self.change(lambda tree: cast("Tree", merged(tree, told, self.schema)))
        except YangError as error:
            raise ValueError(f"{error.message} ({error.path})") from error
        self.save()

    def reset(self) -> None:
        """Have what is there from the factory."""
        self.running = {}
        self.load(self.factory)

    def reboot(self) -> None:
        """Have what was saved."""
        self.running = copy.deepcopy(self.startup)

    def save(self) -> None:
        """Have it survive a restart."""
        self.startup = copy.deepcopy(self.running)

    def change(self, edit: Callable[[Tree], Tree]) -> None:
        """Have what ``edit`` makes of the tree.

        Raises:
            YangError: it would break the model; then nothing is changed.
        """
        told = edit(copy.deepcopy(self.running))
        check(told, self.schema)
        made = pruned(told)
        for must in self.musts:
            must(made)
        self.running = made

    def steps(self, parts: Sequence[str]) -> list[Step]:
        """A path, as RFC 8040, 3.5.3 writes it.

        Raises:
            YangError: the schema has no such path.
        """
        node: Node = self.schema
        module, where = "", ""
        found: list[Step] = []
        for part in parts:
            told, equals, keys = part.partition("=")
            name = unquote(told)
            if found and name.partition(":")[0] == module:
                name = name.partition(":")[2]
            child = node.children.get(name) if isinstance(node, Branch) else None
            if child is None:
                raise YangError("invalid-value", NOT_FOUND, status=404)
            where += f"/{name}"
            values = tuple(unquote(one) for one in keys.split(",")) if equals else None
            if values is not None:
                if isinstance(child, Leaf) or len(child.keys) != len(values):
                    raise YangError("invalid-value", f"wrong number of keys for {name}", where)
                where = instance(where, child, values)
            elif isinstance(child, Branch) and child.keys and part is not parts[-1]:
                raise YangError("missing-element", f"missing key for {name}", where)
            found.append(Step(name, child, values, where))
            module = module or name.partition(":")[0]
            node = child
        return found

    def get(self, steps: Sequence[Step]) -> Json:
        """What is there; a container is there even if it is empty.

        Raises:
            YangError: nothing is.
        """
        found: Json = self.running
        for step in steps:
            at = found.get(step.name) if isinstance(found, dict) else None
            if isinstance(step.node, Branch) and step.entry:
                entries = [cast("Tree", one) for one in cast("Sequence[Json]", at or [])]
                at = next((one for one in entries if keys_of(one, step.node) == step.keys), None)
            elif at is None and isinstance(step.node, Branch) and not step.node.keys:
                at = {}
            if at is None:
                raise YangError("invalid-value", NOT_FOUND, step.where, status=404)
            found = at
        return found

    def exists(self, steps: Sequence[Step]) -> bool:
        """Whether something is there."""
        try:
            return self.get(steps) not in ({}, [])
        except YangError:
            return False

    def put(self, steps: Sequence[Step], value: Json) -> None:
        """Have ``value`` there, and nothing of what was there; raises as `change`."""
        self.change(lambda tree: cast("Tree", _put(tree, steps, value)))

    def merge(self, steps: Sequence[Step], value: Json) -> None:
        """Have ``value`` there too; raises as `change`."""
        node: Node = steps[-1].node if steps else self.schema
        entry = Branch(node.children) if steps and steps[-1].entry and isinstance(node, Branch) else node
        _shaped(value, entry, steps[-1].where if steps else "")
        self.put(steps, merged(self.get(steps), value, entry))

    def delete(self, steps: Sequence[Step]) -> None:
        """Have nothing there.

        Raises:
            YangError: nothing is there; or as `change`.
        """
        if not self.exists(steps):
            raise YangError("invalid-value", NOT_FOUND, steps[-1].where if steps else "", status=404)
        self.put(steps, None)


def _shaped(value: Json, node: Node, where: str) -> None:
    """Look at what is to be merged, before it is: it has to be of the schema's shape."""
    if isinstance(node, Leaf):
        return
    parts = value if isinstance(value, list) and node.keys else [value]
    for one in cast("Sequence[Json]", parts):
        if not isinstance(one, dict):
            raise YangError("malformed-message", f"an object is expected at {where}", where)
        for name, below in one.items():
            if (child := node.children.get(name)) is None:
                raise YangError("unknown-element", f"unknown element: {name} in {where or '/'}", f"{where}/{name}")
            if isinstance(child, Branch) and child.keys and not isinstance(below, list):
                raise YangError("malformed-message", f"a list is expected at {where}/{name}", f"{where}/{name}")
            _shaped(below, child, f"{where}/{name}")


def _put(at: Json, steps: Sequence[Step], value: Json) -> Json:
    """``at`` with ``value`` at the end of the way; ``None`` takes away what is there."""
    if not steps:
        return {} if value is None else value
    step, rest = steps[0], steps[1:]
    held = dict(cast("Tree", at or {}))
    made: Json
    if isinstance(step.node, Branch) and step.entry:
        entries = [cast("Tree", one) for one in cast("Sequence[Json]", held.get(step.name) or [])]
        made = _put_entry(entries, step, rest, value)
    else:
        made = _put(held.get(step.name), rest, value) if rest else value
    if made is None:
        held.pop(step.name, None)
    else:
        held[step.name] = made
    return held


def _put_entry(entries: Sequence[Tree], step: Step, rest: Sequence[Step], value: Json) -> Json:
    node = cast("Branch", step.node)
    result = {keys_of(one, node): one for one in entries}
    keys = cast("tuple[str, ...]", step.keys)
    if rest:
        if keys not in result:
            raise YangError("invalid-value", NOT_FOUND, step.where, status=404)
        result[keys] = cast("Tree", _put(result[keys], rest, value))
    elif value is None:
        result.pop(keys, None)
    else:
        result[keys] = cast("Tree", value)
    return list(result.values())
