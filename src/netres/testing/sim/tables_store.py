"""Configuration as rows of indexed tables, and the script of commands that makes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from netres.testing.sim.quotes import words
from netres.testing.sim.tables import Place, Row, Rows, Table, Wrong


@dataclass
class TableStore:
    """The rows of a device; implements `netres.testing.sim.device.Store`."""

    tables: Sequence[Table]
    menus: Sequence[str]
    factory: str = ""
    """What it has when it comes from the factory, as a script."""
    rows: Rows = field(default_factory=dict[Place, Row])
    saved: Rows = field(default_factory=dict[Place, Row])

    def __post_init__(self) -> None:
        self.reset()

    @property
    def unsaved(self) -> bool:
        """Whether a restart would lose something."""
        return self.rows != self.saved

    def table(self, place: Place) -> Table:
        """The table of a row.

        Raises:
            KeyError: there is none.
        """
        among: Sequence[Table] = self.tables
        found: Table | None = None
        for name, _ in place:
            found = next((one for one in among if one.name == name), None)
            if found is None:
                raise KeyError(name)
            among = found.children
        if found is None:
            raise KeyError("")
        return found

    def row(self, place: Place) -> Row | None:
        """A row; parameters that nobody set have their defaults."""
        table = self.table(place)
        return self.rows.get(place, table.defaults if table.last is None else None)

    def put(self, place: Place, row: Row) -> None:
        """Have a row.

        Raises:
            Wrong: a value is another row's already, or names a row that is not there; or the row had another name by
                which others refer to it.
        """
        table = self.table(place)
        for column in table.columns:
            value = row[column.name]
            if column.unique and value and value in self._others(place, column.name):
                raise Wrong("taken", name=column.name, value=value)
            if column.refers and value and value not in self.labels(column.refers):
                raise Wrong("dangling", name=column.name, value=value, refers=column.refers)
        before = self.rows.get(place)
        if before is not None and table.label and before[table.label] != row[table.label]:
            self._unnamed(table, before[table.label])
        if table.last is None and row == table.defaults:
            self.rows.pop(place, None)
        else:
            self.rows[place] = dict(row)

    def remove(self, place: Place) -> None:
        """Have a row no more, nor what is below it.

        Raises:
            Wrong: it is not there, or another row names it.
        """
        table = self.table(place)
        if place not in self.rows:
            raise Wrong("absent", name=table.name)
        if table.label:
            self._unnamed(table, self.rows[place][table.label])
        self.rows = {where: row for where, row in self.rows.items() if where[: len(place)] != place}

    def labels(self, table: str) -> set[str]:
        """How the rows of a table are named."""
        found = next(one for one in self.tables if one.name == table)
        return {row[found.label] for place, row in self.rows.items() if len(place) == 1 and place[0][0] == table}

    def _others(self, place: Place, column: str) -> set[str]:
        table = place[-1][0]
        return {row[column] for where, row in self.rows.items() if where != place and where[-1][0] == table}

    def _unnamed(self, table: Table, label: str) -> None:
        for place, row in self.rows.items():
            for column in self.table(place).columns:
                if label and column.refers == table.name and row[column.name] == label:
                    raise Wrong("referenced", value=label, table=place[-1][0], index=str(place[-1][1]))

    def save(self) -> None:
        """Have it survive a restart."""
        self.saved = dict(self.rows)

    def native(self) -> str:
        """The commands that make it."""
        return self.script()

    def script(self, menu: str | None = None, *, full: bool = False) -> str:
        """The commands that make it, or a menu of it; ``full``: also what is as it was from the beginning."""
        lines: list[str] = []
        for one in self.menus if menu is None else [menu]:
            body = [line for table in self.tables if table.menu == one for line in self._table(table, (), 1, full)]
            if body:
                lines += [f"configure {one}", *body, "exit"]
        return "".join(f"{line}\n" for line in lines)

    def _table(self, table: Table, above: Place, depth: int, full: bool) -> Iterator[str]:
        places = sorted(place for place in self.rows if place[:-1] == above and place[-1][0] == table.name)
        if full and table.last is None and not places:
            places = [(*above, (table.name, 0))]
        indent = "  " * depth
        for place in places:
            index = "" if table.last is None else f" {place[-1][1]}"
            yield f"{indent}{' '.join(table.command)}{index}"
            row = self.row(place) or {}
            for column in table.columns:
                if full or row[column.name] != column.default:
                    yield f"{indent}  {column.line(row[column.name])}"
            yield f"{indent}  activate"
            for child in table.children:
                yield from self._table(child, place, depth + 1, full)
            yield f"{indent}exit"

    def load(self, text: str) -> None:
        """Do the commands of a script, and save."""
        editor = TableEditor(self)
        for line in text.splitlines():
            found = words(line)
            try:
                if found and not line.startswith("#"):
                    editor.enter(found)
            except Wrong as wrong:
                raise ValueError(f"{line.strip()!r} is refused: {wrong}") from wrong
        self.save()

    def reset(self) -> None:
        """Have it as it came from the factory."""
        self.rows = {}
        self.load(self.factory)

    def reboot(self) -> None:
        """Start anew: what was not saved is gone."""
        self.rows = dict(self.saved)


class TableEditor:
    """Somebody's way through the menus: where he is, and the row that he has not activated yet."""

    def __init__(self, store: TableStore, locked: Callable[[], bool] = lambda: False) -> None:
        """``locked``: whether somebody else has locked the configuration."""
        self._store = store
        self._locked = locked
        self.menu: str | None = None
        self.place: Place = ()
        self._staged: list[dict[str, str]] = []
        """A row for each step of `place`."""

    def enter(self, found: Sequence[str]) -> None:
        """Do the words of a line.

        Raises:
            Wrong: they cannot be done.
        """
        match found:
            case ["configure", menu] if self.menu is None and menu in self._store.menus:
                self.menu = menu
            case _ if self.menu is None:
                raise Wrong("unknown")
            case ["exit"]:
                self._exit()
            case ["activate"] if self.place:
                self._activate()
            case ["defaults"] if self.place:
                self._staged[-1] = self._store.table(self.place).defaults
            case ["no", *command]:
                self._unlocked()
                self._store.remove(self._named(command))
            case [name, value] if self.place and self._store.table(self.place).column(name):
                self._set(name, value)
            case _:
                self._step(self._named(found))

    @property
    def staged(self) -> Sequence[str]:
        """The commands of the row that is being edited."""
        return [column.line(self._staged[-1][column.name]) for column in self._store.table(self.place).columns]

    def _exit(self) -> None:
        if not self.place:
            self.menu = None
            return
        try:
            self._activate()
        finally:
            self.place = self.place[:-1]
            self._staged.pop()

    def _activate(self) -> None:
        if self._store.row(self.place) != self._staged[-1]:
            self._unlocked()
            self._store.put(self.place, self._staged[-1])

    def _unlocked(self) -> None:
        if self._locked():
            raise Wrong("locked")

    def _set(self, name: str, value: str) -> None:
        column = self._store.table(self.place).column(name)
        if column is None or not column.takes(value):
            raise Wrong("invalid", name=name, value=value)
        self._staged[-1][name] = value

    def _named(self, found: Sequence[str]) -> Place:
        """Where the row is that words name from here."""
        among = self._store.table(self.place).children if self.place else self._store.tables
        for table in among:
            count = len(table.command)
            if tuple(found[:count]) != table.command or not (self.place or table.menu == self.menu):
                continue
            if table.last is None and len(found) == count:
                return (*self.place, (table.name, 0))
            if table.last is not None and len(found) == count + 1:
                return (*self.place, (table.name, self._index(table, found[count])))
        raise Wrong("unknown")

    def _index(self, table: Table, word: str) -> int:
        if re.fullmatch(r"[0-9]{1,9}", word) is None or int(word) > (table.last or 0):
            raise Wrong("index", value=word, last=str(table.last))
        return int(word)

    def _step(self, place: Place) -> None:
        if self.place:
            self._activate()  # what is below a row needs the row
        self._staged.append(dict(self._store.row(place) or self._store.table(place).defaults))
        self.place = place
