"""FRR's dead-man with a vtysh that takes its time: what the program on the router says of itself meanwhile."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from netres.confirming import Trial
from netres.flow import Cli, Exec, Operation, Reply, run
from netres_drivers.frr.deadman import CONFIRMING

TRIAL = Trial(1, secrets.token_hex(6), (Cli(("no ip route 198.51.100.0/24 blackhole",)),))
PLACE = Path(f"/tmp/netres-{TRIAL.token}")


@pytest.fixture
def path(tmp_path: Path) -> Iterator[str]:
    """Where vtysh is: it takes its lines, and a second after that they are done."""
    (tmp_path / "vtysh").write_text(f"#!/bin/sh\ncat >{tmp_path}/taken\nsleep 1\nmv {tmp_path}/taken {tmp_path}/done\n")
    (tmp_path / "vtysh").chmod(0o755)
    yield f"{tmp_path}:{os.environ['PATH']}"
    assert not PLACE.exists()


def execute(path: str, operation: Operation) -> Reply:
    assert isinstance(operation, Exec)
    command = ["/bin/sh", "-c", operation.command]
    told = subprocess.run(
        command, input=operation.reveal(), capture_output=True, text=True, env={"PATH": path}, check=False
    )
    return Reply(told.stdout, told.returncode)


def test_what_is_being_taken_back_is_over_when_it_is_done(path: str, tmp_path: Path) -> None:
    """Who reads the router after that answer must not read what is about to go."""
    assert CONFIRMING.begin
    assert execute(path, CONFIRMING.begin(TRIAL)[0]).status == 0
    assert {file.stat().st_mode & 0o777 for file in (PLACE, PLACE / "back")} == {0o700, 0o600}
    assert run(CONFIRMING.waits(TRIAL), lambda asked: execute(path, asked))
    while not (tmp_path / "taken").exists():
        time.sleep(0.02)
    assert not run(CONFIRMING.waits(TRIAL), lambda asked: execute(path, asked))
    assert (tmp_path / "done").read_text() == "no ip route 198.51.100.0/24 blackhole\n! these are all"
