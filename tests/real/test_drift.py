"""One line typed into a real router by hand is found by another process, alone, and led back to the letter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from netres import Config, Inventory
from netres.cli import main
from netres.fleet.journal import Journal
from netres_drivers.frr.lab import FrrLab
from netres_drivers.frr.samples import desired

pytestmark = pytest.mark.real


def test_a_line_by_hand(
    lab: FrrLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BGP_PASSWORD", "between-the-two")
    monkeypatch.setenv("NETRES_JOURNAL", str(tmp_path / "journal.db"))
    lab.write_inventory(Path("inventory.yaml"))
    Path("r1.yaml").write_text(desired(1, "env:BGP_PASSWORD"))
    router = lab.routers["r1"]
    with Journal.open() as book, Inventory.load("inventory.yaml")["r1"].connect(book) as resource:
        resource.apply(resource.plan(Config.load("r1.yaml"))).raise_for_outcome()
    applied = router.running_config()
    assert main(["drift", "r1"]) == 0
    assert capsys.readouterr().out == "no drift\n"

    neighbor = ("configure terminal", "router bgp 65001")
    router.vtysh(*neighbor, "neighbor 10.0.12.2 description by hand", "neighbor 10.0.12.2 password by-hand")
    router.vtysh("configure terminal", "ip prefix-list OTHERS seq 5 permit 10.0.0.0/8")
    ran = subprocess.run([sys.executable, "-m", "netres", "drift", "r1"], check=False, capture_output=True, text=True)
    description, password = ran.stdout.splitlines()
    assert (ran.returncode, ran.stderr) == (2, "")
    assert description.startswith("drift: bgp_neighbor[10.0.12.2].description: wanted ")
    assert description.endswith(", found 'by hand' (changed by hand)")
    assert password.endswith(".password: wanted env:BGP_PASSWORD, found ******** (changed by hand)")

    assert main(["drift", "r1", "--revert", "*", "--yes"]) == 0
    router.vtysh("configure terminal", "no ip prefix-list OTHERS")
    assert router.running_config() == applied
