"""The words of a line, where double quotes hold several words together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_WORD: Final = re.compile(r'"(?P<quoted>.*?)"(?=\s|$)|(?P<plain>\S+)')


def words(line: str) -> list[str]:
    """The words of a line.

    A quotation begins with a word and ends where a quotation mark ends a word: ``name "a "b" c"`` is ``name``,
    ``a "b``, ``c"``. A mark that nothing closes is part of its word.
    """
    return [match["plain"] if match["quoted"] is None else match["quoted"] for match in _WORD.finditer(line)]


def completed(word: str, names: Iterable[str]) -> str | None:
    """The name that a word is, or that it alone begins."""
    found = list(names)
    if word in found:
        return word
    begun = [name for name in found if name.startswith(word)]
    return begun[0] if len(begun) == 1 and word else None
