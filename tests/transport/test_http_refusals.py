"""What is never sent over HTTP, what is never shown of it, and how an await of it is cancelled."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from contextlib import suppress

import pytest
from httpsession import API, PASSWORD, READ, TOKEN, failure, session
from hypothesis import given
from hypothesis import strategies as st
from rest import RestServer, Says, Seen, Wire

from netres import registry
from netres.driver import RestApi
from netres.errors import (
    InvalidConfig,
    SecretError,
    UsageError,
)
from netres.flow import Cli, Http
from netres.model.secret import MASK, Secret
from netres.transport import http_answers, open_transport
from netres.transport.http import HttpTransport
from netres.transport.threads import ThreadedTransport

# --- what is not sent ---


@pytest.mark.parametrize(
    "path",
    [
        "", "items/", "//elsewhere.example/", "/a//b", "/a b", "/a\n", "/a\r\nX: y", "/a\t", "/a#b", "/a?b", "/ü",
        "/a%", "/a%zz", "/../a", "/a/..", "/a/./b", "/a/%2e%2E/b", "/a/..%2Fb", "/a%00", "/a%0d%0aX: y", "/a%0A",
        "/a\\..\\b",
        "http://elsewhere.example/", "@elsewhere.example/", ":1/",
    ],
)  # fmt: skip
def test_a_path_that_means_something_else_is_refused(rest: RestServer, path: str) -> None:
    with session(rest) as transport:
        error, _ = failure(transport, Http("DELETE", path))
    assert type(error) is InvalidConfig
    assert str(error).startswith(f"the path {path!r} cannot be requested: it ")
    assert rest.server.connections == 0


@given(path=st.text() | st.text("/.%2eEfF \r\n#?@:").map("/".__add__))
def test_whatever_path_is_taken_arrives_as_it_is(path: str) -> None:
    try:
        http_answers.checked_path(path)
    except InvalidConfig:
        return
    import httpx

    url = httpx.URL("https://[2001:db8::1]:8443" + path)
    assert (url.raw_path, url.host, url.port) == (path.encode(), "2001:db8::1", 8443)


def test_a_body_that_cannot_be_sent_is_refused(rest: RestServer) -> None:
    with session(rest) as transport:
        assert type(failure(transport, Http("PUT", "/a", {"n": float("nan")}))[0]) is InvalidConfig
        assert type(failure(transport, Http("PUT", "/a", {"psk": Secret("env:PSK")}))[0]) is SecretError
    assert rest.server.connections == 0


def test_http_has_no_command_line_and_nothing_after_close(rest: RestServer) -> None:
    with session(rest) as transport:
        error, _ = failure(transport, Cli(("show version",)))
        assert type(error) is UsageError
        assert str(error).endswith("HTTP has no operation 'show version'; it has Http and Reconnect")
    error, _ = failure(transport, READ)
    assert type(error) is UsageError
    transport.close()


def test_a_driver_without_an_api_is_a_mistake_that_is_named(rest: RestServer) -> None:
    from dataclasses import replace

    driver = replace(registry.get("memory"), transport="http", api=None)
    with pytest.raises(UsageError, match="names transport 'http', but no api"):
        open_transport(rest.entry(), driver)
    transport = open_transport(rest.entry(), replace(driver, api=API))
    assert transport.execute(READ).status == 200
    transport.close()


# --- secrets ---


@pytest.mark.parametrize("secret", ['it"s\\mine', "päss<wörd>&'", "simple-secret", "with blank+%"])
@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 409, 423, 500, 503])
def test_no_error_shows_a_secret_however_the_server_quotes_it(
    rest: RestServer, status: int, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    forms = http_answers.forms(secret)
    text = " ".join((*forms, TOKEN))

    def answer(seen: Seen, wire: Wire) -> Says:
        headers = {"Location": f"/?t={TOKEN}", "Set-Cookie": f"token={TOKEN}", "X-Token": TOKEN}
        return Says(status, {"detail": text, "error": text}, headers)

    rest.answer = answer
    with session(rest) as transport:
        error, _ = failure(transport, Http("POST", "/a", {"wlan": [{"psk": Secret.observed(secret)}]}))
        shown = f"{error} {error!r} {transport!r} {caplog.text} {getattr(error, 'answer', '')}"
    assert "POST" in caplog.text
    assert not [form for form in (*forms, TOKEN) if form in shown]
    assert MASK in shown


def test_the_words_of_a_default_api_are_masked_in_raw_json(rest: RestServer) -> None:
    rest.answer = lambda seen, wire: Says(400, seen.body)
    with session(rest, api=RestApi()) as transport:
        error, _ = failure(transport, Http("POST", "/a", {"psk": Secret.observed(PASSWORD)}))
    assert str(error).endswith(f'HTTP 400 Bad Request: {{"psk": "{MASK}"}}')


# --- asyncio ---


def test_a_cancelled_await_ends_the_request(rest: RestServer) -> None:
    arrived, released = threading.Event(), threading.Event()

    def hang(seen: Seen, wire: Wire) -> None:
        arrived.set()
        with suppress(OSError):
            wire.ended.wait(5)
        released.set()

    async def main() -> float:
        transport = await ThreadedTransport.open(lambda: HttpTransport.open(rest.entry(), API))
        rest.answer = hang
        running = asyncio.create_task(transport.execute(READ))
        await asyncio.to_thread(arrived.wait, 5)
        running.cancel()
        started = time.monotonic()
        with suppress(asyncio.CancelledError):
            await running
        rest.answer = lambda seen, wire: Says(200, {})
        assert (await transport.execute(READ)).status == 200  # over a new connection, when the thread has come back
        await transport.close()
        return time.monotonic() - started

    assert asyncio.run(main()) < 1
    assert [seen.connection for seen in rest.seen] == [1, 2]
