"""A simulated VyOS router, release 1.4: private candidates, ``commit-confirm``, ``save``.

Texts are those of the project's documentation and of its published sources (cstore, ``config_mgmt.py``). A commit that
is not confirmed reboots the router to what was saved, or, where ``system config-management commit-confirm action`` says
``reload``, brings back the configuration before it. Not simulated, and refused: everything that is not in the schema,
remote files, ``edit`` across tags, defaults that a daemon adds.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from netres.testing.sim.candidate import Candidates
from netres.testing.sim.clock import Clock
from netres.testing.sim.device import Simulated, Simulator
from netres.testing.sim.settext import Style
from netres.testing.sim.settree import Node
from netres_drivers.vyos.sim_cli import VyosSession
from netres_drivers.vyos.sim_schema import FACTORY, SCHEMA

STYLE: Final = Style(plain=re.compile(r"[^\s{};\[\]|\"'#\\]+"), end="", set_quote="'", always=True, lists=False)


def _check(config: Node) -> str:
    """What a commit finds: the priority node whose script refuses, and what it says."""
    bgp = config.at("protocols", "bgp")
    if bgp is None:
        return ""
    if bgp.value("system-as") is None:
        return '[ protocols bgp ]\nBGP "system-as" number must be defined!\n\n[[protocols bgp]] failed'
    for neighbor in (child for child in bgp.sorted() if child.words[0] == "neighbor"):
        if neighbor.value("remote-as") is None:
            text = f'Neighbor "{neighbor.words[1]}" remote-as must be set!'
            return f"[ protocols bgp ]\n{text}\n\n[[protocols bgp]] failed"
    return ""


def make(name: str) -> Simulated:
    """A router as it came from the factory."""
    clock = Clock()
    store = Candidates(SCHEMA, STYLE, clock, FACTORY.format(name=name), check=_check)
    store.saves = store.prunes = store.commit_confirms = False
    store.free = True
    device = Simulated(name, "vyos", store, clock, username="vyos")

    def revert() -> None:
        if store.running.value("system", "config-management", "commit-confirm", "action") == "reload":
            store.go_back()
        else:
            device.reboot()

    store.reverts = revert
    store.locked_outside = lambda: device.faults.locked
    device.cli = partial(VyosSession, device, store)
    device.secrets = (re.compile(r"""(?:encrypted-password|password) ('[^']*'|"[^"]*"|\S+)"""),)
    return device


SIMULATOR = Simulator("vyos", "VyOS router", make)
