"""What changes of native lines come to: what is sent, what it looks like, what beside it is touched. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from netres.change import Change
from netres.errors import InvalidConfig
from netres.flow import Flow, Operation, Reply
from netres.model.base import Item, Key
from netres.model.config import Config
from netres.model.native import NativeConfig
from netres.model.secret import MASK
from netres.native import mentioned, rivals, said
from netres.plan import Guarantee
from netres.snippets import NATIVE, Edit, Line, Snippets, Trail, problem

if TYPE_CHECKING:
    from netres.driver import Driver, Scope


def edit(driver: Driver, changes: Iterable[Change], native: Reply, restore: Reply | None = None) -> Edit:
    """What changes do to a device's lines; ``restore``: on the way back, its own configuration as it was.

    There a line that one of ours had replaced is written again.

    Raises:
        InvalidConfig: a block goes in which there are lines that nobody named.
    """
    snippets = driver.snippets
    ours = [change for change in changes if change.key.kind == NATIVE and change.before and change.after]
    if snippets is None or not ours:
        return Edit((), ())
    gone: dict[Line, Key] = {}
    new: dict[Line, None] = {}
    for change in ours:
        before, after = _present(change.before, snippets), _present(change.after, snippets)
        gone |= dict.fromkeys((line for line in before if line not in after), change.key)
        new |= dict.fromkeys(line for line in after if line not in before)
    there = snippets.lines(native)
    _require_named(driver, gone, there)
    outer = [
        line
        for line in gone
        if not any(other.trail == line.trail[: len(other.trail)] for other in gone if other != line)
    ]
    again = _replaced(snippets, outer, restore, there) if restore is not None else ()
    return Edit(tuple(outer), (*again, *new))


def _present(item: Item | None, snippets: Snippets) -> tuple[Line, ...]:
    assert isinstance(item, NativeConfig)
    return mentioned(item.model_copy(update={"absent": ()}), snippets)


def _require_named(driver: Driver, gone: Mapping[Line, Key], there: Iterable[Trail]) -> None:
    named = {line.trail for line in gone}
    blocks = {line.trail: key for line, key in gone.items()}
    for trail in there:
        for length in range(1, len(trail)):
            if (key := blocks.get(trail[:length])) and trail not in named:
                from netres.observation import masked

                raise InvalidConfig(
                    f"{key}: taking {trail[length - 1]!r} away would take lines with it that it does not name: "
                    f"{masked(driver, trail[-1])}; name these under absent too"
                ).about(key)


def _replaced(snippets: Snippets, gone: Iterable[Line], was: Reply, there: Iterable[Trail]) -> tuple[Line, ...]:
    """The lines that ours had replaced, as they were; not one of which only a mask is known."""
    lost = [trail for trail in snippets.lines(was) if trail not in set(there) and MASK not in trail[-1]]
    return tuple(
        Line(trail[:-1], (trail[-1],))
        for trail in lost
        if snippets.owner(trail) is None and any(rivals(trail, line.trail) for line in gone)
    )


def operations(
    driver: Driver, changes: Sequence[Change], scope: Scope
) -> tuple[Sequence[Operation], Sequence[Operation]]:
    """What takes native lines away, before all else of a change; and what writes them, after it."""
    if driver.snippets is None:
        return (), ()
    done = edit(driver, changes, scope.native, scope.restore)
    return driver.snippets.write(done) if done.gone or done.new else ((), ())


def staying(
    driver: Driver, changes: Iterable[Change], native: Reply, foreign: Mapping[Key, tuple[str, ...]]
) -> Mapping[Key, tuple[str, ...]]:
    """The lines no feature owns, without those that these changes take away themselves."""
    gone = {line.trail for line in edit(driver, changes, native).gone}
    if driver.snippets is None or not gone:
        return foreign
    return driver.foreign(driver.snippets.without(native, gone.__contains__))


def check(driver: Driver, desired: Config, changes: Sequence[Change], native: Reply) -> tuple[str, ...]:
    """Compare native lines with the Items beside them; what there is to say of them, for the plan.

    Raises:
        InvalidConfig: a line says what an Item of the same configuration says, or stands in a block that is not there.
    """
    snippets = driver.snippets
    items = [item for item in desired.each() if isinstance(item, NativeConfig)]
    if snippets is None or not items:
        return ()
    there = frozenset(snippets.lines(native))
    going = {change.key for change in changes if change.action == "delete"}
    notes: list[str] = []
    for item in items:
        _require_blocks(snippets, item, desired, there)
        for line in mentioned(item, snippets):
            _require_staying(snippets, item, line, going)
            owner = snippets.owner(line.shown)
            if owner is not None and owner in desired:
                raise InvalidConfig(
                    f"{item.key}: the line {str(line)!r} is part of {owner}, which the same configuration has; "
                    f"say it in that Item, and leave the line out"
                ).about(item.key)
            if owner is not None:
                notes.append(f"{item.key}: {str(line)!r} is part of {owner}; netres has a kind for it: {owner.kind}")
    return (*notes, *_may_replace(driver, snippets, items, there))


def _require_blocks(snippets: Snippets, item: NativeConfig, desired: Config, there: frozenset[Trail]) -> None:
    for trail in sorted(said(item, item.lines, snippets).headers - there):
        owner = snippets.owner(trail)
        if snippets.header(trail) == "owned" and owner is not None and owner not in desired:
            raise InvalidConfig(
                f"{item.key}: {' > '.join(trail)!r} is not on the device, and is part of {owner}; "
                f"add that Item to the configuration, and the lines go into it"
            ).about(item.key)


def _require_staying(snippets: Snippets, item: NativeConfig, line: Line, going: set[Key]) -> None:
    for length in range(1, len(line.parents) + 2):
        if (owner := snippets.owner(line.shown[:length])) in going:
            raise InvalidConfig(
                f"{item.key}: the line {str(line)!r} is part of {owner}, which this change deletes; leave one out"
            ).about(item.key)


def _may_replace(
    driver: Driver, snippets: Snippets, items: Iterable[NativeConfig], there: frozenset[Trail]
) -> Iterator[str]:
    from netres.observation import masked

    for item in items:
        named = {line.trail for line in mentioned(item, snippets)}
        for line in _present(item, snippets):
            if line.trail in there:
                continue
            for trail in sorted(there - named):
                if rivals(trail, line.trail) and snippets.owner(trail) is None:
                    yield (
                        f"{item.key}: {str(line)!r} may replace {masked(driver, trail[-1])!r}; "
                        f"the way back writes that again"
                    )


def guaranteed(driver: Driver, changes: Sequence[Change], guarantee: Guarantee, why: str) -> tuple[Guarantee, str]:
    """How safe an apply is with these native lines among its changes, and why."""
    snippets = driver.snippets
    ours = [change for change in changes if change.key.kind == NATIVE]
    if snippets is None or not ours:
        return guarantee, why
    for change in ours:
        for line in (*_present(change.before, snippets), *_present(change.after, snippets)):
            for reason in problem(snippets.one_way, line.shown[-1]):
                return Guarantee.BEST_EFFORT, f"{change.key}: no way back from {reason}; {why}"
    return guarantee, f"{why}; native lines are taken away with {snippets.away}, and that is read back"


def compared(driver: Driver, changes: Sequence[Change], sent: Sequence[Operation], native: Reply) -> Flow[str]:
    """What native lines change: the device's own diff of all that would be sent, else the lines themselves.

    Raises:
        Rejected: the device refuses a line.
    """
    done = edit(driver, changes, native)
    if driver.snippets is None or not (done.gone or done.new):
        return ""
    if driver.snippets.compare is not None:
        return (yield from driver.snippets.compare(sent))
    return diff(done)


def diff(done: Edit) -> str:
    """Lines that go and lines that come, each behind its headers, as a diff; secrets masked."""
    shown: list[str] = []
    inside: Trail = ()
    for sign, lines in (("-", done.gone), ("+", done.new)):
        for line in lines:
            shared = 0
            while shared < min(len(inside), len(line.parents)) and inside[shared] == line.parents[shared]:
                shared += 1
            shown.extend("  " + " " * place + line.parents[place] for place in range(shared, len(line.parents)))
            shown.append(f"{sign} " + " " * len(line.parents) + line.shown[-1])
            inside = line.shown
    return "".join(f"{line}\n" for line in shown)
