"""Law 10 over many devices as one: whatever breaks on any of them, all have the change, or none has."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from netres.fleet.journal import Journal
from netres.testing.conformance.breaking import Untrue
from netres.testing.conformance.subject import Subject
from netres.testing.conformance.transacting import MANNERS, Case, Transacting
from netres.testing.faulty import INTERRUPT


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


def broken_transactions(subjects: Sequence[Subject], journal: Journal, *, every: int = 0) -> TransactionMatrix:
    """Change devices in one transaction again and again, break something on one of them each time, and count.

    Args:
        subjects: the devices, each of its own; what they are changed from and to is their ``change()``.
        journal: of its own, which is used up.
        every: 1: break everything at every operation of every device. More: of all these cases each ``every``-th. 0:
            `diagonal`.

    Raises:
        AssertionError: a driver keeps not even the other laws.
    """
    fleet = Transacting(subjects, journal)
    matrix = TransactionMatrix([subject.driver.platform for subject in subjects])
    try:
        if every == 1:
            _everywhere(fleet, matrix)
        else:
            for case in itertools.islice(_cases(fleet), 0, None, every) if every else diagonal(fleet):
                _tried(fleet, matrix, case)
        for (name, seat), manner in zip(fleet.seats.items(), itertools.cycle(MANNERS), strict=False):
            for kind in seat.standing:
                _tried(fleet, matrix, Case(manner, name, kind, 0))
    finally:
        fleet.close()
    return matrix


def _everywhere(fleet: Transacting, matrix: TransactionMatrix) -> None:
    for manner, (name, seat) in itertools.product(MANNERS, fleet.seats.items()):
        for kind in seat.kinds():
            for at in itertools.count():  # a fault may make a transaction longer
                if not _tried(fleet, matrix, Case(manner, name, kind, at)):
                    break


def _cases(fleet: Transacting) -> Iterator[Case]:
    for manner, (name, seat) in itertools.product(MANNERS, fleet.seats.items()):
        for kind, at in itertools.product(seat.kinds(), range(fleet.operations[name])):
            yield Case(manner, name, kind, at)


def diagonal(fleet: Transacting) -> Iterator[Case]:
    """Each fault, and each operation of one device, at least once; and an interrupt at each second one of a device."""
    manners, seats = itertools.cycle(MANNERS), itertools.cycle(fleet.seats.items())
    most = max(*fleet.operations.values(), *(len(seat.kinds()) for seat in fleet.seats.values()))
    for number in range(most):
        name, seat = next(seats)
        kinds = seat.kinds()
        yield Case(next(manners), name, kinds[number % len(kinds)], number % fleet.operations[name])
    first = next(iter(fleet.seats))
    yield from (Case("applied", first, INTERRUPT, at) for at in range(0, fleet.operations[first], 2))


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


def law_10_transactions(subjects: Sequence[Subject], journal: Journal, *, every: int = 0) -> TransactionMatrix:
    """Whatever breaks in a transaction, what is told is true, and recover() leaves all changed, or none.

    Takes what `broken_transactions` takes.

    Raises:
        AssertionError: something told was not true.
    """
    matrix = broken_transactions(subjects, journal, every=every)
    assert not matrix.wrong, "\n".join((str(matrix), *matrix.wrong))
    return matrix
