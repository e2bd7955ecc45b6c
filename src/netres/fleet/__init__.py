"""Many devices as one, and nothing lost: runs, transactions, the journal, and what stands on it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from netres.fleet.limits import RunTerms
    from netres.fleet.rows import Row, RunReport
    from netres.fleet.runner import arun, run, stream
    from netres.fleet.stop import Stop
    from netres.fleet.tasks import Apply, Call, Commands, Plan

_MODULE_OF: Final = {
    "Apply": "tasks",
    "Call": "tasks",
    "Commands": "tasks",
    "Plan": "tasks",
    "Row": "rows",
    "RunReport": "rows",
    "RunTerms": "limits",
    "Stop": "stop",
    "arun": "runner",
    "run": "runner",
    "stream": "runner",
}
__all__ = ["Apply", "Call", "Commands", "Plan", "Row", "RunReport", "RunTerms", "Stop", "arun", "run", "stream"]


def __getattr__(name: str) -> object:
    if (module := _MODULE_OF.get(name)) is None:
        raise AttributeError(f"module 'netres.fleet' has no attribute {name!r}")
    return getattr(import_module(f"netres.fleet.{module}"), name)
