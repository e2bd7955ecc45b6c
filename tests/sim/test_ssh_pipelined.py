"""Lines of a change sent ahead over real SSH: a rejected line at every place, and links that break in between."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
import setline_driver
import vyos_driver

from netres.async_device import AsyncDevice
from netres.flow import Batch, Operation, Reply
from netres.inventory.entry import Timeouts
from netres.plan import Outcome, Plan
from netres.testing.conformance.bench import prunable
from netres.testing.samples import fitting
from netres.testing.sim import Lab
from netres.testing.sim.candidate import Candidates
from netres.testing.sim.device import Simulated
from netres.testing.sim.faults import FaultKind
from netres.transport.session_async import AsyncSession
from netres.transport.ssh_async import AsyncSshTransport

DRIVERS = {
    "juniper_junos": setline_driver.DRIVER,
    "vyos": vyos_driver.DRIVER,
}


class Watched(AsyncSshTransport):
    """Keeps what was sent ahead."""

    lines: tuple[str, ...] = ()

    async def execute(self, operation: Operation) -> Reply:
        if isinstance(operation, Batch) and operation.writes:
            self.lines = tuple(map(str, operation.operations))
        return await super().execute(operation)


@dataclass
class Story:
    """A device with a session, that can be led from one configuration to another."""

    device: Simulated
    resource: AsyncDevice
    transport: Watched
    before: str
    plan: Callable[[], Awaitable[Plan]]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({name.replace("_", "-"): name for name in DRIVERS}) as running:
        yield running


@asynccontextmanager
async def story(lab: Lab, name: str) -> AsyncGenerator[Story]:
    device, driver = lab[name.replace("_", "-")], DRIVERS[name]
    driver = replace(driver, confirming=None)
    device.store.reset()
    entry = lab.entry(device.name).model_copy(update={"timeouts": Timeouts(connect=10, command=0.8)})
    transport = await Watched.open(entry, driver.shell)
    start, wanted = fitting(driver)[1:3]
    async with AsyncDevice(name, driver, AsyncSession(transport)) as resource:
        prune = prunable(driver)
        assert (await resource.apply(await resource.plan(start, prune))).outcome.holds
        yield Story(device, resource, transport, device.native(), lambda: resource.plan(wanted, prune))


@pytest.mark.parametrize("name", DRIVERS)
def test_a_line_that_is_refused_anywhere_among_those_sent_ahead(lab: Lab, name: str) -> None:
    async def main() -> None:
        async with story(lab, name) as told:
            done = await told.resource.apply(await told.plan())
            assert done.outcome is Outcome.APPLIED, done.error
            lines = told.transport.lines
            assert len(lines) > 5
            assert (await told.resource.rollback(done)).outcome.holds
            assert told.device.native() == told.before
            for place, line in enumerate(lines):
                plan = await told.plan()
                earlier = lines[:place].count(line)
                told.device.fail(FaultKind.REJECTED, on=f"^{re.escape(line)}$", at=earlier)
                refused = await told.resource.apply(plan)
                told.device.faults.clear()
                assert refused.outcome is Outcome.NOT_APPLIED, (place, line, refused.error, refused.outcome)
                assert f"refused {line!r}" in refused.error, (place, line, refused.error)
                assert all(one in refused.sent for one in lines)  # those behind it were on their way
                assert told.device.native() == told.before
                assert isinstance(told.device.store, Candidates)
                assert told.device.store.left_open() == (), (place, line)

    asyncio.run(main())


BROKEN = (FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER, FaultKind.TRUNCATED, FaultKind.GARBAGE, FaultKind.HANG)


@pytest.mark.parametrize("name", DRIVERS)
def test_a_link_that_breaks_among_lines_sent_ahead(lab: Lab, name: str) -> None:
    async def main() -> None:
        async with story(lab, name) as told:
            done = await told.resource.apply(await told.plan())
            lines, after = told.transport.lines, told.device.native()
            assert (await told.resource.rollback(done)).outcome.holds
            line = lines[len(lines) // 2]
            for kind in BROKEN:
                plan = await told.plan()
                told.device.fail(kind, on=f"^{re.escape(line)}$")
                broken = await told.resource.apply(plan)
                told.device.faults.clear()
                truth = {Outcome.APPLIED: after, Outcome.NOT_APPLIED: told.before}
                assert told.device.native() == truth[broken.outcome], (kind, broken.outcome, broken.error)
                if broken.outcome is Outcome.APPLIED:
                    assert (await told.resource.rollback(broken)).outcome.holds
                assert told.device.native() == told.before

    asyncio.run(main())
