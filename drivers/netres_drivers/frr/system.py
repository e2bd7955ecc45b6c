"""hostname and domainname, read-only: FRR 8.4 keeps what these commands say to the vtysh session that gave them."""

from __future__ import annotations

from netres.driver import Feature
from netres.model import System
from netres.text.block import Block
from netres.text.rule import Rule
from netres_drivers.frr.common import SHOW

BLOCK = Block(System, keys=(), rules=(Rule("hostname {hostname}"), Rule("domainname {domain_name}")))
FEATURE = Feature(
    System,
    BLOCK.read(SHOW),
    missing=frozenset({"login_banner", "contact", "location"}),
    note="the names are the host's: FRR 8.4 keeps a hostname command to the vtysh session that gave it",
)
