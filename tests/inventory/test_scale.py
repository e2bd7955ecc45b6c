"""Speed, as ratios within one run: this machine's own pace cancels out."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from netres import Inventory

DEVICES = 20_000


def _text(count: int = DEVICES) -> str:
    groups = (f"  g{n}: {{groups: [all], tags: {{site: s{n}}}}}" for n in range(100))
    devices = (
        f"  r{n}:\n    host: 10.{n >> 16}.{n >> 8 & 255}.{n & 255}\n    port: 2222\n    groups: [g{n % 100}]\n"
        f"    tags:\n      role: edge\n      rack: r{n % 50}"
        for n in range(count)
    )
    head = "defaults: {platform: frr, username: ops, password: env:PASSWORD}\ngroups:\n  all: {tags: {country: uk}}"
    return "\n".join((head, *groups, "devices:", *devices))


def _seconds(work: Callable[[], object], times: int) -> float:
    spans: list[float] = []
    for _ in range(times):
        start = time.process_time()
        work()
        spans.append(time.process_time() - start)
    return min(spans)


@pytest.mark.benchmark
def test_loading_and_selecting_cost_a_fraction_of_what_pyyaml_needs_to_parse() -> None:
    path = Path("inventory.yaml")
    path.write_text(_text())
    inventory = Inventory.load(path)
    assert len(inventory.select("country=uk site=s1* rack!=r11")) == DEVICES * 11 // 100 - DEVICES // 100
    load = _seconds(lambda: Inventory.load(path), 5)
    select = _seconds(lambda: Inventory.load(path).select("country=uk site=s1* rack!=r11"), 5) - load
    pyyaml = _seconds(lambda: yaml.load(path.read_bytes(), yaml.CSafeLoader), 1)
    assert load < pyyaml / 8
    assert select < pyyaml / 8


def test_the_cost_of_loading_and_selecting_grows_linearly() -> None:
    def seconds(count: int) -> float:
        path = Path(f"{count}.yaml")
        path.write_text(_text(count))
        return _seconds(lambda: Inventory.load(path).select("country=uk site=s1* rack!=r11"), 5)

    assert seconds(16_000) < 8 * seconds(4_000)  # four times as much, and room for a machine that is busy
