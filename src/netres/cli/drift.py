"""The command that tells what drifted, and ends it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netres.baseline import Baseline
from netres.cli import change, output, show
from netres.cli.arguments import (
    DEFAULT_INVENTORY,
    AsJson,
    DeviceName,
    InventoryFile,
    JournalPlace,
    OutputFile,
    Ticket,
    Why,
)
from netres.cli.book import opened
from netres.device import Device
from netres.drift import DriftReport
from netres.errors import UsageError
from netres.inventory import Inventory

if TYPE_CHECKING:
    from netres.fleet.journal import Journal


def drift(  # noqa: PLR0913 - each is an argument or option of the command
    device: DeviceName,
    *,
    accept: Annotated[
        list[str] | None, typer.Option("--accept", metavar="PATH", help="It is to be as it was found. May be repeated.")
    ] = None,
    revert: Annotated[
        list[str] | None, typer.Option("--revert", metavar="PATH", help="Lead it back, now. May be repeated.")
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="PATH", help="No drift, whatever it says: 'interface[*].description'."),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="What it is to have. Default: what the journal tells."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before something is led back.")] = False,
    why: Why = "",
    ticket: Ticket = "",
    out: OutputFile = None,
    journal: JournalPlace = None,
    inventory: InventoryFile = DEFAULT_INVENTORY,
    json: AsJson = False,
) -> None:
    """What differs on a device from what netres last applied to it, field by field, with its cause.

    What is accepted or ignored is kept in the journal, or with --baseline in that file. -o writes the report.

    Exits 0 when nothing drifted, or nothing is left of it, 2 when something did, 1 when it failed.
    """
    output.writable(out)
    output.writable(baseline)
    if revert and not yes and not (sys.stdin and sys.stdin.isatty()):
        raise UsageError("--revert asks before it changes a device, and stdin is no terminal; give --yes")
    entry = Inventory.load(inventory)[device]
    with opened(journal) as book, entry.connect(book) as resource:
        wanted = _Wanted(book, device, baseline)
        report = resource.drift(wanted.baseline)
        report.chosen(revert or ())  # a wrong path is told before anything is stored
        if accept or ignore:
            wanted.keep(wanted.baseline.accept(report, accept or ()).ignore(ignore or ()))
        if revert:
            _revert(resource, report, revert, yes=yes, why=why or "what drifted is led back", ticket=ticket)
        left = resource.drift(_Wanted(book, device, baseline).baseline) if accept or ignore or revert else report
    if json:
        output.emit(left)
    else:
        show.drift(report, left)
    output.write(out, left)
    if not left.empty:
        raise typer.Exit(2)


class _Wanted:
    """What a device is to have, and where that stands: in the journal, or in a file."""

    def __init__(self, book: Journal, device: str, file: Path | None) -> None:
        self._book = book
        self._file = file
        self._standing = None if file else book.baseline(device)
        if file:
            self.baseline = Baseline.parse(output.read(file), str(file))
        elif self._standing:
            self.baseline = self._standing.baseline
        else:
            remedy = "apply something first, or give --baseline FILE"
            raise UsageError(f"journal {book.place}: nothing was ever applied to {device!r}; {remedy}")

    def keep(self, baseline: Baseline) -> None:
        """Store what became of it."""
        if self._standing:
            self._book.keep_baseline(self._standing, baseline)
        output.write(self._file, baseline)


def _revert(resource: Device, report: DriftReport, at: list[str], *, yes: bool, why: str, ticket: str) -> None:
    plan = resource.plan(*report.revert(at))
    if not yes and not plan.empty:
        change.ask(plan)
    done = resource.apply(plan, why=why, ticket=ticket)
    if not done.outcome.holds:
        show.result(done, stderr=True)
    done.raise_for_outcome()
