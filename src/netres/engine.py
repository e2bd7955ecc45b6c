"""The engine: plan and apply as pure flows. With `netres.undo` and `netres.settle` it keeps the promises.

Nothing here does I/O: each is a flow (`netres.flow`) that the shells, `netres.Device` and its like, drive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from netres import differ, native, native_change
from netres.attempt import Attempt
from netres.change import Change, changed
from netres.confirming import Trial
from netres.digest import digested, fingerprint
from netres.draining import drain_of, drained, released
from netres.driver import Driver, Scope
from netres.errors import InvalidConfig, StalePlan, TamperedPlan, Unsupported
from netres.flow import Flow, Note, Operation
from netres.impacts import foreseen
from netres.model.base import Key
from netres.model.config import Config
from netres.observation import Observation, masked, observe, render, require_secrets, spare_foreign, understood
from netres.plan import ApplyResult, Outcome, Plan
from netres.terms import Terms
from netres.trial import guaranteed, offered, unclaimed


def require(driver: Driver, plan: Plan, terms: Terms) -> None:
    """Check a plan before a device is asked anything.

    Raises:
        TamperedPlan, InvalidConfig, Unsupported: naming what is wrong, and the remedy.
    """
    plan.verify()
    if plan.platform != driver.platform:
        raise InvalidConfig(f"the plan is for platform {plan.platform!r}, the device is {driver.platform!r}")
    if not plan.guarantee.reaches(terms.at_least):
        raise Unsupported(
            f"{plan.device}: {terms.at_least} is asked for, and the device can only do {plan.guarantee}: "
            f"{plan.guarantee_why}; ask for less (at_least={str(plan.guarantee)!r})"
        )
    if plan.timer and terms.confirm_within and terms.confirm_within > plan.timer.most:
        within, most = terms.confirm_within, plan.timer.most
        raise Unsupported(f"{plan.device}: confirm_within is {within:g}; the device waits {most} s at most")
    if terms.drain is not None:
        drain_of(driver)
    if plan.impact.management == "yes" and plan.timer is None and not terms.over_management and not plan.empty:
        raise Unsupported(
            f"{plan.device}: our own way to the device runs over what changes ({plan.impact.why}), and nothing on the "
            f"device would take the change back; go another way, or overrule this with over_management=True"
        )


def plan(driver: Driver, device: str, desired: Config, prune: Collection[str | Key] = frozenset()) -> Flow[Plan]:
    """Plan what leads from what the device has to what is desired. Sends only reads.

    ``prune``: the kinds of which nothing else stays, and the keys of single Items that go.

    Raises:
        InvalidConfig, Unsupported: naming Item and field; nothing was sent but reads.
        Rejected: the platform's own checker refuses the commands.
    """
    desired = native.normal(driver, desired)
    driver = native.aware(driver, desired.items)
    differ.check_readable(driver, desired)
    native.check_prune(driver, prune)
    differ.check_kinds(driver, prune, write=True)
    seen = yield from observe(driver)
    wanted = differ.target(driver, seen.config, desired, prune)
    observed = differ.referenced(seen.config, wanted)
    differ.check(driver, observed, wanted, seen.foreign.keys())
    changes = differ.changes(driver, observed, wanted)
    for change in changes:
        differ.check_kinds(driver, {change.key.kind}, write=True, item=change.item)
    spare_foreign(driver, changes, native_change.staying(driver, changes, seen.native, seen.foreign))
    told = native_change.check(driver, desired, changes, seen.native)
    scope = Scope(observed, wanted, seen.native)
    operations = render(driver, changes, scope)
    checked = "nothing to check"
    if operations:
        checked = (
            (yield from understood(driver.dry_check(operations))) if driver.dry_check else "the platform has no checker"
        )
    timer, lacking = yield from offered(driver)
    guarantee, guarantee_why = native_change.guaranteed(driver, changes, *guaranteed(driver, timer, lacking))
    kinds = desired.kinds() | differ.kinds_of(prune)
    kinds |= {kind for one in kinds for kind in driver.table[one].item.NEEDS if kind in driver.table}
    return Plan(
        device=device,
        platform=driver.platform,
        changes=changes,
        payload=tuple(str(operation) for operation in operations),
        inverse=differ.ordered([change.inverse() for change in changes]),
        guarantee=guarantee,
        guarantee_why=guarantee_why,
        timer=timer,
        impact=(yield from foreseen(driver, changes, scope)),
        kinds=tuple(sorted(kinds)),
        kept=_kept(desired, observed, changes),
        pruned=tuple(sorted(one for one in prune if isinstance(one, str))),
        observed=fingerprint(observed, kinds),
        native=digested(masked(driver, seen.native.text)),
        checked=checked,
        diff=masked(driver, (yield from understood(native_change.compared(driver, changes, operations, seen.native)))),
        notes=(*told, *_not_storable(changes)),
    ).sealed()


def _kept(desired: Config, observed: Config, changes: Iterable[Change]) -> Config:
    """What is desired and there already: all that is desired, there, and does not change."""
    moved = {change.key for change in changes}
    return Config.of(item for item in observed.each() if item.key in desired and item.key not in moved)


def _not_storable(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        if change.after and '"observed:' in change.after.model_dump_json():
            yield (
                f"{change.key} keeps a secret that was read from the device: stored, this plan cannot be applied; "
                f"name the secret by reference in the desired configuration"
            )


@dataclass(frozen=True)
class Prepared:
    """A plan that fits what the device has, ready to be sent."""

    plan: Plan
    terms: Terms
    seen: Observation
    wanted: Config
    operations: tuple[Operation, ...]
    blank: ApplyResult
    """How the device is now; its outcome says nothing yet."""
    trial: Trial | None


def prepare(driver: Driver, plan: Plan, terms: Terms) -> Flow[Prepared]:
    """Read a device, and check that a plan fits what it has. `require` has checked the plan; its secrets are resolved.

    Raises:
        TamperedPlan, StalePlan, SecretError: nothing was sent but reads.
        Busy: somebody else's change waits for its confirmation.
        TransportError, DeviceError, ParseError: the device could not be read.
    """
    driver = native.aware(driver, plan.changes, plan.kept.items)
    seen = yield from observe(driver)
    observed = differ.referenced(seen.config, changed(seen.config, plan.changes))
    if fingerprint(observed, plan.kinds) != plan.observed:
        raise StalePlan(f"{plan.device} changed since the plan was made (in {', '.join(plan.kinds)}); plan again")
    wanted = changed(observed, plan.changes)
    differ.check(driver, observed, wanted, seen.foreign.keys())
    spare_foreign(driver, plan.changes, native_change.staying(driver, plan.changes, seen.native, seen.foreign))
    operations = render(driver, plan.changes, Scope(observed, wanted, seen.native))
    if tuple(str(operation) for operation in operations) != plan.payload:
        if digested(masked(driver, seen.native.text)) != plan.native:
            raise StalePlan(f"other lines of {plan.device} changed since the plan was made; plan again")
        raise TamperedPlan(f"the plan for {plan.device!r} would not send what it says; plan again")
    require_secrets(operations)
    if operations:
        yield from unclaimed(driver, terms.token)
    trial = terms.trial(plan, driver.confirming, _program(driver, Scope(wanted, observed, seen.native)))
    blank = ApplyResult(
        device=plan.device,
        platform=driver.platform,
        outcome=Outcome.APPLIED,
        plan=plan.digest,
        changes=plan.changes,
        before=observed,
        kept=plan.kept,
        pruned=plan.pruned,
        native_before=masked(driver, seen.native.text),
        saves=terms.save,
        token=trial.token if trial else "",
        timer=plan.timer.why if trial and plan.timer else "",
    ).remembering(seen.native)
    return Prepared(plan, terms, seen, wanted, operations, blank, trial)


def carry_out(driver: Driver, ready: Prepared, *, noted: bool = False) -> Flow[ApplyResult]:
    """Send what was prepared, read it back, and undo everything where that fails; the result tells of all of it.

    ``noted``: the journal knows already how the device is.

    Raises:
        Busy, TransportError, DeviceError: while the device was drained; nothing was changed.
    """
    driver = native.aware(driver, ready.plan.changes, ready.plan.kept.items)
    terms = ready.terms
    if not ready.operations:
        return ready.blank
    if not noted:
        yield Note("before", result=ready.blank)
    if terms.drain is None:
        return (yield from _attempted(driver, ready))
    yield from drained(driver, ready.plan.changes, terms.drain)
    try:
        done = yield from _attempted(driver, ready)
    except GeneratorExit:
        raise
    except BaseException as error:
        if problem := (yield from released(driver, ready.plan.changes)):
            error.add_note(problem)
        raise
    problem = yield from released(driver, ready.plan.changes)
    return done.model_copy(update={"notes": (*done.notes, *filter(None, (problem,)))})


def _attempted(driver: Driver, ready: Prepared) -> Flow[ApplyResult]:
    """Send, after whatever had to be waited for: here the time begins in which it is to be confirmed."""
    blank, terms = ready.blank, ready.terms
    if terms.confirm_within is not None and (stamp := (yield Note("armed")).text):
        until = datetime.fromisoformat(stamp) + timedelta(seconds=terms.confirm_within)
        blank = blank.model_copy(update={"confirm_by": until})
    attempt = Attempt(driver, ready.seen, ready.wanted, blank, terms=terms, trial=ready.trial)
    return (yield from attempt.run(ready.operations))


def apply(driver: Driver, plan: Plan, terms: Terms) -> Flow[ApplyResult]:
    """`prepare`, and `carry_out`; the errors are those of the former."""
    return (yield from carry_out(driver, (yield from prepare(driver, plan, terms))))


def _program(driver: Driver, back: Scope) -> tuple[Operation, ...]:
    """What leads the device back, for a program of ours that is left there."""
    if driver.confirming is None or not driver.confirming.program:
        return ()
    changes = differ.changes(driver, back.before, back.after)
    scope = replace(back, restore=back.native)
    return (*driver.begin, *render(driver, changes, scope), *driver.commit)
