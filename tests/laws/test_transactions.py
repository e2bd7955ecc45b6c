"""Law 10 over unlike devices in one transaction: whatever breaks on any of them, all have the change, or none has."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from convoys import PAIRS, convoy, mixed

from netres.fleet.journal import Journal
from netres.testing.conformance import Subject
from netres.testing.conformance.transactions import law_10_transactions


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal.db", who="tests") as journal:
        yield journal


@pytest.mark.parametrize("kinds", PAIRS, ids=" and ".join)
def test_whatever_breaks_what_is_told_is_true(kinds: tuple[str, ...], book: Journal) -> None:
    assert law_10_transactions(convoy(*kinds), book).runs > 12


def test_among_many(book: Journal) -> None:
    """Of twenty devices; what breaks on one is few of all that could."""
    assert law_10_transactions(mixed(20), book, every=8_000).runs > 1


_LARGE = {3: 5, 5: 17, 20: 211}
"""Of so many devices each so-many-th case."""


@pytest.mark.slow
@pytest.mark.parametrize("kinds", PAIRS, ids=" and ".join)
def test_everything_at_every_operation(
    kinds: tuple[str, ...], book: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    _told(convoy(*kinds), book, 1, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("count", _LARGE)
def test_everything_on_many(count: int, book: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    _told(mixed(count), book, _LARGE[count], capsys)


def _told(subjects: list[Subject], book: Journal, every: int, capsys: pytest.CaptureFixture[str]) -> None:
    matrix = law_10_transactions(subjects, book, every=every)
    with capsys.disabled():
        sys.stdout.write(f"\n{matrix}\n")
