"""What netres does not own: templates and groups of others, and what others wrote into its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from netres.flow import Json, Reply
from netres.model import Key
from netres.model.secret import MASK
from netres_drivers.openwisp import ap_group, marks
from netres_drivers.openwisp.rest import SECRET, Document, store
from netres_drivers.openwisp.site import Site

MASKS: Final = (re.compile(rf'"{SECRET}": "((?:[^"\\]|\\.)+)"'),)
"""In native configuration."""
_SECRET: Final = re.compile(rf"(?:.*/)?{SECRET}")


def lines(native: Reply, site: Site) -> Iterator[tuple[Key | None, str]]:
    """Every line that no Item says, with the key of the Item that it stands in, or is in the way of."""
    found = native.parsed(store)
    for name, template in found.templates.items():
        item = marks.wlan_of(template, site) or marks.server_of(template)
        whole = [("", template)] if item is None else list(marks.odd(template, found))
        yield from ((marks.key_of(template), _line("template", name, *each)) for each in whole)
    for name, document in found.groups.items():
        key = Key("ap_group", (name,)) if marks.named(name) else None
        group = ap_group.group_of(document, found, site)
        whole = [("", document)] if group is None else list(ap_group.odd(document, group))
        yield from ((key, _line("group", name, *each)) for each in whole)
        for member in found.members.get(name, ()):
            if group is None or member not in group.access_points:
                yield key, _line("device", member, "group", name)


def _line(kind: str, name: str, place: str, value: Json | Document) -> str:
    shown = MASK if _SECRET.fullmatch(place) else json.dumps(value, sort_keys=True)
    return " ".join(part for part in (kind, json.dumps(name), place, shown) if part)


def foreign(site: Site) -> Callable[[Reply], Mapping[Key, tuple[str, ...]]]:
    """`netres.driver.Driver.foreign` of a site."""

    def told(native: Reply) -> Mapping[Key, tuple[str, ...]]:
        found: dict[Key, tuple[str, ...]] = {}
        for key, line in lines(native, site):
            if key is not None:
                found[key] = (*found.get(key, ()), line)
        return found

    return told


def unowned(site: Site) -> Callable[[Reply], tuple[str, ...]]:
    """`netres.driver.Driver.unowned` of a site."""
    return lambda native: tuple(line for _, line in lines(native, site))
