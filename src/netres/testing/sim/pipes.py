"""What stands behind ``|`` in a command: the filters of an indented command line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from netres.testing.sim.words import Wrong

VERBS: Final = ("begin", "count", "exclude", "include", "section")


def piped(answer: str, pipe: str, column: int) -> str:
    """What a filter lets through of an answer; ``column``: where the filter begins in the line.

    Raises:
        Wrong: there is no such filter, or its pattern is missing or no regular expression.
    """
    verb, _, pattern = pipe.strip().partition(" ")
    found = [word for word in VERBS if verb and word.startswith(verb)]
    if len(found) != 1:
        raise Wrong("ambiguous" if found else "invalid", column)
    if not pattern:
        raise Wrong("incomplete", column)
    try:
        compiled = re.compile(pattern)
    except re.error:
        raise Wrong("invalid", column + len(verb) + 1) from None
    return "".join(f"{line}\n" for line in filtered(found[0], answer.splitlines(), compiled))


def filtered(verb: str, lines: list[str], pattern: re.Pattern[str]) -> Iterator[str]:
    """The lines that one of `VERBS` shows."""
    if verb == "section":
        yield from section(lines, pattern)
    elif verb == "begin":
        first = next((number for number, line in enumerate(lines) if pattern.search(line)), len(lines))
        yield from lines[first:]
    elif verb == "count":
        yield f"Number of lines which match regexp = {sum(1 for line in lines if pattern.search(line))}"
    else:
        yield from (line for line in lines if bool(pattern.search(line)) is (verb == "include"))


def section(lines: Sequence[str], pattern: re.Pattern[str]) -> Iterator[str]:
    """The blocks whose first line matches: what ``section`` shows."""
    inside: int | None = None
    for line in lines:
        depth = len(line) - len(line.lstrip())
        if inside is not None and depth > inside:
            yield line
            continue
        inside = depth if pattern.search(line) else None
        if inside is not None:
            yield line
