"""What a device is to have by what netres applied to it: what drift is told from. Pure; its JSON holds no secret."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from netres.errors import InvalidConfig, SecretError
from netres.model import paths
from netres.model.base import Item, Key
from netres.model.config import Config
from netres.model.faults import first_fault
from netres.model.kinds import AnyItem
from netres.model.secret import resolved
from netres.plan import ApplyResult, Outcome, parsed

if TYPE_CHECKING:
    from netres.drift import DriftReport


class Expected(BaseModel):
    """One Item that netres applied, deleted, or found as it was desired."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    key: Key
    wanted: AnyItem | None = None
    """As it is to be; ``None``: it was deleted."""
    state: Literal["held", "differed", "unknown"] = "held"
    """What was read back right after: what was wanted, something else, or nobody knows."""
    after: AnyItem | None = None
    """Where it ``differed``: as it was read back."""
    before: AnyItem | None = None
    """Where it did not simply hold: as it was when netres began."""
    confirmed: bool = True
    """Not confirmed, a device may have taken it back by itself."""
    transaction: str = ""
    """The id in the journal of what made it so."""
    plan: str = ""
    """The digest of the plan that made it so."""
    when: datetime | None = None


class Baseline(BaseModel):
    """What one device is to have: the results of one apply after another, the newest first where they meet.

    Its JSON holds no secret. One that was named by reference is compared with what the reference leads to at that
    time; one that was read from a device, in the process alone that read it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    device: str
    platform: str
    expected: tuple[Expected, ...] = ()
    pruned: tuple[str, ...] = ()
    """The kinds that netres manages whole: what else there is of them is drift."""
    ignored: tuple[str, ...] = ()
    """Paths of what is no drift, whatever it says: ``interface[*].description``."""
    transaction: str = ""
    """The id in the journal of the newest apply."""
    plan: str = ""
    """The digest of its plan."""
    when: datetime | None = None

    @classmethod
    def of(cls, result: ApplyResult, *, when: datetime | None = None, back: bool = False) -> Self:
        """The baseline that one apply makes; see `then`."""
        return cls(device=result.device, platform=result.platform).then(result, when=when, back=back)

    def then(self, result: ApplyResult, *, when: datetime | None = None, back: bool = False) -> Self:
        """This baseline after one apply more, or (``back``) after a rollback.

        What was not applied changes nothing, but for what nobody knew of it before. ``when``: at what time it was done.

        Raises:
            InvalidConfig: the result is another device's.
        """
        if (result.device, result.platform) != (self.device, self.platform):
            raise InvalidConfig(
                f"the baseline is of {self.device!r} ({self.platform}), "
                f"the result of {result.device!r} ({result.platform}); take one of this device"
            )
        if result.outcome is Outcome.NOT_APPLIED:
            return self._without(result.plan)
        stamp: Mapping[str, object] = {"transaction": result.transaction, "plan": result.plan, "when": when}
        undone = result.outcome is Outcome.DIFFERS and bool(result.error) and not back
        told = _undone(result, self.by_key) if undone else _applied(result)
        expected = {**self.by_key, **{one.key: one.model_copy(update=stamp) for one in told}}
        pruned = self.pruned if undone else (*self.pruned, *result.pruned)
        return self._with(expected.values()).model_copy(update={"pruned": tuple(sorted({*pruned})), **stamp})

    @property
    def by_key(self) -> Mapping[Key, Expected]:
        """What is expected, by key."""
        return {one.key: one for one in self.expected}

    @property
    def wanted(self) -> Config:
        """The Items that are to be there."""
        return Config.of(cast("Item", one.wanted) for one in self.expected if one.wanted)

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of which anything is expected."""
        return frozenset(one.key.kind for one in self.expected) | frozenset(self.pruned)

    def resolved(self) -> Self:
        """This baseline with its secrets, as far as their references lead to them."""
        known = (one.model_copy(update={"wanted": _where_known(one.wanted)}) for one in self.expected)
        return self.model_copy(update={"expected": tuple(known)})

    def accept(self, report: DriftReport, at: Iterable[str] = ("*",)) -> Self:
        """This baseline with what was found in place of what was wanted, where it drifted ``at`` these paths.

        Raises:
            UsageError: nothing drifted at one of them.
            InvalidConfig: one field without another makes no Item.
        """
        whole, fields = report.chosen(at)
        expected = dict(self.by_key)
        for key in whole:
            expected[key] = Expected(key=key, wanted=_item(report.found.by_key.get(key)))
        for key, names in fields.items():
            old, found = expected[key], report.found.by_key[key]
            item = changed(cast("Item", old.wanted), {name: paths.get(found, name) for name in names})
            expected[key] = old.model_copy(update={"wanted": item})
        return self._with(expected.values())

    def ignore(self, patterns: Iterable[str]) -> Self:
        """This baseline with more of what is no drift, by path: ``interface[*].description``, ``vlan[20]``.

        Raises:
            InvalidConfig: a pattern that no path can match.
        """
        more = tuple(patterns)
        for pattern in more:
            paths.check(pattern)
        return self.model_copy(update={"ignored": tuple(sorted({*self.ignored, *more}))})

    @classmethod
    def parse(cls, text: str | bytes, place: str = "baseline") -> Self:
        """A baseline from its JSON.

        Raises:
            InvalidConfig: this is none.
        """
        return parsed(cls, text, place)

    def _without(self, plan: str) -> Self:
        """This baseline where it turned out that a plan was not applied of which that was not certain."""
        left: list[Expected] = []
        for one in self.expected:
            if one.plan != plan or (one.state == "held" and one.confirmed):
                left.append(one)
            elif one.before is not None:
                left.append(Expected(key=one.key, wanted=one.before))
        return self._with(left)

    def _with(self, expected: Iterable[Expected]) -> Self:
        ordered = sorted(expected, key=lambda one: one.key.rank())
        return self.model_copy(update={"expected": tuple(ordered)})


def changed(item: Item, values: Mapping[str, object]) -> Item:
    """An Item with other values in some of its fields.

    Raises:
        InvalidConfig: it would be none.
    """
    made = item
    for path, value in values.items():
        made = paths.put(made, path, value)
    try:
        valid = type(item).model_validate(made.model_dump(mode="python"))
        problem = f"one field implies another, {', '.join(valid.differing(made))}" if valid != made else ""
    except ValidationError as error:
        problem = first_fault(error, {"": type(item)})[1]  # pydantic's error quotes the input
    if problem:
        raise InvalidConfig(
            f"{item.key}: with {', '.join(values)} alone it is not valid: {problem}; "
            f"take the other fields that drifted with it: {paths.of(item.key)}"
        )
    return made


def _applied(result: ApplyResult) -> Iterator[Expected]:
    """What is expected after a change that was made, or of which nobody knows whether it was."""
    for item in result.kept.each():
        yield Expected(key=item.key, wanted=_item(item))
    unread = result.after is None and (result.outcome is Outcome.UNKNOWN or bool(result.differences))
    wrong = {difference.item for difference in result.differences}
    for key, wanted in _wanted(result).items():
        before = _item(result.before.by_key.get(key))
        made = Expected(key=key, wanted=_item(wanted), confirmed=result.confirmed is not False)
        if unread and (str(key) in wrong or result.outcome is Outcome.UNKNOWN):
            made = made.model_copy(update={"state": "unknown", "before": before})
        elif str(key) in wrong and result.after is not None:
            after = _item(result.after.by_key.get(key))
            made = made.model_copy(update={"state": "differed", "before": before, "after": after})
        elif not made.confirmed:
            made = made.model_copy(update={"before": before})
        yield made


def _undone(result: ApplyResult, known: Mapping[Key, Expected]) -> Iterator[Expected]:
    """What is expected after a change that failed and could not be undone: what was there before."""
    wrong = {difference.item for difference in result.differences}
    for key, attempted in _wanted(result).items():
        if str(key) in wrong:
            old = known.get(key) or Expected(key=key, wanted=_item(result.before.by_key.get(key)))
            yield old.model_copy(update={"state": "unknown", "before": _item(attempted), "after": None})


def _wanted(result: ApplyResult) -> Mapping[Key, Item | None]:
    """What each change was to lead to; of an Item that is made anew, the last."""
    found: dict[Key, Item | None] = {}
    for change in result.changes:
        if change.after is not None or change.key not in found:
            found[change.key] = change.after
    return found


def _item(item: Item | None) -> AnyItem | None:
    return cast("AnyItem | None", item)


def _where_known(item: AnyItem | None) -> AnyItem | None:
    try:
        return resolved(item)
    except SecretError:
        return item
