"""A command line of indexed tables: a row is staged until it is activated, and not safe until it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from netres.testing.sim.cli import CliSession, Refused
from netres.testing.sim.device import Simulated
from netres.testing.sim.quotes import completed, words
from netres.testing.sim.tables import Place, Wrong
from netres.testing.sim.tables_store import TableEditor, TableStore


@dataclass(frozen=True)
class TableDialect:
    """What a platform says. ``{…}`` names what stands in its place."""

    unknown: str
    invalid: str
    """The column ``{name}`` takes no ``{value}``."""
    index: str
    """No row may have the index ``{value}``; the greatest is ``{last}``."""
    taken: str
    """Another row has ``{value}`` for ``{name}``."""
    dangling: str
    """``{name}`` is ``{value}``, and no row of ``{refers}`` is named so."""
    referenced: str
    """The row is named ``{value}`` by row ``{index}`` of ``{table}``."""
    absent: str
    """There is no such row of ``{name}``."""
    locked: str
    written: str
    login: str = "Password: "
    window: tuple[str, str] = ("", "")
    """The table and the parameter that say how many lines a page has; neither a number nor 0: as many as usual."""


class TableSession(CliSession):
    """One login: basic mode, enabled mode, configuration."""

    def __init__(
        self, device: Simulated, store: TableStore, dialect: TableDialect, shows: Mapping[str, Callable[[], str]]
    ) -> None:
        """``shows``: what the platform's own ``show`` commands answer, by what follows the word."""
        super().__init__(device)
        self._store = store
        self._say = dialect
        self._shows = shows
        self._enabled = False
        self._editor = TableEditor(store, lambda: device.faults.locked)
        self._turn_pages()

    @property
    def prompt(self) -> str:
        """The device's name, where the login is, and whether something is not written."""
        editor = self._editor
        place = ""
        if editor.place:
            place = f"({_named(editor.place, indexed=self._store.table(editor.place).last is not None)})"
        elif editor.menu:
            place = f"(config-{editor.menu})"
        return f"{self.device.name}{place}{'*' if self._store.unsaved else ''}{'#' if self._enabled else '>'} "

    def refusal(self, line: str) -> str:
        """What an unknown line is answered."""
        return self._say.unknown.format(line=line)

    def enter(self, line: str) -> str:
        """Do a line."""
        found = words(line)
        if not found:
            return ""
        if self._editor.menu is None:
            answer = self._run(found, line)
        elif found[0] == "do" and len(found) > 1:
            answer = self._run(found[1:], line)
        elif found == ["display"] and self._editor.place:
            return self.device.faults.shown("".join(f"  {command}\n" for command in self._editor.staged))
        else:
            answer = self._edit(found, line)
        return answer

    def _run(self, found: list[str], line: str) -> str:
        """A command outside of configuration."""
        match found:
            case ["exit" | "quit"]:
                self.ended = True
            case ["enable"]:
                if not self._enabled:
                    return self.ask(self._say.login, self._enable, echo=False)
            case ["disable"]:
                self._enabled = False
            case ["show", *what] if " ".join(what) in self._shows:
                return self._shows[" ".join(what)]()
            case _ if self._enabled:
                return self._manage(found, line)
            case _:
                raise Refused(self.refusal(line))
        return ""

    def _manage(self, found: list[str], line: str) -> str:
        """A command that only the enabled mode has."""
        match found:
            case ["show", "running-config", *what]:
                return self._running(what, line)
            case [command, menu] if completed(command, ["configure"]):
                return self._edit(["configure", completed(menu, self._store.menus) or menu], line)
            case ["write"]:
                if self.device.faults.locked:
                    raise Refused(self._say.locked)
                self._store.save()
                return self._say.written
            case ["reload", "now" | "without-saving" as how]:
                if how == "now":
                    self._store.save()
                self.ended = True
                self.device.reboot()
                return ""
            case _:
                raise Refused(self.refusal(line))

    def _enable(self, password: str) -> str:
        self._enabled = password == self.device.password
        return "" if self._enabled else self.refusal("")

    def _running(self, what: list[str], line: str) -> str:
        full = what[-1:] == ["full"]
        menus = what[:-1] if full else what
        if len(menus) > 1 or not set(menus) <= set(self._store.menus):
            raise Refused(self.refusal(line))
        return self.device.faults.shown(self._store.script(menus[0] if menus else None, full=full))

    def _edit(self, found: list[str], line: str) -> str:
        """A command of configuration."""
        if self._editor.place and len(found) == 2:
            name, _, value = self.device.faults.stored(f"{found[0]} {found[1]}").partition(" ")
            found = [name, value]
        try:
            self._editor.enter(found)
        except Wrong as wrong:
            said: str = getattr(self._say, wrong.kind)
            raise Refused(said.format(line=line, **wrong.facts)) from wrong
        finally:
            self._turn_pages()
        return ""

    def _turn_pages(self) -> None:
        table, name = self._say.window
        row = self._store.row(((table, 0),)) if table else None
        lines = row[name] if row else ""
        self.page = int(lines) if lines.isdigit() else 24


def _named(place: Place, *, indexed: bool) -> str:
    name = place[-1][0]
    return f"{name}-{'/'.join(str(index) for _, index in place)}" if indexed else name
