"""``netres demo``: the main job, played with the real commands on a platform that is at hand."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Callable, Sequence
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from netres.cli import show


@dataclass
class Terminal:
    """The stage of a demo: this terminal, and a temporary folder."""

    folder: Path
    run: Callable[[Sequence[str]], int]

    def say(self, line: str) -> None:
        """Print a line between two commands."""
        show.say()
        show.say(line, "bold cyan")

    def netres(self, *words: str) -> int:
        """Print a command line as one would type it, and run it."""
        show.say(f"$ netres {shlex.join(words)}", "bold")
        return self.run(words)


def demo(
    platform: Annotated[str | None, typer.Argument(help="Default: the first that can run.")] = None,
) -> None:
    """Show what netres does: plan, apply, read back, find drift, roll back."""
    from netres.cli import main
    from netres.testing.demo import choose

    chosen = choose(platform, show.say)
    with tempfile.TemporaryDirectory(prefix="netres-demo-") as folder, chdir(folder):
        os.environ["NETRES_INVENTORY"] = "inventory.yaml"
        chosen.run(Terminal(Path(folder), main))
