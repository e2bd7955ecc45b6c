"""An SSH session with a device's command line: netmiko's connection, and a dialogue that always ends in time."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

import paramiko

from netres.driver import CliShell
from netres.errors import ConnectFailed, DeviceError, Rejected, TransportError, UsageError
from netres.flow import Cli, Exec, Operation, Reconnect, Reply
from netres.inventory.entry import Entry
from netres.model.secret import Secret
from netres.transport.deadline import Deadline
from netres.transport.masking import Masker, SessionLog
from netres.transport.retry import retried
from netres.transport.screen import Answer
from netres.transport.ssh_client import FOREIGN, Link, connect
from netres.transport.ssh_common import (
    ANSWER_LIMIT,
    EXEC_LIMIT,
    QUIET,
    TRIES,
    Credentials,
    reply_to,
    too_long,
    unanswered,
    words,
)
from netres.transport.ssh_config import route
from netres.transport.ssh_types import Channel

_CHUNK: Final = 65536


class SshTransport:
    """`netres.flow.Transport` for `Cli`, `Exec` and `Reconnect` over SSH.

    After a timeout, a lost connection or an interrupt nobody knows what the device still does with the session, so it
    is given up: until a `Reconnect` every operation raises `ConnectFailed`.
    """

    def __init__(self, entry: Entry, shell: CliShell | None, secrets: Sequence[re.Pattern[str]] = ()) -> None:
        """Prepare a session; `open` makes one that is connected."""
        self._entry = entry
        self._shell = shell
        self._hops = route(entry)
        self._place = self._hops[-1].place
        self._masker = Masker((*secrets, *(shell.secrets if shell else ())))
        self._log = SessionLog(entry.ssh.session_log, self._masker) if entry.ssh.session_log else None
        self._link: Link | None = None
        self._closed = False

    @classmethod
    def open(cls, entry: Entry, shell: CliShell | None, secrets: Sequence[re.Pattern[str]] = ()) -> SshTransport:
        """A session, logged in and prepared.

        Without a ``shell`` no command line is opened; there are only programs. ``secrets``: group 1 of each is masked.

        Raises:
            TransportError: ConnectFailed, Timeout, AuthFailed, HostKeyUnknown, HostKeyMismatch.
            Rejected: the device refused a line of ``shell.prepare``.
            InvalidConfig: a setting or a secret of the entry is not usable.
        """
        transport = cls(entry, shell, secrets)
        try:
            transport._connect(TRIES)
        except BaseException:
            transport.close()
            raise
        return transport

    def execute(self, operation: Operation) -> Reply:
        """Do one operation; its deadline is ``timeouts.command``, that of `Reconnect` ``timeouts.connect``.

        Raises:
            Rejected: the device refused it; the session goes on.
            Timeout, TransportError: no answer, or the connection is lost; so is the session.
            ConnectFailed: the session was lost before.
            UsageError: this transport has no such operation; or the line cannot be sent.
        """
        if self._closed:
            raise UsageError(f"{self._place}: {str(operation)!r} was sent after close()")
        if isinstance(operation, Reconnect):
            self._drop()
            self._connect(None)
            return Reply()
        if not isinstance(operation, Cli | Exec):
            raise UsageError(f"{self._place}: SSH has no operation {str(operation)!r}; it has Cli, Exec and Reconnect")
        if self._link is None:
            raise ConnectFailed(f"{self._place}: the session is lost; {str(operation)!r} was not sent; reconnect")
        deadline = Deadline(self._entry.timeouts.command)
        parts = operation.parts if isinstance(operation, Cli) else operation.stdin
        self._masker.add(*(part.reveal() for part in parts if isinstance(part, Secret)))
        if isinstance(operation, Exec):
            return self._program(self._link, operation, deadline)
        if self._shell is None:
            raise UsageError(f"{self._place}: {str(operation)!r} needs a command line; the driver names no CliShell")
        return self._line(self._link, self._shell, operation, deadline)

    def interrupt(self) -> None:
        """End a running operation from another thread; the session is lost."""
        if (link := self._link) is not None:
            link.abort()

    def close(self) -> None:
        """End the session; never raises."""
        self._closed = True
        self._drop()
        if self._log is not None:
            self._log.close()

    def _connect(self, attempts: int | None) -> None:
        deadline = Deadline(self._entry.timeouts.connect)
        self._link = retried(lambda: self._attempt(deadline), deadline, attempts)

    def _attempt(self, deadline: Deadline) -> Link:
        credentials = Credentials.of(self._entry)
        self._masker.add(*credentials.known)
        shell = self._shell
        link = Link(self._entry, shell.netmiko if shell else None, self._hops, credentials)
        connect(link, deadline)
        if shell is None:
            return link
        try:
            with self._exchange(link, deadline, "the login", ConnectFailed):
                self._read(link.channel, Answer(re.compile(shell.prompt), None))
            for command in shell.prepare:
                self._line(link, shell, Cli((command,), writes=False), deadline, ConnectFailed)
        except BaseException:
            link.close()
            raise
        return link

    def _line(
        self,
        link: Link,
        shell: CliShell,
        operation: Cli,
        deadline: Deadline,
        lost: type[TransportError] = TransportError,
    ) -> Reply:
        line = operation.reveal()
        with self._exchange(link, deadline, str(operation), lost):
            self._drain(link.channel)
            link.channel.sendall((line + link.line_end).encode())
            answer = self._read(link.channel, Answer(re.compile(shell.prompt), line))
        return reply_to(operation, answer.text, shell, self._masker)

    def _drain(self, channel: Channel) -> None:
        """What came unasked is no part of the next answer."""
        while channel.recv_ready():
            self._note(channel.recv(_CHUNK).decode(errors="replace"))

    def _read(self, channel: Channel, answer: Answer) -> Answer:
        while True:
            channel.settimeout(QUIET if answer.prompted and not answer.echoed else None)
            try:
                data = channel.recv(_CHUNK)
            except TimeoutError:
                return answer
            if not data:
                raise EOFError("the device closed the connection")
            self._note(answer.feed(data))
            if answer.size > ANSWER_LIMIT:
                raise too_long(self._place, "an answer", ANSWER_LIMIT)
            if answer.prompted and answer.echoed and not channel.recv_ready():
                return answer

    def _program(self, link: Link, operation: Exec, deadline: Deadline) -> Reply:
        data = operation.reveal().encode(errors="surrogateescape")
        with self._exchange(link, deadline, operation.command, TransportError):
            channel = self._started(link, operation, deadline)
            try:
                with suppress(OSError):  # a program need not read what it is fed
                    channel.sendall(data)
                    channel.shutdown_write()
                text = self._output(channel)
                status = channel.recv_exit_status()
            finally:
                channel.close()
            if status < 0 and not link.connection.is_active():
                raise EOFError("the device closed the connection")
        self._note(f"\n$ {operation}\n{text}\n")
        if operation.writes and status:
            raise Rejected(operation.command, words(text, self._masker) or f"exit status {status}")
        return Reply(text, status)

    def _started(self, link: Link, operation: Exec, deadline: Deadline) -> Channel:
        try:
            channel = link.connection.open_session()
            channel.set_combine_stderr(True)
            channel.exec_command(operation.command)
        except paramiko.SSHException as error:
            if deadline.expired or not link.connection.is_active():
                raise
            raise Rejected(operation.command, f"no program can be run: {error}") from error
        return channel

    def _output(self, channel: Channel) -> str:
        output = bytearray()
        while data := channel.recv(_CHUNK):
            output += data
            if len(output) > EXEC_LIMIT:
                raise too_long(self._place, "output", EXEC_LIMIT)
        return output.decode(errors="surrogateescape")  # every byte of a file survives

    @contextmanager
    def _exchange(
        self, link: Link, deadline: Deadline, what: str, lost: type[TransportError]
    ) -> Generator[None, None, None]:
        """Bound an exchange by its deadline, and map what goes wrong; then the session is given up."""
        try:
            with deadline.guard(link.abort):
                yield
        except DeviceError:
            raise
        except BaseException as error:
            link.abort()
            link.close()
            self._link = None
            if isinstance(error, FOREIGN):
                raise unanswered(error, self._place, what, deadline, lost) from error
            raise

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _note(self, text: str) -> None:
        if self._log is not None:
            self._log.feed(text)
