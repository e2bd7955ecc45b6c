"""Bad input: exit code 1 and one line that names the file, the place, the field and the remedy. Never a traceback."""

from __future__ import annotations

import errno
import sys
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netres import __version__ as version
from netres import registry
from netres.cli import main

if TYPE_CHECKING:
    from tests.cli.conftest import Netres


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("items:\n  - {kind: vlann, id: 20}\n", "desired.yaml:2: ", ["unknown kind 'vlann'", "did you mean 'vlan'?"]),
        ("items:\n  - {id: 20}\n", "desired.yaml:2: ", ["'kind' is missing"]),
        (
            "items:\n  - kind: vlan\n    id: 20\n    nmae: voice\n",
            "desired.yaml:4: ",
            ["unknown field 'nmae'", "did you mean 'name'?"],
        ),
        ("items:\n  - {kind: vlan}\n", "desired.yaml:2: ", ["field 'id' is missing"]),
        ("items:\n  - kind: vlan\n    id: 4095\n", "desired.yaml:3: ", ["id: 4095", "4094"]),
        (
            "items:\n  - {kind: vlan, id: 20}\n  - {kind: vlan, id: 20}\n",
            "desired.yaml",
            ["items 0 and 1 are both vlan[20]", "merge them into one"],
        ),
        ("items:\n\t- {kind: vlan, id: 20}\n", "desired.yaml:2: ", ["is not YAML", "blanks instead of tabs"]),
        ("items: [", "desired.yaml:1: ", ["is not YAML"]),
        ("", "desired.yaml: ", ["is empty"]),
        (
            "items:\n  - kind: bgp_neighbor\n    address: 192.0.2.2\n    remote_as: 1\n    password: geheim\n",
            "desired.yaml:5: ",
            ["password", "env:NAME, file:PATH or keyring:SERVICE/USER"],
        ),
    ],
)
def test_a_desired_configuration_that_is_wrong(netres: Netres, text: str, place: str, words: list[str]) -> None:
    Path("desired.yaml").write_text(text)
    for command in (("plan", "r1"), ("apply", "r1", "--yes"), ("render", "frr")):
        message = netres(*command, "desired.yaml").failed()
        assert message.startswith(place)
        for word in words:
            assert word in message
        assert "geheim" not in message


def test_a_reference_that_leads_nowhere(netres: Netres) -> None:
    Path("desired.yaml").write_text("items: [{kind: bgp_neighbor, address: 192.0.2.2, remote_as: 65002}]\n")
    for command in (("plan", "r1"), ("render", "frr")):
        message = netres(*command, "desired.yaml").failed()
        assert message.startswith("desired.yaml:1: bgp_neighbor[192.0.2.2] refers to bgp_router, which neither")
        assert "add it" in message


def test_a_platform_that_nobody_drives(netres: Netres) -> None:
    known = ", ".join(registry.platforms())
    message = f"unknown platform 'frrr'; did you mean 'frr'?; known: {known}"
    assert netres("parse", "frrr", "frr.conf").failed() == message
    assert netres("render", "frrr", "desired.yaml").failed() == message


def test_a_kind_that_is_not_there(netres: Netres) -> None:
    for args in (("observe", "r1", "--kind", "vlna"), ("plan", "r1", "desired.yaml", "--prune", "vlna")):
        assert netres(*args).failed().startswith("unknown kind 'vlna'; did you mean 'vlan'?; known: ")
    message = netres("render", "frr", "desired.yaml").failed()
    assert message.startswith("desired.yaml:2: vlan[20]: frr: the platform has no such thing: ")


def test_a_device_that_is_not_there(netres: Netres) -> None:
    assert netres("facts", "r11").failed().startswith("inventory.yaml: no device 'r11'; did you mean 'r1'?")


@pytest.mark.parametrize(
    "args",
    [
        ("plan", "r1", "{}"),
        ("apply", "r1", "{}", "--yes"),
        ("apply", "r1", "--plan", "{}", "--yes"),
        ("rollback", "r1", "{}"),
        ("refresh", "r1", "{}"),
        ("parse", "frr", "frr.conf", "{}"),
        ("render", "frr", "{}"),
        ("render", "frr", "desired.yaml", "--running", "{}"),
        ("facts", "r1", "-i", "{}"),
    ],
)
def test_files_that_cannot_be_read(netres: Netres, args: tuple[str, ...]) -> None:
    Path("desired.yaml").write_text("items: []\n")
    Path("latin").write_bytes(b"caf\xe9: 1\n")
    for name, what in (("missing", "No such file"), (".", "Is a directory"), ("latin", "")):
        message = netres(*(one.format(name) for one in args)).failed()
        assert message.startswith(name)
        assert what in message


@pytest.mark.parametrize("args", [("plan", "r1", "desired.yaml"), ("apply", "r1", "desired.yaml", "--yes")])
@pytest.mark.parametrize("name", ["missing/plan.json", ".", "desired.yaml/plan.json"])
def test_a_file_that_cannot_be_written_is_found_out_before_anything_is_done(
    netres: Netres, args: tuple[str, ...], name: str
) -> None:
    message = netres(*args, "-o", name).failed()
    assert message == f"{name}: cannot be written; check the path and its permissions"
    assert not netres("observe", "r1").out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "Missing command; see: netres --help"),
        (("plna",), "No such command 'plna'"),
        (("plan", "r1", "desired.yaml", "--frob"), "No such option: --frob"),
        (("plan", "r1"), "Missing argument 'DESIRED'"),
        (("parse", "frr"), "Missing argument 'FILES'"),
    ],
)
def test_a_command_line_that_is_not_understood(netres: Netres, args: tuple[str, ...], message: str) -> None:
    assert netres(*args).failed().lower().startswith(message.lower())


def test_a_message_stays_one_harmless_line(netres: Netres) -> None:
    Path("bell\x07\x1b[2J").mkdir()
    message = netres("parse", "frr", "bell\x07\x1b[2J").failed()
    assert message.startswith("bell\\x07\\x1b[2J: cannot be read")


def test_a_bug_is_told_in_one_line_without_its_data(netres: Netres, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(platform: str) -> None:
        raise KeyError("geheim")

    monkeypatch.setattr(registry, "get", broken)
    message = netres("parse", "frr", "frr.conf").failed()
    assert message.startswith("this is a bug of netres: KeyError at test_errors.py:")
    assert "geheim" not in message


def test_a_full_disk_is_told_in_one_line(netres: Netres, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, *args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_text", full)
    ran = netres("plan", "r1", "desired.yaml", "-o", "plan.json")
    assert (ran.code, ran.err) == (1, "error: plan.json: No space left on device\n")


def test_an_interrupt_while_a_command_runs(netres: Netres, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(platform: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(registry, "get", interrupted)
    ran = netres("parse", "frr", "frr.conf")
    assert (ran.code, ran.out) == (130, "")
    assert ran.err.startswith("error: interrupted; ")
    assert ran.err.count("\n") == 1


def test_a_caller_may_have_replaced_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    out = StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["--version"]) == 0
    assert out.getvalue() == f"netres {version}\n"
