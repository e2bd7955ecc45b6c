"""A transport without a device, for tests: it answers from a table or a function, and records what was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from netres.errors import NetresError, UsageError
from netres.flow import Operation, Reply


class FakeTransport:
    """Answers each operation by its ``str()``, in which secrets are masked.

    Args:
        answers: from an operation's text to what it answers, an error being raised; or a function that answers.
    """

    sent: list[str]
    """The text of every operation so far, in order."""
    closed: bool

    def __init__(self, answers: Mapping[str, str | NetresError] | Callable[[Operation], Reply]) -> None:
        self._answers = answers
        self.sent = []
        self.closed = False

    def execute(self, operation: Operation) -> Reply:
        """Answer.

        Raises:
            UsageError: the table has no answer to the operation, or the transport is closed.
            NetresError: the answer in the table is an error.
        """
        text = str(operation)
        if self.closed:
            raise UsageError(f"{text!r} was sent after close()")
        self.sent.append(text)
        if callable(self._answers):
            return self._answers(operation)
        if text not in self._answers:
            raise UsageError(f"the fake transport has no answer to {text!r}; it has: {', '.join(self._answers)}")
        answer = self._answers[text]
        if isinstance(answer, NetresError):
            raise answer
        return Reply(answer)

    def close(self) -> None:
        """End the session."""
        self.closed = True
