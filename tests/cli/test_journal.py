"""What was done can be read by people and programs, and a device led back to before it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from journals import everything, parts

from netres.fleet.journal import Journal
from netres.inventory import Inventory
from netres.model import Config, RadiusServer, Secret, Vlan

if TYPE_CHECKING:
    from tests.cli.conftest import Netres


def changed(*names: str, why: str = "upgrade") -> str:
    """Give r1 these VLANs and no others: the transaction."""
    entry = Inventory.load("inventory.yaml")["r1"]
    with Journal.open("journal.db", who="anna@noc") as journal, entry.connect(journal) as resource:
        wanted = Config.of([Vlan(id=20 + place, name=name) for place, name in enumerate(names)])
        return resource.apply(resource.plan(wanted, prune={"vlan"}), why=why, ticket="CHG-7").transaction


def radius(ref: str) -> RadiusServer:
    return RadiusServer(name="ise1", host="192.0.2.10", secret=Secret(ref))


def test_nothing_was_done(netres: Netres) -> None:
    assert netres("history").out == f"no transactions in journal {Path.cwd()}/journal.db\n"
    assert netres("history", "--json").json == []
    assert netres("history", "--export").out == ""


def test_the_history_names_who_did_what_and_why(netres: Netres) -> None:
    made = [changed("voice"), changed("voice", "data", why="")]
    with Journal.open("journal.db", who="ben") as journal:
        made.append(journal.begin())
        with journal.lease(made[-1], "abcdef") as leases:
            parts(journal, leases, *"abcdef")
    head, newest, middle, oldest = netres("history").out.splitlines()
    assert head.split() == ["transaction", "began", "(UTC)", "outcome", "who", "devices", "why"]
    assert (newest.split()[3:], newest[:13]) == (
        ["abandoned", "ben", "a,", "b,", "c,", "d", "and", "2", "more"],
        made[2][:13],
    )
    assert (middle.split()[3:], middle[:13]) == (["applied", "anna@noc", "r1", "(CHG-7)"], made[1][:13])
    assert (oldest.split()[3:], oldest[:13]) == (["applied", "anna@noc", "r1", "upgrade", "(CHG-7)"], made[0][:13])
    assert len(netres("history", "--limit", "1").out.splitlines()) == 2
    assert [one["id"] for one in netres("history", "--device", "r1", "--json").json] == [made[1], made[0]]
    exported = netres("history", "--export", "-d", "r1").out.splitlines()
    assert [json.loads(line)["id"] for line in exported] == made[:2]
    assert json.loads(exported[0])["parts"][0]["steps"]
    assert "leave --json out" in netres("history", "--export", "--json").failed()


def test_a_transaction_is_shown_whole(netres: Netres) -> None:
    tx = changed("voice")
    shown = netres("show", tx[:18])
    assert shown.out.startswith(f"transaction {tx}\nbegan: ")
    for line in (
        "why: upgrade",
        "ticket: CHG-7",
        "outcome: applied",
        "r1 (memory), apply: applied",
        "+ vlan[20] name=voice",
    ):
        assert line in shown.out.splitlines()
    assert "--steps shows them" in shown.out
    whole = netres("show", tx, "--steps").out
    assert "PUT /vlan/20" in whole
    assert "← status 20" in whole
    assert "--steps shows them" not in whole
    assert netres("show", tx, "--json").json["parts"][0]["plan"]["changes"]


def test_a_transaction_that_was_cut_off_is_shown(netres: Netres) -> None:
    with Journal.open("journal.db") as journal:
        tx = journal.begin(confirm_within=60)
        with journal.lease(tx, ["m1"]) as leases:
            (part,) = parts(journal, leases, "m1")
            part.answer(part.step("one\n two"), "fine\nindeed")
            part.answer(part.step("three"), "", "Timeout: no answer")
            part.step("four\x1b[31m")
            journal.decide(tx, "undo", "m1: no answer")
    told = netres("show", tx, "--steps").out
    for line in (
        "outcome: abandoned",
        "confirm within: 60 s",
        "decision: undo",
        "error: m1: no answer",
        "after: before",
    ):
        assert line in told.splitlines()
    assert "`netres recover`" in told
    assert "steps: 3, 1 without an answer" in told
    shown = [" ".join(line.split()) for line in told.splitlines()[-8:]]
    assert shown[1:3] == ["two", shown[2]]
    assert shown[2].startswith("← fine (")
    assert shown[3] == "indeed"
    assert shown[5].startswith("← Timeout: no answer (")
    assert shown[6].endswith(r"four\x1b[31m")
    assert shown[7] == "← no answer is known"


def test_what_does_not_exist_is_told(netres: Netres) -> None:
    tx = changed("voice")
    assert "has no transaction 'ffff'" in netres("show", "ffff").failed()
    assert "'r2'" in netres("restore", "r2", "--at", tx, "--yes").failed()
    assert "is no URL" in netres("history", "--journal", "://secret-word").failed()
    Path("notes").write_text("no journal at all, but long enough\n" * 40)
    assert "is no journal" in netres("history", "--journal", "notes").failed()


def test_a_device_is_led_back(netres: Netres) -> None:
    changed("voice")
    tx = changed("voice", "data")
    changed("video")
    back = netres("restore", "r1", "--at", tx[:18], "--yes", "-o", "result.json")
    assert back.code == 0
    assert "- vlan[20]" in back.out or "~ vlan[20]" in back.out
    assert "native configuration as before: to the byte" in back.out.splitlines()
    assert json.loads(Path("result.json").read_text())["outcome"] == "applied"
    found = netres("observe", "r1", "--json").json["items"]
    assert [(one["id"], one["name"]) for one in found] == [(20, "voice")]
    assert netres("history", "--json", "-n", "1").json[0]["why"] == f"restore to before {tx}"
    assert "nothing to do" in netres("restore", "r1", "--at", tx, "--yes").out


def test_restore_asks(netres: Netres, monkeypatch: pytest.MonkeyPatch) -> None:
    tx = changed("voice")
    monkeypatch.setattr(sys, "stdin", None)
    assert "give --yes" in netres("restore", "r1", "--at", tx).failed()
    ours, theirs = os.openpty()
    with os.fdopen(theirs) as terminal, os.fdopen(ours, "w") as typing:
        monkeypatch.setattr(sys, "stdin", terminal)
        typing.write("n\n")
        typing.flush()
        asked = netres("restore", "r1", "--at", tx)
    assert asked.code == 1
    assert "Apply this to r1? [y/N] " in asked.err
    assert asked.err.endswith("error: not confirmed; nothing was changed\n")
    assert netres("observe", "r1", "--json").json["items"]


def test_secrets_come_back_with_the_key_only(netres: Netres, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ONE", "TWO", "KEY"):
        monkeypatch.setenv(name, f"secret-{name}")
    entry = Inventory.load("inventory.yaml")["r1"]
    sealed = Journal.open("journal.db", backups="sealed", key=Secret("env:KEY"))
    with sealed as journal, entry.connect(journal) as resource:
        made = [resource.apply(resource.plan(Config.of([radius(ref)]))) for ref in ("env:ONE", "env:TWO")]
    tx = made[-1].transaction
    told = netres("restore", "r1", "--at", tx, "--yes")
    assert (told.code, told.err) == (
        0,
        "note: radius_server[ise1]: the secret of then is not known; it stays as it is now\n",
    )
    assert "secret-TWO" in Path("r1.json").read_text()
    refused = netres("restore", "r1", "--at", tx, "--yes", "--key", "secret-KEY").failed()
    assert "--key is no reference" in refused
    assert "secret-KEY" not in refused
    told = netres("restore", "r1", "--at", tx, "--yes", "--key", "env:KEY")
    assert (told.code, told.err) == (0, "")
    assert "secret-ONE" in Path("r1.json").read_text()
    stored = everything("journal.db")
    assert not [name for name in ("ONE", "TWO", "KEY") if f"secret-{name}".encode() in stored]


def test_what_people_write_steers_no_terminal(netres: Netres) -> None:
    changed("voice", why="\x1b[2Jgone \x9b31m\x07")
    for ran in (netres("history"), netres("show", netres("history", "--json").json[0]["id"], "--steps")):
        assert not [char for char in ran.out if not char.isprintable() and char != "\n"]
        assert "gone" in ran.out
