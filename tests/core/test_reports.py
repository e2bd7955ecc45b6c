"""A controller's access points have to take a change, too: the outcome says who has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from sessions import MEMORY, VLANS

from netres.change import Change
from netres.driver import Driver, Report
from netres.errors import TransportError
from netres.flow import Flow
from netres.plan import Outcome
from netres.resource import Device
from netres_drivers.memory.device import MemoryDevice

TOLD: dict[str, Report] = {}


def _reports(changes: Sequence[Change]) -> Flow[Iterable[Report]]:
    yield from ()
    assert {change.key.kind for change in changes} == {"vlan"}
    if "cut" in TOLD:
        raise TransportError("cut")
    return TOLD.values()


def controller(native: MemoryDevice, *reports: Report, late: bool = False) -> Device:
    TOLD.clear()
    TOLD.update({report.name: report for report in reports})
    driver: Driver = replace(MEMORY, reports=_reports, reports_late=late)
    return Device("m", driver, native.session())


def test_who_has_not_taken_it_is_named_until_he_has(native: MemoryDevice) -> None:
    device = controller(native, Report("ap-2", "pending"), Report("ap-1", "applied"))
    result = device.apply(device.plan(VLANS))
    assert (result.outcome, result.pending) == (Outcome.PENDING, ("ap-2",))
    TOLD["ap-2"] = Report("ap-2", "applied")
    assert device.refresh(result).outcome is Outcome.APPLIED
    TOLD["ap-2"] = Report("ap-2", "failed")
    refreshed = device.refresh(result)
    assert (refreshed.outcome, refreshed.pending) == (Outcome.DIFFERS, ())
    assert str(refreshed.differences[0]) == "access_point[ap-2]: wanted applied, found failed"
    TOLD["ap-2"] = Report("ap-2", "pending")
    assert device.rollback(result).pending == ("ap-2",)


@pytest.mark.parametrize("status", ["applied", "failed", "pending"])
def test_what_is_told_late_counts_when_it_is_asked_again(native: MemoryDevice, status: str) -> None:
    report = Report("ap-1", "failed" if status == "failed" else "applied" if status == "applied" else "pending")
    device = controller(native, report, late=True)
    result = device.apply(device.plan(VLANS))
    assert (result.outcome, result.pending) == (Outcome.PENDING, ("ap-1",))
    outcomes = {"applied": Outcome.APPLIED, "failed": Outcome.DIFFERS, "pending": Outcome.PENDING}
    assert device.refresh(result).outcome is outcomes[status]
    assert device.rollback(result).pending == ("ap-1",)


def test_where_nobody_can_be_asked_the_outcome_is_unknown(native: MemoryDevice) -> None:
    device = controller(native, Report("cut", "applied"))
    result = device.apply(device.plan(VLANS))
    assert result.outcome is Outcome.UNKNOWN
    assert "who took it could not be learned: cut" in result.notes[0]
