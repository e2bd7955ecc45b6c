"""Editing elements in nested menus: an attribute a line, ``select``, ``no``, ``show``, ``done``, ``exit``, ``quit``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from netres.testing.sim.cli import CliSession, Refused
from netres.testing.sim.elements import Element, ElementStore, Key
from netres.testing.sim.quotes import completed

_IN_ELEMENT: Final = ("select", "no", "show", "done", "exit", "quit")


@dataclass(frozen=True)
class ElementDialect:
    """What a platform says. ``{…}`` names what stands in its place."""

    unknown: str
    arguments: str
    """A line has too many words, or too few."""
    invalid: str
    """``{name}`` does not take ``{value}``."""
    lacking: str
    """The key attribute ``{name}`` has no value."""
    taken: str
    """There is another element of this key already."""
    absent: str
    """There is no such element, or backup."""
    locked: str
    saved: str
    unsynchronised: str
    """Said after ``saved`` where what runs is another configuration."""
    activated: str
    sound: str
    """Nothing is wrong with the configuration."""
    dangling: str
    """``{type}``, ``{key}``, ``{refers}``, ``{value}``."""
    failed: str
    """Said after what is wrong; ``{count}``."""
    backed_up: str
    restored: str
    login: str = "Password: "
    selection: str = "selection: "
    leave: str = "Save Changes [y/n]?: "
    restart: str = "Reboot this device [y/n]?: "
    forbidden: str = ""
    """Characters that no value may have."""


@dataclass
class Draft:
    """An element that is being edited."""

    element: Element
    was: Key | None = None
    """The key of the element that was selected; ``None``: it is a new one."""
    changed: bool = False


class ElementEditor:
    """One login's way through the menus, from ``configure terminal`` on."""

    def __init__(
        self, session: CliSession, store: ElementStore, dialect: ElementDialect, end: Callable[[], None]
    ) -> None:
        """``end`` is called when the login leaves the menus."""
        self._session = session
        self._store = store
        self._say = dialect
        self._menus: list[str] = []
        self._drafts: list[Draft] = []
        self._end = end

    @property
    def place(self) -> str:
        """Where it is, as the prompt says it."""
        if self._drafts:
            return self._drafts[-1].element.type.name
        return self._menus[-1] if self._menus else "configure"

    def enter(self, found: list[str]) -> str:
        """Do the words of a line, and answer.

        Raises:
            Refused: they are refused.
        """
        return self._edit(found) if self._drafts else self._navigate(found)

    def _navigate(self, found: list[str]) -> str:
        if len(found) > 1:
            raise Refused(self._say.arguments)
        here = tuple(self._menus)
        below = {
            one.menu[len(here)]
            for one in self._store.schema
            if len(one.menu) > len(here) and one.menu[: len(here)] == here
        }
        types = {one.name: one for one in self._store.schema if one.menu == here}
        name = completed(found[0], {"exit", "quit", *below, *types})
        if name is None:
            raise Refused(self._say.unknown)
        if name == "quit" or (name == "exit" and not self._menus):
            self._end()
        elif name == "exit":
            self._menus.pop()
        elif name in below:
            self._menus.append(name)
        else:
            self._drafts.append(Draft(types[name].new()))
        return ""

    def _edit(self, found: list[str]) -> str:
        draft = self._drafts[-1]
        type_ = draft.element.type
        names = {*_IN_ELEMENT, *(one.name for one in type_.attributes), *(one.name for one in type_.children)}
        name = completed(found[0], names)
        if name is None:
            raise Refused(self._say.unknown)
        if type_.attribute(name):
            return self._set(draft, name, found[1:])
        if name in {"select", "no"} and len(found) < 3:
            return self._choose(
                found[1] if len(found) == 2 else None, self._select if name == "select" else self._delete
            )
        if len(found) > 1:
            raise Refused(self._say.arguments)
        match name:
            case "show":
                return self._shown(draft)
            case "done":
                return self._done(draft)
            case "exit" | "quit":
                return self._exit(draft, everything=name == "quit")
            case _:
                child = type_.child(name)
                assert child is not None
                self._drafts.append(Draft(child.new()))
                return ""

    def _shown(self, draft: Draft) -> str:
        return self._session.device.faults.shown("".join(f"{line}\n" for line in draft.element.lines()))

    def _set(self, draft: Draft, name: str, values: list[str]) -> str:
        attribute = draft.element.type.attribute(name)
        assert attribute is not None
        value = " ".join(values)
        if attribute.many:
            value = _many(draft.element.values[name].split(), value)
        elif len(values) != 1:
            raise Refused(self._say.arguments)
        told, _, value = self._session.device.faults.stored(f"{name} {value}").partition(" ")
        if told != name or set(value) & set(self._say.forbidden) or not attribute.takes(value):
            raise Refused(self._say.invalid.format(name=name, value=value))
        draft.element = draft.element.having(name, value)
        draft.changed = True
        return ""

    def _siblings(self) -> list[Element]:
        type_ = self._drafts[-1].element.type
        if len(self._drafts) > 1:
            return [one for one in self._drafts[-2].element.children if one.type is type_]
        return self._store.of(type_.name)

    def _choose(self, what: str | None, then: Callable[[Element], str]) -> str:
        """Have one of the elements chosen, by its number or its key; asks where there are several and none is named."""
        elements = self._siblings()
        type_ = self._drafts[-1].element.type

        def chosen(answer: str) -> str:
            if found := [one for one in elements if answer in {one.key[0], " ".join(one.key)}]:
                return then(found[0])
            if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(elements):
                return then(elements[int(answer) - 1])
            raise Refused(self._say.absent)

        if not type_.keys:
            if what is not None or not elements:
                raise Refused(self._say.absent)
            return then(elements[0])
        if what is not None:
            return chosen(what)
        listed = "".join(f"{number}: {' '.join(one.key)}\n" for number, one in enumerate(elements, 1))
        self._session.ask(self._say.selection, chosen)
        return f"<{type_.keys[0]}>:\n{listed}\n"

    def _select(self, element: Element) -> str:
        self._drafts[-1] = Draft(element, element.key)
        return ""

    def _delete(self, element: Element) -> str:
        self._drafts[-1] = Draft(element.type.new())
        if len(self._drafts) > 1:
            above = self._drafts[-2]
            above.element, above.changed = above.element.without_child(element), True
        else:
            self._store.remove(element)
        return ""

    def _done(self, draft: Draft) -> str:
        element = draft.element
        if element.lacking:
            raise Refused(self._say.lacking.format(name=element.lacking[0]))
        if element.type.keys and element.key != draft.was and element.key in {one.key for one in self._siblings()}:
            raise Refused(self._say.taken)
        if len(self._drafts) > 1:
            above = self._drafts[-2]
            above.element, above.changed = above.element.with_child(element, draft.was), True
        else:
            self._store.put(element, draft.was)
        draft.was, draft.changed = element.key, False
        return self._shown(draft)

    def _exit(self, draft: Draft, *, everything: bool) -> str:
        def left(answer: str) -> str:
            if answer not in {"y", "n"}:
                return self._session.ask(self._say.leave, left)
            shown = self._done(draft) if answer == "y" else ""
            if everything:
                self._end()
            else:
                self._drafts.pop()
            return shown

        return self._session.ask(self._say.leave, left) if draft.changed else left("n")


def _many(held: Sequence[str], told: str) -> str:
    """A list of values after ``told``: others, with ``+`` one more, with ``-`` one less."""
    if told[:1] in {"+", "-"}:
        one = told[1:]
        rest = [value for value in held if value != one]
        return " ".join([*rest, one] if told[0] == "+" else rest)
    return " ".join((told[1:-1] if told.startswith("(") and told.endswith(")") else told).split())
