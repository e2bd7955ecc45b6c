"""Configuration mode of a simulated VyOS router: commit, confirm, compare, save, load, roll back, exit."""

from __future__ import annotations

from collections.abc import Iterable

from netres.testing.sim.cli import Refused
from netres.testing.sim.setedit import change, read
from netres.testing.sim.setlines import SetLineSession, Verb
from netres.testing.sim.settext import Style, Word, braces, difference, quoted, set_lines
from netres.testing.sim.settree import Node, flat
from netres_drivers.vyos.sim_show import marked

BOOT = "/config/config.boot"


class VyosEditing(SetLineSession):
    """A login; `netres_drivers.vyos.sim_cli` adds operational mode."""

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
            "systemctl": self.systemctl,
        }
        return super().editing() | own

    def show_candidate(self, words: list[Word]) -> str:
        """``show [PATH]``: with what differs from what runs."""
        new, old = self.shown_node(self.config, words), self.shown_node(self.store.running, words)
        if new is None and old is None:
            return framed("Configuration under specified path is empty")
        lines = marked(old[0] if old else None, new[0] if new else None, self.store.style)
        return self.device.faults.shown(lines_of(lines))

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
            return self.device.faults.shown(lines_of(_commands(old, new, self.store.style)))
        text = ""
        for place in difference(old, new, self.store.style):
            path = " ".join(place.path)
            text += f"[{path}]\n" * bool(path) + lines_of(f"{line.mark} {line.text}" for line in place.lines) + "\n"
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

    def systemctl(self, words: list[Word]) -> str:
        """The shell below the command line, as far as it tells of the timer that ``commit-confirm`` starts."""
        if [word.text for word in words] != ["is-active", "commit-confirm.timer"]:
            raise Refused(self.unknown(words, 0))
        return "active\n" if self.store.pending else "inactive\n"

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
        self.device.files[name] = lines_of(braces(self.store.running, self.store.style)).encode()
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


def framed(*lines: str) -> str:
    """A message as the shell shows it."""
    return "\n" + "".join(f"  {line}\n" for line in lines) + "\n"


def lines_of(lines: Iterable[str]) -> str:
    """Lines as text."""
    return "".join(f"{line}\n" for line in lines)


def _commands(old: Node, new: Node, style: Style) -> list[str]:
    """The lines that lead from one configuration to another."""
    gone = [" ".join(quoted(word, style, style.set_quote) for word in flat(path)) for path in old.missing(new)]
    return [*(f"delete {path}" for path in gone), *set_lines(new, style, paths=new.missing(old))]
