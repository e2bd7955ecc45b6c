"""ip route and ipv6 route, in the default VRF and in ``vrf`` blocks."""

from __future__ import annotations

from collections.abc import Iterator

from netres.driver import Feature
from netres.model import StaticRoute
from netres.text.block import Block
from netres.text.rule import Rule
from netres_drivers.frr.common import SHOW

_IFNAME = r"(?!blackhole\b|reject\b|Null0\b)[A-Za-z]\S*"


def _rules() -> Iterator[Rule]:
    for inside, where in (("", {"vrf": None}), ("vrf {vrf} > ", {})):
        for command, net, address in (("ip", "net4", "ip4"), ("ipv6", "net6", "ip6")):
            line = f"{inside}{command} route {{prefix:{net}}} "
            distance = "[ {distance:int}]"
            yield Rule(f"{line}{{next_hop:{address}}}[ {{interface:{_IFNAME}}}]{distance}", when=where)
            yield Rule(f"{line}{{interface:{_IFNAME}}}{distance}", when={**where, "next_hop": None})
            drop = {**where, "blackhole": True}
            yield Rule(f"{line}blackhole{distance}", when=drop, slot=f"{line}blackhole")
            yield Rule(f"{line}Null0{distance}", when=drop, slot=f"{line}blackhole", parses_only=True)


BLOCK = Block(StaticRoute, keys=("prefix", "next_hop", "interface", "blackhole", "vrf"), rules=tuple(_rules()))
FEATURE = Feature(StaticRoute, BLOCK.read(SHOW), BLOCK.write, defaults={"distance": 1})
