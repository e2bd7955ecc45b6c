"""Where one device's share of a transaction is written down, step by step: what a session needs of the journal."""

from __future__ import annotations

from collections.abc import Sequence
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

    def steps(self, operations: Sequence[str]) -> Sequence[int]:
        """Store that operations (secrets masked) are about to be sent, one after the other: their numbers.

        They are on the disk then.

        Raises:
            JournalFailed: they could not be stored: none of them must be sent.
            LeaseLost: another writer has the device: none of them must be sent.
        """
        ...

    def require(self) -> None:
        """See, before a step is sent that was stored with others, that the device is still ours. Asks no database.

        Raises:
            LeaseLost: it is not: the operation must not be sent.
        """
        ...

    def answer(self, step: int, answer: str, error: str = "", seconds: float = 0.0) -> None:
        """Store what was answered to a step (secrets masked), ``seconds`` after it was sent, soon.

        Never raises; of step 0 nothing is stored.
        """
        ...
