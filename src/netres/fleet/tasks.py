"""What a run does to each device: plan, apply, ask, or whatever a callable does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol, TypeAlias, cast

from pydantic import JsonValue, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from netres import plan as plans
from netres.async_device import AsyncDevice
from netres.digest import sha256
from netres.driver import Driver
from netres.errors import InvalidConfig, UsageError
from netres.fleet.rows import Row, Status
from netres.flow import Cli, Flow, Reply, ask
from netres.inventory.entry import Entry
from netres.model.base import Key
from netres.model.config import Config
from netres.observation import masked
from netres.plan import ApplyResult, Outcome
from netres.terms import ApplyTerms, Terms

Made: TypeAlias = "Callable[[Entry], Config | plans.Plan]"
"""What makes a device's configuration, or gives the plan that was made for it."""
Asked: TypeAlias = Callable[[AsyncDevice], Awaitable[object]]
_JSON: Final[TypeAdapter[JsonValue]] = TypeAdapter(JsonValue)
_STATUS: Final[dict[Outcome, Status]] = {
    Outcome.APPLIED: "done",
    Outcome.PENDING: "done",
    Outcome.NOT_APPLIED: "failed",
    Outcome.DIFFERS: "failed",
    Outcome.UNKNOWN: "unknown",
}


class Task(Protocol):
    """What is done to each device of a run."""

    @property
    def words(self) -> str:
        """What is asked, for people; a run is resumed with a task of the same words."""
        ...

    async def on(self, resource: AsyncDevice, entry: Entry, blank: Row) -> Row:
        """Do it to one device: ``blank`` with what came of it."""
        ...


@dataclass(frozen=True)
class Plan:
    """Plan each device; sends only reads. ``config``: for all of them, or what makes one from an entry."""

    config: Config | Made
    prune: Collection[str | Key] = frozenset()

    @property
    def words(self) -> str:
        """See `Task.words`."""
        return f"plan {_named(self.config)}"

    async def on(self, resource: AsyncDevice, entry: Entry, blank: Row) -> Row:
        """See `Task.on`."""
        made = await _planned(resource, entry, self.config, self.prune)
        return blank.model_copy(update={"status": "unchanged" if made.empty else "done", "result": made})


@dataclass(frozen=True)
class Apply:
    """Plan and change each device, and read it back. With ``confirm_within`` it is confirmed at once."""

    config: Config | Made
    terms: ApplyTerms = field(default_factory=ApplyTerms)
    prune: Collection[str | Key] = frozenset()

    def __post_init__(self) -> None:
        Terms.of(self.terms)

    @property
    def words(self) -> str:
        """See `Task.words`."""
        return f"apply {_named(self.config)}"

    async def on(self, resource: AsyncDevice, entry: Entry, blank: Row) -> Row:
        """See `Task.on`."""
        made = await _planned(resource, entry, self.config, self.prune)
        if made.empty:
            return blank.model_copy(update={"status": "unchanged", "result": made})
        result = await resource.apply(made, **self.terms)
        if result.confirmed is False and result.outcome.holds:
            result = await resource.confirm(result)
        return applied(blank, result)


@dataclass(frozen=True)
class Commands:
    """Ask each device with lines of its own command line. They are taken for reads: the journal does not know them."""

    commands: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.commands:
            raise UsageError("there is no command; give at least one, such as 'show version'")
        for command in self.commands:
            Cli((command,), writes=False)

    @property
    def words(self) -> str:
        """See `Task.words`."""
        return "; ".join(self.commands)

    async def on(self, resource: AsyncDevice, entry: Entry, blank: Row) -> Row:
        """See `Task.on`."""
        answers: list[tuple[str, str]] = []
        for command in self.commands:
            reply = await resource.drive(partial(_shown, command))
            answers.append((command, masked(resource.driver, reply.text)))
        return blank.model_copy(update={"status": "done", "answers": tuple(answers)})


@dataclass(frozen=True)
class Call:
    """Whatever a callable does to each device; what it returns can be made JSON."""

    call: Asked

    @property
    def words(self) -> str:
        """See `Task.words`."""
        return f"call {_name(self.call)}"

    async def on(self, resource: AsyncDevice, entry: Entry, blank: Row) -> Row:
        """See `Task.on`."""
        told = await self.call(resource)
        if isinstance(told, ApplyResult):
            return applied(blank, told)
        if isinstance(told, plans.Plan):
            return blank.model_copy(update={"status": "unchanged" if told.empty else "done", "result": told})
        try:
            value = _JSON.validate_python(to_jsonable_python(told))
        except (PydanticSerializationError, ValidationError):
            kind = type(told).__name__
            raise UsageError(f"{_name(self.call)} returned a {kind}, which is no JSON; return plain data") from None
        return blank.model_copy(update={"status": "done", "value": value})


def task_of(given: Task | Asked) -> Task:
    """A task; of a callable the one that calls it.

    Raises:
        UsageError: it is neither.
    """
    if hasattr(given, "on") and hasattr(given, "words"):
        return cast("Task", given)
    if callable(given):
        return Call(given)
    raise UsageError(f"{given!r} is no task; give Plan, Apply, Commands, or an async callable that takes the resource")


def applied(blank: Row, result: ApplyResult) -> Row:
    """The row of a change."""
    status = _STATUS[result.outcome]
    why = result.error or "; ".join(map(str, result.differences[:3])) or str(result.outcome)
    told = {} if status == "done" else {"error": why, "error_type": result.error_type}
    return blank.model_copy(
        update={"status": status, "result": result, "transaction": result.transaction or blank.transaction, **told}
    )


def _shown(line: str, driver: Driver) -> Flow[Reply]:
    return ask(Cli((line,), writes=False))


async def _planned(
    resource: AsyncDevice, entry: Entry, config: Config | Made, prune: Collection[str | Key]
) -> plans.Plan:
    made = cast("object", config if isinstance(config, Config) else config(entry))  # a user's callable may err
    if isinstance(made, plans.Plan):
        return made
    if not isinstance(made, Config):
        raise InvalidConfig(f"{entry.name}: a {type(made).__name__} was made of its entry; return a Config or a Plan")
    return await resource.plan(made, prune)


def _named(config: Config | Made) -> str:
    if not isinstance(config, Config):
        return f"of {_name(config)}"
    return f"{len(config.items)} items ({sha256(config.model_dump(mode='json'))[:12]})"


def _name(call: object) -> str:
    return str(getattr(call, "__qualname__", "") or type(call).__name__)
