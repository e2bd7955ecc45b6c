"""Arista EOS: the command line of the simulated device. Also what the command API runs its commands on.

Texts that stand in no recording and no manual, and are therefore unproven, are marked so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, cast

from netres.testing.sim.cli import Refused
from netres.testing.sim.device import Simulated
from netres.testing.sim.http import Json
from netres.testing.sim.indented import PRIVILEGED, Call, command
from netres.testing.sim.modes import Editor
from netres.testing.sim.sessions import ConfigSessions, SessionStore
from netres.testing.sim.tree import Node
from netres.testing.sim.words import Wrong
from netres_drivers.arista_eos import sim_secrets
from netres_drivers.arista_eos.sim_facts import Facts
from netres_drivers.arista_eos.sim_grammar import ARGUMENT, CLEAN, DIALECT, short
from netres_drivers.arista_eos.sim_show import EosShows

_COPIED: Final = "Copy completed successfully."
_SPLIT: Final = re.compile(r"(interface|int\w*)\s+([A-Za-z-]+)\s+(\d\S*)")
_NAMED: Final = 6
"""So many characters of a session's name stand in the prompt."""


def _time(word: str) -> str | None:
    match = re.fullmatch(r"(\d{1,2}):(\d{1,2}):(\d{1,2})", word)
    return word if match and int(match[2]) < 60 and int(match[3]) < 60 else None


def _file(word: str) -> str | None:
    known = {"running-config", "startup-config", "session-config", "clean-config"}
    return word if word in known or re.fullmatch(r"flash:/?[\w.-]+", word) else None


class EosCli(EosShows):
    """One login."""

    types = {**DIALECT.types, "time": _time, "file": _file}  # noqa: RUF012 - declared as a ClassVar by its base
    bad_password = "% Bad secrets"  # noqa: S105 - a text; unproven

    def __init__(self, device: Simulated, store: SessionStore, sessions: ConfigSessions, facts: Facts) -> None:
        super().__init__(device, store, sessions, facts)
        self._wrong_at = 0

    @property
    def prompt(self) -> str:
        """``r1#``, ``r1(config-if-Et1)#`` or ``r1(config-s-sess-1-if-Et1)#``."""
        if self.editor is None:
            return self.host_name + ("#" if self.level >= PRIVILEGED else ">")
        parts = ["config"]
        if self.session is not None:
            parts.append(f"s-{self.session.name[:_NAMED]}")
        if self.editor.above:
            mode, words = self.editor.mode.prompt, self.editor.above[-1].split()
            name = words[1] if mode in {"if", "vlan", "route-map"} else words[-1]
            parts.append(f"{mode}-{short(name)}" if mode in ARGUMENT else mode)
        return f"{self.host_name}({'-'.join(parts)})#"

    def enter(self, line: str) -> str:
        """Do a line: configuration where it is one, otherwise a command."""
        typed = _SPLIT.sub(r"\1 \2\3", line.strip(), count=1) if _SPLIT.match(line.strip()) else line
        try:
            return self.execute(typed) if self.editor is None else self._configured(typed)
        except Wrong as wrong:
            self._wrong_at = len(typed[: wrong.column].split())
            raise Refused(self.dialect.words_of(wrong, line, 0)) from None

    def _configured(self, line: str) -> str:
        first, _, rest = line.strip().partition(" ")
        if first == "do" and rest:
            return self.execute(rest)
        try:
            return self.configure(f"no {rest}" if first == "default" and rest else line)
        except Wrong as wrong:
            if wrong.kind != "invalid":
                raise
            try:
                return self.execute(line)
            except Wrong:
                raise wrong from None

    def execute(self, line: str, column: int = 0) -> str:
        """Do a command, and what its pipe says: also ``| json`` and ``| no-more``."""
        typed, *pipe = re.split(r"\s*\|\s*", line, maxsplit=1)
        way = pipe[0].strip() if pipe else ""
        if way == "json":
            made = self.model(typed)
            return json.dumps({"errors": ["This is an unconverted command"]} if made is None else made, indent=4)
        self.unpaged = way == "no-more"
        try:
            return super().execute(typed if self.unpaged else line, column)
        except Wrong:
            self._privileged(typed)
            raise

    def _privileged(self, line: str) -> None:
        """Refuse a command that is known, but not to this level."""
        if self.level < PRIVILEGED:
            with suppress(Wrong):
                self._commands[PRIVILEGED].match(line)
                raise Refused("% Invalid input (privileged mode required)")

    # What the command API needs: `netres_drivers.arista_eos.sim_eapi.Commands`.

    def answer(self, line: str) -> str:
        """Take a line, or the answer to a question; raises `Refused`."""
        question, self._question = self._question, None
        return question[1](line) if question else self.enter(line)

    def model(self, line: str) -> Mapping[str, Json] | None:
        """What a ``show`` command tells as JSON; ``None``: only as text. Raises `Refused`."""
        try:
            call = self._commands[self.level].match(line)
        except Wrong as wrong:
            self._wrong_at = len(line[: wrong.column].split())
            self._privileged(line)
            raise Refused(self.dialect.words_of(wrong, line, 0)) from None
        made = getattr(self, f"{call.meaning.name}_json", None)
        return cast("Mapping[str, Json]", made(call)) if made else None

    def bad_token(self, line: str) -> int:
        """The how manieth word of a line, from 0, it did not understand."""
        return min(self._wrong_at, max(0, len(line.split()) - 1))

    # Levels and terminal.

    def enable_password(self) -> str | None:
        """The line that holds its hash."""
        lines = (self.store.running.children.get(f"enable {word}") for word in ("password", "secret"))
        return next((node.line for node in lines if node), None)

    def opens(self, given: str, wanted: str) -> bool:
        """Whether a password has the hash that ends a line."""
        return sim_secrets.opens(given, wanted)

    @command("terminal length <0-32767>", user=True)
    def terminal_length(self, call: Call) -> str:
        """Lines of a page."""
        self.page = int(call.values[0])
        return "" if self.page else "Pagination disabled."

    @command("terminal width <10-32767>", user=True)
    def terminal_width(self, call: Call) -> str:
        """Nothing is broken by width here."""
        return f"Width set to {call.values[0]} columns."

    # Configuration.

    @command("configure [terminal]")
    def configure_terminal(self, call: Call) -> str:
        """What is entered runs at once."""
        self.left()
        return self.edits(self.store.running)

    @command("configure session [<word>]")
    def configure_session(self, call: Call) -> str:
        """What is entered changes a candidate."""
        return self.enter_session(call.values[0] if call.values else None)

    @command("configure session <word> commit")
    def session_commit(self, call: Call) -> str:
        """Commit or confirm a session from outside."""
        return self.commit(self.sessions.get(call.values[0]))

    @command("configure session <word> commit timer <time>")
    def session_commit_timer(self, call: Call) -> str:
        """Commit a session on trial from outside."""
        return self.commit(self.sessions.get(call.values[0]), _seconds(call.values[1]))

    @command("configure session <word> abort")
    def session_abort(self, call: Call) -> str:
        """Drop a session from outside; one on trial is taken back."""
        return self.abort(self.sessions.get(call.values[0]))

    @command("commit")
    def commit_here(self, call: Call) -> str:
        """Commit the session this login is in."""
        return self.commit(self.here())

    @command("commit timer <time>")
    def commit_timer_here(self, call: Call) -> str:
        """The same on trial."""
        return self.commit(self.here(), _seconds(call.values[0]))

    @command("abort")
    def abort_here(self, call: Call) -> str:
        """Drop the session this login is in."""
        return self.abort(self.here())

    @command("rollback clean-config")
    def rollback(self, call: Call) -> str:
        """Empty the session's candidate."""
        session = self.here()
        self.sessions.clean(session)
        self.editor = Editor(self.dialect, session.candidate, self.device.faults.stored)
        return ""

    @command("configure replace <file>")
    def configure_replace(self, call: Call) -> str:
        """Have exactly what a file says."""
        self.locked()
        made = self._parsed(self._read(call.values[0], "replacing running-config with"), Node())
        self.store.running.replace(made)
        return ""

    @command("copy <file> <file>")
    def copy(self, call: Call) -> str:
        """Copy a configuration or a file; into the running configuration, or the session's: add to it."""
        source, target = call.values
        text = self._read(source, f"copying {source} to {target}:")
        if target == "running-config":
            self.locked()
            self.store.running.replace(self._parsed(text, self.store.running))
        elif target == "session-config":
            session = self.here()
            session.candidate.replace(self._parsed(text, session.candidate))
        elif target == "startup-config":
            self.store.saved = self._parsed(text, Node())
        elif target == "clean-config":
            raise Wrong("invalid", call.text.rindex(target))
        else:
            self.device.files[_path(target)] = text.encode()
        return _COPIED

    @command("write [memory]")
    def write(self, call: Call) -> str:
        """Have the running configuration be the startup configuration."""
        self.store.save()
        return _COPIED

    @command("delete <file>")
    def delete(self, call: Call) -> str:
        """Remove a file."""
        if self.device.files.pop(_path(call.values[0]), None) is None:
            raise Refused(f"% Error deleting {call.values[0]} (No such file or directory)")
        return ""

    @command("reload [now]")
    def reload(self, call: Call) -> str:
        """Start anew."""
        if call.words[-1] == "now":
            return self._reload("y")
        return self.ask("Proceed with reload? [confirm]", self._reload)

    def _reload(self, answer: str) -> str:
        if answer.lower() in {"", "y", "yes"}:
            self.device.reboot()
        return ""

    def _read(self, name: str, doing: str) -> str:
        """The text of a configuration or a file."""
        trees = {"running-config": self.store.running, "startup-config": self.store.saved}
        if name == "clean-config":
            return CLEAN
        if name == "session-config":
            trees[name] = self.here().candidate
        if name in trees:
            return self._config(name, trees[name], faults=False)
        content = self.device.files.get(_path(name))
        if content is None:
            raise Refused(f"% Error {doing} {name} (No such file or directory)")  # unproven
        return content.decode(errors="replace")

    def _parsed(self, text: str, onto: Node) -> Node:
        """The configuration of a text, added to a copy of another; raises `Refused` with the first bad line."""
        tree = onto.copy()
        editor = Editor(self.dialect, tree, self.device.faults.stored)
        for number, (line, said) in enumerate(editor.run(text), 1):
            if isinstance(said, Wrong):
                raise Refused(f"> {line.strip()}\n{self.dialect.words_of(said, line, 0)} at line {number}")
            if isinstance(said, Refused):
                raise said
        return tree


def _seconds(time: str) -> float:
    hours, minutes, seconds = (int(part) for part in time.split(":"))
    return float(hours * 3600 + minutes * 60 + seconds)


def _path(name: str) -> str:
    return name.removeprefix("flash:").lstrip("/")
