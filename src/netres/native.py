"""Native lines as Items: read back by what is asked about. Pure functions.

A device knows no names for a handful of lines. What is observed of a `NativeConfig` is therefore which of its own
lines the device has, and which it has not: so a driver is made `aware` of them first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from netres.change import Change
from netres.errors import InvalidConfig, SecretError, Unsupported
from netres.flow import Flow, Reply
from netres.model.base import Item, Key
from netres.model.config import Config
from netres.model.native import HiddenPart, NativeConfig, NativeLine, depth, pieces
from netres.model.secret import Secret, resolved
from netres.snippets import NATIVE, Line, Snippets, Trail, problem

if TYPE_CHECKING:
    from netres.driver import Driver


@dataclass(frozen=True)
class Said:
    """What a `NativeConfig` says: lines with their headers, in order; which of them are headers and no more."""

    lines: tuple[Line, ...]
    headers: frozenset[Trail]


def said(item: NativeConfig, lines: Sequence[NativeLine], snippets: Snippets) -> Said:
    """The lines of a text that is indented as the device shows it.

    Raises:
        InvalidConfig: a secret stands in the header of a block.
    """
    found: dict[Line, None] = {}
    stack: list[tuple[int, Line]] = []
    headers: set[Trail] = set()
    leaves: set[Trail] = set()
    kept = [line for line in lines if not snippets.layout.fullmatch(_text(line).strip())]
    for place, line in enumerate(kept):
        here = depth(line)
        while stack and stack[-1][0] >= here:
            stack.pop()
        if stack and any(isinstance(part, Secret) for part in stack[-1][1].parts):
            raise InvalidConfig(f"{item.key}: a secret stands in the header {stack[-1][1]}; only a line within may")
        one = Line(stack[-1][1].trail if stack else (), pieces(line))
        stack.append((here, one))
        found[one] = None
        leaf = place + 1 == len(kept) or depth(kept[place + 1]) <= here
        (leaves if leaf else headers).add(one.shown)
    return Said(tuple(found), frozenset(headers - leaves))


def _text(line: NativeLine) -> str:
    return "".join(part for part in pieces(line) if isinstance(part, str))


def written(lines: Iterable[Line]) -> tuple[NativeLine, ...]:
    """Lines as a `NativeConfig` has them, each behind its header: the inverse of `said`."""
    done: list[NativeLine] = []
    inside: Trail = ()
    for line in lines:
        shared = 0
        while shared < min(len(inside), len(line.parents)) and inside[shared] == line.parents[shared]:
            shared += 1
        done.extend(" " * place + line.parents[place] for place in range(shared, len(line.parents)))
        done.append(_indented(line))
        inside = line.shown
    return tuple(done)


def _indented(line: Line) -> NativeLine:
    blank = " " * len(line.parents)
    if len(line.parts) == 1 and isinstance(line.parts[0], str):
        return blank + line.parts[0]
    first = cast("str", line.parts[0])
    rest = (HiddenPart(secret=part) if isinstance(part, Secret) else part for part in line.parts[1:])
    return (blank + first, *rest)


def mentioned(item: NativeConfig, snippets: Snippets) -> tuple[Line, ...]:
    """All lines of an Item that a device has or has not: without headers that are no native line of their own."""
    yes, no = said(item, item.lines, snippets), said(item, item.absent, snippets)
    kept = [line for line in yes.lines if line.shown not in yes.headers or snippets.header(line.shown) == "own"]
    kept += [line for line in no.lines if line.shown not in no.headers]
    return tuple(dict.fromkeys(kept))


def aware(driver: Driver, *sources: Iterable[Item | Change]) -> Driver:
    """A driver that looks for the lines of every `NativeConfig` in ``sources``; without one, the driver itself."""
    if driver.snippets is None or NATIVE in driver.table:
        return driver
    items: list[NativeConfig] = []
    for one in (one for source in sources for one in source):
        both = (one.after, one.before) if isinstance(one, Change) else (one,)
        items.extend(_known(item) for item in both if isinstance(item, NativeConfig))
    return _aware(driver, driver.snippets, items) if items else driver


def _known(item: NativeConfig) -> NativeConfig:
    try:
        return resolved(item)
    except SecretError:
        return item


def _aware(driver: Driver, snippets: Snippets, items: Sequence[NativeConfig]) -> Driver:
    from netres.driver import Feature, together  # the driver's table names the snippets

    by_name: dict[Key, tuple[NativeConfig, dict[Trail, Line]]] = {}
    for item in items:
        _, lines = by_name.setdefault(item.key, (item, {}))
        for line in mentioned(item, snippets):
            lines.setdefault(line.shown, line)
    trails = frozenset(line.trail for _, lines in by_name.values() for line in lines.values())

    def read() -> Flow[Iterable[Item]]:
        native = yield from driver.native()
        there = frozenset(snippets.lines(native))
        return [_observed(item, lines.values(), there) for item, lines in by_name.values()]

    def unowned(native: Reply) -> tuple[str, ...]:
        def ours(trail: Trail) -> bool:
            return trail in trails or any(rivals(trail, one) for one in trails)

        return driver.unowned(snippets.without(native, ours))

    feature = Feature(NativeConfig, read, together)
    masks = (*driver.masks, *(re.compile(f"({re.escape(one)})") for one in _secrets(by_name.values())))
    return replace(driver, features=(*driver.features, feature), unowned=unowned, masks=masks)


def _secrets(found: Iterable[tuple[NativeConfig, Mapping[Trail, Line]]]) -> list[str]:
    """The secrets of lines: no pattern of the driver's knows where they stand in what the device shows."""
    parts = (part for _, lines in found for line in lines.values() for part in line.parts)
    return sorted({part.reveal() for part in parts if isinstance(part, Secret) and part.known} - {""})


def _observed(item: NativeConfig, lines: Iterable[Line], there: frozenset[Trail]) -> NativeConfig:
    found: tuple[list[Line], list[Line]] = ([], [])
    for line in lines:
        found[line.trail not in there].append(line)
    return item.model_copy(update={"lines": written(found[0]), "absent": written(found[1])})


def rivals(one: Trail, other: Trail) -> bool:
    """Whether two lines say the same of the same with another last word: many devices keep only one of them."""
    if one[:-1] != other[:-1] or one[-1] == other[-1]:
        return False
    mine, theirs = one[-1].split(), other[-1].split()
    return len(mine) == len(theirs) > 1 and mine[:-1] == theirs[:-1]


def normal(driver: Driver, desired: Config) -> Config:
    """A configuration whose native lines are spelled as they are read back: indented by one blank, without layout.

    Raises:
        Unsupported: they are another platform's.
        InvalidConfig: a line that may not be sent, or that is said twice; naming it, and the remedy.
    """
    snippets = driver.snippets
    if snippets is None or NATIVE in driver.table:
        return desired
    seen: dict[Trail, Key] = {}
    items: list[Item] = []
    for item in desired.items:
        if isinstance(item, NativeConfig):
            _check_platform(driver, item)
            _check_lines(driver, snippets, item, seen)
            parts = {name: _spelled(item, name, snippets) for name in ("lines", "absent")}
            items.append(item.model_copy(update=parts))
        else:
            items.append(item)
    return desired.model_copy(update={"items": tuple(items)})


def check_prune(driver: Driver, prune: Collection[str | Key]) -> None:
    """Refuse to take away native lines that nobody names.

    Raises:
        InvalidConfig: they are pruned.
    """
    kinds = () if isinstance(prune, str) else {one.kind if isinstance(one, Key) else one for one in prune}
    if driver.snippets is not None and NATIVE in kinds:
        raise InvalidConfig(f"{NATIVE} cannot be pruned: no device knows which lines are whose; name them under absent")


def _spelled(item: NativeConfig, name: str, snippets: Snippets) -> tuple[NativeLine, ...]:
    told = said(item, getattr(item, name), snippets)
    own = name == "lines"
    kept = (
        line for line in told.lines if line.shown not in told.headers or (own and snippets.header(line.shown) == "own")
    )
    return written(kept)


def _check_platform(driver: Driver, item: NativeConfig) -> None:
    if item.platform not in {None, driver.platform}:
        message = f"{item.key}: these are lines for {item.platform}, and the device is {driver.platform}; leave it out"
        raise Unsupported(message, driver.capability(NATIVE)).about(item.key)


def _check_lines(driver: Driver, snippets: Snippets, item: NativeConfig, seen: dict[Trail, Key]) -> None:
    yes: frozenset[Trail] = frozenset()
    for lines in (item.lines, item.absent):
        told = said(item, lines, snippets)
        for line in told.lines:
            _check_sendable(snippets, item, line)
        for trail in {line.shown for line in told.lines} - told.headers:
            if (first := seen.setdefault(trail, item.key)) != item.key or (lines is item.absent and trail in yes):
                both = str(item.key) if first == item.key else f"{first} and {item.key}"
                raise InvalidConfig(f"{both} say {' > '.join(trail)!r} twice; say it once").about(item.key)
        yes = frozenset(line.shown for line in told.lines)


def _check_sendable(snippets: Snippets, item: NativeConfig, line: Line) -> None:
    for why in problem(snippets.refused, line.shown[-1]):
        raise InvalidConfig(f"{item.key}: the line {str(line)!r} is not sent: {why}").about(item.key)
    if line.trail != line.shown and all(part.known for part in line.parts if isinstance(part, Secret)):
        for why in problem(snippets.refused, line.trail[-1]):
            words = why.rpartition(": ")[2]  # what stands before quotes the secret
            raise SecretError(f"{item.key}: a secret in {str(line)!r} is not sent: {words}").about(item.key)
