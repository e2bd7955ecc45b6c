"""What a configuration made of statements may hold: containers, lists with keys, leaves. Data, as text.

    system
        host-name =host
        name-server +address
        user *word
            class =operator|super-user

A mark says the kind (`Kind`), what stands behind it the type (`fits`); options follow.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Final


class Kind(StrEnum):
    """What a statement is, as YANG (RFC 7950) has it; the value is how a schema's text marks it."""

    CONTAINER = ""
    LIST = "*"
    """Several entries, told apart by a key."""
    LEAF = "="
    LEAF_LIST = "+"
    FLAG = "!"
    """A leaf that is there or not, without a value."""


class Problem(StrEnum):
    """Why a path is refused."""

    UNKNOWN = "unknown"
    INCOMPLETE = "incomplete"
    VALUE = "value"


class PathRefused(ValueError):
    """A path does not fit the schema.

    Args:
        problem: why.
        index: of the word that does not fit; for `Problem.INCOMPLETE`, of the one that is missing.
        step: what is missing, or whose value is wrong.
    """

    def __init__(self, problem: Problem, index: int, step: Statement) -> None:
        super().__init__(f"{problem} at word {index}")
        self.problem = problem
        self.index = index
        self.statement = step


@dataclass(frozen=True, eq=False)
class Statement:
    """One statement of a schema."""

    name: str
    kind: Kind = Kind.CONTAINER
    type: str = "text"
    """Of the value, or of the key."""
    options: frozenset[str] = frozenset()
    """``hidden``: a list whose name is not typed, its entries stand in the parent; ``flat``: shown in one line with
    what stands in it; ``brief``: shown in one line where it holds leaves only; ``grouped``: entries of a list are
    shown inside one pair of braces; ``ordered``: by the user; ``presence``: a container that means something even
    empty; ``secret``: a leaf whose value is one; ``key=NAME``: of a list: its key leaf, else ``name``; of a leaf:
    where its value stands inside it in XML."""
    children: tuple[Statement, ...] = ()

    @cached_property
    def _named(self) -> Mapping[str, tuple[int, Statement]]:
        return {child.name: (rank, child) for rank, child in enumerate(self.children)}

    @cached_property
    def hidden(self) -> bool:
        """Whether its name is left out of paths."""
        return "hidden" in self.options

    @cached_property
    def key(self) -> str:
        """Of a list: the name of its key leaf."""
        return next((option[4:] for option in self.options if option.startswith("key=")), "name")

    @property
    def idle(self) -> bool:
        """Whether it means nothing without something in it."""
        return self.kind is Kind.CONTAINER and "presence" not in self.options

    @property
    def valued(self) -> bool:
        """Whether a word follows its name: a value or a key."""
        return self.kind in {Kind.LIST, Kind.LEAF, Kind.LEAF_LIST}

    @property
    def inner(self) -> bool:
        """Whether others stand in it."""
        return self.kind in {Kind.LIST, Kind.CONTAINER}

    def named_only(self, words: Sequence[str]) -> bool:
        """Whether words lead to all of its values, or entries, and not to one."""
        return self.valued and not self.hidden and len(words) == 1

    def rank(self, statement: Statement) -> int:
        """Where a statement stands among those in this one."""
        return self._named[statement.name][0]

    def named(self, name: str) -> Statement | None:
        """The statement of a name, hidden ones too."""
        return self._named[name][1] if name in self._named else None

    def child(self, word: str) -> Statement | None:
        """What a word leads to: a statement of that name, or else a list whose name is not typed and that takes it."""
        found = self.named(word)
        if found is not None and not found.hidden:
            return found
        return next((one for one in self.children if one.hidden and fits(one.type, word)), None)

    @classmethod
    def parse(cls, text: str) -> Statement:
        """A schema from indented text, a statement a line: its name, ``*=+!`` with the type, and options.

        system
            host-name =host
            user *word
                class =word
        """
        lines = [line for line in text.splitlines() if line.strip()]
        return cls("", children=tuple(_parsed(lines)))


def _parsed(lines: Sequence[str]) -> Iterator[Statement]:
    if not lines:
        return
    depth = len(lines[0]) - len(lines[0].lstrip())
    starts = [at for at, line in enumerate(lines) if len(line) - len(line.lstrip()) == depth]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        children = tuple(_parsed(lines[start + 1 : end]))
        yield replace(_statement(lines[start].split()), children=children)


def _statement(words: Sequence[str]) -> Statement:
    name, *rest = words
    if rest and rest[0][0] in "*=+!":
        return Statement(name, Kind(rest[0][0]), rest[0][1:] or "text", frozenset(rest[1:]))
    return Statement(name, options=frozenset(rest))


Step = tuple[Statement, tuple[str, ...]]
"""A statement, and the words of a path that lead to it: its name, and its value or key."""


def steps(root: Statement, words: Sequence[str], *, part: bool = False) -> list[Step]:
    """A path as steps through the schema.

    Args:
        root: where the path begins.
        words: the path.
        part: whether the last step may lack its value: all values, or entries, of the name.

    Raises:
        PathRefused: it does not fit.
    """
    found: list[Step] = []
    here, at = root, 0
    while at < len(words):
        statement = here.child(words[at])
        if statement is None:
            raise PathRefused(Problem.UNKNOWN, at, here)
        length = 2 if statement.valued and not statement.hidden else 1
        taken = tuple(words[at : at + length])
        if len(taken) < length and not part:
            raise PathRefused(Problem.INCOMPLETE, at + 1, statement)
        if len(taken) == length and statement.valued and not fits(statement.type, taken[-1]):
            raise PathRefused(Problem.VALUE, at + length - 1, statement)
        found.append((statement, taken))
        at += length
        if not statement.inner and at < len(words):
            raise PathRefused(Problem.UNKNOWN, at, statement)
        here = statement
    return found


def _address(word: str) -> bool:
    return _is(ipaddress.ip_address, word)


def _interface_address(word: str) -> bool:
    return "/" in word and _is(ipaddress.ip_interface, word)


def _is(made: Callable[[str], object], word: str) -> bool:
    try:
        made(word)
    except ValueError:
        return False
    return True


_TYPES: Final[Mapping[str, Callable[[str], bool]]] = {
    "address": _address,
    "cidr": _interface_address,
    "prefix": lambda word: "/" in word and _is(ipaddress.ip_network, word),
    "host": lambda word: re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", word) is not None,
    "word": lambda word: re.fullmatch(r"[^\s;{}\"']+", word) is not None,
    "text": lambda word: bool(word) and word.isprintable(),
    "number": lambda word: word.isascii() and word.isdigit(),
}


def fits(type_: str, word: str) -> bool:
    """Whether a word is a value of a type: a name of the table, ``LOW..HIGH``, ``this|that``, or ``/PATTERN/``.

    Several types may be joined by a comma.
    """
    return any(_fits(one, word) for one in type_.split(","))


def _fits(type_: str, word: str) -> bool:
    if type_ in _TYPES:
        return _TYPES[type_](word)
    if type_.startswith("/"):
        return re.fullmatch(type_[1:-1], word) is not None
    low, dots, high = type_.partition("..")
    if dots:
        return _TYPES["number"](word) and int(low) <= int(word) <= int(high)
    return word in type_.split("|")
