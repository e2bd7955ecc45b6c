"""A login at a command line: modes, prompts, questions. What the platforms share; no bytes and no terminal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from netres.testing.sim.device import Simulated


class Refused(Exception):
    """The device refuses a line; its text is what the device answers."""


class CliSession(ABC):
    """One login. A platform's behaviour says what its lines do; `netres.testing.sim.terminal` makes bytes of it."""

    more: ClassVar[str] = " --More-- "
    """Shown where a page ends."""
    help_key: ClassVar[str] = ""
    """A key that asks for help in the middle of a line, without Return: what is in `help` is shown."""
    interrupt_ends: ClassVar[bool] = False
    """Whether Ctrl-Z ends configuration, as ``end`` does."""
    end_of_text: ClassVar[str] = ""
    """A key that ends a text which is typed in answer to a question: its last line, without Return."""

    def __init__(self, device: Simulated) -> None:
        self.device = device
        self.epoch = device.epoch
        self.page = 24
        """Lines of a page; 0: no paging."""
        self.unpaged = False
        """Whether the answer to the last line is shown whole (``| no-more``)."""
        self.ended = False
        self._question: tuple[str, Callable[[str], str], bool] | None = None

    @property
    @abstractmethod
    def prompt(self) -> str:
        """What is shown before a line is typed."""

    @abstractmethod
    def enter(self, line: str) -> str:
        """What a line does, and answers: text, its lines ended by line feeds, or nothing.

        Raises:
            Refused: the device refuses it.
        """

    @abstractmethod
    def refusal(self, line: str) -> str:
        """What the device answers to a line that it refuses, in the platform's own words."""

    def greet(self) -> str:
        """What is shown after the login, before the first prompt."""
        return ""

    def help(self, line: str) -> str:
        """What the help key shows for what was typed so far."""
        return f"  {line}?\n"

    def close(self) -> None:  # noqa: B027 - most platforms have nothing to give back
        """The connection is gone: give back what only this login held (a lock, a private candidate)."""

    @property
    def alive(self) -> bool:
        """Whether the device was not restarted since."""
        return not self.ended and self.epoch == self.device.epoch

    @property
    def shown_prompt(self) -> str:
        """The prompt, or the question that waits for its answer."""
        return self._question[0] if self._question else self.prompt

    @property
    def echoes(self) -> bool:
        """Whether what is typed is shown: a password is not."""
        return self._question is None or self._question[2]

    @property
    def asked(self) -> bool:
        """Whether a question waits for its answer."""
        return self._question is not None

    def ask(self, question: str, then: Callable[[str], str], *, echo: bool = True) -> str:
        """Have the next line answer ``question``; returns what is shown before it: nothing."""
        self._question = (question, then, echo)
        return ""

    def line(self, text: str) -> str:
        """Take a line, or the answer to a question, and answer."""
        question, self._question = self._question, None
        self.unpaged = False
        try:
            answer = question[1](text) if question else self.enter(text)
        except Refused as refused:
            answer = str(refused)
        return ended(answer)


def ended(answer: str) -> str:
    """An answer, its last line ended."""
    return answer if not answer or answer.endswith("\n") else answer + "\n"
