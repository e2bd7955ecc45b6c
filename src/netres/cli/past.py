"""What the commands print of the journal for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from netres.change import Change
from netres.cli import show

if TYPE_CHECKING:
    from netres.fleet.journal import PartRecord, StepRecord, TransactionRecord

_GOOD: Final = {"applied": "green", "undone": "yellow", "refused": "yellow", "unconfirmed": "yellow", "planned": ""}
_NAMED: Final = 4
"""Devices that a line of the history names."""
_SHORT: Final = 13
"""Characters of an id that tell its millisecond."""


def history(found: Sequence[TransactionRecord], place: str) -> None:
    """One row per transaction."""
    if not found:
        show.say(f"no transactions in journal {place}")
        return
    short = Counter(one.id[:_SHORT] for one in found)
    show.table(
        ("transaction", "began (UTC)", "outcome", "who", "devices", "why"),
        (
            (
                (one.id if short[one.id[:_SHORT]] > 1 else one.id[:_SHORT], "bold"),
                (f"{one.began:%Y-%m-%d %H:%M:%S}", ""),
                (_state(one), _GOOD.get(_state(one), "red")),
                (one.who, ""),
                (_devices(one), ""),
                (" ".join(filter(None, (one.why, f"({one.ticket})" if one.ticket else ""))), ""),
            )
            for one in found
        ),
    )


def transaction(one: TransactionRecord, *, steps: bool) -> None:
    """All of a transaction; ``steps``: every operation and its answer, too."""
    show.say(f"transaction {one.id}", "bold")
    for name, told in _head(one):
        show.say(f"{name}: {told}")
    show.say(f"outcome: {_state(one)}", _GOOD.get(_state(one), "red"))
    if one.abandoned:
        show.say("note: whoever began it is gone; `netres recover` finishes or undoes it")
    for part in one.parts:
        show.say()
        show.say(f"{part.device} ({part.platform}), {part.verb}: {part.state}", _GOOD.get(part.state, "red"))
        _part(part)
        _steps(part.steps, whole=steps)


def _head(one: TransactionRecord) -> Iterator[tuple[str, str]]:
    yield "began", f"{_time(one.began)} by {one.who}, on {one.host}"
    if one.ended:
        yield "ended", _time(one.ended)
    for name in ("why", "ticket"):
        if told := getattr(one, name):
            yield name, told
    if one.confirm_within is not None:
        yield "confirm within", f"{one.confirm_within:g} s"
    if one.decision:
        yield "decision", one.decision
    if one.error:
        yield "error", one.error


def _part(part: PartRecord) -> None:
    if part.after:
        show.say(f"after: {', '.join(part.after)}")
    show.changes(_changes(part))
    if part.result is None:
        return
    if part.result.error:
        show.say(f"error: {part.result.error_type}: {part.result.error}", "red")
    for difference in part.result.differences:
        show.say(f"differs: {difference}")
    for note in part.result.notes:
        show.say(f"note: {note}")


def _changes(part: PartRecord) -> tuple[Change, ...]:
    for told in (part.plan, part.result, part.noted):
        if told is not None:
            return told.changes
    return ()


def _steps(steps: Sequence[StepRecord], *, whole: bool) -> None:
    open_ = sum(step.answered is None for step in steps)
    unanswered = f", {open_} without an answer" if open_ else ""
    show.say(f"steps: {len(steps)}{unanswered}{'' if whole or not steps else '; --steps shows them'}")
    for step in steps if whole else ():
        first, *more = step.operation.split("\n")
        show.say(f"  {step.number:>3}  {step.sent:%H:%M:%S.%f}"[:-3] + f"  {first}", "bold")
        for line in more:
            show.say(f"{'':21}{line}")
        for line in _answer(step):
            show.say(f"{'':21}{line}", "red" if step.error or step.answered is None else "dim")


def _answer(step: StepRecord) -> Iterator[str]:
    if step.answered is None:
        yield "← no answer is known"
        return
    seconds = (step.answered - step.sent).total_seconds()
    told = [line for line in (step.error or step.answer).splitlines() if line.strip()]
    yield f"← {told[0] if told else 'no text'} ({max(seconds, 0):.3f} s)"
    yield from (f"  {line}" for line in told[1:])


def _state(one: TransactionRecord) -> str:
    return one.outcome or ("abandoned" if one.abandoned else "under way")


def _devices(one: TransactionRecord) -> str:
    names = list(dict.fromkeys(part.device for part in one.parts))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _time(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"
