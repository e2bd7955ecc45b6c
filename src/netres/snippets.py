"""How a platform's native lines are read back, written and taken away: a table in its driver. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, TypeAlias

from netres.flow import Flow, Operation, Part, Reply
from netres.model.base import Key
from netres.model.secret import MASK, Secret

NATIVE: Final = "native_config"
Trail: TypeAlias = tuple[str, ...]
"""A line of a device with the headers of the blocks it stands in."""
Header: TypeAlias = Literal["owned", "implicit", "own"]
"""Whose the header of a block is: an Item's; nobody's, as it comes and goes with what is in it; the native line's."""


@dataclass(frozen=True)
class Line:
    """A native line that was written by somebody: the headers around it, and its texts and secrets."""

    parents: Trail
    parts: tuple[Part, ...]

    @cached_property
    def trail(self) -> Trail:
        """As a device has it, secrets revealed; one that is not known is in no device's line."""
        return (*self.parents, "".join(_revealed(part) for part in self.parts))

    @cached_property
    def shown(self) -> Trail:
        """With its secrets masked."""
        return (*self.parents, "".join(MASK if isinstance(part, Secret) else part for part in self.parts))

    def __str__(self) -> str:
        return " > ".join(self.shown)


def _revealed(part: Part) -> str:
    if isinstance(part, Secret):
        return part.reveal() if part.known else "\0"
    return part


@dataclass(frozen=True)
class Edit:
    """What native lines do to a device, all of one change together."""

    gone: tuple[Line, ...]
    """To be taken away; whatever stands in one goes with it."""
    new: tuple[Line, ...]
    """To be written, in this order, each behind the header it stands in."""


@dataclass(frozen=True)
class Snippets:
    """How one platform takes lines in its own words. The guarantee is `Driver.guarantee`'s."""

    lines: Callable[[Reply], Collection[Trail]]
    """Every line of the native configuration, headers included, with its parents."""
    without: Callable[[Reply, Callable[[Trail], bool]], Reply]
    """The native configuration without some of its lines."""
    write: Callable[[Edit], tuple[Sequence[Operation], Sequence[Operation]]]
    """What takes lines away, and what writes them: all else of a change is sent in between."""
    owner: Callable[[Trail], Key | None] = lambda trail: None
    """The Item that a line is part of, by what the line says alone."""
    header: Callable[[Trail], Header] = lambda trail: "own"
    layout: re.Pattern[str] = re.compile(r"(?!)")
    """Lines that say nothing, whole: what parts and ends blocks where the device shows them."""
    refused: Sequence[tuple[re.Pattern[str], str]] = ()
    """What may not be sent, searched in a line, and why: what leaves the configuration, what a line editor eats."""
    one_way: Sequence[tuple[re.Pattern[str], str]] = ()
    """Lines that the device does not take back, and why: then there is no way back that can be promised."""
    away: str = "'no' before the line"
    """How a line is taken away, in words."""
    compare: Callable[[Sequence[Operation]], Flow[str]] | None = None
    """The device's own diff of operations, in a candidate that is dropped again. Raises `Rejected` for a refused
    line. Its operations are marked as reading: they change nothing that runs. ``None``: there is no candidate."""

    @property
    def words(self) -> str:
        """What a user should know of native lines here."""
        diff = "the plan shows the device's own diff" if self.compare else "the plan shows the lines as a diff"
        return f"only the lines that are named are read back; taken away with {self.away}; {diff}"


def problem(rules: Iterable[tuple[re.Pattern[str], str]], text: str) -> Iterator[str]:
    """Why a line is one of some sort; nothing where it is none."""
    for pattern, why in rules:
        if found := pattern.search(text):
            yield f"{found[0].strip()!r}: {why}" if found[0].strip() else why
