"""Resource: one managed device, whatever made it. Its two thin shells: `Device` blocks, `AsyncDevice` is awaited."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol, TypeVar, Unpack

from netres.async_device import AsyncDevice
from netres.baseline import Baseline
from netres.device import Device
from netres.drift import DriftReport
from netres.driver import Capability, Facts
from netres.model.base import Key
from netres.model.config import Config
from netres.model.state import State, WirelessClient
from netres.plan import ApplyResult, Plan
from netres.terms import ApplyTerms

__all__ = ["AsyncDevice", "Device", "Resource"]

S = TypeVar("S", bound=State)


class Resource(Protocol):
    """One managed device, whatever made it."""

    @property
    def name(self) -> str:
        """Its name in the inventory."""
        ...

    def facts(self) -> Facts:
        """What the device says of itself."""
        ...

    def capabilities(self) -> tuple[Capability, ...]:
        """One Capability per kind of the vocabulary: of Items, then of State. Sends reads at most, mostly nothing."""
        ...

    def state(self, kind: type[S]) -> tuple[S, ...]:
        """What the device tells of one kind of `netres.State`: ``state(AccessPoint)``."""
        ...

    def clients(self) -> tuple[WirelessClient, ...]:
        """The stations that are associated."""
        ...

    def observe(self, kinds: Collection[str] | None = None) -> Config:
        """The Items the device has, of some kinds or of all it can tell."""
        ...

    def plan(self, config: Config, prune: Collection[str | Key] = frozenset()) -> Plan:
        """What would lead to ``config``. Items it does not name stay, but those in ``prune``, by kind or by key."""
        ...

    def apply(self, plan: Plan, **terms: Unpack[ApplyTerms]) -> ApplyResult:
        """Make ``plan`` true, read it back, and undo everything where that fails."""
        ...

    def confirm(self, result: ApplyResult) -> ApplyResult:
        """Have what waits for its confirmation stand for good."""
        ...

    def rollback(self, result: ApplyResult, *, save: bool = True, force: bool = False) -> ApplyResult:
        """Lead everything that ``result`` changed back to what it was."""
        ...

    def refresh(self, result: ApplyResult) -> ApplyResult:
        """Read the device and say which outcome of ``result`` is true now."""
        ...

    def drift(self, baseline: Baseline, ignoring: Collection[str] = ()) -> DriftReport:
        """What differs on the device from what netres last applied, but at the paths in ``ignoring``."""
        ...
