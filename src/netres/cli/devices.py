"""The commands that ask a device, and change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netres.cli import output, show
from netres.cli.arguments import (
    DEFAULT_INVENTORY,
    AsJson,
    DesiredFile,
    DeviceName,
    InventoryFile,
    OutputFile,
    Prune,
)
from netres.device import Device
from netres.driver import Capability
from netres.errors import UsageError
from netres.inventory import Inventory
from netres.model import STATES, Config
from netres.model.faults import nearest


def connected(inventory: Path, name: str) -> Device:
    """A session with a device of an inventory."""
    return Inventory.load(inventory)[name].connect()


def capabilities(
    devices: Annotated[list[str], typer.Argument(help="Names of devices in the inventory.")],
    inventory: InventoryFile = DEFAULT_INVENTORY,
    json: AsJson = False,
) -> None:
    """What can be done with each kind on a device, or on several, side by side."""
    found: dict[str, tuple[Capability, ...]] = {}
    for name in devices:
        with connected(inventory, name) as resource:
            found[name] = resource.capabilities()
    if json:
        shown = {name: [one.model_dump(mode="json") for one in mine] for name, mine in found.items()}
        output.emit(shown if len(devices) > 1 else shown[devices[0]])
    elif len(found) > 1:
        show.side_by_side(found)
    else:
        show.capabilities(*found.values())


def facts(device: DeviceName, inventory: InventoryFile = DEFAULT_INVENTORY, json: AsJson = False) -> None:
    """What a device says of itself."""
    with connected(inventory, device) as resource:
        found = resource.facts()
    if json:
        output.emit(found)
    else:
        show.facts(found)


def observe(
    device: DeviceName,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="Only this kind. May be repeated.")
    ] = None,
    inventory: InventoryFile = DEFAULT_INVENTORY,
    json: AsJson = False,
) -> None:
    """What a device has. With --json in the form of a desired configuration."""
    with connected(inventory, device) as resource:
        found = resource.observe(kind or None)
    if json:
        output.emit(output.items(found))
    else:
        show.config(found)


def state(
    device: DeviceName,
    kind: Annotated[
        str, typer.Argument(help="A kind of state, such as access_point; `netres capabilities` lists them.")
    ],
    inventory: InventoryFile = DEFAULT_INVENTORY,
    json: AsJson = False,
) -> None:
    """What a device tells that nobody configured: access points, clients, trunks, neighbours."""
    if kind not in STATES:
        raise UsageError(f"unknown kind of state {kind!r}{nearest(kind, STATES)}; known: {', '.join(sorted(STATES))}")
    with connected(inventory, device) as resource:
        found = resource.state(STATES[kind])
    if json:
        output.emit([one.model_dump(mode="json") for one in found])
    else:
        show.states(found)


def plan(
    device: DeviceName,
    desired: DesiredFile,
    *,
    prune: Prune = None,
    out: OutputFile = None,
    inventory: InventoryFile = DEFAULT_INVENTORY,
    json: AsJson = False,
) -> None:
    """What would lead a device to the desired configuration. Changes nothing.

    Exits 2 when changes are pending, 0 when there is nothing to do.
    """
    output.writable(out)
    wanted = Config.load(desired, Inventory.load(inventory)[device])
    with connected(inventory, device) as resource:
        made = resource.plan(wanted, frozenset(prune or ()))
    if json:
        output.emit(made)
    else:
        show.plan(made)
    output.write(out, made)
    if not made.empty:
        raise typer.Exit(2)
