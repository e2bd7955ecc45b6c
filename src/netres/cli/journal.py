"""The commands about what was done: the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from netres.cli import output, past
from netres.cli.arguments import AsJson, JournalPlace, TransactionId
from netres.errors import UsageError
from netres.model import Secret

if TYPE_CHECKING:
    from netres.fleet.journal import Journal


def opened(where: str | None, key: str | None = None) -> Journal:
    """A journal, for as long as a command runs.

    Raises:
        UsageError: the key is no reference.
        JournalFailed: it cannot be opened.
    """
    from netres.fleet.journal import Journal  # sqlalchemy is loaded when a command needs it

    return Journal.open(where, key=None if key is None else Secret(key))


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
