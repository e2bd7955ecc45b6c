"""A running configuration and candidates for it: commits, their history, the timed way back, locks. Knows no platform.

Who edits is an `Editor`: a login at a command line, or a NETCONF session. Both see the same candidate and one lock.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from netres.testing.sim.clock import Clock
from netres.testing.sim.editing import CheckFailed, Editor, Locked, Mode, Modified, Pending, Revision
from netres.testing.sim.schema import Statement
from netres.testing.sim.setedit import change, read
from netres.testing.sim.settext import Style, set_lines
from netres.testing.sim.settree import Node

KEPT: Final = 50
"""Revisions that are kept."""


@dataclass(eq=False)
class Candidates:
    """A device's store (`netres.testing.sim.device.Store`)."""

    schema: Statement
    style: Style
    clock: Clock
    factory: str
    """Lines that set what a new device has."""
    check: Callable[[Node], str] = lambda config: ""
    """What the device says against a configuration as a whole; empty: nothing."""
    saves: bool = True
    """Whether what is committed survives a reboot; else only what is saved does."""
    prunes: bool = True
    """Whether containers that are left empty are gone."""
    free: bool = False
    """Whether a private candidate can be had whoever edits; only commits are refused by a lock."""
    commit_confirms: bool = True
    """Whether a commit that waits for its confirmation is confirmed by the next."""
    locked_outside: Callable[[], bool] = lambda: False
    """Whether somebody that is no session of this device holds the lock (a fault)."""
    reverts: Callable[[], None] | None = None
    """What happens where a commit is not confirmed in time; default: the configuration before it is committed."""
    holder: Editor | None = None
    """Who holds the lock of the candidate."""
    locks: dict[str, Editor] = field(default_factory=dict[str, Editor])
    """Of NETCONF's other datastores: who holds each."""
    pending: Pending | None = None
    editors: list[Editor] = field(default_factory=list[Editor])
    history: list[Revision] = field(default_factory=list[Revision])
    """The newest first; its first is what runs."""

    def __post_init__(self) -> None:
        self._numbers = itertools.count(4001)
        self._made = datetime.now(UTC), self.clock.now
        self.reset()

    def reset(self) -> None:
        """Have it as it came from the factory; who edits goes on with that."""
        self.clock.cancel(self.pending.timer if self.pending else None)
        self.pending = None
        self.running = Node(self.schema)
        self.saved = Node(self.schema)
        self.candidate = Node(self.schema)
        self.history = []
        for editor in self.editors:
            editor.base = editor.own = None
        self.load(self.factory)

    def native(self) -> str:
        """The running configuration as lines that set it."""
        return "".join(f"{line}\n" for line in set_lines(self.running, self.style))

    def load(self, text: str) -> None:
        """Add lines that set or delete, or a configuration in braces, to what runs, and save it.

        Raises:
            ValueError: a line does not fit; names it.
        """
        config = self.running.copy()
        change(config, read(text, self.schema, self.style), prune=self.prunes)
        self.saved = config.copy()
        self._run(config, "root", "other")

    def reboot(self) -> None:
        """Start anew: sessions, locks, candidates and what was not saved or not confirmed are gone."""
        before = self.pending.before if self.pending else self.running
        self.clock.cancel(self.pending.timer if self.pending else None)
        self.pending = self.holder = None
        self.editors.clear()
        self.locks.clear()
        config = before if self.saves else self.saved
        if not config.same(self.running):
            self._run(config.copy(), "root", "other")
        self.candidate = self.running.copy()

    def left_open(self) -> tuple[str, ...]:
        """What somebody began and did not end: changes that are not committed, the lock, a commit not confirmed."""
        found: list[str] = []
        if not self.candidate.same(self.running):
            found.append("the candidate has changes that are not committed")
        private = [one for one in self.editors if one.own and one.base and not one.own.same(one.base)]
        found.extend(f"session {one.number} has changes that are not committed" for one in private)
        if self.holder is not None:
            found.append(f"session {self.holder.number} holds the lock")
        found.extend(f"session {one.number} holds the lock of {name}" for name, one in sorted(self.locks.items()))
        if self.pending is not None:
            found.append(f"a commit waits {self.clock.remaining(self.pending.timer):.0f} s for its confirmation")
        return tuple(found)

    # Editors

    def login(self, user: str, via: str) -> Editor:
        """A session that may edit."""
        return Editor(next(self._numbers), user, via, self.now())

    def begin(self, editor: Editor, mode: Mode) -> None:
        """Begin to edit.

        Raises:
            Locked: exclusive, and somebody else has the lock.
            Modified: not shared, and the shared candidate has changes.
        """
        if mode is not Mode.SHARED and not self.free:
            self.lock(editor, only=mode is Mode.EXCLUSIVE)
        editor.mode, editor.since = mode, self.now()
        self.editors.append(editor)
        if mode is Mode.PRIVATE:
            editor.base, editor.own = self.running.copy(), self.running.copy()

    def lock(self, editor: Editor, *, only: bool = True) -> None:
        """Take the lock of the shared candidate; ``only`` false: only see whether that would go.

        Raises:
            Locked: somebody has it.
            Modified: the candidate has changes, which would be the holder's.
        """
        if self.holder is not None or self.locked_outside():
            raise Locked(self.holder)
        if not self.candidate.same(self.running):
            raise Modified
        if only:
            self.holder = editor

    def end(self, editor: Editor) -> None:
        """Edit no more: a private candidate is gone, a lock with the changes made under it too."""
        if editor in self.editors:
            self.editors.remove(editor)
        editor.mode = editor.own = editor.base = None
        if self.holder is editor:
            self.candidate = self.running.copy()
            self.holder = None

    def require(self, editor: Editor) -> None:
        """See that nobody else has locked what ``editor`` edits.

        Raises:
            Locked: somebody has.
        """
        if self.holder not in {None, editor} or (self.locked_outside() and self.holder is not editor):
            raise Locked(self.holder)

    def config(self, editor: Editor) -> Node:
        """What an editor edits."""
        if editor.mode is Mode.PRIVATE:
            if editor.own is None:
                editor.base, editor.own = self.running.copy(), self.running.copy()
            return editor.own
        return self.candidate

    def changed(self, editor: Editor) -> bool:
        """Whether what it edits was changed since its last commit."""
        config = self.config(editor)
        return not config.same(editor.base if editor.mode is Mode.PRIVATE and editor.base else self.running)

    def replace(self, editor: Editor, config: Node) -> None:
        """Have it edit this."""
        if editor.mode is Mode.PRIVATE:
            self.config(editor)
            editor.own = config.copy()
        else:
            self.candidate = config.copy()

    def update(self, editor: Editor) -> None:
        """Have a private candidate hold what others committed since."""
        if editor.own is not None and editor.base is not None:
            editor.own = editor.own.rebase(editor.base, self.running)
            editor.base = self.running.copy()

    # Commits

    def commit(
        self, editor: Editor, comment: str = "", *, seconds: float | None = None, persist: str | None = None
    ) -> None:
        """Have the device run on what an editor edits. It confirms a commit that waits for that.

        Args:
            editor: who commits.
            comment: kept in the history.
            seconds: take it back after so long, unless it is confirmed.
            persist: see `Pending`.

        Raises:
            Locked: somebody else has the lock.
            CheckFailed: the device refuses the configuration.
        """
        self.require(editor)
        config = self.checked(editor)
        before = self.pending.before if self.pending else self.running
        if self.commit_confirms or seconds is not None:
            self.confirm()
        self._run(config, editor.user, editor.via, comment)
        if seconds is not None:
            timer = self.clock.after(seconds, self.revert)
            self.pending = Pending(timer, before, editor, seconds, persist)
        if editor.mode is Mode.PRIVATE:
            editor.base, editor.own = config.copy(), config.copy()

    def checked(self, editor: Editor) -> Node:
        """What a commit would have the device run on.

        Raises:
            CheckFailed: it refuses.
        """
        config = self.config(editor)
        if editor.mode is Mode.PRIVATE and editor.base is not None:
            config = config.rebase(editor.base, self.running)
        if wrong := self.check(config):
            raise CheckFailed(wrong)
        return config.copy()

    def run(self, config: Node, editor: Editor) -> None:
        """Have the device run on this, past the candidate.

        Raises:
            CheckFailed: it refuses.
        """
        if wrong := self.check(config):
            raise CheckFailed(wrong)
        self._run(config, editor.user, editor.via)

    def confirm(self) -> bool:
        """Keep what was committed; whether something waited for that."""
        pending, self.pending = self.pending, None
        self.clock.cancel(pending.timer if pending else None)
        return pending is not None

    def revert(self) -> None:
        """Take back what was not confirmed."""
        if self.pending is not None:
            if self.reverts is not None:
                self.reverts()
            else:
                self.go_back()

    def go_back(self) -> None:
        """Run on what was before the commit that is not confirmed. A candidate that was not changed follows."""
        if (pending := self.pending) is None:
            return
        self.confirm()
        self._run(pending.before, "root", "other")

    def revision(self, number: int) -> Node | None:
        """A committed configuration: 0 is what runs, 1 the one before."""
        return self.history[number].config if 0 <= number < len(self.history) else None

    def save(self) -> None:
        """Keep what runs for the next start."""
        self.saved = self.running.copy()

    def now(self) -> datetime:
        """The date, as the device's clock has it."""
        date, then = self._made
        return date + timedelta(seconds=self.clock.now - then)

    def _run(self, config: Node, user: str, via: str, comment: str = "") -> None:
        clean = self.candidate.same(self.running)
        self.running = config
        if clean:  # nobody edits it: it follows
            self.candidate = config.copy()
        self.history.insert(0, Revision(config.copy(), self.now(), user, via, comment))
        del self.history[KEPT:]
