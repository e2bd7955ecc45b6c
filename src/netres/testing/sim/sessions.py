"""Named configuration sessions: each edits a candidate of its own, which one commit makes the running configuration.

A session belongs to the device, not to the login that opened it: it outlives a lost connection, and another login may
go on with it. A commit on trial gives the former configuration back unless it is confirmed in time.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from netres.testing.sim.cli import Refused
from netres.testing.sim.clock import Timer
from netres.testing.sim.device import Simulated
from netres.testing.sim.indented import IndentedCli, IndentedStore
from netres.testing.sim.modes import Dialect, Editor
from netres.testing.sim.tree import Node


class SessionState(StrEnum):
    """How far a session is."""

    PENDING = "pending"
    """It can be edited; nothing of it runs."""
    TRIAL = "trial"
    """It runs, until it is confirmed or its time is up."""
    COMPLETED = "completed"
    """It was committed for good."""


@dataclass(frozen=True)
class SessionRules:
    """How one platform's sessions behave, and its texts; ``{name}`` is the session, ``{other}`` the one in the way."""

    clean: str
    """The configuration that an emptied candidate has, in the device's words."""
    pending: int
    """So many sessions may be pending."""
    full: str
    """Refuses another one."""
    completed: str
    """Refuses to go on with a session that was committed."""
    unknown: str
    """Refuses to commit or abort a session that there is not."""
    on_trial: str
    """Refuses what a commit on trial does not allow: editing it, or committing another session."""
    kept: int = 1
    """So many completed sessions are remembered."""
    lifetime: float = 24 * 3600.0
    """Seconds after which a pending session is dropped."""
    automatic: str = "sess-{number}"
    """The name of a session that was given none."""


@dataclass(eq=False)
class ConfigSession:
    """One session."""

    name: str
    candidate: Node
    state: SessionState = SessionState.PENDING
    before: Node | None = None
    """On trial: what ran before."""
    timer: Timer | None = None
    """Pending: when it is dropped; on trial: when the former configuration comes back."""
    committed: float | None = None
    """When it was committed: seconds since 1970."""
    inside: list[object] = field(default_factory=list[object])
    """The logins that are in it."""


class SessionStore(IndentedStore):
    """Running and startup configuration, and the sessions."""

    def __init__(self, dialect: Dialect, factory: str, shown: Callable[[Node], str] | None = None) -> None:
        self.sessions: dict[str, ConfigSession] = {}
        super().__init__(dialect, factory, shown)

    def left_open(self) -> tuple[str, ...]:
        """The sessions that are not over, and how far they are."""
        opened = (one for one in self.sessions.values() if one.state is not SessionState.COMPLETED)
        return tuple(f"session {session.name} is {session.state}" for session in opened)


class ConfigSessions:
    """The sessions of a device."""

    def __init__(self, device: Simulated, store: SessionStore, rules: SessionRules) -> None:
        self._device = device
        self._store = store
        self.rules = rules
        self._sessions = store.sessions
        self._opened = 0
        store.forgets.append(self._forget)

    @property
    def all(self) -> Sequence[ConfigSession]:
        """Every session that the device knows, the oldest first."""
        return tuple(self._sessions.values())

    @property
    def on_trial(self) -> ConfigSession | None:
        """The one whose commit is not confirmed yet."""
        return next((one for one in self.all if one.state is SessionState.TRIAL), None)

    def get(self, name: str) -> ConfigSession:
        """A session by its name.

        Raises:
            Refused: there is none.
        """
        if name not in self._sessions:
            raise Refused(self.rules.unknown.format(name=name))
        return self._sessions[name]

    def enter(self, name: str | None = None) -> ConfigSession:
        """Go on with a session, or begin it; without a name: a new one.

        Raises:
            Refused: as many as there may be are pending, or it is pending no more.
        """
        if name is not None and (found := self._sessions.get(name)) is not None:
            return self.editable(found)
        if sum(one.state is SessionState.PENDING for one in self.all) >= self.rules.pending:
            raise Refused(self.rules.full)
        self._opened += 1
        made = ConfigSession(name or self.rules.automatic.format(number=self._opened), self._store.running.copy())
        made.timer = self._device.clock.after(self.rules.lifetime, lambda: self._drop(made))
        self._sessions[made.name] = made
        return made

    def editable(self, session: ConfigSession) -> ConfigSession:
        """The session itself.

        Raises:
            Refused: it is pending no more.
        """
        if session.state is SessionState.TRIAL:
            raise Refused(self.rules.on_trial.format(name=session.name, other=session.name))
        if session.state is SessionState.COMPLETED:
            raise Refused(self.rules.completed.format(name=session.name))
        return session

    def clean(self, session: ConfigSession) -> None:
        """Empty its candidate."""
        session.candidate.replace(self._store.parsed(self.rules.clean))

    def commit(self, session: ConfigSession, seconds: float | None = None) -> None:
        """Have the device run on its candidate, whatever else was changed since it began; or confirm it.

        Args:
            session: one of `all`.
            seconds: on trial for so long; ``None``: for good.

        Raises:
            Refused: it was committed before, or another one is on trial.
        """
        other = self.on_trial
        if other is not None and other is not session:
            raise Refused(self.rules.on_trial.format(name=session.name, other=other.name))
        if session.state is SessionState.COMPLETED:
            raise Refused(self.rules.completed.format(name=session.name))
        if session.state is SessionState.PENDING:
            session.before = self._store.running.copy()
            session.committed = self._device.clock.wall
            self._store.running.replace(session.candidate)
        self._device.clock.cancel(session.timer)
        if seconds is None:
            self._complete(session)
        else:
            session.state = SessionState.TRIAL
            session.timer = self._device.clock.after(seconds, lambda: self.abort(session))

    def abort(self, session: ConfigSession) -> None:
        """Drop it; one on trial gives the former configuration back.

        Raises:
            Refused: it was committed.
        """
        if session.state is SessionState.COMPLETED:
            raise Refused(self.rules.completed.format(name=session.name))
        if session.before is not None:
            self._store.running.replace(session.before)
        self._drop(session)

    def diffs(self, session: ConfigSession, running: str, candidate: str) -> str:
        """What its candidate changes of the running configuration: a unified diff; ``""``: nothing.

        Args:
            session: one of `all`.
            running: how the platform calls the running configuration.
            candidate: how it calls the session's.
        """
        before, after = (self._store.shown(tree).splitlines() for tree in (self._store.running, session.candidate))
        lines = difflib.unified_diff(before, after, running, candidate, lineterm="")
        return "".join(f"{line}\n" for line in lines)

    def _complete(self, session: ConfigSession) -> None:
        session.state, session.before, session.timer = SessionState.COMPLETED, None, None
        completed = [one for one in self.all if one.state is SessionState.COMPLETED and one is not session]
        for one in completed[: len(completed) + 1 - self.rules.kept]:
            self._drop(one)

    def _drop(self, session: ConfigSession) -> None:
        self._device.clock.cancel(session.timer)
        self._sessions.pop(session.name, None)

    def _forget(self) -> None:
        for session in self.all:
            self._drop(session)


class SessionCli(IndentedCli):
    """A login at a command line with sessions; a platform adds the commands."""

    def __init__(self, device: Simulated, store: SessionStore, sessions: ConfigSessions) -> None:
        super().__init__(device, store)
        self.sessions = sessions
        self.session: ConfigSession | None = None
        """The one this login is in."""

    def enter_session(self, name: str | None) -> str:
        """Edit a session's candidate.

        Raises:
            Refused: it cannot be edited, or somebody else holds the lock.
        """
        self.locked()
        session = self.sessions.enter(name)
        self.left()
        self.editor = Editor(self.dialect, session.candidate, self.device.faults.stored)
        self.session = session
        session.inside.append(self)
        return ""

    def locked(self) -> None:
        """Refuse where somebody else holds the lock.

        Raises:
            Refused: so it is.
        """
        if self.device.faults.locked:
            raise Refused(self.dialect.locked)

    def commit(self, session: ConfigSession, seconds: float | None = None) -> str:
        """Commit or confirm a session, and leave it."""
        self.locked()
        self.sessions.commit(session, seconds)
        return self._out_of(session)

    def abort(self, session: ConfigSession) -> str:
        """Drop a session, and leave it."""
        self.sessions.abort(session)
        return self._out_of(session)

    def configure(self, line: str) -> str:
        """Do a line of a configuration mode, unless the session was committed or dropped behind this login's back.

        Raises:
            Refused: it was.
        """
        session = self.session
        if session is not None and session not in self.sessions.all:
            self.left()
            raise Refused(self.sessions.rules.unknown.format(name=session.name))
        if session is not None and session.state is not SessionState.PENDING:
            self.left()
            self.sessions.editable(session)
        return super().configure(line)

    def left(self) -> None:
        """Configuration mode was left; the session stays as it is."""
        if self.session is not None:
            self.session.inside.remove(self)
            self.session = None
        super().left()

    def close(self) -> None:
        """The connection is gone; the session is not."""
        self.left()

    def _out_of(self, session: ConfigSession) -> str:
        if self.session is session:
            self.left()
        return ""
