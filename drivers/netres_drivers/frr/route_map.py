"""route-map blocks: one block per clause."""

from __future__ import annotations

from typing import Final, cast

from pydantic import BaseModel

from netres.driver import Feature
from netres.errors import InvalidConfig
from netres.model import Item, RouteMap
from netres.text.block import Block, Values
from netres.text.indented import Path
from netres.text.rule import Rule
from netres_drivers.frr.common import SHOW, plain

_HEADER: Final = "route-map {name} {action:permit|deny} {seq:int}"
_IN: Final = _HEADER + " > "


def _load(values: Values, lines: frozenset[Path]) -> Values | None:
    for entry in cast("list[Values]", values["entries"]):
        if "as_path" in entry:
            entry["set_as_path_prepend"] = str(entry.pop("as_path")).split()
        if "communities" in entry:
            words = str(entry.pop("communities")).split()
            entry["set_community_additive"] = words[-1] == "additive"
            entry["set_community"] = [word for word in words if word != "additive"]
    return values


def _dump_entry(entry: BaseModel) -> Values:
    values: Values = {name: getattr(entry, name) for name in type(entry).model_fields}
    as_path = cast("tuple[int, ...]", values["set_as_path_prepend"])
    communities = cast("tuple[str, ...]", values["set_community"])
    if as_path:
        values["as_path"] = " ".join(map(str, as_path))
    if communities:
        values["communities"] = " ".join(communities) + (" additive" if values["set_community_additive"] else "")
    return values


def _check(item: Item) -> None:
    for entry in cast("RouteMap", item).entries:
        plain(item.key, entry, "description")
        if entry.match_metric == 0:  # FRR 8.4.4: an assertion fails in zebra, bgpd and ospfd, and all three end
            raise InvalidConfig(f"{item.key} match_metric: 0 makes the daemons of FRR 8.4 crash; use 1 or more")


BLOCK = Block(
    RouteMap,
    keys=("name",),
    rules=(
        Rule(_HEADER, root=True, opens=True),
        Rule(_IN + "description {description:line}", no="no description"),
        Rule(_IN + "match ip address prefix-list {match_prefix_list}"),
        Rule(_IN + "match ipv6 address prefix-list {match_prefix_list_ipv6}"),
        Rule(_IN + "match as-path {match_as_path}"),
        Rule(_IN + "match community {match_community}"),
        Rule(_IN + "match interface {match_interface}"),
        Rule(_IN + "match metric {match_metric:int}"),
        Rule(_IN + "match tag {match_tag:int}"),
        Rule(_IN + r"set as-path prepend {as_path:\d[\d ]*}", no="no set as-path prepend"),
        Rule(_IN + "set community {communities:line}"),
        Rule(_IN + "set local-preference {set_local_preference:int}"),
        Rule(_IN + "set metric {set_metric:int}"),
        Rule(_IN + "set ip next-hop {set_next_hop:ip4}"),
        Rule(_IN + "set origin {set_origin:igp|egp|incomplete}"),
        Rule(_IN + "set tag {set_tag:int}"),
        Rule(_IN + "set weight {set_weight:int}"),
    ),
    load=_load,
    entries="entries",
    dump_entry=_dump_entry,
)


def _group(item: Item) -> str:
    return item.KIND


FEATURE = Feature(RouteMap, BLOCK.read(SHOW), BLOCK.write, positional=_group, check=_check)
