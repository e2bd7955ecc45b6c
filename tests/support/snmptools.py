"""net-snmp's commands, as they are installed on this machine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence

from needed import need


def netsnmp(command: str, port: int, *arguments: str, community: str = "public", patience: float = 2) -> str:
    """What a command prints, or, where it fails, its complaint."""
    return run([command, "-v2c", "-c", community, "-t", str(patience), "-r", "0", "-On", *_at(port), *arguments])


def _at(port: int) -> Sequence[str]:
    return [f"127.0.0.1:{port}"]


def run(command: Sequence[str]) -> str:
    """Run one of the commands."""
    need(None if shutil.which(command[0]) else f"net-snmp's {command[0]} is not installed (apt-get install snmp)")
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout + done.stderr
