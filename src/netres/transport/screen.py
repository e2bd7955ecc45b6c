"""What a command line shows: where an answer begins (after its echo), where it ends (before a prompt). No I/O."""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Sequence
from typing import Final

_ESCAPE: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, bracketed paste
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC: window titles
    r"|[ -/]*[0-~])"  # character sets, keypad modes, single shifts
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_WRAP: Final = re.compile(r"(.)\r(?=\1)")  # readline writes the first character of a wrapped line twice
_INVISIBLE: Final = re.compile(r"[\s\x00-\x20\x7f]+")
_ECHO_WITHIN: Final = 65536  # characters; what comes later is no echo
_PROMPT_WITHIN: Final = 4096  # characters; a longer line is no prompt


def plain(text: str) -> str:
    """``text`` without terminal control, its lines ended by line feeds."""
    return _CONTROLS.sub("", _ESCAPE.sub("", text))


def squeezed(text: str) -> str:
    """What is left of ``text`` however a terminal wraps and redraws it: no blanks, no terminal control."""
    return _INVISIBLE.sub("", _WRAP.sub("", _ESCAPE.sub("", text)))


class Answer:
    """Collects what a device sends after a line was written to it, until its prompt comes back.

    Args:
        prompt: the prompt, matched against the whole last line.
        sent: the line that was written; ``None`` where nothing was, and so no echo comes first.
    """

    size: int
    """Bytes so far."""
    echoed: bool
    """Whether the echo was seen: what follows is the answer, and the next prompt ends it."""

    def __init__(self, prompt: re.Pattern[str], sent: str | None) -> None:
        self._prompt = prompt
        self._sent = None if sent is None else squeezed(sent)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pieces: list[str] = []
        self._length = 0
        self._begin = 0
        self._unseen = ""  # the line the echo may be in, as far as it has come
        self._tail = ""  # the last line, as far as it has come
        self._broken = sent is None  # whether there was a line break: without one, what stands there was there before
        self.size = 0
        self.echoed = sent is None

    def feed(self, data: bytes) -> str:
        """Take what came; returns it as text."""
        text = self._decoder.decode(data)
        self.size += len(data)
        if not self.echoed and self._length < _ECHO_WITHIN:
            self._seek_echo(text)
        self._pieces.append(text)
        self._length += len(text)
        _, line_break, tail = text.rpartition("\n")
        if line_break:
            self._broken = True
            self._tail = tail
        elif len(self._tail) <= _PROMPT_WITHIN:
            self._tail += tail
        return text

    def _seek_echo(self, text: str) -> None:
        *lines, rest = (self._unseen + text).split("\n")
        position = self._length - len(self._unseen)
        for line in lines:
            position += len(line) + 1
            if self._is_echo(line):
                self._begin, self.echoed = position, True
                return
        self._unseen = rest

    def _is_echo(self, line: str) -> bool:
        """Whether a line is the one that was sent, alone or behind prompts."""
        return _prompts_before(self._sent or "", line, self._prompt) is not None

    @property
    def prompted(self) -> bool:
        """Whether the last line is a prompt, whole."""
        if not self._broken or len(self._tail) > _PROMPT_WITHIN:
            return False
        line = plain(self._tail)
        return bool(self._prompt.fullmatch(line) or self._prompt.fullmatch(line.rstrip()))

    @property
    def text(self) -> str:
        """The answer, between its echo and the last line."""
        whole = "".join(self._pieces)
        return plain(whole[self._begin : len(whole) - len(self._tail)])


class Answers:
    """Collects the answers to lines that were all written at once, for a device that echoes a line when it reads it.

    An answer ends where a prompt stands with the echo of the next line behind it; the last one, before a prompt.

    Args:
        prompt: as of `Answer`.
        sent: the lines, in the order in which they were written.
    """

    def __init__(self, prompt: re.Pattern[str], sent: Sequence[str]) -> None:
        self._prompt = prompt
        self._waiting = deque(sent)
        self._next = ""  # the line whose echo is to come, squeezed
        self._rest = b""  # the last line, as far as it has come
        self.texts: list[str] = []
        """The answers that are whole but for the last."""
        self._whole = 0
        self._answer = self._begin()

    def _begin(self) -> Answer:
        answer = Answer(self._prompt, self._waiting.popleft())
        self._next = squeezed(self._waiting[0]) if self._waiting else ""
        return answer

    def feed(self, data: bytes) -> str:
        """Take what came; returns it as text."""
        text: list[str] = []
        while self._waiting and (end := data.find(b"\n") + 1):
            piece, data = data[:end], data[end:]
            line, self._rest = self._rest + piece, b""
            if self._answer.echoed and self._is_next(line):
                self.texts.append(self._answer.text)
                self._whole += self._answer.size
                self._answer = self._begin()
                self._answer.feed(line)  # of its beginning the answer before was told, as a last line
                text.append(piece.decode(errors="replace"))
            else:
                text.append(self._answer.feed(piece))
        self._rest += data
        return "".join((*text, self._answer.feed(data)))

    def _is_next(self, line: bytes) -> bool:
        if len(line) > _ECHO_WITHIN or self._next[-1:].encode() not in line:
            return False
        return bool(_prompts_before(self._next, line.decode(errors="replace"), self._prompt))

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._whole + self._answer.size

    @property
    def echoed(self) -> bool:
        """Whether the echo of the last line was seen."""
        return not self._waiting and self._answer.echoed

    @property
    def prompted(self) -> bool:
        """Whether the last line is a prompt, whole, and it is that behind the last answer."""
        return self.echoed and self._answer.prompted

    @property
    def all(self) -> list[str]:
        """The answers, one to each line; once all are there."""
        return [*self.texts, self._answer.text]


def _prompts_before(sent: str, line: str, prompt: re.Pattern[str]) -> int | None:
    """How many prompts stand before the echo of ``sent`` (squeezed) in a line; ``None``: it is no echo of that."""
    bare = squeezed(line)
    prompts, rest, count = "", plain(line), 0
    while bare != prompts + sent:
        if not bare.endswith(sent) or not (found := prompt.match(rest)) or not found[0]:
            return None
        prompts += squeezed(found[0])
        rest = rest[found.end() :]
        count += 1
    return count
