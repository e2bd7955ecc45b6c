"""Text that YAML cannot hold as it is: control characters and bytes that are no UTF-8, written as escapes."""

from __future__ import annotations

import re
from typing import Final

_ESCAPE: Final = re.compile(r"\\(?:([\\rt])|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")
_SHORT: Final = {"\\": "\\\\", "\r": "\\r", "\t": "\\t"}


def is_plain(text: str) -> bool:
    """Whether YAML can hold every character in a block."""
    return all(character.isprintable() for line in text.split("\n") for character in line.replace("\t", " "))


def escaped(text: str) -> str:
    r"""``text`` in printable characters and line feeds; a byte that is no UTF-8 (a surrogate) is ``\\udc80`` and up."""
    return "".join(_shown(character) for character in text)


def unescaped(text: str) -> str:
    """What `escaped` was given.

    Raises:
        ValueError: a backslash begins no escape.
    """
    pieces: list[str] = []
    done = 0
    for match in _ESCAPE.finditer(text):
        pieces += _sound(text[done : match.start()]), _meant(match)
        done = match.end()
    return "".join((*pieces, _sound(text[done:])))


def _sound(text: str) -> str:
    if "\\" in text:
        raise ValueError("a backslash begins no escape; write \\\\ for a backslash, \\r, \\t, \\x1b or \\udc80")
    return text


def _shown(character: str) -> str:
    if character == "\n" or (character.isprintable() and character != "\\"):
        return character
    if short := _SHORT.get(character):
        return short
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _meant(match: re.Match[str]) -> str:
    if match[1]:
        return {"\\": "\\", "r": "\r", "t": "\t"}[match[1]]
    code = int(match[2] or match[3] or match[4], 16)
    if code > 0x10FFFF:
        raise ValueError("an escape names no character; the last is \\U0010ffff")
    return chr(code)
