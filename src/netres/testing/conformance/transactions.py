"""Law 10 over many devices as one: whatever breaks on any of them, all have the change, or none has."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from netres.fleet.journal import Journal
from netres.testing.conformance.breaking import STANDING, Untrue
from netres.testing.conformance.subject import Subject
from netres.testing.conformance.transacting import MANNERS, Case, Transacting


@dataclass
class TransactionMatrix:
    """What was broken in transactions over one fleet, and what came of it."""

    platforms: list[str]
    """Of its devices."""
    told: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """How often what was told, by what broke."""
    wrong: list[str] = field(default_factory=list[str])

    @property
    def runs(self) -> int:
        """The transactions in which something broke."""
        return self.told.total()

    def __str__(self) -> str:
        fleet = ", ".join(f"{count} {name}" for name, count in sorted(Counter(self.platforms).items()))
        lines = [f"{len(self.platforms)} devices ({fleet}): {self.runs} transactions, wrong: {len(self.wrong)}"]
        for kind in sorted({kind for kind, _ in self.told}):
            counts = {told: count for (one, told), count in sorted(self.told.items()) if one == kind}
            lines.append(f"  {kind}: " + ", ".join(f"{count} {told}" for told, count in counts.items()))
        return "\n".join(lines)


def broken_transactions(
    subjects: Sequence[Subject], journal: Journal, *, everywhere: bool = False, every: int = 1
) -> TransactionMatrix:
    """Change devices in one transaction again and again, break something on one of them each time, and count.

    Args:
        subjects: the devices, each of its own; what they are changed from and to is their ``change()``.
        journal: of its own, which is used up.
        everywhere: break everything at every operation of every device; by default each fault, and each operation of
            one device, at least once.
        every: where `everywhere`, at each ``every``-th operation only.

    Raises:
        AssertionError: a driver keeps not even the other laws.
    """
    fleet = Transacting(subjects, journal)
    matrix = TransactionMatrix([subject.driver.platform for subject in subjects])
    try:
        if everywhere:
            _everywhere(fleet, matrix, every)
        else:
            for case in _diagonal(fleet):
                _tried(fleet, matrix, case)
    finally:
        fleet.close()
    return matrix


def _everywhere(fleet: Transacting, matrix: TransactionMatrix, every: int) -> None:
    for offset, (manner, (name, seat)) in enumerate(itertools.product(MANNERS, fleet.seats.items())):
        for number, kind in enumerate(seat.kinds()):
            for at in itertools.count((offset + number) % every, every):  # a fault may make a transaction longer
                if not _tried(fleet, matrix, Case(manner, name, kind, at)):
                    break
        for kind in STANDING:
            _tried(fleet, matrix, Case(manner, name, kind, 0))


def _diagonal(fleet: Transacting) -> Iterator[Case]:
    manners, seats = itertools.cycle(MANNERS), itertools.cycle(fleet.seats.items())
    most = max(*fleet.operations.values(), *(len(seat.kinds()) for seat in fleet.seats.values()))
    for number in range(most):
        name, seat = next(seats)
        kinds = seat.kinds()
        yield Case(next(manners), name, kinds[number % len(kinds)], number % fleet.operations[name])


def _tried(fleet: Transacting, matrix: TransactionMatrix, case: Case) -> bool:
    """Count a case: whether something broke in it, or was wrong."""
    try:
        told, struck = fleet.trial(case)
    except Untrue as error:
        told, struck = "wrong", True
        matrix.wrong.append(str(error))
    if struck:
        matrix.told[case.kind, told] += 1
    return struck


def law_10_transactions(subjects: Sequence[Subject], journal: Journal, *, everywhere: bool = False) -> None:
    """Whatever breaks in a transaction, what is told is true, and recover() leaves all changed, or none."""
    matrix = broken_transactions(subjects, journal, everywhere=everywhere)
    assert not matrix.wrong, "\n".join((str(matrix), *matrix.wrong))
