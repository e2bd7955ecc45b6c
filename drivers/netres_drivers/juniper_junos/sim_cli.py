"""The command line of a simulated Junos router: operational mode, prompts, and texts."""

from __future__ import annotations

from collections.abc import Sequence

from netres.testing.sim.cli import Refused
from netres.testing.sim.editing import Editor, Mode
from netres.testing.sim.schema import PathRefused, Problem
from netres.testing.sim.setlines import Verb
from netres.testing.sim.settext import Word
from netres_drivers.juniper_junos.sim_edit import NOT_COMMITTED, JunosEditing
from netres_drivers.juniper_junos.sim_show import commits, editors, interfaces_terse, minutes, uptime, version


class JunosSession(JunosEditing):
    """A login."""

    more = "---(more)---"

    @property
    def prompt(self) -> str:
        """``user@host>``, or behind the place of ``edit`` ``user@host#``."""
        name = f"{self.device.username}@{self.store.running.value('system', 'host-name') or 'Amnesiac'}"
        if self.editor.mode is None:
            return f"\n{name}> "
        pending = self.store.pending
        note = f"# commit confirmed will be rolled back in {minutes(self.store)} minutes\n" if pending else ""
        return f"\n{note}[edit{''.join(f' {word}' for word in self.place)}]\n{name}# "

    def greet(self) -> str:
        """The banner with the release, as recorded."""
        return f"--- JUNOS {self.store.running.value('version') or '22.4R3-S2.11'} built 2024-05-10 20:45:39 UTC\n"

    def refusal(self, line: str) -> str:
        """A caret below the first word, and that it is no command."""
        return self._caret(len(line) - len(line.lstrip()), "syntax error.")

    def unknown(self, words: Sequence[Word], index: int) -> str:
        """A caret below the word."""
        return self._caret(words[index].at if index < len(words) else len(self.typed), "unknown command.")

    def path_refused(self, verb: str, words: Sequence[Word], refused: PathRefused) -> str:
        """A caret below the word that does not fit."""
        at = refused.index - len(self.place)
        column = words[at].at if 0 <= at < len(words) else len(self.typed) + 1
        if refused.problem is Problem.VALUE:
            what = "numeric value" if ".." in refused.statement.type else "value"
            return self._caret(column, f"invalid {what}: '{words[at].text}' in '{refused.statement.name}'.")
        missing = refused.problem is Problem.INCOMPLETE
        return self._caret(column, "missing mandatory argument." if missing else "syntax error.")

    def _caret(self, column: int, text: str) -> str:
        width = len(self.prompt.rpartition("\n")[2])
        return f"{' ' * (width + column)}^\n{text}"

    def locked(self, holder: Editor | None) -> str:
        """Who holds the lock."""
        return f"error: configuration database locked by:\n{editors([holder], self.store)}"

    def modified(self) -> str:
        """Somebody's changes stand in the way."""
        return "error: configuration database modified"

    def check_failed(self, reason: str) -> str:
        """The place and the reason, and that the commit failed."""
        return f"{reason}\nerror: configuration check-out failed"

    def unchanged(self, verb: str, path: Sequence[str]) -> str:
        """Setting what is there is taken in silence."""
        return "" if verb == "set" else "warning: statement not found"

    # Operational mode

    def operating(self) -> dict[str, Verb]:
        """What is simulated of operational mode."""
        return {"configure": self.configure, "show": self.show, "set": self.set_cli, "exit": self.leave,
                "quit": self.leave, "request": self.request}  # fmt: skip

    def configure(self, words: list[Word]) -> str:
        """``configure [exclusive | private]``."""
        modes = {"": Mode.SHARED, "exclusive": Mode.EXCLUSIVE, "private": Mode.PRIVATE}
        mode = modes.get(" ".join(word.text for word in words))
        if mode is None or self.editor.mode is not None:
            raise Refused(self.unknown(words, 0))
        others = [editor for editor in self.store.editors if editor.mode is not Mode.PRIVATE]
        self.store.require(self.editor)
        self.begin(mode)
        if mode is not Mode.SHARED:
            return "warning: uncommitted changes will be discarded on exit\nEntering configuration mode\n"
        users = f"Users currently editing the configuration:\n{editors(others, self.store)}" if others else ""
        changed = NOT_COMMITTED if self.store.changed(self.editor) else ""
        return f"Entering configuration mode\n{users}{changed}"

    def show(self, words: list[Word]) -> str:
        """``show`` of operational mode."""
        match [word.text for word in words]:
            case ["configuration", *_]:
                header = self._header() if len(words) == 1 else ""
                return self.device.faults.shown(header + self.in_braces(self.store.running, words[1:]))
            case ["version"]:
                return version(self.store)
            case ["interfaces", "terse"]:
                return interfaces_terse(self.store.running)
            case ["system", "commit"]:
                return commits(self.store)
            case ["system", "uptime"]:
                return uptime(self.store)
            case _:
                raise Refused(self.unknown(words, 0))

    def _header(self) -> str:
        latest = self.store.history[0]
        return f"## Last commit: {latest.at:%Y-%m-%d %H:%M:%S} UTC by {latest.user}\n"

    def set_cli(self, words: list[Word]) -> str:
        """``set cli``: how the terminal is."""
        match [word.text for word in words]:
            case ["cli", "screen-length", number] if number.isdigit():
                self.page = int(number)
                return f"Screen length set to {number}\n"
            case ["cli", "screen-width", number] if number.isdigit():
                return f"Screen width set to {number}\n"
            case ["cli", "complete-on-space", "off"]:
                return "Disabling complete-on-space\n"
            case ["cli", "complete-on-space", "on"]:
                return "Enabling complete-on-space\n"
            case _:
                raise Refused(self.unknown(words, 0))

    def request(self, words: list[Word]) -> str:
        """``request system reboot``."""
        if [word.text for word in words] != ["system", "reboot"]:
            raise Refused(self.unknown(words, 0))

        def answered(answer: str) -> str:
            if answer.strip() not in {"yes", "y"}:
                return ""
            self.device.reboot()
            return "Shutdown NOW!\n"

        return self.ask("Reboot the system ? [yes,no] (no) ", answered)
