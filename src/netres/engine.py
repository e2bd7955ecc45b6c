"""The engine: observe, plan, apply and restore as pure flows. The one place that keeps the promises.

Nothing here does I/O: each function is a flow (`netres.flow`) that the shells in `netres.resource` drive.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeVar

from netres import differ
from netres.attempt import Attempt, finish, store
from netres.driver import Driver, Scope
from netres.errors import DeviceError, InvalidConfig, NetresError, StalePlan, TamperedPlan, TransportError
from netres.flow import Flow, Reconnect
from netres.impacts import foreseen
from netres.model.base import Key
from netres.model.config import Config
from netres.observation import Observation, masked, observe, render, require_secrets, spare_foreign, understood
from netres.outcome import differences, settled, verified
from netres.plan import ApplyResult, Change, Outcome, Plan, fingerprint
from netres.way_back import as_before, restore_surely

T = TypeVar("T")


def plan(driver: Driver, device: str, desired: Config, prune: Collection[str] = frozenset()) -> Flow[Plan]:
    """Plan what leads from what the device has to what is desired. Sends only reads.

    Raises:
        InvalidConfig, Unsupported: naming Item and field; nothing was sent but reads.
        Rejected: the platform's own checker refuses the commands.
    """
    for item in desired.each():
        differ.check_kinds(driver, {item.KIND}, write=False, item=item)
    differ.check_kinds(driver, prune, write=True)
    seen = yield from observe(driver)
    wanted = differ.target(driver, seen.config, desired, prune)
    observed = differ.referenced(seen.config, wanted)
    differ.check(driver, observed, wanted, seen.foreign.keys())
    changes = differ.changes(driver, observed, wanted)
    for change in changes:
        differ.check_kinds(driver, {change.key.kind}, write=True, item=change.item)
    spare_foreign(driver, changes, seen.foreign)
    scope = Scope(observed, wanted, seen.native)
    operations = render(driver, changes, scope)
    checked = "nothing to check"
    if operations:
        checked = (
            (yield from understood(driver.dry_check(operations))) if driver.dry_check else "the platform has no checker"
        )
    kinds = desired.kinds() | frozenset(prune)
    kinds |= {kind for one in kinds for kind in driver.table[one].item.NEEDS if kind in driver.table}
    return Plan(
        device=device,
        platform=driver.platform,
        changes=changes,
        payload=tuple(str(operation) for operation in operations),
        inverse=differ.ordered([change.inverse() for change in changes]),
        guarantee=driver.guarantee,
        guarantee_why=driver.guarantee_why,
        impact=(yield from foreseen(driver, changes, scope)),
        kinds=tuple(sorted(kinds)),
        observed=fingerprint(observed, kinds),
        checked=checked,
        notes=tuple(_not_storable(changes)),
    ).sealed()


def _not_storable(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        if change.after and '"observed:' in change.after.model_dump_json():
            yield (
                f"{change.key} keeps a secret that was read from the device: stored, this plan cannot be applied; "
                f"name the secret by reference in the desired configuration"
            )


def apply(driver: Driver, plan: Plan, *, save: bool = True) -> Flow[ApplyResult]:
    """Make a plan true, read it back, and undo everything where that fails.

    Secrets in the plan must be resolved. Whatever goes wrong after the first line was sent is told by the result.

    Raises:
        TamperedPlan, StalePlan, SecretError: nothing was sent but reads.
        TransportError, DeviceError: while reading; nothing was sent.
    """
    plan.verify()
    if plan.platform != driver.platform:
        raise InvalidConfig(f"the plan is for platform {plan.platform!r}, the device is {driver.platform!r}")
    seen = yield from observe(driver)
    observed = differ.referenced(seen.config, _with(seen.config, plan.changes))
    if fingerprint(observed, plan.kinds) != plan.observed:
        raise StalePlan(f"{plan.device} changed since the plan was made (in {', '.join(plan.kinds)}); plan again")
    wanted = _with(observed, plan.changes)
    differ.check(driver, observed, wanted, seen.foreign.keys())
    spare_foreign(driver, plan.changes, seen.foreign)
    operations = render(driver, plan.changes, Scope(observed, wanted, seen.native))
    if tuple(str(operation) for operation in operations) != plan.payload:
        raise TamperedPlan(
            f"the plan for {plan.device!r} would not send what it says: other lines of the device changed since, "
            f"or somebody changed the plan; plan again"
        )
    require_secrets(operations)
    blank = ApplyResult(
        device=plan.device,
        platform=driver.platform,
        outcome=Outcome.APPLIED,
        plan=plan.digest,
        changes=plan.changes,
        before=observed,
        native_before=masked(driver, seen.native.text),
    ).remembering(seen.native)
    if not operations:
        return blank
    return (yield from Attempt(driver, seen, wanted, blank, save).run(operations))


def _with(config: Config, changes: Iterable[Change]) -> Config:
    items = dict(config.by_key)
    for change in changes:
        items.pop(change.key, None)
        if change.after:
            items[change.key] = change.after
    return Config.of(items.values())


def rollback(driver: Driver, result: ApplyResult, *, save: bool = True, force: bool = False) -> Flow[ApplyResult]:
    """Lead everything that ``result`` changed back to what it was, from whatever the device has now.

    A result of this process remembers the device's own configuration, so that lines are spelled as they were. From a
    result that went through JSON the same holds for all but the lines of Items with secrets. The result of a rollback
    can itself be rolled back. ``force``: also where somebody changed the Items since, which is lost then.

    Raises:
        StalePlan: somebody changed the Items since; nothing was sent.
        SecretError: a secret that was replaced is not known here; nothing was sent.
        TransportError, DeviceError: while reading; nothing was sent.
    """
    now = yield from observe(driver)
    before = Observation(result.before, result.native, driver.foreign(result.native))
    after = _with(result.before, result.changes)
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

    def way_back() -> Flow[dict[str, object]]:
        wrong, exact = yield from restore_surely(driver, before, after, keys, sent)
        saved, notes = (yield from store(driver)) if save else (None, ())
        notes += () if wrong else (yield from finish(driver))
        told = yield from settled(driver, blank.changes, wrong)
        found: dict[str, object] = {"outcome": told.outcome, "differences": told.wrong, "pending": told.pending}
        return found | {"exact": exact, "saved": saved, "notes": (*notes, *told.notes)}

    try:
        found = yield from _once_more(way_back, sent)
    except NetresError as error:
        if not sent:
            raise
        found = {"error": str(error), "error_type": type(error).__name__} | (
            yield from _left(driver, error, before, keys)
        )
    return blank.model_copy(update={"sent": tuple(sent), **found})


def _once_more(way_back: Callable[[], Flow[T]], sent: list[str]) -> Flow[T]:
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


def refresh(driver: Driver, result: ApplyResult) -> Flow[ApplyResult]:
    """Read the device again and say which outcome of ``result`` is true now. Changes nothing."""
    seen = yield from observe(driver)
    observed = seen.config
    keys = [change.key for change in result.changes]
    wanted = _with(result.before, result.changes)
    astray = yield from verified(driver)
    if not (wrong := differences(driver, keys, wanted, observed) + astray):
        told = yield from settled(driver, result.changes, (), fresh=False)
        found = {"outcome": told.outcome, "differences": told.wrong, "pending": told.pending}
        return result.model_copy(update=found)
    before = not differences(driver, keys, result.before, observed) and not astray
    outcome = Outcome.NOT_APPLIED if before else Outcome.DIFFERS
    return result.model_copy(update={"outcome": outcome, "differences": wrong, "pending": ()})
