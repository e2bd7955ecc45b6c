"""Where inventories come from: each source reads one kind of place and gives the sections of an inventory file.

A source in another package is found by its entry point in the group `GROUP`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Final, Protocol, cast

from netres.errors import UsageError
from netres.model.faults import nearest

GROUP: Final = "netres.inventory_sources"
"""Entry-point group: ``name = "package.module"``, a module with a ``SOURCE``."""
_OWN: Final = {
    name: f"netres.inventory.sources.{module}"
    for name, module in {
        "yaml": "plain",
        "json": "plain",
        "csv": "csv_file",
        "directory": "directory",
        "nornir": "nornir",
        "ansible": "ansible",
        "netbox": "netbox",
        "nautobot": "nautobot",
    }.items()
}


@dataclass(frozen=True)
class Left:
    """Something of a source that could not be taken over. ``why`` never holds a secret."""

    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


@dataclass(frozen=True)
class Found:
    """What a source holds: the sections of an inventory file, and what of it was left."""

    sections: Mapping[str, object]
    left: tuple[Left, ...] = ()


class Source(Protocol):
    """One kind of place that inventories come from."""

    @property
    def title(self) -> str:
        """What it is, for people."""
        ...

    @property
    def options(self) -> Mapping[str, str]:
        """The options it knows besides those of all (`netres.inventory.sources.taker.COMMON`), each explained."""
        ...

    def read(self, place: str, options: Mapping[str, str]) -> Found:
        """What stands at a place: a path, or a URL.

        Raises:
            InvalidConfig: it cannot be read, or is not of this kind.
            TransportError, DeviceError: a server did not answer, or refused.
        """
        ...


def names() -> tuple[str, ...]:
    """The names of all sources. Imports none of them."""
    return tuple(sorted({*_OWN, *(point.name for point in entry_points(group=GROUP))}))


def get(name: str) -> Source:
    """The source of a name.

    Raises:
        UsageError: there is none, or its module has no ``SOURCE``.
    """
    module = _OWN.get(name) or next((point.module for point in entry_points(group=GROUP) if point.name == name), None)
    if module is None:
        raise UsageError(f"unknown source {name!r}{nearest(name, names())}; known: {', '.join(names())}")
    found = cast("object", getattr(importlib.import_module(module), "SOURCE", None))
    if not hasattr(found, "read"):
        raise UsageError(f"the module of source {name!r} has no SOURCE; add one")
    return cast("Source", found)


def read(name: str, place: str, options: Mapping[str, str] | None = None) -> Found:
    """What a source of that name holds at a place; errors as of `Source.read`.

    Raises:
        UsageError: the source or an option is unknown.
    """
    from netres.inventory.sources.taker import COMMON

    source = get(name)
    given = dict(options or {})
    known = {*source.options, *COMMON}
    for option in given:
        if option not in known and not option.startswith("platform."):
            raise UsageError(f"source {name!r} has no option {option!r}{nearest(option, known)}")
    return source.read(place, given)
