"""The commands that change a device, each written down in the journal."""

from __future__ import annotations

import sys
import time  # noqa: TID251 - a watchdog waits
from pathlib import Path
from typing import Annotated

import typer

from netres.cli import output, show
from netres.cli.arguments import (
    DEFAULT_INVENTORY,
    AsJson,
    DesiredOrNot,
    DeviceName,
    InventoryFile,
    JournalPlace,
    NoSave,
    OutputFile,
    Prune,
    ResultFile,
    Ticket,
    Why,
)
from netres.cli.book import opened
from netres.cli.devices import connected
from netres.device import Device
from netres.errors import TamperedPlan, UsageError
from netres.inventory import Inventory
from netres.model import Config
from netres.plan import ApplyResult, Guarantee, Outcome, Plan
from netres.terms import ApplyTerms


def apply(  # noqa: PLR0913 - each is an argument or option of the command
    device: DeviceName,
    desired: DesiredOrNot = None,
    *,
    plan: Annotated[Path | None, typer.Option("--plan", metavar="FILE", help="A plan that was reviewed.")] = None,
    digest: Annotated[str | None, typer.Option(help="The digest the plan in FILE must have.")] = None,
    prune: Prune = None,
    at_least: Annotated[
        Guarantee, typer.Option("--at-least", help="The weakest guarantee that will do; a weaker one is refused.")
    ] = Guarantee.BEST_EFFORT,
    confirm_within: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Taken back then, unless `netres confirm` or you here say that it stays."),
    ] = None,
    drain: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Let nothing new in, and wait so long for what is in progress to end."),
    ] = None,
    over_management: Annotated[
        bool, typer.Option("--over-management", help="Also where our own way to the device runs over what changes.")
    ] = False,
    why: Why = "",
    ticket: Ticket = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    no_save: NoSave = False,
    out: OutputFile = None,
    journal: JournalPlace = None,
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
    terms: ApplyTerms = {"save": not no_save, "at_least": at_least, "over_management": over_management}
    terms |= {"why": why, "ticket": ticket}
    if confirm_within is not None:
        terms["confirm_within"] = confirm_within
    if drain is not None:
        terms["drain"] = drain
    entry = Inventory.load(inventory)[device]
    wanted = Config.load(desired, entry) if desired else Config()
    with opened(journal) as book, entry.connect(book) as resource:
        made = reviewed or resource.plan(wanted, frozenset(prune or ()))
        if confirm_within is not None and yes and made.timer is None and not made.empty:
            raise UsageError(
                f"{device}: nothing on the device takes a change back, and with --yes nobody is here to confirm it; "
                f"leave --yes or --confirm-within out"
            )
        if not yes and not made.empty:
            ask(made)
        done = resource.apply(made, **terms)
        if done.confirmed is False:
            done = _held(resource, done, asking=not yes)
    finish(done, out, json)


def _reviewed(path: Path, digest: str | None) -> Plan:
    made = Plan.parse(output.read(path), str(path))
    made.verify()
    if digest is not None and made.digest != digest:
        raise TamperedPlan(f"{path}: the plan's digest is {made.digest}, not {digest}; review the plan again")
    return made


def _held(resource: Device, done: ApplyResult, *, asking: bool) -> ApplyResult:
    """What becomes of a change that waits: whoever is here says it, or the device waits on for `netres confirm`."""
    if not asking:
        resource.leave(done)
        return done
    show.result(done, stderr=True)
    if _yes(f"It stands until {done.confirm_by:%H:%M:%S} UTC. Shall it stay?"):
        return resource.confirm(done)
    return resource.taken_back[-1] if resource.taken_back else resource.rollback(done)


def ask(made: Plan) -> None:
    """Show a plan, and ask whether to apply it.

    Raises:
        UsageError: the answer is no.
    """
    show.plan(made, stderr=True)
    if not _yes(f"Apply this to {made.device}?"):
        raise UsageError("not confirmed; nothing was changed")


def _yes(question: str) -> bool:
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def finish(done: ApplyResult, out: Path | None, json: bool) -> None:
    """Show a result, write it, and exit as it demands."""
    if json:
        output.emit(done)
    else:
        show.result(done)
    output.write(out, done)
    if done.outcome is not Outcome.APPLIED:
        raise typer.Exit(2 if done.outcome is Outcome.PENDING else 1)


def confirm(
    device: DeviceName,
    result: ResultFile,
    *,
    out: OutputFile = None,
    journal: JournalPlace = None,
    inventory: InventoryFile = DEFAULT_INVENTORY,
    json: AsJson = False,
) -> None:
    """Have a change stay that `apply --confirm-within` made, and that waits on the device.

    Exits 0 when it stays and was read back, 2 when it is `pending`, else 1: the device had taken it back.
    """
    output.writable(out)
    before = _result_of(device, result)
    entry = Inventory.load(inventory)[device]
    with opened(journal) as book, entry.connect(book) as resource:
        done = resource.confirm(before)
    finish(done, out, json)


def rollback(  # noqa: PLR0913 - each is an argument or option of the command
    device: DeviceName,
    result: ResultFile,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Also where somebody changed the same Items since, which is lost then.")
    ] = False,
    no_save: NoSave = False,
    out: OutputFile = None,
    journal: JournalPlace = None,
    inventory: InventoryFile = DEFAULT_INVENTORY,
    json: AsJson = False,
) -> None:
    """Lead everything that an apply changed back to what it was.

    Exits 0 when the outcome is `applied`: the way back is done and was read back. With `pending` 2, else 1.
    """
    output.writable(out)
    before = _result_of(device, result)
    entry = Inventory.load(inventory)[device]
    with opened(journal) as book, entry.connect(book) as resource:
        done = resource.rollback(before, save=not no_save, force=force)
    finish(done, out, json)


def refresh(
    device: DeviceName, result: ResultFile, inventory: InventoryFile = DEFAULT_INVENTORY, json: AsJson = False
) -> None:
    """Read a device again and say which outcome of an apply is true now. Changes nothing.

    Exits 0 when it is `applied`, 2 when it is `pending`, else 1.
    """
    before = _result_of(device, result)
    with connected(inventory, device) as resource:
        found = resource.refresh(before)
    finish(found, None, json)


def recover(
    *,
    wait: Annotated[float, typer.Option(metavar="SECONDS", help="Wait for devices that another writer has.")] = 0.0,
    every: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=1, help="Do it again and again, until interrupted: a watchdog."),
    ] = None,
    journal: JournalPlace = None,
    inventory: InventoryFile = DEFAULT_INVENTORY,
    json: AsJson = False,
) -> None:
    """After a crash: finish, or undo, whatever was begun and not ended, by asking the devices what is true.

    Exits 0 when nothing is left unfinished, 2 when something still waits or is at work, 1 when a device could not be
    reached, or is neither as before nor as wanted.
    """
    from netres.fleet.recover import recover as recovered

    devices = Inventory.load(inventory)
    with opened(journal) as book:
        found = recovered(devices, book, wait=wait)
        while every is not None:
            if any(one.did != "left alone" for one in found):
                show.recovered(found)
            time.sleep(every)
            found = recovered(devices, book, wait=wait)
    if json:
        output.emit([one.model_dump(mode="json") for one in found])
    else:
        show.recovered(found)
    if any(one.did == "failed" or one.state in {"differs", "unknown"} for one in found):
        raise typer.Exit(1)
    if any(one.did == "left alone" for one in found):
        raise typer.Exit(2)


def _result_of(device: str, path: Path) -> ApplyResult:
    found = ApplyResult.parse(output.read(path), str(path))
    if found.device != device:
        raise UsageError(f"{path}: is the result of an apply to {found.device!r}, not to {device!r}; name that device")
    return found
