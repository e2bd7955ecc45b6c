"""The indented command line: user and privileged mode, configuration modes, running and startup configuration.

A platform is a `Dialect` (which lines there are, and its texts) and a subclass of `IndentedCli` (its commands).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, TypeVar, cast

from netres.testing.sim.cli import CliSession, Refused
from netres.testing.sim.device import Simulated
from netres.testing.sim.modes import Dialect, Editor
from netres.testing.sim.pipes import piped
from netres.testing.sim.tree import Node
from netres.testing.sim.words import Grammar, Matched, Wrong

Command: TypeAlias = Callable[[Any, "Call"], str]  # Any: of each class its own methods
F = TypeVar("F", bound=Callable[..., str])
USER, PRIVILEGED = 1, 15


@dataclass(frozen=True)
class _Known:
    name: str
    """The method's."""
    level: int


Call: TypeAlias = Matched[_Known]


def command(pattern: str, *, user: bool = False) -> Callable[[F], F]:
    """Have a method of an `IndentedCli` be called for lines like ``pattern``; ``user``: without privilege too."""

    def marked(method: F) -> F:
        known: list[tuple[str, int]] = getattr(method, "patterns", [])
        cast("Any", method).patterns = [*known, (pattern, USER if user else PRIVILEGED)]
        return method

    return marked


class IndentedStore:
    """Running and startup configuration; implements `netres.testing.sim.device.Store`.

    Args:
        dialect: how the platform talks.
        factory: the configuration as the device came from the factory, in its own words.
        shown: how the platform shows a configuration.
    """

    def __init__(self, dialect: Dialect, factory: str, shown: Callable[[Node], str] | None = None) -> None:
        self.dialect = dialect
        self.factory = factory
        self.shown: Callable[[Node], str] = shown or self._plain
        self.running = Node()
        self.saved = Node()
        self.forgets: list[Callable[[], object]] = []
        """Called when the device starts anew: what is gone beside the configuration (timers, candidates)."""
        self.reset()

    def _plain(self, tree: Node) -> str:
        return "".join(f"{line}\n" for line in tree.lines(indent=self.dialect.indent))

    def native(self) -> str:
        """The running configuration."""
        return self.shown(self.running)

    def parsed(self, text: str, onto: Node | None = None) -> Node:
        """The configuration of a text, added to a copy of ``onto`` (default: to nothing).

        Raises:
            ValueError: a line is refused; names it.
        """
        tree = onto.copy() if onto else Node()
        editor = Editor(self.dialect, tree)
        for line in text.splitlines():
            try:
                if not editor.done:
                    editor.enter(line)
            except (Wrong, Refused) as refused:
                raise ValueError(f"the device refuses the line {line.strip()!r}: {refused}") from None
        return tree

    def load(self, text: str) -> None:
        """Add to the running configuration, and save it."""
        self.running.replace(self.parsed(text, self.running))
        self.save()

    def save(self) -> None:
        """Have the running configuration be the startup configuration."""
        self.saved = self.running.copy()

    def reset(self) -> None:
        """As from the factory."""
        self.saved = self.parsed(self.factory)
        self.reboot()

    def reboot(self) -> None:
        """Start from the startup configuration."""
        self.running.replace(self.saved)
        for forget in self.forgets:
            forget()


class IndentedCli(CliSession):
    """One login at an indented command line."""

    interrupt_ends = True
    help_key = "?"
    _commands: ClassVar[dict[int, Grammar[_Known]]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._commands = {USER: Grammar(cls.types), PRIVILEGED: Grammar(cls.types)}
        for name in dict.fromkeys(name for base in cls.__mro__ for name in vars(base)):
            for pattern, level in getattr(getattr(cls, name, None), "patterns", ()):
                for reached in (USER, PRIVILEGED):
                    if level <= reached:
                        cls._commands[reached].add(pattern, _Known(name, level))

    types: ClassVar[Mapping[str, Callable[[str], str | None]]] = {}
    """Of the values in its commands."""

    def __init__(self, device: Simulated, store: IndentedStore) -> None:
        super().__init__(device)
        self.store = store
        self.dialect = store.dialect
        self.level = PRIVILEGED
        self.editor: Editor | None = None
        """While in configuration mode."""

    @property
    def host_name(self) -> str:
        """As it is configured."""
        node = self.store.running.children.get("hostname")
        return node.line.split(" ", 1)[1] if node else self.device.name

    @property
    def prompt(self) -> str:
        """``host>``, ``host#`` or ``host(config-if)#``."""
        if self.editor is not None and self.editor.in_text:
            return ""
        if self.editor is not None:
            return f"{self.host_name[:20]}({self.editor.mode.prompt})#"
        return self.host_name + ("#" if self.level >= PRIVILEGED else ">")

    def enter(self, line: str) -> str:
        """Do a line of the mode that this login is in."""
        try:
            if self.editor is None:
                return self.execute(line)
            first, _, rest = line.strip().partition(" ")
            if first == "do" and rest.strip() and not self.editor.in_text:
                return self.execute(rest.strip(), line.index(rest))
            return self.configure(line)
        except Wrong as wrong:
            raise Refused(self.dialect.words_of(wrong, line.strip(), len(self.prompt))) from None

    def refusal(self, line: str) -> str:
        """As if the first word were unknown."""
        return self.dialect.words_of(Wrong("invalid", len(line) - len(line.lstrip())), line.strip(), len(self.prompt))

    unknown: ClassVar[str] = ""
    """The platform's text where help is asked for a line that it does not know."""

    def help(self, line: str) -> str:
        """The words and values that may come next."""
        try:
            found = self.editor.after(line) if self.editor else self._commands[self.level].after(line)
        except Wrong:
            return self.unknown
        return "".join(f"  {word}\n" for word in found) or self.unknown

    def configure(self, line: str) -> str:
        """Do a line of a configuration mode."""
        editor = self.editor
        assert editor is not None
        try:
            return editor.enter(line)
        finally:
            if editor.done:
                self.left()

    def left(self) -> None:
        """Configuration mode was left."""
        self.editor = None

    def execute(self, line: str, column: int = 0) -> str:
        """Do a command, and what its pipe says.

        Raises:
            Wrong: there is no such command.
            Refused: it fails.
        """
        typed, *pipe = re.split(r"\s+\|\s*", line, maxsplit=1)
        try:
            call = self._commands[self.level].match(typed)
        except Wrong as wrong:
            raise Wrong(wrong.kind, wrong.column + column) from None
        answer = cast("str", getattr(self, call.meaning.name)(call))
        return piped(answer, pipe[0], column + line.index("|") + 1) if pipe else answer

    def shown(self, tree: Node) -> str:
        """A configuration, with the secrets as the device shows them."""
        return self.device.faults.shown(self.store.shown(tree))

    def edits(self, tree: Node) -> str:
        """Enter configuration mode, changing ``tree``; returns what is said.

        Raises:
            Refused: somebody else holds the lock.
        """
        if self.device.faults.locked:
            raise Refused(self.dialect.locked)
        self.editor = Editor(self.dialect, tree, self.device.faults.stored)
        return ""

    def enable_password(self) -> str | None:
        """What ``enable`` asks for; ``None``: nothing."""
        return None

    @command("enable", user=True)
    def enable(self, call: Call) -> str:
        """Privileged mode, with the password where one is configured."""
        wanted = self.enable_password()
        if self.level < PRIVILEGED and wanted is not None:
            return self.ask("Password: ", lambda given: self._enabled(given, wanted, 2), echo=False)
        self.level = PRIVILEGED
        return ""

    def _enabled(self, given: str, wanted: str, left: int) -> str:
        if self.opens(given, wanted):
            self.level = PRIVILEGED
            return ""
        if left:
            return self.ask("Password: ", lambda again: self._enabled(again, wanted, left - 1), echo=False)
        return self.bad_password

    bad_password: ClassVar[str] = ""
    """The platform's text for three wrong passwords."""

    def opens(self, given: str, wanted: str) -> bool:
        """Whether a password is the configured one."""
        return given == wanted

    @command("disable", user=True)
    def disable(self, call: Call) -> str:
        """User mode."""
        self.level = USER
        return ""

    @command("exit", user=True)
    @command("logout", user=True)
    @command("quit", user=True)
    def exit(self, call: Call) -> str:
        """End the login."""
        self.ended = True
        return ""

    @command("terminal length <0-512>", user=True)
    def terminal_length(self, call: Call) -> str:
        """Lines of a page."""
        self.page = int(call.values[0])
        return ""

    @command("terminal width <0-512>", user=True)
    def terminal_width(self, call: Call) -> str:
        """Nothing is broken by width here."""
        return ""


__all__ = ["PRIVILEGED", "USER", "Call", "IndentedCli", "IndentedStore", "command"]
