"""What all reports of a run have in common: the order, the diff, text that cannot be taken for anything else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from netres import readable
from netres.errors import UsageError
from netres.fleet.rows import Row, RunReport, Status

ORDER: Final[tuple[Status, ...]] = ("unknown", "failed", "cancelled", "skipped", "done", "unchanged")
"""What somebody has to look at comes first."""


def shown(text: str) -> str:
    """``text`` with every character that is no line end, tab or printable in Python's notation.

    What is left is a character of XML 1.0, of UTF-8, and turns no line around (bidirectional controls).
    """
    return "".join(
        char if char.isprintable() or char in "\n\t" else char.encode("unicode_escape").decode() for char in text
    )


def ordered(rows: Iterable[Row]) -> list[Row]:
    """The rows, failures first, each status by wave and device."""
    return sorted(rows, key=lambda row: (ORDER.index(row.status), row.wave, row.device))


def changed(row: Row) -> Iterator[tuple[str, str]]:
    """The diff of a row, line by line, each with its sign; secrets are masked or references."""
    for change in row.result.changes if row.result else ():
        for sign, line in readable.lines(change):
            yield sign, shown(line)


def told(row: Row) -> Iterator[tuple[str, str]]:
    """What else there is to read of a row: a heading and its text."""
    for command, answer in row.answers:
        yield shown(command), shown(answer)
    if row.value is not None:
        yield "value", shown(json.dumps(row.value, indent=2, ensure_ascii=False))
    if row.result and row.result.notes:
        yield "notes", shown("\n".join(row.result.notes))


def summary(report: RunReport) -> str:
    """How many of what, in one line."""
    counts = (f"{report.counts[status]} {status}" for status in ORDER if report.counts.get(status))
    return ", ".join(counts) or "no devices"


def require_form(path: Path) -> None:
    """Refuse a file of a form that no report has.

    Raises:
        UsageError: naming the file.
    """
    if path.suffix not in _forms():
        raise UsageError(f"{path}: no report has this form; name the file {', '.join(f'*{one}' for one in _forms())}")


def write(report: RunReport, path: Path) -> None:
    """Write a report in the form that the file's name tells: ``.html``, ``.xml`` (JUnit) or ``.jsonl``.

    Raises:
        UsageError: it is none of these.
        OSError: the file cannot be written.
    """
    require_form(path)
    path.write_text(_forms()[path.suffix](report), encoding="utf-8", newline="\n")


def _forms() -> Mapping[str, Callable[[RunReport], str]]:
    from netres.fleet import report_html, report_junit, report_lines  # they use what stands above

    return {".html": report_html.html, ".xml": report_junit.junit, ".jsonl": report_lines.lines}
