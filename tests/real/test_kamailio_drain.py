"""Calls in progress on a real Kamailio: what a plan says of them, and a trunk that is drained before it changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from calls import EVERYTHING, FIRST, SECOND, apply, state, trunk

from netres import observation, registry
from netres.draining import drained, released
from netres.driver import Driver
from netres.errors import Busy
from netres.flow import Flow, Operation, Pause, Reply, Transport, run
from netres.impact import Effect
from netres.model import CallRoute, Config, SipTrunk
from netres.plan import Outcome
from netres.resource import Device
from netres.testing.netns import wait_until
from netres.testing.sipp import Sipp
from netres.transport import open_transport
from netres_drivers.kamailio.lab import KamailioLab

pytestmark = pytest.mark.real
OTHER = SipTrunk(name="other", peers=(SECOND,))


class Session:
    """Drives flows over SSH; what shall happen at the first pause of a drain is done then."""

    def __init__(self, sbc: KamailioLab) -> None:
        driver, options = registry.get("kamailio"), sbc.entry().options
        self.transport: Transport = open_transport(sbc.entry(), driver)
        self.driver: Driver = run(observation.fitted(driver, options), self.transport.execute)

    def run(self, flow: Flow[object], meanwhile: Callable[[], object] = lambda: None) -> object:
        waiting = [meanwhile]

        def execute(operation: Operation) -> Reply:
            if isinstance(operation, Pause):
                if waiting:
                    waiting.pop()()
                time.sleep(operation.seconds)
                return Reply()
            return self.transport.execute(operation)

        return run(flow, execute)


@pytest.fixture(scope="module")
def session(sbc: KamailioLab) -> Iterator[Session]:
    opened = Session(sbc)
    yield opened
    opened.transport.close()


@pytest.fixture(scope="module")
def second(sbc: KamailioLab) -> Sipp:
    """Who calls while the first one does."""
    return Sipp(sbc.host, sbc.sipp.server, port=5091)


@pytest.fixture
def device(sbc: KamailioLab, opened: Device) -> Device:
    sbc.reset()
    return opened


def up(device: Device) -> None:
    wait_until(lambda: {peer.status for peer in state(device).peers} == {"up"}, "answers to OPTIONS")


def test_a_plan_says_how_many_calls_are_in_progress_and_they_go_on(sbc: KamailioLab, device: Device) -> None:
    apply(device, trunk(), OTHER, EVERYTHING)
    calls = sbc.sipp.calling("+4912345", count=2, rate=1000, hold=1200)
    wait_until(lambda: state(device).sessions == 2, "two calls")
    going = device.plan(Config.of([OTHER.model_copy(update={"max_sessions": 1})]), {"sip_trunk", "call_route"})
    assert going.impact.effects == (
        Effect(what="call", where="itsp", count=2, how="go on to their end; new ones find no trunk"),
        Effect(what="call", where="other", count=0, how="go on to their end; new ones go as it is then"),
    )
    assert (going.impact.management, going.impact.known) == ("no", True)
    assert device.apply(going).outcome is Outcome.APPLIED
    assert sbc.sipp.called(calls).successful == 2


def test_a_drained_trunk_takes_no_new_call_till_the_running_ones_have_ended(
    sbc: KamailioLab, device: Device, session: Session, second: Sipp
) -> None:
    apply(device, trunk(), EVERYTHING)
    up(device)
    calls = sbc.sipp.calling("+4912345", hold=1200)
    wait_until(lambda: state(device).sessions == 1, "a call")
    plan = device.plan(Config.of([trunk(max_sessions=5)]))
    refused: list[object] = []
    session.run(
        drained(session.driver, plan.changes, 10),
        lambda: refused.append(second.call("+4912345").answers),
    )
    assert refused == [{503: 1}]
    assert state(device).sessions == 0
    assert sbc.sipp.called(calls).successful == 1
    assert device.apply(plan).outcome is Outcome.APPLIED
    assert state(device).status == "down"  # only the limits were loaded, not the peers
    assert session.run(released(session.driver, plan.changes)) == ""
    assert sbc.sipp.call("+4912345").successful == 1
    up(device)


def test_where_calls_do_not_end_nothing_is_changed_and_the_trunk_takes_calls_again(
    sbc: KamailioLab, device: Device, session: Session, second: Sipp
) -> None:
    apply(device, trunk(), OTHER, CallRoute(name="all", trunks=("itsp", "other")))
    up(device)
    calls = sbc.sipp.calling("+4912345", hold=2500)
    wait_until(lambda: state(device).sessions == 1, "a call")
    before, heard = sbc.native(), len(sbc.sipp.heard(5972))
    plan = device.plan(Config.of([trunk(SECOND)]))
    told = "1 call is still in progress on trunk itsp after 0.5 s; nothing was changed"
    with pytest.raises(Busy, match=f"^{told}$"):
        session.run(drained(session.driver, plan.changes, 0.5), lambda: second.call("+4912345"))
    assert len(sbc.sipp.heard(5972)) == heard + 1  # the next trunk of the route took the new call
    assert (sbc.native(), state(device).sessions) == (before, 1)
    heard = len(sbc.sipp.heard(5971))
    assert second.call("+4912345").successful == 1
    assert len(sbc.sipp.heard(5971)) == heard + 1
    assert sbc.sipp.called(calls).successful == 1


def test_a_peer_that_is_disabled_by_hand_stays_so(sbc: KamailioLab, device: Device, session: Session) -> None:
    apply(device, trunk(FIRST, SECOND))
    plan = device.plan(Config.of([trunk(SECOND)]))
    sbc.rpc("dispatcher.set_state", "dx", "1000", "s:sip:127.0.0.1:5971")
    with pytest.raises(Busy, match=r"peer sip:127\.0\.0\.1:5971 of trunk itsp is disabled already"):
        session.run(drained(session.driver, plan.changes, 1))
    assert [line.split()[1] for line in sbc.rpc("dispatcher.list").splitlines() if "FLAGS: D" in line] == ["DX"]
    assert session.run(released(session.driver, plan.changes)) == ""  # as after a drain that was cut off
    assert "FLAGS: D" not in sbc.rpc("dispatcher.list")
