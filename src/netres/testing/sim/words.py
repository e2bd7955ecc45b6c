"""Lines as a command line takes them: words that may be shortened, typed values, and where a line goes wrong."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Literal, TypeAlias, TypeVar

T = TypeVar("T")
Accept: TypeAlias = Callable[[str], str | None]
"""From a word to how the device writes it; ``None``: it is no such value."""
Kind: TypeAlias = Literal["invalid", "incomplete", "ambiguous"]
LINE: Final = "<line>"
"""Takes the rest of a line as it was typed."""
_TOKEN: Final = re.compile(r"<[^<>]+>|[\[\]()|=]|[^\s\[\]()|=<>]+")
_RANGE: Final = re.compile(r"<(\d+)-(\d+)>")


class Wrong(Exception):
    """A line that is not taken: what is wrong, and at which of its columns (from 0)."""

    def __init__(self, kind: Kind, column: int) -> None:
        super().__init__(kind)
        self.kind: Kind = kind
        self.column = column


@dataclass(frozen=True)
class Matched(Generic[T]):
    """A line that was taken."""

    words: tuple[str, ...]
    """As the device writes them: no word is shortened any more."""
    values: tuple[str, ...]
    """Those of them that are values."""
    value: slice
    """Which of the words are not its identity: of two lines with one identity the later replaces the earlier."""
    rank: int
    """The how manieth pattern it matches."""
    meaning: T

    @property
    def text(self) -> str:
        """The line as the device writes it."""
        return " ".join(self.words)

    @property
    def identity(self) -> str:
        """The words that tell it from other lines."""
        return " ".join((*self.words[: self.value.start], *self.words[self.value.stop :]))


@dataclass
class _Place(Generic[T]):
    """A place between two words of the patterns."""

    words: dict[str, _Place[T]] = field(default_factory=dict[str, "_Place[T]"])
    values: dict[str, _Place[T]] = field(default_factory=dict[str, "_Place[T]"])
    end: tuple[slice, int, T] | None = None
    """Where a pattern ends: which words are no identity, its rank, and what it means."""
    stop: tuple[slice, int, T] | None = None
    """The same where its value begins: a negation may stop here."""


_Way: TypeAlias = tuple[_Place[T], tuple[str, ...], tuple[str, ...]]


class Grammar(Generic[T]):
    """Patterns, each with a meaning.

    A pattern has words, values in angle brackets (``<word>``, ``<line>``, ``<1-4094>`` or one of ``types``), choices
    ``(a|b)`` and options ``[a]``; what stands before ``=``, and after a second one, is the line's identity, otherwise
    all of it is: ``description = <line>``, ``ip route <ipv4> <mask> <ipv4> = [<1-255>]``, ``filter = <word> = in``.
    """

    def __init__(self, types: Mapping[str, Accept]) -> None:
        self._types = types
        self._root: _Place[T] = _Place()
        self._ranks = itertools.count()

    def add(self, pattern: str, meaning: T) -> None:
        """Take lines like this."""
        rank = next(self._ranks)
        for parts in expanded(pattern):
            words = [part for part in parts if part != "="]
            bars = [number - before for before, number in enumerate(n for n, part in enumerate(parts) if part == "=")]
            value = slice(*[*bars, len(words), len(words)][:2])
            place = self._root
            for number, word in enumerate(words):
                if bars and number == bars[0]:
                    place.stop = place.stop or (value, rank, meaning)
                place = (place.values if word.startswith("<") else place.words).setdefault(word, _Place())
            place.end = place.end or (value, rank, meaning)

    def match(self, line: str, *, partly: bool = False) -> Matched[T]:
        """Take a line; ``partly``: it may stop where an identity ends.

        Raises:
            Wrong: no pattern takes it.
        """
        for place, words, values in self._led(line):
            end = place.end or (place.stop if partly else None)
            if end is not None:
                return Matched(words, values, *end)
        raise Wrong("incomplete", len(line))

    def after(self, line: str) -> list[str]:
        """What may come where a line ends, ``<cr>`` for its end; where a word has begun: what it may become.

        Raises:
            Wrong: no pattern begins like that.
        """
        begun = "" if not line or line[-1].isspace() else line.rsplit(maxsplit=1)[-1]
        places = [place for place, *_ in self._led(line[: len(line) - len(begun)])]
        words = {name for place in places for name in place.words if name.lower().startswith(begun.lower())}
        values = {name for place in places for name in place.values if not begun}
        ends = not begun and any(place.end for place in places)
        return [*sorted(words), *sorted(values), *(["<cr>"] if ends else [])]

    def _led(self, line: str) -> list[_Way[T]]:
        """The ways along a line."""
        ways: list[_Way[T]] = [(self._root, (), ())]
        for word in re.finditer(r"\S+", line):
            rest = [way for way in ways if LINE in way[0].values and not _exact(ways, word[0])]
            if rest:
                place, words, values = rest[0]
                text = line[word.start() :].rstrip()
                ways = [(place.values[LINE], (*words, text), (*values, text))]
                break
            ways = self._stepped(ways, word)
        return ways

    def _stepped(self, ways: Sequence[_Way[T]], word: re.Match[str]) -> list[_Way[T]]:
        text = word[0]
        exact = _exact(ways, text)
        if not exact and (taken := list(self._valued(ways, text, text[0].isdigit()))):
            return taken
        found = {name for place, *_ in ways for name in place.words if name.lower().startswith(text.lower())}
        if exact or len(found) == 1:
            (name,) = exact or found
            return [(place.words[name], (*words, name), values) for place, words, values in ways if name in place.words]
        if len(found) > 1:
            raise Wrong("ambiguous", word.start())
        if taken := list(self._valued(ways, text, True)):
            return taken
        names = [name for place, *_ in ways for name in place.words]
        if not names and not any(place.values for place, *_ in ways):
            raise Wrong("invalid", word.start())
        raise Wrong("invalid", word.start() + max((_common(name, text) for name in names), default=0))

    def _valued(self, ways: Sequence[_Way[T]], text: str, loose: bool) -> Iterator[_Way[T]]:
        """The ways on by a value; ``loose``: also by ``<word>``, which takes anything."""
        for strict in (True, False) if loose else (True,):
            found = False
            for place, words, values in ways:
                for name, after in place.values.items():
                    taken = self._accepted(name, text) if (name != "<word>") is strict else None
                    if taken is not None:
                        found = True
                        yield after, (*words, taken), (*values, taken)
            if found:
                return

    def _accepted(self, name: str, text: str) -> str | None:
        if name == "<word>":
            return text
        if bounds := _RANGE.fullmatch(name):
            inside = text.isdecimal() and int(bounds[1]) <= int(text) <= int(bounds[2])
            return str(int(text)) if inside else None
        return self._types[name[1:-1]](text)


def _exact(ways: Sequence[_Way[T]], text: str) -> set[str]:
    return {name for place, *_ in ways for name in place.words if name.lower() == text.lower()}


def _common(name: str, text: str) -> int:
    """How many characters of ``text`` lead towards ``name``."""
    pairs = zip(name.lower(), text.lower(), strict=False)
    return len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)))


def expanded(pattern: str) -> list[tuple[str, ...]]:
    """Every line of words and values that a pattern stands for."""
    made, rest = _choices(list(_TOKEN.findall(pattern)))
    if rest:
        raise ValueError(f"the pattern {pattern!r} closes what it did not open at {rest[0]!r}")
    return list(dict.fromkeys(made))


def _choices(parts: list[str], closing: str = "") -> tuple[list[tuple[str, ...]], list[str]]:
    """Every way through ``parts`` until ``closing``, and the parts after it."""
    all_ways: list[tuple[str, ...]] = []
    ways: list[tuple[str, ...]] = [()]
    while parts:
        part, parts = parts[0], parts[1:]
        if part in "])":
            return (all_ways + ways, parts) if part == closing else ([], [part, *parts])
        if part in "[(":
            inner, parts = _choices(parts, {"[": "]", "(": ")"}[part])
            inner = [*inner, ()] if part == "[" else inner
            ways = [(*way, *more) for way in ways for more in inner]
        elif part == "|":
            all_ways, ways = all_ways + ways, [()]
        else:
            ways = [(*way, part) for way in ways]
    if closing:
        raise ValueError(f"a pattern lacks {closing!r}")
    return all_ways + ways, []
