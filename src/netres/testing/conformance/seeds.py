"""Planning once more in a process with another hash seed: no set may decide in which order something is sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias, cast

from netres.device import Device
from netres.driver import Driver
from netres.flow import Json, Operation, Reply
from netres.testing.conformance.bench import prunable
from netres.testing.samples import fitting
from netres.transport.fake import FakeTransport

Answers: TypeAlias = Mapping[str, tuple[str, int, Json]]
"""What a device answers to what is read from it: text, status and body by the operation's text."""
_SCRIPT = "from netres.testing.conformance.seeds import replay; replay()"


def answers(operations: Mapping[Operation, Reply]) -> Answers:
    """What was read, so that it can be read again in another process."""
    return {str(operation): (reply.text, reply.status, reply.body) for operation, reply in operations.items()}


def planned(driver: Driver, states: Sequence[Answers]) -> list[list[str]]:
    """What would be sent from each state to each sample."""
    unchecked = replace(driver, dry_check=None)
    found: list[list[str]] = []
    for state in states:
        device = Device("subject", unchecked, FakeTransport(partial(_answer, state)))
        plans = (device.plan(sample, prunable(driver)) for sample in fitting(driver))
        found.append(["\n".join((*plan.payload, *(str(change) for change in plan.changes))) for plan in plans])
    return found


def _answer(state: Answers, operation: Operation) -> Reply:
    text, status, body = state[str(operation)]
    return Reply(text, status, body)


def elsewhere(driver: Driver, states: Sequence[Answers]) -> list[list[str]] | None:
    """`planned` by a process with another hash seed; nothing where no module holds the driver under a name."""
    if (place := _place(driver)) is None:
        return None
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        input=json.dumps([*place, states]),
        env={**os.environ, "PYTHONHASHSEED": "4242", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"planning in another process failed: {done.stderr}"
    return cast("list[list[str]]", json.loads(done.stdout))


def replay() -> None:
    """The other process."""
    import importlib

    module, name, states = json.load(sys.stdin)
    driver = getattr(importlib.import_module(module), name)
    json.dump(planned(driver, states), sys.stdout)


def _place(driver: Driver) -> tuple[str, str] | None:
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if value is driver and module.__name__ != "__main__":
                return module.__name__, name
    return None
