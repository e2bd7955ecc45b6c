"""The laboratory of real routers, or the reason why there is none: a skip, and in CI a failure."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from netres_drivers.frr.lab import FrrLab, available


@pytest.fixture(scope="module")
def lab() -> Iterator[FrrLab]:
    if reason := available():
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must run real routers: {reason}")
        pytest.skip(reason)
    with FrrLab() as running:
        yield running
