"""Requests and answers over HTTP with a real server: what is sent, and what each status means."""

from __future__ import annotations

import gzip
import pickle

import pytest
from httpsession import PASSWORD, READ, TOKEN, WRITE, failure, session
from rest import RestServer, Says

import netres
from netres.errors import (
    AuthFailed,
    Busy,
    NetresError,
    NotFound,
    Rejected,
    TransportError,
)
from netres.flow import Body, Http
from netres.model.secret import Secret
from netres.transport import http_answers


def test_a_request_arrives_as_it_is_written(rest: RestServer) -> None:
    body: Body = {"name": "büro", "psk": Secret.observed(PASSWORD), "list": [1, None, True]}
    sent = Http("PUT", "/a/b%20c%2Fd/~!$&'()*+,;=:@/", body, query=(("q", "ü &=?#/+%"), ("q", "")))
    with session(rest) as transport:
        reply = transport.execute(sent)
    assert (reply.status, reply.body) == (200, {"at": sent.target})
    assert reply.headers["content-type"] == "application/json"
    (seen,) = rest.seen
    assert (seen.method, seen.target) == ("PUT", sent.target)
    assert seen.body == {"name": "büro", "psk": PASSWORD, "list": [1, None, True]}
    wanted = {"authorization": f"Bearer {TOKEN}", "user-agent": f"netres/{netres.__version__}"}
    wanted |= {"content-type": "application/json", "host": f"127.0.0.1:{rest.port}"}
    assert wanted.items() <= seen.headers.items()


def test_one_connection_is_kept_and_no_cookie_is(rest: RestServer) -> None:
    rest.answer = lambda seen, wire: Says(200, {}, {"Set-Cookie": "sessionid=1; Path=/"})
    with session(rest) as transport:
        for _ in range(3):
            transport.execute(READ)
    assert {seen.connection for seen in rest.seen} == {1}
    assert not [seen for seen in rest.seen if "cookie" in seen.headers]


def test_the_environment_names_no_proxy(rest: RestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with session(rest) as transport:
        assert transport.execute(READ).status == 200


@pytest.mark.usefixtures("web_secrets")
def test_an_address_of_version_6_is_reached() -> None:
    with RestServer(lambda seen, wire: Says(204), address="::1") as server, session(server) as transport:
        reply = transport.execute(READ)
    assert (reply.status, reply.body, reply.text) == (204, None, "")
    assert server.seen[0].headers["host"] == f"[::1]:{server.port}"


@pytest.mark.parametrize(
    ("kind", "raw", "body"),
    [
        ("application/json", b' {"a": "\xc3\xbc"}', {"a": "ü"}),
        ("application/problem+json; charset=utf-8", b"[1]", [1]),
        ("application/json", b"", None),
        ("text/html", b'{"a": 1}', None),
        ("application/octet-stream", b"\xff\x00", None),
    ],
)
def test_a_body_is_parsed_where_it_is_json_and_its_bytes_survive(
    rest: RestServer, kind: str, raw: bytes, body: object
) -> None:
    rest.answer = lambda seen, wire: Says(200, raw, {"Content-Type": kind})
    with session(rest) as transport:
        reply = transport.execute(READ)
    assert reply.body == body
    assert reply.text.encode(errors="surrogateescape") == raw


def test_a_packed_answer_is_unpacked(rest: RestServer) -> None:
    head = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    rest.answer = lambda seen, wire: Says(200, gzip.compress(b'{"a": 1}', mtime=0), head)
    with session(rest) as transport:
        assert transport.execute(READ).body == {"a": 1}


BOMB = gzip.compress(bytes(http_answers.ANSWER_LIMIT + 1))


@pytest.mark.parametrize(
    ("raw", "headers", "told"),
    [
        (b"{", {"Content-Type": "application/json"}, "its body is no JSON"),
        (b"\xff", {"Content-Type": "application/json"}, "its body is no JSON"),
        (b"[NaN]", {"Content-Type": "application/json"}, "its body is no JSON"),
        (b"[" * 100_000, {"Content-Type": "application/json"}, "its body is no JSON"),
        (b"x", {"Content-Encoding": "br"}, "its body is encoded as 'br'"),
        (b"plain", {"Content-Encoding": "gzip"}, "its body is no gzip"),
        (gzip.compress(b"x" * 1000, mtime=0)[:-9], {"Content-Encoding": "gzip"}, "its gzip body is not whole"),
        (BOMB, {"Content-Encoding": "gzip"}, "it is longer than 64 MiB when unpacked"),
    ],
)
def test_a_body_that_cannot_be_decoded_is_no_answer(
    rest: RestServer, raw: bytes, headers: dict[str, str], told: str
) -> None:
    rest.answer = lambda seen, wire: Says(200, raw, headers)
    with session(rest) as transport:
        error, _ = failure(transport, READ)
    assert type(error) is TransportError
    assert f"the answer to 'GET /items/' is not usable: {told}" in str(error)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Rejected),
        (304, Rejected),
        (400, Rejected),
        (401, AuthFailed),
        (403, Rejected),
        (404, NotFound),
        (405, Rejected),
        (409, Rejected),
        (418, Rejected),
        (422, Rejected),
        (423, Busy),
        (429, Busy),
        (499, Rejected),
        (500, Rejected),
        (502, Rejected),
        (503, Busy),
        (599, Rejected),
    ],
)
@pytest.mark.parametrize("operation", [READ, WRITE], ids=["read", "write"])
def test_a_status_that_is_not_good_is_an_error(
    rest: RestServer, operation: Http, status: int, kind: type[NetresError]
) -> None:
    body = b"" if status == 304 else {"detail": "because\r\nof \x1b[31mthis"}
    rest.answer = lambda seen, wire: Says(status, body)
    with session(rest) as transport:
        error, _ = failure(transport, operation)
    assert type(error) is kind
    assert f"HTTP {status}" in str(error)
    assert str(error).isprintable()
    assert status < 400 or "because / of this" in str(error)
    assert len(rest.seen) == 1
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_redirect_is_not_followed(rest: RestServer) -> None:
    rest.answer = lambda seen, wire: Says(302, None, {"Location": "https://elsewhere.example/"})
    with session(rest) as transport:
        error, _ = failure(transport, WRITE)
    assert isinstance(error, Rejected)
    assert error.answer.startswith("HTTP 302 Found: https://elsewhere.example/ (it leads elsewhere")
    assert len(rest.seen) == 1


def test_an_error_in_a_good_answer_is_a_refusal(rest: RestServer) -> None:
    rest.answer = lambda seen, wire: Says(200, {"error": "no such site"})
    with session(rest) as transport:
        error, _ = failure(transport, WRITE)
    assert type(error) is Rejected
    assert error.answer == "HTTP 200 OK: no such site"


def test_a_long_explanation_is_cut(rest: RestServer) -> None:
    texts = iter([b"<p>\n" * 10_000, b"x" * (2 << 20), b"", b"\n \n"])
    rest.answer = lambda seen, wire: Says(500, next(texts))
    with session(rest) as transport:
        errors = [failure(transport, READ)[0] for _ in range(4)]
    assert len(str(errors[0])) < 600
    assert str(errors[1]).endswith("HTTP 500 Internal Server Error (2097152 characters of explanation)")
    for error in errors[2:]:
        assert str(error).endswith("HTTP 500 Internal Server Error")
