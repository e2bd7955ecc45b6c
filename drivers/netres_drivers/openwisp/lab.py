"""A real OpenWISP controller on this machine, with access points that register, download and report as real ones do.

The controller (GPL) runs as a process of its own, in a virtual environment of its own; nothing of it is imported here.
``python -m netres_drivers.openwisp.lab`` prepares that environment, once; the laboratory does it where nobody did.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import fcntl
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import urllib.parse
import urllib.request
import venv
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast
from uuid import UUID

from netres.errors import MissingDependency, UsageError
from netres.flow import Json
from netres.inventory.entry import Entry, HttpSettings, Timeouts
from netres.model.secret import Secret

VERSION: Final = "1.3.2"
"""Of openwisp-controller; all it needs is pinned in ``server/requirements.txt``."""
_SERVER: Final = Path(__file__).parent / "server"
_PYSQLITE: Final = "pysqlite3-binary==0.5.4.post2"
ORGANIZATION: Final = "acme"
USER: Final = "admin"
PASSWORD: Final = "laboratory-password"  # noqa: S105 - of a server that only this machine can reach
TOKEN: Final = "1ab0ra70" * 5
_SHARED_SECRET: Final = "laboratory-registration"  # noqa: S105
_OBJECTS: Final = {
    "template": "SELECT name, backend, type, config, default_values, notes, [default], required FROM config_template",
    "group": "SELECT name, description, context, meta_data FROM config_devicegroup",
    "device": "SELECT name, mac_address, model, os, notes FROM config_device",
}
_LINKS: Final = {
    "group template": (
        "SELECT g.name, t.name FROM config_devicegroup_templates l JOIN config_devicegroup g ON g.id = l.devicegroup_id"
        " JOIN config_template t ON t.id = l.template_id ORDER BY g.name, l.sort_value"
    ),
    "device group": (
        "SELECT d.name, g.name FROM config_device d JOIN config_devicegroup g ON g.id = d.group_id ORDER BY d.name"
    ),
    "device template": (  # a template that came back stands last: with names of their own, the order means nothing
        "SELECT d.name, t.name FROM config_config_templates l JOIN config_config c ON c.id = l.config_id"
        " JOIN config_device d ON d.id = c.device_id JOIN config_template t ON t.id = l.template_id ORDER BY 1, 2"
    ),
}


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
    _python(place, "seed.py", TOKEN, _SHARED_SECRET, PASSWORD, env=environment)
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


@dataclass(frozen=True)
class LabAccessPoint:
    """What the agent on an access point knows, and what it does."""

    url: str
    name: str
    id: str
    key: str

    def configuration(self) -> Mapping[str, str]:
        """The files of the archive that it downloads with its key, by path."""
        query = urllib.parse.urlencode({"key": self.key})
        archive = _fetched(f"{self.url}/controller/download-config/{self.id}/?{query}")
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            members = {member.name: files.extractfile(member) for member in files.getmembers()}
            return {name: file.read().decode() for name, file in members.items() if file}

    def report(self, status: str) -> None:
        """Tell the controller ``applied`` or ``error``."""
        form = urllib.parse.urlencode({"key": self.key, "status": status}).encode()
        _fetched(f"{self.url}/controller/report-status/{self.id}/", form)


def _fetched(request: str | urllib.request.Request, data: bytes | None = None) -> bytes:
    with urllib.request.urlopen(request, data, timeout=30) as answer:  # noqa: S310 - the laboratory's own server
        return cast("bytes", answer.read())


class OpenWispLab:
    """A controller with the organisations ``acme`` and ``default``, and two access points in ``acme``.

    Its address is ``url``. ``access_points`` holds ``ap-01`` and ``ap-02``, registered, in no group. Leaving its
    context ends it.
    """

    url: str
    access_points: dict[str, LabAccessPoint]

    def __enter__(self) -> Self:
        if reason := available():
            raise MissingDependency(reason)
        home = prepare()
        self.directory = Path(tempfile.mkdtemp(prefix="openwisp-"))
        self._database = self.directory / "openwisp.db"
        shutil.copyfile(home / "seed.db", self._database)
        with (self.directory / "server.err").open("wb") as errors:
            self._server = subprocess.Popen(
                (str(home / "venv/bin/python"), str(home / "serve.py")),
                env=_environment(home, self.directory),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        try:
            self._begin()
        except BaseException:
            self.close()
            raise
        return self

    def _begin(self) -> None:
        assert self._server.stdout is not None
        if not (port := self._server.stdout.readline().strip()):
            said = (self.directory / "server.err").read_text().strip().splitlines()[-1:]
            raise UsageError(f"OpenWISP does not start: {''.join(said)}")
        self.port = int(port)
        self.url = f"http://127.0.0.1:{self.port}"
        (self.directory / "password").write_text(PASSWORD)
        (self.directory / "token").write_text(TOKEN)
        names = ("ap-01", "ap-02")
        self.access_points = {name: self.register(name, f"02:00:00:00:00:{name[-2:]}") for name in names}
        self._copy(self._database, self.directory / "first.db")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the server, and remove its files."""
        self._server.kill()
        self._server.wait()
        if self._server.stdout is not None:
            self._server.stdout.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def entry(self, *, token: bool = True) -> Entry:
        """How the controller is reached: with the administrator's token, or with user name and password."""
        entry = Entry(
            name="controller",
            platform="openwisp",
            host="127.0.0.1",
            port=self.port,
            username=USER,
            password=Secret(f"file:{self.directory / 'password'}"),
            http=HttpSettings(scheme="http"),
            timeouts=Timeouts(connect=10, command=30),
            options={"organization": ORGANIZATION},
        )
        if not token:
            return entry
        secret = Secret(f"file:{self.directory / 'token'}")
        return entry.model_copy(update={"http": HttpSettings(scheme="http", token=secret)})

    def register(self, name: str, mac: str, system: str = "OpenWrt 23.05.5") -> LabAccessPoint:
        """Have a new access point register itself in ``acme``, as the agent on a device does."""
        form = {"secret": _SHARED_SECRET, "name": name, "mac_address": mac, "model": "Laboratory", "os": system}
        form["backend"] = "netjsonconfig.OpenWrt"
        told = _fetched(f"{self.url}/controller/register/", urllib.parse.urlencode(form).encode()).decode()
        answer = dict(line.split(": ", 1) for line in told.splitlines() if ": " in line)
        return LabAccessPoint(self.url, name, str(UUID(answer["uuid"])), answer["key"])

    def call(self, method: str, path: str, body: Json = None) -> Json:
        """What the administrator's own request to ``/api/v1/PATH`` is answered: for what is done by hand."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data, headers, method=method)  # noqa: S310 - own
        return cast("Json", json.loads(_fetched(request) or b"null"))

    def organization(self, slug: str = ORGANIZATION) -> str:
        """The id of an organisation."""
        return str(UUID(str(self.query("SELECT id FROM openwisp_users_organization WHERE slug = ?", slug)[0][0])))

    def query(self, sql: str, *values: str) -> list[tuple[Json, ...]]:
        """What a statement gives, in the server's own database."""
        with closing(sqlite3.connect(self._database, timeout=30)) as database, database:
            return database.execute(sql, values).fetchall()

    def native(self) -> str:
        """All templates, groups and devices as the database has them, one value a line; ids and times left out."""
        lines: list[str] = []
        for kind, sql in _OBJECTS.items():
            with closing(sqlite3.connect(self._database, timeout=30)) as database:
                database.row_factory = sqlite3.Row
                for row in database.execute(f"{sql} ORDER BY name"):
                    columns = {name: cast("Json", row[name]) for name in row.keys()[1:]}
                    lines.extend(f"{kind} {row['name']} {line}" for line in _leaves(columns))
        for kind, sql in _LINKS.items():
            lines.extend(f"{kind} {one} {other}" for one, other in self.query(sql))
        return "".join(f"{line}\n" for line in lines)

    def kept(self) -> Path:
        """A copy of the database as it is, for `reset`."""
        copy = self.directory / "kept.db"
        self._copy(self._database, copy)
        return copy

    def reset(self, to: Path | None = None) -> None:
        """Back to the first database, or to one that was `kept`; sessions stay open."""
        self._copy(to or self.directory / "first.db", self._database)

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        with closing(sqlite3.connect(source, timeout=30)) as one, closing(sqlite3.connect(target, timeout=30)) as other:
            one.backup(other)


def _leaves(columns: Mapping[str, Json]) -> Iterator[str]:
    for name, value in columns.items():
        document = isinstance(value, str) and value.startswith(("{", "["))
        yield from _flat(name, cast("Json", json.loads(str(value))) if document else value)


def _flat(path: str, value: Json) -> Iterator[str]:
    """One line per value; an element of a list goes by its name, where it has one."""
    if isinstance(value, Mapping) and value:
        for name, part in sorted(value.items()):
            yield from _flat(f"{path}/{name}", part)
    elif isinstance(value, list) and value:
        for number, part in enumerate(cast("list[Json]", value)):
            named = isinstance(part, Mapping) and "name" in part
            yield from _flat(f"{path}/{cast('Mapping[str, Json]', part)['name'] if named else number}", part)
    else:
        yield f"{path} {json.dumps(value)}"


if __name__ == "__main__":
    if told := available():
        sys.exit(f"tests of openwisp will be left out: {told}")
