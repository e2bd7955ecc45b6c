"""``netres demo``: the main job on four families of devices, in one inventory."""

from __future__ import annotations

import json
import os
import shlex
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, chdir
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netres.cli import show
from netres.device import Device
from netres.inventory import Entry, Inventory
from netres.model import Config
from netres.plan import ApplyResult, Plan

if TYPE_CHECKING:
    from netres.testing.demo import Part


@dataclass
class Terminal:
    """The stage of a demo: this terminal, and a temporary folder."""

    folder: Path
    run: Callable[[Sequence[str]], int]

    def say(self, line: str) -> None:
        """Print a line between two commands."""
        show.say()
        show.say(line, "bold cyan")

    def netres(self, *words: str) -> int:
        """Print a command line as one would type it, and run it."""
        show.say(f"$ netres {shlex.join(words)}", "bold")
        return self.run(words)


def demo(
    platform: Annotated[
        str | None, typer.Argument(help="Its own, longer play. Default: all four families in one inventory.")
    ] = None,
    stand_ins: Annotated[
        bool, typer.Option("--stand-ins", help="No real software: the memory driver plays every device.")
    ] = False,
) -> None:
    """Show what netres does: capabilities, plan, apply, read back, find drift, roll back."""
    from netres.cli import main
    from netres.testing.demo import play

    with tempfile.TemporaryDirectory(prefix="netres-demo-") as folder, chdir(folder):
        os.environ["NETRES_INVENTORY"] = "inventory.yaml"
        os.environ["NETRES_JOURNAL"] = "journal.db"
        stage = Terminal(Path(folder), main)
        if platform is None:
            _families(stage, stand_ins)
        else:
            play(platform).run(stage)


def _families(stage: Terminal, stand_ins: bool) -> None:
    """One device of each family: real software where it can run, the memory driver standing in elsewhere."""
    from netres.testing.demo import FAMILIES, cast_of

    chosen = cast_of(stand_ins, show.say)
    with ExitStack() as stack:
        parts = {
            FAMILIES[family]: stack.enter_context(demo.part(family, stage.folder)) for family, demo in chosen.items()
        }
        stage.say("Four families of devices, one inventory:")
        real = {FAMILIES[family]: demo.real for family, demo in chosen.items()}
        _introduce(parts, real, {name: family for family, name in FAMILIES.items()})
        _write(stage.folder, parts)
        inventory = Inventory.load("inventory.yaml")
        devices = {name: stack.enter_context(inventory[name].connect()) for name in parts}
        _play(stage, parts, devices, inventory)


def _introduce(parts: Mapping[str, Part], real: Mapping[str, bool], families: Mapping[str, str]) -> None:
    for name, part in parts.items():
        label = part.software if real[name] else f"STAND-IN: {part.software}"
        show.say(f"    {name:<5} {families[name]:<20} {part.entry.platform:<9} {label}")


def _write(folder: Path, parts: Mapping[str, Part]) -> None:
    devices = {name: part.entry.settings() for name, part in parts.items()}
    (folder / "inventory.yaml").write_text(json.dumps({"devices": devices}))  # JSON is YAML
    for name, part in parts.items():
        (folder / f"{name}.yaml").write_text(part.desired)


def _play(
    stage: Terminal, parts: Mapping[str, Part], devices: Mapping[str, Device], inventory: Mapping[str, Entry]
) -> None:
    before = {name: part.native() for name, part in parts.items()}
    stage.say("What can each of them do?")
    stage.netres("capabilities", *parts)
    stage.say("What would have to change? One plan over all. Only reads are sent.")
    results = _transaction(stage, inventory, parts)
    stage.say("Somebody changes every device by hand. The next plan over all shows the drift:")
    for name, part in parts.items():
        show.say(f"    {name}: {part.by_hand()}")
    mended = {name: devices[name].apply(plan) for name, plan in _plans(devices).items()}
    stage.say("Put right, and read back:")
    _tell(mended)
    stage.say("All the way back:")
    _tell({name: devices[name].rollback(result) for name, result in results.items()})
    for name, part in parts.items():
        same = part.native() == before[name]
        show.say(f"    {name}: the device's own configuration is {'byte for byte' if same else 'NOT'} as before")


def _transaction(stage: Terminal, inventory: Mapping[str, Entry], names: Iterable[str]) -> Mapping[str, ApplyResult]:
    from netres.fleet.journal import Journal
    from netres.fleet.transaction import Transaction

    with Journal.open() as journal, Transaction(inventory, journal) as transaction:
        for name in names:
            transaction.plan(name, Config.load(f"{name}.yaml"))
        _show(transaction.plans)
        stage.say("Apply, all or none. Nothing counts as done until it was read back, from every device.")
        done = transaction.apply(why="netres demo").raise_for_outcome()
        _tell(done.results)
    stage.netres("history")
    return done.results


def _plans(devices: Mapping[str, Device]) -> dict[str, Plan]:
    plans = {name: device.plan(Config.load(f"{name}.yaml")) for name, device in devices.items()}
    _show(plans)
    return plans


def _show(plans: Mapping[str, Plan]) -> None:
    for name, plan in plans.items():
        show.say(f"{name} ({plan.guarantee}; {plan.checked}):", "bold")
        show.changes(plan.changes)
    show.say(f"{sum(len(plan.changes) for plan in plans.values())} changes on {len(plans)} devices", "bold")


def _tell(results: Mapping[str, ApplyResult]) -> None:
    for name, result in results.items():
        exact = "" if result.exact is None else f", exact: {'yes' if result.exact else 'no'}"
        good = result.outcome.holds
        show.say(f"    {name}: {result.outcome}{exact} ({result.seconds:.2f} s)", "green" if good else "bold red")
        if not good:
            show.result(result)
