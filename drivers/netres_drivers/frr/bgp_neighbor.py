"""Neighbours of router bgp, with their activation and policies in the address families."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from netres.driver import Feature
from netres.model import BgpNeighbor, Item
from netres.text.block import Block, Values
from netres.text.indented import Path
from netres.text.rule import Rule
from netres_drivers.frr.bgp_router import HEADER
from netres_drivers.frr.common import SHOW, asn, plain, word

_IN: Final = HEADER + " > neighbor {address:ip} "
_FAMILIES: Final = ("ipv4-unicast", "ipv6-unicast")


def _family_rules() -> Iterator[Rule]:
    for family in _FAMILIES:
        name = family.partition("-")[0]
        inside = f"{HEADER} > address-family {name} unicast > "
        yes, no = f"{inside}neighbor {{address:ip}} activate", f"{inside}no neighbor {{address:ip}} activate"
        yield Rule(yes, when={f"on_{name}": True}, slot=yes)
        yield Rule(no, when={f"on_{name}": False}, slot=yes)
        for way in ("in", "out"):
            yield Rule(f"{inside}neighbor {{address:ip}} route-map {{{way}_{name}}} {way}")


def _load(values: Values, lines: frozenset[Path]) -> Values | None:
    header = f"router bgp {values.get('asn')}" + (f" vrf {values['vrf']}" if "vrf" in values else "")
    default = {
        "ipv4": (header, "no bgp default ipv4-unicast") not in lines,
        "ipv6": (header, "bgp default ipv6-unicast") in lines,
    }
    on = [name for name in ("ipv4", "ipv6") if values.get(f"on_{name}", default[name])]
    policies = {way: {values.get(f"{way}_{name}") for name in on} for way in ("in", "out")}
    elsewhere = {f"{way}_{name}" for way in ("in", "out") for name in ("ipv4", "ipv6") if name not in on}
    if any(len(found) > 1 for found in policies.values()) or elsewhere & values.keys():
        return None
    return {
        **values,
        "families": [f"{name}-unicast" for name in on],
        "policy_in": next(iter(policies["in"]), None),
        "policy_out": next(iter(policies["out"]), None),
    }


def _dump(item: Item) -> Values:
    values: Values = {name: getattr(item, name) for name in BgpNeighbor.model_fields}
    families = cast("BgpNeighbor", item).families
    for family in _FAMILIES:
        name = family.partition("-")[0]
        values[f"on_{name}"] = on = family in families
        for way in ("in", "out"):
            values[f"{way}_{name}"] = values[f"policy_{way}"] if on else None
    return values


def _check(item: Item) -> None:
    plain(item.key, item, "description")
    word(item.key, "password", cast("BgpNeighbor", item).password)


BLOCK = Block(
    BgpNeighbor,
    keys=("address", "vrf"),
    rules=(
        Rule(_IN + "remote-as {remote_as:int}", root=True, owns="neighbor {address} ", no="no neighbor {address}"),
        Rule(_IN + "description {description:line}", no="no neighbor {address} description"),
        Rule(_IN + "password {password:secret}", no="no neighbor {address} password"),
        Rule(_IN + "timers {keepalive:int} {hold_time:int}"),
        Rule(_IN + "timers connect {connect_retry:int}"),
        *_family_rules(),
    ),
    load=_load,
    dump=_dump,
    context=asn,
)
FEATURE = Feature(
    BgpNeighbor,
    BLOCK.read(SHOW),
    BLOCK.write,
    values={"families": _FAMILIES},
    defaults={"connect_retry": 120},
    check=_check,
)
