"""What a platform brings to ``netres demo``: a module ``demo`` in its driver's folder, found by name."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, cast, runtime_checkable

from netres import registry
from netres.errors import UsageError
from netres.inventory.entry import Entry

FAMILIES: Final = {"router": "r1", "access-point": "ap1", "wireless-controller": "wlc1", "sbc": "sbc1"}
"""The families, and what the demo's device of each is called."""


@dataclass(frozen=True)
class Part:
    """A device that a demo made, and what is played on it."""

    entry: Entry
    """How it is reached; its name is the demo's to give."""
    software: str
    """What it is, in words: ``a router, in a network namespace of this machine``."""
    desired: str
    """What it shall have, in YAML."""
    by_hand: Callable[[], str]
    """Changes it behind netres's back, and says how."""
    native: Callable[[], str]
    """Its own configuration, got in another way than through netres."""


class Demo(Protocol):
    """A module ``demo``."""

    families: Sequence[str]
    """What the platform can stand for."""
    real: bool
    """Whether it drives software that others wrote."""

    def available(self) -> str | None:
        """Why it cannot run on this machine, in one line; ``None`` where it can."""
        ...

    def part(self, family: str, folder: Path) -> AbstractContextManager[Part]:
        """Make a device; it is gone when the context is left. ``folder`` is for files it refers to."""
        ...


class Stage(Protocol):
    """Where a demo plays."""

    folder: Path
    """An empty folder, the current one, for its files."""

    def say(self, line: str) -> None:
        """Tell the audience something."""
        ...

    def netres(self, *words: str) -> int:
        """Show a command line of ``netres`` and run it; returns its exit code."""
        ...


@runtime_checkable
class Play(Protocol):
    """A module ``demo`` that also has a play of its own: ``netres demo PLATFORM``."""

    def available(self) -> str | None:
        """As `Demo.available`."""
        ...

    def run(self, stage: Stage) -> None:
        """Play it."""
        ...


def demos() -> Iterator[tuple[str, Demo]]:
    """The demos of all platforms that have one, those on real software first."""
    found = [(platform, cast("Demo", module)) for platform in registry.platforms() if (module := _module(platform))]
    yield from sorted(found, key=lambda one: (not one[1].real, one[0]))


def _module(platform: str) -> object | None:
    name = f"{registry.module_name(platform)}.demo"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def play(platform: str) -> Play:
    """The play that a platform has of its own.

    Raises:
        UsageError: it has none, or it cannot run here.
    """
    plays = {name: demo for name, demo in demos() if isinstance(demo, Play)}
    if (found := plays.get(platform)) is None:
        raise UsageError(f"{platform!r} has no demo of its own; there are: {', '.join(plays)}")
    if reason := found.available():
        raise UsageError(f"the demo of {platform} cannot run here: {reason}")
    return found


def cast_of(stand_ins: bool, tell: Callable[[str], None]) -> dict[str, Demo]:
    """Who plays each family: real software where it can run here, and ``stand_ins`` does not forbid it.

    ``tell`` hears why real software cannot run.

    Raises:
        UsageError: nobody can.
    """
    chosen: dict[str, Demo] = {}
    for platform, demo in demos():
        mine = [family for family in demo.families if family in FAMILIES and family not in chosen]
        if not mine or (stand_ins and demo.real):
            continue
        if reason := demo.available():
            tell(f"{platform} cannot run here: {reason}.")
            continue
        chosen |= dict.fromkeys(mine, demo)
    if missing := FAMILIES.keys() - chosen.keys():
        raise UsageError(f"no driver can show here: {', '.join(sorted(missing))}")
    return {family: chosen[family] for family in FAMILIES}
