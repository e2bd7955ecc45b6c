"""A PostgreSQL server of a test's own: on a free port of this host, in a folder that goes with it."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

_BIN: Final = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
_WAIT: Final = 30.0


def missing() -> str | None:
    """What the server lacks here; ``None``: nothing."""
    if not _BIN:
        return "PostgreSQL is not installed (scripts/system-packages.sh)"
    if os.geteuid() == 0 and "postgres" not in {user.pw_name for user in pwd.getpwall()}:
        return "there is no user postgres, and root cannot run PostgreSQL"
    return None


class Postgres:
    """A server whose user ``netres`` has a password, as it should."""

    def __init__(self) -> None:
        self.password = secrets.token_hex(12)
        self._user = "postgres" if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="netres-postgres-"))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://netres:{self.password}@127.0.0.1:{self.port}/postgres"

    def __enter__(self) -> Self:
        (self._folder / "password").write_text(self.password)
        if self._user:
            shutil.chown(self._folder, self._user)
            shutil.chown(self._folder / "password", self._user)
        options = ["-A", "password", "-U", "netres", f"--pwfile={self._folder}/password", "-N", "-E", "UTF8"]
        self._run("initdb", "-D", f"{self._folder}/data", *options).wait(_WAIT)
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(signal.SIGINT)
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        options = ["-F", "-k", str(self._folder), "-h", "127.0.0.1", "-p", str(self.port), "-c", "max_connections=60"]
        self._process = self._run("postgres", "-D", f"{self._folder}/data", *options)
        until = time.monotonic() + _WAIT
        while True:
            try:
                return self.sql("SELECT 1")
            except SQLAlchemyError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise
                time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End the server; by default as a crash does (SIGQUIT: immediate shutdown)."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_WAIT)
            self._process = None

    def sql(self, *statements: str) -> None:
        """Execute statements as the server's owner."""
        engine = create_engine(self.url.replace("://", "+pg8000://"), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                for statement in statements:
                    connection.execute(text(statement))
        finally:
            engine.dispose()

    def clear(self) -> None:
        """Drop whatever a test has left."""
        self.sql("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")

    def _run(self, program: str, *args: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{program}.log").open("ab") as log:
            command = [str(_BIN[-1] / program), *args]
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder, user=self._user)
