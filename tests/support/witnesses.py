"""Memory devices behind a port of this process, that see for themselves who changes them, and whether two do."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
import time
from collections.abc import Iterable
from itertools import groupby
from types import TracebackType
from typing import Final, Self, TypedDict, cast

from netres.errors import ConnectFailed, Rejected
from netres.flow import Http, Json, Operation, Reconnect, Reply
from netres_drivers.memory.device import MemoryDevice, MemorySession

_TAKES: Final = 0.001
"""Seconds that a device takes for a write, so that others have the time to come between."""


class Witness:
    """A device, and what it saw: of each session it is told whose change it is there for."""

    def __init__(self) -> None:
        self.device = MemoryDevice()
        self.wrote: list[str] = []
        """Who, write by write."""
        self.clashes: list[str] = []
        """Who wrote while a candidate or a commit on trial was another's."""
        self._under_way: dict[MemorySession, str] = {}
        self._on_trial = ""
        self._lock = threading.Lock()

    @property
    def intruders(self) -> list[str]:
        """Who wrote between the first and the last write of another, or beside what was under way."""
        turns = [writer for writer, _ in groupby(self.wrote)]
        return self.clashes + [writer for place, writer in enumerate(turns) if writer in turns[:place]]

    def told(self, session: MemorySession, writer: str, operation: Http) -> Reply:
        """Answer one request of a session."""
        if operation.writes:
            time.sleep(_TAKES)
        with self._lock:
            if operation.writes:
                self._look(writer, operation)
            try:
                return session.execute(operation)
            finally:
                self._remember(session, writer, operation)

    def left(self, session: MemorySession) -> None:
        """A session has ended."""
        with self._lock:
            session.close()
            self._under_way.pop(session, None)

    def _look(self, writer: str, operation: Http) -> None:
        self.wrote.append(writer)
        others = {*self._under_way.values(), *({self._on_trial} if self.device.trial else ())} - {writer}
        self.clashes += [f"{writer}: {operation} while {other} is at work" for other in others]

    def _remember(self, session: MemorySession, writer: str, operation: Http) -> None:
        match operation.method, operation.path:
            case "POST", "/candidate":
                self._under_way[session] = writer
            case ("DELETE", "/candidate") | ("POST", "/candidate/commit"):
                self._under_way.pop(session, None)
                self._on_trial = writer if operation.method == "POST" else self._on_trial
            case _:
                pass


class Witnesses(socketserver.ThreadingTCPServer):
    """Witnesses by name, at a port of this host; a context manager."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, names: Iterable[str]) -> None:
        self.devices = {name: Witness() for name in names}
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port = int(self.server_address[1])
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Hello(TypedDict):
    device: str
    writer: str


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        hello = cast("_Hello", json.loads(self.rfile.readline()))
        witness = cast("Witnesses", self.server).devices[hello["device"]]
        session = witness.device.session()
        try:
            for line in self.rfile:
                try:
                    reply = witness.told(session, hello["writer"], Http(*json.loads(line)))
                    answer: list[Json] = [reply.text, reply.status, reply.body]
                except Rejected as error:
                    answer = [str(error)]
                self.wfile.write(json.dumps(answer).encode() + b"\n")
        finally:
            witness.left(session)


class Link:
    """A session with a witness: a `netres.flow.Transport` of a change that has a name."""

    def __init__(self, port: int, device: str, writer: str) -> None:
        self._port = port
        self._hello = _Hello(device=device, writer=writer)
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rwb")
        self._file.write(json.dumps(self._hello).encode() + b"\n")

    def execute(self, operation: Operation) -> Reply:
        if isinstance(operation, Reconnect):
            self.close()
            self._connect()
            return Reply()
        assert isinstance(operation, Http)
        self._file.write(json.dumps([operation.method, operation.path, operation.reveal()]).encode() + b"\n")
        self._file.flush()
        line = self._file.readline()
        if not line:
            raise ConnectFailed("the device hung up")
        answer = json.loads(line)
        if len(answer) == 1:
            raise Rejected(str(operation), answer[0])
        return Reply(*answer)

    def close(self) -> None:
        self._file.close()
        self._socket.close()
