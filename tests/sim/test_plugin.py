"""The pytest plugin, in a process of its own: as somebody else's test suite has it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BESIDE = ("-o", "asyncio_default_fixture_loop_scope=function")  # which pytest-asyncio warns about where it is not said
SUPPORT = Path(__file__).parents[1] / "support"
HEAD = """
import httpx
import pytest
from toydevice import toy
from netres.testing.sim import Simulator

TOY = Simulator("toy", "A toy", toy)

def add(lab, word):
    return httpx.post(f"http://127.0.0.1:{lab.ports['t1']['http']}/words", content=word)
"""


def suite(folder: Path, text: str, *words: str) -> str:
    """What pytest prints of a file with these tests."""
    (folder / "test_it.py").write_text(HEAD + text)
    (folder / "conftest.py").write_text(f"import sys\nsys.path.insert(0, {str(SUPPORT)!r})\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "-W",
        "error",
        *BESIDE,
        *words,
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_each_test_has_a_laboratory_of_its_own(tmp_path: Path) -> None:
    printed = suite(
        tmp_path,
        """
pytestmark = pytest.mark.netres_lab(t1=TOY, t2=TOY)

@pytest.mark.parametrize("word", ["x", "y"])
def test_words(netres_lab, word):
    assert add(netres_lab, word).status_code == 204
    assert netres_lab["t1"].native() == f"{word}\\n"
    assert netres_lab["t2"].native() == ""
    assert netres_lab.entry("t1").port == netres_lab.ports["t1"]["ssh"]

@pytest.mark.netres_lab(t1=TOY)
def test_one(netres_lab, netres_device):
    assert netres_device is netres_lab["t1"]
""",
        "-n",
        "2",
    )
    assert "3 passed" in printed, printed


def test_a_failure_shows_what_was_said_and_no_secret(tmp_path: Path) -> None:
    printed = suite(
        tmp_path,
        """
@pytest.mark.netres_lab(t1=TOY)
def test_it(netres_lab, netres_device):
    netres_device.fail("rejected", on="POST")
    add(netres_lab, f"my-{netres_device.password}-word")
    add(netres_lab, "good")
    assert netres_device.native() == "my-word"
""",
    )
    assert "netres: what was said to t1" in printed, printed
    assert "http> POST /words my-********-word\n    (rejected)\n    400" in printed
    assert "http> POST /words good\n    204" in printed


def test_what_is_not_right_is_told(tmp_path: Path) -> None:
    printed = suite(
        tmp_path,
        """
def test_nothing_named(netres_lab): ...

@pytest.mark.netres_lab("toy")
def test_no_names(netres_lab): ...

@pytest.mark.netres_lab(t1=TOY, t2=TOY)
def test_one_of_two(netres_device): ...

@pytest.mark.netres_lab(t1="toys")
def test_no_simulator(netres_lab): ...
""",
    )
    assert printed.count('mark the test with @pytest.mark.netres_lab(r1="PLATFORM")') >= 2, printed
    assert "netres_device is for one device, there are: t1, t2" in printed
    assert "device 't1': no simulator of platform 'toys'" in printed
    assert "4 errors" in printed


def test_devices_may_come_from_a_fixture(tmp_path: Path) -> None:
    printed = suite(
        tmp_path,
        """
@pytest.fixture
def netres_devices():
    return {"t1": TOY}

def test_it(netres_device):
    assert netres_device.name == "t1"
""",
    )
    assert "1 passed" in printed, printed


def test_it_works_beside_pytest_asyncio_and_pytest_mock(tmp_path: Path) -> None:
    printed = suite(
        tmp_path,
        """
@pytest.mark.asyncio
@pytest.mark.netres_lab(t1=TOY)
async def test_it(netres_lab, netres_device, mocker):
    spy = mocker.spy(netres_device, "operate")
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"http://127.0.0.1:{netres_lab.ports['t1']['http']}/words", content="x")
    assert answer.status_code == 204
    assert spy.call_count == 1
""",
    )
    assert "1 passed" in printed, printed


def test_a_suite_that_uses_none_of_it_loads_nothing_of_netres(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import sys\ndef test_it():\n    assert not {'asyncssh', 'pydantic', 'netres.testing.sim'} & set(sys.modules)\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout, done.stdout
