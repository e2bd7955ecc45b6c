"""Finds simulators by platform. Listing names imports nothing; only a simulator that is used is imported."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from netres.errors import UnknownDriver, UsageError
from netres.model.faults import nearest
from netres.testing.sim.device import Simulator

GROUP: Final = "netres.simulators"
"""Entry-point group of simulators in other packages: ``platform = "package.module"``, a module with a ``SIMULATOR``."""


@cache
def _own() -> Mapping[str, str]:
    """Modules of the simulators that come with netres, by platform: ``sim.py`` in a platform's folder."""
    try:
        package = importlib.import_module("netres_drivers")
    except ModuleNotFoundError:
        return {}
    found = sorted(sim for folder in package.__path__ for sim in Path(folder).glob("*/sim.py"))
    return {sim.parent.name: f"netres_drivers.{sim.parent.name}.sim" for sim in found}


def _others() -> Mapping[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def platforms() -> tuple[str, ...]:
    """The platforms that can be simulated, sorted. Imports none of them."""
    return tuple(sorted({*_own(), *_others()}))


def get(platform: str) -> Simulator:
    """The simulator of a platform.

    Raises:
        UnknownDriver: there is none.
        UsageError: its module has no ``SIMULATOR``.
    """
    if (name := _own().get(platform)) is None:
        point = _others().get(platform)
        if point is None:
            raise UnknownDriver(
                f"no simulator of platform {platform!r}{nearest(platform, platforms())}; there are: "
                f"{', '.join(platforms())}; another one is a module with a SIMULATOR, in the entry-point group {GROUP}"
            )
        name = point.module
    found = getattr(importlib.import_module(name), "SIMULATOR", None)
    if not isinstance(found, Simulator):
        raise UsageError(f"{name} has no Simulator named SIMULATOR; add one")
    return found
