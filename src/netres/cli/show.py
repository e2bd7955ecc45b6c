"""What the commands print for people: coloured on a terminal, plain elsewhere. No text is taken for markup."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from netres import readable
from netres.change import Change
from netres.drift import DriftReport
from netres.driver import Capability, Driver, Facts, Support
from netres.impact import Impact
from netres.model import Config, Key, State
from netres.plan import ApplyResult, Plan

if TYPE_CHECKING:
    from netres.fleet.recover import Recovered

_COLOURS = {"+": "green", "~": "yellow", "-": "red"}
_SUPPORT = {Support.READ_WRITE: "green", Support.READ_ONLY: "yellow", Support.NOT_YET: "dim", Support.NEVER: "dim"}
_UNSURE = "yellow"
_MANAGEMENT = {"yes": "bold red", "no": "", "unknown": _UNSURE}
_TOUCHED = {
    "radio_restart": "radio",
    "service_restart": "service",
    "access_point": "access points",
    "wireless_client": "wireless clients",
    "call": "calls in progress",
    "bgp_session": "BGP session",
    "ospf_adjacency": "OSPF adjacencies",
    "route": "route",
}


def _text(line: object, style: str = "") -> Text:
    # What a device says may hold control characters, and these may steer a terminal.
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in str(line))
    return Text(shown, style)


def say(line: object = "", style: str = "", *, stderr: bool = False) -> None:
    """Print one line, whole: never wrapped."""
    _console(stderr).print(_text(line, style), soft_wrap=True)


def _console(stderr: bool) -> Console:
    return Console(stderr=stderr, highlight=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[tuple[str, str]]]) -> None:
    """One row per thing; of each cell its text and its style."""
    _table(columns, ([_text(*cell) for cell in row] for row in rows))


def _table(columns: Sequence[str], rows: Iterable[Sequence[Text]]) -> None:
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    _console(False).print(table)


def drivers(found: Iterable[Driver]) -> None:
    """One row per platform; the kinds counted."""
    _table(
        ("platform", "title", "families", "guarantee", "kinds"),
        (
            (
                _text(driver.platform, "bold"),
                _text(driver.title),
                _text(", ".join(driver.families)),
                _text(driver.guarantee),
                _text(len(driver.features)),
            )
            for driver in found
        ),
    )


def capabilities(found: Iterable[Capability]) -> None:
    """One row per kind."""
    _table(
        ("kind", "support", "source", "remarks"),
        (
            (_text(one.kind, "bold"), _text(one.support, _SUPPORT[one.support]), _text(one.source), _remarks(one))
            for one in found
        ),
    )


def side_by_side(found: Mapping[str, Sequence[Capability]]) -> None:
    """One row per kind that any of several devices has, one column per device."""
    kinds = [one.kind for one in next(iter(found.values()))]
    table = {name: {one.kind: one for one in mine} for name, mine in found.items()}
    told = {Support.READ_WRITE, Support.READ_ONLY}
    _table(
        ("kind", *found),
        (
            (_text(kind, "bold"), *(_short(mine[kind]) for mine in table.values()))
            for kind in kinds
            if any(mine[kind].support in told for mine in table.values())
        ),
    )


def _short(capability: Capability) -> Text:
    less = (
        " (in part)" if capability.support is Support.READ_WRITE and (capability.missing or capability.values) else ""
    )
    return _text(f"{capability.support}{less}", _SUPPORT[capability.support])


def _remarks(capability: Capability) -> Text:
    parts = [capability.reason] if capability.reason else []
    if capability.missing:
        parts.append(f"without {', '.join(capability.missing)}")
    parts.extend(f"{name} only {', '.join(map(str, values))}" for name, values in capability.values.items())
    parts.extend(f"{name} {value}" for name, value in capability.limits.items())
    return _text("; ".join(parts))


def facts(found: Facts) -> None:
    """One line per fact that the device tells."""
    for name, value in found:
        if value is not None:
            say(f"{name}: {value}{' seconds' if name == 'uptime' else ''}")


def config(found: Config) -> None:
    """One line per Item, in the order of the keys."""
    for item in found.each():
        say(readable.described(item))


def states(found: Iterable[State]) -> None:
    """One line per record, every field that the device tells."""
    for one in found:
        say(readable.told(one))


def foreign(lines: Mapping[Key, Sequence[str]], *, whole: bool) -> None:
    """How many native lines no feature owns; ``whole``: which."""
    by_kind: dict[str, Counter[str]] = {}
    for key, owned in lines.items():
        by_kind.setdefault(key.kind, Counter()).update(owned)
    # One line may go with Items of several kinds: a BGP neighbour's with the neighbour, and with the router around it.
    most = Counter[str]()
    for counted in by_kind.values():
        most |= counted
    total = most.total()
    say(f"not owned: {total} {'line' if total == 1 else 'lines'}")
    if whole:
        for key, owned in lines.items():
            for line in owned:
                say(f"    {key}: {line}")


def changes(found: Iterable[Change], *, stderr: bool = False) -> None:
    """The diff."""
    for change in found:
        for sign, line in readable.lines(change):
            say(line, _COLOURS.get(sign, ""), stderr=stderr)


def plan(made: Plan, *, stderr: bool = False) -> None:
    """The diff, what will be sent, whom it touches, what is promised, what was checked, and the digest to pin it by."""
    if made.empty:
        say(f"nothing to do: {made.device} has what is desired", stderr=stderr)
        return
    changes(made.changes, stderr=stderr)
    say("will be sent:", "bold", stderr=stderr)
    for operation in made.payload:  # one that feeds a file to a program has its content below it
        for line in operation.split("\n"):
            say(f"    {line}", stderr=stderr)
    for line in made.diff.splitlines():
        say(f"    {line}", _COLOURS.get(line[:1], ""), stderr=stderr)
    impact(made.impact, stderr=stderr)
    say(f"guarantee: {made.guarantee}: {made.guarantee_why}", stderr=stderr)
    say(f"checked: {made.checked}", stderr=stderr)
    for note in made.notes:
        say(f"note: {note}", stderr=stderr)
    say(f"digest: {made.digest}", stderr=stderr)


def impact(found: Impact, *, stderr: bool = False) -> None:
    """One line per thing that is touched, what is not known, and whether our own session runs over it."""
    for one in found.effects:
        count = "not known how many" if one.count is None else one.count
        say(f"impact: {_TOUCHED[one.what]}, {one.where}: {count}{one.how and f'; {one.how}'}", stderr=stderr)
    if not found.known:
        what = "whether that is all is not known" if found.effects else "not known"
        say(f"impact: {what}{': ' if found.notes else ''}{'; '.join(found.notes)}", _UNSURE, stderr=stderr)
    else:
        for line in found.notes or (() if found.effects else ("none",)):
            say(f"impact: {line}", stderr=stderr)
    answer = "not known" if found.management == "unknown" else found.management
    say(f"our own session runs over it: {answer}: {found.why}", _MANAGEMENT[found.management], stderr=stderr)


def result(done: ApplyResult, *, stderr: bool = False) -> None:
    """What was done and what is true now."""
    changes(done.changes, stderr=stderr)
    good = done.outcome.holds
    nothing = good and not done.changes
    say("nothing to do" if nothing else f"outcome: {done.outcome}", "bold green" if good else "bold red", stderr=stderr)
    for name in done.pending:
        say(f"pending: {name} has not reported yet", stderr=stderr)
    if done.error:
        say(f"error: {done.error_type}: {done.error}", "red", stderr=stderr)
    for difference in done.differences:
        say(f"differs: {difference}", stderr=stderr)
    if done.confirmed is False and good:
        say(f"waits for its confirmation until {done.confirm_by:%Y-%m-%d %H:%M:%S} UTC", "yellow", stderr=stderr)
    if done.saved is not None:
        say(f"saved: {'yes' if done.saved else 'no'}", stderr=stderr)
    if done.exact is not None:
        say(
            f"native configuration as before: {'to the byte' if done.exact else 'no, or not to the byte'}",
            stderr=stderr,
        )
    for note in done.notes:
        say(f"note: {note}", stderr=stderr)


def recovered(found: Sequence[Recovered]) -> None:
    """What was done about transactions that were not ended."""
    if not found:
        say("nothing was left unfinished", "bold green")
    for one in found:
        good = one.state in {"applied", "undone", "refused"}
        why = f" ({one.why})" if one.why else ""
        say(f"{one.transaction} {one.device}: {one.did}; it is {one.state}{why}", "green" if good else "yellow")


def drift(report: DriftReport, left: DriftReport) -> None:
    """What drifted, and what of it is left."""
    for one in report.drifts:
        say(f"drift: {one}", _UNSURE)
    for one in report.ignored:
        say(f"ignored: {one}", "dim")
    for silent in report.not_comparable:
        say(f"not comparable: {silent.path}: {silent.why}", "dim")
    if report.empty:
        say("no drift", "bold green")
    elif left.empty:
        say("nothing is left of it", "bold green")
