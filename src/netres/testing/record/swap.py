"""Replacing words in text so that columns stay where they were."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

_BLANKS: Final = re.compile(r"([^\w\s]?)( {2,})(?=\S)")


def swap(text: str, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str | None], group: int = 1) -> str:
    """``text`` with a group of every match replaced by what ``new`` says; ``None``: it stays."""
    return spliced(text, _spans(text, pattern, new, group))


def _spans(
    text: str, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str | None], group: int
) -> Iterator[tuple[int, int, str]]:
    for match in pattern.finditer(text):
        if (made := new(match)) is not None:
            yield (*match.span(group), made)


def spliced(text: str, parts: Iterable[tuple[int, int, str]]) -> str:
    """``text`` with parts replaced: each begins, ends, and becomes this. What overlaps an earlier one is left out.

    Where two blanks or more follow, as between the columns of a table, there are as many more or fewer of them (one at
    least) as the replacement is shorter or longer.
    """
    pieces: list[str] = []
    done = 0
    for start, end, new in parts:
        if start < done:
            continue
        pieces += text[done:start], new
        done = end
        if blanks := _BLANKS.match(text, end):
            width = max(1, len(blanks[2]) + end - start - len(new))
            pieces += blanks[1], " " * width
            done = blanks.end()
    return "".join((*pieces, text[done:]))
