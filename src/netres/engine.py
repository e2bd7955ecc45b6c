"""The engine: observe, plan, apply and restore as pure flows. The one place that keeps the promises.

Nothing here does I/O: each function is a flow (`netres.flow`) that the shells in `netres.resource` drive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from netres import differ
from netres.attempt import Attempt, differences, restore_surely, store
from netres.driver import Driver, Scope
from netres.errors import DeviceError, InvalidConfig, StalePlan, TamperedPlan, TransportError
from netres.flow import Flow
from netres.model.config import Config
from netres.observation import Observation, masked, observe, render, require_secrets, spare_foreign
from netres.plan import ApplyResult, Change, Difference, Outcome, Plan, fingerprint


def plan(driver: Driver, device: str, desired: Config, prune: Collection[str] = frozenset()) -> Flow[Plan]:
    """Plan what leads from what the device has to what is desired. Sends only reads.

    Raises:
        InvalidConfig, Unsupported: naming Item and field; nothing was sent but reads.
        Rejected: the platform's own checker refuses the commands.
    """
    differ.check_kinds(driver, desired.kinds(), write=False)
    differ.check_kinds(driver, prune, write=True)
    seen = yield from observe(driver)
    observed = seen.config
    wanted = differ.target(driver, observed, desired, prune)
    differ.check(driver, observed, wanted, seen.foreign.keys())
    changes = differ.changes(driver, observed, wanted)
    differ.check_kinds(driver, {change.key.kind for change in changes}, write=True)
    spare_foreign(changes, seen.foreign)
    operations = render(driver, changes, Scope(observed, wanted, seen.native))
    checked = "nothing to check"
    if operations:
        checked = (yield from driver.dry_check(operations)) if driver.dry_check else "the platform has no checker"
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
        kinds=tuple(sorted(kinds)),
        observed=fingerprint(observed, kinds),
        checked=checked,
    ).sealed()


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
    observed = seen.config
    if fingerprint(observed, plan.kinds) != plan.observed:
        raise StalePlan(f"{plan.device} changed since the plan was made (in {', '.join(plan.kinds)}); plan again")
    wanted = _with(observed, plan.changes)
    differ.check(driver, observed, wanted, seen.foreign.keys())
    spare_foreign(plan.changes, seen.foreign)
    operations = render(driver, plan.changes, Scope(observed, wanted, seen.native))
    if tuple(str(operation) for operation in operations) != plan.payload:
        raise TamperedPlan(f"the plan for {plan.device!r} would not send what it says; plan again")
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


def rollback(driver: Driver, result: ApplyResult, *, save: bool = True) -> Flow[ApplyResult]:
    """Lead everything that ``result`` changed back to what it was, from whatever the device has now.

    A result of this process remembers the device's own configuration, so that lines are spelled as they were. From a
    result that went through JSON the same holds for all but the lines of Items with secrets.

    Raises:
        SecretError: a secret that was replaced is not known here; nothing was sent.
        TransportError, DeviceError: while reading; nothing was sent.
    """
    before = Observation(result.before, result.native)
    keys = [change.key for change in result.changes]
    sent: list[str] = []
    error: DeviceError | TransportError | None = None
    wrong: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    exact = saved = None
    try:
        wrong, exact = yield from restore_surely(driver, before, keys, sent)
        saved, notes = (yield from store(driver)) if save and sent else (None, ())
        outcome = Outcome.DIFFERS if wrong else Outcome.APPLIED
    except DeviceError as refused:
        if not sent:
            raise
        now = yield from observe(driver)
        wrong, error, outcome = differences(driver, keys, result.before, now.config), refused, Outcome.DIFFERS
    except TransportError as lost:
        if not sent:
            raise
        error, outcome, notes = lost, Outcome.UNKNOWN, ("the way back was not finished; call rollback again",)
    return result.model_copy(
        update={
            "outcome": outcome,
            "changes": tuple(change.inverse() for change in result.changes),
            "sent": tuple(sent),
            "differences": wrong,
            "exact": exact,
            "saved": saved,
            "notes": notes,
            "error": str(error or ""),
            "error_type": type(error).__name__ if error else "",
        }
    )


def refresh(driver: Driver, result: ApplyResult) -> Flow[ApplyResult]:
    """Read the device again and say which outcome of ``result`` is true now. Changes nothing."""
    seen = yield from observe(driver)
    observed = seen.config
    keys = [change.key for change in result.changes]
    wanted = _with(result.before, result.changes)
    if not (wrong := differences(driver, keys, wanted, observed)):
        outcome = Outcome.APPLIED
    elif not differences(driver, keys, result.before, observed):
        outcome = Outcome.NOT_APPLIED
    else:
        outcome = Outcome.DIFFERS
    return result.model_copy(update={"outcome": outcome, "differences": () if outcome is Outcome.APPLIED else wrong})
