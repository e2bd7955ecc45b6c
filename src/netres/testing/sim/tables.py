"""What indexed tables look like: columns, indexes, and which column names a row of which table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


class Wrong(Exception):
    """Why something cannot be: ``kind`` is a field of `netres.testing.sim.tables_cli.TableDialect`."""

    def __init__(self, kind: str, **facts: str) -> None:
        super().__init__(f"{kind}: {facts}")
        self.kind = kind
        self.facts = facts


@dataclass(frozen=True)
class Column:
    """One column, or parameter."""

    name: str
    default: str = ""
    choices: tuple[str, ...] = ()
    limits: tuple[int, int] | None = None
    """The least and the greatest number."""
    refers: str = ""
    """The table whose rows a value names."""
    unique: bool = False

    def takes(self, value: str) -> bool:
        """Whether a row may have this value, as far as other rows do not matter."""
        if value in self.choices:
            return True
        if self.limits is not None:
            low, high = self.limits
            return re.fullmatch(r"-?[0-9]{1,12}", value) is not None and low <= int(value) <= high
        return not self.choices

    def line(self, value: str) -> str:
        """The command that sets it."""
        return f"{self.name} {value}" if self.choices or self.limits else f'{self.name} "{value}"'


@dataclass(frozen=True)
class Table:
    """A table; or, where it has no index, a set of parameters."""

    command: tuple[str, ...]
    """The words that lead to it from its menu; the last is its name."""
    columns: tuple[Column, ...]
    menu: str = ""
    last: int | None = None
    """The greatest index; ``None``: it has no index."""
    label: str = ""
    """The column by which other rows name a row."""
    children: tuple[Table, ...] = ()

    @property
    def name(self) -> str:
        """How it is called."""
        return self.command[-1]

    @property
    def defaults(self) -> dict[str, str]:
        """A row that nobody has changed."""
        return {column.name: column.default for column in self.columns}

    def column(self, name: str) -> Column | None:
        """The column of this name."""
        return next((one for one in self.columns if one.name == name), None)


Place: TypeAlias = tuple[tuple[str, int], ...]
"""Where a row is: table and index (0, where there is none), from the outermost."""
Row: TypeAlias = Mapping[str, str]
Rows: TypeAlias = dict[Place, Row]
