"""Configuration mode of a simulated Junos router: commit, rollback, load, show and compare, exit."""

from __future__ import annotations

from netres.testing.sim.cli import Refused
from netres.testing.sim.editing import Mode
from netres.testing.sim.schema import PathRefused, Problem
from netres.testing.sim.setedit import edit, read
from netres.testing.sim.setlines import SetLineSession, Stage, Verb
from netres.testing.sim.settext import Edit, Word, braces, difference, set_lines
from netres.testing.sim.settree import Node

NOT_COMMITTED = "The configuration has been changed but not committed\n"


class JunosEditing(SetLineSession):
    """A login; `netres_drivers.juniper_junos.sim_cli` adds operational mode."""

    def editing(self) -> dict[str, Verb]:
        """The first words of configuration mode."""
        own: dict[str, Verb] = {
            "delete": self.delete,
            "deactivate": lambda words: self.changed("deactivate", words),
            "activate": lambda words: self.changed("activate", words),
            "show": self.show_candidate,
            "commit": self.commit,
            "rollback": self.rollback,
            "load": self.load,
            "update": self.update,
            "quit": self.leave,
        }
        return super().editing() | own

    def delete(self, words: list[Word]) -> str:
        """``delete [PATH]``: without a path it asks, and deletes all that stands here."""
        if words:
            return self.changed("delete", words)
        self.store.require(self.editor)

        def answered(answer: str) -> str:
            node = self.config.at(*self.place)
            if answer.strip().lower() in {"y", "yes"} and node is not None:
                node.children.clear()
            return ""

        note = "" if self.level else "This will delete the entire configuration\n"
        self.ask("Delete everything under this level? [yes,no] (no) ", answered)
        return note

    # show

    def show_candidate(self, words: list[Word]) -> str:
        """``show [PATH]``."""
        return self.device.faults.shown(self.in_braces(self.config, words))

    def in_braces(self, config: Node, words: list[Word]) -> str:
        """What stands down a path; a leaf itself."""
        found = self.shown_node(config, words)
        return "".join(f"{line}\n" for line in braces(found[0], self.store.style)) if found else ""

    def piped(self, command: list[Word], behind: list[list[Word]]) -> str | None:
        """``show | compare``, ``show | display set``."""
        texts = [word.text for word in command]
        running = texts[:2] == ["show", "configuration"] and not self.configuring
        if not running and (texts[:1] != ["show"] or not self.configuring):
            return None
        path = command[2:] if running else command[1:]
        match [word.text for word in behind[0]]:
            case ["display", "set"]:
                answer = self._display_set(self.store.running if running else self.config, path)
            case ["compare", *which] if not (running and not which):
                answer = self._compare(which, self.store.running if running else self.config)
            case _:
                return None
        for stage in behind[1:]:
            answer = self.stage(stage)(answer)
        return self.device.faults.shown(answer)

    def stage(self, words: list[Word]) -> Stage:
        """``| display omit`` and ``| display inheritance`` change nothing here: there are no groups."""
        if [word.text for word in words] in (["display", "omit"], ["display", "inheritance"]):
            return lambda answer: answer
        return super().stage(words)

    def _display_set(self, config: Node, words: list[Word]) -> str:
        found = self.shown_node(config, words)
        lines = set_lines(found[0], self.store.style, above=found[1]) if found else ()
        return "".join(f"{line}\n" for line in lines)

    def _compare(self, which: list[str], new: Node) -> str:
        old = self.store.running
        if which:
            old = self._revision(which[1] if len(which) == 2 and which[0] == "rollback" else "")
        lines: list[str] = []
        for place in difference(old, new, self.store.style):
            if place.path[: len(self.place)] == self.place:
                lines += [f"[edit{''.join(f' {word}' for word in place.path)}]", *map(str, place.lines)]
        return "".join(f"{line}\n" for line in lines)

    def _revision(self, number: str) -> Node:
        if not number.isdigit() or int(number) > 49:
            raise Refused(self.refusal(self.typed))
        found = self.store.revision(int(number))
        if found is None:
            raise Refused(
                f"error: problem checking file: /var/db/config/juniper.conf.{number}.gz: No such file or directory"
            )
        return found

    # commit

    def commit(self, words: list[Word]) -> str:
        """``commit [check] [confirmed [MINUTES]] [comment TEXT] [and-quit]``."""
        rest = [word.text for word in words]
        if rest == ["check"]:
            self.store.checked(self.editor)
            self.store.confirm()
            return "configuration check succeeds\n"
        minutes: int | None = None
        comment, leaves = "", False
        while rest:
            match rest:
                case ["confirmed", number, *rest] if number.isdigit():
                    minutes = int(number)
                case ["confirmed", *rest]:
                    minutes = 10
                case ["comment", comment, *rest]:
                    pass
                case ["and-quit", *rest]:
                    leaves = True
                case _:
                    raise Refused(self.refusal(self.typed))
        return self._commit(minutes, comment) + (self._left() if leaves else "")

    def _commit(self, minutes: int | None, comment: str) -> str:
        if minutes is not None and not 1 <= minutes <= 65535:
            raise Refused(f"error: Value {minutes} is not within range (1..65535)")
        self.store.commit(self.editor, comment, seconds=None if minutes is None else minutes * 60.0)
        note = f"commit confirmed will be automatically rolled back in {minutes} minutes unless confirmed\n"
        return (note if minutes else "") + "commit complete\n"

    def rollback(self, words: list[Word]) -> str:
        """``rollback [NUMBER]``: into the candidate."""
        self.store.require(self.editor)
        if len(words) > 1:
            raise Refused(self.unknown(words, 1))
        found = self._revision(words[0].text if words else "0")
        self.store.replace(self.editor, found)
        return "load complete\n"

    def update(self, words: list[Word]) -> str:
        """``update``: what others committed, into a private candidate."""
        if self.editor.mode is not Mode.PRIVATE:
            raise Refused(self.refusal(self.typed))
        self.store.update(self.editor)
        return ""

    # load

    def load(self, words: list[Word]) -> str:
        """``load set | merge | override | replace | update`` and ``terminal`` or a file."""
        self.store.require(self.editor)
        match [word.text for word in words]:
            case ["set" | "merge" | "override" | "replace" | "update" as how, "terminal"]:
                return self.text(lambda text: self._loaded(how, text), "[Type ^D at a new line to end input]\n")
            case ["set" | "merge" | "override" | "replace" | "update" as how, name]:
                if name not in self.device.files:
                    raise Refused(f"error: problem checking file: {name}: No such file or directory")
                return self._loaded(how, self.device.files[name].decode())
            case _:
                raise Refused(self.refusal(self.typed))

    def _loaded(self, how: str, text: str) -> str:
        self.store.require(self.editor)
        config = self.config.copy()
        if how in {"override", "update"}:
            config.children.clear()
        try:
            changes = read(text, self.store.schema, self.store.style)
        except ValueError as error:
            return f"terminal:1: {error}\nload complete (1 errors)\n"
        if how not in {"set", "replace"}:
            changes = [one for one in changes if one.verb != "delete"]
        errors = [wrong for one in changes if (wrong := self._load_one(config, one))]
        self.store.replace(self.editor, config)
        return "".join(errors) + (f"load complete ({len(errors)} errors)\n" if errors else "load complete\n")

    def _load_one(self, config: Node, one: Edit) -> str:
        try:
            edit(config, one, prune=self.store.prunes)
        except PathRefused as refused:
            what = "missing argument" if refused.problem is Problem.INCOMPLETE else "syntax error"
            return f"terminal:1: {what}: {' '.join(one.words)}\n"
        return ""

    # exit

    def leave(self, words: list[Word]) -> str:
        """``exit [configuration-mode]``: of a place, of configuration mode, of the session."""
        if self.editor.mode is None:
            self.ended = True
            return ""
        if not words and self.level:
            self.level.pop()
            return ""
        if words and [word.text for word in words] != ["configuration-mode"]:
            raise Refused(self.unknown(words, 0))
        if not self.store.changed(self.editor):
            return self._left()
        shared = self.editor.mode is Mode.SHARED
        exclusive = "warning: Auto rollback on exiting 'configure exclusive'\n"
        note = NOT_COMMITTED + (exclusive if self.editor.mode is Mode.EXCLUSIVE else "")
        question = "Exit with uncommitted changes?" if shared else "Discard uncommitted changes?"
        self.ask(f"{question} [yes,no] (yes) ", self._answered)
        return note

    def _answered(self, answer: str) -> str:
        if answer.strip().lower() not in {"", "y", "yes"}:
            return "Exit aborted\n"
        discarded = (
            "" if self.editor.mode is Mode.SHARED else "warning: discarding uncommitted changes\nload complete\n"
        )
        return discarded + self._left()

    def _left(self) -> str:
        self.end()
        return "Exiting configuration mode\n"
