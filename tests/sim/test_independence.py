"""A simulated device shares no code with a driver: no template, no parser, no model."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from netres.testing.sim import registry

COMMON = frozenset({"netres", "netres.errors", "netres.model", "netres.model.faults"})
"""What simulators may know of the rest of netres: its errors, and how a fault in a form is put into words."""


def _imports(path: Path) -> set[str]:
    """The modules of this project that a file imports, whatever it imports from them."""
    tree = ast.parse(path.read_text())
    typing = [node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    unseen = {id(inner) for node in typing for inner in ast.walk(node)}
    found = set[str]()
    for node in (node for node in ast.walk(tree) if id(node) not in unseen):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("netres") and _file(name)}


def _file(name: str) -> Path | None:
    """Where a module lies, found without importing it or what is above it."""
    for root in sys.path:
        place = Path(root, *name.split("."))
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if path.is_file():
                return path
    return None


def _reached(module: str) -> set[str]:
    reached, todo = set[str](), [module]
    while todo:
        if (name := todo.pop()) not in reached:
            reached.add(name)
            path = _file(name)
            todo.extend(_imports(path) if path and path.name != "__init__.py" else ())
    return reached


@pytest.mark.parametrize("platform", registry.platforms())
def test_a_simulator_reaches_nothing_of_a_driver(platform: str) -> None:
    own = f"netres_drivers.{platform}.sim"
    reached = _reached(own)
    assert own in reached
    allowed = {name for name in reached if name.startswith(("netres.testing.sim", own)) or name in COMMON}
    others = {name for name in reached - allowed if not _base(name, platform)}
    assert not others, f"{own} reaches {sorted(others)}"
    assert "netres.testing.sim.session" not in reached


def _base(name: str, platform: str) -> bool:
    """A simulator of one vendor's platform may build on another's, and packages hold nothing."""
    parts = name.split(".")
    vendor = platform.partition("_")[0]
    if len(parts) < 3:
        return name in {"netres.testing", "netres_drivers"}
    return parts[0] == "netres_drivers" and parts[1].startswith(vendor) and parts[2].startswith("sim")


@pytest.mark.parametrize("platform", registry.platforms())
def test_a_simulator_makes_devices_that_know_their_names(platform: str) -> None:
    simulator = registry.get(platform)
    assert simulator.platform == platform
    one, other = simulator.make("a1"), simulator.make("a2")
    assert (one.name, one.platform) == ("a1", platform)
    assert one.store is not other.store
    assert other.native() == simulator.make("a2").native()
