"""Resource, and its two thin shells over the engine: `Device` blocks, `AsyncDevice` is awaited."""

from __future__ import annotations

import time  # noqa: TID251 - the shells around the engine measure how long it took
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType, TracebackType
from typing import Protocol, Self, TypeVar

from netres import drift, engine, observation
from netres.baseline import Baseline
from netres.drift import DriftReport
from netres.driver import Capability, Driver, Facts
from netres.errors import InvalidConfig
from netres.flow import AsyncTransport, Flow, Transport, arun, run
from netres.inventory.entry import Scalar
from netres.model.base import Key
from netres.model.config import Config
from netres.model.state import State, WirelessClient
from netres.plan import ApplyResult, Plan

S = TypeVar("S", bound=State)
T = TypeVar("T")


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

    def apply(self, plan: Plan, *, save: bool = True) -> ApplyResult:
        """Make ``plan`` true, read it back, and undo everything where that fails."""
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


class Device:
    """A `Resource` over a blocking transport. Not for several threads at once.

    Every verb may raise `netres.errors.TransportError` and `netres.errors.DeviceError`; what else, it says itself.
    """

    def __init__(
        self, name: str, driver: Driver, transport: Transport, options: Mapping[str, Scalar] = MappingProxyType({})
    ) -> None:
        self.name = name
        self.driver = driver
        """The platform's; once the device was asked anything, fitted to this device."""
        self._transport = transport
        self._options = options

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Device({self.name!r}, {self.driver.platform!r})"

    def close(self) -> None:
        """End the session."""
        self._transport.close()

    def _run(self, verb: Callable[[Driver], Flow[T]]) -> T:
        if self.driver.fit is not None:
            self.driver = run(observation.fitted(self.driver, self._options), self._transport.execute)
        return run(verb(self.driver), self._transport.execute)

    def facts(self) -> Facts:
        """What the device says of itself."""
        return self._run(lambda driver: observation.read(driver.facts()))

    def capabilities(self) -> tuple[Capability, ...]:
        """One Capability per kind of the vocabulary: of Items, then of State. Sends reads at most, mostly nothing."""
        return self._run(_capabilities)

    def state(self, kind: type[S]) -> tuple[S, ...]:
        """What the device tells of one kind of `netres.State`: ``state(AccessPoint)``.

        Raises:
            Unsupported: the platform does not tell it.
        """
        return self._run(lambda driver: observation.state(driver, kind))

    def clients(self) -> tuple[WirelessClient, ...]:
        """The stations that are associated.

        Raises:
            Unsupported: the platform does not tell them.
        """
        return self.state(WirelessClient)

    def observe(self, kinds: Collection[str] | None = None) -> Config:
        """The Items the device has, of some kinds or of all it can tell.

        Raises:
            InvalidConfig, Unsupported: a kind that does not exist, or that the platform does not have.
        """
        return self._run(lambda driver: observation.observe(driver, kinds)).config

    def plan(self, config: Config, prune: Collection[str | Key] = frozenset()) -> Plan:
        """What would lead to ``config``. Items it does not name stay, but those in ``prune``, by kind or by key.

        Raises:
            InvalidConfig, Unsupported, SecretError: naming Item and field; only reads were sent.
        """
        with config.placing_errors():
            wanted = config.resolved()
            return self._run(lambda driver: engine.plan(driver, self.name, wanted, prune))

    def apply(self, plan: Plan, *, save: bool = True) -> ApplyResult:
        """Make ``plan`` true, read it back, and undo everything where that fails; ``save``: for the next start too.

        Raises:
            TamperedPlan, StalePlan, SecretError: only reads were sent.
        """
        _check_name(self.name, plan)
        began = time.monotonic()
        known = plan.resolved()
        return _clocked(self._run(lambda driver: engine.apply(driver, known, save=save)), began)

    def rollback(self, result: ApplyResult, *, save: bool = True, force: bool = False) -> ApplyResult:
        """Lead everything that ``result`` changed back to what it was; ``save``: for the next start too.

        ``force``: also where somebody changed the same Items since, which is lost then.

        Raises:
            StalePlan: somebody changed the Items since; only reads were sent.
            InvalidConfig, SecretError: the way back is not known; only reads were sent.
        """
        began = time.monotonic()
        known = result.recalled()
        return _clocked(self._run(lambda driver: engine.rollback(driver, known, save=save, force=force)), began)

    def refresh(self, result: ApplyResult) -> ApplyResult:
        """Read the device and say which outcome of ``result`` is true now. Changes nothing."""
        known = result.resolved()
        return self._run(lambda driver: engine.refresh(driver, known))

    def drift(self, baseline: Baseline, ignoring: Collection[str] = ()) -> DriftReport:
        """What differs on the device from what netres last applied, but at the paths in ``ignoring``. Only reads.

        Raises:
            InvalidConfig: the baseline is another device's; a path that can match nothing.
        """
        _check_baseline(self.name, baseline)
        known = baseline.resolved()
        return self._run(lambda driver: drift.drift(driver, known, ignoring))


class AsyncDevice:
    """`Device`, awaited. The verbs, their results and their errors are the same."""

    def __init__(
        self, name: str, driver: Driver, transport: AsyncTransport, options: Mapping[str, Scalar] = MappingProxyType({})
    ) -> None:
        self.name = name
        self.driver = driver
        """As `Device.driver`."""
        self._transport = transport
        self._options = options

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncDevice({self.name!r}, {self.driver.platform!r})"

    async def close(self) -> None:
        """End the session."""
        await self._transport.close()

    async def _run(self, verb: Callable[[Driver], Flow[T]]) -> T:
        if self.driver.fit is not None:
            self.driver = await arun(observation.fitted(self.driver, self._options), self._transport.execute)
        return await arun(verb(self.driver), self._transport.execute)

    async def facts(self) -> Facts:
        """`Device.facts`."""
        return await self._run(lambda driver: observation.read(driver.facts()))

    async def capabilities(self) -> tuple[Capability, ...]:
        """`Device.capabilities`."""
        return await self._run(_capabilities)

    async def state(self, kind: type[S]) -> tuple[S, ...]:
        """`Device.state`."""
        return await self._run(lambda driver: observation.state(driver, kind))

    async def clients(self) -> tuple[WirelessClient, ...]:
        """`Device.clients`."""
        return await self.state(WirelessClient)

    async def observe(self, kinds: Collection[str] | None = None) -> Config:
        """`Device.observe`."""
        return (await self._run(lambda driver: observation.observe(driver, kinds))).config

    async def plan(self, config: Config, prune: Collection[str | Key] = frozenset()) -> Plan:
        """`Device.plan`."""
        with config.placing_errors():
            wanted = config.resolved()
            return await self._run(lambda driver: engine.plan(driver, self.name, wanted, prune))

    async def apply(self, plan: Plan, *, save: bool = True) -> ApplyResult:
        """`Device.apply`."""
        _check_name(self.name, plan)
        began = time.monotonic()
        known = plan.resolved()
        return _clocked(await self._run(lambda driver: engine.apply(driver, known, save=save)), began)

    async def rollback(self, result: ApplyResult, *, save: bool = True, force: bool = False) -> ApplyResult:
        """`Device.rollback`."""
        began = time.monotonic()
        known = result.recalled()
        return _clocked(await self._run(lambda driver: engine.rollback(driver, known, save=save, force=force)), began)

    async def refresh(self, result: ApplyResult) -> ApplyResult:
        """`Device.refresh`."""
        known = result.resolved()
        return await self._run(lambda driver: engine.refresh(driver, known))

    async def drift(self, baseline: Baseline, ignoring: Collection[str] = ()) -> DriftReport:
        """`Device.drift`."""
        _check_baseline(self.name, baseline)
        known = baseline.resolved()
        return await self._run(lambda driver: drift.drift(driver, known, ignoring))


def _capabilities(driver: Driver) -> Flow[tuple[Capability, ...]]:
    yield from ()
    return driver.capabilities()


def _check_name(name: str, plan: Plan) -> None:
    if plan.device != name:
        raise InvalidConfig(f"the plan is for device {plan.device!r}, this is {name!r}; plan for this one")


def _check_baseline(name: str, baseline: Baseline) -> None:
    if baseline.device != name:
        raise InvalidConfig(
            f"the baseline is of device {baseline.device!r}, this is {name!r}; take the one of this device"
        )


def _clocked(result: ApplyResult, began: float) -> ApplyResult:
    return result.model_copy(update={"seconds": round(time.monotonic() - began, 3)})
