"""What a change takes from an interface, and which changes move routes: what impact and management have in common."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from netres.change import Change
from netres.model import Config, Interface, Item, Key

Merged: TypeAlias = Mapping[Key, tuple[Item | None, Item | None]]
"""By key: before and after. What is deleted and made again is one change."""
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Lost: TypeAlias = tuple[str, bool, list[Network]]
"""What an interface loses, as `interfaces` tells it."""


def merged(changes: Sequence[Change]) -> Merged:
    """The changes, one for each Item."""
    found: dict[Key, tuple[Item | None, Item | None]] = {}
    for change in changes:
        before = found[change.key][0] if change.key in found else change.before
        found[change.key] = before, change.after
    return found


def interfaces(changes: Merged) -> Iterator[Lost]:
    """Interfaces that lose something: the name, whether it is switched off, and the networks it is in no more.

    Addresses that stay in a network in which one goes are made anew: that network is lost for a moment.
    """
    for before, after in changes.values():
        if isinstance(item := after or before, Interface):
            old, new = _addresses(before), _addresses(after)
            off = not item.enabled and (before is None or (isinstance(before, Interface) and before.enabled))
            gone = old if off else old - new
            if off or gone:
                yield item.name, off, [ipaddress.ip_interface(one).network for one in sorted(gone)]


def _addresses(item: Item | None) -> set[str]:
    return set(item.addresses) if isinstance(item, Interface) else set()


def differing(before: Item | None, after: Item | None) -> frozenset[str]:
    """The fields that differ in what was there and stays."""
    return frozenset(before.differing(after)) if before is not None and after is not None else frozenset()


def refreshed(changes: Merged, config: Config) -> set[Key]:
    """The Items whose policies say something else afterwards, by themselves or by what they name."""
    moved = {key for key in changes if key.kind in {"prefix_list", "route_map"}}
    moved |= {item.key for item in config.items if item.KIND == "route_map" and moved.intersection(item.needs())}
    maps = {key for key in moved if key.kind == "route_map"}
    return {item.key for item in config.items if item.KIND.startswith("bgp_") and maps.intersection(item.needs())}
