"""The journal's tables, and how an older one becomes this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    inspect,
    literal_column,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from netres.errors import JournalFailed

TABLES: Final = MetaData()
META: Final = Table("meta", TABLES, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
BLOB: Final = Table(
    "blob",
    TABLES,
    Column("digest", Text, primary_key=True),
    Column("sealed", Boolean, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
TX: Final = Table(
    "tx",
    TABLES,
    Column("id", Text, primary_key=True),
    Column("began", Float, nullable=False, index=True),
    Column("ended", Float, index=True),
    Column("who", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("boot", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    Column("ticket", Text, nullable=False),
    Column("confirm_within", Float),
    Column("decision", Text),
    Column("outcome", Text),
    Column("error", Text, nullable=False, default=""),
)
PART: Final = Table(
    "part",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("tx", Text, ForeignKey(TX.c.id), nullable=False, index=True),
    Column("device", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("noted", Text),
    Column("result", Text),
    Column("config", Text, ForeignKey(BLOB.c.digest)),
    Column("native", Text, ForeignKey(BLOB.c.digest)),
    Column("secrets", Text, ForeignKey(BLOB.c.digest)),
    Column("exact", Boolean, nullable=False, default=False),
    Index("part_device", "device", "id"),
)
STEP: Final = Table(
    "step",
    TABLES,
    Column("part", Integer, ForeignKey(PART.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sent", Float, nullable=False),
    Column("operation", Text, nullable=False),
    Column("whole", Text, ForeignKey(BLOB.c.digest)),
    Column("answered", Float),
    Column("answer", Text, nullable=False, default=""),
    Column("error", Text, nullable=False, default=""),
    sqlite_with_rowid=False,
)
LEASE: Final = Table(
    "lease",
    TABLES,
    Column("device", Text, primary_key=True),
    Column("tx", Text, nullable=False, index=True),
    Column("who", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("boot", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("expires", Float, nullable=False),
)
BASELINE: Final = Table(
    "baseline",
    TABLES,
    Column("device", Text, primary_key=True),
    Column("part", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("data", Text, nullable=False),
)
"""Per device what it is to have: of all its parts up to one, and of what was accepted and ignored since."""
RUN: Final = Table(
    "run",
    TABLES,
    Column("id", Text, primary_key=True),
    Column("task", Text, nullable=False),
    Column("began", Float, nullable=False),
    Column("ended", Float),
    Column("stopped", Text, nullable=False, default=""),
    Column("who", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("boot", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", BigInteger, nullable=False),
)
RUN_DEVICE: Final = Table(
    "run_device",
    TABLES,
    Column("run", Text, ForeignKey(RUN.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("device", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("tx", Text),
    Index("run_device_device", "run", "device"),
)
"""The devices of a run, in their order: how each stands, and the last transaction in which the run changed it."""
CLOCKS: Final[dict[str, ColumnElement[float]]] = {
    "sqlite": literal_column("((julianday('now') - 2440587.5) * 86400.0)", Float()),
    "postgresql": literal_column("extract(epoch from clock_timestamp())::float8", Float()),
}
"""Seconds since 1970 by the database's clock, in its SQL."""


def _with_secrets(connection: Connection) -> None:
    """Version 2: secrets of sealed backups; and a machine may run for more than 248 days of 100 ticks a second."""
    connection.exec_driver_sql("ALTER TABLE part ADD COLUMN secrets TEXT REFERENCES blob (digest)")
    if connection.dialect.name == "postgresql":  # SQLite's INTEGER is as large as it has to be
        for table, name in (("tx", "started"), ("lease", "started"), ("lease", "fence")):
            connection.exec_driver_sql(f"ALTER TABLE {table} ALTER COLUMN {name} TYPE BIGINT")


def _with_baselines(connection: Connection) -> None:
    """Version 3: baselines."""
    BASELINE.create(connection)


def _with_runs(connection: Connection) -> None:
    """Version 4: runs, and their devices."""
    RUN.create(connection)
    RUN_DEVICE.create(connection)


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_with_secrets, _with_baselines, _with_runs)
"""What makes a journal of version n one of version n + 1, in order, from version 1 on."""


def migrate(connection: Connection, place: str) -> None:
    """Bring a database to the newest version, in the transaction that was begun; nobody else may do it meanwhile.

    Raises:
        JournalFailed: it is of a newer version, or holds something else.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7237128)")
    version = _version(connection, place)
    newest = 1 + len(MIGRATIONS)
    if version > newest:
        raise JournalFailed(
            f"journal {place} is of version {version}, this netres knows {newest}; "
            f"use the newer netres, or another journal"
        )
    if version == newest:
        return
    if version == 0:
        TABLES.create_all(connection)
        connection.execute(META.insert().values(name="schema", value=str(newest)))
    else:
        for step in MIGRATIONS[version - 1 :]:
            step(connection)
        connection.execute(update(META).where(META.c.name == "schema").values(value=str(newest)))


def _version(connection: Connection, place: str) -> int:
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return 0
    found: object = None
    if {"meta", "tx", "part", "step", "lease", "blob"} <= tables:
        found = connection.scalar(select(META.c.value).where(META.c.name == "schema"))
    if not isinstance(found, str) or not found.isdecimal():
        raise JournalFailed(f"{place} is no journal: it holds something else; name another place for the journal")
    return int(found)
