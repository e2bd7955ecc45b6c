"""The laboratory of real routers, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from needed import need

from netres_drivers.frr.lab import FrrLab, available


@pytest.fixture(scope="module")
def lab() -> Iterator[FrrLab]:
    need(available())
    with FrrLab() as running:
        yield running
