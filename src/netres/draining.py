"""Draining: a device takes no new work for what is about to change, and finishes what it has. Pure flows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from netres.change import Change
from netres.errors import Busy, NetresError, TransportError, Unsupported
from netres.flow import Flow, Pause, Reconnect

if TYPE_CHECKING:
    from netres.driver import Driver

STEP: Final = 0.5
"""Seconds from one look at what still runs to the next."""


@dataclass(frozen=True)
class Drain:
    """How one platform drains what changes concern. Each flow reads the device, and may be done again at any time."""

    what: str
    """What is drained, one of it: ``trunk``."""
    work: str
    """What runs there, one of it: ``call``."""
    ready: Callable[[Sequence[Change]], Flow[None]]
    """Raises `netres.errors.Busy` where `start` could not be taken back as if it had not been. Sends only reads."""
    start: Callable[[Sequence[Change]], Flow[None]]
    """From here on nothing new is taken; what runs goes on."""
    running: Callable[[Sequence[Change]], Flow[Mapping[str, int | None]]]
    """What still runs, by the name of what is drained; ``None``: not known. Sends only reads."""
    stop: Callable[[Sequence[Change]], Flow[None]]
    """Takes `start` back, for whatever of it is still there: the change was not made, or is made."""


def drain_of(driver: Driver) -> Drain:
    """How a platform drains.

    Raises:
        Unsupported: it cannot; nothing was sent.
    """
    if driver.drain is None:
        raise Unsupported(f"{driver.platform} cannot drain: nothing there keeps new work away; apply without drain")
    return driver.drain


def drained(driver: Driver, changes: Sequence[Change], seconds: float) -> Flow[None]:
    """Start to drain, and wait until nothing runs any more; then the change may be made, and `released` ends it.

    ``seconds`` of pauses at most; what the device takes to answer comes on top of that.

    Raises:
        Unsupported: the platform cannot drain; nothing was sent.
        Busy: it cannot begin, nothing was sent but reads; or something still runs when the time is over, or nobody
            knows whether it does: new work is taken again.
        TransportError, DeviceError: the device could not be asked; new work is taken again, or a note of the error
            says that it may not be.
    """
    drain = drain_of(driver)
    yield from drain.ready(changes)
    try:
        yield from drain.start(changes)
        left = yield from _waited(drain, changes, seconds)
    except GeneratorExit:
        raise
    except BaseException as error:  # an interrupt must not leave behind what takes no new work
        if problem := (yield from _surely_stopped(drain, changes)):
            error.add_note(problem)
        raise
    if left:
        problem = yield from _surely_stopped(drain, changes)
        raise Busy(f"{_told(drain, left)} after {seconds:g} s; nothing was changed{problem and f'; {problem}'}")


def released(driver: Driver, changes: Sequence[Change]) -> Flow[str]:
    """End what `drained` began, once the change was made or not: empty, or what is wrong, for people.

    Never raises an error of the device's or of the session's: what was changed stands. Safe to be done again.
    """
    return (yield from _surely_stopped(drain_of(driver), changes))


def _waited(drain: Drain, changes: Sequence[Change], seconds: float) -> Flow[Mapping[str, int | None]]:
    """What still runs when the time is over, or nothing does any more."""
    waited = 0.0
    while True:
        found = yield from drain.running(changes)
        left = {name: count for name, count in found.items() if count != 0}
        if not left or waited >= seconds:
            return left
        pause = min(STEP, seconds - waited)
        yield Pause(pause)
        waited += pause


def _surely_stopped(drain: Drain, changes: Sequence[Change]) -> Flow[str]:
    try:
        yield from drain.stop(changes)
    except TransportError:
        with suppress(NetresError):
            yield Reconnect()
    except NetresError as error:
        return _left_behind(drain, error)
    else:
        return ""
    try:
        yield from drain.stop(changes)
    except NetresError as error:
        return _left_behind(drain, error)
    return ""


def _left_behind(drain: Drain, error: NetresError) -> str:
    return f"a {drain.what} may still take no new {drain.work}, because that could not be taken back: {error}"


def _told(drain: Drain, left: Mapping[str, int | None]) -> str:
    """What still runs, in words."""
    parts: list[str] = []
    for name, count in sorted(left.items()):
        if count is None:
            parts.append(f"how many {drain.work}s are in progress on {drain.what} {name} is not known")
        else:
            work = f"1 {drain.work} is" if count == 1 else f"{count} {drain.work}s are"
            parts.append(f"{work} still in progress on {drain.what} {name}")
    return ", ".join(parts)
