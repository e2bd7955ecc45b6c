"""A REST interface in this process: netres's own transport maps what happens, as over a real server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from netres import registry
from netres.driver import RestApi
from netres.errors import AuthFailed, Busy, ConnectFailed, NetresError, NotFound, Rejected, Timeout, TransportError
from netres.flow import Http, Reconnect, Reply, Transport
from netres.testing.sim import Lab, Simulated, SimulatedSession, Simulator
from netres.testing.sim.http import Request, Response
from netres.testing.sim.rest import Reason, Refusal, Router, answering, body_of, checked, only
from netres.testing.sim.rest_checks import ConfigLock, RateLimit, Sessions, Slot, by_token
from netres.testing.sim.rest_fields import Collection, Field
from netres.testing.sim.rest_objects import Objects
from netres.testing.sim.rest_routes import changes, collection
from netres.transport.http import HttpTransport


def _token(reply: Reply) -> str:
    return str(reply.body["token"]) if isinstance(reply.body, dict) else ""


API = RestApi(login=lambda user, word: Http("POST", "/login", {"user": user, "password": word}), token=_token)


def plain(name: str) -> Simulated:
    """Objects behind a token, a lock that only somebody else can have, and three requests in ten seconds."""
    objects = Objects(name, [Collection("items", (Field("name", required=True, unique=True),))])
    device = Simulated(name, "plain", objects)
    sessions = Sessions(device)
    lock = ConfigLock(sessions, Slot())

    def log_in(request: Request) -> Response:
        told = body_of(request)
        return Response(200, {"token": sessions.log_in(str(told["user"]), str(told["password"])).token})

    def unlocked(request: Request) -> None:
        if lock.holder is not None:
            raise Refusal(Reason.LOCKED)

    def http(request: Request) -> Response:
        return log_in(request) if request.path == ("login",) else guarded(request)

    def words(request: Request, refusal: Refusal) -> Response:
        return Response(refusal.status, {"error": str(refusal)})

    router = Router(collection(objects, "items", "/items"))
    limit = only(lambda request: request.query.get("limited") == "1", RateLimit(device, 3, 10))
    guarded = checked(router, by_token(sessions), only(changes, unlocked), limit)
    device.http = answering(http, words)
    return device


DRIVER = replace(registry.get("openwisp"), api=API)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"p": Simulator("plain", "plain", plain, manage="https")}) as running:
        yield running


@pytest.fixture(params=["in process", "over HTTPS"])
def opened(request: pytest.FixtureRequest, lab: Lab) -> Iterator[tuple[Simulated, Transport]]:
    if request.param == "in process":
        device = plain("p")
        session: Transport = SimulatedSession(device, DRIVER)
    else:
        device = lab["p"]
        device.store.reset()
        device.faults.clear()
        entry = lab.entry("p")
        timeouts = entry.timeouts.model_copy(update={"command": 1.5})
        session = HttpTransport.open(entry.model_copy(update={"timeouts": timeouts}), API)
    with closing(session):
        yield device, session


def create(name: str) -> Http:
    return Http("POST", "/items", {"name": name})


LIST = Http("GET", "/items")


def names(transport: Transport) -> list[str]:
    body = transport.execute(LIST).body
    assert isinstance(body, list)
    return [str(one["name"]) for one in body if isinstance(one, dict)]


@pytest.mark.parametrize(
    ("kind", "error", "held"),
    [
        ("cut-before", TransportError, []),
        ("cut-after", TransportError, ["a"]),
        ("truncated", TransportError, ["a"]),
        ("garbage", Timeout, ["a"]),
        ("hang", Timeout, ["a"]),
        ("reboot", TransportError, []),
        ("rejected", Rejected, []),
    ],
)
def test_a_fault_is_told_as_over_a_real_server(
    opened: tuple[Simulated, Transport], kind: str, error: type[NetresError], held: list[str]
) -> None:
    device, transport = opened
    assert names(transport) == []
    device.fail(kind, on="^POST /items")
    with pytest.raises(NetresError) as caught:
        transport.execute(create("a"))
    assert type(caught.value) is error
    assert names(transport) == held


def test_a_read_whose_connection_is_lost_is_sent_again(opened: tuple[Simulated, Transport]) -> None:
    device, transport = opened
    assert names(transport) == []
    fault = device.fail("cut-before", on="^GET")
    assert names(transport) == []
    assert device.faults.struck[-1] == ("GET /items", fault)


def test_answers_are_told_apart(opened: tuple[Simulated, Transport]) -> None:
    device, transport = opened
    made = transport.execute(create("a"))
    assert made.status == 201
    with pytest.raises(Rejected, match="duplicate: name"):
        transport.execute(create("a"))
    with pytest.raises(NotFound):
        transport.execute(Http("GET", "/items/none"))
    device.fail("locked")
    with pytest.raises(Busy, match="locked"):
        transport.execute(create("b"))
    device.faults.clear()
    limited = Http("GET", "/items", query=(("limited", "1"),))
    for _ in range(3):
        transport.execute(limited)
    if not isinstance(transport, SimulatedSession):  # its deadline is short enough not to wait for 10 seconds
        with pytest.raises(Busy) as caught:
            transport.execute(limited)
        assert caught.value.retry_after == 10
    device.clock.advance(11)
    assert transport.execute(limited).status == 200


def test_an_old_token_is_renewed_with_a_new_login(opened: tuple[Simulated, Transport]) -> None:
    device, transport = opened
    device.fail("clock-jump", on="^GET", seconds=601)
    assert names(transport) == []
    device.fail("auth-refused")
    device.fail("clock-jump", on="^GET", seconds=601)
    with pytest.raises(NetresError, match="the login of admin was refused"):
        transport.execute(LIST)
    transport.execute(Reconnect())
    assert names(transport) == []


def test_a_login_may_be_refused() -> None:
    device = plain("p")
    device.fail("auth-refused")
    with pytest.raises(AuthFailed):
        SimulatedSession(device, DRIVER)
    device.reboot(60)
    with pytest.raises(ConnectFailed):
        SimulatedSession(device, DRIVER)
