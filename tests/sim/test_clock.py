"""The clock of a simulated device."""

from __future__ import annotations

import time

from netres.testing.sim.clock import Clock


def test_the_time_of_day_is_pushed_forward_with_the_clock() -> None:
    clock = Clock()
    before = time.time()
    assert before <= clock.wall <= time.time()
    clock.advance(3600)
    assert before + 3600 <= clock.wall <= time.time() + 3600
