"""What a plan touches, as a driver foresees it; whatever goes wrong, it is not known, and the plan stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sessions import MEMORY

from netres.change import Change
from netres.driver import Driver, Scope
from netres.errors import ConnectFailed, NetresError, Rejected, Timeout
from netres.flow import Flow, Http, Json, Operation, Reply, run
from netres.impact import NOTHING, Effect, Impact
from netres.impacts import foreseen
from netres.model import Config, Item, SipPeer, SipTrunk, Vlan, Wlan
from netres.plan import Plan
from netres.resource import Device
from netres.testing.conformance import Recorder
from netres_drivers.memory.device import MemoryDevice

TRUNK = SipTrunk(name="itsp", peers=(SipPeer(host="192.0.2.1"),))
CORP = Wlan(name="corp", ssid="Corp")
ASK = Http("GET", "/clients")


def planned(driver: Driver, *before: Item, wanted: Sequence[Item], telling: dict[str, list[Json]]) -> Plan:
    device = MemoryDevice()
    with Device("m", MEMORY, device.session()) as plain:
        plain.apply(plain.plan(Config.of(before)))
    device.telling = telling
    with Device("m", driver, Recorder(device.session())) as asked:
        return asked.plan(Config.of(wanted), frozenset({"wlan", "sip_trunk"}))


def test_no_change_touches_nothing() -> None:
    assert planned(MEMORY, CORP, wanted=[CORP], telling={}).impact == NOTHING
    assert (NOTHING.known, NOTHING.management, NOTHING.effects) == (True, "no", ())


def test_a_driver_that_does_not_tell() -> None:
    found = planned(replace(MEMORY, impact=None), wanted=[CORP], telling={}).impact
    assert (found.known, found.management, found.effects) == (False, "unknown", ())
    assert found.notes == ("the memory driver does not tell what a change touches",)


def test_who_is_there_is_counted_and_sealed() -> None:
    clients: list[Json] = [{"mac": f"02:00:00:00:00:0{n}", "wlan": "corp" if n else "guest"} for n in range(4)]
    trunks: list[Json] = [{"trunk": "itsp", "status": "up", "sessions": 7}]
    other = CORP.model_copy(update={"ssid": "Other"})
    plan = planned(MEMORY, CORP, TRUNK, wanted=[other], telling={"wireless_client": clients, "trunk_state": trunks})
    assert sorted(plan.impact.effects, key=lambda effect: effect.what) == [
        Effect(what="call", where="itsp", count=7, how="end"),
        Effect(what="wireless_client", where="corp", count=3, how="are thrown off"),
    ]
    assert (plan.impact.management, plan.impact.known) == ("no", True)
    plan.verify()
    assert Plan.parse(plan.model_dump_json()) == plan


@given(st.lists(st.sampled_from(["corp", "guest", None]), max_size=5), st.sampled_from([None, 0, 3]))
def test_what_is_not_known_never_becomes_zero(places: list[str | None], sessions: int | None) -> None:
    clients: list[Json] = [{"mac": f"02:00:00:00:00:0{n}", "wlan": place} for n, place in enumerate(places)]
    trunks: list[Json] = [{"trunk": "itsp", "status": "up", "sessions": sessions}]
    found = planned(MEMORY, CORP, TRUNK, wanted=[], telling={"wireless_client": clients, "trunk_state": trunks}).impact
    counts = {effect.what: effect.count for effect in found.effects}
    assert counts == {"call": sessions, "wireless_client": None if None in places else places.count("corp")}


def test_a_trunk_of_which_nothing_is_told() -> None:
    assert planned(MEMORY, TRUNK, wanted=[], telling={}).impact.effects == (
        Effect(what="call", where="itsp", count=None, how="end"),
    )


def test_a_count_is_a_number_of_things() -> None:
    with pytest.raises(ValidationError):
        Effect(what="call", where="itsp", count=-1)


def asking(changes: Sequence[Change], scope: Scope) -> Flow[Impact]:
    yield ASK
    return Impact(known=True, management="no")


CHANGES = (Change.of(None, Vlan(id=20)),)


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (Rejected("GET /clients", "503"), ["GET /clients"]),
        (Timeout("no answer"), ["GET /clients", "reconnect"]),
        (KeyError("what the driver did not expect"), ["GET /clients"]),
    ],
)
def test_what_cannot_be_asked_is_not_known_and_no_error(error: Exception, sent: list[str]) -> None:
    flow = foreseen(replace(MEMORY, impact=asking), CHANGES, Scope(Config(), Config(), Reply()))
    operations: list[str] = []

    def execute(operation: Operation) -> Reply:
        operations.append(str(operation))
        raise error if operation == ASK else ConnectFailed("nor can it be opened again")

    found = run(flow, execute)
    assert operations == sent
    assert (found.known, found.management, found.effects) == (False, "unknown", ())
    assert found.notes == (found.why,)
    assert found.why.startswith("the device could not be asked: ")
    assert str(error) in found.why


def test_after_a_lost_session_the_plan_can_be_applied() -> None:
    device = MemoryDevice()

    class Link:
        """Lost at the question for the impact, until it is opened anew."""

        lost = False

        def __init__(self) -> None:
            self.inner = device.session()

        def execute(self, operation: Operation) -> Reply:
            if str(operation) in {"GET /clients", "reconnect"}:
                self.lost = str(operation) == "GET /clients"
            if self.lost:
                raise ConnectFailed("the session is lost")
            return self.inner.execute(operation)

        def close(self) -> None:
            self.inner.close()

    with Device("m", replace(MEMORY, impact=asking), Link()) as asked:
        plan = asked.plan(Config.of([Vlan(id=20)]))
        assert plan.impact.management == "unknown"
        assert asked.apply(plan).outcome == "applied"


def test_a_secret_in_an_answer_is_masked() -> None:
    def asked(changes: Sequence[Change], scope: Scope) -> Flow[Impact]:
        yield from ()
        raise NetresError('nonsense: {"$secret": "hunter2"}')

    flow = foreseen(replace(MEMORY, impact=asked), CHANGES, Scope(Config(), Config(), Reply()))
    found = run(flow, MemoryDevice().session().execute)
    assert "nonsense" in found.why
    assert "hunter2" not in repr(found)
