"""Configuration as typed elements in three states: edited, saved, running. In it are no command line and no REST."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

INDENT: Final = 8
WIDTH: Final = 40
"""Columns of an element's text: each level is indented, and the values of all levels stand below each other."""


@dataclass(frozen=True)
class Attribute:
    """One attribute of a type of element, and what it takes."""

    name: str
    default: str = ""
    choices: tuple[str, ...] = ()
    limits: tuple[int, int] | None = None
    """The least and the greatest number."""
    pattern: str = ""
    """A regular expression for the whole value."""
    many: bool = False
    """Whether it holds several values, parted by blanks."""
    refers: str = ""
    """The type of element whose key a value names."""

    def takes(self, value: str) -> bool:
        """Whether it may have this value; every attribute may be empty, until the element is looked at whole."""
        if not value:
            return True
        if self.choices:
            return all(one in self.choices for one in (value.split() if self.many else [value]))
        if self.limits is not None:
            low, high = self.limits
            return re.fullmatch(r"-?[0-9]{1,12}", value) is not None and low <= int(value) <= high
        return not self.pattern or re.fullmatch(self.pattern, value) is not None


@dataclass(frozen=True)
class ElementType:
    """A type of element."""

    name: str
    attributes: tuple[Attribute, ...]
    keys: tuple[str, ...] = ()
    """The attributes that tell elements apart; none: there is one element of the type at most."""
    menu: tuple[str, ...] = ()
    """The menus it is found in."""
    children: tuple[ElementType, ...] = ()

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of this name."""
        return next((one for one in self.attributes if one.name == name), None)

    def child(self, name: str) -> ElementType | None:
        """The type of this name below it."""
        return next((one for one in self.children if one.name == name), None)

    def new(self) -> Element:
        """An element with the defaults."""
        return Element(self, {one.name: one.default for one in self.attributes})


Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Element:
    """One element; never changed, only replaced."""

    type: ElementType
    values: Mapping[str, str]
    """Of every attribute, in the order of its type."""
    children: tuple[Element, ...] = ()

    @property
    def key(self) -> Key:
        """What tells it from the others of its type."""
        return tuple(self.values[name] for name in self.type.keys)

    @property
    def lacking(self) -> tuple[str, ...]:
        """Its key attributes that have no value."""
        return tuple(name for name in self.type.keys if not self.values[name])

    def having(self, name: str, value: str) -> Element:
        """This one with another value.

        Raises:
            KeyError: there is no such attribute.
            ValueError: it does not take the value.
        """
        attribute = self.type.attribute(name)
        if attribute is None:
            raise KeyError(name)
        if not attribute.takes(value):
            raise ValueError(f"{self.type.name}: {name} takes no {value!r}")
        return replace(self, values={**self.values, name: value})

    def with_child(self, child: Element, instead: Key | None = None) -> Element:
        """This one with another element below it, in the place of the one that has its key or the key ``instead``."""
        gone = {child.key, child.key if instead is None else instead}
        rest = [one for one in self.children if one.type is not child.type or one.key not in gone]
        return replace(self, children=tuple(sorted((*rest, child), key=_order)))

    def without_child(self, child: Element) -> Element:
        """This one without an element below it."""
        return replace(self, children=tuple(one for one in self.children if one != child))

    def lines(self, depth: int = 0) -> Iterator[str]:
        """As it is shown: its type, then an attribute a line, then what stands below it."""
        yield " " * (INDENT * depth) + self.type.name
        below = INDENT * (depth + 1)
        for name, value in self.values.items():
            yield " " * below + f"{name:{max(WIDTH - below, len(name) + 1)}}{value}".rstrip(" ")
        for child in self.children:
            yield from child.lines(depth + 1)


def _order(element: Element) -> tuple[str, Key]:
    return element.type.name, element.key


@dataclass(frozen=True)
class Dangling:
    """A reference to what is not there."""

    element: Element
    attribute: Attribute
    value: str


Elements: TypeAlias = dict[tuple[str, Key], Element]
"""A configuration."""


@dataclass
class ElementStore:
    """The elements of a device; implements `netres.testing.sim.device.Store`.

    Whoever edits changes `edited`; `save` makes that `saved`, and `activate` makes that `running`. A restart goes on
    with what ran, and forgets what was not saved.
    """

    schema: Sequence[ElementType]
    factory: str = ""
    """What it has when it comes from the factory, as `text` shows it."""
    edited: Elements = field(default_factory=dict[tuple[str, Key], Element])
    saved: Elements = field(default_factory=dict[tuple[str, Key], Element])
    running: Elements = field(default_factory=dict[tuple[str, Key], Element])
    backups: dict[str, Elements] = field(default_factory=dict[str, Elements])
    """Saved configurations by name."""
    version: int = 1
    """Counts what was saved."""
    holder: object = None
    """Who has locked the configuration."""

    def __post_init__(self) -> None:
        self.reset()

    def type(self, name: str) -> ElementType | None:
        """The type of this name that stands in a menu."""
        return next((one for one in self.schema if one.name == name), None)

    def of(self, type_: str) -> list[Element]:
        """The edited elements of a type, in the order of their keys."""
        return [one for one in sorted(self.edited.values(), key=_order) if one.type.name == type_]

    def put(self, element: Element, instead: Key | None = None) -> None:
        """Have an element, in the place of the one with its key or the key ``instead``.

        Raises:
            ValueError: a key attribute has no value; names it.
        """
        if element.lacking:
            raise ValueError(f"{element.type.name}: {element.lacking[0]} has no value")
        if instead is not None:
            self.edited.pop((element.type.name, instead), None)
        self.edited[element.type.name, element.key] = element

    def remove(self, element: Element) -> None:
        """Have it no more.

        Raises:
            KeyError: it is not there.
        """
        del self.edited[element.type.name, element.key]

    def dangling(self) -> list[Dangling]:
        """The edited references to what is not there."""
        found = [problem for element in self._all(self.edited.values()) for problem in self._broken(element)]
        return sorted(found, key=lambda one: (_order(one.element), one.attribute.name, one.value))

    def save(self) -> None:
        """Have what is edited survive a restart."""
        self.saved = dict(self.edited)
        self.version += 1

    def activate(self) -> None:
        """Run what is saved."""
        self.running = dict(self.saved)

    def backup(self, name: str) -> None:
        """Keep what is edited under a name."""
        self.backups[name] = dict(self.edited)

    def restore(self, name: str) -> None:
        """Edit what was kept under a name.

        Raises:
            KeyError: there is no such backup.
        """
        self.edited = dict(self.backups[name])

    def lock(self, holder: object) -> bool:
        """Take the lock of the configuration; false where somebody else has it."""
        if self.holder is not None and self.holder is not holder:
            return False
        self.holder = holder
        return True

    def unlock(self, holder: object) -> None:
        """Give the lock back; where it is somebody else's, nothing happens."""
        if self.holder is holder:
            self.holder = None

    def native(self) -> str:
        """What runs, as text."""
        return text(self.running)

    def load(self, text: str) -> None:
        """Add elements in the form in which they are shown, save and activate them."""
        for element in parse(text, self.schema):
            self.put(element)
        self.save()
        self.activate()

    def reset(self) -> None:
        """Have it as it came from the factory."""
        self.edited, self.backups, self.holder, self.version = {}, {}, None, 0
        self.load(self.factory)

    def reboot(self) -> None:
        """Start anew."""
        self.edited, self.holder = dict(self.saved), None

    def _all(self, elements: Iterable[Element]) -> Iterator[Element]:
        for element in elements:
            yield element
            yield from self._all(element.children)

    def _broken(self, element: Element) -> Iterator[Dangling]:
        for attribute in element.type.attributes:
            value = element.values[attribute.name]
            for name in (value.split() if attribute.many else [value]) if attribute.refers and value else []:
                if not any(one.key[:1] == (name,) for one in self.of(attribute.refers)):
                    yield Dangling(element, attribute, name)


def text(elements: Elements) -> str:
    """A configuration as it is shown: by type, then by key."""
    return "".join(f"{line}\n" for one in sorted(elements.values(), key=_order) for line in one.lines())


def parse(shown: str, schema: Sequence[ElementType]) -> list[Element]:
    """The elements of what `text` shows.

    Raises:
        ValueError: a line is no element and no attribute, or an attribute does not take its value; names it.
    """
    lines = [(len(line) - len(line.lstrip(" ")), line.strip(" ")) for line in shown.splitlines() if line.strip()]
    elements: list[Element] = []
    while lines:
        elements.append(_element(lines, schema))
    return elements


def _element(lines: list[tuple[int, str]], types: Sequence[ElementType]) -> Element:
    """The element that ``lines`` begins with; takes its lines away."""
    depth, name = lines.pop(0)
    made = next((one.new() for one in types if one.name == name), None)
    if made is None:
        raise ValueError(f"there is no element {name!r}")
    while lines and lines[0][0] > depth:
        word, _, value = lines[0][1].partition(" ")
        if not value and made.type.child(word):
            made = made.with_child(_element(lines, made.type.children))
            continue
        lines.pop(0)
        if made.type.attribute(word) is None:
            raise ValueError(f"{name}: there is no attribute {word!r}")
        made = made.having(word, value.strip(" "))
    return made
