"""Loads an inventory and selects from it: ``python tests/benchmarks/inventory_size.py [DEVICES]``.

Prints the fastest of three, in seconds of processor time, of netres (all checked, then a selection of three terms), of
PyYAML's CSafeLoader to plain dictionaries with the same selection written by hand, and their ratio; and the same for a
tenth of the devices, so that growth shows.
"""

from __future__ import annotations

import gc
import importlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import yaml

from netres import Inventory

_EXPRESSION = "platform=frr role=edge rack!=r11"


def _plain(path: Path) -> int:
    data = yaml.load(path.read_bytes(), yaml.CSafeLoader)
    devices = data["devices"].values()
    return sum(
        one["platform"] == "frr" and one["tags"]["role"] == "edge" and one["tags"]["rack"] != "r11" for one in devices
    )


def _seconds(work: Callable[[], int], expected: int) -> float:
    spans: list[float] = []
    for _ in range(3):
        gc.collect()
        start = time.process_time()
        found = work()
        spans.append(time.process_time() - start)
        if found != expected:
            raise SystemExit(f"{found} devices were selected, not {expected}")
    return min(spans)


def _compare(devices: int) -> float:
    groups = "groups:\n" + "".join(f"  site{number}: {{}}\n" for number in range(100))
    text = cast("Callable[[int], str]", importlib.import_module("yaml_loaders").inventory)  # beside this script
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "inventory.yaml")
        path.write_text(groups + text(devices))
        expected = devices - len(range(11, devices, 50))
        mine = _seconds(lambda: len(Inventory.load(path).select(_EXPRESSION)), expected)
        theirs = _seconds(lambda: _plain(path), expected)
    print(f"{devices:7} devices: netres {mine:.3f} s, CSafeLoader {theirs:.3f} s, ratio {theirs / mine:.1f}")  # noqa: T201
    return mine


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    small = _compare(size // 10)
    print(f"growth for ten times the devices: {_compare(size) / small:.1f}")  # noqa: T201
