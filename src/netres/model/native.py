"""Native configuration: lines in a platform's own words, for what no other kind covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal, TypeAlias, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, model_validator

from netres.model.base import Item
from netres.model.secret import Secret
from netres.model.types import Name

_LONGEST = 4000
"""Characters of one line."""
_MOST = 10_000
"""Lines of one Item."""


class HiddenPart(BaseModel):
    """A part of a native line that never shows: ``{secret: env:NAME}``."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    secret: Secret


Piece: TypeAlias = Annotated[str, StringConstraints(max_length=_LONGEST)] | HiddenPart
NativeLine: TypeAlias = Annotated[str, StringConstraints(max_length=_LONGEST)] | tuple[Piece, ...]
"""One line, indented by blanks as the device shows it: text, or a list of texts and secrets."""


def _lines(value: object) -> object:
    """A text of several lines as its lines; what is empty is left out."""
    if isinstance(value, str):
        value = value.split("\n")
    if not isinstance(value, Sequence):
        return value
    lines = [line.rstrip(" \r") if isinstance(line, str) else line for line in cast("Sequence[object]", value)]
    return [line for line in lines if line != ""]


NativeLines: TypeAlias = Annotated[tuple[NativeLine, ...], BeforeValidator(_lines)]


def pieces(line: NativeLine) -> tuple[str | Secret, ...]:
    """A line's texts and secrets, without its indentation."""
    whole = tuple(
        part.secret if isinstance(part, HiddenPart) else part for part in ([line] if isinstance(line, str) else line)
    )
    first = whole[0] if whole else ""
    return (first.lstrip(" "), *whole[1:]) if isinstance(first, str) else whole


def depth(line: NativeLine) -> int:
    """By how many blanks a line is indented."""
    first = line if isinstance(line, str) else line[0] if line else ""
    return len(first) - len(first.lstrip(" ")) if isinstance(first, str) else 0


class NativeConfig(Item):
    """Lines in the platform's own words that are to be there, and lines that are not.

    Blocks are told by indentation, as the device shows them. What is read back of one are its own lines alone: which
    of them the device has (``lines``), and which it has not (``absent``). The header of a block stands before the
    lines in it; under ``absent`` it is only where they stand, but where nothing follows in it.
    """

    KIND: ClassVar[str] = "native_config"
    KEY: ClassVar[tuple[str, ...]] = ("name",)

    kind: Literal["native_config"] = "native_config"
    name: Name
    """What people call it; no device sees it."""
    platform: Name | None = None
    """Whose words these are; another platform refuses them."""
    lines: NativeLines = ()
    absent: NativeLines = ()

    @model_validator(mode="after")
    def _usable(self) -> NativeConfig:
        for name in ("lines", "absent"):
            lines = cast("tuple[NativeLine, ...]", getattr(self, name))
            if len(lines) > _MOST:
                raise ValueError(f"{name}: has {len(lines)} lines; write {_MOST} at most into one native_config")
            for line in lines:
                for problem in _problems(line):
                    raise ValueError(f"{name}: {problem}")
            if lines and depth(lines[0]):
                raise ValueError(f"{name}: the first line is indented; begin with the header of its block")
        return self


def _problems(line: NativeLine) -> Iterator[str]:
    text = "".join(part for part in pieces(line) if isinstance(part, str))
    if not text.isprintable():
        yield f"{text[:60]!r} holds a tab, control character or line break; indent with blanks, one line of text each"
    elif not text.strip():
        yield "a line has no text of its own, nothing but a secret; write the words before it too"
    elif isinstance(line, tuple) and line and not isinstance(line[0], str):
        yield "a line begins with a secret; begin it with text"
