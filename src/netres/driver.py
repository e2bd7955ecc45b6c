"""A driver: one platform as a table of features, and what follows from the table. Data and pure functions, no I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict

from netres.change import Change
from netres.cli_shell import CliShell as CliShell  # noqa: PLC0414 - it is part of a driver
from netres.confirming import Confirming
from netres.draining import Drain
from netres.flow import Flow, Http, Operation, Reply, Transport
from netres.impact import Impact
from netres.inventory.entry import Entry, Scalar
from netres.model import KINDS, STATES, Config, Item, Key, Secret, State
from netres.plan import Guarantee
from netres.snippets import NATIVE, Snippets


class Support(StrEnum):
    """What a platform does with one kind."""

    READ_WRITE = "read-write"
    READ_ONLY = "read-only"
    NOT_YET = "not-yet"
    """The platform could; this driver does not."""
    NEVER = "never"
    """The platform has no such thing."""


class Source(StrEnum):
    """Where the knowledge of a capability comes from."""

    DECLARED = "declared"
    """By the driver's author."""
    PROBED = "probed"
    """By asking this device."""
    PROVEN = "proven"
    """By the conformance laws, against the platform's real software."""


class Capability(BaseModel):
    """What a resource can do with one kind: of Item, or of State, which can only be read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    support: Support
    missing: tuple[str, ...] = ()
    """Fields of the kind that cannot be expressed on this platform through this driver; of parts with dots."""
    values: Mapping[str, tuple[str | int | bool, ...]] = {}
    """Fields of which only some values can be expressed, and these values."""
    limits: Mapping[str, int] = {}
    reason: str = ""
    source: Source = Source.DECLARED


class Facts(BaseModel):
    """What a device says of itself; ``None`` where the platform does not tell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vendor: str
    model: str | None = None
    serial: str | None = None
    os_version: str | None = None
    hostname: str | None = None
    uptime: int | None = None
    """Seconds."""


@dataclass(frozen=True)
class RestApi:
    """How one platform's REST interface talks."""

    login: Callable[[str, Secret], Http] | None = None
    """From user name and password to the request that asks for a token; ``None``: the entry's token is the only way."""
    token: Callable[[Reply], str] = lambda reply: ""
    """The token in the answer to `login`; empty where there is none."""
    authorization: str = "Bearer {token}"
    """The header ``Authorization`` of every other request."""
    refusal: Callable[[Reply], str] = lambda reply: ""
    """What an answer with a good status refuses all the same; empty: it is what it seems."""
    words: Callable[[Reply], str] = lambda reply: reply.text
    """What a refusal says, in the platform's own words, for people."""
    port: Mapping[str, int] = field(default_factory=lambda: {"https": 443, "http": 80})
    """The platform's usual port, by scheme."""


@dataclass(frozen=True)
class Scope:
    """What a `Feature.write` may look at beside its change: the whole, before and after."""

    before: Config
    after: Config
    native: Reply
    """The device's own configuration before the change."""
    restore: Reply | None = None
    """On the way back: the device's own configuration as it was; its lines are to be written as they were."""


@dataclass(frozen=True)
class Feature:
    """How one platform reads and writes one kind of Item."""

    item: type[Item]
    read: Callable[[], Flow[Iterable[Item]]]
    write: Callable[[Change, Scope], Iterator[Operation]] | None = None
    """``None``: read-only."""
    missing: frozenset[str] = frozenset()
    """Fields that cannot be expressed; those of parts with dots: ``peers.weight``."""
    values: Mapping[str, tuple[str | int | bool, ...]] = field(default_factory=dict[str, tuple[str | int | bool, ...]])
    """Fields of which only some values can be expressed, and these values: ``security.mode``."""
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    defaults: Mapping[str, object] = field(default_factory=dict[str, object])
    """Values that the platform has where a field says nothing: they mean the same, and are not told apart."""
    replaces: frozenset[str] = frozenset()
    """Fields that cannot change in place: the Item is deleted and made again, with all that needs it."""
    vacant: bool = False
    """An Item with nothing but its key is the same as none: an interface that nobody configured."""
    positional: Callable[[Item], str] | None = None
    """For kinds that the device lists in the order in which they were made: the name of the list an Item is in."""
    note: str = ""
    """What a user should know of this kind here, such as why it is read-only."""
    check: Callable[[Item], None] | None = None
    """Raises `netres.errors.InvalidConfig` for an Item that the model allows and this platform does not."""


def together(change: Change, scope: Scope) -> Iterator[Operation]:
    """The `Feature.write` of a platform whose `Driver.compose` writes all changes at once."""
    yield from ()


@dataclass(frozen=True)
class Reading:
    """How one platform tells one kind of State."""

    state: type[State]
    read: Callable[[], Flow[Iterable[State]]]
    missing: frozenset[str] = frozenset()
    """Fields that this platform never tells."""
    note: str = ""


@dataclass(frozen=True)
class Report:
    """Whether an access point, or whatever else a controller speaks for, has what its controller holds for it."""

    name: str
    status: Literal["applied", "pending", "failed"]


@dataclass(frozen=True)
class Absent:
    """Why a platform has no feature for a kind."""

    support: Support
    reason: str


@dataclass(frozen=True)
class Driver:
    """One platform. Everything netres knows of it is in this table."""

    platform: str
    title: str
    vendor: str
    families: tuple[str, ...]
    features: tuple[Feature, ...]
    native: Callable[[], Flow[Reply]]
    """Reads the device's own configuration, whole, as text."""
    facts: Callable[[], Flow[Facts]]
    guarantee: Guarantee
    guarantee_why: str
    transport: Callable[[Entry, Driver], Transport] | str
    """The name of a transport in `netres.transport`, or, for a driver that is its own device, what opens it."""
    whole: Callable[[Reply], bool] = lambda native: True
    """Whether what `native` read from a device is a configuration, to its end: noise looks like a device with nothing,
    and half an answer like one on which things are gone."""
    begin: tuple[Operation, ...] = ()
    commit: tuple[Operation, ...] = ()
    abort: tuple[Operation, ...] = ()
    save: tuple[Operation, ...] = ()
    shell: CliShell | None = None
    """Of transport ``ssh``: how the command line talks; ``None``: none is opened, there are only programs (`Exec`)."""
    api: RestApi | None = None
    """Of transport ``http``."""
    readings: tuple[Reading, ...] = ()
    compose: Callable[[Sequence[Change], Scope], Iterator[Operation]] | None = None
    """For a platform whose configuration is written whole (a file): what writes all changes of `together` features.
    Of no changes it has the device take what is stored once more: a way back may have been cut before that."""
    verify: Callable[[], Flow[None]] | None = None
    """Asks, when all was sent, whether the device runs on what it was given, beyond what can be read back as Items.
    Raises `netres.errors.Rejected` where it does not: then the way back is gone."""
    finish: tuple[Operation, ...] = ()
    """Sent when the read-back was right: removes what was kept for the way back."""
    fit: Callable[[Mapping[str, Scalar]], Flow[Driver]] | None = None
    """This driver for one device: from the entry's options, and from what the device is asked. Reads only."""
    reports: Callable[[Sequence[Change]], Flow[Iterable[Report]]] | None = None
    """Of a controller: what those that must take the changes say of it."""
    reports_late: bool = False
    """What `reports` tells right after a change may be older than it: whoever it names is pending until asked again."""
    absent: Mapping[str, Absent] = field(default_factory=dict[str, Absent])
    otherwise: Absent | None = None
    """Of every other kind that the platform's families can have; ``None``: not yet."""
    foreign: Callable[[Reply], Mapping[Key, tuple[str, ...]]] = lambda native: {}
    """From the native configuration: the lines no feature owns, under the key of what they would go with."""
    unowned: Callable[[Reply], tuple[str, ...]] = lambda native: ()
    """From the native configuration: every line no feature owns, with its parents. None may be lost by an apply."""
    confirming: Confirming | None = None
    """How a change stands for a time, unless it is confirmed; ``None``: the platform has no such thing."""
    impact: Callable[[Sequence[Change], Scope], Flow[Impact]] | None = None
    """What changes touch that are about to be made. Sends only reads; ``None``: nobody knows."""
    drain: Drain | None = None
    """How new work is kept away from what is about to change, till what runs is finished; ``None``: it cannot be."""
    dry_check: Callable[[Sequence[Operation]], Flow[str]] | None = None
    """Asks the platform's own checker about operations, changing nothing: one line on what was checked.
    Raises `netres.errors.Rejected` when the checker refuses."""
    snippets: Snippets | None = None
    """How the platform takes lines in its own words (`netres.NativeConfig`); ``None``: it does not."""
    masks: tuple[re.Pattern[str], ...] = ()
    """Group 1 of each is masked wherever native configuration is stored, beside the shell's ``secrets``."""
    source: Source = Source.DECLARED

    @cached_property
    def secrets(self) -> tuple[re.Pattern[str], ...]:
        """What is masked in native configuration: group 1 of each."""
        return (*self.masks, *(self.shell.secrets if self.shell else ()))

    @cached_property
    def telling(self) -> Mapping[str, Reading]:
        """The readings by kind."""
        return {reading.state.KIND: reading for reading in self.readings}

    @cached_property
    def table(self) -> Mapping[str, Feature]:
        """The features by kind."""
        return {feature.item.KIND: feature for feature in self.features}

    def capability(self, kind: str) -> Capability:
        """What this platform can do with one kind, of Item or of State."""
        if (reading := self.telling.get(kind)) is not None:
            missing = tuple(sorted(reading.missing))
            return Capability(
                kind=kind, support=Support.READ_ONLY, missing=missing, reason=reading.note, source=self.source
            )
        if (feature := self.table.get(kind)) is None:
            absent = (kind != NATIVE and self.absent.get(kind)) or self._absent(kind)
            if kind == NATIVE and self.snippets is not None:
                return Capability(kind=kind, support=Support.READ_WRITE, reason=self.snippets.words, source=self.source)
            return Capability(kind=kind, support=absent.support, reason=absent.reason)
        return Capability(
            kind=kind,
            support=Support.READ_ONLY if feature.write is None else Support.READ_WRITE,
            missing=tuple(sorted(feature.missing)),
            values=dict(feature.values),
            limits=dict(feature.limits),
            reason=feature.note,
            source=self.source,
        )

    def _absent(self, kind: str) -> Absent:
        if kind == NATIVE and self.shell is None:
            return Absent(Support.NEVER, f"the {self.platform} driver writes no configuration lines")
        fitting = (KINDS.get(kind) or STATES[kind]).FAMILIES
        if fitting.isdisjoint(self.families) and fitting:
            return Absent(Support.NEVER, f"{' or '.join(self.families)}: no {' or '.join(sorted(fitting))}")
        return self.otherwise or Absent(Support.NOT_YET, f"the {self.platform} driver has no {kind} yet")

    def capabilities(self) -> tuple[Capability, ...]:
        """One Capability per kind of the vocabulary: first the kinds of Items, then those of State, each sorted."""
        return tuple(self.capability(kind) for kind in (*sorted(KINDS), *sorted(STATES)))
