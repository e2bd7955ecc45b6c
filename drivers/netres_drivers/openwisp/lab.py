"""A real OpenWISP controller on this machine, with access points that register, download and report as real ones do.

``python -m netres_drivers.openwisp.lab`` prepares that environment, once; the laboratory does it where nobody did.
"""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import sys
import tarfile
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast
from uuid import UUID

from netres.errors import MissingDependency
from netres.flow import Json
from netres.inventory.entry import Entry, HttpSettings, Timeouts
from netres.model.secret import Secret
from netres_drivers.openwisp.lab_server import PASSWORD, SHARED_SECRET, TOKEN, USER, available, prepare, started

__all__ = ["TOKEN", "LabAccessPoint", "OpenWispLab", "available", "prepare"]

ORGANIZATION: Final = "acme"
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
        self.directory = Path(tempfile.mkdtemp(prefix="openwisp-"))
        self._database = self.directory / "openwisp.db"
        self._server, self.port = started(prepare(), self.directory)
        try:
            self._begin()
        except BaseException:
            self.close()
            raise
        return self

    def _begin(self) -> None:
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
        form = {"secret": SHARED_SECRET, "name": name, "mac_address": mac, "model": "Laboratory", "os": system}
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
        with closing(sqlite3.connect(self._database, timeout=30)) as database:
            database.row_factory = sqlite3.Row
            for kind, sql in _OBJECTS.items():
                for row in database.execute(f"{sql} ORDER BY name"):
                    columns = {name: cast("Json", row[name]) for name in row.keys()[1:]}
                    lines.extend(f"{kind} {row['name']} {line}" for line in _leaves(columns))
            for kind, sql in _LINKS.items():
                lines.extend(f"{kind} {row[0]} {row[1]}" for row in database.execute(sql))
        return "".join(f"{line}\n" for line in lines)

    def reset(self) -> None:
        """Back to the first database; sessions stay open."""
        self._copy(self.directory / "first.db", self._database)

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
        for number, part in enumerate(value):
            named = isinstance(part, Mapping) and "name" in part
            yield from _flat(f"{path}/{cast('Mapping[str, Json]', part)['name'] if named else number}", part)
    else:
        yield f"{path} {json.dumps(value)}"


if __name__ == "__main__":
    if told := available():
        sys.exit(f"tests of openwisp will be left out: {told}")
