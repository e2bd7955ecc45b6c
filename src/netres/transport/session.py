"""What stands between a device's verbs and its transport: the journal's steps, and waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from netres.errors import JournalFailed, LeaseLost
from netres.flow import Http, Interruptible, Note, Operation, Pause, Pausing, Reply, Transport
from netres.ledger import Ledger


class Session:
    """`netres.flow.Transport` around another: what writes is recorded before it is sent, and its answer after.

    What cannot be recorded is not sent. One thing is: the way back, once a step failed to be recorded. The plan that
    stands in the journal tells all of it, and a device must not stay halfway because a disk is full.
    """

    def __init__(self, inner: Transport, ledger: Ledger | None = None, mask: Callable[[str], str] = str) -> None:
        self.inner = inner
        self.ledger = ledger
        self._mask = mask
        self._failed = False
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
        try:
            reply = self.inner.execute(operation)
        except BaseException as error:
            self.ledger.answer(step, "", f"{type(error).__name__}: {self._mask(str(error))}")
            raise
        # The answer of a REST interface repeats what it was sent, secrets too.
        self.ledger.answer(step, f"status {reply.status}" if isinstance(operation, Http) else self._mask(reply.text))
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
        if note.about == "begin":
            self._failed = False
        if note.about == "armed":
            return Reply(datetime.now(UTC).isoformat())
        told = self.ledger.note(note) if self.ledger else ""
        if (note.about, note.verb) == ("before", "rollback"):
            self._failed = True  # what is to be done stands in the journal: all of it is the way back
        return Reply(told)

    def _step(self, ledger: Ledger, operation: Operation) -> int:
        try:
            return ledger.step(self._mask(str(operation)))
        except LeaseLost:
            raise
        except JournalFailed:
            if not self._failed:
                self._failed = True
                raise
            return 0

    def _pause(self, seconds: float) -> None:
        if isinstance(self.inner, Pausing):
            self.inner.pause(seconds)
        else:
            self._stopped.clear()
            self._stopped.wait(seconds)
