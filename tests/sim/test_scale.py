"""A thousand devices from one process."""

from __future__ import annotations

import gc
from pathlib import Path

from netres.testing.sim import Lab


def _resident() -> int:
    """KiB of this process."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def test_a_thousand_devices_with_ssh() -> None:
    with Lab({"warm": "frr"}):
        gc.collect()
    before = _resident()
    with Lab({f"r{number}": "frr" for number in range(1000)}) as lab:
        gc.collect()
        each = (_resident() - before) / 1000
        assert each < 100, f"{each:.0f} KiB per idle device"
        assert len({lab.ports[name]["ssh"] for name in lab.names}) == 1000
        for name in ("r0", "r500", "r999"):
            with lab.entry(name).connect() as resource:
                assert resource.facts().hostname == name
