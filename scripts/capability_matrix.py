"""Writes docs/capability-matrix.md from the drivers; ``--check`` says whether it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from netres.driver import Capability, Driver, Support
from netres.model import KINDS, STATES
from netres.registry import drivers

PAGE = Path(__file__).parents[1] / "docs" / "capability-matrix.md"
_SIGN = {Support.READ_WRITE: "read-write", Support.READ_ONLY: "read-only", Support.NOT_YET: "—", Support.NEVER: "never"}


def matrix() -> str:
    """The page."""
    found = list(drivers())
    rows = [
        f"| kind | {' | '.join(driver.platform for driver in found)} |",
        f"|---|{'---|' * len(found)}",
        *(
            f"| `{kind}` | {' | '.join(_cell(driver.capability(kind)) for driver in found)} |"
            for kind in (*sorted(KINDS), *sorted(STATES))
        ),
        f"| guarantee | {' | '.join(f'{driver.guarantee}: {driver.guarantee_why}' for driver in found)} |",
        f"| taken back unless confirmed | {' | '.join(map(_timer, found))} |",
    ]
    return (
        "# Capability matrix\n\n"
        "What each driver can do, kind by kind; generated from the drivers by `make schemas`. The same, for\n"
        "programs, is `schemas/v1/catalog.json`.\n\n" + "\n".join(rows) + "\n"
    )


def _timer(driver: Driver) -> str:
    if (confirming := driver.confirming) is None:
        return "by netres"
    steps = f"in steps of {confirming.step} s, {confirming.least} to {confirming.most} s"
    needs = f"; needs {', '.join(confirming.needs)}" if confirming.needs else ""
    return f"by {confirming.why}, {steps}{needs}"


def _cell(capability: Capability) -> str:
    parts = [_SIGN[capability.support]]
    if capability.missing and capability.support is Support.READ_WRITE:
        parts.append(f"without {', '.join(f'`{name}`' for name in capability.missing)}")
    parts.extend(f"`{name}`: {', '.join(map(str, allowed))}" for name, allowed in capability.values.items())
    parts.extend(f"{name} {value}" for name, value in capability.limits.items())
    if capability.reason and capability.support is not Support.NOT_YET:
        parts.append(capability.reason)
    return "; ".join(parts)


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(None if PAGE.read_text(encoding="utf-8") == matrix() else f"{PAGE.name} is stale; run: make schemas")
    PAGE.write_text(matrix(), encoding="utf-8")
