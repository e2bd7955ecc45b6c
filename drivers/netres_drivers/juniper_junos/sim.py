"""A simulated Junos router: its command line, and NETCONF on the same candidate.

Texts and formats are those of the recordings and of the Junos CLI user guide. Not simulated, and refused: groups,
commit scripts, ``commit at``, routing instances, firewall filters, everything that forwards packets.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from netres.testing.sim.candidate import Candidates
from netres.testing.sim.clock import Clock
from netres.testing.sim.device import Simulated, Simulator
from netres.testing.sim.netconf import NetconfSession
from netres.testing.sim.netconf_data import NetconfServer
from netres.testing.sim.settext import Style
from netres.testing.sim.settree import Node
from netres_drivers.juniper_junos.sim_cli import JunosSession
from netres_drivers.juniper_junos.sim_schema import FACTORY, SCHEMA

STYLE: Final = Style(plain=re.compile(r"[\w.:/@+*<>=,%^~-]+", re.ASCII), mark=" ## SECRET-DATA")


def _check(config: Node) -> str:
    """What ``commit check`` finds, as the recordings have it: the place, the statement, the reason."""
    bgp = config.at("protocols", "bgp")
    for group in bgp.children.values() if bgp else ():
        if group.value("type") == "internal" or group.value("peer-as"):
            continue
        for neighbor in (child for child in group.children.values() if child.words[0] == "neighbor"):
            if neighbor.value("peer-as") is None:
                place = f"protocols bgp group {group.words[1]}"
                address = neighbor.words[1]
                return (
                    f"[edit {place}]\n  'neighbor {address}'\n    Error in neighbor {address} of group "
                    f"{group.words[1]}:\npeer AS number must be configured for an external peer"
                )
    return ""


def make(name: str) -> Simulated:
    """A router as it came from the factory."""
    clock = Clock()
    store = Candidates(SCHEMA, STYLE, clock, FACTORY.format(name=name), check=_check)
    device = Simulated(name, "juniper_junos", store, clock)
    store.locked_outside = lambda: device.faults.locked
    device.cli = partial(JunosSession, device, store)
    server = NetconfServer(store, "http://xml.juniper.net/xnm/1.1/xnm", root="configuration")
    device.subsystems = {"netconf": partial(NetconfSession, device, server)}
    device.secrets = (
        re.compile(r"""(?:encrypted-password|authentication-key|community) ("(?:[^"\\]|\\.)*"|[^\s;]+)"""),
        re.compile(r"<(?:encrypted-password|authentication-key)>([^<]+)<"),
    )
    return device


SIMULATOR = Simulator("juniper_junos", "Junos router", make)
