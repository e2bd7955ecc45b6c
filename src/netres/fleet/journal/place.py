"""Where a journal is: a file, or a database by URL. What is shown of it never holds a password."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from netres.errors import InvalidConfig, JournalFailed
from netres.model.secret import REFERENCE, Secret

_FORMS: Final = "a path, or a URL such as postgresql+pg8000://USER:env:VARIABLE@HOST/DATABASE"


@dataclass(frozen=True)
class Place:
    """Where a journal is."""

    url: URL = field(repr=False)
    """With the password."""
    shown: str
    path: Path | None = None
    """SQLite's file; ``None``: a database server."""

    @classmethod
    def of(cls, where: str | Path | None = None) -> Place:
        """Of a path, or of an SQLAlchemy URL; ``None``: $NETRES_JOURNAL, or the user's own journal.

        A password in a URL may be a reference (``env:NAME``, ``file:PATH``, ``keyring:SERVICE/USER``; of a path the
        slashes are written ``%2F``); where there is none, PostgreSQL's own $PGPASSWORD is taken.

        Raises:
            InvalidConfig: this is neither.
            SecretError: a reference leads nowhere.
        """
        where = where or os.environ.get("NETRES_JOURNAL") or _own()
        if isinstance(where, Path) or "://" not in where:
            return _file(Path(where).expanduser())
        try:
            url = make_url(where)
        except (ArgumentError, ValueError):
            raise InvalidConfig(f"journal: this is no URL of a database; give {_FORMS}") from None  # it may hold one
        if url.drivername.partition("+")[0] == "sqlite":
            return _file(Path(url.database or ":memory:"))
        if url.get_backend_name() != "postgresql":
            raise InvalidConfig(f"journal: {url.drivername} is not supported; give {_FORMS}")
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+pg8000")
        shown = URL.create(url.drivername, url.username, None, url.host, url.port, url.database)
        return cls(_with_password(url), str(shown))

    def prepare(self) -> None:
        """Make a file that only its owner can read, where there is none.

        Raises:
            JournalFailed: that cannot be done.
        """
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise JournalFailed(
                f"journal {self.shown} cannot be opened: {error.strerror}; "
                f"make its folder writable and free space, or name another place (--journal, NETRES_JOURNAL)"
            ) from error


def _own() -> Path:
    state = os.environ.get("XDG_STATE_HOME", "")
    base = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"
    return base / "netres" / "journal.db"


def _file(path: Path) -> Place:
    if str(path) == ":memory:":
        raise InvalidConfig(f"journal: what is in memory is lost with the process; give {_FORMS}")
    path = path.absolute()
    return Place(URL.create("sqlite+pysqlite", database=str(path)), str(path), path)


def _with_password(url: URL) -> URL:
    password = str(url.password) if url.password else os.environ.get("PGPASSWORD")
    if password and re.fullmatch(REFERENCE, password):
        password = Secret(password).resolve().reveal()
    return url.set(password=password)
