"""Configuration that is written whole: checked, swapped, verified, read back, and put back where anything fails."""

from __future__ import annotations

import pytest
from filebox import BOX, CONTROLLER, FITTED, READ_ONLY, Box

from netres import AccessPoint, ApplyFailed, ApplyResult, Config, Outcome, Vlan, WirelessClient
from netres.errors import ConnectFailed, InvalidConfig, Rejected, StalePlan, TransportError, Unsupported
from netres.resource import Device

VLANS = Config(items=(Vlan(id=20, name="voice"), Vlan(id=30)))
BY_HAND = "# by hand\n"
WRITTEN = "# by hand\nvlan 20 voice\nvlan 30\n"


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def device(box: Box) -> Device:
    return Device("b1", BOX, box)


def changed(box: Box) -> list[str]:
    return [str(operation).partition("\n")[0] for operation in box.sent if operation.writes]


def test_all_changes_are_one_file_checked_swapped_and_cleaned_up(box: Box, device: Device) -> None:
    plan = device.plan(VLANS)
    assert plan.payload == (f"put vlans.new\n{WRITTEN.rstrip()}", "check vlans.new", "swap", "reload")
    result = device.apply(plan)
    assert result.outcome is Outcome.APPLIED
    assert box.files == {"vlans": WRITTEN}
    assert changed(box) == ["put vlans.new", "check vlans.new", "swap", "reload", "rm vlans.old"]
    back = device.rollback(result)
    assert (back.outcome, back.exact, box.files) == (Outcome.APPLIED, True, {"vlans": BY_HAND})


def test_what_the_checker_refuses_never_becomes_the_file(box: Box, device: Device) -> None:
    result = device.apply(device.plan(Config(items=(Vlan(id=666),))))
    assert (result.outcome, result.error_type) == (Outcome.NOT_APPLIED, "Rejected")
    assert "vlan 666 is not possible" in result.error
    assert (box.files["vlans"], box.running) == (BY_HAND, BY_HAND)


def test_a_daemon_that_says_yes_and_loads_nothing_gets_the_old_file_back(box: Box, device: Device) -> None:
    plan = device.plan(VLANS)
    box.broken = True
    result = device.apply(plan)
    assert result.outcome in {Outcome.NOT_APPLIED, Outcome.DIFFERS}
    assert "the daemon runs on something else" in result.error
    assert box.files["vlans"] == BY_HAND


@pytest.mark.parametrize("at", ["put vlans.new", "check vlans.new", "swap", "reload"])
def test_a_program_that_always_breaks_leaves_the_device_as_it_was(box: Box, device: Device, at: str) -> None:
    plan = device.plan(VLANS)
    box.fails[at] = TransportError("cut")
    result = device.apply(plan)
    assert (result.outcome, box.files["vlans"], box.running) == (Outcome.NOT_APPLIED, BY_HAND, BY_HAND)


def test_a_way_back_that_was_cut_before_the_daemon_took_it_is_finished_by_the_next(box: Box, device: Device) -> None:
    result = device.apply(device.plan(VLANS))
    box.files["vlans"] = BY_HAND  # as a rollback leaves it that dies here
    assert device.refresh(result).outcome is Outcome.DIFFERS
    back = device.rollback(result)
    assert (back.outcome, box.running) == (Outcome.APPLIED, BY_HAND)
    assert changed(box)[-2:] == ["reload", "rm vlans.old"]


def test_a_session_lost_before_the_daemon_took_the_file_is_not_taken_for_done(box: Box, device: Device) -> None:
    plan = device.plan(VLANS)
    box.cut = ("reload", TransportError("cut"))
    result = device.apply(plan)
    assert (result.outcome, box.files["vlans"], box.running) == (Outcome.NOT_APPLIED, BY_HAND, BY_HAND)


def test_refresh_tells_that_the_daemon_runs_on_something_else(box: Box, device: Device) -> None:
    result = device.apply(device.plan(VLANS))
    box.running = BY_HAND
    found = device.refresh(result)
    assert found.outcome is Outcome.DIFFERS
    assert "the daemon runs on something else" in str(found.differences[0])


def test_what_cannot_be_cleaned_up_is_told_and_the_change_holds(box: Box, device: Device) -> None:
    box.fails["rm vlans.old"] = Rejected("rm vlans.old", "read-only file system")
    result = device.apply(device.plan(VLANS))
    assert result.outcome is Outcome.APPLIED
    assert [note for note in result.notes if "read-only file system" in note]


def test_a_change_is_pending_until_everyone_has_reported(box: Box) -> None:
    device = Device("c1", CONTROLLER, box)
    box.told = {"ap-2": "modified", "ap-1": "modified", "ap-3": "ok"}
    result = device.apply(device.plan(VLANS))
    assert (result.outcome, result.pending) == (Outcome.PENDING, ("ap-1", "ap-2"))
    assert result.raise_for_outcome() is result
    box.told["ap-1"] = "ok"
    result = ApplyResult.parse(device.refresh(result).model_dump_json())
    assert (result.outcome, result.pending) == (Outcome.PENDING, ("ap-2",))
    box.told["ap-2"] = "ok"
    assert device.refresh(result).outcome is Outcome.APPLIED
    box.told["ap-2"] = "bad"
    failed = device.refresh(result)
    assert [str(one) for one in failed.differences] == ["access_point[ap-2]: wanted applied, found failed"]
    with pytest.raises(ApplyFailed):
        failed.raise_for_outcome()


def test_the_way_back_is_pending_too(box: Box) -> None:
    device = Device("c1", CONTROLLER, box)
    result = device.apply(device.plan(VLANS))
    assert result.outcome is Outcome.APPLIED
    box.told = {"ap-1": "modified"}
    back = device.rollback(result)
    assert (back.outcome, back.pending, box.files["vlans"]) == (Outcome.PENDING, ("ap-1",), BY_HAND)


def test_a_pending_change_that_somebody_changed_since_is_not_rolled_back_unasked(box: Box) -> None:
    device = Device("c1", CONTROLLER, box)
    box.told = {"ap-1": "modified"}
    result = device.apply(device.plan(VLANS))
    box.files["vlans"] = box.running = "# by hand\nvlan 20 by-somebody\nvlan 30\n"
    with pytest.raises(StalePlan, match="was changed since"):
        device.rollback(result)


def test_who_took_it_may_not_be_learned_and_then_it_is_unknown(box: Box) -> None:
    device = Device("c1", CONTROLLER, box)
    box.fails["reports"] = ConnectFailed("no route")
    result = device.apply(device.plan(VLANS))
    assert result.outcome is Outcome.UNKNOWN
    assert "no route" in result.notes[-1]


def test_a_driver_is_fitted_to_the_device_once_before_the_first_verb(box: Box) -> None:
    device = Device("f1", FITTED, box)
    assert not box.sent
    assert device.driver.capability("vlan").support == "read-write"
    box.files["vlans"] = "# readonly\n"
    capability = next(one for one in device.capabilities() if one.kind == "vlan")
    assert capability == READ_ONLY
    assert len(box.sent) == 1
    with pytest.raises(Unsupported, match="it can be read, not written: the file says so"):
        device.plan(VLANS)


def test_options_that_a_driver_cannot_use_are_refused(box: Box) -> None:
    device = Device("f1", FITTED, box, {"file": "/etc/passwd"})
    with pytest.raises(InvalidConfig, match=r"options\.file"):
        device.facts()
    assert not box.sent


def test_state_is_what_the_device_tells(box: Box, device: Device) -> None:
    box.told = {"ap-1": "ok"}
    assert device.state(AccessPoint) == (AccessPoint(name="ap-1"),)
    assert BOX.capability("access_point").missing == ("mac",)
    with pytest.raises(Unsupported, match="wireless_client: box does not tell it") as caught:
        device.clients()
    assert caught.value.capability == BOX.capability(WirelessClient.KIND)
