"""interface blocks: description, shutdown, addresses. FRR does not make interfaces, nor set their MTU."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_interface
from typing import cast

from netres.change import Change
from netres.driver import Feature, Scope
from netres.flow import Operation
from netres.model import Interface, Item
from netres.text.block import Block
from netres.text.rule import Rule
from netres_drivers.frr.common import SHOW, plain, short

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
    short(item.key, cast("Interface", item).name)
    plain(item.key, item, "description")


def _write(change: Change, scope: Scope) -> Iterator[Operation]:
    """Addresses that stay are made anew where one of their subnet goes: Linux may take them along with it."""
    before, after = cast("Interface | None", change.before), cast("Interface | None", change.after)
    if before is None or after is None:
        yield from BLOCK.write(change, scope)
        return
    gone = {ip_interface(address).network for address in set(before.addresses) - set(after.addresses)}
    steady = [address for address in after.addresses if address in before.addresses]
    safe = tuple(address for address in steady if ip_interface(address).network not in gone)
    between = after.model_copy(update={"addresses": safe})
    yield from BLOCK.write(Change.of(before, between), scope)
    if between != after:
        yield from BLOCK.write(Change.of(between, after), scope)


FEATURE = Feature(
    Interface,
    BLOCK.read(SHOW),
    _write,
    missing=frozenset({"mtu", "parent", "vlan"}),
    vacant=True,
    check=_check,
)
