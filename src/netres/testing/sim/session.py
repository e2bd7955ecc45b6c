"""A session with a simulated device in this process: no socket, no thread, the same faults."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from netres.driver import CliShell, Driver
from netres.errors import ConnectFailed, Rejected, Timeout, TransportError, UsageError
from netres.flow import Cli, Exec, Http, Operation, Reconnect, Reply
from netres.testing.sim.cli import CliSession, ended
from netres.testing.sim.delivery import garbage
from netres.testing.sim.device import Delivered, Simulated
from netres.testing.sim.faults import FaultKind
from netres.testing.sim.wire import Cut, End, Send, Stall

if TYPE_CHECKING:
    from netres.transport.http import HttpTransport

A = TypeVar("A")


class SimulatedSession:
    """`netres.flow.Transport` for `Cli`, `Exec`, `Http` and `Reconnect`, straight into a device.

    What a real transport learns by waiting, it knows: a hang is a `Timeout` at once. `Http` goes through netres's own
    transport, over the device in the place of the network.
    """

    def __init__(self, device: Simulated, driver: Driver) -> None:
        """Connect and log in.

        Raises:
            ConnectFailed: the device is starting.
            TransportError, DeviceError: as `netres.transport.http.HttpTransport.open` says.
        """
        self._device = device
        self._driver = driver
        self._cli: CliSession | None = None
        self._http: HttpTransport | None = None
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
        if self._driver.api is not None and device.http is not None:
            from netres.testing.sim.in_process import http_session  # httpx: only where there is a REST interface

            self._http = http_session(device, self._driver, self._driver.api)
        for command in shell.prepare if shell else ():
            self.execute(Cli((command,), writes=False))

    def execute(self, operation: Operation) -> Reply:
        """Do one operation; errors as `netres.flow.Transport.execute` says."""
        device = self._device
        if isinstance(operation, Reconnect):
            self._drop()
            self._connect()
            return Reply()
        if isinstance(operation, Http) and self._http is not None:
            return self._http.execute(operation)
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
            case _:
                raise UsageError(f"{device.name}: the simulated device has no operation {str(operation)!r}")

    def close(self) -> None:
        """End the session."""
        self._drop()

    def pause(self, seconds: float) -> None:
        """Let time go by in the device."""
        with self._device.lock:
            self._device.clock.advance(seconds)

    def _drop(self) -> None:
        self._lost = True
        if self._cli is not None:
            with self._device.lock:
                self._cli.close()
            self._cli = None
        if self._http is not None:
            self._http.close()
            self._http = None

    def _line(self, session: CliSession, shell: CliShell, operation: Cli) -> Reply:
        line = operation.reveal()
        done = self._device.operate("cli", line, lambda: session.line(line), lambda: ended(session.refusal(line)))
        text = self._arrived(done, str(operation), str)
        shown = session.shown_prompt.rpartition("\n")[2]
        if session.asked and not re.fullmatch(shell.prompt, shown):  # the driver does not expect to be asked
            raise self._broken(Timeout, f"{str(operation)!r} was answered by the question {shown!r}")
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
