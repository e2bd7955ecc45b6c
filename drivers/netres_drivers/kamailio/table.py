"""Rows of a table of Kamailio's module db_text: fields between colons, one row a line."""

from __future__ import annotations

import re
from typing import Final

_FIELD: Final = re.compile(r"((?:[^:\\]|\\.)*)(:|$)")
_ESCAPED: Final = re.compile(r"\\(.)")


def row(*fields: str | int) -> str:
    """A row. A field has no control character: the types of the model see to that."""
    return ":".join(re.sub(r"([:\\])", r"\\\1", str(field)) for field in fields)


def fields(line: str) -> tuple[str, ...]:
    """The fields of a row."""
    found: list[str] = []
    place = 0
    while match := _FIELD.match(line, place):
        found.append(_ESCAPED.sub(r"\1", match[1]))
        if not match[2]:
            return tuple(found)
        place = match.end()
    return ()
