"""Arista EOS: how the simulated device tells of its configuration sessions.

The JSON is that of EOS up to 4.31 (napalm issue 2166); the text's columns are recorded of 4.17 and 4.25. In 4.32 and
later the state of a session on trial is ``committed``, which the client NAPALM does not take for a pending commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from netres.testing.sim.device import Simulated
from netres.testing.sim.http import Json
from netres.testing.sim.sessions import ConfigSession, ConfigSessions, SessionRules, SessionState
from netres_drivers.arista_eos.sim_grammar import CLEAN

RULES: Final = SessionRules(
    clean=CLEAN,
    pending=5,
    full=(
        "% Maximum number of pending sessions has been reached. Please commit or abort previous sessions before "
        "creating a new one."
    ),
    completed="% Cannot commit session {name} (already completed)",  # unproven
    unknown="% Session {name} does not exist",  # unproven
    on_trial="% Cannot commit session {name}: the commit timer of session {other} is pending",  # unproven
)
_STATES: Final = {
    SessionState.PENDING: "pending",
    SessionState.TRIAL: "pendingCommitTimer",
    SessionState.COMPLETED: "completed",
}


def sessions_json(sessions: ConfigSessions, login: object, device: Simulated) -> Mapping[str, Json]:
    """``show configuration sessions`` as JSON."""
    return {
        "sessions": {session.name: _told(session, login, device) for session in sessions.all},
        "maxSavedSessions": RULES.kept,
        "maxOpenSessions": RULES.pending,
        "mergeOnCommit": False,
        "saveToStartupConfigOnCommit": False,
    }


def _told(session: ConfigSession, login: object, device: Simulated) -> Mapping[str, Json]:
    made: dict[str, Json] = {"state": _STATES[session.state], "description": "", "instances": {}}
    made["instances"] = {
        str(number): {"user": device.username, "terminal": f"vty{number}", "currentTerminal": one is login}
        for number, one in enumerate(session.inside, 1)
    }
    if session.committed is not None:
        made |= {"completedTime": session.committed, "commitUser": device.username}
    if session.state is SessionState.TRIAL and session.timer is not None:
        made["commitBy"] = device.clock.wall + device.clock.remaining(session.timer)
    return made


def sessions_text(sessions: ConfigSessions, login: object, device: Simulated, *, detail: bool) -> str:
    """``show configuration sessions`` as text."""
    made = [
        f"Maximum number of completed sessions: {RULES.kept}",
        f"Maximum number of pending sessions: {RULES.pending}",
        *(["Merge on commit is disabled", "Autosave to startup-config on commit is disabled"] if detail else []),
        "",
    ]
    more = ["Commit Time Left", "Completed Time", "Committed By"] if detail else []
    rows = [["Name", "State", "User", "Terminal", *more]]
    marks = [" ", "-"]
    for session in sessions.all:
        inside = f"vty{session.inside.index(login) + 1}" if login in session.inside else ""
        user = device.username if session.inside else ""
        row = [session.name, _STATES[session.state], user, inside]
        rows.append([*row, *(_times(session, device) if detail else [])])
        marks.append("*" if inside else " ")
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, ["-" * width for width in widths])
    for mark, row in zip(marks, rows, strict=True):
        cells = " ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        made.append(f"{mark} {cells}".rstrip())
    return "".join(f"{line}\n" for line in made)


def _times(session: ConfigSession, device: Simulated) -> list[str]:
    left = ""
    if session.state is SessionState.TRIAL and session.timer is not None:
        left = str(timedelta(seconds=int(device.clock.remaining(session.timer))))
    if session.committed is None:
        return [left, "", ""]
    return [left, f"{datetime.fromtimestamp(session.committed, UTC):%Y-%m-%d %H:%M:%S}", device.username]
