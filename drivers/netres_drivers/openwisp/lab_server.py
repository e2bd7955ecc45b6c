"""The environment of a real OpenWISP controller, prepared once and kept in the user's cache; and the controller itself.

The controller (GPL) runs as a process of its own, in a virtual environment of its own; nothing of it is imported here.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from netres.errors import UsageError

VERSION: Final = "1.3.2"
"""Of openwisp-controller; all it needs is pinned in ``server/requirements.txt``."""
_SERVER: Final = Path(__file__).parent / "server"
_PYSQLITE: Final = "pysqlite3-binary==0.5.4.post2"
USER: Final = "admin"
PASSWORD: Final = "laboratory-password"  # noqa: S105 - of a server that only this machine can reach
TOKEN: Final = "1ab0ra70" * 5
SHARED_SECRET: Final = "laboratory-registration"  # noqa: S105 - with it access points register


@cache
def available() -> str | None:
    """Why the controller cannot run here, in one line; ``None`` where it can. Prepares it, if nobody did."""
    for name in ("mod_spatialite.so", ctypes.util.find_library("gdal") or "libgdal"):
        try:
            ctypes.CDLL(name)
        except OSError:
            return f"{name} cannot be loaded; install the packages libsqlite3-mod-spatialite and libgdal32"
    try:
        prepare()
    except (OSError, UsageError) as error:
        return f"OpenWISP {VERSION} is not in the cache and cannot be prepared: {error}"
    return None


def prepare() -> Path:
    """The controller's folder in the cache: its environment ``venv``, its project, its first database ``seed.db``.

    The first time takes a minute and the package index; processes that come meanwhile wait for the one that began.

    Raises:
        UsageError: a step failed; the message ends with its last line.
    """
    texts = {path.stem: path.read_text() for path in sorted(_SERVER.glob("*.txt"))}
    mark = hashlib.sha256(json.dumps([texts, _PYSQLITE, sys.version, sys.base_prefix]).encode()).hexdigest()[:12]
    cache_home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    home = cache_home / "netres" / f"openwisp-{VERSION}-{mark}"
    home.parent.mkdir(parents=True, exist_ok=True)
    with home.with_name(f"{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            building = Path(tempfile.mkdtemp(dir=home.parent, prefix=f"{home.name}-"))
            try:
                _build(building, texts)
                building.rename(home)
            finally:
                shutil.rmtree(building, ignore_errors=True)
    return home


def _build(place: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        (place / name).write_text(text)
    venv.create(place / "venv", with_pip=True, symlinks=True)
    loadable = hasattr(sqlite3.Connection, "enable_load_extension")
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", "requirements")
    _python(place, *pip, *(() if loadable else (_PYSQLITE,)), env={**os.environ, "PYTHONPATH": ""})
    environment = _environment(place, place)
    _python(place, "-m", "django", "migrate", "--verbosity", "0", env=environment)
    _python(place, "seed.py", TOKEN, SHARED_SECRET, PASSWORD, env=environment)
    (place / "openwisp.db").rename(place / "seed.db")


def _environment(home: Path, database: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(home),
        "DJANGO_SETTINGS_MODULE": "settings",
        "OPENWISP_DIRECTORY": str(database),
    }


def _python(place: Path, *arguments: str, env: Mapping[str, str]) -> None:
    argv = ("venv/bin/python", *arguments)
    done = subprocess.run(argv, cwd=place, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise UsageError(f"{' '.join(arguments[:3])} ended with status {done.returncode}: {''.join(last)}")


def started(home: Path, directory: Path) -> tuple[subprocess.Popen[bytes], int]:
    """A controller of the environment ``home`` with a copy of its first database in ``directory``, and its port.

    Raises:
        UsageError: it does not start.
    """
    shutil.copyfile(home / "seed.db", directory / "openwisp.db")
    with (directory / "server.err").open("wb") as errors:
        server = subprocess.Popen(
            (str(home / "venv/bin/python"), str(home / "serve.py")),
            env=_environment(home, directory),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,  # Ctrl-C is for the test, which then ends the server
        )
    assert server.stdout is not None
    with server.stdout:
        port = server.stdout.readline().strip()
    if not port:
        server.kill()
        server.wait()
        said = (directory / "server.err").read_text().strip().splitlines()[-1:]
        raise UsageError(f"OpenWISP does not start: {''.join(said)}")
    return server, int(port)
