"""What goes wrong between here and an HTTP server: each ends in time, as one of our errors; nothing is done twice."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing

import httpx
import pytest
from httpsession import API, READ, WRITE, by_password, cut, entry_at, failed, failure, session
from rest import Answerer, RestServer, Says, Seen, Wire

from netres.errors import ConnectFailed, Timeout, TransportError
from netres.flow import Http, Reconnect
from netres.testing.netns import wait_until
from netres.transport import http_answers
from netres.transport.http import HttpTransport
from netres.transport.http_client import HttpClient

pytestmark = pytest.mark.usefixtures("web_secrets")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n"


def silent() -> socket.socket:
    """A port that takes connections and says nothing."""
    return socket.create_server(("127.0.0.1", 0))


def no_thread_is_left() -> bool:
    return not [thread for thread in threading.enumerate() if thread.name == "netres-http"]


@pytest.mark.parametrize("operation", [READ, WRITE], ids=["read", "write"])
def test_a_closed_port_is_a_failed_connection(operation: Http) -> None:
    with silent() as listener:
        port = listener.getsockname()[1]
    error, took = failed(entry_at(port, command=5), operation)
    assert type(error) is ConnectFailed
    assert str(error) == f"127.0.0.1:{port}: the port is closed; check port, and that a web server runs there"
    assert isinstance(error.__cause__, httpx.ConnectError)
    assert took < 2


def test_an_unknown_name_is_a_failed_connection() -> None:
    error, _ = failed(entry_at(80, host="no-such-host.invalid", connect=2, command=2))
    assert type(error) is ConnectFailed
    assert str(error).startswith("no-such-host.invalid:80: the name cannot be resolved (")


def test_an_unreachable_address_is_a_failed_connection() -> None:
    error, _ = failed(entry_at(80, host="255.255.255.255", command=5))
    assert type(error) is ConnectFailed
    assert str(error).endswith("; check host, port and routes")


def test_a_read_is_tried_again_when_the_port_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    with silent() as listener:
        port = listener.getsockname()[1]
    with closing(HttpTransport.open(entry_at(port, command=5), API)) as transport, ExitStack() as stack:
        pauses = at_pause(monkeypatch, 1, lambda: stack.enter_context(RestServer(good, port=port)))
        assert transport.execute(READ).status == 200
    assert len(pauses) == 1


def test_a_write_is_not_tried_again_even_where_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with silent() as listener:
        port = listener.getsockname()[1]
    pauses = at_pause(monkeypatch, 9, lambda: None)
    assert type(failed(entry_at(port, command=5), WRITE)[0]) is ConnectFailed
    assert pauses == []


def test_after_a_reconnect_the_first_read_waits_for_a_server_on_its_way_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with silent() as listener:
        port = listener.getsockname()[1]
    with closing(HttpTransport.open(entry_at(port, command=5), API)) as transport, ExitStack() as stack:
        pauses = at_pause(monkeypatch, 9, lambda: stack.enter_context(RestServer(good, port=port)))
        transport.execute(Reconnect())
        assert transport.execute(READ).status == 200
        assert len(pauses) == 9
        stack.close()
    assert type(failed(entry_at(port, command=5))[0]) is ConnectFailed
    assert len(pauses) == 9 + 2


def good(seen: Seen, wire: Wire) -> Says:
    return Says(200, {})


def at_pause(monkeypatch: pytest.MonkeyPatch, number: int, do: Callable[[], object]) -> list[float]:
    """Makes all pauses short, and does something in the one of that number; the pauses that were asked for."""
    pauses: list[float] = []

    def pause(client: HttpClient, seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == number:
            do()

    monkeypatch.setattr(HttpClient, "pause", pause)
    return pauses


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("operation", [READ, WRITE], ids=["read", "write"])
def test_a_silent_port_is_a_timeout(operation: Http, scheme: str) -> None:
    with silent() as listener:
        error, took = failed(entry_at(listener.getsockname()[1], scheme=scheme), operation)
    assert type(error) is Timeout
    assert "within 0.3 s; check that the server is up" in str(error)
    assert 0.3 <= took < 1
    wait_until(no_thread_is_left, "the end of the thread that waited")


def test_a_tls_handshake_that_hangs_is_bound_by_the_timeout_of_connecting() -> None:
    with silent() as listener:
        error, took = failed(entry_at(listener.getsockname()[1], scheme="https", command=30))
    assert type(error) is Timeout
    assert "no connection within 0.3 s" in str(error)
    assert took < 1


def test_a_host_that_drops_packets_is_a_timeout() -> None:
    with ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(3):  # the queue is full: the kernel drops what comes then
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        error, took = failed(entry_at(full.getsockname()[1], command=30))
    assert type(error) is Timeout
    assert "no connection within 0.3 s" in str(error)
    assert took < 1


def test_a_name_server_that_does_not_answer_is_a_timeout_and_nothing_is_sent_later(
    rest: RestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()

    def resolve(*_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        answered.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", rest.port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    error, took = failed(entry_at(rest.port, host="slow.example.net", command=30), WRITE)
    assert type(error) is Timeout
    assert took < 1
    answered.set()
    wait_until(no_thread_is_left, "the end of the thread that asked the name server")
    assert rest.seen == []


# --- answers that do not end, or end too early ---


def hang(seen: Seen, wire: Wire) -> None:
    wire.ended.wait(5)


def later(seen: Seen, wire: Wire) -> Says:
    return Says(503, None, {"Retry-After": "1"})


def trickle(*pieces: bytes) -> Answerer:
    def answer(seen: Seen, wire: Wire) -> None:
        for piece in pieces:
            wire.send(piece)
        while not wire.ended.wait(0.05):
            wire.send(b"x")

    return answer


@pytest.mark.parametrize(
    "answer",
    [hang, trickle(), trickle(b"HTTP/1.1 200 OK\r\nX-A: "), trickle(HEAD.replace(b"10", b"1000000"))],
    ids=["silence", "status", "header", "body"],
)
@pytest.mark.parametrize("operation", [READ, WRITE], ids=["read", "write"])
def test_an_answer_that_does_not_end_is_a_timeout(rest: RestServer, operation: Http, answer: Answerer) -> None:
    rest.answer = answer
    with session(rest, rest.entry(timeouts={"connect": 2, "command": 0.3})) as transport:
        error, took = failure(transport, operation)
        assert type(error) is Timeout
        assert f"no answer to '{operation.method} /items/' within 0.3 s" in str(error)
        assert 0.3 <= took < 1
        wait_until(no_thread_is_left, "the end of the thread that waited")
        assert len(rest.seen) == 1
        rest.answer = lambda seen, wire: Says(200, {})
        assert transport.execute(operation).status == 200  # over a new connection


def test_an_answer_may_take_longer_than_connecting(rest: RestServer) -> None:
    def answer(seen: Seen, wire: Wire) -> Says:
        wire.ended.wait(0.4)
        return Says(200, {})

    rest.answer = answer
    with session(rest, rest.entry(timeouts={"connect": 0.2, "command": 5})) as transport:
        for _ in range(2):
            assert transport.execute(WRITE).status == 200


def test_a_login_that_hangs_is_a_timeout(rest: RestServer) -> None:
    rest.answer = hang
    started = time.monotonic()
    with pytest.raises(Timeout, match=r"no answer to 'POST /token/' within 0.3 s"):
        HttpTransport.open(by_password(rest, timeouts={"connect": 0.3, "command": 9}), API)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "answer",
    [
        cut(),
        cut(b"HTTP/1.1 200"),
        cut(HEAD),
        cut(HEAD, b'{"a":'),
        cut(b"SSH-2.0-OpenSSH\r\n"),
        cut(b"\x15\x03\x01\x00"),
    ],
    ids=["nothing", "status", "head", "body", "ssh", "tls"],
)
@pytest.mark.parametrize("operation", [READ, WRITE], ids=["read", "write"])
def test_a_connection_that_is_cut_is_a_transport_error(rest: RestServer, operation: Http, answer: Answerer) -> None:
    rest.answer = answer
    with session(rest) as transport:
        error, took = failure(transport, operation)
    assert type(error) is TransportError
    assert f"the exchange failed at '{operation.method} /items/': " in str(error)
    assert error.__cause__ is not None
    assert took < 1
    assert len(rest.seen) == 1


@pytest.mark.parametrize(("operation", "times"), [(READ, 3), (WRITE, 2)], ids=["read", "write"])
def test_a_server_that_hung_up_in_between_is_asked_again_only_to_read(
    rest: RestServer, operation: Http, times: int
) -> None:
    def answer(seen: Seen, wire: Wire) -> Says | None:
        if len(rest.seen) == 2:
            return cut()(seen, wire)
        return Says(200, {})

    rest.answer = answer
    with session(rest) as transport:
        transport.execute(READ)
        if operation.writes:
            assert type(failure(transport, operation)[0]) is TransportError
        else:
            assert transport.execute(operation).status == 200
    assert len(rest.seen) == times


def test_an_answer_without_bound_is_given_up(rest: RestServer) -> None:
    def answer(seen: Seen, wire: Wire) -> None:
        wire.send(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range((http_answers.ANSWER_LIMIT >> 20) + 1):
            wire.send(bytes(1 << 20))
        wire.ended.wait(5)

    rest.answer = answer
    with session(rest, rest.entry(timeouts={"connect": 2, "command": 20})) as transport:
        error, _ = failure(transport, READ)
    assert type(error) is TransportError
    assert str(error).endswith("an answer is longer than 64 MiB")


# --- interrupts ---


@pytest.mark.parametrize("answer", [hang, later])
def test_an_interrupt_ends_an_operation_from_another_thread(rest: RestServer, answer: Answerer) -> None:
    rest.answer = answer
    with session(rest, rest.entry(timeouts={"connect": 9, "command": 9})) as transport:
        transport.interrupt()  # nothing runs: nothing happens

        def interrupt() -> None:
            wait_until(lambda: bool(rest.seen), "the request")
            transport.interrupt()

        interrupter = threading.Thread(target=interrupt)
        interrupter.start()
        error, took = failure(transport, WRITE)
        interrupter.join()
        assert type(error) is TransportError
        assert str(error).endswith("was interrupted")
        assert took < 0.9
        assert len(rest.seen) == 1
        rest.answer = lambda seen, wire: Says(200, {})
        transport.execute(Reconnect())
        assert transport.execute(WRITE).status == 200
