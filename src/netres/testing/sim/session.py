"""A session with a simulated device in this process: no socket, no thread, the same faults."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import chain
from typing import TypeVar

from netres.driver import CliShell, Driver
from netres.errors import ConnectFailed, ParseError, Rejected, Timeout, TransportError, UsageError
from netres.flow import Cli, Exec, Http, Json, Operation, Reconnect, Reply
from netres.testing.sim.cli import CliSession, ended
from netres.testing.sim.delivery import garbage
from netres.testing.sim.device import Delivered, Simulated
from netres.testing.sim.faults import FaultKind
from netres.testing.sim.http import Request, Response
from netres.testing.sim.http_server import refusal
from netres.testing.sim.wire import Cut, End, Send, Stall

A = TypeVar("A")


class SimulatedSession:
    """`netres.flow.Transport` for `Cli`, `Exec`, `Http` and `Reconnect`, straight into a device.

    What a real transport learns by waiting, it knows: a hang is a `Timeout` at once.
    """

    def __init__(self, device: Simulated, driver: Driver) -> None:
        """Connect and log in.

        Raises:
            ConnectFailed: the device is starting.
        """
        self._device = device
        self._driver = driver
        self._cli: CliSession | None = None
        self._lost = False
        self._connect()

    def _connect(self) -> None:
        device, shell = self._device, self._driver.shell
        with device.lock:
            device.clock.tick()
            if not device.up:
                self._lost = True
                raise ConnectFailed(f"{device.name}: the device is starting")
            self._lost = False
            self._epoch = device.epoch
            self._cli = device.cli() if shell is not None and device.cli is not None else None
        for command in shell.prepare if shell else ():
            self.execute(Cli((command,), writes=False))

    def execute(self, operation: Operation) -> Reply:
        """Do one operation; errors as `netres.flow.Transport.execute` says."""
        device = self._device
        if isinstance(operation, Reconnect):
            self._drop()
            self._connect()
            return Reply()
        if self._lost or self._epoch != device.epoch:
            self._drop()
            raise ConnectFailed(f"{device.name}: the session is lost; {str(operation)!r} was not sent; reconnect")
        match operation:
            case Cli() if self._cli is not None and self._driver.shell is not None:
                return self._line(self._cli, self._driver.shell, operation)
            case Exec() if device.program is None:
                raise Rejected(operation.command, "no program can be run")
            case Exec():
                return self._program(operation)
            case Http() if device.http is not None:
                return self._request(operation)
            case _:
                raise UsageError(f"{device.name}: the simulated device has no operation {str(operation)!r}")

    def close(self) -> None:
        """End the session."""
        self._drop()

    def _drop(self) -> None:
        self._lost = True
        if self._cli is not None:
            with self._device.lock:
                self._cli.close()
            self._cli = None

    def _line(self, session: CliSession, shell: CliShell, operation: Cli) -> Reply:
        line = operation.reveal()
        done = self._device.operate("cli", line, lambda: session.line(line), lambda: ended(session.refusal(line)))
        text = self._arrived(done, str(operation), str)
        if session.asked:
            raise self._broken(Timeout, f"{str(operation)!r} was answered by the question {session.shown_prompt!r}")
        taken = shell.accepts.fullmatch(text) if operation.writes else not shell.refuses.search(text)
        if not taken:
            raise Rejected(str(operation), " / ".join(line.strip() for line in text.splitlines() if line.strip()))
        return Reply(text)

    def _program(self, operation: Exec) -> Reply:
        make = self._device.program
        assert make is not None
        conversation = make(operation.command)
        output, status = bytearray(), 0
        fed = operation.reveal().encode(errors="surrogateescape")
        for act in chain(conversation.start(), conversation.feed(fed), conversation.eof()):
            match act:
                case Send(data):
                    output += data
                case End(code):
                    status = code
                    break
                case Cut():
                    raise self._broken(TransportError, f"the session was lost at {operation.command!r}")
                case Stall():
                    raise self._broken(Timeout, f"no answer to {operation.command!r}")
                case _:
                    pass
        conversation.close()
        text = output.decode(errors="surrogateescape")
        if operation.writes and status:
            raise Rejected(operation.command, text.strip() or f"exit status {status}")
        return Reply(text, status)

    def _request(self, operation: Http) -> Reply:
        http, device, api = self._device.http, self._device, self._driver.api
        assert http is not None
        body = operation.reveal()
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"} if content else {}
        if api is not None:
            headers["authorization"] = api.authorization.format(token=device.token)
        request = Request(operation.method, operation.target, headers, content)
        done = device.operate("http", str(request), lambda: http(request), lambda: refusal(device, request))
        response = self._arrived(done, str(operation), lambda text: Response(200, text.encode()))
        reply = Reply(response.content.decode(errors="replace"), response.status, _parsed(response.content))
        refused = api.refusal(reply) if api else ""
        if response.status >= 400 or refused:
            raise Rejected(str(operation), refused or (api.words(reply) if api else reply.text))
        if response.content and reply.body is None and reply.text != "null":
            raise ParseError(f"{device.name}: the answer to {operation.method} {operation.target} is no JSON")
        return reply

    def _arrived(self, done: Delivered[A], what: str, made: Callable[[str], A]) -> A:
        """The answer as it arrives."""
        match done.kind:
            case FaultKind.CUT_BEFORE | FaultKind.CUT_AFTER | FaultKind.REBOOT | FaultKind.TRUNCATED:
                raise self._broken(TransportError, f"the session was lost at {what!r}")
            case FaultKind.HANG:
                raise self._broken(Timeout, f"no answer to {what!r}")
            case FaultKind.GARBAGE:
                return made(garbage(len(what)).decode("latin-1"))
            case _:
                assert done.answer is not None
                return done.answer

    def _broken(self, error: type[TransportError], reason: str) -> TransportError:
        self._drop()
        return error(f"{self._device.name}: {reason}; the session is given up")


def _parsed(content: bytes) -> Json:
    try:
        made: Json = json.loads(content)
    except ValueError:
        return None
    return made
