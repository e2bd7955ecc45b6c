"""ip ospf lines of interface blocks."""

from __future__ import annotations

from typing import cast

from netres.driver import Feature
from netres.model import Item, OspfInterface
from netres.text.block import Block
from netres.text.rule import Rule
from netres_drivers.frr.common import SHOW, short

_IN = "interface {interface} > ip ospf "
BLOCK = Block(
    OspfInterface,
    keys=("interface",),
    rules=(
        # FRR refuses a second area; the old one goes first.
        Rule(_IN + r"area {area:[\d.]+}", overwrites=False),
        Rule(_IN + "network {network_type:broadcast|point-to-point|non-broadcast|point-to-multipoint}"),
        Rule(_IN + "passive", when={"passive": True}),
        Rule(_IN + "cost {cost:int}"),
        Rule(_IN + "priority {priority:int}"),
        Rule(_IN + "hello-interval {hello_interval:int}"),
        Rule(_IN + "dead-interval {dead_interval:int}"),
    ),
)


def _check(item: Item) -> None:
    short(item.key, cast("OspfInterface", item).interface)


FEATURE = Feature(
    OspfInterface,
    BLOCK.read(SHOW),
    BLOCK.write,
    check=_check,
    defaults={"network_type": "broadcast", "hello_interval": 10, "dead_interval": 40, "priority": 1},
)
