"""Changes that wait for their confirmation, and what a crash left behind, on the command line."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netres.fleet.journal import Journal
from netres.inventory import Inventory
from netres.model import Config, Vlan
from netres_drivers.memory.device import MemoryDevice, at

if TYPE_CHECKING:
    from tests.cli.conftest import Netres

HELD = ("apply", "r2", "desired.yaml", "--confirm-within", "300", "-o", "held.json")


def r2() -> MemoryDevice:
    entry = Inventory.load("inventory.yaml")["r2"]
    return at(entry.host, entry.options)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def says(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{answer}\n" for answer in answers)))


def test_left_to_the_device_and_confirmed_by_another_command(netres: Netres) -> None:
    ran = netres(*HELD, "--yes", "--why", "voice", "--ticket", "CHG-1")
    assert (ran.code, ran.err) == (0, "")
    assert "waits for its confirmation until 20" in ran.out
    assert r2().trial is not None
    assert r2().saved == {}
    assert netres("recover").code == 2
    ran = netres("confirm", "r2", "held.json")
    assert (ran.code, ran.err) == (0, "")
    assert r2().trial is None
    assert r2().saved != {}
    assert netres("confirm", "r2", "held.json").out.startswith("error") is False
    (made,) = netres("history", "--json").json
    assert (made["outcome"], made["why"], made["ticket"], made["decision"]) == ("applied", "voice", "CHG-1", "confirm")


def test_what_nobody_confirmed_is_gone_and_confirm_says_so(netres: Netres) -> None:
    netres(*HELD, "--yes")
    r2().ahead += 301
    ran = netres("confirm", "r2", "held.json")
    assert ran.code == 1
    assert "outcome: not-applied" in ran.out
    assert "what was to be confirmed does not stand" in ran.out
    assert r2().native() == ""
    assert netres("recover").out == "nothing was left unfinished\n"


@pytest.mark.parametrize(("answer", "stays"), [("y", True), ("n", False)])
def test_whoever_is_at_the_terminal_says_whether_it_stays(
    netres: Netres, monkeypatch: pytest.MonkeyPatch, answer: str, stays: bool
) -> None:
    says(monkeypatch, "y", answer)
    ran = netres(*HELD)
    assert ran.code == 0
    assert "Shall it stay? [y/N]" in ran.err
    assert ("voice" in r2().native()) is stays
    assert r2().trial is None


def test_a_floor_that_the_device_does_not_reach_is_refused(netres: Netres) -> None:
    Path("inventory.yaml").write_text("devices:\n  f1: {platform: frr, host: 192.0.2.1}\n")
    assert netres("apply", "f1", "desired.yaml", "--yes", "--at-least", "much").code == 1
    ran = netres("apply", "f1", "desired.yaml", "--yes", "--confirm-within", "0")
    assert ran.code == 1


def test_a_crash_is_recovered(netres: Netres) -> None:
    """A process that noted how the device is, and died then."""
    entry = Inventory.load("inventory.yaml")["r2"]
    with Journal.open("journal.db") as book, entry.connect(book) as device:
        plan = device.plan(Config.of([Vlan(id=7)]))
        tx = book.begin(why="dies")
        with book.lease(tx, ["r2"]) as leases:
            book.part(tx, plan, leases)
    ran = netres("recover", "--json")
    assert (ran.code, [one["did"] for one in ran.json]) == (0, ["nothing"])
    (made,) = netres("history", "--json").json
    assert made["outcome"] == "refused"
    assert json.loads(netres("recover", "--json").out) == []


def test_a_watchdog_looks_again_and_again(netres: Netres, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[float] = []

    def interrupted(seconds: float) -> None:
        looked.append(seconds)
        if len(looked) == 1:
            with Journal.open("journal.db") as book:
                book.begin(why="dies")
        if len(looked) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("netres.cli.change.time.sleep", interrupted)
    assert netres("recover", "--every", "5").code == 130
    assert looked == [5, 5, 5]
