"""Changes, plans and results: frozen, serialisable, sealed. Pure data and pure functions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from netres.change import Change, with_secrets
from netres.confirming import Timer
from netres.digest import sha256
from netres.errors import ApplyFailed, InvalidConfig, SecretError, TamperedPlan
from netres.flow import Reply
from netres.impact import Impact
from netres.model.config import Config
from netres.model.faults import first_fault
from netres.model.kinds import KINDS, AnyItem
from netres.model.secret import resolved

M = TypeVar("M", bound=BaseModel)


class Guarantee(StrEnum):
    """How safe an apply is on a platform, strongest first."""

    ATOMIC = "atomic"
    """Candidate commit: all or nothing, on the device."""
    CONFIRMED = "confirmed"
    """The device reverts by itself unless it is told in time that all is well."""
    COMPENSATED = "compensated"
    """netres plans the way back, sends it and reads it back."""
    BEST_EFFORT = "best-effort"
    """There is no way back that can be promised."""

    def reaches(self, floor: Guarantee) -> bool:
        """Whether this is as strong as ``floor``, or stronger."""
        order = list(Guarantee)
        return order.index(self) <= order.index(floor)


class Outcome(StrEnum):
    """What is true after an apply."""

    APPLIED = "applied"
    """The device has what was planned; it was read back."""
    NOT_APPLIED = "not-applied"
    """The device is as it was before; it was read back."""
    PENDING = "pending"
    """A controller has what was planned, read back; ``pending`` tells who still has to take it from there."""
    DIFFERS = "differs"
    """The device has something else; ``differences`` tells what."""
    UNKNOWN = "unknown"
    """The device could not be read; `Device.refresh` finds out."""

    @property
    def holds(self) -> bool:
        """Whether the device has what was planned: applied, or pending."""
        return self in {Outcome.APPLIED, Outcome.PENDING}


class Plan(BaseModel):
    """What would be done to one device, in order, and what it would be told; sealed by ``digest``.

    A plan is made from one observed state and applies to no other: ``observed`` is that state's fingerprint over
    ``kinds``. ``payload`` is what will be sent, one operation a line, secrets masked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    device: str
    platform: str
    changes: tuple[Change, ...]
    payload: tuple[str, ...]
    inverse: tuple[Change, ...]
    guarantee: Guarantee
    guarantee_why: str
    timer: Timer | None = None
    """Who takes the change back unless it is confirmed, and in what steps; ``None``: netres, as long as it runs."""
    impact: Impact = Impact()
    kinds: tuple[str, ...]
    kept: Config = Config()
    """The Items that are desired and that the device has already."""
    pruned: tuple[str, ...] = ()
    """The kinds of which nothing else is to be there."""
    observed: str
    native: str = ""
    """Digest of the device's own configuration, secrets masked."""
    checked: str = ""
    """What the platform's own checker said before anything was sent, or why it was not asked."""
    diff: str = ""
    """What native lines change, secrets masked: the device's own diff where it has one, else the lines themselves."""
    notes: tuple[str, ...] = ()
    digest: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.changes

    def sealed(self) -> Plan:
        """This plan with its digest."""
        return self.model_copy(update={"digest": self._digest()})

    def verify(self) -> None:
        """Check the seal.

        Raises:
            TamperedPlan: the content is not what was sealed.
        """
        if self.digest != self._digest():
            raise TamperedPlan(f"the plan for {self.device!r} was changed after it was made; plan again")

    def resolved(self) -> Plan:
        """This plan with the secrets that it would send; its digest stays.

        Raises:
            SecretError: a reference leads nowhere.
        """
        return self.model_copy(update={"changes": with_secrets(self.changes)})

    @classmethod
    def parse(cls, text: str | bytes, place: str = "plan") -> Plan:
        """A plan from its JSON.

        Raises:
            InvalidConfig: this is no plan.
        """
        return parsed(cls, text, place)

    def _digest(self) -> str:
        without = {"digest"} if self.diff else {"digest", "diff"}  # plans that were made before there was one
        return sha256(self.model_dump(mode="json", exclude=without))


class Difference(BaseModel):
    """A field, or a whole Item where ``field`` is empty, that is not as it was wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    item: str
    field: str = ""
    wanted: str
    found: str

    def __str__(self) -> str:
        where = f"{self.item} {self.field}".strip()
        return f"{where}: wanted {self.wanted}, found {self.found}"


class ApplyResult(BaseModel):
    """What an apply or a rollback did, and what is true now. Serialises without secrets."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    device: str
    platform: str
    outcome: Outcome
    plan: str
    """Digest of the plan."""
    changes: tuple[Change, ...] = ()
    before: Config = Config()
    after: Config | None = None
    """The Items that were to change, as they were read back at last; ``None``: they were not, or all was undone."""
    kept: Config = Config()
    """As `Plan.kept`."""
    pruned: tuple[str, ...] = ()
    """As `Plan.pruned`."""
    native_before: str = ""
    """The device's own configuration before, secrets masked."""
    sent: tuple[str, ...] = ()
    """What was sent, in order, secrets masked, the way back included."""
    error: str = ""
    error_type: str = ""
    differences: tuple[Difference, ...] = ()
    pending: tuple[str, ...] = ()
    """Access points that have not yet reported; `Device.refresh` learns the rest."""
    saved: bool | None = None
    """Whether the device stored it for its next start; ``None`` where nothing was to be stored."""
    exact: bool | None = None
    """After a way back: whether the native configuration is byte for byte as before; ``None`` where not compared."""
    notes: tuple[str, ...] = ()
    confirmed: bool | None = None
    """Whether the change was confirmed; ``False``: it is taken back unless it is; ``None``: nobody was to do that."""
    confirm_by: datetime | None = None
    """When it is taken back, at the latest (UTC)."""
    timer: str = ""
    """Who takes it back then, in words; empty: netres, as long as it runs."""
    token: Annotated[str, Field(pattern="^([0-9a-f]{12})?$")] = ""
    """How the device calls the change that waits for its confirmation."""
    saves: bool = True
    """Whether the device shall keep it for its next start, when it is confirmed."""
    transaction: str = ""
    """Its id in the journal."""
    seconds: float = 0.0

    _native: Reply | None = PrivateAttr(default=None)

    def remembering(self, native: Reply) -> ApplyResult:
        """This result with the native configuration before, unmasked, in memory only: it makes the way back exact."""
        self._native = native
        return self

    @property
    def native(self) -> Reply:
        """The native configuration before: as it was where this process read it, else with secrets masked."""
        return self._native or Reply(self.native_before)

    def resolved(self) -> ApplyResult:
        """This result with the secrets of what was wanted, so that it can be compared.

        Raises:
            SecretError: a reference leads nowhere.
        """
        return self.model_copy(update={"changes": with_secrets(self.changes)})

    def __getstate__(self) -> dict[object, object]:
        """For pickle: without the native configuration, which holds what secrets the device shows."""
        return {**super().__getstate__(), "__pydantic_private__": {"_native": None}}

    def recalled(self) -> ApplyResult:
        """This result with the secrets of what was there before, as far as their references lead to them."""
        items = tuple(_where_known(item) for item in self.before.items)
        return self.model_copy(update={"before": self.before.model_copy(update={"items": items})})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApplyResult) and self.model_dump() == other.model_dump()

    def __hash__(self) -> int:
        return hash((self.device, self.plan, self.outcome))

    def raise_for_outcome(self) -> ApplyResult:
        """This result, if it is ``applied``, or ``pending``: accepted, and nobody has refused it so far.

        Raises:
            ApplyFailed: for any other outcome.
        """
        if not self.outcome.holds:
            raise ApplyFailed(f"{self.device}: {self.outcome}: {self.error or 'see differences'}", self)
        return self

    @classmethod
    def parse(cls, text: str | bytes, place: str = "result") -> ApplyResult:
        """A result from its JSON.

        Raises:
            InvalidConfig: this is no result.
        """
        return parsed(cls, text, place)


def _where_known(item: AnyItem) -> AnyItem:
    try:
        return resolved(item)
    except SecretError:
        return item


def parsed(model: type[M], text: str | bytes, place: str) -> M:
    """A model from the JSON that netres wrote.

    Raises:
        InvalidConfig: it is none; the message begins with ``place``.
    """
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise InvalidConfig(
            f"{place}: {first_fault(error, {'': model, **KINDS})[1]}"
        ) from None  # pydantic's error quotes the input
