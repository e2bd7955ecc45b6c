"""The command that asks many devices at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netres.cli import output, show
from netres.cli.arguments import DEFAULT_INVENTORY, AsJson, InventoryFile
from netres.errors import UsageError
from netres.inventory import Inventory

if TYPE_CHECKING:
    from netres.fleet import Row, RunReport, RunTerms

Select = Annotated[
    str, typer.Option("--select", "-s", metavar="SELECTION", help="Which devices, such as 'site=lon* family=router'.")
]


def run(  # noqa: PLR0913 - each is an argument or option of the command
    command: Annotated[list[str], typer.Argument(help="A line of the devices' own command line, after --.")],
    *,
    select: Select = "name=*",
    width: Annotated[int, typer.Option(help="Devices at once.")] = 100,
    rate: Annotated[float | None, typer.Option(help="Devices begun per second.")] = None,
    deadline: Annotated[float | None, typer.Option(metavar="SECONDS", help="The run ends within that.")] = None,
    canary: Annotated[
        float | None, typer.Option(metavar="N|SHARE", help="So many first; unless all are well, no others.")
    ] = None,
    stop_after: Annotated[float | None, typer.Option(metavar="N|SHARE", help="Stop once so many have failed.")] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a report: *.html, *.xml (JUnit), *.jsonl.")
    ] = None,
    inventory: InventoryFile = DEFAULT_INVENTORY,
    json: AsJson = False,
) -> None:
    """Ask many devices with a line of their own command line, which is taken for a read.

    With --json one line per device as it comes, and one of the whole. Exits 0 when every device answered, else 1;
    Ctrl-C begins no other device, and exits 130.
    """
    from netres import fleet  # the event loop is loaded when a run begins
    from netres.fleet import report as reports

    if report:
        reports.require_form(report)
        output.writable(report)
    chosen = Inventory.load(inventory).select(select)
    if not chosen:
        raise UsageError(f"no device of {inventory} is {select!r}; see: netres inventory show")
    terms: RunTerms = {"width": width}
    if rate is not None:
        terms["rate"] = rate
    if deadline is not None:
        terms["deadline"] = deadline
    if canary is not None:
        terms["canary"] = canary
    if stop_after is not None:
        terms["stop_after"] = stop_after
    teller = _Teller(len(chosen), json=json)
    done = fleet.run(fleet.Commands((" ".join(command),)), chosen, on_row=teller.tell, **terms)
    teller.end(done)
    if report:
        reports.write(done, report)
    if not done.ok:
        raise typer.Exit(130 if done.stopped == "interrupted" else 1)


class _Teller:
    """Tells of each device as it comes, and of all at the end."""

    def __init__(self, all_: int, *, json: bool) -> None:
        self._all = all_
        self._json = json
        self._came = 0

    def tell(self, row: Row) -> None:
        """One device."""
        from netres.fleet import report_lines

        self._came += 1
        if self._json:
            output.line(report_lines.row(row).rstrip("\n"))
            sys.stdout.flush()  # whoever reads a pipe sees each device as it comes
            return
        style = "green" if row.well else "bold red"
        show.say(f"{row.device} ({self._came}/{self._all}): {row.status}{f': {row.error}' if row.error else ''}", style)
        for _, text in row.answers:
            for line in text.splitlines():
                show.say(f"  {line}")

    def end(self, done: RunReport) -> None:
        """All of them."""
        from netres.fleet import report, report_lines

        if self._json:
            output.line(report_lines.last(done).rstrip("\n"))
            return
        show.say(f"{report.summary(done)}{f'; stopped: {done.stopped}' if done.stopped else ''}", "bold")
