"""Sessions over HTTP with the server of `rest`, and the API of an invented controller."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager

import pytest
from rest import Answerer, RestServer, Says, Seen, Wire

from netres.driver import RestApi
from netres.errors import NetresError
from netres.flow import Http, Operation, Reply
from netres.inventory.entry import Entry
from netres.transport.http import HttpTransport

TOKEN, PASSWORD = "t0k3n-of-the-tests", 'pass"wörd<&>'
READ, WRITE = Http("GET", "/items/"), Http("POST", "/items/", {"name": "a"})


@pytest.fixture
def web_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What clients of a web server send, in the environment."""
    monkeypatch.setenv("NETRES_TEST_TOKEN", TOKEN)
    monkeypatch.setenv("NETRES_TEST_PASSWORD", PASSWORD)


@pytest.fixture
def rest(web_secrets: None) -> Iterator[RestServer]:
    """A web server that says where it was asked."""
    with RestServer(lambda seen, wire: Says(200, {"at": seen.target})) as server:
        yield server


def _field(reply: Reply, name: str) -> str:
    value = reply.body.get(name, "") if isinstance(reply.body, Mapping) else ""
    return value if isinstance(value, str) else ""


API = RestApi(
    login=lambda user, password: Http("POST", "/token/", {"username": user, "password": password}),
    token=lambda reply: _field(reply, "token"),
    refusal=lambda reply: _field(reply, "error"),
    words=lambda reply: _field(reply, "detail") or reply.text,
)


def by_password(server: RestServer, **fields: object) -> Entry:
    return server.entry(http={"scheme": "http"}, username="ops", password="env:NETRES_TEST_PASSWORD", **fields)


@contextmanager
def session(server: RestServer, entry: Entry | None = None, api: RestApi = API) -> Generator[HttpTransport]:
    with closing(HttpTransport.open(entry or server.entry(), api)) as transport:
        yield transport


def failure(transport: HttpTransport, operation: Operation) -> tuple[NetresError, float]:
    """The error of an operation, and the seconds it took."""
    started = time.monotonic()
    with pytest.raises(NetresError) as caught:
        transport.execute(operation)
    return caught.value, time.monotonic() - started


class Controller:
    """Gives out tokens t1, t2, …; takes the newest until it is told to forget it."""

    def __init__(self) -> None:
        self.given = 0
        self.good: set[str] = set()

    def __call__(self, seen: Seen, wire: Wire) -> Says:
        if seen.target == "/token/":
            if seen.body != {"username": "ops", "password": PASSWORD}:
                return Says(400, {"detail": "Unable to log in with provided credentials."})
            self.given += 1
            self.good = {f"Bearer t{self.given}"}
            return Says(200, {"token": f"t{self.given}"})
        if seen.headers.get("authorization") not in self.good:
            return Says(401, {"detail": "Invalid token."})
        return Says(200, {"at": seen.target})


def entry_at(port: int, host: str = "127.0.0.1", scheme: str = "http", **timeouts: float) -> Entry:
    """How to reach a port with a token; very soon impatient."""
    return Entry.model_validate(
        {
            "name": "c1",
            "platform": "memory",
            "host": host,
            "port": port,
            "timeouts": {"connect": 0.3, "command": 0.3, **timeouts},
            "http": {"scheme": scheme, "token": "env:NETRES_TEST_TOKEN"},
        }
    )


def failed(entry: Entry, operation: Operation = READ) -> tuple[NetresError, float]:
    """The error of an operation in a session of its own, and the seconds it took."""
    with closing(HttpTransport.open(entry, API)) as transport:
        return failure(transport, operation)


def cut(*pieces: bytes) -> Answerer:
    """Says this, and hangs up."""

    def answer(seen: Seen, wire: Wire) -> None:
        for piece in pieces:
            wire.send(piece)
        wire.hang_up()

    return answer
