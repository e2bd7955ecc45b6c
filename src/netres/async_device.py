"""AsyncDevice: a `Resource` whose verbs are awaited."""

from __future__ import annotations

import asyncio  # noqa: TID251 - the awaited shell watches over what nobody has confirmed yet
import time  # noqa: TID251 - the shells around the engine measure how long it took
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from typing import Self, TypeVar, Unpack

from netres import engine, observation, settle, verbs
from netres.baseline import Baseline
from netres.drift import DriftReport
from netres.driver import Capability, Driver, Facts
from netres.errors import ApplyFailed, NetresError, UsageError
from netres.flow import AsyncTransport, Batching, Flow, arun
from netres.inventory.entry import Scalar
from netres.model.base import Key
from netres.model.config import Config
from netres.model.state import State, WirelessClient
from netres.plan import ApplyResult, Outcome, Plan
from netres.terms import ApplyTerms, Terms

S = TypeVar("S", bound=State)
T = TypeVar("T")


class AsyncDevice:
    """`Device`, awaited. The verbs, their results and their errors are the same."""

    def __init__(
        self, name: str, driver: Driver, transport: AsyncTransport, options: Mapping[str, Scalar] = MappingProxyType({})
    ) -> None:
        self.name = name
        self.driver = driver
        """As `Device.driver`."""
        self.taken_back: list[ApplyResult] = []
        """As `Device.taken_back`."""
        self._transport = transport
        self._options = options
        self._busy = asyncio.Lock()
        self._changing = asyncio.Lock()
        """Held by a verb that changes the device until what follows from it is done: no other comes in between."""
        self._held: ApplyResult | None = None
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        back = await self._close()
        if back is None or back.outcome.holds:
            return
        failure = ApplyFailed(f"{self.name}: what nobody confirmed could not be taken back: {back.error}", back)
        if error is None:
            raise failure
        error.add_note(str(failure))

    def __repr__(self) -> str:
        return f"AsyncDevice({self.name!r}, {self.driver.platform!r})"

    async def close(self) -> None:
        """`Device.close`."""
        await self._close()

    async def _close(self) -> ApplyResult | None:
        try:
            async with self._changing:
                return await self._take_back(self._held) if self._held else None
        finally:
            await self._transport.close()

    async def drive(self, verb: Callable[[Driver], Flow[T]]) -> T:
        """`Device.drive`."""
        async with self._busy:
            if self.driver.fit is not None:
                self.driver = await arun(observation.fitted(self.driver, self._options), self._transport.execute)
            transport = self._transport
            batches = isinstance(transport, Batching) and transport.batches
            return await arun(verb(self.driver), transport.execute, batches=batches)

    async def _change(self, verb: verbs.Verb) -> ApplyResult:
        began = time.monotonic()
        done = await self.drive(verb)
        return done.model_copy(update={"seconds": round(time.monotonic() - began, 3)})

    async def facts(self) -> Facts:
        """`Device.facts`."""
        return await self.drive(lambda driver: observation.read(driver.facts()))

    async def capabilities(self) -> tuple[Capability, ...]:
        """`Device.capabilities`."""
        return await self.drive(verbs.capabilities)

    async def state(self, kind: type[S]) -> tuple[S, ...]:
        """`Device.state`."""
        return await self.drive(lambda driver: observation.state(driver, kind))

    async def clients(self) -> tuple[WirelessClient, ...]:
        """`Device.clients`."""
        return await self.state(WirelessClient)

    async def observe(self, kinds: Collection[str] | None = None) -> Config:
        """`Device.observe`."""
        return (await self.drive(lambda driver: observation.observe(driver, kinds))).config

    async def plan(self, config: Config, prune: Collection[str | Key] = frozenset()) -> Plan:
        """`Device.plan`."""
        with config.placing_errors():
            wanted = config.resolved()
            return await self.drive(lambda driver: engine.plan(driver, self.name, wanted, prune))

    async def apply(self, plan: Plan, **terms: Unpack[ApplyTerms]) -> ApplyResult:
        """`Device.apply`."""
        known = Terms.of(terms)
        async with self._changing:
            if self._held:
                raise UsageError(f"{self.name}: a change waits for its confirmation; confirm it, or roll it back")
            done = await self._change(verbs.apply(self.name, plan, known))
            if done.confirmed is False:
                self._held = done
                self._watch = asyncio.create_task(self._expire(done))
        return done

    async def confirm(self, result: ApplyResult) -> ApplyResult:
        """`Device.confirm`."""
        async with self._changing:
            verbs.require_no_other(self.name, self._held, result)
            done = await self._change(verbs.confirm(self.name, result))
            if done.confirmed or done.outcome is Outcome.NOT_APPLIED:
                self._release(result)
        return done

    async def verify(self, result: ApplyResult) -> ApplyResult:
        """`Device.verify`."""
        known = result.resolved()
        return await self.drive(lambda driver: settle.verify(driver, known))

    async def leave(self, result: ApplyResult) -> None:
        """`Device.leave`."""
        async with self._changing:
            verbs.require_leavable(self.name, self._held, result)
            await self.drive(lambda _: verbs.leave(result))
            self._release(result)

    async def rollback(self, result: ApplyResult, *, save: bool = True, force: bool = False) -> ApplyResult:
        """`Device.rollback`."""
        async with self._changing:
            verbs.require_no_other(self.name, self._held, result)
            return await self._roll_back(result, save=save, force=force)

    async def _roll_back(self, result: ApplyResult, *, save: bool, force: bool) -> ApplyResult:
        done = await self._change(verbs.rollback(self.name, result, save=save, force=force))
        self._release(result)
        return done

    async def refresh(self, result: ApplyResult) -> ApplyResult:
        """`Device.refresh`."""
        known = result.resolved()
        return await self.drive(lambda driver: settle.refresh(driver, known))

    async def drift(self, baseline: Baseline, ignoring: Collection[str] = ()) -> DriftReport:
        """`Device.drift`."""
        return await self.drive(verbs.drifted(self.name, baseline, ignoring))

    def _release(self, result: ApplyResult) -> None:
        if verbs.same(self._held, result):
            self._held = None
            if self._watch and self._watch is not asyncio.current_task():
                self._watch.cancel()

    async def _expire(self, result: ApplyResult) -> None:
        if result.confirm_by:
            await asyncio.sleep(max((result.confirm_by - datetime.now(UTC)).total_seconds(), 0))
        async with self._changing:
            if self._held is result:
                await self._take_back(result)

    async def _take_back(self, result: ApplyResult) -> ApplyResult:
        try:
            done = await self._roll_back(result, save=False, force=False)
        except NetresError as error:
            await self.drive(verbs.abandon)
            self._release(result)
            told = {"outcome": Outcome.UNKNOWN, "error": str(error), "error_type": type(error).__name__}
            done = result.model_copy(update=told)
        self.taken_back.append(done)
        return done
