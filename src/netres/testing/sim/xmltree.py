"""A tree of statements as XML: shown, filtered (RFC 6241, §6), and changed by ``<edit-config>`` (§7.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from netres.testing.sim.netconf_error import BASE, RpcError
from netres.testing.sim.schema import Kind, Statement, fits
from netres.testing.sim.settree import Node, Words
from netres.testing.sim.xmltext import Xml

OPERATIONS: Final = frozenset({"merge", "replace", "create", "delete", "remove"})
_OPERATION: Final = f"{{{BASE}}}operation"


def shown(node: Node, space: str) -> list[Xml]:
    """What stands in a node, as elements of a namespace."""
    return [_shown(child, space) for child in node.sorted()]


def _shown(node: Node, space: str) -> Xml:
    statement = node.statement
    inactive = {"inactive": "inactive"} if node.inactive else {}
    made = Xml(statement.name, space, attributes=inactive)
    if statement.kind is Kind.LIST or (statement.valued and statement.key != "name"):
        made.children.append(Xml(statement.key, space, node.words[-1]))
    elif statement.valued:
        made.text = node.words[-1]
    made.children.extend(shown(node, space))
    return made


def filtered(wanted: Sequence[Xml], there: Sequence[Xml]) -> list[Xml]:
    """What a subtree filter selects of elements."""
    found: list[Xml] = []
    for element in there:
        for want in (want for want in wanted if want.name == element.name):
            picked = _picked(want, element)
            if picked is not None and picked not in found:
                found.append(picked)
    return found


def _picked(want: Xml, element: Xml) -> Xml | None:
    if not want.children:
        return element if not want.text or want.text == element.text else None
    matches = [child for child in want.children if child.text and not child.children]
    for match in matches:
        if not any(child.name == match.name and child.text == match.text for child in element.children):
            return None
    others = [child for child in want.children if child not in matches]
    if not others:
        return element
    keys = [child for child in element.children if any(child.name == match.name for match in matches)]
    inside = filtered(others, element.children)
    if not inside:
        return None
    kept = keys + [child for child in inside if child not in keys]
    return Xml(element.name, element.space, element.text, kept, element.attributes)


@dataclass
class Editing:
    """An ``<edit-config>`` on a tree."""

    failed: Callable[[RpcError], None]
    """Called for each error; what it raises ends the edit, else the element is left out."""

    def apply(self, node: Node, elements: Sequence[Xml], operation: str) -> None:
        """Change what stands in a node as elements say.

        Args:
            node: where the elements belong.
            elements: what to change.
            operation: what is done where an element does not say: one of `OPERATIONS`, or ``none``.
        """
        for element in elements:
            try:
                self._one(node, element, operation)
            except RpcError as error:
                self.failed(error)

    def _one(self, node: Node, element: Xml, inherited: str) -> None:
        statement = node.statement.named(element.name)
        if statement is None:
            raise RpcError("unknown-element", "syntax error", "application", {"bad-element": element.name})
        operation = element.attributes.get(_OPERATION, inherited)
        if operation not in OPERATIONS | {"none"}:
            info = {"bad-attribute": "operation", "bad-element": element.name}
            raise RpcError("bad-attribute", f"no operation {operation!r}", "protocol", info)
        gone = operation in {"delete", "remove"}
        words = _words(statement, element, any_value=gone and not statement.inner)
        old = self._old(node, statement, words)
        if gone:
            if not old and operation == "delete":
                raise RpcError("data-missing", "statement not found", "application", {"bad-element": element.name})
            for one in old:
                del node.children[one.words]
            return
        self._made(node, statement, words, old, operation)
        child = node.children[words]
        child.inactive = element.attributes.get("inactive") == "inactive"
        if statement.inner:
            inside = [one for one in element.children if statement.kind is not Kind.LIST or one.name != statement.key]
            self.apply(child, inside, "merge" if operation in {"replace", "create"} else operation)

    def _old(self, node: Node, statement: Statement, words: Words) -> list[Node]:
        """What is there of the element: of a leaf, whatever its value."""
        return node.of(statement) if statement.kind is Kind.LEAF else node.chosen(statement, words)

    def _made(self, node: Node, statement: Statement, words: Words, old: Sequence[Node], operation: str) -> None:
        if old and operation == "create":
            raise RpcError("data-exists", "statement already exists", "application", {"bad-element": statement.name})
        if not old and operation == "none":
            raise RpcError("data-missing", "statement not found", "application", {"bad-element": statement.name})
        if operation == "replace" or (statement.kind is Kind.LEAF and operation != "none"):
            for one in old:
                del node.children[one.words]
        if operation != "none":
            node.children.setdefault(words, Node(statement, words))


def _words(statement: Statement, element: Xml, *, any_value: bool) -> Words:
    """The words that lead to an element.

    Raises:
        RpcError: its value or its key is missing or is none.
    """
    if not statement.valued:
        return (statement.name,)
    nested = statement.kind is Kind.LIST or statement.key != "name"
    value = element.child(statement.key) if nested else element
    if value is None or (not value.text and any_value):
        if any_value:
            return (statement.name,)
        raise RpcError(
            "missing-element", f"{statement.name} lacks its {statement.key}", "protocol", {"bad-element": statement.key}
        )
    if not fits(statement.type, value.text):
        message = f"invalid value '{value.text}' in '{statement.name}'"
        raise RpcError("invalid-value", message, "application", {"bad-element": element.name})
    return (value.text,) if statement.hidden else (statement.name, value.text)


def pruned(node: Node) -> None:
    """Take out the containers that mean nothing empty."""
    for child in list(_inner(node)):
        pruned(child)
        if child.statement.idle and not child.children:
            del node.children[child.words]


def _inner(node: Node) -> Iterator[Node]:
    return (child for child in node.children.values() if child.statement.inner)
