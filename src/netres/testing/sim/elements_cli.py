"""A command line that edits elements in nested menus, and saves and activates what was edited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from netres.testing.sim.cli import CliSession, Refused
from netres.testing.sim.device import Simulated
from netres.testing.sim.elements import Elements, ElementStore, text
from netres.testing.sim.elements_edit import ElementDialect, ElementEditor
from netres.testing.sim.quotes import completed, words


class ElementSession(CliSession):
    """One login: user mode, superuser mode, the menus, the elements."""

    more: ClassVar[str] = "--More-- "

    def __init__(
        self,
        device: Simulated,
        store: ElementStore,
        dialect: ElementDialect,
        shows: Mapping[str, Callable[[], str]],
    ) -> None:
        """``shows``: what the platform's own ``show`` commands answer, by what follows the word."""
        super().__init__(device)
        self._store = store
        self._say = dialect
        self._shows = shows
        self._superuser = False
        self._editor: ElementEditor | None = None
        self._commands: Final[Mapping[str, Callable[[list[str]], str]]] = {
            "configure": self._configure,
            "show": self._show,
            "save-config": self._save,
            "activate-config": self._activate,
            "verify-config": self._verify,
            "backup-config": self._backup,
            "restore-backup-config": self._restore,
            "display-backups": lambda _: "".join(f"{name}\n" for name in sorted(self._store.backups)),
            "display-current-cfg-version": lambda _: f"Current configuration version is {self._store.version}\n",
            "cli": self._paging,
            "reboot": self._reboot,
        }

    @property
    def prompt(self) -> str:
        """The device's name, with the element or the menu."""
        place = f"({self._editor.place})" if self._editor else ""
        return f"{self.device.name}{place}{'#' if self._superuser else '>'} "

    def refusal(self, line: str) -> str:
        """What an unknown line is answered."""
        return self._say.unknown

    def close(self) -> None:
        """Give the lock back; what was not taken over is forgotten."""
        self._store.unlock(self)

    def enter(self, line: str) -> str:
        """Do a line."""
        found = words(line)
        if not found:
            return ""
        if self._editor is not None:
            return self._editor.enter(found)
        if not self._superuser:
            return self._as_user(found)
        if found[0] == "exit":
            self.ended = True
            return ""
        command = completed(found[0], self._commands)
        if command is None:
            raise Refused(self._say.unknown)
        return self._commands[command](found[1:])

    def _as_user(self, found: list[str]) -> str:
        match found:
            case ["enable"]:
                return self.ask(self._say.login, self._enabled, echo=False)
            case ["exit"]:
                self.ended = True
                return ""
            case ["show", *what] if " ".join(what) in self._shows:
                return self._shows[" ".join(what)]()
            case _:
                raise Refused(self._say.unknown)

    def _enabled(self, password: str) -> str:
        self._superuser = password == self.device.password
        return "" if self._superuser else self._say.unknown

    def _configure(self, arguments: list[str]) -> str:
        if len(arguments) != 1 or completed(arguments[0], ["terminal"]) is None:
            raise Refused(self._say.unknown)
        if self.device.faults.locked or not self._store.lock(self):
            raise Refused(self._say.locked)
        self._editor = ElementEditor(self, self._store, self._say, self._configured)
        return ""

    def _configured(self) -> None:
        self._editor = None
        self._store.unlock(self)

    def _show(self, arguments: list[str]) -> str:
        what = " ".join(arguments)
        if what in self._shows:
            return self._shows[what]()
        states: dict[str, Elements] = {"running-config": self._store.running, "configuration": self._store.edited}
        name = completed(arguments[0], states) if arguments else None
        if name is None or len(arguments) > 2:
            raise Refused(self._say.unknown)
        elements = states[name]
        if len(arguments) == 2:
            if self._store.type(arguments[1]) is None:
                raise Refused(self._say.unknown)
            elements = {key: one for key, one in elements.items() if key[0] == arguments[1]}
        return self.device.faults.shown(text(elements))

    def _unlocked(self, arguments: list[str], count: int = 0) -> None:
        """Refuse where somebody else has the lock, or the words are too many or too few."""
        if len(arguments) != count:
            raise Refused(self._say.arguments)
        if self.device.faults.locked or self._store.holder not in {None, self}:
            raise Refused(self._say.locked)

    def _save(self, arguments: list[str]) -> str:
        self._unlocked(arguments)
        self._store.save()
        differs = self._store.saved != self._store.running
        return self._problems() + self._say.saved + (self._say.unsynchronised if differs else "")

    def _activate(self, arguments: list[str]) -> str:
        self._unlocked(arguments)
        self._store.activate()
        return self._say.activated

    def _verify(self, arguments: list[str]) -> str:
        if arguments:
            raise Refused(self._say.arguments)
        return self._problems() or self._say.sound

    def _problems(self) -> str:
        found = self._store.dangling()
        lines = [
            self._say.dangling.format(
                type=one.element.type.name,
                key=" ".join(one.element.key),
                refers=one.attribute.refers,
                value=one.value,
            )
            for one in found
        ]
        return "".join(lines) + self._say.failed.format(count=len(found)) if found else ""

    def _backup(self, arguments: list[str]) -> str:
        if len(arguments) != 1:
            raise Refused(self._say.arguments)
        self._store.backup(arguments[0])
        return self._say.backed_up

    def _restore(self, arguments: list[str]) -> str:
        self._unlocked(arguments, 1)
        if arguments[0] not in self._store.backups:
            raise Refused(self._say.absent)
        self._store.restore(arguments[0])
        return self._say.restored

    def _paging(self, arguments: list[str]) -> str:
        match arguments:
            case ["more", "disabled"]:
                self.page = 0
            case ["more", "enabled"]:
                self.page = 24
            case _:
                raise Refused(self._say.unknown)
        return ""

    def _reboot(self, arguments: list[str]) -> str:
        if arguments not in ([], ["activate"], ["force"]):
            raise Refused(self._say.unknown)

        def sure(answer: str) -> str:
            if answer == "y":
                if arguments == ["activate"]:
                    self._store.activate()
                self.ended = True
                self.device.reboot()
            return ""

        return sure("y") if arguments == ["force"] else self.ask(self._say.restart, sure)
