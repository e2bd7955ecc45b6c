"""What a plan touches, as its driver foresees it: a pure flow that never fails."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from netres.change import Change
from netres.driver import Driver, Scope
from netres.errors import NetresError, TransportError
from netres.flow import Flow, Reconnect
from netres.impact import NOTHING, Impact
from netres.observation import masked, understood


def foreseen(driver: Driver, changes: Sequence[Change], scope: Scope) -> Flow[Impact]:
    """What changes touch. Sends only reads; whatever goes wrong, the impact is not known, and the plan stands.

    Where the session is lost, another is opened: what comes after the plan needs one.
    """
    if not changes:
        return NOTHING
    if driver.impact is None:
        return Impact(notes=(f"the {driver.platform} driver does not tell what a change touches",))
    try:
        return (yield from understood(driver.impact(changes, scope)))
    except NetresError as error:
        if isinstance(error, TransportError):
            with suppress(NetresError):
                yield Reconnect()
        reason = masked(driver, f"the device could not be asked: {error}")
        return Impact(why=reason, notes=(reason,))
