"""Journals on both kinds of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from needed import need
from postgres import Postgres, missing

from netres.fleet.journal import Journal


@pytest.fixture(scope="session")
def _server() -> Iterator[Postgres]:
    need(missing())
    with Postgres() as running:
        yield running


@pytest.fixture
def server(_server: Postgres) -> Iterator[Postgres]:
    """A PostgreSQL server without tables."""
    yield _server
    _server.clear()


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a journal can be, on each kind of database."""
    if request.param == "sqlite":
        return str(tmp_path / "state" / "journal.db")
    return cast("Postgres", request.getfixturevalue("server")).url


@pytest.fixture
def journal(where: str) -> Iterator[Journal]:
    with Journal.open(where, who="anna@noc") as opened:
        yield opened
