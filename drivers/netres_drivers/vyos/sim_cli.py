"""The command line of a simulated VyOS router."""

from __future__ import annotations

from collections.abc import Sequence

from netres.testing.sim.cli import Refused
from netres.testing.sim.editing import Editor, Mode
from netres.testing.sim.schema import PathRefused, Problem, steps
from netres.testing.sim.setlines import Stage, Verb
from netres.testing.sim.settext import Word, braces, set_lines
from netres_drivers.vyos.sim_edit import VyosEditing, framed, lines_of
from netres_drivers.vyos.sim_show import VERSION, commits, interfaces


class VyosSession(VyosEditing):
    """A login."""

    more = ":"

    @property
    def prompt(self) -> str:
        """``user@host:~$``, or behind the place of ``edit`` ``user@host#``."""
        name = f"{self.device.username}@{self.store.running.value('system', 'host-name') or 'vyos'}"
        if self.editor.mode is None:
            return f"{name}:~$ "
        return f"[edit{''.join(f' {word}' for word in self.place)}]\n{name}# "

    def greet(self) -> str:
        """The banner."""
        return "Welcome to VyOS!\n\n"

    def refusal(self, line: str) -> str:
        """As the command refuses."""
        verb, _, rest = line.strip().partition(" ")
        if verb in {"set", "delete"} and self.editor.mode is not None:
            return framed(f"Configuration path: [{rest}] is not valid", f"{verb.capitalize()} failed")
        if verb.startswith("commit") and self.editor.mode is not None:
            return "Commit failed"
        return f"\n  Invalid command: [{line.strip()}]\n\n"

    def unknown(self, words: Sequence[Word], index: int) -> str:
        """The word in brackets."""
        before = " ".join(word.text for word in words[:index])
        bad = words[index].text if index < len(words) else ""
        return f"\n  Invalid command: {before}{' ' * bool(before)}[{bad}]\n\n"

    def path_refused(self, verb: str, words: Sequence[Word], refused: PathRefused) -> str:
        """The word that does not fit in brackets, or the value that is none."""
        path = (*self.place, *(word.text for word in words))
        failed = f"{verb.capitalize()} failed"
        if refused.problem is Problem.INCOMPLETE:
            return framed(f"Configuration path: [{' '.join(path)}] requires a value", failed)
        value = path[refused.index]
        if refused.problem is Problem.UNKNOWN:
            before = " ".join(path[: refused.index])
            return framed(f"Configuration path: {before}{' ' * bool(before)}[{value}] is not valid", failed)
        if "'" in value:
            return framed("Cannot use the single quote (') character in a value string", failed)
        return framed(f"{value} is not a valid value of {refused.statement.name}", "Invalid value",
                       "Value validation failed", failed)  # fmt: skip

    def locked(self, holder: Editor | None) -> str:
        """Somebody commits."""
        return "Configuration system temporarily locked due to another commit in progress\nCommit failed"

    def modified(self) -> str:
        """Never: every login has a candidate of its own."""
        return self.locked(None)

    def check_failed(self, reason: str) -> str:
        """What the script says, and that the commit failed."""
        return f"{reason}\nCommit failed"

    def unchanged(self, verb: str, path: Sequence[str]) -> str:
        """It is told, and counts as done."""
        if verb == "set":
            return framed(f"Configuration path: [{' '.join(path)}] already exists")
        statement, words = steps(self.store.schema, path, part=True)[-1]
        what = "value" if len(words) == 2 and not statement.inner else "node"
        return framed(f"Nothing to delete (the specified {what} does not exist)")

    def stage(self, words: list[Word]) -> Stage:
        """``| grep`` is ``| match``."""
        if words and words[0].text == "grep":
            words = [Word("match", words[0].at), *words[1:]]
        return super().stage(words)

    # Operational mode

    def operating(self) -> dict[str, Verb]:
        """What is simulated of operational mode."""
        return {"configure": self.configure, "show": self.show, "set": self.set_terminal, "exit": self.leave,
                "reboot": self.reboot, "systemctl": self.systemctl}  # fmt: skip

    def configure(self, words: list[Word]) -> str:
        """``configure``: a candidate for this login."""
        if words or self.editor.mode is not None:
            raise Refused(self.unknown(words, 0))
        self.begin(Mode.PRIVATE)
        return ""

    def show(self, words: list[Word]) -> str:
        """``show`` of operational mode."""
        style, running = self.store.style, self.store.running
        match [word.text for word in words]:
            case ["configuration"]:
                return self.device.faults.shown(lines_of(braces(running, style)))
            case ["configuration", "commands"]:
                return self.device.faults.shown(lines_of(set_lines(running, style)))
            case ["version"]:
                return VERSION
            case ["interfaces"]:
                return interfaces(running)
            case ["system", "commit"]:
                return commits(self.store)
            case ["host", "name"]:
                return f"{running.value('system', 'host-name')}\n"
            case _:
                raise Refused(self.unknown(words, 0))

    def set_terminal(self, words: list[Word]) -> str:
        """``set terminal length`` and ``width``."""
        match [word.text for word in words]:
            case ["terminal", "length", number] if number.isdigit():
                self.page = int(number)
            case ["terminal", "width", number] if number.isdigit():
                pass
            case _:
                raise Refused(self.unknown(words, 0))
        return ""

    def reboot(self, words: list[Word]) -> str:
        """``reboot [now]``."""

        def answered(answer: str) -> str:
            if answer.strip().lower() in {"y", "yes"}:
                self.device.reboot()
            return ""

        if [word.text for word in words] == ["now"]:
            return answered("yes")
        return self.ask("Are you sure you want to reboot this system? [y/N] ", answered)
