"""The command line of a simulated VyOS router."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netres.testing.sim.cli import Refused
from netres.testing.sim.editing import Editor, Mode
from netres.testing.sim.schema import PathRefused, Problem
from netres.testing.sim.setedit import change, read
from netres.testing.sim.setlines import SetLineSession, Stage, Verb
from netres.testing.sim.settext import Style, Word, braces, difference, quoted, set_lines
from netres.testing.sim.settree import Node, flat
from netres_drivers.vyos.sim_show import VERSION, commits, interfaces, marked

BOOT = "/config/config.boot"


class VyosSession(SetLineSession):
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
            return _framed(f"Configuration path: [{rest}] is not valid", f"{verb.capitalize()} failed")
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
            return _framed(f"Configuration path: [{' '.join(path)}] requires a value", failed)
        value = path[refused.index]
        if refused.problem is Problem.UNKNOWN:
            before = " ".join(path[: refused.index])
            return _framed(f"Configuration path: {before}{' ' * bool(before)}[{value}] is not valid", failed)
        if "'" in value:
            return _framed("Cannot use the single quote (') character in a value string", failed)
        return _framed(f"{value} is not a valid value of {refused.statement.name}", "Invalid value",
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
            return _framed(f"Configuration path: [{' '.join(path)}] already exists")
        return _framed("Nothing to delete (the specified node does not exist)")

    def stage(self, words: list[Word]) -> Stage:
        """``| grep`` is ``| match``."""
        if words and words[0].text == "grep":
            words = [Word("match", words[0].at), *words[1:]]
        return super().stage(words)

    # Operational mode

    def operating(self) -> dict[str, Verb]:
        """What is simulated of operational mode."""
        return {"configure": self.configure, "show": self.show, "set": self.set_terminal, "exit": self.leave,
                "reboot": self.reboot}  # fmt: skip

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
                return self.device.faults.shown(_lines(braces(running, style)))
            case ["configuration", "commands"]:
                return self.device.faults.shown(_lines(set_lines(running, style)))
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

    # Configuration mode

    def editing(self) -> dict[str, Verb]:
        """The first words of configuration mode."""
        own: dict[str, Verb] = {
            "show": self.show_candidate,
            "compare": self.compare,
            "commit": self.commit,
            "commit-confirm": self.commit_confirm,
            "confirm": self.confirm,
            "discard": self.discard,
            "rollback": self.rollback,
            "rollback-soft": self.rollback_soft,
            "save": self.save,
            "load": lambda words: self.load(words, merge=False),
            "merge": lambda words: self.load(words, merge=True),
        }
        return super().editing() | own

    def show_candidate(self, words: list[Word]) -> str:
        """``show [PATH]``: with what differs from what runs."""
        new, old = self.shown_node(self.config, words), self.shown_node(self.store.running, words)
        if new is None and old is None:
            return _framed("Configuration under specified path is empty")
        lines = marked(old[0] if old else None, new[0] if new else None, self.store.style)
        return self.device.faults.shown(_lines(lines))

    def compare(self, words: list[Word]) -> str:
        """``compare [commands] [N | saved]``: with what runs, an older revision, or what is saved."""
        rest = [word.text for word in words]
        commands = rest[:1] == ["commands"]
        which = rest[1:] if commands else rest
        old = self.store.running if not which else self.store.saved if which == ["saved"] else self._revision(which[0])
        new = self.config
        if old.same(new):
            return "No changes between working and active configurations.\n"
        if commands:
            return self.device.faults.shown(_lines(_commands(old, new, self.store.style)))
        text = ""
        for place in difference(old, new, self.store.style):
            path = " ".join(place.path)
            text += f"[{path}]\n" * bool(path) + _lines(f"{line.mark} {line.text}" for line in place.lines) + "\n"
        return self.device.faults.shown(text)

    def _revision(self, number: str) -> Node:
        found = self.store.revision(int(number)) if number.isdigit() else None
        if found is None:
            last = len(self.store.history)
            raise Refused(f"Invalid revision number {number}: must be 0 < rev < {last}")
        return found

    def commit(self, words: list[Word]) -> str:
        """``commit [comment TEXT]``."""
        match [word.text for word in words]:
            case []:
                comment = ""
            case ["comment", comment]:
                pass
            case _:
                raise Refused(self.unknown(words, 0))
        return self._commit(comment)

    def _commit(self, comment: str = "", *, minutes: int | None = None) -> str:
        if not self.store.changed(self.editor):
            return "No configuration changes to commit\n"
        self.store.commit(self.editor, comment, seconds=None if minutes is None else minutes * 60.0)
        return ""

    def commit_confirm(self, words: list[Word]) -> str:
        """``commit-confirm [MINUTES]``: asks, and commits for so long."""
        text = words[0].text if words else "10"
        if len(words) > 1 or not text.isdigit() or not int(text):
            raise Refused(self.unknown(words, 0))
        if self.store.pending is not None:
            raise Refused("Another confirm is pending\n")
        what = "reload previous config" if self._reloads else "reboot"
        unsaved = not self.store.saved.same(self.store.running)
        warning = (
            "\nYou should save previous commits before commit-confirm !\n\n" if unsaved and not self._reloads else ""
        )

        def answered(answer: str) -> str:
            if answer.strip().lower() not in {"", "y", "yes"}:
                return "commit-confirm canceled\n"
            started = f"Initialized commit-confirm; {int(text)} minutes to confirm before {self._action}\n"
            nothing = self._commit(minutes=int(text))
            return nothing or started

        self.ask("Proceed ? [Y/n] ", answered)
        return f"{warning}commit-confirm will automatically {what} in {text} minutes unless changes\nare confirmed.\n\n"

    @property
    def _action(self) -> str:
        action = self.store.running.value("system", "config-management", "commit-confirm", "action")
        return action or "reboot"

    @property
    def _reloads(self) -> bool:
        return self._action == "reload"

    def confirm(self, words: list[Word]) -> str:
        """``confirm``: keep what ``commit-confirm`` committed."""
        return f"{self._action.capitalize()} timer stopped\n" if self.store.confirm() else "No confirm pending\n"

    def discard(self, words: list[Word]) -> str:
        """``discard``: the candidate is what runs."""
        changed = self.store.changed(self.editor)
        self.store.replace(self.editor, self.store.running)
        self.store.update(self.editor)
        return "Changes have been discarded\n" if changed else "No changes have been discarded\n"

    def rollback_soft(self, words: list[Word]) -> str:
        """``rollback-soft N``: a revision, into the candidate."""
        self.store.replace(self.editor, self._revision(words[0].text if words else ""))
        return 'Rollback diff has been applied.\nUse "compare" to review the changes or "commit" to apply them.\n'

    def rollback(self, words: list[Word]) -> str:
        """``rollback N``: reboot to a revision."""
        config = self._revision(words[0].text if words else "")

        def answered(answer: str) -> str:
            if answer.strip().lower() not in {"", "y", "yes"}:
                return "Canceling rollback\n"
            self.store.saved = config.copy()
            self.device.reboot()
            return ""

        return self.ask("Proceed with reboot ? [Y/n] ", answered)

    def save(self, words: list[Word]) -> str:
        """``save [FILE]``: what runs, for the next start or into a file."""
        name = words[0].text if words else BOOT
        if name == BOOT:
            self.store.save()
        self.device.files[name] = _lines(braces(self.store.running, self.store.style)).encode()
        return f"Saving configuration to '{name}'...\nDone\n"

    def load(self, words: list[Word], *, merge: bool) -> str:
        """``load [FILE]`` and ``merge [FILE]``: a file, into the candidate."""
        name = words[0].text if words else BOOT
        if name not in self.device.files:
            raise Refused(f"Cannot open configuration file {name}")
        config = self.config.copy() if merge else Node(self.store.schema)
        try:
            change(config, read(self.device.files[name].decode(), self.store.schema, self.store.style), prune=False)
        except ValueError as error:
            raise Refused(f"Failed to parse specified config file: {error}") from error
        self.store.replace(self.editor, config)
        how = "Merge" if merge else "Load"
        return f"Loading configuration from '{name}'\n\n{how} complete. Use 'commit' to make changes effective.\n"

    def leave(self, words: list[Word]) -> str:
        """``exit [discard]``: of a place, of configuration mode, of the session."""
        if self.editor.mode is None:
            self.ended = True
        elif self.level:
            self.level = []
        elif [word.text for word in words] == ["discard"]:
            self.end()
        elif self.store.changed(self.editor):
            return "Cannot exit: configuration modified.\nUse 'exit discard' to discard the changes and exit.\n"
        else:
            self.end()
            return "exit\n"
        return ""


def _framed(*lines: str) -> str:
    """A message as the shell shows it."""
    return "\n" + "".join(f"  {line}\n" for line in lines) + "\n"


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _commands(old: Node, new: Node, style: Style) -> list[str]:
    """The lines that lead from one configuration to another."""
    gone = [
        "delete " + " ".join(quoted(word, style, style.set_quote) for word in flat(path)) for path in old.missing(new)
    ]
    before = set(set_lines(old, style))
    return gone + [line for line in set_lines(new, style) if line not in before]
