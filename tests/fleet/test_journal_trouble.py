"""Disk full, read-only, server gone, another file: what was not recorded is not sent, and the error says what to do."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from journals import applied as applied_plan
from journals import parts, planned, store
from needed import need
from postgres import Postgres
from sqlalchemy import Connection, text

from netres import errors
from netres.fleet.journal import Journal, Part, schema
from netres.fleet.journal.place import Place
from netres.model import Config


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    need(None if os.geteuid() == 0 else "only root can mount a file system")
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k,mode=700", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def remounted(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


def filled(part: Part, octets: int = 4000) -> list[int]:
    """Have steps stored until the disk is full: those that were."""
    stored: list[int] = []
    try:
        while True:
            stored.append(part.step(os.urandom(octets).hex()))
    except errors.JournalFailed as error:
        assert "j.db cannot be written: the disk is full; free space; what was not" in str(error)  # noqa: PT017 - it ends the loop
        return stored


def test_a_full_disk_is_told_and_no_step_is_said_to_be_stored(disk: Path) -> None:
    with Journal.open(disk / "j.db") as journal, journal.lease(journal.begin(), ["a"]) as leases:
        (part,) = parts(journal, leases, "a")
        stored = filled(part)
        assert len(stored) > 3
        stored += filled(part, 1)
        for write in (lambda: part.step("x" * 4000), lambda: journal.begin(why="y" * 9000)):
            with pytest.raises(errors.JournalFailed, match="the disk is full"):
                write()
        assert [step.number for step in journal.transaction(leases.tx).parts[0].steps] == stored
        remounted(disk, "size=4m")
        stored.append(part.step("there is room again"))
        assert [step.number for step in journal.transaction(leases.tx).parts[0].steps] == stored


def test_a_disk_that_is_full_from_the_start(disk: Path) -> None:
    remounted(disk, "size=8k")
    with pytest.raises(errors.JournalFailed, match=r"j.db cannot be opened: the disk is full, or fails; free space"):
        Journal.open(disk / "j.db")


def test_a_disk_that_becomes_read_only(disk: Path) -> None:
    with Journal.open(disk / "j.db"):
        pass
    remounted(disk, "ro")
    with pytest.raises(errors.JournalFailed, match=r"cannot be opened: .*(read-only|Read-only).*writable"):
        Journal.open(disk / "j.db")
    with pytest.raises(
        errors.JournalFailed, match=r"other/j.db cannot be opened: Read-only file system; make its folder"
    ):
        Journal.open(disk / "other" / "j.db")


def test_a_file_that_is_made_read_only(tmp_path: Path) -> None:
    need(None if os.geteuid() == 0 else "only root can mount a file system")
    place = tmp_path / "j.db"
    Journal.open(place).close()
    subprocess.run(["mount", "--bind", place, place], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", place], check=True)
        with pytest.raises(errors.JournalFailed, match=r"cannot be opened: Read-only file system; make its folder"):
            Journal.open(place)
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database at all\n" * 99)
    with pytest.raises(errors.JournalFailed, match=r"notes.txt cannot be opened: it is no journal"):
        Journal.open(tmp_path / "notes.txt")
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE part (screws)")
    other.close()
    with pytest.raises(errors.JournalFailed, match=r"other.db is no journal: it holds something else"):
        Journal.open(tmp_path / "other.db")
    with pytest.raises(errors.JournalFailed, match=r"cannot be opened: .*name another place"):
        Journal.open(tmp_path)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    place = tmp_path / "j.db"
    with Journal.open(place) as journal:
        for _ in range(5):
            store(journal, applied_plan(planned()), planned(), "x" * 4000)
    content = bytearray(place.read_bytes())
    content[8192:-4096] = b"\xa5" * (len(content) - 12288)
    place.write_bytes(content)
    with pytest.raises(errors.JournalFailed, match="damaged"), Journal.open(place) as journal:
        list(journal.export())


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE blob SET data = x'00112233'",
        "PRAGMA foreign_keys=OFF; DELETE FROM blob",
        "UPDATE part SET state = 'odd', verb = 'odd'",
        "UPDATE tx SET began = 1e300, outcome = 'applied'",
        "UPDATE tx SET why = x'ff'",
        "PRAGMA foreign_keys=OFF; UPDATE step SET sent = 'odd', whole = 'odd'",
    ],
)
def test_rows_that_no_netres_wrote_are_told(tmp_path: Path, damage: str) -> None:
    with Journal.open(tmp_path / "j.db") as journal:
        tx = store(journal, applied_plan(planned()), planned(), "x" * 5000)
        with closing(sqlite3.connect(tmp_path / "j.db")) as other:
            other.executescript(damage)
        reads: tuple[Callable[[], object], ...] = (lambda: journal.transaction(tx), lambda: list(journal.export()))
        for read in reads:
            with pytest.raises(errors.JournalFailed, match=r"j.db cannot be read: .* damaged, or of another version"):
                read()


def test_a_journal_is_for_its_owner_only(tmp_path: Path) -> None:
    place = tmp_path / "state" / "netres" / "journal.db"
    with Journal.open(place) as journal:
        journal.begin()
        assert {path.stat().st_mode & 0o777 for path in place.parent.iterdir()} == {0o600}
    assert place.parent.stat().st_mode & 0o777 == 0o700


def test_where_nobody_says_the_environment_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NETRES_JOURNAL", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert Place.of().path == tmp_path / "netres" / "journal.db"
    monkeypatch.setenv("XDG_STATE_HOME", "no/absolute/path")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Place.of().path == tmp_path / ".local" / "state" / "netres" / "journal.db"
    monkeypatch.setenv("NETRES_JOURNAL", str(tmp_path / "mine.db"))
    with Journal.open() as journal:
        assert journal.place == str(tmp_path / "mine.db")
    assert Place.of(f"sqlite:///{tmp_path}/mine.db").path == tmp_path / "mine.db"


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("sqlite://", "what is in memory is lost"),
        ("mysql://root:Pass-word1@h/d", "mysql is not supported; give a path, or a URL such as postgresql"),
        ("postgresql://u:Pass-word1@h:port/d", "is no URL of a database"),
        ("://Pass-word1", "is no URL of a database"),
        ("postgresql+psycopg2://u:Pass-word1@h/d", r"needs psycopg2: pip install"),
        ("postgresql://u:env:NOT_SET_AT_ALL@h/d", "NOT_SET_AT_ALL is not set"),
    ],
)
def test_a_place_that_is_none_is_refused_without_its_password(where: str, message: str) -> None:
    with pytest.raises(errors.UsageError, match=message) as refused:
        Journal.open(where)
    assert "Pass-word1" not in str(refused.value)


def test_a_lease_that_holds_nothing_is_refused(tmp_path: Path) -> None:
    for lease in (0.0, -1.0, float("nan")):
        with pytest.raises(errors.InvalidConfig, match="holds nothing"):
            Journal.open(tmp_path / "j.db", lease=lease)


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def test_a_password_may_be_a_reference_or_in_the_environment_and_is_never_shown(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNAL_PASSWORD", server.password)
    bare = server.url.replace(f":{server.password}", "")
    places = [server.url, server.url.replace(server.password, "env:JOURNAL_PASSWORD"), bare]
    monkeypatch.setenv("PGPASSWORD", server.password)
    for where in places:
        with Journal.open(where) as journal:
            assert journal.place == bare.replace("://", "+pg8000://")
            assert server.password not in repr([journal, Place.of(where)])
    wrong = "Wr0ng-pass"
    with pytest.raises(errors.JournalFailed, match="cannot be opened: the password is refused") as refused:
        Journal.open(server.url.replace(server.password, wrong))
    assert wrong not in str(refused.value)
    with pytest.raises(errors.JournalFailed, match="cannot be opened: there is no such database"):
        Journal.open(server.url.replace("/postgres", "/none"))


def test_a_server_that_goes_is_told_and_one_that_came_back_is_used(server: Postgres) -> None:
    with Journal.open(server.url) as journal, journal.lease(journal.begin(), ["a"]) as leases:
        (part,) = parts(journal, leases, "a")
        assert part.step("before") == 1
        server.stop()
        try:
            with pytest.raises(errors.JournalFailed, match=r"cannot be written: the server is gone.*not sent"):
                part.step("while it is gone")
            with pytest.raises(errors.JournalFailed, match=r"cannot be read: the server is gone"):
                journal.history()
            with pytest.raises(errors.JournalFailed, match=r"cannot be opened: the server is gone"):
                Journal.open(server.url)
            part.answer(1, "never raises")
        finally:
            server.start()
        assert part.step("after") == 3
        assert [step.operation for step in journal.transaction(leases.tx).parts[0].steps] == ["before", "after"]


def test_a_session_that_the_server_ended_is_renewed(server: Postgres) -> None:
    with Journal.open(server.url) as journal:
        journal.begin()
        journal.history()
        server.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename <> ''"
        )
        assert len(journal.history()) == 1
        journal.begin()
        assert len(journal.history()) == 2


# --- versions ---------------------------------------------------------------------------------------------------------


def wider(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE tx ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'"))


def test_an_older_journal_is_migrated_and_keeps_what_is_in_it(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Journal.open(where) as journal:
        made = store(journal, applied_plan(planned()), planned(), "vlan 20")
        told = journal.transaction(made)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, wider))
    for _ in range(2):  # the second time there is nothing to do
        with Journal.open(where) as journal:
            assert journal.transaction(made) == told
    monkeypatch.undo()
    with pytest.raises(errors.JournalFailed, match="is of version 5, this netres knows 4; use the newer netres"):
        Journal.open(where)


def test_a_journal_of_version_1_is_migrated(tmp_path: Path) -> None:
    place = tmp_path / "j.db"
    old = sqlite3.connect(place)
    old.executescript((Path(__file__).parent / "journal-v1.sql").read_text())
    old.close()
    with Journal.open(place) as journal:
        (found,) = journal.history()
        whole = journal.transaction(found.id)
        assert (whole.who, whole.why, whole.outcome) == ("anna@noc", "upgrade", "applied")
        assert [(step.operation, step.answer) for step in whole.parts[0].steps] == [("vlan 20", "ok")]
        assert whole.parts[0].noted
        assert journal.backup("m1", found.id).config == Config()
        newer = store(journal, applied_plan(planned()), planned())
        assert [one.id for one in journal.history()] == [newer, found.id]


def test_a_migration_that_fails_leaves_the_journal_as_it_was(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Journal.open(where).close()

    def fails(connection: Connection) -> None:
        wider(connection)
        connection.execute(text("ALTER TABLE none ADD COLUMN x TEXT"))

    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, fails))
    with pytest.raises(errors.JournalFailed, match="cannot be opened"):
        Journal.open(where)
    monkeypatch.undo()
    with Journal.open(where) as journal:
        journal.begin()
