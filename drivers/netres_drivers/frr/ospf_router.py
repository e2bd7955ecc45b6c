"""router ospf blocks."""

from __future__ import annotations

from netres.driver import Feature
from netres.model import OspfRouter
from netres.text.block import Block
from netres.text.rule import Rule
from netres_drivers.frr.common import SHOW

_HEADER = "router ospf[ vrf {vrf}]"
BLOCK = Block(
    OspfRouter,
    keys=("vrf",),
    rules=(
        Rule(_HEADER, root=True, opens=True),
        Rule(_HEADER + " > ospf router-id {router_id:ip4}", no="no ospf router-id"),
        Rule(
            _HEADER + " > auto-cost reference-bandwidth {reference_bandwidth:int}",
            no="no auto-cost reference-bandwidth",
        ),
    ),
)
FEATURE = Feature(OspfRouter, BLOCK.read(SHOW), BLOCK.write, defaults={"reference_bandwidth": 100})
