"""Two processes change the same devices at once: no device ever sees two writers, nothing is lost, and both end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import contender
import pytest
from contender import Told
from witnesses import Link, Witnesses

from netres.fleet.journal import Journal
from netres.flow import Http

BASES = (100, 200)
_KEPT = ("PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "COVERAGE_PROCESS_CONFIG")


def compete(where: str, folder: Path, servers: Witnesses, rounds: int) -> list[Told]:
    """Two processes that have nothing in common but the journal and the devices: what each says came of it."""
    with ExitStack() as stack:
        processes: list[subprocess.Popen[str]] = []
        for base in BASES:
            home = folder / f"home-{base}"
            home.mkdir()
            program = [sys.executable, contender.__file__]
            words = [str(number) for number in (servers.port, len(servers.devices), rounds, base)]
            env = {name: os.environ[name] for name in _KEPT if name in os.environ}
            env |= {"HOME": str(home), "TMPDIR": str(home), "NETRES_JOURNAL": where}
            process = subprocess.Popen(
                [*program, *words], cwd=home, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            processes.append(stack.enter_context(process))
            stack.callback(process.kill)
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        ended = [process.communicate(timeout=300)[0] for process in processes]
        assert [process.returncode for process in processes] == [0, 0]
    return [cast("Told", json.loads(text)) for text in ended]


def check(where: str, folder: Path, devices: int, rounds: int) -> list[Told]:
    with Witnesses(contender.names(devices)) as servers:
        told = compete(where, folder, servers, rounds)
        for name, witness in servers.devices.items():
            assert witness.intruders == []
            given = {str(vlan) for one in told for vlan in one["applied"][name]}
            assert len(given) == 2 * rounds
            assert witness.device.running["vlan"].keys() == given
            assert witness.device.saved == witness.device.running
            assert witness.device.trial is None
            assert len({writer.partition(".")[0] for writer in witness.wrote}) == 2
    with Journal.open(where) as journal:
        assert journal.unfinished() == []
        parts = [part for one in journal.history(limit=100_000) for part in one.parts if part.state == "applied"]
        assert len(parts) == 2 * rounds * devices
    return told


def test_two_processes_change_the_same_devices_and_none_sees_two_writers(where: str, tmp_path: Path) -> None:
    Journal.open(where).close()
    check(where, tmp_path, devices=4, rounds=4)


@pytest.mark.slow
def test_two_processes_change_the_same_50_devices(where: str, tmp_path: Path) -> None:
    for one in check(where, tmp_path, devices=50, rounds=10):
        sys.stdout.write(f"{one['seconds']} s; again: {one['again']}; at most {one['most']} tries\n")


@pytest.fixture
def pair() -> Iterator[tuple[Witnesses, Link, Link]]:
    with Witnesses(["m1"]) as servers:
        yield servers, Link(servers.port, "m1", "one"), Link(servers.port, "m1", "other")


def test_a_device_sees_that_a_candidate_is_open(pair: tuple[Witnesses, Link, Link]) -> None:
    servers, one, other = pair
    one.execute(Http("POST", "/candidate"))
    other.execute(Http("GET", "/vlan"))
    assert servers.devices["m1"].intruders == []
    other.execute(Http("POST", "/candidate"))
    assert servers.devices["m1"].intruders == ["other: POST /candidate while one is at work"]
    one.close()
    other.close()


def test_a_device_sees_that_a_commit_waits(pair: tuple[Witnesses, Link, Link]) -> None:
    servers, one, other = pair
    one.execute(Http("POST", "/candidate"))
    one.execute(Http("POST", "/candidate/commit", {"seconds": 60, "persist": "x"}))
    one.close()
    other.execute(Http("POST", "/candidate"))
    assert servers.devices["m1"].intruders == ["other: POST /candidate while one is at work"]
    other.close()


def test_a_device_sees_that_another_came_between(pair: tuple[Witnesses, Link, Link]) -> None:
    servers, one, other = pair
    for link in (one, other, one):
        link.execute(Http("POST", "/saved"))
    assert servers.devices["m1"].intruders == ["one"]
    one.close()
    other.close()
