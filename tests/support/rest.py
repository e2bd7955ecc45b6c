"""A real HTTP(S) server on loopback that answers as a test says, and certificates for it."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, cast

from netres.inventory.entry import Entry


@dataclass(frozen=True)
class Seen:
    """A request, as it came."""

    method: str
    target: str
    headers: Mapping[str, str]
    raw: bytes
    connection: int
    """Which connection it came over."""

    @property
    def body(self) -> object:
        return json.loads(self.raw) if self.raw else None


@dataclass(frozen=True)
class Wire:
    """For an answer that is not HTTP as it should be: the connection itself."""

    send: Callable[[bytes], None]
    hang_up: Callable[[], None]
    ended: threading.Event
    """Set when the server stops: whoever hangs waits for it."""


@dataclass(frozen=True)
class Says:
    """An answer."""

    status: int = 200
    body: object = None
    """Bytes are sent as they are, everything else as JSON."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Answerer = Callable[[Seen, Wire], Says | None]


class RestServer:
    """Serves until it is closed."""

    answer: Answerer
    """May be replaced at any time; where it answers ``None`` it has written to the wire."""

    def __init__(
        self, answer: Answerer, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.answer = answer
        self.address = address
        self.tls = tls
        self.seen: list[Seen] = []
        self.ended = threading.Event()
        self.server = _Server((address, port), self)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def targets(self) -> list[str]:
        return [f"{seen.method} {seen.target}" for seen in self.seen]

    def close(self) -> None:
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def entry(self, **fields: object) -> Entry:
        """How to reach it, by a token unless said otherwise; soon impatient."""
        usual = {
            "name": "c1",
            "platform": "memory",
            "host": self.address,
            "port": self.port,
            "timeouts": {"connect": 2, "command": 2},
            "http": {"scheme": "https" if self.tls else "http", "token": "env:NETRES_TEST_TOKEN"},
        }
        return Entry.model_validate({**usual, **fields})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, place: tuple[str, int], owner: RestServer) -> None:
        self.owner = owner
        self.connections = 0
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        super().__init__(place, _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        sock, address = super().get_request()
        self.connections += 1
        if self.owner.tls is not None:
            sock = self.owner.tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return sock, address

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that break off are what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self.number = cast("_Server", self.server).connections

    def _any(self) -> None:
        owner = cast("_Server", self.server).owner
        raw = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, raw, self.number)
        owner.seen.append(seen)
        said = owner.answer(seen, Wire(self._send, self._hang_up, owner.ended))
        if said is None:
            self.close_connection = True
            return
        data = (
            said.body if isinstance(said.body, bytes) else b"" if said.body is None else json.dumps(said.body).encode()
        )
        self.send_response(said.status)
        kind = {} if isinstance(said.body, bytes) or not data else {"Content-Type": "application/json"}
        for name, value in {**kind, "Content-Length": str(len(data)), **said.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _any  # noqa: N815 - the names http.server looks for

    def _send(self, data: bytes) -> None:
        with suppress(OSError):
            self.wfile.write(data)
            self.wfile.flush()

    def _hang_up(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
        """Silent."""
