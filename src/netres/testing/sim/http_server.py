"""A simulated device's REST interface as a real server: h11 over asyncio, with or without TLS."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from http import HTTPStatus

import h11

from netres.testing.sim.delivery import acts
from netres.testing.sim.device import Delivered, Simulated
from netres.testing.sim.http import Request, Response
from netres.testing.sim.wire import Act, Cut, Send, Stall, Wait

_CHUNK = 65536
_HEAVY = Response(413, b"too large")
_LARGEST = 16 << 20  # bytes of a request


class HttpServer:
    """Serves one device on one port of loopback."""

    def __init__(self, device: Simulated, tls: ssl.SSLContext | None) -> None:
        self._device = device
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self, address: str, port: int = 0) -> None:
        """Listen; ``port`` 0: the system chooses."""
        self._server = await asyncio.start_server(self._accepted, address, port, ssl=self._tls, backlog=1024)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """End every connection, and listen no more."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._tasks.add(task)
        loop = asyncio.get_running_loop()
        self._device.connected(task, lambda: loop.call_soon_threadsafe(writer.transport.abort))
        try:
            if self._device.up:
                await self._serve(reader, writer)
        except (OSError, h11.RemoteProtocolError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._device.disconnected(task)
            self._tasks.discard(task)
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        while (request := await _request(connection, reader, writer)) is not None:
            done = self._answered(request)
            response = done.answer or Response(500)
            data = _rendered(connection, request, response)
            for act in acts(done, data):
                if not await _played(act, writer):
                    return
            if connection.our_state is h11.MUST_CLOSE:
                return
            connection.start_next_cycle()

    def _answered(self, request: Request) -> Delivered[Response]:
        device = self._device
        if len(request.body) > _LARGEST or device.http is None:
            return Delivered(_HEAVY)
        http = device.http
        return device.operate("http", str(request), lambda: http(request), lambda: refusal(device, request))


def refusal(device: Simulated, request: Request) -> Response:
    """How a REST interface refuses a request that a fault rejects, where its behaviour has no words of its own."""
    own = device.http_refusal
    return own(request) if own else Response(400, {"error": "the request was refused"})


async def _request(
    connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Request | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in head.headers}
            return Request(head.method.decode(), head.target.decode("latin-1"), headers, bytes(body))
        else:
            return None


def _rendered(connection: h11.Connection, request: Request, response: Response) -> bytes:
    phrase = HTTPStatus(response.status).phrase.encode()
    fields = [(name.encode(), value.encode("latin-1")) for name, value in response.fields.items()]
    head = h11.Response(status_code=response.status, headers=fields, reason=phrase)
    parts = [connection.send(head)]
    if request.method != "HEAD" and response.content:
        parts.append(connection.send(h11.Data(data=response.content)))
    parts.append(connection.send(h11.EndOfMessage()))
    return b"".join(part for part in parts if part)


async def _played(act: Act, writer: asyncio.StreamWriter) -> bool:
    """Whether the connection goes on after it."""
    match act:
        case Send(data):
            writer.write(data)
            await writer.drain()
        case Wait(seconds):
            await asyncio.sleep(seconds)
        case Stall():
            await asyncio.Event().wait()  # until the server stops, or whoever asked hangs up
        case Cut():
            writer.transport.abort()
            return False
        case _:
            return False
    return True
