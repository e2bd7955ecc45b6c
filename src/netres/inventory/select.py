"""The words of a selection: ``family=router site=lon* role!=core,test``."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from typing import Final

from netres.errors import InvalidConfig
from netres.inventory.merge import Book
from netres.inventory.shape import RESERVED, among

_TERM: Final = re.compile(r"([^=!,]+)(!?=)([^=].*)")
_FORM: Final = "write name=pattern or name!=pattern, several patterns with commas"


@dataclass(frozen=True)
class Term:
    """One condition: the device's value matches one of the patterns, or, negated, none of them."""

    word: str
    wanted: bool
    patterns: tuple[str, ...]

    def matcher(self) -> Callable[[str], bool]:
        """Whether a value matches one of the patterns. Remembers: devices share most values."""
        match = re.compile("|".join(map(translate, self.patterns))).match

        @cache
        def matches(value: str) -> bool:
            return match(value) is not None

        return matches


def parse(expression: str) -> tuple[Term, ...]:
    """The terms of a selection.

    Raises:
        InvalidConfig: there is none, or one is malformed.
    """
    terms = tuple(map(_term, expression.split()))
    if not terms:
        raise InvalidConfig("the selection is empty; write name=* for every device")
    return terms


def _term(text: str) -> Term:
    form = _TERM.fullmatch(text)
    patterns = tuple(form[3].split(",")) if form else ()
    if form is None or not all(patterns):
        raise InvalidConfig(f"selection {text!r} is no term; {_FORM}")
    return Term(form[1], form[2] == "=", patterns)


def matching(book: Book, names: Iterable[str], term: Term) -> Iterable[str]:
    """The devices among ``names`` that a term selects.

    Raises:
        InvalidConfig: the term's word is no field and no device's tag.
    """
    if term.word not in RESERVED and term.word not in book.tag_names:
        known = {*book.tag_names, *RESERVED}
        raise InvalidConfig(f"selection word {term.word!r} is no device's tag{among(term.word, known)}")
    match, wanted = term.matcher(), term.wanted
    values = _values(book, term.word)
    return (name for name in names if any(map(match, values(name))) is wanted)


def _values(book: Book, word: str) -> Callable[[str], Collection[str]]:
    """What gives a device's values for a word of the selection: none, one, or several of which one must match."""
    match word:
        case "name":
            return lambda name: (name,)
        case "platform" | "host":
            return lambda name: (book.value(name, word),)
        case "group":
            return lambda name: book.lineage(book.devices[name])
        case "family":
            from netres.registry import families  # the registry knows drivers, which know entries

            return lambda name: families(book.value(name, "platform"))
        case _:
            return lambda name: _tag(book, name, word)


def _tag(book: Book, name: str, word: str) -> tuple[str, ...]:
    for tags in book.tags(name):
        if word in tags:
            return (tags[word],)
    return ()
