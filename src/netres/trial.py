"""A change that stands for a time: whether a device can do that, confirming it, taking it back. Pure flows."""

from __future__ import annotations

from contextlib import suppress

from netres.confirming import Confirming, Timer, Trial
from netres.driver import Driver
from netres.errors import Busy, DeviceError, NetresError, ParseError, TransportError
from netres.flow import Flow, Pause, Reconnect
from netres.observation import understood
from netres.plan import Guarantee

_TRIES = 12
"""How often a device is looked for in the time in which it takes a change back by itself."""


def offered(driver: Driver) -> Flow[tuple[Timer | None, str]]:
    """What takes a change back on this device, and, where there is nothing, what it lacks. Sends only reads."""
    if driver.confirming is None:
        return None, ""
    try:
        lacking = yield from understood(driver.confirming.lacks())
    except NetresError as error:
        lacking = f"whether it is there could not be learned: {error}"
    return (None, lacking) if lacking else (Timer.of(driver.confirming), "")


def guaranteed(driver: Driver, timer: Timer | None, lacking: str) -> tuple[Guarantee, str]:
    """How safe an apply can be on this device, and why."""
    if timer is None:
        lacks = f"; no timer would take a change back: {lacking}" if lacking else ""
        return driver.guarantee, driver.guarantee_why + lacks
    steps = f"in steps of {timer.step} s, {timer.least} to {timer.most} s"
    why = f"{driver.guarantee_why}; what is not confirmed is taken back by {timer.why} ({steps})"
    return (driver.guarantee if driver.guarantee.reaches(Guarantee.CONFIRMED) else Guarantee.CONFIRMED), why


def reached(trial: Trial | None) -> Flow[None]:
    """A new session; where none is to be had, and the device takes the change back by itself, as soon as it has.

    Raises:
        TransportError: the device cannot be reached.
    """
    for attempt in range(_TRIES if trial else 1):
        try:
            yield Reconnect()
        except TransportError:
            if trial is None or attempt == _TRIES - 1:
                raise
            yield Pause((trial.seconds + 5) / (_TRIES - 2))
        else:
            return


def waiting(confirming: Confirming, trial: Trial) -> Flow[bool]:
    """Whether the device still waits for the confirmation. What is not understood is asked once more.

    Raises:
        TransportError: the session is lost.
        DeviceError, ParseError: it does not tell.
    """
    try:
        return (yield from understood(confirming.waits(trial)))
    except (DeviceError, ParseError):
        return (yield from understood(confirming.waits(trial)))


def unclaimed(driver: Driver, token: str) -> Flow[None]:
    """See that nobody else's change waits for its confirmation, where a device cannot tell one from another.

    There a confirmation of ours would confirm that change too, and our way back would take it back.

    Raises:
        Busy: one does.
        TransportError, DeviceError, ParseError: the device does not tell.
    """
    confirming = driver.confirming
    if confirming is None or confirming.named or confirming.program:
        return
    if (yield from waiting(confirming, Trial(confirming.least, token))):
        raise Busy(
            f"a change that somebody else made waits for its confirmation ({confirming.why}); "
            f"try again when it was confirmed or taken back"
        )


def confirmed(driver: Driver, trial: Trial, sent: list[str]) -> Flow[None]:
    """Confirm a change that stands for a time; where the session is lost meanwhile, or it is refused, once more.

    Whether it still stood is for the caller to read back: a device may take the confirmation of what it has taken back.

    Raises:
        DeviceError: the device refused the confirmation: it has taken the change back, or refuses it still.
        TransportError: the device cannot be reached.
    """
    assert driver.confirming is not None
    operations = driver.confirming.confirm(trial)
    for last in (False, True):
        try:
            for operation in operations:
                sent.append(str(operation))
                yield operation
        except (TransportError, DeviceError) as error:
            if last:
                raise
            yield from reached(trial)
            if not (yield from waiting(driver.confirming, trial)):
                if isinstance(error, DeviceError):
                    raise
                return  # it took the confirmation, or has taken the change back
        else:
            return


def cancelled(driver: Driver, trial: Trial, sent: list[str]) -> Flow[None]:
    """Have the device take back at once what stands for a time. What came of it is for the caller to read back.

    Where it refuses a part of that, once more over a new session: what was begun is given up with the old one, and a
    refusal may have been noise.

    Raises:
        TransportError: the session is lost.
    """
    assert driver.confirming is not None
    for last in (False, True):
        with suppress(DeviceError, ParseError):  # nobody knows: then it is told to, and may say that there is nothing
            if not (yield from waiting(driver.confirming, trial)):
                return
        try:
            for operation in driver.confirming.cancel(trial):
                sent.append(str(operation))
                yield operation
        except DeviceError:  # the time was over in this very moment; else the way back does it line by line
            if not last:
                yield Reconnect()
        else:
            return
