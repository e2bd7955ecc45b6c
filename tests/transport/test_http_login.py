"""How a session over HTTP logs in, what becomes of its token, and when it comes back to a busy server."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from httpsession import API, READ, TOKEN, WRITE, Controller, by_password, failure, session
from rest import RestServer, Says

from netres.driver import RestApi
from netres.errors import (
    AuthFailed,
    Busy,
    InvalidConfig,
    NetresError,
    NotFound,
    Rejected,
    SessionExpired,
)
from netres.flow import Http, Reconnect
from netres.model.secret import MASK
from netres.transport import http_answers
from netres.transport.http import HttpTransport


def test_with_a_token_opening_sends_nothing(rest: RestServer) -> None:
    with session(rest):
        assert rest.server.connections == 0


def test_without_a_token_opening_logs_in(rest: RestServer) -> None:
    rest.answer = Controller()
    with session(rest, by_password(rest)) as transport:
        assert rest.targets == ["POST /token/"]
        assert "authorization" not in rest.seen[0].headers
        assert transport.execute(READ).status == 200
        transport.execute(Reconnect())
        assert transport.execute(READ).status == 200
    assert rest.targets == ["POST /token/", "GET /items/", "POST /token/", "GET /items/"]


def test_a_reconnect_that_fails_leaves_the_token_it_had(rest: RestServer) -> None:
    rest.answer = controller = Controller()
    with session(rest, by_password(rest)) as transport:
        rest.answer = lambda seen, wire: Says(500)
        assert type(failure(transport, Reconnect())[0]) is Rejected
        rest.answer = controller
        assert transport.execute(WRITE).status == 200
    assert [seen.headers.get("authorization") for seen in rest.seen] == [None, None, "Bearer t1"]


@pytest.mark.parametrize("operation", [READ, WRITE], ids=["read", "write"])
def test_an_expired_token_is_renewed_and_the_request_sent_once_more(rest: RestServer, operation: Http) -> None:
    rest.answer = controller = Controller()
    with session(rest, by_password(rest)) as transport:
        transport.execute(READ)
        controller.good.clear()
        assert transport.execute(operation).body == {"at": "/items/"}
    assert rest.targets[2:] == [f"{operation.method} /items/", "POST /token/", f"{operation.method} /items/"]
    assert [seen.headers.get("authorization") for seen in rest.seen[2:]] == ["Bearer t1", None, "Bearer t2"]


@pytest.mark.parametrize(("accepted", "kind"), [(False, AuthFailed), (True, SessionExpired)])
def test_a_token_that_is_not_good_is_renewed_once_only(
    rest: RestServer, accepted: bool, kind: type[NetresError]
) -> None:
    rest.answer = controller = Controller()
    with session(rest, by_password(rest)) as transport:
        if accepted:
            transport.execute(READ)
        rest.answer = lambda seen, wire: controller(seen, wire) if seen.target == "/token/" else Says(401)
        rest.seen.clear()
        error, _ = failure(transport, READ)
    assert type(error) is kind
    assert rest.targets == ["GET /items/", "POST /token/", "GET /items/"]


@pytest.mark.parametrize(("accepted", "kind"), [(False, AuthFailed), (True, SessionExpired)])
def test_a_login_that_is_refused_later_is_told(rest: RestServer, accepted: bool, kind: type[NetresError]) -> None:
    rest.answer = Controller()
    with session(rest, by_password(rest)) as transport:
        if accepted:
            transport.execute(READ)
        rest.answer = lambda seen, wire: Says(401, {"detail": "gone"})
        error, _ = failure(transport, READ)
    assert type(error) is kind
    assert "the login of ops was refused: HTTP 401 Unauthorized: gone" in str(error)


@pytest.mark.parametrize(("accepted", "kind"), [(False, AuthFailed), (True, SessionExpired)])
def test_a_token_of_the_inventory_is_not_renewed(rest: RestServer, accepted: bool, kind: type[NetresError]) -> None:
    with session(rest, rest.entry(username="ops", password="env:NETRES_TEST_PASSWORD")) as transport:
        if accepted:
            transport.execute(READ)
        rest.answer = lambda seen, wire: Says(401, {"detail": f"Token {TOKEN} is revoked"})
        rest.seen.clear()
        error, _ = failure(transport, READ)
    assert type(error) is kind
    assert str(error).endswith(f"the credentials are not taken: HTTP 401 Unauthorized: Token {MASK} is revoked")
    assert rest.targets == ["GET /items/"]


@pytest.mark.parametrize(
    ("said", "kind", "told"),
    [
        (Says(400, {"detail": "wrong"}), AuthFailed, "the login of ops was refused: HTTP 400 Bad Request: wrong"),
        (Says(403), AuthFailed, "the login of ops was refused: HTTP 403 Forbidden"),
        (Says(200, {"error": "locked"}), AuthFailed, "the login of ops was refused: HTTP 200 OK: locked"),
        (Says(200, {}), AuthFailed, "the login of ops was answered without a usable token"),
        (Says(200, {"token": "a\r\nX: b"}), AuthFailed, "the login of ops was answered without a usable token"),
        (Says(404), NotFound, "HTTP 404 Not Found"),
        (Says(500), Rejected, "HTTP 500 Internal Server Error"),
    ],
)
def test_a_login_that_fails(rest: RestServer, said: Says, kind: type[NetresError], told: str) -> None:
    rest.answer = lambda seen, wire: said
    with pytest.raises(NetresError) as caught:
        HttpTransport.open(by_password(rest), API)
    assert type(caught.value) is kind
    assert str(caught.value).endswith(told)
    assert len(rest.seen) == 1


@pytest.mark.parametrize(
    ("fields", "api", "told"),
    [
        ({"password": "env:NETRES_TEST_PASSWORD"}, API, "device c1: username is missing"),
        ({"username": "ops"}, API, "device c1: password is missing"),
        ({"username": "ops", "password": "env:NETRES_TEST_PASSWORD"}, RestApi(), "device c1: http.token is missing"),
        ({"username": "ops", "password": "env:NO_SUCH"}, API, "environment variable NO_SUCH is not set"),
        ({"http": {"scheme": "http", "token": "env:NO_SUCH"}}, API, "environment variable NO_SUCH is not set"),
        ({"http": {"scheme": "http", "token": "env:BLANK"}}, API, "http.token env:BLANK cannot be sent"),
    ],
)
def test_what_the_entry_lacks_is_named_before_anything_is_sent(
    rest: RestServer, monkeypatch: pytest.MonkeyPatch, fields: dict[str, object], api: RestApi, told: str
) -> None:
    monkeypatch.setenv("BLANK", "a b")
    with pytest.raises(InvalidConfig, match=f"^{told}"):
        HttpTransport.open(rest.entry(**{"http": {"scheme": "http"}, **fields}), api)
    assert rest.server.connections == 0


# --- later, please ---


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("operation", [READ, WRITE], ids=["read", "write"])
def test_a_server_that_says_when_is_asked_again_then(rest: RestServer, operation: Http, status: int) -> None:
    said = iter([Says(status, None, {"Retry-After": "0"}), Says(status, None, {"Retry-After": "0"}), Says(200, {})])
    rest.answer = lambda seen, wire: next(said)
    with session(rest) as transport:
        started = time.monotonic()
        assert transport.execute(operation).status == 200
    assert 0.2 <= time.monotonic() - started < 1.5
    assert len(rest.seen) == 3


@pytest.mark.parametrize(
    ("when", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        (format_datetime(datetime(2030, 1, 1, 0, 2, tzinfo=UTC), usegmt=True), 120),
        ("Tuesday, 01-Jan-30 00:02:00 GMT", 120),
        ("Tue Jan  1 00:02:00 2030", 120),
        (format_datetime(datetime(2029, 1, 1, tzinfo=UTC), usegmt=True), 0),
        ("soon", None),
        ("-1", None),
        ("1" * 5000, None),
        (None, None),
    ],
)
def test_when_a_server_wants_to_be_asked_again(when: str | None, seconds: float | None) -> None:
    date = format_datetime(datetime(2030, 1, 1, tzinfo=UTC), usegmt=True)
    headers = {"date": date, **({} if when is None else {"retry-after": when})}
    assert http_answers.retry_after(http_answers.reply(503, headers, b"")) == seconds


def test_a_date_without_a_date_is_counted_from_now() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    wait = http_answers.retry_after(http_answers.reply(503, {"retry-after": soon}, b""))
    assert wait is not None
    assert 50 < wait <= 60


def test_a_server_that_is_busy_beyond_the_deadline_is_not_waited_for(rest: RestServer) -> None:
    rest.answer = lambda seen, wire: Says(503, {"detail": "upgrading"}, {"Retry-After": "3600"})
    with session(rest) as transport:
        error, took = failure(transport, WRITE)
    assert isinstance(error, Busy)
    assert error.retry_after == 3600
    assert str(error).endswith("cannot be done now: HTTP 503 Service Unavailable: upgrading")
    assert took < 1
    assert len(rest.seen) == 1


def test_a_login_that_is_told_to_come_back_too_late_is_not_tried_again(rest: RestServer) -> None:
    rest.answer = lambda seen, wire: Says(429, None, {"Retry-After": "3600"})
    with pytest.raises(Busy) as caught:
        HttpTransport.open(by_password(rest), API)
    assert caught.value.retry_after == 3600
    assert len(rest.seen) == 1
