"""A transaction over all devices of a campus, in a process of its own that may be killed.

``python campus_run.py FOLDER`` reads lines ``SIDE SHAPE``, or ``recover``. For each it makes a process that plans, says
``ready``, applies, and says how that ended, or one that recovers; it says that process's number and when it is gone,
and waits for a line. Making them from one that has imported everything spares each a second. The folder holds the
inventory, what the devices shall have, the secrets and the journal; `campus.Campus` made it.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, TypeAlias, cast

from netres import registry
from netres.fleet.journal import Journal
from netres.fleet.recover import recover
from netres.fleet.transaction import Transaction
from netres.inventory import Inventory
from netres.model import Config, Secret

Side: TypeAlias = Literal["one", "other"]
Shape: TypeAlias = Literal["together", "in turn"]
SIDES: Final[tuple[Side, Side]] = ("one", "other")
SHAPES: Final[tuple[Shape, Shape]] = ("in turn", "together")
NAMES: Final = ("r1", "sbc", "ap1", "b1", "controller")
"""In the order in which they are changed, where they are changed in turn."""


def inventory(folder: Path) -> Inventory:
    """The campus's."""
    return Inventory.load(folder / "inventory.yaml")


def journal(folder: Path) -> Journal:
    """The campus's; it keeps secrets, sealed: without them nothing leads back from a secret that was replaced."""
    key = Secret(f"file:{folder / 'journal-key'}")
    return Journal.open(folder / "journal.db", who="tests", backups="sealed", key=key)


def desired(folder: Path, name: str, side: Side) -> Config:
    """What a device shall have."""
    return Config.load(folder / f"{name}.{side}.yaml")


def planned(
    folder: Path, book: Journal, side: Side, shape: Shape = "in turn", names: Sequence[str] = NAMES
) -> Transaction:
    """A transaction that leads every device to one side."""
    tx = Transaction(inventory(folder), book)
    try:
        for place, name in enumerate(names):
            wanted = desired(folder, name, side)
            kinds = frozenset[str]().union(*(desired(folder, name, one).kinds() for one in SIDES))
            tx.plan(name, wanted, prune=kinds, after=names[max(place - 1, 0) : place] if shape == "in turn" else ())
    except BaseException:
        tx.close()
        raise
    return tx


def apply(folder: Path, side: Side, shape: Shape) -> str:
    """Lead every device to one side; how that ended."""
    with journal(folder) as book, planned(folder, book, side, shape) as tx:
        _say("ready")
        done = tx.apply(why=f"to {side}")
        return f"{done.outcome} {done.error}"


def recovered(folder: Path) -> str:
    """Recover; what was done."""
    with journal(folder) as book:
        _say("ready")
        return ", ".join(f"{one.device}: {one.did}" for one in recover(inventory(folder), book))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(folder: Path) -> None:
    """Do what stands on each line of stdin, in a process each."""
    for name in NAMES:
        registry.get(inventory(folder)[name].platform)
    for module in ("netmiko", "netres.transport.http", "netres.transport.ssh"):
        importlib.import_module(module)
    for line in sys.stdin:
        side, _, shape = line.strip().partition(" ")
        if (child := os.fork()) == 0:
            _say(apply(folder, cast("Side", side), cast("Shape", shape)) if shape else recovered(folder))
            os._exit(0)
        _say(str(child))
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        _say("gone")
        sys.stdin.readline()  # until then the number is no other process's
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
