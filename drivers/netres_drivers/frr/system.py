"""hostname and domainname."""

from __future__ import annotations

from netres.driver import Feature
from netres.model import System
from netres.text.block import Block
from netres.text.rule import Rule
from netres_drivers.frr.common import SHOW

BLOCK = Block(
    System,
    keys=(),
    rules=(
        Rule("hostname {hostname}", no="no hostname"),
        Rule("domainname {domain_name}", no="no domainname"),
    ),
)
FEATURE = Feature(System, BLOCK.read(SHOW), BLOCK.write, missing=frozenset({"login_banner"}))
