"""The commands about what was done: the journal."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from netres.cli import change, output, past
from netres.cli import show as show_
from netres.cli.arguments import (
    DEFAULT_INVENTORY,
    AsJson,
    DeviceName,
    InventoryFile,
    JournalKey,
    JournalPlace,
    NoSave,
    OutputFile,
    TransactionId,
)
from netres.cli.book import opened
from netres.errors import UsageError
from netres.inventory import Inventory


def history(
    *,
    device: Annotated[str | None, typer.Option("--device", "-d", help="Only what came to this device.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, the newest first.")] = 50,
    export: Annotated[
        bool, typer.Option("--export", help="Print all, the oldest first, with their steps: JSON, one a line.")
    ] = False,
    journal: JournalPlace = None,
    json: AsJson = False,
) -> None:
    """What was done, when, by whom, and what came of it."""
    if export and json:
        raise UsageError("--export prints JSON lines already; leave --json out")
    with opened(journal) as book:
        if export:
            for line in book.export(device=device):
                output.line(line)
            return
        found = book.history(device=device, limit=limit)
    if json:
        output.emit([one.model_dump(mode="json") for one in found])
    else:
        past.history(found, book.place)


def show(
    transaction: TransactionId,
    *,
    steps: Annotated[bool, typer.Option("--steps", help="Every operation that was sent, and its answer.")] = False,
    journal: JournalPlace = None,
    json: AsJson = False,
) -> None:
    """All that is known of one transaction."""
    with opened(journal) as book:
        found = book.transaction(transaction)
    if json:
        output.emit(found)
    else:
        past.transaction(found, steps=steps)


def restore(  # noqa: PLR0913 - each is an argument or option of the command
    device: DeviceName,
    *,
    at: Annotated[
        str,
        typer.Option("--at", metavar="TX", help="As it was before this transaction; the beginning of its id will do."),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    no_save: NoSave = False,
    out: OutputFile = None,
    key: JournalKey = None,
    journal: JournalPlace = None,
    inventory: InventoryFile = DEFAULT_INVENTORY,
    json: AsJson = False,
) -> None:
    """Lead a device back to how it was before a transaction, in all that netres can write: what came since goes.

    Exits 0 when the outcome is `applied` or there was nothing to do, 2 when it is `pending`, else 1.
    """
    from netres.fleet import restore as restoring

    output.writable(out)
    if not yes and not (sys.stdin and sys.stdin.isatty()):
        raise UsageError("restore asks before it changes a device, and stdin is no terminal; give --yes")
    entry = Inventory.load(inventory)[device]
    with opened(journal, key) as book:
        kept = book.backup(device, at)
        with entry.connect(book) as resource:
            way = restoring.way_back(resource, kept)
            for name in way.kept:
                show_.say(f"note: {name}: the secret of then is not known; it stays as it is now", stderr=True)
            if not yes and not way.plan.empty:
                change.ask(way.plan)
            done = restoring.restore(resource, way, save=not no_save, why=f"restore to before {kept.tx}")
    change.finish(done, out, json)
