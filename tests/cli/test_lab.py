"""``netres lab``: a process that serves simulated devices, and what is asked of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from netres.inventory import Inventory
from netres.testing.netns import wait_until

if TYPE_CHECKING:
    from tests.cli.conftest import Netres

SUPPORT = Path(__file__).parents[1] / "support"
NETRES = [sys.executable, "-m", "netres"]
DEVICES = {"t1": {"platform": "toy", "host": "192.0.2.1"}, "t2": {"platform": "toy", "host": "192.0.2.2"}}


@pytest.fixture(autouse=True)
def _toys(_lab: None, tmp_path: Path, netres: Netres, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The toy's simulator, installed as somebody else's package; two of them in an inventory."""
    package = tmp_path / "packages"
    (package / "toysim-1.dist-info").mkdir(parents=True)
    (package / "toysim-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: toysim\nVersion: 1\n")
    (package / "toysim-1.dist-info" / "entry_points.txt").write_text("[netres.simulators]\ntoy = toydevice\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(package), str(SUPPORT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setattr(sys, "path", [str(package), *sys.path])
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    Path("inventory.yaml").write_text(json.dumps({"devices": DEVICES}))
    yield
    netres("lab", "down")


def test_a_laboratory_in_the_background(netres: Netres) -> None:
    Path("configs").mkdir()
    Path("configs/t1.cfg").write_text("first\n")
    up = netres("lab", "up", "inventory.yaml", "--detach", "--configs", "configs", "--json")
    assert up.code == 0, up.err
    devices = up.json["devices"]
    assert [device["name"] for device in devices] == ["t1", "t2"]
    port = devices[0]["ports"]["http"]
    live = Inventory.load("lab.yaml", platforms=["toy"])["t1"]
    assert live.port == devices[0]["ports"]["ssh"]
    assert live.password
    assert live.password.resolve().reveal() == Path(devices[0]["password_file"]).read_text()
    assert Path(devices[0]["password_file"]).stat().st_mode & 0o77 == 0

    assert netres("lab", "fault", "t1", "cut-after", "--on", "POST").code == 0
    with pytest.raises(httpx.HTTPError):
        httpx.post(f"http://127.0.0.1:{port}/words", content="second")
    assert netres("lab", "show", "t1").out == "first\nsecond\n"
    log = netres("lab", "log", "t1")
    assert log.out == "t1 http> POST /words second    (cut-after)\n    204\n"
    assert netres("lab", "log", "--json").json["exchanges"][0]["fault"] == "cut-after"
    netres("lab", "fault", "t1", "rejected", "--at", "0", "--times", "0")
    assert httpx.get(f"http://127.0.0.1:{port}/words").status_code == 400
    netres("lab", "fault", "t1", "--clear")
    assert httpx.get(f"http://127.0.0.1:{port}/words").status_code == 200

    again = netres("lab", "up", "inventory.yaml")
    assert (again.code, again.err) == (
        1,
        "error: a laboratory 'lab' runs already; end it with `netres lab down`, or choose another --name\n",
    )
    assert netres("lab", "down").code == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/words")
    assert not Path("lab.yaml").exists()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_laboratory_in_the_foreground_ends_in_order(netres: Netres, signum: int) -> None:
    words = [*NETRES, "lab", "up", "inventory.yaml", "--output", "live.yaml", "--name", "other"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        shown = [process.stdout.readline() for _ in range(3)]
        assert shown[0].startswith("t1  toy  http 127.0.0.1:")
        assert shown[2] == "2 devices; inventory: live.yaml; to end: netres lab down --name other\n"
        wait_until(lambda: netres("lab", "show", "t1", "--name", "other").code == 0, "the laboratory")
        process.send_signal(signum)
        assert process.wait(20) == 0
    assert not Path("live.yaml").exists()
    assert not list(Path("netres").glob("*.sock"))


def test_one_that_was_killed_is_in_nobodys_way(netres: Netres) -> None:
    words = [*NETRES, "lab", "up", "inventory.yaml"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: netres("lab", "show", "t1").code == 0, "the laboratory")
        process.kill()
    assert "no laboratory 'lab' is running" in netres("lab", "log").err
    assert netres("lab", "up", "inventory.yaml", "-d").code == 0


def test_what_is_refused_is_told_by_the_command(netres: Netres) -> None:
    assert netres("lab", "up", "inventory.yaml", "-d").code == 0
    refused = netres("lab", "fault", "t1", "hang")
    assert refused.code == 1
    assert "hang names no operation" in refused.err
    assert netres("lab", "show", "t9").err == "error: no device 't9' in the laboratory; there are: t1, t2\n"


@pytest.mark.parametrize(
    ("platform", "told"),
    [
        ("toys", "error: inventory.yaml:1: devices.t1.platform: unknown platform 'toys'; did you mean 'toy'?"),
        ("memory", "error: device 't1': no simulator of platform 'memory'; there are: "),
    ],
)
def test_a_platform_that_cannot_be_simulated_is_refused(netres: Netres, platform: str, told: str) -> None:
    Path("inventory.yaml").write_text(json.dumps({"devices": {"t1": {"platform": platform, "host": "192.0.2.1"}}}))
    up = netres("lab", "up", "inventory.yaml", "-d")
    assert up.code == 1
    assert up.err.startswith(told)
    assert not Path("lab.yaml").exists()


@pytest.mark.parametrize("out", ["inventory.yaml", "mine.yaml"])
def test_a_file_that_no_laboratory_wrote_is_left_alone(netres: Netres, out: str) -> None:
    Path("mine.yaml").write_text("devices: {}\n")
    before = Path(out).read_text()
    up = netres("lab", "up", "inventory.yaml", "--output", out)
    assert up.failed() == f"{out}: exists, and was not written by a laboratory; name another file with --output"
    assert Path(out).read_text() == before


def test_a_configuration_the_device_refuses_is_told(netres: Netres) -> None:
    Path("configs").mkdir()
    Path("configs/t9.cfg").write_text("x\n")
    up = netres("lab", "up", "inventory.yaml", "--configs", "configs")
    assert up.err == "error: no device 't9' in the laboratory; there are: t1, t2\n"


@pytest.mark.parametrize("words", [["up", "inventory.yaml"], ["platforms"], ["down"]])
def test_without_the_extra_its_name_is_told(words: list[str]) -> None:
    missing = "import sys; sys.modules['asyncssh'] = None; from netres.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", missing, "lab", *words], capture_output=True, text=True, check=False)
    assert done.stderr == (
        "error: simulated devices need the package asyncssh; install it with: pip install 'netres[testing]'\n"
    )


def test_nothing_runs(netres: Netres) -> None:
    began = time.monotonic()
    down = netres("lab", "down")
    assert down.err == "error: no laboratory 'lab' is running; start one with: netres lab up INVENTORY\n"
    assert time.monotonic() - began < 30


def test_a_folder_others_can_enter_is_not_used(netres: Netres, tmp_path: Path) -> None:
    (tmp_path / "netres").mkdir(exist_ok=True)
    (tmp_path / "netres").chmod(0o755)
    assert "can be entered by others" in netres("lab", "log").err
    (tmp_path / "netres").chmod(0o700)
