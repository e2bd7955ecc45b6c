"""Whatever bytes a server answers with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from httpsession import READ, cut, session
from hypothesis import example, given
from hypothesis import strategies as st
from rest import RestServer

from netres.errors import NetresError

SOON = {"connect": 0.3, "command": 0.3}
pytestmark = pytest.mark.usefixtures("web_secrets")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n"


@pytest.fixture(scope="module")
def garbage() -> Iterator[RestServer]:
    with RestServer(lambda seen, wire: None) as server:
        yield server


HEADERS = st.sampled_from(
    [
        b"Content-Type: application/json", b"Content-Length: 3", b"Content-Length: -1", b"Content-Length: x",
        b"Transfer-Encoding: chunked", b"Transfer-Encoding: x", b"Content-Encoding: gzip", b"Content-Encoding: deflate",
        b"Retry-After: 9", b"Retry-After: \xff", b"Location: /\xff", b"Content-Type: \xff; charset=\xff", b"X", b": y",
        b"Set-Cookie: a=b; expires=never", b"Connection: upgrade", b"Content-Type: text/html; charset=hex",
    ]
)  # fmt: skip
STATUSES = [100, 101, 103, 199, 200, 204, 206, 301, 304, 400, 401, 404, 429, 500, 503, 999]
BODIES = [b"{}", b'{"detail": 1, "error": []}', b"0\r\n\r\n", b'"\\ud800"', b"1" * 5000]


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """Answers that begin well."""
    lines = [b"HTTP/1.1 %d \xff" % draw(st.sampled_from(STATUSES)), *draw(st.lists(HEADERS, max_size=4))]
    return b"\r\n".join([*lines, b"", draw(st.binary(max_size=30) | st.sampled_from(BODIES))])


@given(data=st.binary(max_size=200) | answers())
@example(b'HTTP/1.1 400 \r\nContent-Type: application/json\r\n\r\n{"detail": "\\ud800"}')
def test_whatever_a_server_answers_only_our_own_errors_come(garbage: RestServer, data: bytes) -> None:
    garbage.answer = cut(data)
    with session(garbage) as transport:
        try:
            transport.execute(READ)
        except NetresError as error:
            assert str(error).isprintable()  # noqa: PT017 - it is not known whether there is one
