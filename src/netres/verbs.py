"""The verbs that change a device, as the shells run them: the engine's flows, with their notes for the journal."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Literal, TypeAlias

from netres import drift, engine, settle, undo
from netres.attempt import interrupted
from netres.baseline import Baseline
from netres.drift import DriftReport
from netres.driver import Capability, Driver
from netres.errors import InvalidConfig, JournalFailed, UsageError
from netres.flow import Flow, Note
from netres.plan import ApplyResult, Plan
from netres.terms import Terms

Verb: TypeAlias = Callable[[Driver], Flow[ApplyResult]]


def apply(name: str, plan: Plan, terms: Terms) -> Verb:
    """`engine.apply`.

    Raises:
        InvalidConfig: the plan is for another device.
        SecretError: a reference in it leads nowhere.
    """
    if plan.device != name:
        raise InvalidConfig(f"the plan is for device {plan.device!r}, this is {name!r}; plan for this one")
    known = plan.resolved()

    def verb(driver: Driver) -> Flow[ApplyResult]:
        engine.require(driver, plan, terms)
        begin = Note("begin", plan=plan, terms=terms)
        return (yield from _recorded(begin, engine.apply(driver, known, terms)))

    return verb


def rollback(name: str, result: ApplyResult, *, save: bool, force: bool) -> Verb:
    """`undo.rollback`.

    Raises:
        InvalidConfig: the result is another device's.
    """
    _check_name(name, result)
    known = result.recalled()
    return lambda driver: _recorded(
        Note("begin", "rollback", result=result), undo.rollback(driver, known, save=save, force=force)
    )


def confirm(name: str, result: ApplyResult) -> Verb:
    """`settle.confirm`.

    Raises:
        InvalidConfig: the result is another device's.
        UsageError: nothing waits for a confirmation.
    """
    _check_name(name, result)
    if result.confirmed is not False:
        remedy = "confirm what apply(confirm_within=…) gave"
        raise UsageError(f"{name}: nothing waits for a confirmation; {remedy}")
    known = result.resolved()
    return lambda driver: _recorded(Note("begin", "confirm", result=result), settle.confirm(driver, known))


def drifted(name: str, baseline: Baseline, ignoring: Collection[str]) -> Callable[[Driver], Flow[DriftReport]]:
    """`drift.drift`.

    Raises:
        InvalidConfig: the baseline is another device's.
    """
    if baseline.device != name:
        raise InvalidConfig(f"the baseline is of device {baseline.device!r}, this is {name!r}; give this one's")
    known = baseline.resolved()
    return lambda driver: drift.drift(driver, known, ignoring)


def leave(result: ApplyResult) -> Flow[None]:
    """Write down that a change may wait on without us."""
    yield Note("left", result=result)


def abandon(driver: Driver) -> Flow[None]:
    """Write down that a change which waits is for `recover` to take back."""
    yield Note("abandoned")


def same(held: ApplyResult | None, result: ApplyResult) -> bool:
    """Whether a result, which may have gone through JSON, is that of the change which waits."""
    return held is not None and (held.plan, held.token) == (result.plan, result.token)


def require_no_other(name: str, held: ApplyResult | None, result: ApplyResult) -> None:
    """Many devices take whatever is committed for the confirmation of what waits.

    Raises:
        UsageError: another change waits for its confirmation.
    """
    if held and not same(held, result):
        raise UsageError(f"{name}: another change waits for its confirmation; confirm it, or roll it back")


def require_leavable(name: str, held: ApplyResult | None, result: ApplyResult) -> None:
    """What is left must wait here, and be taken back by the device.

    Raises:
        UsageError: it does not, or is not.
    """
    if not result.timer:
        raise UsageError(f"{name}: nothing but netres takes this change back; stay, and confirm it here")
    if not same(held, result):
        raise UsageError(f"{name}: nothing waits here that could be left; apply with confirm_within first")


def capabilities(driver: Driver) -> Flow[tuple[Capability, ...]]:
    """What the driver, fitted to the device, can do."""
    yield from ()
    return driver.capabilities()


def _check_name(name: str, result: ApplyResult) -> None:
    if result.device != name:
        raise InvalidConfig(f"the result is of device {result.device!r}, this is {name!r}; take that one")


def _recorded(begin: Note, flow: Flow[ApplyResult]) -> Flow[ApplyResult]:
    transaction = (yield begin).text
    try:
        result = yield from flow
    except GeneratorExit:
        raise
    except BaseException as error:
        yield _cut_short(begin.verb, transaction, error)
        raise
    result = result.model_copy(update={"transaction": transaction})
    try:
        yield Note("after", begin.verb, result=result)
    except JournalFailed as error:  # what is true of the device is true all the same
        note = f"the journal does not know of it: {error}; call recover() when it can be written again"
        return result.model_copy(update={"notes": (*result.notes, note)})
    return result


def _cut_short(verb: Literal["apply", "confirm", "rollback"], transaction: str, error: BaseException) -> Note:
    """What there is to write down where a verb ended with an error."""
    if told := interrupted(error):
        return Note("after", verb, result=told.model_copy(update={"transaction": transaction}))
    if verb != "apply" and not isinstance(error, Exception):
        return Note("abandoned", verb)  # nobody knows how far it came
    return Note("failed", verb, error=f"{type(error).__name__}: {error}")
