"""Drift: what differs on a device from what netres last applied to it, field by field, and the ways to end it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from netres import differ, native
from netres.baseline import Baseline, Expected, changed
from netres.driver import Driver
from netres.errors import InvalidConfig, UsageError
from netres.flow import Flow
from netres.model import paths
from netres.model.base import Item, Key
from netres.model.config import Config
from netres.model.faults import nearest
from netres.model.secret import Secret
from netres.observation import observe, surely
from netres.outcome import presence, shown
from netres.plan import parsed

_EVERYTHING: Final = ("*",)


class Cause(StrEnum):
    """How a field came to say something else than was wanted."""

    CHANGED_BY_HAND = "changed-by-hand"
    """It said what was wanted, and somebody else changed it; a restart that lost what was not saved is one, too."""
    NOT_APPLIED = "not-applied"
    """The device never took it, or took it back because it was not confirmed."""
    NORMALISED = "normalised"
    """The device made this of what it was told, at once."""


class Drift(BaseModel):
    """One field, or a whole Item, that is not as it is to be."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    path: str
    """``vlan[20].name``; of a whole Item ``vlan[20]``."""
    key: Key
    field: str = ""
    """With dots for one of a part: ``security.mode``; empty: the whole Item."""
    wanted: str
    """What it is to be, in words; of a secret its reference at most. A whole Item is ``present`` or ``absent``."""
    found: str
    cause: Cause
    extra: bool = False
    """An Item that netres never had, of a kind that it manages whole."""
    transaction: str = ""
    """The id in the journal of what made it as it is to be."""

    def __str__(self) -> str:
        cause = "not known to netres" if self.extra else self.cause.replace("-", " ")
        return f"{self.path}: wanted {self.wanted}, found {self.found} ({cause})"


class NotComparable(BaseModel):
    """A secret of which nobody can say whether it drifted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    why: str


class Reversion(NamedTuple):
    """What takes drift back: the arguments of `Device.plan`."""

    config: Config
    prune: frozenset[Key]


class DriftReport(BaseModel):
    """What differs on one device from its baseline. Serialises without secrets."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    device: str
    platform: str
    drifts: tuple[Drift, ...] = ()
    ignored: tuple[Drift, ...] = ()
    """What differs too, and is no drift because somebody said so."""
    not_comparable: tuple[NotComparable, ...] = ()
    wanted: Config = Config()
    """The Items that drifted, as they are to be."""
    found: Config = Config()
    """The Items that drifted, as they are."""

    @property
    def empty(self) -> bool:
        """Whether nothing drifted."""
        return not self.drifts

    @classmethod
    def parse(cls, text: str | bytes, place: str = "report") -> Self:
        """A report from its JSON.

        Raises:
            InvalidConfig: this is none.
        """
        return parsed(cls, text, place)

    def revert(self, at: Iterable[str] = _EVERYTHING) -> Reversion:
        """What takes the drift at these paths back: ``resource.plan(*report.revert(["interface[*].description"]))``.

        Raises:
            UsageError: nothing drifted at one of them.
            InvalidConfig: one field without another makes no Item.
        """
        whole, fields = self.chosen(at)
        items = [self.wanted.by_key[key] for key in whole if key in self.wanted]
        for key, names in fields.items():
            wanted = self.wanted.by_key[key]
            items.append(changed(self.found.by_key[key], {name: paths.get(wanted, name) for name in names}))
        return Reversion(Config.of(items), frozenset(key for key in whole if key not in self.wanted))

    def chosen(self, at: Iterable[str]) -> tuple[tuple[Key, ...], Mapping[Key, tuple[str, ...]]]:
        """The Items that drifted whole, and the fields that drifted of others, at these paths.

        Raises:
            UsageError: nothing drifted at one of them.
        """
        chosen: dict[str, Drift] = {}
        for path in [at] if isinstance(at, str) else at:
            pattern = paths.matching(path)
            found = {drift.path: drift for drift in self.drifts if pattern.fullmatch(drift.path)}
            if not found and not (path == "*" and self.empty):
                known = [drift.path for drift in self.drifts]
                raise UsageError(f"{self.device}: nothing drifted at {path!r}{nearest(path, known)}")
            chosen |= found
        whole = tuple(drift.key for drift in chosen.values() if not drift.field)
        fields: dict[Key, tuple[str, ...]] = {}
        for drift in chosen.values():
            if drift.field:
                fields[drift.key] = (*fields.get(drift.key, ()), drift.field)
        return whole, fields


def drift(driver: Driver, baseline: Baseline, ignoring: Collection[str] = ()) -> Flow[DriftReport]:
    """What differs on the device from what netres last applied. Sends only reads.

    The baseline's secrets are to be resolved, as far as they can be. ``ignoring``: paths beside `Baseline.ignored`.

    Raises:
        InvalidConfig: the baseline is another platform's; a path that can match nothing.
        Unsupported: the platform does not have a kind of the baseline.
    """
    if baseline.platform != driver.platform:
        raise InvalidConfig(f"the baseline is for platform {baseline.platform!r}, the device is {driver.platform!r}")
    baseline = baseline.ignore(ignoring)
    driver = native.aware(driver, baseline.wanted.items)
    reports: list[DriftReport] = []

    def look() -> Flow[tuple[Drift, ...]]:
        seen = yield from observe(driver, baseline.kinds)
        reports.append(_compared(driver, baseline, seen.config))
        return reports[-1].drifts

    yield from surely(look, lambda drifts: not drifts)
    return reports[-1]


def _compared(driver: Driver, baseline: Baseline, found: Config) -> DriftReport:
    wanted = differ.aligned(driver, baseline.wanted, found)
    there = {item.key for config in (wanted, found) for item in differ.substantial(config, driver).items}
    known = baseline.by_key
    comparison = _Comparison()
    for key in sorted(there, key=Key.rank):
        if key in known or key.kind in baseline.pruned:
            comparison.compare(known.get(key), wanted.by_key.get(key), found.by_key.get(key))
    hidden = [paths.matching(pattern) for pattern in baseline.ignored]
    ignored = tuple(one for one in comparison.drifts if any(pattern.fullmatch(one.path) for pattern in hidden))
    drifts = tuple(one for one in comparison.drifts if one not in ignored)
    keys = {one.key for one in drifts}
    return DriftReport(
        device=baseline.device,
        platform=baseline.platform,
        drifts=drifts,
        ignored=ignored,
        not_comparable=tuple(comparison.silent),
        wanted=Config.of(item for item in comparison.wanted if item.key in keys),
        found=Config.of(item for item in comparison.found if item.key in keys),
    )


@dataclass
class _Comparison:
    """What came out of comparing Items one by one."""

    drifts: list[Drift] = field(default_factory=list[Drift])
    silent: list[NotComparable] = field(default_factory=list[NotComparable])
    wanted: list[Item] = field(default_factory=list[Item])
    found: list[Item] = field(default_factory=list[Item])

    def compare(self, expected: Expected | None, wanted: Item | None, found: Item | None) -> None:
        """Compare one Item, of which one at least is there; ``expected``: ``None`` where netres never had it."""
        if wanted is not None and found is not None and expected is not None:
            wanted, found = self._fields(expected, wanted, found)
        elif item := wanted or found:
            cause = _cause(expected, "", found) if expected else Cause.CHANGED_BY_HAND
            self._tell(expected, item.key, "", (presence(wanted), presence(found)), cause)
        self.wanted.extend([wanted] if wanted else [])
        self.found.extend([found] if found else [])

    def _fields(self, expected: Expected, wanted: Item, found: Item) -> tuple[Item, Item]:
        """Compare the fields; both Items with, for a secret that cannot be compared, the one that can be sent."""
        for name, mine, theirs in [*paths.differing(wanted, found)]:
            if isinstance(mine, Secret) and (why := _incomparable(expected, name, mine, theirs)):
                self.silent.append(NotComparable(path=paths.of(wanted.key, name), why=why))
                if mine.known or not isinstance(theirs, Secret) or not theirs.known:
                    found = paths.put(found, name, mine)
                else:
                    wanted = paths.put(wanted, name, theirs)
            else:
                self._tell(expected, wanted.key, name, (shown(mine), shown(theirs)), _cause(expected, name, theirs))
        return wanted, found

    def _tell(self, expected: Expected | None, key: Key, name: str, words: tuple[str, str], cause: Cause) -> None:
        wanted, found = words
        self.drifts.append(
            Drift(
                path=paths.of(key, name),
                key=key,
                field=name,
                wanted=wanted,
                found=found,
                cause=cause,
                extra=expected is None,
                transaction=expected.transaction if expected else "",
            )
        )


def _cause(expected: Expected, name: str, found: object) -> Cause:
    before, after = (paths.get(item, name) if name else item for item in (expected.before, expected.after))
    if expected.state == "unknown" or (not expected.confirmed and found == before):
        return Cause.NOT_APPLIED
    if expected.state == "differed" and found == after:
        return Cause.NOT_APPLIED if after == before else Cause.NORMALISED
    return Cause.CHANGED_BY_HAND


def _incomparable(expected: Expected, name: str, mine: Secret, theirs: object) -> str:
    """Why nobody can say whether a secret drifted; empty: it can be said."""
    if expected.state == "differed" and paths.get(expected.after, name) != paths.get(expected.wanted, name):
        return "the device does not show it as it was given"
    if not isinstance(theirs, Secret):
        return ""
    if not theirs.known:
        return "the device does not show it"
    if not mine.known:
        return f"{mine} leads nowhere here" if mine.named else "it was read from the device, and is not stored"
    return ""
