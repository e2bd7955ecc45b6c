"""What a test needs of this machine: where it is missing the test is skipped, and in CI it fails."""

from __future__ import annotations

import os

import pytest


def need(reason: str | None) -> None:
    """Skip, or with ``CI=true`` fail, where there is a reason why the test cannot run here."""
    if not reason:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must run this: {reason}")
    pytest.skip(reason)
