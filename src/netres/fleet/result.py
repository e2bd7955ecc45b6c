"""What came of a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from netres.errors import TransactionFailed
from netres.plan import ApplyResult

TransactionOutcome: TypeAlias = Literal["applied", "waits", "undone", "differs", "unknown"]


class TransactionResult(BaseModel):
    """What a transaction did, and what is true now of all its devices."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """In the journal."""
    outcome: TransactionOutcome
    """``applied``: all devices have it, confirmed. ``waits``: all have it, until ``confirm_by``. ``undone``: all are as
    before. ``differs``: one could not be led back, ``back`` tells. ``unknown``: one could not be reached; `recover`."""
    results: Mapping[str, ApplyResult] = {}
    """What came of the change, by device; those to which nothing was sent are left out."""
    back: Mapping[str, ApplyResult] = {}
    """What came of the way back, by device."""
    error: str = ""
    confirm_by: datetime | None = None
    """When everything is taken back, at the latest (UTC)."""

    def raise_for_outcome(self) -> TransactionResult:
        """This result, if it is ``applied`` or ``waits``.

        Raises:
            TransactionFailed: for any other outcome.
        """
        if self.outcome in {"applied", "waits"}:
            return self
        raise TransactionFailed(f"transaction {self.id}: {self.outcome}: {self.error}", self)
