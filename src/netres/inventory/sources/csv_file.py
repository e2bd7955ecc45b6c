"""A table in CSV (RFC 4180): one device a row, the columns' names in the first."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from netres.errors import InvalidConfig
from netres.inventory.sources import Found
from netres.inventory.sources.taker import Taker

_FIELDS: Final = frozenset({"platform", "host", "username", "password"})


class CsvFile:
    """Columns ``name platform host port username password groups``; every other one is a tag."""

    title = "a table in CSV"
    options: Mapping[str, str] = {"delimiter": "what stands between columns (,)"}

    def read(self, place: str, options: Mapping[str, str]) -> Found:
        """The rows; ``groups`` are separated by blanks or semicolons, ``password`` is a reference."""
        taker = Taker(options)
        try:
            with Path(place).open(encoding="utf-8-sig", newline="") as file:
                rows = csv.DictReader(file, delimiter=options.get("delimiter", ","), strict=True)
                if "name" not in (columns := list(rows.fieldnames or ())):
                    raise InvalidConfig(f"{place}:1: has no column 'name'; write the columns' names in the first line")
                if len(set(columns)) < len(columns):
                    raise InvalidConfig(f"{place}:1: names a column twice; rename one")
                for row in rows:
                    self._row(taker, row, f"{place}:{rows.line_num}")
        except OSError as error:
            raise InvalidConfig(f"{place}: cannot be read: {error.strerror}; check the path") from error
        except (csv.Error, TypeError, UnicodeDecodeError) as error:
            raise InvalidConfig(f"{place}: is no CSV in UTF-8: {type(error).__name__}; check it") from None
        return taker.found()

    def _row(self, taker: Taker, row: dict[str | None, str | None], where: str) -> None:
        if row.pop(None, None) is not None:
            taker.leave(where, "has more columns than the first line; what stands there is left out")
        told = {name: value.strip() for name, value in row.items() if name and value}
        port = told.pop("port", "")
        name, groups = told.pop("name", ""), told.pop("groups", "").replace(";", " ").split()
        fields: dict[str, object] = {field: told.pop(field) for field in _FIELDS & told.keys()}
        fields |= {"port": int(port) if port.isdecimal() else port, "groups": groups, "tags": told}
        taker.device(name, fields, f"{where} ({name})")


SOURCE: Final = CsvFile()
