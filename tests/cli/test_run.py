"""Many devices asked from the command line."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from netres.testing.entries import inventory_yaml
from netres.testing.sim.lab import Lab

if TYPE_CHECKING:
    from tests.cli.conftest import Netres


def test_each_device_is_told_as_it_comes_and_all_at_the_end(netres: Netres) -> None:
    with Lab({"a": "frr", "b": "frr", "closed": "frr"}) as lab:
        text = inventory_yaml(lab.entries)
        with socket.socket() as taken:  # bound, and nobody listens
            taken.bind(("127.0.0.1", 0))
            text = text.replace(str(lab.entry("closed").port), str(taken.getsockname()[1]))
            Path("routers.yaml").write_text(text)
            ran = netres("run", "-i", "routers.yaml", "--report", "run.xml", "--", "show", "version")
            assert ran.code == 1
            assert ran.out.count("FRRouting") == 2
            assert "closed" in next(line for line in ran.out.splitlines() if ": failed: " in line)
            assert ran.out.splitlines()[-1] == "1 failed, 2 done"
            assert Path("run.xml").read_text().startswith("<testsuites")
            stream = netres("run", "-i", "routers.yaml", "-s", "name=a", "--json", "--", "show version")
            row, last = map(json.loads, stream.out.splitlines())
            assert (stream.code, row["device"], row["status"]) == (0, "a", "done")
            assert (last["task"], last["counts"]) == ("show version", {"done": 1})


def test_nothing_is_begun_where_something_is_wrong(netres: Netres) -> None:
    assert "'name=nobody'" in netres("run", "-s", "name=nobody", "--", "show version").failed()
    assert "report.pdf" in netres("run", "--report", "report.pdf", "--", "show version").failed()
    assert "canary is -1" in netres("run", "--canary=-1", "--", "show version").failed()
