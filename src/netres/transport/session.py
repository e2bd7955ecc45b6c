"""What stands between a device's verbs and its transport: the journal's steps, and waiting."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from netres.errors import JournalFailed, LeaseLost
from netres.flow import Http, Interruptible, Note, Operation, Pause, Pausing, Reply, Transport
from netres.ledger import Ledger

NOT_SENT: Final = "was not sent"


class Session:
    """`netres.flow.Transport` around another: what writes is recorded before it is sent, and its answer after.

    What is known to be sent one after the other is recorded in one commit, before the first of it is sent.
    What cannot be recorded is not sent. One thing is: the way back, once a step failed to be recorded. The plan that
    stands in the journal tells all of it, and a device must not stay halfway because a disk is full.
    """

    def __init__(self, inner: Transport, ledger: Ledger | None = None, mask: Callable[[str], str] = str) -> None:
        self.inner = inner
        self.ledger = ledger
        self._mask = mask
        self._failed = False
        self._announced: deque[tuple[Operation, int]] = deque()
        """What is sent next, and is recorded already."""
        self._stopped = threading.Event()

    def execute(self, operation: Operation) -> Reply:
        """Do one operation; errors as of the transport, and these.

        Raises:
            JournalFailed: it could not be recorded, and was not sent.
            LeaseLost: another writer has the device; it was not sent.
        """
        if isinstance(operation, Note):
            return self._note(operation)
        if isinstance(operation, Pause):
            self._pause(operation.seconds)
            return Reply()
        if self.ledger is None or not operation.writes:
            return self.inner.execute(operation)
        step = self._step(self.ledger, operation)
        began = time.monotonic()
        try:
            reply = self.inner.execute(operation)
        except BaseException as error:
            told = f"{type(error).__name__}: {self._mask(str(error))}"
            self.ledger.answer(step, "", told, time.monotonic() - began)
            raise
        # The answer of a REST interface repeats what it was sent, secrets too.
        answer = f"status {reply.status}" if isinstance(operation, Http) else self._mask(reply.text)
        self.ledger.answer(step, answer, "", time.monotonic() - began)
        return reply

    def interrupt(self) -> None:
        """End a running operation from another thread, where the transport can."""
        self._stopped.set()
        if isinstance(self.inner, Interruptible):
            self.inner.interrupt()

    def close(self) -> None:
        """End the session; never raises."""
        self.inner.close()
        if self.ledger:
            self.ledger.close()

    def _note(self, note: Note) -> Reply:
        if self.ledger:
            self._drop(self.ledger)
        if note.about == "steps":
            if self.ledger:
                self._announce(self.ledger, note.steps)
            return Reply()
        if note.about == "begin":
            self._failed = False
        if note.about == "armed":
            return Reply(datetime.now(UTC).isoformat())
        told = self.ledger.note(note) if self.ledger else ""
        if (note.about, note.verb) == ("before", "rollback"):
            self._failed = True  # what is to be done stands in the journal: all of it is the way back
        return Reply(told)

    def _announce(self, ledger: Ledger, steps: Sequence[Operation]) -> None:
        """Record many steps in one commit; not where a request may hold what only an answer to another tells."""
        writing = [step for step in steps if step.writes]
        if writing and not any(isinstance(step, Http) and step.learns for step in steps):
            self._announced.extend(zip(writing, self._recorded(ledger, writing), strict=True))

    def _step(self, ledger: Ledger, operation: Operation) -> int:
        if self._announced and str(self._announced[0][0]) == str(operation):
            ledger.require()
            return self._announced.popleft()[1]
        self._drop(ledger)
        return self._recorded(ledger, [operation])[0]

    def _recorded(self, ledger: Ledger, operations: Sequence[Operation]) -> Sequence[int]:
        try:
            return ledger.steps([self._mask(str(operation)) for operation in operations])
        except LeaseLost:
            raise
        except JournalFailed:
            if not self._failed:
                self._failed = True
                raise
            return [0] * len(operations)

    def _drop(self, ledger: Ledger) -> None:
        """What was to be sent is not."""
        for _, step in self._announced:
            ledger.answer(step, "", NOT_SENT)
        self._announced.clear()

    def _pause(self, seconds: float) -> None:
        if isinstance(self.inner, Pausing):
            self.inner.pause(seconds)
        else:
            self._stopped.clear()
            self._stopped.wait(seconds)
