"""The way back from what stands: of a change that was made, or that waits for its confirmation. Pure flows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from netres import differ, native
from netres.attempt import finish, store
from netres.change import changed
from netres.confirming import Trial
from netres.driver import Driver
from netres.errors import DeviceError, NetresError, StalePlan, TransportError
from netres.flow import Flow, Note, Reconnect
from netres.model.base import Key
from netres.model.config import Config
from netres.observation import Observation, masked, observe
from netres.outcome import differences, settled
from netres.plan import ApplyResult, Outcome
from netres.terms import AT_ONCE
from netres.trial import waiting
from netres.way_back import as_before, restore_surely

T = TypeVar("T")


def rollback(driver: Driver, result: ApplyResult, *, save: bool = True, force: bool = False) -> Flow[ApplyResult]:
    """Lead everything that ``result`` changed back to what it was, from whatever the device has now.

    A result of this process remembers the device's own configuration, so that lines are spelled as they were. From a
    result that went through JSON the same holds for all but the lines of Items with secrets. The result of a rollback
    can itself be rolled back. What waits for its confirmation is taken back by the device itself, where it can, and
    never stored. ``force``: also where somebody changed the Items since, which is lost then.

    Raises:
        StalePlan: somebody changed the Items since; nothing was sent.
        SecretError: a secret that was replaced is not known here; nothing was sent.
        TransportError, DeviceError: while reading; nothing was sent.
    """
    driver = native.aware(driver, result.changes, result.before.items)
    trial = Trial(AT_ONCE, result.token) if result.token and not result.confirmed else None
    if trial or result.confirmed is False or result.outcome is Outcome.UNKNOWN:  # the old session may be lost
        yield Reconnect()
    if result.confirmed is False:  # what still waits was not stored; what waits no more may have been
        save = save and (yield from _over(driver, trial))
    now = yield from observe(driver)
    before = Observation(result.before, result.native, driver.foreign(result.native))
    after = changed(result.before, result.changes)
    keys = frozenset(change.key for change in result.changes)
    if result.outcome.holds and not force:
        _require_untouched(driver, result, after, now.config)
    blank = ApplyResult(
        device=result.device,
        platform=driver.platform,
        outcome=Outcome.APPLIED,
        plan=result.plan,
        changes=differ.changes(driver, now.config, as_before(now.config, result.before, after, keys)),
        before=now.config,
        native_before=masked(driver, now.native.text),
    ).remembering(now.native)
    sent: list[str] = []
    yield Note("before", "rollback", result=blank)

    def way_back() -> Flow[dict[str, object]]:
        wrong, exact = yield from restore_surely(driver, before, after, keys, sent, trial=trial)
        saved, notes = (yield from store(driver)) if save else (None, ())
        notes += () if wrong else (yield from finish(driver))
        told = yield from settled(driver, blank.changes, wrong)
        found: dict[str, object] = {"outcome": told.outcome, "differences": told.wrong, "pending": told.pending}
        return found | {"exact": exact, "saved": saved, "notes": (*notes, *told.notes)}

    try:
        found = yield from once_more(way_back, sent)
    except NetresError as error:
        if not sent:
            raise
        found = {"error": str(error), "error_type": type(error).__name__} | (
            yield from _left(driver, error, before, keys)
        )
    return blank.model_copy(update={"sent": tuple(sent), **found})


def _over(driver: Driver, trial: Trial | None) -> Flow[bool]:
    """Whether a trial waits no more: somebody confirmed it, or it is gone."""
    if trial is None or driver.confirming is None:
        return False
    return not (yield from waiting(driver.confirming, trial))


def once_more(way_back: Callable[[], Flow[T]], sent: list[str]) -> Flow[T]:
    """A way back; where the session is lost at its end, once more: the device may have started anew, unsaved."""
    try:
        return (yield from way_back())
    except TransportError:
        if not sent:
            raise
        yield Reconnect()
        return (yield from way_back())


def _left(driver: Driver, error: NetresError, before: Observation, keys: frozenset[Key]) -> Flow[dict[str, object]]:
    """How an unfinished way back leaves the device."""
    note = "the way back was not finished; call rollback again"
    unknown: dict[str, object] = {"outcome": Outcome.UNKNOWN, "notes": (note,)}
    if not isinstance(error, DeviceError):
        return unknown
    try:
        now = yield from observe(driver)
    except NetresError:
        return unknown
    wrong = differences(driver, keys, before.config, now.config)
    return {"outcome": Outcome.DIFFERS, "differences": wrong} if wrong else unknown


def _require_untouched(driver: Driver, result: ApplyResult, after: Config, now: Config) -> None:
    for change in result.changes:
        since = differences(driver, [change.key], after, now)
        if since and differences(driver, [change.key], result.before, now):
            raise StalePlan(
                f"{result.device} was changed since: {since[0]}; a rollback would lose that, "
                f"and is done with force (--force) only"
            )
