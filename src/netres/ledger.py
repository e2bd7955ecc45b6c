"""Where one device's share of a transaction is written down, step by step: what a session needs of the journal."""

from __future__ import annotations

from typing import Protocol

from netres.operation import Note


class Ledger(Protocol):
    """What is done to one device. Each verb begins with a note ``begin`` and ends with ``after`` or ``failed``."""

    def note(self, note: Note) -> str:
        """Store what is about to be done, or what came of it; it is on the disk when this returns.

        Of ``begin`` it returns the id of the transaction, and the device is ours from here on.

        Raises:
            JournalFailed: it could not be stored.
            Busy: another writer has the device.
        """
        ...

    def close(self) -> None:
        """Give the device up; what was begun stays written down as it is. Never raises."""
        ...

    def step(self, operation: str) -> int:
        """Store that an operation (secrets masked) is about to be sent; its number. It is on the disk then.

        Raises:
            JournalFailed: it could not be stored: the operation must not be sent.
            LeaseLost: another writer has the device: the operation must not be sent.
        """
        ...

    def answer(self, step: int, answer: str, error: str = "") -> None:
        """Store what was answered to a step (secrets masked), soon. Never raises; of step 0 nothing is stored."""
        ...
