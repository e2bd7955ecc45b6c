"""What devices last said of themselves, in SQLite: facts with their age. Holds no secrets: facts have none."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from netres.driver import Facts
from netres.errors import InvalidConfig
from netres.inventory.entry import Entry

_SCHEMA = """CREATE TABLE IF NOT EXISTS facts (
    device TEXT NOT NULL, host TEXT NOT NULL, platform TEXT NOT NULL, told TEXT NOT NULL, facts TEXT NOT NULL,
    PRIMARY KEY (device, host, platform))"""


def default() -> Path:
    """The user's own cache: ``$XDG_CACHE_HOME/netres/facts.db`` (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".cache") / "netres" / "facts.db"


@dataclass(frozen=True)
class Told:
    """Facts, and when a device told them (UTC)."""

    facts: Facts
    when: datetime

    @property
    def age(self) -> timedelta:
        """How old they are."""
        return datetime.now(UTC) - self.when


class FactsCache:
    """Facts by device. What a device of another host or platform told under the same name is not this one's."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, entry: Entry) -> Told | None:
        """What the device told last; ``None`` where it never did, or in a way that this version does not read."""
        with self._open() as database:
            query = "SELECT told, facts FROM facts WHERE (device, host, platform) = (?, ?, ?)"
            row: tuple[str, str] | None = database.execute(query, (entry.name, entry.host, entry.platform)).fetchone()
        if row is None:
            return None
        try:
            return Told(Facts.model_validate_json(row[1]), datetime.fromisoformat(row[0]))
        except (ValidationError, ValueError):
            return None

    def put(self, entry: Entry, facts: Facts) -> None:
        """Keep what a device told now."""
        row = (entry.name, entry.host, entry.platform, datetime.now(UTC).isoformat(), facts.model_dump_json())
        with self._open() as database:
            database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?, ?)", row)

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.touch(mode=0o600)
            with closing(sqlite3.connect(self._path, timeout=10)) as database, database:
                database.execute(_SCHEMA)
                yield database
        except (OSError, sqlite3.Error) as error:
            raise InvalidConfig(f"{self._path}: cannot be used: {error}; remove it, or name another file") from error
