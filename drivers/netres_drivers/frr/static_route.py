"""ip route and ipv6 route, in the default VRF and in ``vrf`` blocks."""

from __future__ import annotations

from collections.abc import Iterator

from netres.driver import Feature
from netres.model import StaticRoute
from netres.text.block import Block
from netres.text.rule import Rule
from netres_drivers.frr.common import SHOW

# Words of the command's grammar (staticd, static_vty.c) that stand where an interface may.
_IFNAME = r"(?!(?:blackhole|reject|Null0|tag|vrf|label|table|nexthop-vrf|onlink|color|bfd)(?: |$))[A-Za-z]\S*"


def _rules() -> Iterator[Rule]:
    for inside, where in (("", {"vrf": None}), ("vrf {vrf} > ", {})):
        for family, net, address in (("ip", "net4", "ip4"), ("ipv6", "net6", "ip6")):
            command = f"{family} route {{prefix:{net}}} "
            line = inside + command
            distance = "[ {distance:int}]"
            # A route with words that the model does not have is the same route to FRR: it would be overwritten.
            hop, interface = f"{{next_hop:{address}}}[ {{interface:{_IFNAME}}}]", f"{{interface:{_IFNAME}}}"
            yield Rule(f"{line}{hop}{distance}", when=where, root=True, owns=command + hop)
            on_link = {**where, "next_hop": None}
            yield Rule(f"{line}{interface}{distance}", when=on_link, root=True, owns=command + interface)
            drop = {**where, "blackhole": True}
            yield Rule(f"{line}blackhole{distance}", when=drop, slot=f"{line}blackhole")
            yield Rule(f"{line}Null0{distance}", when=drop, slot=f"{line}blackhole", parses_only=True)


BLOCK = Block(StaticRoute, keys=("prefix", "next_hop", "interface", "blackhole", "vrf"), rules=tuple(_rules()))
FEATURE = Feature(StaticRoute, BLOCK.read(SHOW), BLOCK.write, defaults={"distance": 1})
