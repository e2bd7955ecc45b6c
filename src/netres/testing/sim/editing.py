"""Who edits a configuration, in which mode, and what stands in the way. Knows no platform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from netres.testing.sim.clock import Timer
from netres.testing.sim.settree import Node


class Mode(StrEnum):
    """Whose candidate somebody edits."""

    SHARED = "shared"
    EXCLUSIVE = "exclusive"
    """The shared one, locked."""
    PRIVATE = "private"


class Locked(Exception):
    """Somebody else holds the lock; ``holder`` is ``None`` where that is nobody the device knows by name."""

    def __init__(self, holder: Editor | None) -> None:
        super().__init__("the configuration is locked")
        self.holder = holder


class Modified(Exception):
    """The shared candidate has changes that are not committed."""


class CheckFailed(Exception):
    """The device refuses a configuration as a whole; its text says why."""


@dataclass(eq=False)
class Editor:
    """Somebody who may edit."""

    number: int
    """Of the session."""
    user: str
    via: str
    since: datetime
    mode: Mode | None = None
    """``None``: edits nothing now."""
    base: Node | None = None
    """Of a private candidate: the running configuration from which it was made."""
    own: Node | None = None
    """The private candidate."""


@dataclass(frozen=True)
class Revision:
    """A configuration that was committed."""

    config: Node
    at: datetime
    user: str
    via: str
    comment: str = ""


@dataclass(eq=False)
class Pending:
    """A commit that is taken back unless it is confirmed."""

    timer: Timer
    before: Node
    """What the device goes back to."""
    editor: Editor
    seconds: float
    persist: str | None = None
    """NETCONF: the token with which any session may confirm."""
