"""A transaction over five unlike devices, all real, killed 200 times: by hand, as it takes a quarter of an hour.

``pytest -m slow -s tests/real/test_killed.py``; ``NETRES_KILLS`` and ``NETRES_SEED`` give another number, and a seed.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import mean

import pytest
from campus import Campus, available
from campus_run import SHAPES
from killing import Killed, Killing
from needed import need

pytestmark = [pytest.mark.real, pytest.mark.slow]

_REHEARSED = 50
"""Cases after which it is measured again how long an unbroken run takes."""


def test_killed_at_200_instants_all_devices_are_as_before_or_as_wanted(tmp_path: Path) -> None:
    need(available())
    _many(tmp_path, int(os.environ.get("NETRES_KILLS", "200")))


def test_what_recovers_is_killed_too(tmp_path: Path) -> None:
    need(available())
    _many(tmp_path, int(os.environ.get("NETRES_KILLS", "50")), times=2)


def _many(folder: Path, kills: int, times: int = 0) -> None:
    """``times``: how often what recovers is killed, in each case."""
    seed = int(os.environ.get("NETRES_SEED", time.time()))
    sys.stdout.write(f"\n{kills} kills, seed {seed}\n")
    dice = random.Random(seed)
    cases: list[Killed] = []
    began = time.monotonic()
    with Campus(folder) as campus, Killing(campus) as killing:
        while len(cases) < kills:
            if len(cases) % _REHEARSED == 0:
                killing.rehearse()
            again = [dice.uniform(0, 4) for _ in range(times)]
            case = killing.kill(dice.uniform(0, 1.1), dice.choice(SHAPES), again)
            cases.append(case)
            sys.stdout.write(f"{len(cases):3} {case}\n")
            sys.stdout.flush()
    _tell(cases, time.monotonic() - began)


def _tell(cases: list[Killed], seconds: float) -> None:
    for title, found in (
        ("ended", Counter(case.outcome for case in cases)),
        ("killed", Counter(case.where for case in cases)),
    ):
        sys.stdout.write(f"{title}: {', '.join(f'{number} {name}' for name, number in found.most_common())}\n")
    sys.stdout.write(
        f"{len(cases)} kills, {seconds / len(cases):.1f} s each; unbroken {mean(case.of for case in cases):.1f} s; "
        f"recovery {mean(case.recovery for case in cases):.1f} s, {max(case.recovery for case in cases):.1f} at most\n"
    )
