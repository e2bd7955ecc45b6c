"""A drain, driven by hand: nothing new is taken, what runs ends or not, and what was begun is taken back."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_subject import Immediate, immediate_driver
from sessions import MEMORY

from netres.change import Change
from netres.draining import STEP, Drain, drained, released
from netres.driver import Driver
from netres.errors import Busy, ConnectFailed, Rejected, Unsupported
from netres.flow import Flow, Http, Operation, Pause, Reconnect, Reply, run
from netres.model import Config, SipPeer, SipTrunk
from netres.resource import Device
from netres_drivers.memory.device import MemoryDevice

TRUNK = SipTrunk(name="itsp", peers=(SipPeer(host="192.0.2.1"),))
CHANGES = (Change.of(TRUNK, None),)
Number = int | None


@dataclass
class Sbc:
    """A trunk with calls: each look at it takes the next of ``calls``, and the last one for ever."""

    calls: list[Number]
    failing: dict[str, BaseException] = field(default_factory=dict[str, BaseException])
    """By the operation: what it raises, once."""
    drains: bool = False
    sent: list[str] = field(default_factory=list[str])
    paused: float = 0.0

    def driver(self) -> Driver:
        return replace(MEMORY, drain=Drain("trunk", "call", ready, start, self.running, stop))

    def running(self, changes: Sequence[Change]) -> Flow[Mapping[str, Number]]:
        yield Http("GET", "/calls")
        return {change.key.values[0]: self.calls.pop(0) if self.calls[1:] else self.calls[0] for change in changes}

    def execute(self, operation: Operation) -> Reply:
        self.sent.append(str(operation))
        if isinstance(operation, Pause):
            self.paused += operation.seconds
            return Reply()
        if (error := self.failing.pop(str(operation), None)) is not None:
            raise error
        if not isinstance(operation, Reconnect) and operation.writes:
            self.drains = str(operation) == str(START)
        return Reply()

    def drain(self, seconds: float) -> None:
        run(drained(self.driver(), CHANGES, seconds), self.execute)


READY, START, STOP = Http("GET", "/peers"), Http("POST", "/drain"), Http("DELETE", "/drain")


def ready(changes: Sequence[Change]) -> Flow[None]:
    yield READY


def start(changes: Sequence[Change]) -> Flow[None]:
    yield START


def stop(changes: Sequence[Change]) -> Flow[None]:
    yield STOP


@given(st.lists(st.integers(1, 9), max_size=6))
def test_it_waits_till_no_call_is_left_and_then_still_drains(calls: list[int]) -> None:
    sbc = Sbc([*calls, 0])
    sbc.drain(10)
    assert sbc.drains
    assert sbc.paused == STEP * len(calls)
    assert sbc.sent == [str(READY), str(START), "GET /calls", *[f"pause {STEP:g} s", "GET /calls"] * len(calls)]
    assert run(released(sbc.driver(), CHANGES), sbc.execute) == ""
    assert not sbc.drains


@given(st.integers(1, 50), st.sampled_from([0.0, 0.3, 1.0, 1.2]))
def test_calls_that_do_not_end_take_the_trunk_back(calls: int, seconds: float) -> None:
    sbc = Sbc([calls])
    number = "1 call is" if calls == 1 else f"{calls} calls are"
    with pytest.raises(Busy) as busy:
        sbc.drain(seconds)
    assert str(busy.value) == f"{number} still in progress on trunk itsp after {seconds:g} s; nothing was changed"
    assert not sbc.drains
    assert sbc.paused == pytest.approx(seconds)


def test_calls_that_nobody_counts_are_not_none() -> None:
    sbc = Sbc([None])
    told = "how many calls are in progress on trunk itsp is not known after 1 s; nothing was changed"
    with pytest.raises(Busy, match=f"^{told}$"):
        sbc.drain(1)
    assert not sbc.drains


def test_nothing_that_changes_is_drained_at_once() -> None:
    sbc = Sbc([5])
    run(drained(sbc.driver(), (), 10), sbc.execute)
    assert sbc.paused == 0


def test_what_cannot_begin_is_not_begun() -> None:
    sbc = Sbc([1], {str(READY): Busy("a peer is disabled already")})
    with pytest.raises(Busy, match="already"):
        sbc.drain(1)
    assert sbc.sent == [str(READY)]


@pytest.mark.parametrize("at", [str(START), "GET /calls", f"pause {STEP:g} s"])
@pytest.mark.parametrize("error", [Rejected("it", "no"), ConnectFailed("lost"), KeyboardInterrupt()])
def test_whatever_breaks_the_trunk_takes_calls_again(at: str, error: BaseException) -> None:
    sbc = Sbc([1])

    def execute(operation: Operation) -> Reply:
        reply = sbc.execute(operation)
        if str(operation) == at:  # it arrived; the answer did not
            raise error
        return reply

    with pytest.raises(type(error)):
        run(drained(sbc.driver(), CHANGES, 10), execute)
    assert sbc.sent[-1] == str(STOP)
    assert not sbc.drains


def test_a_lost_session_is_opened_anew_to_take_the_trunk_back() -> None:
    sbc = Sbc([1], {str(STOP): ConnectFailed("lost")})
    with pytest.raises(Busy, match=r"nothing was changed$"):
        sbc.drain(0)
    assert sbc.sent[-3:] == [str(STOP), "reconnect", str(STOP)]
    assert not sbc.drains


def test_what_could_not_be_taken_back_is_told() -> None:
    words = r"a trunk may still take no new call, because that could not be taken back: .*refused 'it': no"
    sbc = Sbc([1], {str(STOP): Rejected("it", "no")})
    with pytest.raises(Busy, match=words):
        sbc.drain(0)
    sbc = Sbc([1], {str(STOP): Rejected("it", "no"), "GET /calls": KeyboardInterrupt()})
    with pytest.raises(KeyboardInterrupt) as interrupt:
        sbc.drain(1)
    assert "may still take no new call" in interrupt.value.__notes__[0]
    sbc = Sbc([1], {str(STOP): Rejected("it", "no")})
    assert "may still take no new call" in run(released(sbc.driver(), CHANGES), sbc.execute)


def test_a_platform_that_cannot() -> None:
    sbc = Sbc([1])
    for flow in (drained(MEMORY, CHANGES, 1), released(MEMORY, CHANGES)):
        with pytest.raises(Unsupported, match="memory cannot drain"):
            run(flow, sbc.execute)
    assert not sbc.sent


def test_the_time_to_confirm_begins_when_nothing_runs_any_more() -> None:
    """Else a change would be taken back as soon as it was made, where calls took longer than that."""
    native = MemoryDevice()
    session = native.session()
    sbc = Sbc([3, 0])
    driver = replace(immediate_driver(), drain=sbc.driver().drain)

    class Link:
        def execute(self, operation: Operation) -> Reply:
            if str(operation) in {str(READY), str(START), str(STOP), "GET /calls"}:
                return sbc.execute(operation)
            return Immediate(session).execute(operation)

        def pause(self, seconds: float) -> None:
            time.sleep(seconds)

        def close(self) -> None:
            session.close()

    with Device("m1", driver, Link()) as device:
        held = device.apply(device.plan(Config.of([TRUNK])), drain=5, confirm_within=STEP)
        assert held.confirm_by is not None
        assert held.confirm_by > datetime.now(UTC) + timedelta(seconds=STEP / 2)
        assert device.confirm(held).confirmed
