"""The command as a process: what a shell sees."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import netres


def shell(script: str) -> subprocess.CompletedProcess[str]:
    """Runs a script in which `netres` is this source tree's."""
    prelude = f'set -o pipefail\nnetres() {{ "{sys.executable}" -m netres "$@"; }}\n'
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": ""}  # as a shell has it
    return subprocess.run(
        ["bash", "-c", prelude + script], env=env, capture_output=True, text=True, timeout=60, check=False
    )


def test_version_and_help() -> None:
    assert shell("netres --version").stdout == f"netres {netres.__version__}\n"
    ran = shell("netres --help")
    assert ran.returncode == 0
    assert "Exit codes: 0 done, or nothing to do; 1 failed; 2 changes are pending" in ran.stdout
    for command in ("plan", "apply", "rollback", "refresh", "observe", "parse", "render", "schemas", "drivers"):
        assert f"\n  {command} " in ran.stdout


def test_exit_codes_from_plan_to_rollback() -> None:
    ran = shell(
        "netres plan r1 desired.yaml -o plan.json >/dev/null; echo $?\n"
        "netres apply r1 --plan plan.json --yes -o result.json >/dev/null; echo $?\n"
        "netres plan r1 desired.yaml >/dev/null; echo $?\n"
        "netres rollback r1 result.json >/dev/null; echo $?\n"
        "netres plan r1 missing.yaml 2>/dev/null; echo $?\n"
    )
    assert (ran.stdout.split(), ran.stderr) == (["2", "0", "0", "0", "1"], "")


def test_output_into_a_pipe_is_plain_and_whole() -> None:
    Path("desired.yaml").write_text(f"items: [{{kind: interface, name: eth0, description: '[red] {'x' * 200}'}}]\n")
    ran = shell("unset NO_COLOR COLUMNS; TERM=xterm netres plan r1 desired.yaml | cat")
    assert ran.returncode == 2
    assert "\x1b" not in ran.stdout
    assert ran.stdout.splitlines()[0] == f"+ interface[eth0] description='[red] {'x' * 200}'"


def test_a_reader_that_goes_away_is_no_failure_to_talk_about() -> None:
    ran = shell("netres drivers --json | true; netres parse frr frr.conf | true; netres facts r1 --json | true")
    assert (ran.returncode, ran.stderr) == (1, "")


def test_a_full_disk_under_stdout_is_one_line() -> None:
    for command in ("drivers --json", "drivers", "facts r1 --json", "facts r1"):
        ran = shell(f"netres {command} > /dev/full")
        assert (ran.returncode, ran.stderr) == (1, "error: output: No space left on device\n")


def test_output_in_a_locale_without_unicode() -> None:
    Path("desired.yaml").write_text("items: [{kind: interface, name: eth0, description: café}]\n")
    script = "netres apply r1 desired.yaml --yes; sed -i s/café/thé/ desired.yaml; netres plan r1 desired.yaml"
    ran = shell(f"export PYTHONIOENCODING=ascii\n{script}")
    assert (ran.returncode, ran.stderr) == (2, "")


def test_completion_is_typers_own() -> None:
    ran = shell('COMP_WORDS="netres pl" COMP_CWORD=1 _NETRES_COMPLETE=complete_bash netres')
    assert ran.stdout.split() == ["plan"]
    assert "_NETRES_COMPLETE=complete_bash" in shell("netres --show-completion bash || netres --show-completion").stdout
