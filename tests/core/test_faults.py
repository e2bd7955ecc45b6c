"""What law 10 found, one by one: what breaks at a read, at the end of an apply, and on the way back."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from memory_subject import Immediate, immediate_driver
from sessions import FRR, MEMORY, VLANS

from netres import registry
from netres.change import Change
from netres.driver import Driver, Report
from netres.errors import NetresError, ParseError
from netres.flow import Flow, Http, Operation, Reply
from netres.model import Config, Interface, StaticRoute, Vlan
from netres.plan import ApplyResult, Outcome
from netres.resource import Device
from netres.testing.faulty import INTERRUPT, NO_WAY_BACK, ON_THE_WIRE, Faulty
from netres.testing.sim.faults import FaultKind
from netres.transport.fake import FakeTransport
from netres_drivers.memory.device import MemoryDevice

FEW = replace(MEMORY, features=tuple(feature for feature in MEMORY.features if feature.item.KIND in {"vlan", "wlan"}))
OTHERS = Config.of([Vlan(id=20, name="data"), Vlan(id=40)])


def begun(native: MemoryDevice) -> Device:
    """A device with VLANs, saved."""
    device = Device("m1", FEW, native.session())
    assert device.apply(device.plan(VLANS)).outcome is Outcome.APPLIED
    return device


def broken(native: MemoryDevice, kind: FaultKind | str, what: str, driver: Driver = FEW) -> ApplyResult:
    """The result of a change in which the last operation that is ``what`` breaks."""
    session = Faulty(native.session(), kind, None, strike=native.reboot if kind is FaultKind.REBOOT else None)
    device = Device("m1", driver, session)
    plan = device.plan(OTHERS, {"vlan"})
    session.on = lambda operation: str(operation) == what
    session.at = 1 if what.startswith("GET") else 0
    result = device.apply(plan)
    assert session.struck is not None
    return result


def test_noise_in_the_read_back_is_no_difference() -> None:
    """A platform on which noise reads as nothing at all."""

    def deaf(operation: Operation) -> Reply:
        lines.extend([str(operation)] if str(operation).startswith("ip route") else [])
        if str(operation) != "show running-config":
            return Reply()
        return Reply("~~~" if next(reads) == 2 else "\n".join((*lines, "end")))

    lines, reads = ["hostname r1"], itertools.count()  # planning reads, applying reads, and then reads back
    driver = replace(FRR, dry_check=None, whole=MEMORY.whole)
    device = Device("r1", driver, FakeTransport(deaf))
    result = device.apply(device.plan(Config.of([StaticRoute(prefix="10.0.0.0/8", blackhole=True)])))
    assert (result.outcome, result.differences) == (Outcome.APPLIED, ())


def test_a_device_that_tells_something_else_each_time_is_unknown() -> None:
    reads = itertools.count(-1)  # the first two, planning and applying, see the same

    def fickle(operation: Operation) -> Reply:
        shown = max(0, next(reads)) if str(operation) == "show running-config" else 0
        return Reply("" if operation.writes else f"hostname r1\ninterface eth0\n description {shown}\nexit\nend")

    device = Device("r1", replace(FRR, dry_check=None), FakeTransport(fickle))
    result = device.apply(device.plan(Config.of([Interface(name="eth0", description="core")])))
    assert result.outcome is Outcome.UNKNOWN
    assert "something else each time" in result.error


@pytest.mark.parametrize("shown", ["\x01\x02~~", "hostname r1\nip route 10.0.0.0", "", "<html>log in first</html>"])
@pytest.mark.parametrize("platform", ["frr", "hostapd", "kamailio", "openwisp"])
def test_what_is_no_whole_configuration_is_not_taken_for_a_device_with_nothing(platform: str, shown: str) -> None:
    driver = replace(registry.get(platform), fit=None)
    device = Device("r1", driver, FakeTransport(lambda operation: Reply(shown, 0)))
    with pytest.raises(ParseError, match="no configuration, or not all of it"):
        device.observe()


def test_a_start_anew_before_it_was_saved_is_no_success() -> None:
    native = MemoryDevice()
    begun(native)
    before = native.native()
    result = broken(native, FaultKind.REBOOT, "POST /saved")
    assert (result.outcome, result.exact) == (Outcome.NOT_APPLIED, True)
    assert native.native() == before


def test_a_session_lost_while_saving_is_taken_up_again() -> None:
    native = MemoryDevice()
    begun(native)
    result = broken(native, FaultKind.CUT_BEFORE, "POST /saved")
    assert (result.outcome, result.saved) == (Outcome.APPLIED, True)
    assert native.saved == native.running


def test_a_device_that_is_gone_while_it_saves_is_unknown() -> None:
    native = MemoryDevice()
    device = begun(native)
    result = broken(native, "no-route", "POST /saved")
    assert (result.outcome, result.error) == (Outcome.UNKNOWN, "the connection was lost")
    assert device.refresh(result).outcome is Outcome.APPLIED


def test_a_report_that_is_not_understood_leaves_unknown_who_took_it() -> None:
    def reports(changes: Sequence[Change]) -> Flow[Iterable[Report]]:
        reply = yield Http("GET", "/vlan")
        raise TypeError(f"{reply.status} is no report")

    native = MemoryDevice()
    device = Device("m1", replace(FEW, reports=reports), native.session())
    result = device.apply(device.plan(VLANS))
    assert result.outcome is Outcome.UNKNOWN
    assert "TypeError: 200 is no report" in result.notes[0]


def test_a_check_that_stumbles_is_no_traceback() -> None:
    def check(operations: Sequence[Operation]) -> Flow[str]:
        yield Http("GET", "/vlan")
        raise KeyError("answer")

    device = Device("m1", replace(FEW, dry_check=check), MemoryDevice().session())
    with pytest.raises(ParseError, match="KeyError"):
        device.plan(VLANS)


def test_a_way_back_that_is_refused_is_told() -> None:
    native = MemoryDevice()
    first = begun(native)
    before = native.native()
    session = Faulty(Immediate(native.session()), FaultKind.REJECTED, None, again=True)
    session.on = lambda operation: operation.writes
    device = Device("m1", replace(immediate_driver(), features=FEW.features), session)
    plan = device.plan(OTHERS, {"vlan"})
    session.at = 1
    result = device.apply(plan)
    assert result.outcome is Outcome.DIFFERS
    assert result.differences
    assert "the way back was refused" in " ".join(result.notes)
    assert native.native() != before
    assert first.rollback(result).exact
    assert native.native() == before


@pytest.mark.parametrize("kind", [*ON_THE_WIRE, INTERRUPT, *NO_WAY_BACK, FaultKind.REBOOT])
@pytest.mark.parametrize("driver", [FEW, replace(immediate_driver(), features=FEW.features)], ids=["atomic", "lines"])
def test_whatever_breaks_on_the_way_back_is_told_truthfully(driver: Driver, kind: str) -> None:
    at = -1
    for at in itertools.count():
        native = MemoryDevice()
        device = begun(native)
        before = native.native()
        result = device.apply(device.plan(OTHERS, {"vlan"}))
        inner = native.session() if driver.begin else Immediate(native.session())
        session = Faulty(inner, kind, at, strike=native.reboot if kind == FaultKind.REBOOT else None)
        try:
            back = Device("m1", driver, session).rollback(result)
        except NetresError:
            assert session.struck is not None
            assert not session.wrote
        except KeyboardInterrupt:
            pass
        else:
            assert (back.outcome is Outcome.APPLIED) <= (native.native() == before), (at, session.struck, back)
            assert back.outcome in {Outcome.APPLIED, Outcome.DIFFERS, Outcome.UNKNOWN}
            assert (back.outcome is not Outcome.DIFFERS) or native.native() != before, (at, session.struck, back)
        if native.native() != before:
            assert device.rollback(result).exact, (at, session.struck)
        if session.struck is None:
            break
    assert at > 5
