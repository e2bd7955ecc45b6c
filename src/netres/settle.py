"""What is true of a change now, and making final what waits for its confirmation. Pure flows."""

from __future__ import annotations

from netres import native
from netres.attempt import finish, store
from netres.change import changed
from netres.confirming import Trial
from netres.driver import Driver
from netres.errors import DeviceError, NetresError, TransportError
from netres.flow import Flow, Reconnect
from netres.observation import observe, surely
from netres.outcome import differences, settled, verified
from netres.plan import ApplyResult, Difference, Outcome
from netres.terms import AT_ONCE
from netres.trial import confirmed, waiting


def refresh(driver: Driver, result: ApplyResult) -> Flow[ApplyResult]:
    """Read the device again and say which outcome of ``result`` is true now. Changes nothing.

    Raises:
        TransportError, DeviceError, ParseError: the device could not be read, or tells something else each time.
    """
    driver = native.aware(driver, result.changes, result.before.items)
    keys = [change.key for change in result.changes]
    wanted = changed(result.before, result.changes)

    def look() -> Flow[tuple[tuple[Difference, ...], bool]]:
        """What is not as it was wanted, and whether all is as it was before."""
        observed = (yield from observe(driver)).config
        astray = yield from verified(driver)
        wrong = differences(driver, keys, wanted, observed) + astray
        return wrong, not astray and not differences(driver, keys, result.before, observed)

    wrong, before = yield from surely(look, lambda told: not told[0])
    if not wrong:
        told = yield from settled(driver, result.changes, (), fresh=False)
        found = {"outcome": told.outcome, "differences": told.wrong, "pending": told.pending}
        return result.model_copy(update=found)
    outcome = Outcome.NOT_APPLIED if before else Outcome.DIFFERS
    return result.model_copy(update={"outcome": outcome, "differences": wrong, "pending": ()})


def verify(driver: Driver, result: ApplyResult) -> Flow[ApplyResult]:
    """`refresh` over a new session: that the device can still be reached is part of what is asked.

    Raises:
        TransportError, DeviceError, ParseError: the device could not be reached, or not be read.
    """
    yield Reconnect()
    return (yield from refresh(driver, result))


def stands(result: ApplyResult, now: ApplyResult) -> bool:
    """Whether what ``result`` told is still so ``now``."""
    return now.outcome.holds or (result.outcome is now.outcome and result.differences == now.differences)


def confirm(driver: Driver, result: ApplyResult, *, checked: bool = False) -> Flow[ApplyResult]:
    """Have what waits for its confirmation stand for good. ``checked``: it was read back, over a new session, just now.

    The result tells whether it does: ``confirmed``. Where the device has taken it back in time, it is `NOT_APPLIED`;
    where it refuses the confirmation, ``confirmed`` is still false.

    Raises:
        TransportError, DeviceError, ParseError: the device could not be reached, or not be read; it still waits.
    """
    if not checked:
        now = yield from verify(driver, result)
        if not stands(result, now):
            return (yield from _gone(driver, now))
    sent = list(result.sent)
    try:
        found = yield from _final(driver, result, sent)
    except NetresError as error:
        note = "whether the confirmation arrived is not known"
        found = result.model_copy(
            update={"outcome": Outcome.UNKNOWN, "error": str(error), "error_type": type(error).__name__}
            | {"notes": (*result.notes, note)}
        )
    return found.model_copy(update={"sent": tuple(sent)})


def _final(driver: Driver, result: ApplyResult, sent: list[str]) -> Flow[ApplyResult]:
    """Once more where the session is lost: if it stands still, as the device may have started anew, without it."""
    try:
        return (yield from _made_final(driver, result, sent))
    except TransportError:
        if not sent:
            raise
    now = yield from verify(driver, result)
    return (yield from (_made_final(driver, result, sent) if stands(result, now) else _gone(driver, now)))


def still_waiting(driver: Driver, now: ApplyResult) -> Flow[ApplyResult]:
    """What is true ``now`` of what does not stand: somebody may have changed back what the device waits for still.

    That is not gone, but `DIFFERS`: the device is yet to take it back, with what else was done to it since.

    Raises:
        TransportError, DeviceError, ParseError: the device does not tell.
    """
    if now.outcome is not Outcome.NOT_APPLIED or not now.token or driver.confirming is None:
        return now
    waits = yield from waiting(driver.confirming, Trial(AT_ONCE, now.token))
    return now.model_copy(update={"outcome": Outcome.DIFFERS}) if waits else now


def _gone(driver: Driver, told: ApplyResult) -> Flow[ApplyResult]:
    now = yield from still_waiting(driver, told)
    error = "what was to be confirmed does not stand: it was taken back, or changed, before"
    return now.model_copy(update={"error": error, "error_type": "DeviceError"})


def _made_final(driver: Driver, result: ApplyResult, sent: list[str]) -> Flow[ApplyResult]:
    if result.token and driver.confirming:
        trial, refused = Trial(AT_ONCE, result.token), None
        if (yield from waiting(driver.confirming, trial)):
            try:
                yield from confirmed(driver, trial, sent)
            except DeviceError as error:
                refused = error
        now = yield from refresh(driver, result)  # a device may take the confirmation of what it has taken back
        if not stands(result, now):
            return (yield from _gone(driver, now))
        if refused and (yield from waiting(driver.confirming, trial)):
            update = {"error": str(refused), "error_type": type(refused).__name__}
            note = "the device refused the confirmation, and still waits for it"
            return result.model_copy(update={**update, "notes": (*result.notes, note)})
    saved, notes = (yield from store(driver)) if result.saves else (None, ())
    notes += yield from finish(driver)
    told = yield from settled(driver, result.changes, result.differences)
    found: dict[str, object] = {"outcome": told.outcome, "differences": told.wrong, "pending": told.pending}
    found |= {"saved": saved, "confirmed": True, "notes": (*result.notes, *notes, *told.notes)}
    return result.model_copy(update=found)
