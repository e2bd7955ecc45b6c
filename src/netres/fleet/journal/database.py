"""The database below a journal: how it is opened, and what its errors mean."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Final, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.elements import ColumnElement

from netres.errors import JournalFailed, MissingDependency, NetresError
from netres.fleet.journal import schema
from netres.fleet.journal.place import Place

WAIT: Final = 20.0
"""Seconds that another process's transaction, or an answer of the server, is waited for."""
_WRITES: Final = "netres_writes"
_FULLY: Final = "netres_fully"
_LOG: Final = "netres_journal"
# SQLAlchemy logs that a lost connection cannot be closed: that must not be printed where nobody asked for a log.
logging.getLogger(f"sqlalchemy.pool.impl.QueuePool.{_LOG}").addHandler(logging.NullHandler())
_WHY: Final[Mapping[str, str]] = {
    "SQLITE_FULL": "the disk is full; free space",
    "53100": "the server's disk is full; free space there",
    "SQLITE_READONLY": "it is read-only; make file and folder writable",
    "25006": "the server is read-only; name its primary",
    "SQLITE_CANTOPEN": "the file cannot be opened; check that file and folder are there and writable",
    "SQLITE_BUSY": "another process holds it; end that, and try again",
    "SQLITE_IOERR": "the disk is full, or fails; free space, and check it",
    "SQLITE_NOTADB": "it is no journal: the file holds something else; name another place",
    "SQLITE_CORRUPT": "the file is damaged; restore it, or move it away and begin a new one",
    "28P01": "the password is refused; check it (a reference in the URL, or PGPASSWORD)",
    "28000": "the login is refused; check user name and password",
    "3D000": "there is no such database; create it",
    "42501": "the user may not do that; grant it CREATE on the schema",
}
_ODD: Final = (ValueError, TypeError, KeyError, OverflowError, zlib.error)
"""What comes of rows that no netres wrote: no record can be made of them, or what is compressed is not."""


class Database:
    """An open journal's database. Safe in several threads."""

    def __init__(self, place: Place) -> None:
        self.place = place
        place.prepare()
        self._engine = _engine(place)
        self._writing = self._engine.execution_options(**{_WRITES: True})
        self.clock: ColumnElement[float] = schema.CLOCKS[self._engine.dialect.name]
        """The database's own clock, in SQL: seconds since 1970."""
        try:
            with self._explaining("opened"), self._writing.begin() as connection:
                schema.migrate(connection, place.shown)
        except BaseException:
            self._engine.dispose()
            raise

    def connect(self) -> Connection:
        """A connection whose transactions write."""
        return self._writing.connect()

    def sync(self, connection: Connection, *, fully: bool) -> None:
        """Have the next commit wait for the disk, or for the operating system alone.

        What the system has survives the death of every process, and not that of the machine; the next commit that waits
        for the disk takes it along. A PostgreSQL server's commits wait for its disk always.
        """
        raw = connection.connection.dbapi_connection
        if self.place.path is not None and raw is not None and connection.info.get(_FULLY) is not fully:
            _each(raw, f"PRAGMA synchronous={'FULL' if fully else 'NORMAL'}")
            connection.info[_FULLY] = fully

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A connection to read from, in one transaction: one state of everything.

        Raises:
            JournalFailed: the journal cannot be read.
        """
        with self._explaining("read"), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                _begin_reading(connection)
            try:
                yield connection
            except NetresError:
                raise
            except _ODD as error:
                raise JournalFailed(
                    f"journal {self.place.shown} cannot be read: what is stored there is damaged, or of another "
                    f"version of netres ({type(error).__name__}); restore it, or move it away and begin a new one"
                ) from error

    @contextmanager
    def _explaining(self, what: str) -> Generator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise self.explained(error, what) from error

    def explained(self, error: Exception, what: str, note: str = "") -> JournalFailed:
        """What an error means: place, what is the matter, remedy."""
        return JournalFailed(f"journal {self.place.shown} cannot be {what}: {_why(error)}{note}")

    def close(self) -> None:
        """End every connection."""
        self._engine.dispose()


def _engine(place: Place) -> Engine:
    sqlite = place.path is not None
    # SQLAlchemy's errors quote what was to be stored, unless they are told not to.
    try:
        engine = create_engine(
            place.url,
            hide_parameters=True,
            pool_timeout=WAIT,
            pool_logging_name=_LOG,
            max_overflow=20,
            connect_args={"timeout": WAIT},
        )
    except (NoSuchModuleError, ImportError) as error:
        raise MissingDependency(
            f"journal {place.shown} needs {place.url.drivername.partition('+')[2]}: pip install 'netres[postgresql]'"
        ) from error
    if sqlite:
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _set_up_postgresql)
        event.listen(engine, "handle_error", _lost)
    return engine


def _lost(context: ExceptionContext) -> OperationalError | None:
    """What pg8000 lets through of the socket's errors as what it is: the connection is lost."""
    error = context.original_exception
    if not isinstance(error, OSError):
        return None
    context.is_disconnect = True
    return OperationalError(None, None, error, connection_invalidated=True)


def _set_up_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    # Python's module would begin transactions by itself, too late, and never with IMMEDIATE.
    connection.isolation_level = None
    _each(connection, "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON")


def _set_up_postgresql(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    # Where the server's commits do not wait for its disk, ours do.
    name = "synchronous_commit"
    _each(connection, f"SELECT set_config('{name}', 'on', false) WHERE current_setting('{name}') = 'off'")
    connection.commit()


def _each(connection: DBAPIConnection, *statements: str) -> None:
    cursor = connection.cursor()
    try:
        for statement in statements:
            cursor.execute(statement)
    finally:
        cursor.close()


def _begin_reading(connection: Connection) -> None:
    """One state, as SQLite has it; over another connection where the server has ended this one meanwhile."""
    begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
    try:
        connection.exec_driver_sql(begin)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        connection.rollback()
        connection.exec_driver_sql(begin)


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes then could fail for another's sake; IMMEDIATE waits at its beginning.
    options = cast("Mapping[str, object]", connection.get_execution_options())
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES) else "BEGIN")


def code(error: Exception) -> str:
    """SQLite's name of an error, or its SQLSTATE; empty: it has none."""
    original = error.orig if isinstance(error, DBAPIError) else error
    name = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None)
    return str(name or _told(original).get("C", ""))


def _why(error: Exception) -> str:
    found = code(error)
    for name, why in _WHY.items():
        if found.startswith(name):
            return why
    if isinstance(error, DBAPIError) and not found:
        return "the server is gone, or cannot be reached; start it, or check the URL"
    original = error.orig if isinstance(error, DBAPIError) else error
    return f"{_told(original).get('M') or original or type(error).__name__} ({found or type(error).__name__})"


def _told(original: BaseException | None) -> Mapping[str, str]:
    """The fields of a PostgreSQL server's error, as pg8000 tells them."""
    first: object = original.args[0] if original is not None and original.args else None
    return cast("Mapping[str, str]", first) if isinstance(first, dict) else {}
