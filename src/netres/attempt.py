"""One try to change a device: send, read back, save; on any failure find out what is true, and go back. Pure flows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from netres import differ
from netres.driver import Driver, Scope
from netres.errors import DeviceError, NetresError, TransportError, UsageError
from netres.flow import Flow, Http, Json, Operation, Reconnect
from netres.model.base import Item, Key
from netres.model.config import Config
from netres.model.secret import Secret, paired
from netres.observation import Observation, masked, observe, render, require_secrets, spare_foreign
from netres.plan import ApplyResult, Change, Difference, Outcome


class Attempt:
    """One try to lead a device from ``before`` to ``wanted``, and the way back."""

    def __init__(self, driver: Driver, before: Observation, wanted: Config, blank: ApplyResult, save: bool) -> None:
        self.driver = driver
        self.before = before
        self.wanted = wanted
        self.blank = blank
        self.save = save
        self.keys = frozenset(change.key for change in blank.changes)
        self.sent: list[str] = []
        self.notes: list[str] = []

    def run(self, operations: Sequence[Operation]) -> Flow[ApplyResult]:
        """Send, read back, save; on any failure undo, and say what is true."""
        try:
            yield from _send(self.driver, operations, self.sent)
            after = yield from observe(self.driver)
        except DeviceError as error:
            return (yield from self._undo(error))
        except NetresError as error:  # the session is lost, or what it answers is not understood
            return (yield from self._find_out(error))
        except GeneratorExit:
            raise
        except BaseException as error:  # an interrupt must not leave a half-applied change behind
            told = yield from self._find_out(error)
            error.add_note(f"{told.device}: {told.outcome}")
            raise
        return (yield from self._judge(after))

    def _judge(self, after: Observation) -> Flow[ApplyResult]:
        """The result of an attempt whose every operation was taken."""
        wrong = differences(self.driver, self.keys, self.wanted, after.config) + lost(self.driver, self.before, after)
        saved, notes = (yield from store(self.driver)) if self.save else (None, ())
        self.notes.extend(notes)
        if not wrong:
            self.notes.extend((yield from finish(self.driver)))
        told = yield from settled(self.driver, self.blank.changes, wrong)
        self.notes.extend(told.notes)
        return self._result(told.outcome, wrong=told.wrong, saved=saved, pending=told.pending)

    def _undo(self, error: DeviceError) -> Flow[ApplyResult]:
        """The device refused something: go back, over a new session where this one is lost."""
        try:
            return (yield from self._go_back(error))
        except NetresError:
            return (yield from self._find_out(error))

    def _find_out(self, error: BaseException) -> Flow[ApplyResult]:
        """The session is gone: open another, see what is true, and go back unless all was done."""
        try:
            yield Reconnect()
            after = yield from observe(self.driver)
            wrong = differences(self.driver, self.keys, self.wanted, after.config)
            astray = () if wrong else (yield from verified(self.driver))
            if not wrong and not astray:
                self.notes.append(f"the session was lost ({error}), but the device had taken everything")
                return (yield from self._judge(after))
            self.notes.extend(map(str, astray))
            return (yield from self._go_back(error))
        except NetresError as lost:
            return self._result(Outcome.UNKNOWN, error=error, note=f"the device could not be read again: {lost}")

    def _go_back(self, error: BaseException) -> Flow[ApplyResult]:
        try:
            wrong, exact = yield from restore_surely(self.driver, self.before, self.wanted, self.keys, self.sent)
        except (DeviceError, UsageError) as refused:
            after = yield from observe(self.driver)
            wrong = differences(self.driver, self.keys, self.before.config, after.config)
            self.notes.append(f"the way back was refused: {refused}")
            exact = False
        if not wrong and not exact:  # something else is not as before: "not applied" would not be the whole truth
            now = yield from observe(self.driver)
            wrong = differences(self.driver, self.before.config.by_key, self.before.config, now.config)
        if not wrong:
            self.notes.extend((yield from finish(self.driver)))
        outcome = Outcome.DIFFERS if wrong else Outcome.NOT_APPLIED
        return self._result(outcome, error=error, wrong=wrong, exact=exact)

    def _result(
        self,
        outcome: Outcome,
        *,
        error: BaseException | None = None,
        note: str = "",
        wrong: tuple[Difference, ...] = (),
        saved: bool | None = None,
        exact: bool | None = None,
        pending: tuple[str, ...] = (),
    ) -> ApplyResult:
        return self.blank.model_copy(
            update={
                "outcome": outcome,
                "sent": tuple(self.sent),
                "error": (str(error) or type(error).__name__) if error else "",
                "error_type": type(error).__name__ if error else "",
                "differences": wrong,
                "pending": pending,
                "saved": saved,
                "exact": exact,
                "notes": (*self.notes, *((note,) if note else ())),
            }
        )


def store(driver: Driver) -> Flow[tuple[bool | None, tuple[str, ...]]]:
    """Have the device keep its configuration for its next start: whether it did, and why not."""
    try:
        for operation in driver.save:
            yield operation
    except NetresError as error:
        return False, (f"the change holds, but was not stored for the next start: {error}",)
    return (True if driver.save else None), ()


def verified(driver: Driver) -> Flow[tuple[Difference, ...]]:
    """What is wrong with how the device runs on what it has stored."""
    try:
        if driver.verify is not None:
            yield from driver.verify()
    except DeviceError as error:
        return (Difference(item=driver.platform, wanted="running as stored", found=str(error)),)
    return ()


def finish(driver: Driver) -> Flow[tuple[str, ...]]:
    """Have the device drop what was kept for the way back: what there is to tell of it."""
    try:
        for operation in driver.finish:
            yield operation
    except NetresError as error:
        return (f"the change holds, but what was kept for the way back is still there: {error}",)
    return ()


@dataclass(frozen=True)
class Settled:
    """How a change stands that the device itself has taken: with a controller, others must take it too."""

    outcome: Outcome
    wrong: tuple[Difference, ...] = ()
    pending: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def settled(
    driver: Driver, changes: Sequence[Change], wrong: tuple[Difference, ...], *, fresh: bool = True
) -> Flow[Settled]:
    """The outcome of changes of which ``wrong`` is left, and who still has to take them; ``fresh``: just made."""
    if wrong or driver.reports is None or not changes:
        return Settled(Outcome.DIFFERS if wrong else Outcome.APPLIED, wrong)
    try:
        reports = tuple((yield from driver.reports(changes)))
    except NetresError as error:
        return Settled(Outcome.UNKNOWN, notes=(f"the controller has it; who took it could not be learned: {error}",))
    if fresh and driver.reports_late:
        reports = tuple(replace(report, status="pending") for report in reports)
    failed = tuple(
        Difference(item=f"access_point[{report.name}]", wanted="applied", found=report.status)
        for report in reports
        if report.status == "failed"
    )
    pending = tuple(sorted(report.name for report in reports if report.status == "pending"))
    outcome = Outcome.DIFFERS if failed else Outcome.PENDING if pending else Outcome.APPLIED
    return Settled(outcome, failed, pending)


def _send(driver: Driver, operations: Iterable[Operation], sent: list[str]) -> Flow[None]:
    """Begin, send, commit, verify; where the device refuses, leave what was begun."""
    known: dict[str, Json] = {}
    try:
        for operation in (*driver.begin, *operations, *driver.commit):
            sent.append(str(operation))
            if isinstance(operation, Http):
                known |= operation.learned((yield operation.bound(known)))
            else:
                yield operation
        if driver.verify is not None:
            yield from driver.verify()
    except DeviceError:
        for operation in driver.abort:
            with suppress(DeviceError, TransportError):  # what matters is read back afterwards
                yield operation
        raise


def restore(
    driver: Driver, before: Observation, after: Config, keys: Iterable[Key], sent: list[str]
) -> Flow[tuple[tuple[Difference, ...], bool]]:
    """Lead the Items of ``keys`` back to what they were, from whatever the device has now.

    Returns what still differs, and whether the native configuration is byte for byte as it was. Planning back from
    what is there, instead of inverting a list of what was done, also undoes a change that was refused halfway.
    """
    keys = frozenset(keys)
    ordered = any(feature.positional for feature in driver.features)
    for step in ("back", "in place") if ordered else ("back",):
        now = yield from observe(driver)
        wanted = as_before(now.config, before.config, after, keys)
        changes = differ.changes(driver, now.config, wanted) if step == "back" else _in_place(driver, before, now)
        if not changes:
            continue
        differ.check_references(driver, wanted, now.foreign)
        spare_foreign(driver, changes, now.foreign)
        operations = render(driver, changes, Scope(now.config, wanted, now.native, restore=before.native))
        require_secrets(operations)
        yield from _send(driver, operations, sent)
    astray = yield from _retake(driver, sent)
    now = yield from observe(driver)
    wanted = as_before(now.config, before.config, after, keys)
    exact = before.native.text in {now.native.text, masked(driver, now.native.text)}
    wrong = differences(driver, keys, wanted, now.config)
    odd = [key for key in keys if key not in before.config and key in now.foreign and key not in before.foreign]
    left = tuple(Difference(item=str(key), wanted="absent", found="in lines that netres cannot express") for key in odd)
    return wrong + left + lost(driver, before, now) + astray, exact


def _retake(driver: Driver, sent: list[str]) -> Flow[tuple[Difference, ...]]:
    """Where the device runs on something else than it has stored, have it take that again; what is still wrong."""
    astray = yield from verified(driver)
    if not astray or driver.compose is None:
        return astray
    now = yield from observe(driver)
    try:
        yield from _send(driver, driver.compose((), Scope(now.config, now.config, now.native)), sent)
    except DeviceError as error:
        return (Difference(item=driver.platform, wanted="running as stored", found=str(error)),)
    return ()


def restore_surely(
    driver: Driver, before: Observation, after: Config, keys: Iterable[Key], sent: list[str]
) -> Flow[tuple[tuple[Difference, ...], bool]]:
    """`restore`, and once more over a new session where the first was lost or an interrupt came in between.

    An interrupt goes on when the way back is done: it must not leave a device halfway.
    """
    try:
        return (yield from restore(driver, before, after, keys, sent))
    except (GeneratorExit, DeviceError, UsageError):
        raise
    except BaseException as error:
        if not sent:
            raise
        yield Reconnect()
        done = yield from restore(driver, before, after, keys, sent)
        if not isinstance(error, TransportError):
            raise
        return done


def as_before(observed: Config, before: Config, after: Config, keys: frozenset[Key]) -> Config:
    """``observed`` with the Items of ``keys`` as they were; a secret that was not changed stays as it is now."""
    items = {key: item for key, item in observed.by_key.items() if key not in keys}
    for key in keys & before.by_key.keys():
        old = before.by_key[key]
        same = paired(old, after.by_key.get(key), lambda mine, theirs: _KEPT if mine == theirs else mine)
        kept = paired(same, observed.by_key.get(key), lambda mine, now: now if mine is _KEPT else mine)
        items[key] = paired(kept, old, lambda mine, was: was if mine is _KEPT else mine)
    return Config.of(items.values())


_KEPT: Final = Secret()
"""Stands for a secret that the change left alone."""


def _in_place(driver: Driver, before: Observation, now: Observation) -> tuple[Change, ...]:
    """What is to be made anew so that a device that lists Items as they were made has them in their old order.

    Nothing where lines that netres does not own would go with an Item.
    """
    found: list[Change] = []
    for feature in driver.features:
        if feature.positional is None:
            continue
        lists: dict[str, list[Item]] = {}
        for item in before.config.items:
            if item.KIND == feature.item.KIND:
                lists.setdefault(feature.positional(item), []).append(item)
        for wanted in lists.values():
            found.extend(_reordered(wanted, now))
    return tuple(found)


def _reordered(wanted: list[Item], now: Observation) -> list[Change]:
    keys = {item.key for item in wanted}
    order = [item.key for item in now.config.items if item.key in keys]
    if order == [item.key for item in wanted] or len(order) != len(wanted):
        return []
    first = next(place for place, item in enumerate(wanted) if order[place] != item.key)
    late = wanted[first:]
    if any({item.key, *item.parts()} & now.foreign.keys() for item in late):
        return []
    gone = [Change.of(now.config.by_key[item.key], None) for item in late]
    return [*gone, *(Change.of(None, item) for item in late)]


def differences(driver: Driver, keys: Iterable[Key], wanted: Config, found: Config) -> tuple[Difference, ...]:
    """What differs in the Items of ``keys``. A secret that is not known here cannot be compared, and is passed over."""
    wanted = differ.aligned(driver, wanted, found)
    lines: list[Difference] = []
    for key in sorted(keys, key=Key.rank):
        one, other = wanted.by_key.get(key), found.by_key.get(key)
        if one is None or other is None:
            if one is not other:
                lines.append(Difference(item=str(key), wanted=_presence(one), found=_presence(other)))
            continue
        for name in one.differing(other):
            mine, theirs = getattr(one, name), getattr(other, name)
            if isinstance(mine, Secret) and isinstance(theirs, Secret) and not (mine.known and theirs.known):
                continue
            lines.append(Difference(item=str(key), field=name, wanted=_shown(mine), found=_shown(theirs)))
    return tuple(lines)


def lost(driver: Driver, before: Observation, after: Observation) -> tuple[Difference, ...]:
    """The native lines that no feature owns and that are there no more: nobody asked for that."""
    gone = dict.fromkeys(driver.unowned(before.native))
    for line in driver.unowned(after.native):
        gone.pop(line, None)
    return tuple(Difference(item=masked(driver, line), wanted="as before", found="absent") for line in gone)


def _presence(item: Item | None) -> str:
    return "present" if item else "absent"


def _shown(value: object) -> str:
    return str(value) if isinstance(value, Secret) else repr(value)
