"""A task on many devices: as many at once as may be, in waves, and what came of each as it comes."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final, TypeAlias, Unpack
from uuid import uuid4

from netres.errors import UsageError
from netres.fleet.gate import Gate, groups_of, require_known
from netres.fleet.journal import Journal
from netres.fleet.journal.runs import RunJournal
from netres.fleet.limits import Limits, RunTerms, count
from netres.fleet.perform import Here
from netres.fleet.rows import Row, RunReport, Status, counted
from netres.fleet.stop import Level, Stop
from netres.fleet.tasks import Asked, Task, task_of
from netres.inventory.entry import Entry

OnRow: TypeAlias = Callable[[Row], object]
Perform: TypeAlias = Callable[[str, int], Awaitable[Row]]
_CANCELS: Final = 50
"""A way back that is given up may have another below it: so many, and more."""


def run(
    task: Task | Asked,
    inventory: Mapping[str, Entry],
    *,
    journal: Journal | None = None,
    resume: str = "",
    executor: Executor | None = None,
    on_row: OnRow | None = None,
    **terms: Unpack[RunTerms],
) -> RunReport:
    """`arun`, blocking. Ctrl-C begins no other device, and lets what is open end; the second one undoes that."""
    stop = terms.setdefault("stop", Stop())

    async def told() -> RunReport:
        with _interruptible(stop, ours):
            return await arun(
                task, inventory, journal=journal, resume=resume, executor=executor, on_row=on_row, **terms
            )

    main = threading.current_thread() is threading.main_thread()
    ours = main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    return asyncio.run(told())


async def arun(
    task: Task | Asked,
    inventory: Mapping[str, Entry],
    *,
    journal: Journal | None = None,
    resume: str = "",
    executor: Executor | None = None,
    on_row: OnRow | None = None,
    **terms: Unpack[RunTerms],
) -> RunReport:
    """Do a task to every device of an inventory. What fails on one device is its row, never an exception of the run.

    Args:
        task: a `netres.fleet.tasks` Plan, Apply or Commands; or an async callable that takes the resource.
        inventory: the devices, in their order.
        journal: where the run, and every change, is written down.
        resume: the id of a run in the journal, that was of the same task: the rest of its devices is done. Those that
            are unknown are left to `netres.recover`, and skipped.
        executor: does each device as a job of its own, elsewhere; task and entries are pickled.
        on_row: is given each row as it comes.
        terms: see `RunTerms`.

    Raises:
        UsageError, InvalidConfig, JournalFailed, Busy: nothing was begun.
    """
    known, limits = task_of(task), Limits.of(terms)
    require_known(inventory, limits.budgets)
    if resume and journal is None:
        raise UsageError(f"run {resume} is to be resumed without its journal; give the journal")
    names, unknown = list(inventory), list[str]()
    book: RunJournal | None = None
    if journal is not None and resume:
        book = await asyncio.to_thread(RunJournal.resume_run, journal, resume, known.words)
        standings = await asyncio.to_thread(book.standings)
        names = [one.device for one in standings if one.left == "to do"]
        unknown = [one.device for one in standings if one.left == "unknown"]
    elif journal is not None:
        book = await asyncio.to_thread(RunJournal.begin_run, journal, known.words, names)
    perform: Perform = Here(known, inventory, book)
    if executor is not None:
        from netres.fleet.jobs import Elsewhere

        perform = Elsewhere(known, inventory, book, executor, limits.stop)
    return await _Run(known, inventory, limits, book=book, perform=perform, on_row=on_row).run(names, unknown)


async def stream(
    task: Task | Asked, inventory: Mapping[str, Entry], *, journal: Journal | None = None, **terms: Unpack[RunTerms]
) -> AsyncIterator[Row]:
    """The rows of `arun` as they come; who stops asking for them stops the run."""
    rows: asyncio.Queue[Row | None] = asyncio.Queue()
    stop = terms.setdefault("stop", Stop())
    terms.setdefault("keep", False)
    running = asyncio.create_task(arun(task, inventory, journal=journal, on_row=rows.put_nowait, **terms))
    running.add_done_callback(lambda _: rows.put_nowait(None))
    try:
        while (row := await rows.get()) is not None:
            yield row
    finally:
        stop.now("nobody asks for its rows any more")
        await running


class _Run:
    def __init__(
        self,
        task: Task,
        inventory: Mapping[str, Entry],
        limits: Limits,
        *,
        book: RunJournal | None,
        perform: Perform,
        on_row: OnRow | None,
    ) -> None:
        self.task = task
        self.inventory = inventory
        self.limits = limits
        self.stop = limits.stop
        self.book = book
        self.perform = perform
        self.on_row = on_row
        self.rows: list[Row] = []
        self.counts: Counter[Status] = Counter()
        self.open: dict[str, asyncio.Task[Row]] = {}
        self.changed = asyncio.Event()
        self.gate = Gate(limits.width, limits.budgets)
        self.next = 0.0
        self.most = 0

    async def run(self, names: Sequence[str], unknown: Sequence[str]) -> RunReport:
        began, loop = datetime.now(UTC), asyncio.get_running_loop()
        share = self.limits.stop_after
        self.most = len(names) + 1 if share is None else count(share, len(names))
        self.stop.on_change(lambda: loop.call_soon_threadsafe(self.changed.set))
        timers = self._deadlines(loop)
        try:
            for name in unknown:
                self._skip(name, 0, "how it is is unknown since the run was stopped; netres.recover finds out")
            await self._waves(names)
        except asyncio.CancelledError:  # of the run as a whole
            self.stop.now("cancelled")
            await self._drain()
            raise
        finally:
            for timer in timers:
                timer.cancel()
            self.stop.on_change(None)
            if self.book:
                await asyncio.to_thread(self.book.end_run, self.stop.why)
        return RunReport(
            id=self.book.run if self.book else str(uuid4()),
            task=self.task.words,
            began=began,
            ended=datetime.now(UTC),
            rows=tuple(self.rows),
            counts=counted(self.counts),
            stopped=self.stop.why,
        )

    def _deadlines(self, loop: asyncio.AbstractEventLoop) -> list[asyncio.TimerHandle]:
        whole = self.limits.deadline
        if whole is None:
            return []
        why = f"its deadline of {whole:g} s"
        last = [(min(60, whole / 5), self.stop.gently), (min(30, whole / 10), self.stop.now)]
        last.append((min(1, whole / 100), self.stop.abandon))
        return [loop.call_later(whole - left, act, why) for left, act in last]

    async def _waves(self, names: Sequence[str]) -> None:
        for number, wave in enumerate(self.limits.split(names)):
            for name in wave:
                groups = groups_of(self.inventory[name], self.limits.budgets) if self.limits.budgets else ()
                self.gate.add(name, groups)
            await self._wave(number)
            if number == 0 and self.limits.canary is not None and not self.counts.keys() <= {"done", "unchanged"}:
                self.stop.gently("not all devices of the canary are well")

    async def _wave(self, number: int) -> None:
        """Begin what may begin, until all have ended; nothing is begun once the run is stopped."""
        while self.gate.waiting or self.open:
            self.changed.clear()
            if self.stop.level:
                for name in self.gate.rest():
                    self._skip(name, number, f"the run was stopped: {self.stop.why}")
            else:
                await self._begin(number)
            if self.stop.level >= Level.NOW:
                await self._drain()
            elif self.open:
                await self.changed.wait()

    async def _begin(self, number: int) -> None:
        loop = asyncio.get_running_loop()
        while not self.stop.level and (left := self.next - loop.time()) > 0:
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), left)
            except TimeoutError:
                break
        while not self.stop.level and (name := self.gate.next()) is not None:
            began = loop.time()
            task = self.open[name] = asyncio.create_task(self._one(name, number, began), name=name)
            task.add_done_callback(self._ended)
            if self.limits.rate:
                self.next = began + 1 / self.limits.rate
                self.changed.set()
                return

    async def _one(self, name: str, wave: int, began: float) -> Row:
        row = await self.perform(name, wave)
        return row.model_copy(update={"seconds": round(asyncio.get_running_loop().time() - began, 3)})

    def _ended(self, task: asyncio.Task[Row]) -> None:
        name = task.get_name()
        if self.open.pop(name, None) is None:
            return  # it was abandoned
        self.gate.done(name)
        if task.cancelled():  # before it began
            self._row(Row(device=name, platform="", status="cancelled", error="given up before it began"))
        else:
            self._row(task.result())
        self.changed.set()

    async def _drain(self) -> None:
        """Have what is open undone; give it up when the time is over."""
        for task in list(self.open.values()):
            task.cancel()
        while self.open and self.stop.level < Level.ABANDONED:
            self.changed.clear()
            await self.changed.wait()
        lost = dict(self.open)
        self.open.clear()
        for name in lost:
            self.gate.done(name)
            why = "was not undone in time; netres.recover finds out how it is"
            self._row(Row(device=name, platform="", status="unknown", error=why))
        for _ in range(_CANCELS):
            for task in lost.values():
                task.cancel()
            await asyncio.sleep(0)

    def _skip(self, name: str, wave: int, why: str) -> None:
        self._row(Row(device=name, platform="", status="skipped", wave=wave, error=why))

    def _row(self, row: Row) -> None:
        if not row.platform and row.device in self.inventory:
            row = row.model_copy(update={"platform": self.inventory[row.device].platform})
        self.counts[row.status] += 1
        self.rows.append(row if self.limits.keep else row.small())
        if self.book and row.status != "skipped":
            self.book.status(row.device, row.status)
        if self.on_row:
            try:
                self.on_row(row)
            except Exception as error:  # noqa: BLE001 - who takes rows must not leave devices halfway
                self.stop.gently(f"what takes its rows failed: {type(error).__name__}: {error}")
        if self.counts["failed"] + self.counts["unknown"] >= self.most:
            self.stop.gently(f"{self.most} devices failed")


@contextmanager
def _interruptible(stop: Stop, ours: bool) -> Generator[None]:
    if not ours:
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, stop.further, "interrupted")
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
