"""router bgp blocks."""

from __future__ import annotations

from netres.driver import Feature
from netres.model import BgpRouter
from netres.text.block import Block
from netres.text.rule import Rule
from netres_drivers.frr.common import SHOW

HEADER = "router bgp {asn:int}[ vrf {vrf}]"
BLOCK = Block(
    BgpRouter,
    keys=("vrf",),
    rules=(
        Rule(HEADER, root=True, opens=True),
        Rule(HEADER + " > bgp router-id {router_id:ip4}", no="no bgp router-id"),
        Rule(HEADER + " > no bgp ebgp-requires-policy", when={"ebgp_requires_policy": False}),
    ),
)
FEATURE = Feature(BgpRouter, BLOCK.read(SHOW), BLOCK.write, replaces=frozenset({"asn"}))
