"""Nornir's SimpleInventory: ``hosts.yaml``, and beside it ``groups.yaml`` and ``defaults.yaml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias, cast

from netres import files
from netres.errors import InvalidConfig
from netres.inventory.sources import Found
from netres.inventory.sources.taker import Taker

_Map: TypeAlias = Mapping[str, object]
_FIELDS: Final = {"hostname": "host", "port": "port", "username": "username", "platform": "platform"}


class Nornir:
    """A directory with the three files. What a host inherits is written at the device: Nornir's order holds."""

    title = "Nornir's SimpleInventory: a directory with hosts.yaml, groups.yaml and defaults.yaml"
    options: Mapping[str, str] = {}

    def read(self, place: str, options: Mapping[str, str]) -> Found:
        """The hosts with all they inherit: own values, then each group with its own groups, then the defaults."""
        folder = Path(place)
        hosts = _map(files.load(folder / "hosts.yaml"))
        groups, defaults = _optional(folder / "groups.yaml"), _optional(folder / "defaults.yaml")
        taker = Taker(options)
        for name, told in hosts.items():
            own = _map(told)
            lineage = list(dict.fromkeys(_lineage(own, groups, (), f"{folder / 'hosts.yaml'}: {name}")))
            layers = (own, *(_map(groups[group]) for group in lineage), defaults)
            taker.device(name, self._device(taker, layers, lineage, f"hosts.yaml: {name}"), f"hosts.yaml: {name}")
        return taker.found()

    def _device(self, taker: Taker, layers: tuple[_Map, ...], groups: list[str], where: str) -> _Map:
        fields: dict[str, object] = {}
        tags: dict[str, object] = {}
        for layer in reversed(layers):
            fields |= {mine: layer[its] for its, mine in _FIELDS.items() if layer.get(its) is not None}
            tags |= _map(layer.get("data"))
        for layer in layers:
            if layer.get("connection_options"):
                taker.leave(f"{where}.connection_options", "is for Nornir's plugins; see ssh, http and snmp of netres")
                break
        if any(layer.get("password") for layer in layers):
            taker.leave(f"{where}.password", "stands there in clear text; give a reference with password=env:NAME")
        return {**fields, "groups": groups, "tags": tags}


def _lineage(own: _Map, groups: _Map, path: tuple[str, ...], where: str) -> Iterator[str]:
    """The groups of a host or group, each followed by its own: depth first, as Nornir looks."""
    for group in cast("list[str]", own.get("groups") or []):
        if group not in groups:
            raise InvalidConfig(f"{where}: group {group!r} is not in groups.yaml; add it")
        if group in path:
            raise InvalidConfig(f"{where}: group {group!r} is in itself; remove one")
        yield group
        yield from _lineage(_map(groups[group]), groups, (*path, group), where)


def _optional(path: Path) -> _Map:
    return _map(files.load(path)) if path.exists() and path.read_bytes().strip(b"- \n\r\t") else {}


def _map(value: object) -> _Map:
    return cast("_Map", value) if isinstance(value, Mapping) else {}


SOURCE: Final = Nornir()
