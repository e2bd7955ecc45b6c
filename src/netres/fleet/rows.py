"""What came of a run: one row per device, and the report of them all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, JsonValue

from netres.plan import ApplyResult, Plan

Status: TypeAlias = Literal["done", "unchanged", "failed", "unknown", "skipped", "cancelled"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)


class Row(BaseModel):
    """What came of one device. Holds no secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    device: str
    platform: str
    status: Status
    """``done``: as asked (a plan: there is something to change); ``unchanged``: there was nothing to do; ``failed``:
    not as asked, and ``error`` tells why; ``unknown``: it was not found out how the device is, `netres.recover` does;
    ``skipped``: not begun, since the run was stopped or somebody else has to act first; ``cancelled``: begun, and given
    up or taken back."""
    wave: int = 0
    """0: the canary, or the only wave."""
    seconds: float = 0.0
    """From its turn to its end; 0 where it was not begun."""
    result: ApplyResult | Plan | None = None
    answers: tuple[tuple[str, str], ...] = ()
    """Of commands: each with its text, secrets masked."""
    value: JsonValue = None
    """What a callable returned."""
    error: str = ""
    error_type: str = ""
    transaction: str = ""
    """Its id in the journal."""

    @property
    def well(self) -> bool:
        """Whether it is as was asked."""
        return self.status in {"done", "unchanged"}

    def small(self) -> Row:
        """This row without what can be large: results, answers and values."""
        return self.model_copy(update={"result": None, "answers": (), "value": None})


class RunReport(BaseModel):
    """What came of a run."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str
    """In the journal: ``resume`` takes it."""
    task: str
    """What was asked, in words."""
    began: datetime
    ended: datetime
    """Both UTC."""
    rows: tuple[Row, ...] = ()
    """In the order in which they came; see ``keep`` of `netres.fleet.run.run`."""
    stopped: str = ""
    """Why it ended before all devices had their turn; empty: it did not."""

    counts: Mapping[Status, int] = {}
    """Devices per status, of the statuses that occur, in the order of `Status`."""

    @property
    def ok(self) -> bool:
        """Whether every device is as was asked."""
        return self.counts.keys() <= {"done", "unchanged"}


def counted(found: Mapping[Status, int]) -> dict[Status, int]:
    """`RunReport.counts`."""
    return {status: found[status] for status in STATUSES if found.get(status)}
