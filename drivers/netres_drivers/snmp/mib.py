"""What the files of this driver share: tables of a MIB as rows, and octets as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from netres.errors import ParseError
from netres.flow import Flow, Json, Reply, Snmp, octets
from netres.model.types import mac_address

Row: TypeAlias = Mapping[str, int | str]
"""From the names of columns to their values."""


def objects(reply: Reply) -> Mapping[str, int | str]:
    """The objects of an answer by OID.

    Raises:
        ParseError: it is none of SNMP.
    """
    found: dict[str, int | str] = {}
    for oid, value in _mapping(reply.body).items():
        if not isinstance(value, int | str):
            raise ParseError(f"the value of {oid} is neither a number nor octets")
        found[oid] = value
    return found


def _mapping(body: Json) -> Mapping[str, Json]:
    if not isinstance(body, Mapping):
        raise ParseError("an answer of SNMP was expected")
    return body


def tables(*columns: Mapping[str, str]) -> Flow[tuple[Mapping[str, Row], ...]]:
    """Walk the columns of tables, all at once: the rows of each by index, in the device's order.

    Args:
        columns: of each table, the columns' OIDs by the names they get.
    """
    reply = yield Snmp("walk", tuple(oid for one in columns for oid in one.values()))
    found: tuple[dict[str, dict[str, int | str]], ...] = tuple({} for _ in columns)
    wanted: dict[str, list[tuple[str, int]]] = {}
    for place, one in enumerate(columns):
        for name, oid in one.items():
            wanted.setdefault(f"{oid}.", []).append((name, place))
    column = ""
    for oid, value in objects(reply).items():
        if not column or not oid.startswith(column):  # most stand in the column of the one before
            column = next((prefix for prefix in wanted if oid.startswith(prefix)), "")
        for name, place in wanted.get(column, ()):
            found[place].setdefault(oid[len(column) :], {})[name] = value
    return found


def rows(columns: Mapping[str, str]) -> Flow[Mapping[str, Row]]:
    """`tables`, of one."""
    (table,) = yield from tables(columns)
    return table


def number(row: Row, *names: str) -> int | None:
    """The first of some columns that is there and a number."""
    return next((value for name in names if isinstance(value := row.get(name), int)), None)


def text(row: Row, *names: str) -> str | None:
    """The first of some columns that holds text (UTF-8, printable); blanks at its ends and NULs are padding."""
    for name in names:
        if isinstance(value := row.get(name), str) and (found := decoded(value)):
            return found
    return None


def decoded(value: str) -> str | None:
    """Octets as the text they are; ``None`` where they are none, or empty."""
    try:
        found = octets(value).decode().strip(" \0\r\n\t")
    except UnicodeDecodeError:
        return None
    found = " ".join(found.splitlines())
    return found if found.isprintable() and found else None


def mac(value: int | str | None) -> str | None:
    """Six octets as a MAC address; zeros are none."""
    if isinstance(value, str) and len(value) == 6 and any(octets(value)):
        return mac_address(octets(value).hex())
    return None
