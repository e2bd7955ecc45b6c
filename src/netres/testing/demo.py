"""What a platform's demo is: a module ``demo`` in the driver's folder, found by name and run by ``netres demo``."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, cast

from netres import registry
from netres.errors import UsageError


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


class Demo(Protocol):
    """A module ``demo``."""

    real: bool
    """Whether it drives software that others wrote."""

    def available(self) -> str | None:
        """Why it cannot run on this machine, in one line; ``None`` where it can."""
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


def choose(platform: str | None, tell: Callable[[str], None]) -> Demo:
    """The demo of a platform, or the first that can run here; ``tell`` hears why others cannot.

    Raises:
        UsageError: there is none, or the chosen one cannot run here.
    """
    known = dict(demos())
    if platform is not None:
        if (demo := known.get(platform)) is None:
            raise UsageError(f"{platform!r} has no demo; there are: {', '.join(known)}")
        if reason := demo.available():
            raise UsageError(f"the demo of {platform} cannot run here: {reason}")
        return demo
    for name, demo in known.items():
        if (reason := demo.available()) is None:
            return demo
        tell(f"The demo of {name} cannot run here: {reason}.")
    raise UsageError("no demo can run here")
