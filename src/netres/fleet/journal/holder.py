"""Who holds a lease: a process, told apart from every other one, before or after it, here or elsewhere."""

from __future__ import annotations

import getpass
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_GONE: Final = frozenset("ZX")
"""States of a process in proc_pid_stat(5) that has ended, and waits for its parent."""


@dataclass(frozen=True)
class Holder:
    """One process. ``boot``: which start of which kernel, and which PID namespace; empty: not known."""

    who: str
    host: str
    boot: str
    pid: int
    started: int
    """Clock ticks after the boot: a later process with the same PID has another number."""

    @classmethod
    def here(cls, who: str | None = None) -> Holder:
        """This process."""
        host = socket.gethostname()
        pid = os.getpid()
        return cls(who or f"{_user()}@{host}", host, _boot(), pid, _started(pid) or 0)

    def near(self) -> bool:
        """Whether this process is, or was, one that can be seen from here."""
        return bool(self.boot) and (self.host, self.boot) == (socket.gethostname(), _boot())

    def dead(self) -> bool:
        """Whether this process is provably no more. Of another machine's, or another container's, nothing is known."""
        return self.near() and _started(self.pid) != self.started

    def __str__(self) -> str:
        return f"{self.who} (process {self.pid} on {self.host})"


def _user() -> str:
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())


def _boot() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _started(pid: int) -> int | None:
    """When a process started; ``None``: there is none."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the program's name before may hold anything
    return None if fields[0] in _GONE else int(fields[19])
