"""An SSH session with a device's command line on an event loop: asyncssh, and a dialogue that always ends in time."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress

import asyncssh

from netres.driver import CliShell
from netres.errors import ConnectFailed, DeviceError, Rejected, TransportError, UsageError
from netres.flow import Batch, Cli, Exec, Operation, Reconnect, Reply
from netres.inventory.entry import Entry
from netres.model.secret import Secret
from netres.transport.deadline import Deadline
from netres.transport.masking import Masker, SessionLog
from netres.transport.retry import aretried
from netres.transport.screen import Answer, Answers
from netres.transport.ssh_async_channel import CLOSED, Channel, Program
from netres.transport.ssh_async_client import FOREIGN, AsyncLink, connect
from netres.transport.ssh_common import (
    ANSWER_LIMIT,
    EXEC_LIMIT,
    TRIES,
    Credentials,
    reply_to,
    too_long,
    unanswered,
    words,
)
from netres.transport.ssh_config import route


class AsyncSshTransport:
    """`netres.flow.AsyncTransport` for `Cli`, `Exec`, `Reconnect` and `Batch` over SSH; otherwise as `SshTransport`.

    Where an operation is cancelled, the session is given up.
    """

    batches = True
    """`netres.flow.Batching`."""

    def __init__(self, entry: Entry, shell: CliShell | None, secrets: Sequence[re.Pattern[str]] = ()) -> None:
        """Prepare a session; `open` makes one that is connected."""
        self._entry = entry
        self._shell = shell
        self._hops = route(entry)
        self._place = self._hops[-1].place
        self._masker = Masker((*secrets, *(shell.secrets if shell else ())))
        self._log = SessionLog(entry.ssh.session_log, self._masker) if entry.ssh.session_log else None
        self._link: AsyncLink | None = None
        self._closed = False

    @classmethod
    async def open(
        cls, entry: Entry, shell: CliShell | None, secrets: Sequence[re.Pattern[str]] = ()
    ) -> AsyncSshTransport:
        """A session, logged in and prepared; arguments and errors as of `SshTransport.open`."""
        transport = cls(entry, shell, secrets)
        try:
            await transport._connect(TRIES)
        except BaseException:
            await transport.close()
            raise
        return transport

    async def execute(self, operation: Operation) -> Reply:
        """Do one operation; deadlines and errors as of `SshTransport.execute`. A `Batch` has one deadline, too.

        Raises:
            Rejected: of a `Batch`: the first line that was refused; all that was written was read to its end.
        """
        if self._closed:
            raise UsageError(f"{self._place}: {str(operation)!r} was sent after close()")
        if isinstance(operation, Reconnect):
            await self._drop()
            await self._connect(None)
            return Reply()
        if not isinstance(operation, Cli | Exec | Batch):
            raise UsageError(f"{self._place}: SSH has no operation {str(operation)!r}; it has Cli, Exec and Reconnect")
        if self._link is None:
            raise ConnectFailed(f"{self._place}: the session is lost; {str(operation)!r} was not sent; reconnect")
        deadline = Deadline(self._entry.timeouts.command)
        self._keep_secrets_of(operation)
        if isinstance(operation, Exec):
            return await self._program(self._link, operation, deadline)
        if self._shell is None:
            raise UsageError(f"{self._place}: {str(operation)!r} needs a command line; the driver names no CliShell")
        if isinstance(operation, Batch):
            return await self._lines(self._link, self._shell, operation, deadline)
        return await self._line(self._link, self._shell, operation, deadline)

    async def close(self) -> None:
        """End the session; never raises."""
        self._closed = True
        await self._drop()
        if self._log is not None:
            self._log.close()

    def _keep_secrets_of(self, operation: Cli | Exec | Batch) -> None:
        one = operation.operations if isinstance(operation, Batch) else (operation,)
        parts = (part for each in one for part in (each.parts if isinstance(each, Cli) else each.stdin))
        self._masker.add(*(part.reveal() for part in parts if isinstance(part, Secret)))

    async def _connect(self, attempts: int | None) -> None:
        deadline = Deadline(self._entry.timeouts.connect)
        self._link = await aretried(lambda: self._attempt(deadline), deadline, attempts)

    async def _attempt(self, deadline: Deadline) -> AsyncLink:
        credentials = Credentials.of(self._entry)
        self._masker.add(*credentials.known)
        link = AsyncLink(self._entry, self._hops, credentials)
        await connect(link, deadline)
        if (shell := self._shell) is None:
            return link
        try:
            async with self._exchange(link, deadline, "the login", ConnectFailed):
                await link.converse(self._note)
                await self._read(link, Answer(re.compile(shell.prompt), None))
            for command in shell.prepare:
                await self._line(link, shell, Cli((command,), writes=False), deadline, ConnectFailed)
        except BaseException:
            link.abort()
            raise
        return link

    async def _line(
        self,
        link: AsyncLink,
        shell: CliShell,
        operation: Cli,
        deadline: Deadline,
        lost: type[TransportError] = TransportError,
    ) -> Reply:
        line = operation.reveal()
        async with self._exchange(link, deadline, str(operation), lost):
            link.channel.write((line + shell.line_end).encode())
            answer = Answer(re.compile(shell.prompt), line)
            await self._read(link, answer)
        return reply_to(operation, answer.text, shell, self._masker)

    async def _lines(self, link: AsyncLink, shell: CliShell, batch: Batch, deadline: Deadline) -> Reply:
        """Write all lines at once, read all answers to their end, and match them one by one."""
        sent = batch.reveal()
        answers = Answers(re.compile(shell.prompt), sent)
        try:
            async with self._exchange(link, deadline, str(batch), TransportError):
                for place, line in enumerate(sent):
                    batch.sending(place)
                    link.channel.write((line + shell.line_end).encode())
                await self._read(link, answers)
        except BaseException:
            self._told(batch, answers.texts, shell)
            raise
        parts = self._told(batch, answers.all, shell)
        if batch.writes:
            for part in parts:
                if isinstance(part, DeviceError):
                    raise part
        return Reply(parts=parts)

    def _told(self, batch: Batch, texts: Sequence[str], shell: CliShell) -> tuple[Reply | DeviceError, ...]:
        """What was answered to each line, as far as it was."""
        parts: list[Reply | DeviceError] = []
        for place, (operation, text) in enumerate(zip(batch.operations, texts, strict=False)):
            try:
                parts.append(reply_to(operation, text, shell, self._masker))
            except Rejected as refusal:
                parts.append(refusal)
            batch.answered(place, parts[-1])
        return tuple(parts)

    async def _read(self, link: AsyncLink, answer: Answer | Answers) -> None:
        await link.screen.read(answer, ANSWER_LIMIT)
        if answer.size > ANSWER_LIMIT:
            raise too_long(self._place, "an answer", ANSWER_LIMIT)

    async def _program(self, link: AsyncLink, operation: Exec, deadline: Deadline) -> Reply:
        data = operation.reveal().encode(errors="surrogateescape")
        async with self._exchange(link, deadline, operation.command, TransportError):
            channel, program = await self._started(link, operation)
            try:
                with suppress(OSError):  # a program need not read what it is fed
                    channel.write(data)
                    channel.write_eof()
                await program.finished()
            finally:
                channel.close()
            if len(program.output) > EXEC_LIMIT:
                raise too_long(self._place, "output", EXEC_LIMIT)
            told = channel.get_exit_status()
            status = -1 if told is None else told
            if status < 0 and link.gone:
                raise EOFError(CLOSED)
        text = program.output.decode(errors="surrogateescape")  # every byte of a file survives
        self._note(f"\n$ {operation}\n{text}\n")
        if operation.writes and status:
            raise Rejected(operation.command, words(text, self._masker) or f"exit status {status}")
        return Reply(text, status)

    async def _started(self, link: AsyncLink, operation: Exec) -> tuple[Channel, Program]:
        try:
            return await link.program(operation.command, EXEC_LIMIT)
        except asyncssh.ChannelOpenError as error:
            if link.gone:
                raise EOFError(CLOSED) from error
            raise Rejected(operation.command, f"no program can be run: {error}") from error

    @asynccontextmanager
    async def _exchange(
        self, link: AsyncLink, deadline: Deadline, what: str, lost: type[TransportError]
    ) -> AsyncGenerator[None]:
        """Bound an exchange by its deadline, and map what goes wrong; then the session is given up."""
        try:
            async with deadline.bound():
                yield
        except DeviceError:
            raise
        except BaseException as error:
            link.abort()
            self._link = None
            if isinstance(error, FOREIGN):
                raise unanswered(error, self._place, what, deadline, lost) from error
            raise

    async def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    def _note(self, text: str) -> None:
        if self._log is not None:
            self._log.feed(text)
