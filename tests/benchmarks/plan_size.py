"""What planning costs by size: ``python tests/benchmarks/plan_size.py [LINES,LINES,… [ROUNDS]]``.

A router with so many lines of running configuration, of which one in a hundred is to be another. netres: Items made of
both texts (nothing is remembered from earlier rounds), and planned; then planning alone, with the wanted Items given,
as a file gives them. The peer, where it is installed: hier_config, both texts parsed and the remediation made. Prints
milliseconds of processor time, medians of the rounds, and ratios. The router answers at once.
"""

from __future__ import annotations

import gc
import importlib
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from sized import forget, items, router, running

from netres.model import Config


def milliseconds(work: Callable[[], object], rounds: int) -> float:
    """The median."""
    took: list[float] = []
    for _ in range(rounds):
        forget()
        gc.collect()
        began = time.process_time()
        work()
        took.append(1000 * (time.process_time() - began))
    return statistics.median(took)


def peer(text: str, wanted: str) -> Callable[[], object] | None:
    """hier_config's work; ``None``: it is not installed."""
    try:
        hier: Any = importlib.import_module("hier_config")  # a peer: not among what this project installs
    except ImportError:
        return None

    def work() -> object:
        ios = hier.Platform.CISCO_IOS
        return hier.WorkflowRemediation(hier.get_hconfig(ios, text), hier.get_hconfig(ios, wanted)).remediation_config

    return work


def _both(text: str, wanted: str) -> object:
    return router(text).plan(items(wanted))


def _alone(text: str, config: Config) -> object:
    return router(text).plan(config)


def main(sizes: list[int], rounds: int) -> None:
    """Print a line for each size."""
    before: tuple[int, float] | None = None
    for size in sizes:
        text, wanted = running(size), running(size, changed=True)
        config = items(wanted)
        both = milliseconds(partial(_both, text, wanted), rounds)
        alone = milliseconds(partial(_alone, text, config), rounds)
        told = f"{text.count(chr(10)):6} lines: both texts and plan {both:7.0f} ms, plan {alone:7.0f} ms"
        if (work := peer(text, wanted)) is not None:
            theirs = milliseconds(work, rounds)
            told += f", hier_config {theirs:7.0f} ms: {theirs / both:.1f} and {theirs / alone:.1f} of ours"
        if before:
            told += f"; {alone / before[1]:.1f} x that of {before[0]}"
        print(told)  # noqa: T201  # the result
        before = (size, alone)


if __name__ == "__main__":
    arguments = [*sys.argv[1:], *("1000,10000,50000", "3")[len(sys.argv) - 1 :]]
    main([int(size) for size in arguments[0].split(",")], int(arguments[1]))
