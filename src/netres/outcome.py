"""What is true of a device after a change: what differs, what is gone, whether it runs on it, and who has taken it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from netres import differ
from netres.change import Change
from netres.driver import Driver
from netres.errors import DeviceError, NetresError
from netres.flow import Flow
from netres.model.base import Item, Key
from netres.model.config import Config
from netres.model.secret import MASK, Secret, paired
from netres.observation import Observation, masked, understood
from netres.plan import Difference, Outcome


def differences(driver: Driver, keys: Iterable[Key], wanted: Config, found: Config) -> tuple[Difference, ...]:
    """What differs in the Items of ``keys``. A secret that is not known here cannot be compared, and is passed over."""
    wanted = differ.aligned(driver, wanted, found)
    lines: list[Difference] = []
    for key in sorted(keys, key=Key.rank):
        one, other = wanted.by_key.get(key), found.by_key.get(key)
        if one is None or other is None:
            if one is not other:
                lines.append(Difference(item=str(key), wanted=presence(one), found=presence(other)))
            continue
        one = paired(one, other, lambda mine, theirs: mine if mine.known and theirs.known else theirs)
        for name in one.differing(other):
            mine, theirs = getattr(one, name), getattr(other, name)
            lines.append(Difference(item=str(key), field=name, wanted=shown(mine), found=shown(theirs)))
    return tuple(lines)


def lost(driver: Driver, before: Observation, after: Observation) -> tuple[Difference, ...]:
    """The native lines that no feature owns and that are there no more: nobody asked for that."""
    gone = dict.fromkeys(driver.unowned(before.native))
    for line in driver.unowned(after.native):
        gone.pop(line, None)
    return tuple(Difference(item=masked(driver, line), wanted="as before", found="absent") for line in gone)


def verified(driver: Driver) -> Flow[tuple[Difference, ...]]:
    """What is wrong with how the device runs on what it has stored."""
    try:
        if driver.verify is not None:
            yield from understood(driver.verify())
    except DeviceError as error:
        return (Difference(item=driver.platform, wanted="running as stored", found=str(error)),)
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
        reports = tuple((yield from understood(driver.reports(changes))))
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


def presence(item: Item | None) -> str:
    """Whether an Item is there, in a word."""
    return "present" if item else "absent"


def shown(value: object) -> str:
    """What a field says; of a secret its reference, or nothing but that there is one."""
    if isinstance(value, Secret):
        return str(value) if value.named else MASK
    return repr(value)
