"""Every test of the command line runs in a folder of its own, with an inventory of one memory device."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import pytest

from netres.cli import main

FRR = """\
!
frr version 8.4
frr defaults traditional
!
interface eth0
 description uplink
 ip address 192.0.2.1/30
exit
!
router bgp 65001
 no bgp ebgp-requires-policy
 neighbor 192.0.2.2 remote-as 65002
 neighbor 192.0.2.2 password old-secret
 neighbor 192.0.2.2 maximum-prefix 10
exit
!
end
"""


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - a test says itself what it expects
        return json.loads(self.out)

    def failed(self) -> str:
        """The message of a run that failed as every run has to: exit code 1, one line on stderr, no traceback."""
        assert (self.code, self.out) == (1, ""), self
        assert self.err.startswith("error: "), self
        assert self.err.count("\n") == 1, self
        assert "Traceback" not in self.err
        return self.err.removeprefix("error: ").rstrip("\n")


Netres: TypeAlias = Callable[..., Ran]


@pytest.fixture
def netres(capsys: pytest.CaptureFixture[str]) -> Netres:
    def ran(*args: str) -> Ran:
        capsys.readouterr()
        code = main(args)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return ran


@pytest.fixture(autouse=True)
def _lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("NETRES_INVENTORY", raising=False)
    monkeypatch.setenv("NETRES_JOURNAL", "journal.db")
    address = f"{uuid4().hex}.test"  # a memory device lives as long as the process
    Path("inventory.yaml").write_text(
        f"devices:\n  r1: {{platform: memory, host: {address}, options: {{state: r1.json}}}}\n"
        f"  r2: {{platform: memory, host: other.{address}}}\n"
    )
    Path("desired.yaml").write_text("items:\n  - {kind: vlan, id: 20, name: voice}\n")
    Path("frr.conf").write_text(FRR)
