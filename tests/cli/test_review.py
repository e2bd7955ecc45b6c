"""Plans that are reviewed before they are applied: on a terminal, or as a file."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Netres

Answered: TypeAlias = Callable[[Callable[[subprocess.Popen[bytes], int], None]], tuple[int, str, str]]


@pytest.fixture
def plan(netres: Netres) -> dict[str, object]:
    assert netres("plan", "r1", "desired.yaml", "-o", "plan.json").code == 2
    return cast("dict[str, object]", json.loads(Path("plan.json").read_text()))


def until(process: subprocess.Popen[bytes], end: bytes) -> bytes:
    assert process.stderr
    seen, deadline = b"", time.monotonic() + 30
    while not seen.endswith(end):
        left = deadline - time.monotonic()
        ready = left > 0 and select.select([process.stderr], [], [], left)[0]
        assert ready, f"waited for {end!r}, got {seen!r}"
        chunk = os.read(process.stderr.fileno(), 65536)
        assert chunk, f"waited for {end!r}, got {seen!r}"
        seen += chunk
    return seen


@pytest.fixture
def on_terminal() -> Iterator[Answered]:
    """Runs `netres apply r1 desired.yaml` on a terminal, and answers when it asks."""
    ours, theirs = pty.openpty()

    def ran(answer: Callable[[subprocess.Popen[bytes], int], None]) -> tuple[int, str, str]:
        path = os.pathsep.join(sys.path)
        command = [sys.executable, "-m", "netres", "apply", "r1", "desired.yaml", "--json"]
        with subprocess.Popen(
            command,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        ) as process:
            asked = until(process, b"[y/N] ")
            answer(process, ours)
            out, err = process.communicate(timeout=30)
        return process.returncode, out.decode(), (asked + err).decode()

    yield ran
    os.close(ours)
    os.close(theirs)


def test_apply_asks_on_a_terminal_after_showing_the_diff(on_terminal: Answered) -> None:
    code, out, err = on_terminal(lambda process, terminal: void(os.write(terminal, b"y\n")))
    assert (code, json.loads(out)["outcome"]) == (0, "applied")
    assert err.startswith("+ vlan[20] name=voice\nwill be sent:\n")
    assert err.endswith("Apply this to r1? [y/N] ")
    assert "voice" in Path("r1.json").read_text()


@pytest.mark.parametrize("answer", [b"\n", b"n\n", b"yep\n", b"\x04"])
def test_anything_but_yes_changes_nothing(on_terminal: Answered, answer: bytes) -> None:
    code, out, err = on_terminal(lambda process, terminal: void(os.write(terminal, answer)))
    assert (code, out) == (1, "")
    assert err.endswith("[y/N] error: not confirmed; nothing was changed\n")
    assert not Path("r1.json").exists()


def test_an_interrupt_exits_130_with_one_line(on_terminal: Answered) -> None:
    code, out, err = on_terminal(lambda process, terminal: process.send_signal(signal.SIGINT))
    assert (code, out) == (130, "")
    assert err.splitlines()[-1].partition("[y/N] ")[2].startswith("error: interrupted; ")
    assert "Traceback" not in err


def void(_: object) -> None:
    return None


def test_without_a_terminal_apply_wants_yes(netres: Netres, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = "apply asks before it changes a device, and stdin is no terminal; review a plan and give --yes"
    assert netres("apply", "r1", "desired.yaml").failed() == wanted
    monkeypatch.setattr(sys, "stdin", None)
    assert netres("apply", "r1", "desired.yaml").failed() == wanted
    assert not netres("observe", "r1").out


def test_a_reviewed_plan_is_applied_as_it_is(netres: Netres, plan: dict[str, object]) -> None:
    ran = netres("apply", "r1", "--plan", "plan.json", "--digest", str(plan["digest"]), "--yes", "--json")
    assert (ran.code, ran.json["outcome"], ran.json["plan"]) == (0, "applied", plan["digest"])


def test_another_plan_than_the_reviewed_one_is_refused(netres: Netres, plan: dict[str, object]) -> None:
    message = netres("apply", "r1", "--plan", "plan.json", "--digest", "0" * 64, "--yes").failed()
    assert message == f"plan.json: the plan's digest is {plan['digest']}, not {'0' * 64}; review the plan again"
    assert not netres("observe", "r1").out


def test_a_tampered_plan_is_refused(netres: Netres, plan: dict[str, object]) -> None:
    Path("plan.json").write_text(json.dumps(plan).replace("voice", "video"))
    message = netres("apply", "r1", "--plan", "plan.json", "--yes").failed()
    assert message == "the plan for 'r1' was changed after it was made; plan again"
    assert not netres("observe", "r1").out


@pytest.mark.usefixtures("plan")
def test_a_stale_plan_is_refused(netres: Netres) -> None:
    Path("desired.yaml").write_text("items: [{kind: vlan, id: 30}]\n")
    assert netres("apply", "r1", "desired.yaml", "--yes").code == 0
    message = netres("apply", "r1", "--plan", "plan.json", "--yes").failed()
    assert message == "r1 changed since the plan was made (in vlan); plan again"
    assert netres("observe", "r1").out == "vlan[30]\n"


@pytest.mark.usefixtures("plan")
def test_a_plan_is_for_one_device(netres: Netres) -> None:
    message = netres("apply", "r2", "--plan", "plan.json", "--yes").failed()
    assert message == "the plan is for device 'r1', this is 'r2'; plan for this one"


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize(
    "args",
    [
        ("r1",),
        ("r1", "desired.yaml", "--plan", "plan.json"),
        ("r1", "desired.yaml", "--digest", "0"),
        ("r1", "--plan", "plan.json", "--prune", "vlan"),
    ],
)
def test_either_a_desired_configuration_or_a_plan(netres: Netres, args: tuple[str, ...]) -> None:
    message = netres("apply", *args, "--yes").failed()
    assert "--plan FILE" in message
    assert not netres("observe", "r1").out


@pytest.mark.parametrize("text", ["", "{}", "[", '{"device": 7}', "items: []"])
def test_what_is_no_plan_and_no_result_is_named(netres: Netres, text: str) -> None:
    Path("thing.json").write_text(text)
    assert netres("apply", "r1", "--plan", "thing.json", "--yes").failed().startswith("thing.json: ")
    assert netres("rollback", "r1", "thing.json").failed().startswith("thing.json: ")
    assert netres("refresh", "r1", "thing.json").failed().startswith("thing.json: ")
