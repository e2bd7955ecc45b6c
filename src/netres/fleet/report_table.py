"""A run as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from netres.fleet.report import ordered, shown, summary
from netres.fleet.rows import RunReport, Status

if TYPE_CHECKING:
    from rich.table import Table

STYLES: Final[dict[Status, str]] = {
    "unknown": "bold magenta",
    "failed": "bold red",
    "cancelled": "yellow",
    "skipped": "yellow",
    "done": "green",
    "unchanged": "dim",
}


def table(report: RunReport, *, most: int = 100) -> Table:
    """The devices, failures first: all that are not as asked, of the others so many that ``most`` are shown."""
    from rich.table import Table
    from rich.text import Text

    rows = ordered(report.rows)
    first = max(most, sum(not row.well for row in rows))
    made = Table("device", "platform", "status", "wave", "seconds", "error")
    for row in rows[:first]:
        made.add_row(
            Text(shown(row.device)),
            Text(shown(row.platform)),
            Text(row.status, STYLES[row.status]),
            str(row.wave),
            f"{row.seconds:.1f}",
            Text(shown(row.error)),
        )
    left = len(rows) - first
    more = f"; {left} more are not shown here" if left > 0 else ""
    stopped = f"; stopped: {report.stopped}" if report.stopped else ""
    made.caption = Text(shown(f"run {report.id}: {summary(report)}{stopped}{more}"))
    return made
