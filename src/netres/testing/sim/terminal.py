"""A command line as a terminal shows it: echo, line ends, paging, keys. Bytes in, bytes out."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import Final

from netres.testing.sim.cli import CliSession, ended
from netres.testing.sim.delivery import acts
from netres.testing.sim.device import MASK
from netres.testing.sim.wire import Act, End, Send

_INTERRUPT, _BELL, _KILL, _END = "\x03", "\x07", "\x15", "\x1a"
_ERASE: Final = ("\x08", "\x7f")
_BACK: Final = "\b \b"


class Terminal:
    """The conversation of one login; implements `netres.testing.sim.wire.Conversation`."""

    def __init__(self, session: CliSession) -> None:
        self._session = session
        self._typed = ""
        self._pending: list[str] = []  # lines that wait behind --More--
        self._paging = False
        self._after_return = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def start(self) -> Iterable[Act]:
        """The greeting and the first prompt."""
        yield _text(self._session.greet() + self._session.shown_prompt)

    def feed(self, data: bytes) -> Iterable[Act]:
        """Take what was typed."""
        for key in self._decoder.decode(data):
            if not self._session.alive:
                return
            yield from self._key(key)

    def eof(self) -> Iterable[Act]:
        """Whoever typed is gone."""
        yield End()

    def close(self) -> None:
        """The connection is gone."""
        self._session.close()

    def _key(self, key: str) -> Iterator[Act]:
        after_return, self._after_return = self._after_return, key == "\r"
        if key == "\n" and after_return:
            return  # the second half of a line end
        if self._paging:
            yield from self._turn(key)
        elif key in "\r\n":
            yield from self._entered()
        elif key == self._session.help_key and not self._session.asked:
            help_ = self._session.help(self._typed)
            yield _text(f"{key}\n{help_}{self._session.shown_prompt}{self._typed}")
        elif key.isprintable() or key == "\t":
            self._typed += key
            yield from self._echo(key)
        else:
            yield from self._control(key)

    def _control(self, key: str) -> Iterator[Act]:
        if key in _ERASE or key == _KILL:
            count = len(self._typed) if key == _KILL else min(1, len(self._typed))
            self._typed = self._typed[: len(self._typed) - count]
            yield from self._echo(_BACK * count)
        elif key == _INTERRUPT:
            self._typed = ""
            yield _text(f"^C\n{self._session.shown_prompt}")
        elif key == _END and self._session.interrupt_ends:
            self._typed = "end"
            yield _text("^Z")
            yield from self._entered()
        elif key == self._session.end_of_text and self._session.asked:
            self._typed = key
            yield from self._entered()
        else:
            yield Send(_BELL.encode())

    def _echo(self, text: str) -> Iterator[Act]:
        if self._session.echoes:
            yield _text(text)

    def _entered(self) -> Iterator[Act]:
        line, self._typed = self._typed, ""
        yield _text("\n")
        session = self._session
        if not line.strip() and not session.asked:  # a bare Return is no operation
            yield _text(session.shown_prompt)
            return
        sent = line if session.echoes else MASK  # what is not shown is a secret: it stands in no dialogue
        done = session.device.operate("cli", sent, lambda: session.line(line), lambda: ended(session.refusal(line)))
        answer = done.answer or ""
        yield from acts(done, _text(answer + session.shown_prompt).data, self._show(answer))

    def _show(self, answer: str) -> Iterator[Act]:
        lines = answer.splitlines(keepends=True)
        page = 0 if self._session.unpaged else self._session.page
        if self._session.ended:
            yield _text(answer)
            yield End()
        elif page and len(lines) >= page:
            self._pending = lines
            yield from self._turn(" ")
        else:
            yield _text(answer + self._session.shown_prompt)

    def _turn(self, key: str) -> Iterator[Act]:
        """A key at the end of a page: the next page, the next line, or no more."""
        if key == "\n" and not self._paging:
            return
        shown = _BACK * len(self._session.more) if self._paging else ""
        count = {"\r": 1, "\n": 1, " ": max(1, self._session.page - 1)}.get(key, 0)
        if key not in {"\r", "\n", " ", "q", "Q", _INTERRUPT}:
            return
        now, self._pending = self._pending[:count], self._pending[count:]
        if not count:
            self._pending = []
        self._paging = bool(self._pending)
        yield _text(shown + "".join(now) + (self._session.more if self._paging else self._session.shown_prompt))


def _text(text: str) -> Send:
    return Send(text.replace("\n", "\r\n").encode())
