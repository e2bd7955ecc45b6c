"""Compares YAML loaders on an inventory: ``python tests/benchmarks/yaml_loaders.py [DEVICES]`` (decision 0003).

Each loader runs in processes of its own, three times, those of all loaders in turn; one that is not installed is left
out. Prints the fastest and the median time to Python objects, and the process's largest resident memory.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 3


def _rapidyaml(text: str) -> object:
    ryml = importlib.import_module("ryml")
    tree = ryml.parse_in_arena(text.encode())

    def built(node: int) -> object:  # rapidyaml gives a tree of its own; every scalar in it is text
        if tree.is_map(node):
            return {bytes(tree.key(child)).decode(): built(child) for child in ryml.children(tree, node)}
        if tree.is_seq(node):
            return [built(child) for child in ryml.children(tree, node)]
        return bytes(tree.val(node)).decode()

    return built(tree.root_id())


def _pyyaml(text: str) -> object:
    yaml = importlib.import_module("yaml")
    return yaml.load(text, yaml.CSafeLoader)


LOADERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "yaml-rs": ("yaml_rs", lambda text: importlib.import_module("yaml_rs").loads(text, parse_datetime=False)),
    "ryaml": ("ryaml", lambda text: importlib.import_module("ryaml").loads(text)),
    "yarutsk": ("yarutsk", lambda text: importlib.import_module("yarutsk").loads(text)),
    "rapidyaml": ("ryml", _rapidyaml),
    "PyYAML CSafeLoader": ("yaml", _pyyaml),
    "json (the same data)": ("json", json.loads),
}


def inventory(devices: int) -> str:
    """An inventory in block style, six lines of fields to a device."""
    body = (
        f"  r{n}:\n    platform: frr\n    host: 10.{n >> 16}.{n >> 8 & 255}.{n & 255}\n    port: 2222\n"
        f"    groups: [site{n % 100}]\n    tags:\n      role: edge\n      rack: r{n % 50}\n"
        for n in range(devices)
    )
    return "devices:\n" + "".join(body)


def _measure(name: str, collect: str, path: str) -> None:
    module, loader = LOADERS[name]
    importlib.import_module(module)
    text = Path(path).read_text()
    if collect == "gc off":
        gc.disable()
    start = time.perf_counter()
    data = loader(text)
    seconds = time.perf_counter() - start
    assert data is not None
    # not ru_maxrss: it begins at that of the process which forked this one
    peak = next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    print(seconds, peak)  # noqa: T201  # the result


def _compare(devices: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        block, data = Path(folder, "inventory.yaml"), Path(folder, "inventory.json")
        block.write_text(inventory(devices))
        data.write_text(json.dumps(importlib.import_module("yaml_rs").loads(block.read_text())))
        results: dict[tuple[str, str], list[tuple[float, int]]] = {}
        for _ in range(ROUNDS):
            for name in LOADERS:
                for collect in ("gc on", "gc off"):
                    argv = [sys.executable, __file__, name, collect, str(data if name.startswith("json") else block)]
                    with contextlib.suppress(subprocess.CalledProcessError):
                        out = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()
                        results.setdefault((name, collect), []).append((float(out[0]), int(out[1])))
        for (name, collect), runs in results.items():
            seconds = [run[0] for run in runs]
            memory = max(run[1] for run in runs) // 1024
            spread = f"fastest {min(seconds):6.2f} s  median {statistics.median(seconds):6.2f} s  {memory:5} MiB"
            print(f"{name:22} {collect:6}  {spread}")  # noqa: T201  # the result


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _measure(*sys.argv[1:])
    else:
        _compare(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
