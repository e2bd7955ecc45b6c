"""Values that end a line, a quote, a path or a session somewhere, and Items that hold them: for law 9."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final, cast

from pydantic import ValidationError

from netres.model import KINDS, Config, Item

HOSTILE: Final = (
    "x\nhostname pwned",
    "x\r\nend\r\nhostname pwned",
    "x; hostname pwned",
    "x ! comment",
    "x | include y",
    "x && reboot",
    "`reboot`",
    "$(reboot)",
    "x' or '1'='1",
    'x" "y',
    "../../../etc/passwd",
    "x/y?z=1#f",
    "%0ahostname pwned",
    "x\x1b[2J",
    "x\x00y",
    "x\x7f\x08\x15y",
    "x\ty",
    "x?",
    "\u2028hostname pwned",
    "fe80::1%x\nreboot",
    "fe80::1%x y/64",
    "\u0430dmin",  # Cyrillic a
    "\uff04\uff08reboot\uff09",  # full-width $()
    "\u202ecod",  # right-to-left override
    "no description",
    "exit",
    "A" * 10_000,
    " ",
    "",
)
"""Values that end a line, a quote, a path or a session somewhere."""


def hostile(*configs: Config) -> Iterator[Item]:
    """The Items of ``configs`` with every text in them replaced by every hostile value that their models let pass.

    Each value comes once for each place of a kind: another Item of that kind is written by the same code. The Items of
    a kind that have that place in the first of the ``configs`` take turns, so that they can be tried together.
    """
    seen: set[tuple[str, tuple[str | int, ...]]] = set()
    for config in configs:
        turns: dict[tuple[str, tuple[str | int, ...]], list[dict[str, object]]] = {}
        for item in config.items:
            whole = item.model_dump(exclude_none=True)
            for place in texts(whole):
                turns.setdefault((item.KIND, place), []).append(whole)
        for (kind, place), items in turns.items():
            if (kind, place) not in seen:
                seen.add((kind, place))
                yield from _in_turn(kind, place, items)


def _in_turn(kind: str, place: tuple[str | int, ...], items: Sequence[dict[str, object]]) -> Iterator[Item]:
    turn = 0
    for value in HOSTILE:
        for number in range(len(items)):  # what one of them cannot be, another may
            with suppress(ValidationError):
                yield KINDS[kind].model_validate(replaced(items[(turn + number) % len(items)], place, value))
                turn += number + 1
                break


def texts(value: object, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of all texts in a dump of an Item, its kind left out."""
    if isinstance(value, str) and place != ("kind",):
        yield place
    elif isinstance(value, dict):
        for name, part in cast("dict[str, object]", value).items():
            yield from texts(part, (*place, name))
    elif isinstance(value, list | tuple):
        for number, part in enumerate(cast("Sequence[object]", value)):
            yield from texts(part, (*place, number))


def replaced(value: object, place: tuple[str | int, ...], new: str) -> object:
    """A dump with another text in one place."""
    if not place:
        return new
    first, rest = place[0], place[1:]
    if isinstance(value, dict):
        whole = cast("dict[str | int, object]", value)
        return {**whole, first: replaced(whole[first], rest, new)}
    parts = list(cast("Sequence[object]", value))
    parts[int(first)] = replaced(parts[int(first)], rest, new)
    return parts
