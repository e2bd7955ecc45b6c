"""The steps of many parts, written with one statement however many they are: a server is asked once for all."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    Float,
    Integer,
    Text,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert, Update
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.type_api import TypeEngine

from netres.errors import LeaseLost
from netres.fleet.journal.blobs import Blob
from netres.fleet.journal.schema import CLOCKS, LEASE, STEP

T = TypeVar("T")
_ROWS: Final = bindparam("all_rows", type_=Text())


@dataclass(frozen=True)
class Step:
    """An operation that is about to be sent."""

    part: int
    number: int
    operation: str
    whole: Blob | None
    """The whole operation, where that is longer."""
    device: str
    fence: int
    refused: Callable[[Connection], LeaseLost]
    """What there is to tell where the lease is no more."""


@dataclass(frozen=True)
class Answer:
    """What was answered to a step."""

    part: int
    number: int
    answer: str
    error: str
    seconds: float
    """Since it was sent."""


def put(connection: Connection, steps: Sequence[Step]) -> list[LeaseLost | None]:
    """Store steps: of each whether it was refused, for its lease is no more."""
    rows: list[list[object]] = []
    for one in steps:
        if one.whole is not None:
            one.whole.put(connection)  # where the step is refused it is left over, which harms nobody
        digest = one.whole.digest if one.whole else None
        rows.append([one.part, one.number, one.operation, digest, one.device, one.fence])
    found = connection.execute(_insert(connection.dialect.name), {"all_rows": json.dumps(rows)})
    stored = {(part, number) for part, number in found}
    return [None if (one.part, one.number) in stored else one.refused(connection) for one in steps]


def answer(connection: Connection, answers: Sequence[Answer]) -> list[None]:
    """Store answers."""
    rows = [[one.part, one.number, one.answer, one.error, one.seconds] for one in answers]
    connection.execute(_update(connection.dialect.name), {"all_rows": json.dumps(rows)})
    return [None] * len(answers)


class _Rows:
    """The rows, given as JSON, so that the statement is the same for any number of them."""

    def __init__(self, dialect: str) -> None:
        self._sqlite = dialect == "sqlite"
        if self._sqlite:
            each = func.json_each(_ROWS).table_valued("value", name="rows")
        else:
            each = func.json_array_elements(cast(_ROWS, JSON)).table_valued(column("value", JSON)).render_derived()
        self._value = each.c.value

    def value(self, place: int, kind: TypeEngine[T]) -> ColumnElement[T]:
        """The value of each row at a place."""
        if self._sqlite:
            return cast(func.json_extract(self._value, f"$[{place}]"), kind)
        return cast(self._value.op("->>")(literal_column(str(place))), kind)


@lru_cache(maxsize=len(CLOCKS))
def _insert(dialect: str) -> ReturningInsert[int, int]:
    """With its lock on the lease nobody takes that over before the step is on the disk."""
    value, clock, empty = _Rows(dialect).value, CLOCKS[dialect], literal_column("''", Text())
    fields = (value(0, Integer()), value(1, Integer()), clock, value(2, Text()), value(3, Text()), empty, empty)
    ours = (LEASE.c.device == value(4, Text()), LEASE.c.fence == value(5, BigInteger()), LEASE.c.expires > clock)
    columns = ["part", "number", "sent", "operation", "whole", "answer", "error"]
    found = select(*fields).where(*ours).with_for_update(read=True, of=LEASE)
    return insert(STEP).from_select(columns, found).returning(STEP.c.part, STEP.c.number)


@lru_cache(maxsize=len(CLOCKS))
def _update(dialect: str) -> Update:
    value = _Rows(dialect).value
    these = (STEP.c.part == value(0, Integer()), STEP.c.number == value(1, Integer()))
    now, told = CLOCKS[dialect], {"answer": value(2, Text()), "error": value(3, Text())}
    return update(STEP).where(*these).values(told | {"answered": now, "sent": now - value(4, Float())})
