"""Finds drivers by name. Listing names imports nothing; only a driver that is used is imported."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Final

from netres.driver import Driver
from netres.errors import UnknownDriver, UsageError
from netres.model.faults import nearest

GROUP: Final = "netres.drivers"
"""Entry-point group of drivers in other packages: ``name = "package.module"``, a module with a ``DRIVER``."""


@cache
def own() -> Mapping[str, str]:
    """Modules of the drivers that come with netres, by platform. Imports none of them."""
    try:
        package = importlib.import_module("netres_drivers")
    except ModuleNotFoundError:
        return {}
    return {module.name: f"netres_drivers.{module.name}" for module in pkgutil.iter_modules(package.__path__)}


def _others() -> Mapping[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def platforms() -> tuple[str, ...]:
    """The names of all drivers, sorted. Imports none of them."""
    return tuple(sorted({*own(), *_others()}))


def get(platform: str) -> Driver:
    """The driver of a platform.

    Raises:
        UnknownDriver: there is none of that name.
        UsageError: its module has no ``DRIVER``.
    """
    found = getattr(_module(platform), "DRIVER", None)
    if not isinstance(found, Driver):
        raise UsageError(f"the module of driver {platform!r} has no Driver named DRIVER; add one")
    return found


def _module(platform: str) -> ModuleType:
    return importlib.import_module(module_name(platform))


def module_name(platform: str) -> str:
    """Where a platform's driver lies; nothing is imported.

    Raises:
        UnknownDriver: there is none of that name.
    """
    if name := own().get(platform):
        return name
    if point := _others().get(platform):
        return point.module
    raise UnknownDriver(
        f"unknown platform {platform!r}{nearest(platform, platforms())}; known: {', '.join(platforms())}"
    )


@cache
def families(platform: str) -> tuple[str, ...]:
    """The families of a platform: ``router``, ``access-point``, ``wireless-controller``, ``sbc``."""
    return get(platform).families


def drivers() -> Iterator[Driver]:
    """Every driver, by name. Imports them all."""
    return (get(platform) for platform in platforms())
