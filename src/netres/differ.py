"""From what a device has and what somebody wants to an ordered list of changes. Pure functions."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Final

from netres.change import Change
from netres.driver import Driver, Feature, Support
from netres.errors import InvalidConfig, Unsupported, UsageError
from netres.model import paths
from netres.model.base import Item, Key
from netres.model.config import Config
from netres.model.faults import nearest
from netres.model.kinds import KINDS
from netres.model.secret import Secret, may_hold, paired

_REFUSED: Final = {
    Support.READ_WRITE: "this cannot be written",
    Support.READ_ONLY: "it can be read, not written",
    Support.NOT_YET: "not supported yet",
    Support.NEVER: "the platform has no such thing",
}


def substantial(config: Config, driver: Driver) -> Config:
    """``config`` without the Items that say nothing on this platform: an interface with nothing but its name."""
    kept = [item for item in config.items if not _vacant(item, driver.table.get(item.KIND))]
    return config if len(kept) == len(config) else Config.of(kept)


def _vacant(item: Item, feature: Feature | None) -> bool:
    return feature is not None and feature.vacant and item == item.bare()


def aligned(driver: Driver, wanted: Config, found: Config) -> Config:
    """``wanted``, where it and ``found`` say the same in other words, in the words of ``found``.

    A value that the platform has by default and no value at all mean the same.
    """
    done = [_aligned(item, found.by_key.get(item.key), driver.table.get(item.KIND)) for item in wanted.items]
    return _unless_same(wanted, done)


def _unless_same(config: Config, items: Sequence[Item]) -> Config:
    """A config of other Items, or the one there was where they are the very same."""
    return config if all(map(operator.is_, config.items, items)) else Config.of(items)


def _aligned(item: Item, found: Item | None, feature: Feature | None) -> Item:
    if found is None or feature is None:
        return item
    same = {
        name: theirs
        for name, value in feature.defaults.items()
        if (theirs := getattr(found, name)) != getattr(item, name) and {theirs, getattr(item, name)} == {None, value}
    }
    return item.model_copy(update=same) if same else item


def referenced(observed: Config, wanted: Config) -> Config:
    """``observed`` with the reference in place of every secret that is the one ``wanted`` names by reference."""
    done = [
        paired(item, wanted.by_key.get(item.key), _reference) if may_hold(item) else item for item in observed.items
    ]
    return _unless_same(observed, done)


def _reference(mine: Secret, theirs: Secret) -> Secret:
    return theirs if theirs.ref and mine == theirs else mine


def kinds_of(names: Collection[str | Key]) -> frozenset[str]:
    """The kinds that are named, by themselves or in the keys of Items."""
    return frozenset(one.kind if isinstance(one, Key) else one for one in names)


def check_kinds(driver: Driver, kinds: Collection[str | Key], *, write: bool, item: Item | None = None) -> None:
    """Refuse kinds that do not exist, or that this platform does not read (or write).

    Raises:
        InvalidConfig: an unknown kind.
        Unsupported: the platform has no such kind.
    """
    if isinstance(kinds, str):
        raise InvalidConfig(f"kinds are given as a set of names, not as one text; write {{{kinds!r}}}")
    for kind in sorted(kinds_of(kinds)):
        if kind not in KINDS:
            raise InvalidConfig(f"unknown kind {kind!r}{nearest(kind, KINDS)}; known: {', '.join(sorted(KINDS))}")
        capability = driver.capability(kind)
        feature = driver.table.get(kind)
        if feature is None or (write and feature.write is None):
            reason = f": {capability.reason}" if capability.reason else ""
            what = item.key if item else kind
            refusal = Unsupported(f"{what}: {driver.platform}: {_REFUSED[capability.support]}{reason}", capability)
            raise refusal.about(item.key) if item else refusal


def check_readable(driver: Driver, desired: Config) -> None:
    """`check_kinds` for reading, of the kinds of a config; an error names the first Item.

    Raises:
        InvalidConfig, Unsupported: naming the Item.
    """
    for kind in sorted(desired.kinds() - driver.table.keys()):
        check_kinds(driver, {kind}, write=False, item=next(item for item in desired.each() if kind == item.KIND))


def check(driver: Driver, observed: Config, wanted: Config, known: Collection[Key]) -> None:
    """Refuse Items that this platform cannot express, or whose references lead nowhere.

    ``known`` are keys that exist on the device beyond ``observed``.

    Raises:
        Unsupported, InvalidConfig: naming the Item and the field.
    """
    for item in _differing(wanted, observed):
        feature = driver.table[item.KIND]
        if problem := inexpressible(item, feature):
            message = f"{item.key}: {driver.platform} cannot express {problem}"
            raise Unsupported(message, driver.capability(item.KIND)).about(item.key)
        if feature.check:
            _check_item(feature.check, item)
    counts = Counter(item.KIND for item in wanted.items)
    for kind, feature in driver.table.items():
        if (limit := feature.limits.get("max")) is not None and (count := counts[kind]) > limit:
            raise Unsupported(
                f"{count} Items of kind {kind}: {driver.platform} holds at most {limit}", driver.capability(kind)
            )
    check_references(driver, wanted, known)


def _differing(one: Config, other: Config) -> list[Item]:
    """The Items of a config that another has not, or otherwise, in the order of their keys: few of many, as a rule."""
    found = [
        item for key, item in one.by_key.items() if (theirs := other.by_key.get(key)) is not item and theirs != item
    ]
    return sorted(found, key=lambda item: item.key.rank())


def _referring(item: Item, needed: Key) -> list[str]:
    named = (name for name in type(item).model_fields if name not in item.KEY)
    return [name for name in named if getattr(item, name) == needed.values[0]]


def _check_item(check: Callable[[Item], None], item: Item) -> None:
    try:
        check(item)
    except UsageError as error:
        raise error.about(item.key) from None


def inexpressible(item: Item, feature: Feature) -> str:
    """What of an Item a platform cannot express, and the remedy; empty where it can express all."""
    for name in sorted(feature.missing):
        if paths.says(item, name):
            return f"the field {name!r}; leave it out"
    for name, allowed in sorted(feature.values.items()):
        if strange := [one for one in paths.values(item, name) if one not in allowed]:
            return f"{name} {strange[0]!r}; it knows {', '.join(map(str, allowed))}"
    return ""


def check_references(driver: Driver, wanted: Config, known: Collection[Key]) -> None:
    """Refuse a config in which an Item refers to what is not there.

    Raises:
        InvalidConfig: naming Item, field and reference.
    """
    lost: dict[Key, Key] = {}
    for item in wanted.items:
        for needed in item.needs():
            if needed.kind in driver.table and needed not in wanted and needed not in known:
                lost.setdefault(item.key, needed)
    if lost:
        key = min(lost, key=Key.rank)
        by = "".join(f" {name}" for name in _referring(wanted.by_key[key], lost[key]))
        raise InvalidConfig(
            f"{key}{by} refers to {lost[key]}, which neither the configuration nor the device has; "
            f"add it, or take the reference away"
        ).about(key)


def target(driver: Driver, observed: Config, desired: Config, prune: Collection[str | Key]) -> Config:
    """What the device is to have: what is desired, and what it has beside that is not pruned, by kind or by key."""
    desired = aligned(driver, substantial(desired, driver), observed)
    gone = frozenset(prune)
    kept = [item for item in observed.items if not gone & {item.KIND, item.key} and item.key not in desired]
    return Config.of([*kept, *desired.items])


def changes(driver: Driver, observed: Config, wanted: Config) -> tuple[Change, ...]:
    """The changes that lead from one config to another, in an order in which each can be made."""
    found: dict[Key, Change] = {}
    for item in _differing(wanted, observed):
        found[item.key] = Change.of(observed.by_key.get(item.key), item)
    for key in sorted(observed.by_key.keys() - wanted.by_key.keys(), key=Key.rank):
        found[key] = Change.of(observed.by_key[key], None)
    return ordered(_with_replacements(driver, observed, wanted, found))


def _with_replacements(driver: Driver, observed: Config, wanted: Config, found: Mapping[Key, Change]) -> list[Change]:
    """Changes of fields that cannot change in place, as a deletion and a creation, of all that needs the Item too."""
    replaced = {
        key
        for key, change in found.items()
        if change.action == "modify" and driver.table[key.kind].replaces & set(change.fields)
    }
    grew = bool(replaced)
    while grew:
        needing = {item.key for item in observed.items if replaced.intersection(item.needs())}
        grew = not needing <= replaced
        replaced |= needing
    plain = [change for key, change in found.items() if key not in replaced]
    for key in replaced:
        if before := observed.by_key.get(key):
            plain.append(Change.of(before, None))
        if after := wanted.by_key.get(key):
            plain.append(Change.of(None, after))
    return plain


def ordered(found: Sequence[Change]) -> tuple[Change, ...]:
    """The changes in an order in which no change precedes one it needs; the same whatever the order they came in."""
    makes = {change.key: place for place, change in enumerate(found) if change.after}
    removes = {change.key: place for place, change in enumerate(found) if change.action == "delete"}
    graph: dict[int, set[int]] = {place: set() for place in range(len(found))}
    for place, change in enumerate(found):
        for key in _links(change.after):
            if key in makes and makes[key] != place:
                graph[place].add(makes[key])
        for key in _links(change.before):
            if key in removes and removes[key] != place:
                graph[removes[key]].add(place)
        if change.action == "create" and change.key in removes:
            graph[place].add(removes[change.key])
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    done: list[Change] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=lambda place: _rank(found[place]))
        done.extend(found[place] for place in ready)
        sorter.done(*ready)
    return tuple(done)


def _links(item: Item | None) -> Iterator[Key]:
    if item is not None:
        yield from item.needs()
        yield from item.follows()


def _rank(change: Change) -> tuple[int, tuple[object, ...]]:
    return ("delete", "modify", "create").index(change.action), change.key.rank()
