"""On what terms a run is made. Data only."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from netres.errors import UsageError
from netres.fleet.stop import Stop


class RunTerms(TypedDict, total=False):
    """What `netres.fleet.run` takes by name."""

    width: int
    """Devices at once; default: 100."""
    budgets: Mapping[str, int]
    """By a tag's name, or ``via`` (jump host), ``host``, ``platform``: devices at once with the same value of it."""
    rate: float
    """Devices begun per second, evenly; default: as fast as it goes."""
    deadline: float
    """Seconds within which the run ends: in the last fifth (60 s at most) no device is begun, in the last tenth (30 s
    at most) what is open is undone, and what is not undone when the time is over is left for `netres.recover`."""
    canary: int | float
    """So many devices (1 or more), or such a share of them (less than 1), come first; unless all are well, the run
    stops after them."""
    waves: Sequence[int | float]
    """Likewise the next ones, each wave when the one before has ended; all others follow as the last."""
    stop_after: int | float
    """Stop once so many devices, or such a share of all, have failed or are unknown."""
    stop: Stop
    """Stops the run from outside."""
    keep: bool
    """Keep whole rows for the report; else only what is small, for who takes the rows as they come. Default: true."""


@dataclass(frozen=True)
class Limits:
    """`RunTerms`, checked, with what was left out."""

    width: int = 100
    budgets: Mapping[str, int] = field(default_factory=dict[str, int])
    rate: float | None = None
    deadline: float | None = None
    canary: int | float | None = None
    waves: Sequence[int | float] = ()
    stop_after: int | float | None = None
    stop: Stop = field(default_factory=Stop)
    keep: bool = True

    def __post_init__(self) -> None:
        if self.width < 1:
            raise UsageError(f"width is {self.width}; give 1 or more devices at once")
        for name, seconds in (("rate", self.rate), ("deadline", self.deadline)):
            if seconds is not None and not seconds > 0:
                raise UsageError(f"{name} is {seconds:g}; give more than 0")
        shares = [("canary", self.canary), ("stop_after", self.stop_after), *(("waves", one) for one in self.waves)]
        for name, share in shares:
            if share is not None and (not share > 0 or (share >= 1 and share != int(share))):
                raise UsageError(f"{name} is {share:g}; give a number of devices, or a share of them below 1")

    @classmethod
    def of(cls, given: RunTerms) -> Limits:
        """The terms.

        Raises:
            UsageError: one of them is not usable; it names the field, the value and the remedy.
        """
        for unknown in given.keys() - RunTerms.__optional_keys__:
            known = ", ".join(sorted(RunTerms.__optional_keys__))
            raise UsageError(f"{unknown} is no term of a run; there are: {known}")
        return cls(**given)

    def split(self, names: Sequence[str]) -> Iterator[Sequence[str]]:
        """The waves of a run of these devices, none of them empty."""
        first = () if self.canary is None else (self.canary,)
        start = 0
        for size in (*first, *self.waves):
            if wave := names[start : start + count(size, len(names))]:
                yield wave
            start += len(wave)
        if rest := names[start:]:
            yield rest


def count(share: float, whole: int) -> int:
    """How many devices a number or a share is: one at least."""
    return int(share) if share >= 1 else max(1, math.ceil(share * whole))
