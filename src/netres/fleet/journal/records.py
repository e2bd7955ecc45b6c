"""What a journal tells: frozen, and without secrets."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from netres.model.config import Config
from netres.plan import ApplyResult, Plan

Verb: TypeAlias = Literal["apply", "rollback", "restore", "recover"]
PartState: TypeAlias = Literal[
    "planned", "sending", "unconfirmed", "applied", "undone", "differs", "unknown", "refused"
]
"""``planned``, ``refused``: nothing was sent. ``sending``: under way, or nobody knows any more."""
Decision: TypeAlias = Literal["confirm", "undo", "leave"]
"""``leave``: the device may take it back by itself, or somebody confirms it, later."""
TxOutcome: TypeAlias = Literal["applied", "undone", "differs", "unknown", "refused"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class StepRecord(_Record):
    """One operation of a part; where ``answered`` is ``None`` nobody knows whether the device got it.

    Operations that are sent one after the other are stored together; where an earlier one failed, ``error`` says of the
    others that they were not sent.
    """

    number: int
    sent: datetime
    """UTC, by the database's clock; where there is no answer, when it was stored."""
    operation: str
    answered: datetime | None = None
    answer: str = ""
    error: str = ""


class PartRecord(_Record):
    """One device's share of a transaction."""

    id: int
    tx: str
    device: str
    platform: str
    verb: Verb
    state: PartState
    after: tuple[str, ...] = ()
    """The devices whose share comes first."""
    plan: Plan | None = None
    """Of a rollback there is none."""
    noted: ApplyResult | None = None
    """How the device was before anything was sent; its ``outcome`` says nothing. What a way back needs is in it where
    the record is a whole one (`Journal.transaction`, `Journal.unfinished`, `Journal.last_applied`)."""
    result: ApplyResult | None = None
    steps: tuple[StepRecord, ...] = ()


class TransactionRecord(_Record):
    """One transaction. Times are UTC, by the database's clock."""

    id: str
    began: datetime
    ended: datetime | None = None
    who: str
    host: str
    why: str = ""
    ticket: str = ""
    confirm_within: float | None = None
    """Seconds."""
    decision: Decision | None = None
    outcome: TxOutcome | None = None
    error: str = ""
    abandoned: bool = False
    """It has not ended, and whoever began it is dead, or let its leases run out: `recover` takes it over."""
    parts: tuple[PartRecord, ...] = ()


class Backup(_Record):
    """How a device was before a transaction."""

    device: str
    tx: str
    taken: datetime
    """When the transaction began; UTC, by the database's clock."""
    config: Config
    """With its secrets, where they were sealed and the journal was opened with the key."""
    native: str
    """The device's own configuration; empty where the journal keeps none."""
    exact: bool
    """Whether ``native`` is to the letter what the device showed: no secret in it is masked."""
