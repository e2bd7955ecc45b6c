"""What drifted, on the command line: told, accepted, ignored, led back."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netres.baseline import Baseline
from netres.inventory import Inventory
from netres.model import Config, Vlan
from netres.plan import ApplyResult

if TYPE_CHECKING:
    from tests.cli.conftest import Netres


@pytest.fixture(autouse=True)
def _applied(netres: Netres, _lab: None) -> None:
    Path("desired.yaml").write_text("items:\n  - {kind: vlan, id: 20, name: voice}\n  - {kind: vlan, id: 30}\n")
    assert netres("apply", "r1", "desired.yaml", "--yes", "-o", "result.json").code == 0


def by_hand(name: str = "changed") -> None:
    """Somebody changes VLAN 20, and netres's journal knows nothing of it."""
    with Inventory.load("inventory.yaml")["r1"].connect() as resource:
        wanted = Config.of([Vlan(id=20, name=name), Vlan(id=30)])
        resource.apply(resource.plan(wanted)).raise_for_outcome()


def has() -> str | None:
    with Inventory.load("inventory.yaml")["r1"].connect() as resource:
        found = resource.observe().find("vlan", "20")
    assert isinstance(found, Vlan)
    return found.name


def test_nothing_drifted(netres: Netres) -> None:
    ran = netres("drift", "r1")
    assert (ran.code, ran.out, ran.err) == (0, "no drift\n", "")


def test_what_was_changed_by_hand_is_told(netres: Netres) -> None:
    by_hand()
    ran = netres("drift", "r1", "-o", "report.json")
    assert (ran.code, ran.err) == (2, "")
    assert ran.out == "drift: vlan[20].name: wanted 'voice', found 'changed' (changed by hand)\n"
    (told,) = json.loads(Path("report.json").read_text())["drifts"]
    assert (told["path"], told["cause"]) == ("vlan[20].name", "changed-by-hand")
    assert netres("drift", "r1", "--json").json["drifts"] == [told]


def test_accepted_it_is_what_is_wanted_now(netres: Netres) -> None:
    by_hand()
    ran = netres("drift", "r1", "--accept", "vlan[20].name")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "nothing is left of it")
    assert netres("drift", "r1").code == 0
    by_hand("voice")
    assert "wanted 'changed', found 'voice'" in netres("drift", "r1").out


def test_ignored_it_is_no_drift(netres: Netres) -> None:
    by_hand()
    assert netres("drift", "r1", "--ignore", "vlan[*].name").code == 0
    by_hand("again")
    ran = netres("drift", "r1")
    assert ran.code == 0
    assert ran.out.startswith("ignored: vlan[20].name")


def test_led_back(netres: Netres, monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand()
    message = netres("drift", "r1", "--revert", "vlan[20].name").failed()
    assert message.startswith("--revert asks before it changes a device")
    ran = netres("drift", "r1", "--revert", "vlan[20].name", "--yes", "--ticket", "CHG-9")
    assert ran.code == 0
    assert has() == "voice"
    assert netres("history", "--json").json[0]["ticket"] == "CHG-9"
    by_hand()

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    assert netres("drift", "r1", "--revert", "*").code == 1
    assert has() == "changed"


def test_what_did_not_drift_is_named(netres: Netres) -> None:
    by_hand()
    assert "nothing drifted at 'vlan[30].name'" in netres("drift", "r1", "--accept", "vlan[30].name").failed()
    assert netres("drift", "r1", "--accept", "vlan[20].name", "--revert", "vlan[30]", "--yes").code == 1
    assert netres("drift", "r1").code == 2
    assert netres("drift", "r2").failed().endswith("apply something first, or give --baseline FILE")


def test_a_baseline_in_a_file(netres: Netres) -> None:
    Path("base.json").write_text(Baseline.of(ApplyResult.parse(Path("result.json").read_text())).model_dump_json())
    by_hand()
    assert netres("drift", "r1", "--baseline", "base.json").code == 2
    assert netres("drift", "r1", "--baseline", "base.json", "--accept", "*").code == 0
    assert netres("drift", "r1", "--baseline", "base.json").code == 0
    assert netres("drift", "r1").code == 2  # the journal's is another one
    message = netres("drift", "r2", "--baseline", "base.json").failed()
    assert message.startswith("the baseline is of device 'r1', this is 'r2'")
