"""The two kinds of channel on an asyncssh connection: the command line, and a program. Bytes come by callback."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import Callable
from typing import Protocol

import asyncssh

from netres.transport.screen import Answer, Answers
from netres.transport.ssh_common import QUIET

CLOSED = "the device closed the connection"


class Channel(Protocol):
    """What is used of ``asyncssh.SSHClientChannel``, whose own types are half unknown."""

    def write(self, data: bytes) -> None:
        """Send, or keep until there is room."""
        ...

    def write_eof(self) -> None:
        """Nothing more is sent."""
        ...

    def close(self) -> None:
        """End it."""
        ...

    def get_exit_status(self) -> int | None:
        """``None``: it told none; -1: ended by a signal."""
        ...


class Screen(asyncssh.SSHClientSession[bytes]):
    """The command line. What comes while nobody waits for an answer is noted, and no part of the next."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self._unasked = codecs.getincrementaldecoder("utf-8")("replace")
        self._answer: Answer | Answers | None = None
        self._limit = 0
        self._done: asyncio.Future[None] | None = None
        self._check: asyncio.Handle | None = None
        self.lost = False

    async def read(self, answer: Answer | Answers, limit: int) -> None:
        """Feed ``answer`` until it is whole, or longer than ``limit`` bytes.

        Raises:
            EOFError: the device closed the channel or the connection.
        """
        if self.lost:
            raise EOFError(CLOSED)
        self._answer, self._limit = answer, limit
        self._done = asyncio.get_running_loop().create_future()
        try:
            await self._done
        finally:
            self._answer = self._done = None
            self._unmark()

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """More of the answer, or what nobody asked for."""
        if self._answer is None:
            self._note(self._unasked.decode(data))
            return
        self._unmark()
        self._note(self._answer.feed(data))
        if self._answer.size > self._limit:
            self._end()
        elif self._answer.prompted:
            loop = asyncio.get_running_loop()
            # What came together is fed together: a prompt in the midst of it ends nothing.
            self._check = loop.call_soon(self._end) if self._answer.echoed else loop.call_later(QUIET, self._end)

    def eof_received(self) -> bool:
        """The device's side of the command line ended."""
        self._lose()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is gone."""
        self._lose()

    def _unmark(self) -> None:
        if self._check is not None:
            self._check.cancel()
            self._check = None

    def _end(self) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_result(None)

    def _lose(self) -> None:
        self.lost = True
        if self._done is not None and not self._done.done():
            self._done.set_exception(EOFError(CLOSED))


class Program(asyncssh.SSHClientSession[bytes]):
    """A program's output, both streams as they came, until there are ``limit`` bytes of it."""

    def __init__(self, limit: int) -> None:
        self.output = bytearray()
        self._limit = limit
        self._ended = asyncio.get_running_loop().create_future()

    async def finished(self) -> None:
        """The end of the program, or of what is taken of its output."""
        await self._ended

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Of either stream."""
        self.output += data
        if len(self.output) > self._limit:
            self._end()

    def eof_received(self) -> bool:
        """Both streams ended; the status is still to come."""
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is closed: status and output are all there."""
        self._end()

    def _end(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)
