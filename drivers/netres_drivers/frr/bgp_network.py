"""network lines of router bgp."""

from __future__ import annotations

from netres.driver import Feature
from netres.model import BgpNetwork
from netres.text.block import Block
from netres.text.rule import Rule
from netres_drivers.frr.bgp_router import HEADER
from netres_drivers.frr.common import SHOW, asn

BLOCK = Block(
    BgpNetwork,
    keys=("prefix", "vrf"),
    rules=(
        Rule(HEADER + " > address-family ipv4 unicast > network {prefix:net4}[ route-map {policy}]"),
        Rule(HEADER + " > address-family ipv6 unicast > network {prefix:net6}[ route-map {policy}]"),
    ),
    context=asn,
)
FEATURE = Feature(BgpNetwork, BLOCK.read(SHOW), BLOCK.write)
