"""The commands as one typer application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
import typer.main

import netres
from netres.cli import change, demo, devices, drift, fleet, inventory, journal, lab, offline
from netres.errors import UsageError

app = typer.Typer(
    name="netres",
    help="Network devices as resources: observe, plan, apply, roll back.",
    epilog="Exit codes: 0 done, or nothing to do; 1 failed; 2 changes are pending; 130 interrupted.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for _command in (
    devices.facts,
    devices.capabilities,
    devices.observe,
    devices.state,
    devices.plan,
    change.apply,
    change.confirm,
    change.rollback,
    change.refresh,
    change.recover,
    drift.drift,
    fleet.run,
    offline.drivers,
    offline.parse,
    offline.render,
    offline.peering,
    journal.history,
    journal.show,
    journal.restore,
    demo.demo,
):
    app.command()(_command)
app.command("schemas")(offline.schemas_)
app.add_typer(inventory.app, name="inventory")
app.add_typer(lab.app, name="lab")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"netres {netres.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Network devices as resources: observe, plan, apply, roll back."""


def run(args: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    Raises:
        UsageError: the command line is not understood.
        NetresError, KeyboardInterrupt: what the command raised.
    """
    try:
        command = typer.main.get_command(app)
        code: object = command.main(args, prog_name="netres", standalone_mode=False)
    except typer.TyperException as error:
        raise UsageError(f"{error.format_message().rstrip('.')}; see: netres --help") from error
    if code == 130:  # what typer makes of a KeyboardInterrupt
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0
