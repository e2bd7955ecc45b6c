"""interface blocks: description, shutdown, addresses. FRR does not make interfaces, nor set their MTU."""

from __future__ import annotations

from netres.driver import Feature
from netres.model import Interface, Item
from netres.text.block import Block
from netres.text.rule import Rule
from netres_drivers.frr.common import SHOW, plain

_IN = "interface {name} > "
BLOCK = Block(
    Interface,
    keys=("name",),
    rules=(
        Rule(_IN + "description {description:line}", no="no description"),
        Rule(_IN + "ip address {addresses:net4}", each="addresses"),
        Rule(_IN + "ipv6 address {addresses:net6}", each="addresses"),
        Rule(_IN + "shutdown", when={"enabled": False}),
    ),
)


def _check(item: Item) -> None:
    plain(item.key, item, "description")


FEATURE = Feature(
    Interface,
    BLOCK.read(SHOW),
    BLOCK.write,
    missing=frozenset({"mtu", "parent", "vlan"}),
    vacant=True,
    check=_check,
)
