"""The commands that talk to a device."""

from __future__ import annotations

import sys
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
    NoSave,
    OutputFile,
    Prune,
    ResultFile,
)
from netres.driver import Capability
from netres.errors import TamperedPlan, UsageError
from netres.inventory import Inventory
from netres.model import STATES, Config
from netres.model.faults import nearest
from netres.plan import ApplyResult, Outcome, Plan
from netres.resource import Device


def _connect(inventory: Path, name: str) -> Device:
    return Inventory.load(inventory)[name].connect()


def capabilities(
    devices: Annotated[list[str], typer.Argument(help="Names of devices in the inventory.")],
    inventory: InventoryFile = DEFAULT_INVENTORY,
    json: AsJson = False,
) -> None:
    """What can be done with each kind on a device, or on several, side by side."""
    found: dict[str, tuple[Capability, ...]] = {}
    for name in devices:
        with _connect(inventory, name) as resource:
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
    with _connect(inventory, device) as resource:
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
    with _connect(inventory, device) as resource:
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
    with _connect(inventory, device) as resource:
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
    wanted = Config.load(desired)
    with _connect(inventory, device) as resource:
        made = resource.plan(wanted, frozenset(prune or ()))
    if json:
        output.emit(made)
    else:
        show.plan(made)
    output.write(out, made)
    if not made.empty:
        raise typer.Exit(2)


def apply(  # noqa: PLR0913 - each is an argument or option of the command
    device: DeviceName,
    desired: Annotated[Path | None, typer.Argument(help="The desired configuration, in YAML or JSON.")] = None,
    *,
    plan: Annotated[Path | None, typer.Option("--plan", metavar="FILE", help="A plan that was reviewed.")] = None,
    digest: Annotated[str | None, typer.Option(help="The digest the plan in FILE must have.")] = None,
    prune: Prune = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    no_save: NoSave = False,
    out: OutputFile = None,
    inventory: InventoryFile = DEFAULT_INVENTORY,
    json: AsJson = False,
) -> None:
    """Lead a device to the desired configuration, or make a reviewed plan true; read it back, undo it where it fails.

    Exits 0 when the outcome is `applied` or there was nothing to do, 2 when it is `pending`, else 1.
    """
    output.writable(out)
    reviewed = _reviewed(plan, digest) if plan else None
    if (desired is None) == (reviewed is None):
        raise UsageError("apply takes either a desired configuration or --plan FILE; give one of the two")
    if (reviewed and prune) or (digest and not reviewed):
        raise UsageError("--prune belongs to a desired configuration, --digest to --plan FILE; leave it out")
    if not yes and not (sys.stdin and sys.stdin.isatty()):
        raise UsageError(
            "apply asks before it changes a device, and stdin is no terminal; review a plan and give --yes"
        )
    wanted = Config.load(desired) if desired else Config()
    with _connect(inventory, device) as resource:
        made = reviewed or resource.plan(wanted, frozenset(prune or ()))
        if not yes and not made.empty:
            confirm(made)
        done = resource.apply(made, save=not no_save)
    finish(done, out, json)


def _reviewed(path: Path, digest: str | None) -> Plan:
    made = Plan.parse(output.read(path), str(path))
    made.verify()
    if digest is not None and made.digest != digest:
        raise TamperedPlan(f"{path}: the plan's digest is {made.digest}, not {digest}; review the plan again")
    return made


def confirm(made: Plan) -> None:
    """Show a plan, and ask whether to apply it.

    Raises:
        UsageError: the answer is no.
    """
    show.plan(made, stderr=True)
    sys.stderr.write(f"Apply this to {made.device}? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise UsageError("not confirmed; nothing was changed")


def finish(done: ApplyResult, out: Path | None, json: bool) -> None:
    """Show a result, write it, and exit as it demands."""
    if json:
        output.emit(done)
    else:
        show.result(done)
    output.write(out, done)
    if done.outcome is not Outcome.APPLIED:
        raise typer.Exit(2 if done.outcome is Outcome.PENDING else 1)


def rollback(
    device: DeviceName,
    result: ResultFile,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Also where somebody changed the same Items since, which is lost then.")
    ] = False,
    no_save: NoSave = False,
    out: OutputFile = None,
    inventory: InventoryFile = DEFAULT_INVENTORY,
    json: AsJson = False,
) -> None:
    """Lead everything that an apply changed back to what it was.

    Exits 0 when the outcome is `applied`: the way back is done and was read back. With `pending` 2, else 1.
    """
    output.writable(out)
    before = _result_of(device, result)
    with _connect(inventory, device) as resource:
        done = resource.rollback(before, save=not no_save, force=force)
    finish(done, out, json)


def refresh(
    device: DeviceName, result: ResultFile, inventory: InventoryFile = DEFAULT_INVENTORY, json: AsJson = False
) -> None:
    """Read a device again and say which outcome of an apply is true now. Changes nothing.

    Exits 0 when it is `applied`, 2 when it is `pending`, else 1.
    """
    before = _result_of(device, result)
    with _connect(inventory, device) as resource:
        found = resource.refresh(before)
    finish(found, None, json)


def _result_of(device: str, path: Path) -> ApplyResult:
    found = ApplyResult.parse(output.read(path), str(path))
    if found.device != device:
        raise UsageError(f"{path}: is the result of an apply to {found.device!r}, not to {device!r}; name that device")
    return found
