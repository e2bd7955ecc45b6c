"""What stands between a journal and its disk: it counts what is written, until nothing is any more."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, cast
from unittest.mock import patch

from netres.errors import JournalFailed
from netres.fleet.journal.writer import Writer


class Written(Protocol):
    """What is written, and what came of it."""

    future: Future[object]


@dataclass
class Pen:
    """Every journal of this process, while it is `held`."""

    written: int = 0
    """What was given to it to be written: transactions, leases, parts, steps, answers, states, decisions, ends."""
    fails_at: int | None = None
    """From this number on nothing can be written: the disk is full."""
    dies_at: int | None = None
    """Before this one is written the process dies."""
    dies: Callable[[], object] = lambda: None
    failed: list[int] = field(default_factory=list[int])

    @contextmanager
    def held(self) -> Generator[None]:
        queue = cast("Callable[[Writer, Sequence[Written]], None]", vars(Writer)["_queue"])

        def counted(writer: Writer, jobs: Sequence[Written]) -> None:
            number, self.written = self.written, self.written + 1
            if self.dies_at is not None and number >= self.dies_at:
                self.dies_at = None
                self.dies()
            if self.fails_at is None or number < self.fails_at:
                queue(writer, jobs)
                return
            self.failed.append(number)
            for job in jobs:
                job.future.set_exception(JournalFailed("journal cannot be written: the disk is full; free space"))

        with patch.object(Writer, "_queue", counted):
            yield
