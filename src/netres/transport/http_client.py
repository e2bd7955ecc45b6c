"""Requests over HTTP to one server: httpx's client, TLS that is always checked, and exchanges that end in time."""

from __future__ import annotations

import logging
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final, Protocol, cast

import httpx

from netres import __version__
from netres.errors import NetresError, Timeout, TransportError
from netres.transport.deadline import Deadline
from netres.transport.http_answers import ANSWER_LIMIT, line
from netres.transport.http_trust import unconnected

USER_AGENT: Final = f"netres/{__version__}"
_FOREIGN: Final = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError, RuntimeError)
"""What the libraries below raise when an exchange fails."""


class _Discreet(logging.Filter):
    """Keeps the headers of answers, which may hold tokens and cookies, out of httpcore's log of our own exchanges.

    httpcore logs nothing else of an exchange that could be secret; httpx logs method, URL and status.
    """

    def __init__(self) -> None:
        super().__init__()
        self.here = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        ours = bool(getattr(self.here, "ours", False))
        return not (ours and record.getMessage().startswith("receive_response_headers"))


_DISCREET: Final = _Discreet()
logging.getLogger("httpcore.http11").addFilter(_DISCREET)


@dataclass(frozen=True)
class Request:
    """What is sent: ``target`` is path and query."""

    method: str
    target: str
    content: bytes = field(default=b"", repr=False)
    authorization: str = field(default="", repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """What goes before the body."""
        headers = {"Accept": "application/json, */*;q=0.1", "Accept-Encoding": "gzip", "User-Agent": USER_AGENT}
        if self.content:
            headers["Content-Type"] = "application/json"
        if self.authorization:
            headers["Authorization"] = self.authorization
        return headers


@dataclass(frozen=True)
class Answer:
    """What came back, unparsed; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    raw: bytes = field(repr=False)


class NotAnswered(TransportError):
    """The server hung up on a connection from before: it may have done so before it was asked."""


class _Stream(Protocol):
    """What httpcore calls a network stream."""

    def get_extra_info(self, info: str) -> object: ...

    def close(self) -> None: ...


class HttpClient:
    """At most one connection to a server, kept from one exchange to the next. After `abort` it is of no more use.

    Args:
        base: scheme, host and port.
        trusted: from `netres.transport.http_trust.trust`.
        connect: seconds that making a connection may take.
        mask: takes the secrets out of what a server says.
        over: moves the requests, in the place of the network: a simulated server in this process.
    """

    def __init__(
        self,
        base: str,
        trusted: ssl.SSLContext,
        connect: float,
        mask: Callable[[str], str],
        over: httpx.BaseTransport | None = None,
    ) -> None:
        self._base = base
        self._place = base.partition("//")[2]
        self._mask = mask
        self._connect = connect
        # Not from the environment: a proxy would see the credentials, and ~/.netrc would replace them. No cookies
        # either: with one a server takes the requests for those of a browser's session, not of the token's owner.
        self._client = httpx.Client(
            transport=over,
            verify=trusted,
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            limits=httpx.Limits(max_connections=1),
        )
        self._client.headers.clear()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._socket: socket.socket | None = None
        self._fresh = False  # whether the connection was made for this exchange
        self._sending = False  # whether there is one, and the request is on its way
        self.aborted = threading.Event()

    def send(self, request: Request, deadline: Deadline) -> Answer:
        """One exchange, in a thread of its own: name resolution takes no timeout.

        Raises:
            TransportError: with the library's error in ``__cause__``.
        """
        if self.aborted.is_set():
            raise self._interrupted(request)
        going: Future[Answer] = Future()
        self._wake.clear()
        self._fresh = self._sending = False

        def work() -> None:
            try:
                going.set_result(self._exchange(request, deadline))
            except BaseException as error:  # noqa: BLE001  # raised again in the thread that waits
                going.set_exception(error)
            self._wake.set()

        threading.Thread(target=work, name="netres-http", daemon=True).start()
        try:
            return self._awaited(going, request, deadline)
        except _FOREIGN as error:
            raise self._mapped(error, request, deadline) from error
        finally:
            if not going.done():  # late, or this thread was interrupted
                self.abort()
            if self.aborted.is_set():
                going.add_done_callback(lambda _: self.close())

    def _awaited(self, going: Future[Answer], request: Request, deadline: Deadline) -> Answer:
        if not self.aborted.is_set() and not self._wake.wait(min(self._connect, deadline.remaining)) and self._sending:
            self._wake.wait(deadline.remaining)
        if going.done():
            return going.result()
        if self.aborted.is_set():
            raise self._interrupted(request)
        raise self._late(request, deadline) if self._sending or deadline.expired else self._unreached()

    def pause(self, seconds: float) -> None:
        """Wait; `abort` ends it."""
        self._wake.clear()
        if not self.aborted.is_set():
            self._wake.wait(seconds)

    def abort(self) -> None:
        """Take the connection from under whoever uses it, in whatever thread; what was not delivered yet is dropped."""
        with self._lock:
            self.aborted.set()
            if (sock := self._socket) is not None:
                with suppress(OSError):  # in a TLS handshake there is none to take; `_hold` ends that
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    # Not SSLSocket's own, which takes its state from under a thread that reads.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
        self._wake.set()

    def close(self) -> None:
        """End the connection; never raises."""
        with suppress(*_FOREIGN):
            self._client.close()

    def _exchange(self, request: Request, deadline: Deadline) -> Answer:
        _DISCREET.here.ours = True
        connect = min(self._connect, max(deadline.remaining, 0.001))
        sending = self._client.stream(
            request.method,
            self._base + request.target,
            content=request.content or None,
            headers=request.headers,
            timeout=httpx.Timeout(None, connect=connect),  # the rest is bound by the deadline as a whole
            extensions={"trace": self._trace},
        )
        with sending as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, headers, b"".join(self._limited(response)))

    def _limited(self, response: httpx.Response) -> Iterator[bytes]:
        size = 0
        for piece in response.iter_raw():
            size += len(piece)
            if size > ANSWER_LIMIT:
                raise TransportError(f"{self._place}: an answer is longer than {ANSWER_LIMIT >> 20} MiB")
            yield piece

    def _trace(self, event: str, info: Mapping[str, object]) -> None:
        """Know the connection, so that `abort` can end it. httpcore calls this for each step."""
        match event:
            case "connection.connect_tcp.complete" | "connection.start_tls.complete":
                self._fresh = True
                self._hold(cast("_Stream", info["return_value"]))
            case "http11.send_request_headers.started":
                self._sending = True
            case _:
                pass

    def _hold(self, stream: _Stream) -> None:
        with self._lock:
            if not self.aborted.is_set():
                self._socket = cast("socket.socket", stream.get_extra_info("socket"))
                return
        stream.close()
        raise ConnectionAbortedError("the exchange was given up")

    def _late(self, request: Request, deadline: Deadline) -> Timeout:
        return Timeout(
            f"{self._place}: no answer to '{request.method} {request.target}' within {deadline.seconds:g} s; check "
            f"that the server is up and no firewall drops packets, or raise timeouts.command (of a login: .connect)"
        )

    def _unreached(self) -> Timeout:
        return Timeout(
            f"{self._place}: no connection within {self._connect:g} s; check that the server is up and no firewall "
            f"drops packets, or raise timeouts.connect"
        )

    def _interrupted(self, request: Request) -> TransportError:
        return TransportError(f"{self._place}: '{request.method} {request.target}' was interrupted")

    def _mapped(self, error: Exception, request: Request, deadline: Deadline) -> NetresError:
        if self.aborted.is_set():
            return self._interrupted(request)
        if deadline.expired or isinstance(error, httpx.ReadTimeout):
            return self._late(request, deadline)
        if isinstance(error, httpx.ConnectTimeout):
            return self._unreached()
        if isinstance(error, httpx.ConnectError):
            return unconnected(self._place, error)
        reason = line(self._mask(str(error))) or type(error).__name__
        text = f"{self._place}: the exchange failed at '{request.method} {request.target}': {reason}"
        hung_up = isinstance(error, httpx.NetworkError) or "without sending a response" in str(error)
        return NotAnswered(text) if hung_up and not self._fresh else TransportError(text)
