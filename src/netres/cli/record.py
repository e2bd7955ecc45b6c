"""``netres lab record``: a dialogue with a real device, redacted, for the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netres.cli import output, show
from netres.cli.arguments import DEFAULT_INVENTORY, DeviceName, InventoryFile
from netres.device import Device
from netres.inventory import Inventory
from netres.model.secret import Secret


def record(
    device: DeviceName,
    file: Annotated[Path, typer.Argument(help="The recording, in YAML; replaced where it exists.")],
    inventory: InventoryFile = DEFAULT_INVENTORY,
    *,
    name: Annotated[
        list[str] | None, typer.Option("--name", help="A name of a customer, site or person. May be repeated.")
    ] = None,
    serial: Annotated[list[str] | None, typer.Option("--serial", help="A serial number. May be repeated.")] = None,
    secret: Annotated[
        list[str] | None,
        typer.Option("--secret", metavar="REF", help="One more secret: env:NAME, file:PATH … May be repeated."),
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option("--keep", help="A name or an address that stays. May be repeated.")
    ] = None,
) -> None:
    """Record what a device answers when it is asked for facts, capabilities and all it has. Sends reads only.

    Addresses, names, serial numbers and secrets are replaced before anything is written; read the file before you
    share it.
    """
    from netres.testing.record import Recording, Redactor

    output.writable(file)
    entry = Inventory.load(inventory)[device]
    secrets = [Secret(reference).resolve().reveal() for reference in secret or ()]
    redactor = Redactor(secrets=secrets, names=name or (), serials=serial or (), keep=keep or ())
    with Recording.of(entry, file, redactor) as recording:
        resource = Device(entry.name, recording.driver, recording, entry.options)
        resource.facts()
        resource.capabilities()
        resource.observe()
    show.say(f"{file}: {recording.count} operations; replaced:")
    for what, count in redactor.counts.items():
        show.say(f"  {count:>5} {what}")
    show.say("look for what no rule can know (names in descriptions, peers) before you share it")
