"""Law 10: whatever breaks at whatever operation of an apply, the outcome is told truthfully."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from netres.testing.conformance.breaking import STANDING, Breaking, Trial, Untrue
from netres.testing.conformance.subject import Subject


@dataclass
class Matrix:
    """What was broken on one driver, and what came of it."""

    driver: str
    operations: int
    """Of an apply at which nothing breaks."""
    faults: list[str]
    runs: int = 0
    outcomes: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])

    def __str__(self) -> str:
        told = ", ".join(f"{count} {name}" for name, count in sorted(self.outcomes.items()))
        counts = f"{self.operations} operations x {len(self.faults)} faults = {self.runs} runs"
        return f"{self.driver}: {counts}, wrong: {len(self.wrong)} ({told})"

    def add(self, trial: Callable[[], Trial]) -> bool:
        """Count a trial: whether something broke in it, or was wrong."""
        try:
            told, struck = trial()
        except Untrue as error:
            told, struck = "wrong", True
            self.wrong.append(str(error))
        if struck:
            self.runs += 1
            self.outcomes[told] += 1
        return struck


def broken(subject: Subject, *, everywhere: bool = False) -> Matrix:
    """Break everything at every operation, and count; by default each fault, and each operation, at least once.

    Raises:
        AssertionError: the driver keeps not even the other laws.
    """
    breaking = Breaking(subject)
    try:
        matrix = Matrix(subject.driver.platform, breaking.operations, list(breaking.faults()))
        if everywhere:
            for kind in matrix.faults:
                for at in itertools.count():  # a fault may make an apply longer
                    if not matrix.add(partial(breaking.trial, kind, at)):
                        break
        else:
            for number in range(max(len(matrix.faults), breaking.operations)):
                kind = matrix.faults[number % len(matrix.faults)]
                matrix.add(partial(breaking.trial, kind, number % breaking.operations))
        for kind in STANDING:
            if matrix.add(partial(breaking.standing, kind)):
                matrix.faults.append(kind)
        return matrix
    finally:
        breaking.close()


def law_10_faults(subject: Subject, *, everywhere: bool = False) -> None:
    """Whatever breaks at whatever operation, what is told is true, and the device is whole, or to be led back."""
    matrix = broken(subject, everywhere=everywhere)
    assert not matrix.wrong, "\n".join((str(matrix), *matrix.wrong))
