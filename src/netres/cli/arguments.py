"""The arguments and options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

DEFAULT_INVENTORY: Final = Path("inventory.yaml")

DeviceName: TypeAlias = Annotated[str, typer.Argument(help="A device's name in the inventory.")]
InventoryFile: TypeAlias = Annotated[
    Path, typer.Option("--inventory", "-i", envvar="NETRES_INVENTORY", help="The inventory, in YAML or JSON.")
]
Platform: TypeAlias = Annotated[str, typer.Argument(help="A name that `netres drivers` lists.")]
DesiredFile: TypeAlias = Annotated[Path, typer.Argument(help="The desired configuration, in YAML or JSON.")]
DesiredOrNot: TypeAlias = Annotated[
    Path | None, typer.Argument(metavar="DESIRED", help="The desired configuration, in YAML or JSON.")
]
Why: TypeAlias = Annotated[str, typer.Option("--why", help="The reason, for the journal.")]
Ticket: TypeAlias = Annotated[str, typer.Option("--ticket", help="The number of the change request, for the journal.")]
ResultFile: TypeAlias = Annotated[Path, typer.Argument(help="What apply or rollback wrote with -o.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Prune: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--prune", metavar="KIND", help="Delete Items of this kind that are not desired. May be repeated."),
]
NoSave: TypeAlias = Annotated[bool, typer.Option("--no-save", help="Do not store it for the device's next start.")]
OutputFile: TypeAlias = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the JSON to this file too.")
]
TransactionId: TypeAlias = Annotated[
    str, typer.Argument(metavar="TX", help="A transaction's id, or the beginning of it; `netres history` lists them.")
]
JournalPlace: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--journal",
        metavar="PATH|URL",
        envvar="NETRES_JOURNAL",
        help="The journal. Default: the user's own, in $XDG_STATE_HOME/netres.",
    ),
]
JournalKey: TypeAlias = Annotated[
    str | None,
    typer.Option("--key", metavar="REFERENCE", help="The key of sealed backups: env:NAME, file:PATH or keyring:…"),
]
