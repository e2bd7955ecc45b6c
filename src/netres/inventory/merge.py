"""What a device inherits: its own settings over its groups', those over their parents', those over the defaults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from typing import Final, TypeAlias, cast

from pydantic import BaseModel

from netres.inventory.entry import Entry
from netres.inventory.shape import Common, Refuse, Sections, Settings, among

Merged: TypeAlias = Mapping[str, object]
"""Fields of an `Entry`; those of `_BY_KEY` as mappings."""

_BY_KEY: Final = frozenset({"tags", "ssh", "http", "snmp", "timeouts", "options"})


@dataclass(frozen=True, eq=False)
class Book:
    """A checked inventory. Entries are merged when they are asked for, and kept."""

    devices: Mapping[str, Settings]
    groups: Mapping[str, Settings]
    defaults: Common
    lineages: Mapping[str, tuple[str, ...]]
    """Each group with all its ancestors, nearest first."""
    _inherited: dict[tuple[str, ...], Merged] = field(default_factory=dict[tuple[str, ...], Merged])
    _entries: dict[str, Entry] = field(default_factory=dict[str, Entry])

    def entry(self, name: str) -> Entry:
        """The device with all it inherits; ``KeyError`` where there is none."""
        if (entry := self._entries.get(name)) is None:
            own = self.devices[name]
            merged = _over(own, self.inherited(own))
            entry = Entry.model_validate({**merged, "name": name, "groups": self.lineage(own)})
            self._entries[name] = entry
        return entry

    def lineage(self, own: Settings) -> tuple[str, ...]:
        """The groups of a device and all their ancestors: what stands earlier wins."""
        groups = own.get("groups", ())
        return self.lineages[groups[0]] if len(groups) == 1 else _joined(self.lineages[group] for group in groups)

    def inherited(self, own: Settings) -> Merged:
        """What a device gets from its groups and the defaults. One mapping for all devices of the same groups."""
        groups = own.get("groups", ())
        if (merged := self._inherited.get(groups)) is None:
            merged = dict[str, object]()
            for settings in (self.defaults, *(self.groups[name] for name in reversed(self.lineage(own)))):
                merged = _over(settings, merged)
            self._inherited[groups] = merged
        return merged

    def value(self, name: str, word: str) -> str:
        """A device's text in the field ``platform`` or ``host``; empty where it has none."""
        own = self.devices[name]
        return cast("str", own.get(word) or self.inherited(own).get(word, ""))

    def tags(self, name: str) -> Iterator[Mapping[str, str]]:
        """A device's tags: its own, which win, and the inherited ones."""
        own = self.devices[name]
        if "tags" in own:
            yield own["tags"]
        yield cast("Mapping[str, str]", self.inherited(own).get("tags", {}))

    @cached_property
    def tag_names(self) -> frozenset[str]:
        """The names of all tags that devices have."""
        return frozenset(tag for name in self.devices for tags in self.tags(name) for tag in tags)


def bound(sections: Sections, refuse: Refuse) -> Book:
    """The sections as a `Book`, with all that lies between them checked; raises `refuse` of the first fault."""
    if "devices" not in sections:
        raise refuse((), "has no section 'devices'; write devices: {NAME: {platform: …, host: …}}")
    groups = sections.get("groups", {})
    for name, group in groups.items():
        _check_groups(("groups", name), group, groups, refuse)
    book = Book(sections["devices"], groups, sections.get("defaults", {}), _lineages(groups, refuse))
    good: set[tuple[str, ...]] = {()}
    for name, device in book.devices.items():
        if (mine := device.get("groups", ())) not in good:
            _check_groups(("devices", name), device, groups, refuse)
            good.add(mine)
    return book


def _check_groups(loc: tuple[str, str], own: Settings, groups: Mapping[str, Settings], refuse: Refuse) -> None:
    for index, group in enumerate(own.get("groups", ())):
        if group not in groups:
            raise refuse((*loc, "groups", index), f"unknown group {group!r}{among(group, groups)}")


def _lineages(groups: Mapping[str, Settings], refuse: Refuse) -> Mapping[str, tuple[str, ...]]:
    parents = {name: group.get("groups", ()) for name, group in groups.items()}
    lineages: dict[str, tuple[str, ...]] = {}
    try:
        order = tuple(TopologicalSorter(parents).static_order())
    except CycleError as error:
        cycle = cast("list[str]", error.args[1])[::-1]
        path = " in ".join(cycle)
        raise refuse(("groups", cycle[0], "groups"), f"a group is in itself: {path}; remove one") from error
    for name in order:
        lineages[name] = (name, *_joined(lineages[parent] for parent in parents[name]))
    return lineages


def _joined(lineages: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Several lineages as one. What stands in more of them comes last, so that no group comes after its parent."""
    return tuple(reversed(dict.fromkeys(reversed(list(chain.from_iterable(lineages))))))


def _over(upper: Common, lower: Merged) -> dict[str, object]:
    merged = dict(lower)
    for name, value in upper.items():
        if name in _BY_KEY:
            merged[name] = {**cast("Merged", lower.get(name, {})), **_given(value)}
        elif name != "groups":
            merged[name] = value
    return merged


def _given(value: object) -> Merged:
    """The keys that were written, without a model's defaults."""
    if isinstance(value, BaseModel):
        return {name: cast("object", getattr(value, name)) for name in value.model_fields_set}
    return cast("Merged", value)
