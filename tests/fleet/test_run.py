"""A task on many devices: every row true, whatever fails; budgets, waves, stopping, resuming."""

from __future__ import annotations

import asyncio
import select
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netres import fleet, registry
from netres.async_device import AsyncDevice
from netres.driver import Driver
from netres.errors import ConnectFailed, HostKeyMismatch, InvalidConfig, UsageError
from netres.fleet.gate import Gate
from netres.fleet.journal import Journal
from netres.flow import Operation, Reply, Transport
from netres.inventory import Inventory
from netres.inventory.entry import Entry
from netres.model import Config, Vlan
from netres.plan import Plan
from netres.testing.faulty import Faulty
from netres.testing.sim.faults import FaultKind
from netres_drivers.memory.device import MemoryDevice, at

WANTED = Config.of([Vlan(id=20, name="voice")])
FAULTS = ("refuse", "wrong-key", FaultKind.HANG, FaultKind.REBOOT, "bug")


def inventory(count: int, **tags: str) -> Inventory:
    net = uuid4().hex
    devices = {
        f"m{number}": {"platform": "memory", "host": f"m{number}.{net}", "tags": tags or {"site": f"s{number % 3}"}}
        for number in range(count)
    }
    return Inventory.from_mapping({"devices": devices})


def native(entry: Entry) -> MemoryDevice:
    return at(entry.host, entry.options)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal.db") as opened:
        yield opened


def spoil(monkeypatch: pytest.MonkeyPatch, faults: dict[str, str]) -> None:
    """Have devices fail, by their names."""
    memory = registry.get("memory")

    def opened(entry: Entry, driver: Driver) -> Transport:
        device = native(entry)
        match faults.get(entry.name):
            case None:
                return device.session()
            case "refuse":
                raise ConnectFailed(f"{entry.host}: connection refused")
            case "wrong-key":
                raise HostKeyMismatch("the host key is another one than before")
            case "bug":
                raise RuntimeError("a bug of a driver")
            case kind:
                strike = device.reboot if kind == FaultKind.REBOOT else None
                how = FaultKind.CUT_AFTER if kind == FaultKind.REBOOT else FaultKind.HANG
                return Faulty(device.session(), how, at=1, on=lambda one: one.writes, strike=strike)

    spoiled = replace(memory, transport=opened)

    def got(platform: str) -> Driver:
        assert platform == "memory"
        return spoiled

    monkeypatch.setattr(registry, "get", got)


def test_300_devices_of_which_some_fail(monkeypatch: pytest.MonkeyPatch, book: Journal) -> None:
    fleet_ = inventory(300)
    faults = {f"m{number}": FAULTS[number // 20 % 5] for number in range(0, 300, 20)}
    spoil(monkeypatch, faults)
    began, seen = time.monotonic(), list[fleet.Row]()
    report = fleet.run(fleet.Apply(WANTED), fleet_, journal=book, deadline=60, on_row=seen.append)
    assert time.monotonic() - began < 60
    assert list(report.rows) == seen
    assert not report.stopped
    assert {row.device for row in seen} == set(fleet_)
    for row in seen:
        has_it = "voice" in native(fleet_[row.device]).native()
        assert has_it is (row.status == "done"), row
        if faults.get(row.device) in {"refuse", "wrong-key", "bug"}:
            assert row.status == "failed"
            assert row.error
    outcomes = Counter(record.outcome for record in book.history(limit=1000))
    assert outcomes["applied"] == report.counts["done"]
    # what failed is mended: the rest is done, and nothing twice
    faults.clear()
    again = fleet.run(fleet.Apply(WANTED), fleet_, journal=book, resume=report.id)
    assert {row.device for row in again.rows} == {row.device for row in seen if not row.well}
    assert again.ok
    assert Counter(record.outcome for record in book.history(limit=1000))["applied"] == 300


def test_what_is_asked() -> None:
    two = inventory(2)

    async def named(resource: AsyncDevice) -> object:
        return {"name": resource.name, "vendor": (await resource.facts()).vendor}

    async def bad(resource: AsyncDevice) -> object:
        return object()

    assert {str(row.value) for row in fleet.run(named, two).rows} == {
        "{'name': 'm0', 'vendor': 'netres'}",
        "{'name': 'm1', 'vendor': 'netres'}",
    }
    assert "is no JSON" in fleet.run(bad, two).rows[0].error
    planned = fleet.run(fleet.Plan(lambda entry: WANTED), two).rows[0]
    assert planned.status == "done"
    assert isinstance(planned.result, Plan)
    assert fleet.run(fleet.Apply(WANTED, {"confirm_within": 60}), two).ok
    assert fleet.run(fleet.Apply(WANTED), two).counts == {"unchanged": 2}
    refused = fleet.run(fleet.Commands(("show version",)), two).rows[0]
    assert refused.status == "failed"
    assert "HTTP requests only" in refused.error


def test_rows_are_streamed() -> None:
    async def some() -> list[str]:
        return [row.status async for row in fleet.stream(fleet.Plan(WANTED), inventory(3))]

    assert asyncio.run(some()) == ["done"] * 3


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"width": 0}, "width is 0"),
        ({"rate": -1}, "rate is -1"),
        ({"canary": 1.5}, "canary is 1.5"),
        ({"stop_after": 0}, "stop_after is 0"),
        ({"budgets": {"sit": 2}}, "did you mean 'site'"),
        ({"budgets": {"site": 0}}, "give 1 or more"),
        ({"wide": 2}, "wide is no term"),
    ],
)
def test_terms_that_are_none(terms: fleet.RunTerms, told: str) -> None:
    with pytest.raises((UsageError, InvalidConfig), match=told):
        fleet.run(fleet.Plan(WANTED), inventory(2), **terms)


def test_canary_and_failure_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    devices = inventory(40)
    spoil(monkeypatch, {"m0": "refuse"})
    report = fleet.run(fleet.Apply(WANTED), devices, canary=2)
    assert report.counts == {"done": 1, "failed": 1, "skipped": 38}
    assert "canary" in report.stopped
    spoil(monkeypatch, dict.fromkeys(devices, "refuse"))
    report = fleet.run(fleet.Apply(WANTED), devices, stop_after=0.1, width=2)
    assert 4 <= report.counts["failed"] <= 6
    assert report.stopped == "4 devices failed"


def test_waves_follow_each_other() -> None:
    report = fleet.run(fleet.Plan(WANTED), inventory(20), canary=1, waves=[0.25, 4])
    assert [row.wave for row in report.rows] == [0] + [1] * 5 + [2] * 4 + [3] * 10


def test_the_rate_holds() -> None:
    begun: list[float] = []

    async def note(resource: AsyncDevice) -> None:
        begun.append(time.monotonic())

    began = time.monotonic()
    fleet.run(note, inventory(6), rate=25)
    assert time.monotonic() - began >= 5 / 25


@settings(max_examples=100, deadline=None)
@given(
    width=st.integers(1, 6),
    budgets=st.dictionaries(st.sampled_from("abc"), st.integers(1, 3)),
    devices=st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy")), max_size=25),
    data=st.data(),
)
def test_budgets_hold_and_nobody_waits_for_ever(
    width: int, budgets: dict[str, int], devices: list[dict[str, str]], data: st.DataObject
) -> None:
    gate, groups = Gate(width, budgets), dict[str, tuple[tuple[str, str], ...]]()
    for number, tags in enumerate(devices):
        groups[str(number)] = tuple((word, value) for word, value in tags.items() if word in budgets)
        gate.add(str(number), groups[str(number)])
    at_work: list[str] = []
    ended = 0
    while True:
        while (name := gate.next()) is not None:
            at_work.append(name)
        busy = Counter(group for name in at_work for group in groups[name])
        assert len(at_work) <= width
        assert all(number <= budgets[group[0]] for group, number in busy.items())
        assert gate.waiting == len(devices) - ended - len(at_work)
        waiting = set(groups) - set(at_work)
        if len(at_work) < width:  # whoever waits, waits for its budget
            assert all(any(busy[group] >= budgets[group[0]] for group in groups[name]) for name in waiting)
        if not at_work:
            break
        gone = at_work.pop(data.draw(st.integers(0, len(at_work) - 1)))
        gate.done(gone)
        del groups[gone]
        ended += 1
    assert ended == len(devices)


def test_the_deadline_ends_it() -> None:
    async def long(resource: AsyncDevice) -> None:
        await asyncio.sleep(60)

    began = time.monotonic()
    report = fleet.run(long, inventory(4), deadline=0.5, width=2)
    assert time.monotonic() - began < 0.6
    assert report.counts == {"skipped": 2, "cancelled": 2}
    assert "deadline" in report.stopped


class Stuck:
    """A session whose commit is done, and not answered until it is interrupted; ``told`` hears of it."""

    def __init__(self, inner: Transport, told: Callable[[], object]) -> None:
        self.inner = inner
        self.told = told
        self.gone = threading.Event()

    def execute(self, operation: Operation) -> Reply:
        reply = self.inner.execute(operation)
        if "commit" in str(operation) and not self.gone.is_set():
            self.told()
            assert self.gone.wait(20)
            raise ConnectFailed("interrupted")
        return reply

    def interrupt(self) -> None:
        self.gone.set()

    def close(self) -> None:
        self.inner.close()


def test_an_interrupted_change_is_written_down_as_it_ended(monkeypatch: pytest.MonkeyPatch, book: Journal) -> None:
    devices, stop = inventory(1), fleet.Stop()
    memory = registry.get("memory")

    def opened(entry: Entry, driver: Driver) -> Transport:
        return Stuck(native(entry).session(), lambda: stop.now("enough"))

    def got(platform: str) -> Driver:
        assert platform == "memory"
        return replace(memory, transport=opened)

    monkeypatch.setattr(registry, "get", got)
    report = fleet.run(fleet.Apply(WANTED), devices, journal=book, stop=stop)
    (row,), (record,) = report.rows, book.history()
    has_it = "voice" in native(devices["m0"]).native()
    assert (row.status, record.outcome) == (("done", "applied") if has_it else ("cancelled", "undone"))
    assert row.transaction == record.id
    assert report.stopped == "enough"


PROGRAM = """
import asyncio, sys
from netres import fleet
from netres.fleet.journal import Journal
from netres.inventory import Inventory
from netres.model import Config, Vlan

async def slow(resource):
    done = await resource.apply(await resource.plan(Config.of([Vlan(id=20)])))
    print(resource.name, flush=True)
    await asyncio.sleep(float(sys.argv[2]))
    return done

with Journal.open(sys.argv[1] + "/journal.db") as journal:
    devices = {
        f"m{n}": {"platform": "memory", "host": f"m{n}", "options": {"state": f"{sys.argv[1]}/m{n}.json"}}
        for n in range(40)
    }
    resume = sys.argv[3] if len(sys.argv) > 3 else ""
    report = fleet.run(slow, Inventory.from_mapping({"devices": devices}), journal=journal, width=4, resume=resume)
    print("report", report.id, dict(report.counts), report.stopped, flush=True)
"""


def test_ctrl_c_in_the_middle_and_the_rest_exactly_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), "0.2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert select.select([process.stdout], [], [], 30)[0]
        first = [process.stdout.readline() for _ in range(6)]
        process.send_signal(signal.SIGINT)
        told = process.stdout.read().splitlines()
    assert process.returncode == 0
    done = {line.strip() for line in first} | {line for line in told if not line.startswith("report")}
    report = told[-1].split(maxsplit=2)
    assert "interrupted" in report[2]
    assert 6 <= len(done) < 40
    command = [*command[:-1], "0", report[1]]
    rest = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout.splitlines()
    assert f"{{'done': {40 - len(done)}}}" in rest[-1]
    assert not done & set(rest[:-1])
    assert len(done) + len(rest) - 1 == 40
    with Journal.open(tmp_path / "journal.db") as journal:
        changed = Counter(part.device for record in journal.history(limit=100) for part in record.parts)
    assert set(changed.values()) == {1}
    assert len(changed) == 40


def test_resume_knows_its_run(book: Journal) -> None:
    devices = inventory(2)
    report = fleet.run(fleet.Plan(WANTED), devices, journal=book)
    with pytest.raises(UsageError, match="resume it with the same task"):
        fleet.run(fleet.Apply(WANTED), devices, journal=book, resume=report.id)
    with pytest.raises(UsageError, match="has no run"):
        fleet.run(fleet.Plan(WANTED), devices, journal=book, resume="nothing")
    with pytest.raises(UsageError, match="give the journal"):
        fleet.run(fleet.Plan(WANTED), devices, resume=report.id)


def kept(folder: Path) -> Inventory:
    devices = {
        f"m{number}": {"platform": "memory", "host": "m", "options": {"state": f"{folder}/m{number}.json"}}
        for number in range(12)
    }
    return Inventory.from_mapping({"devices": devices})


def test_other_processes_do_it(tmp_path: Path, book: Journal) -> None:
    devices, context = kept(tmp_path), get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        report = fleet.run(fleet.Apply(WANTED), devices, journal=book, executor=pool)
    assert report.counts == {"done": 12}
    assert all("voice" in (tmp_path / f"{name}.json").read_text() for name in devices)
    assert Counter(record.outcome for record in book.history()) == {"applied": 12}
