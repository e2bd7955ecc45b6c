"""A simulated REST interface in the place of the network below an httpx client: no socket, the same errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import httpx

from netres.driver import Driver, RestApi
from netres.inventory.entry import Entry, HttpSettings
from netres.model.secret import Secret
from netres.testing.sim.device import Delivered, Simulated
from netres.testing.sim.faults import FaultKind
from netres.testing.sim.http import Request, Response
from netres.testing.sim.http_server import refusal
from netres.transport.http import HttpTransport

_SILENT = "Server disconnected without sending a response."


def http_session(device: Simulated, driver: Driver, api: RestApi) -> HttpTransport:
    """A session of netres's own with a device's REST interface.

    Raises:
        TransportError, DeviceError: as `netres.transport.http.HttpTransport.open` says.
    """
    token = None if api.login else Secret.observed(device.token)
    entry = Entry(
        name=device.name,
        platform=device.platform,
        host="127.0.0.1",
        username=device.username,
        password=Secret.observed(device.password),
        http=HttpSettings(scheme="http", token=token),
    )
    return HttpTransport.open(entry, api, driver.masks, InProcess(device))


class InProcess(httpx.BaseTransport):
    """One connection with a device, which httpx keeps from one exchange to the next.

    It tells of its steps as httpcore does (the ``trace`` extension). Nothing is waited for: a hang is a timeout at
    once, and what is slow is not.
    """

    def __init__(self, device: Simulated) -> None:
        self._device = device
        self._epoch: int | None = None
        """Of the connection, where there is one."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange."""
        trace = cast("Callable[[str, Mapping[str, object]], None]", request.extensions.get("trace", _untraced))
        if not self._device.up:
            raise httpx.ConnectError("connection refused", request=request) from ConnectionRefusedError()
        if self._epoch != self._device.epoch:
            self._epoch = self._device.epoch
            trace("connection.connect_tcp.complete", {"return_value": _Stream()})
        trace("http11.send_request_headers.started", {})
        headers = {name.lower(): value for name, value in request.headers.items()}
        came = Request(request.method, request.url.raw_path.decode("ascii"), headers, request.read())
        return self._arrived(self._done(came), request)

    def close(self) -> None:
        """Hang up."""
        self._epoch = None

    def _done(self, came: Request) -> Delivered[Response]:
        device = self._device
        if (http := device.http) is None:
            return Delivered(Response(404))
        return device.operate("http", str(came), lambda: http(came), lambda: refusal(device, came))

    def _arrived(self, done: Delivered[Response], request: httpx.Request) -> httpx.Response:
        answer = done.answer or Response(500)
        content, whole = answer.content, True
        if done.kind in {FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER, FaultKind.REBOOT, FaultKind.TRUNCATED}:
            self.close()
            whole = False
            if done.kind is not FaultKind.TRUNCATED or not content:
                raise httpx.RemoteProtocolError(_SILENT, request=request)
        elif done.kind in {FaultKind.HANG, FaultKind.GARBAGE}:  # of garbage no status line comes to its end
            self.close()
            raise httpx.ReadTimeout("timed out", request=request)
        return httpx.Response(answer.status, headers=dict(answer.fields), stream=_Body(content, whole))


def _untraced(event: str, info: Mapping[str, object]) -> None:
    """Nobody wants to know."""


class _Stream:
    """A network stream of httpcore's, with no network."""

    def get_extra_info(self, info: str) -> object:
        """There is no socket."""
        return None

    def close(self) -> None:
        """There is nothing to close."""


@dataclass
class _Body(httpx.SyncByteStream):
    """A body, or its first half."""

    content: bytes
    whole: bool

    def __iter__(self) -> Iterator[bytes]:
        size = len(self.content)
        yield self.content if self.whole else self.content[: size // 2]
        if not self.whole:
            raise httpx.RemoteProtocolError(
                f"peer closed connection without sending complete message body "
                f"(received {size // 2} bytes, expected {size})"
            )
