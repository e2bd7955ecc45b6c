"""A simulated AudioCodes Mediant SBC: its command line over SSH.

There is no recording of a command line with a free licence. What it says comes from:

- the vendor's "CLI Reference Guide", LTRT-17940 and its successors for 7.2: basic mode ``>`` and enable mode ``#``,
  ``configure voip``, ``activate``, ``exit`` (which activates what is not), ``do``, ``write``, ``reload``;
- netmiko's ``audiocode_ssh.py``: the ``*`` before the end of the prompt, ``cli-settings``, ``window-height``;
- scripts that operators published: the prompts ``(config-voip)#`` and ``(proxy-set-1)#``;
- the ini backup of a Mediant 1000: the lines of ``show system version``, which are the head of the backup, too.

The texts of refusals are what operators quote, unproven on a device.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from netres.testing.sim import Simulated, Simulator
from netres.testing.sim.tables_cli import TableDialect, TableSession
from netres.testing.sim.tables_store import TableStore
from netres_drivers.audiocodes_mediant.sim_tables import FACTORY, MENUS, TABLES

DIALECT: Final = TableDialect(
    unknown="Invalid command",
    invalid="Invalid value '{value}' for {name}",
    index="Invalid index {value}: 0-{last}",
    taken="Command rejected: {name} '{value}' is already in use",
    dangling="Command rejected: {name} refers to {refers} '{value}' which does not exist",
    referenced="Command rejected: '{value}' is used by {table} {index}",
    absent="Command rejected: no such row in {name}",
    locked="Command rejected: configuration is locked by another user",
    written="Writing configuration...done\n",
    window=("cli-settings", "window-height"),
)

_VERSION: Final = """\
Version info:
-------------
;Board: Mediant SW
;HW Board Type: 73  FK Board Type: 79
;Serial Number: {serial}
;Slot Number: 1
;Software Version: 7.40A.250.413
;Board IP Address: {address}
;Num of physical LAN ports: 2
;Key features:;Board Type: Mediant SW
"""


def make(name: str) -> Simulated:
    """A device as it came from the factory, with this name in its prompt."""
    store = TableStore(TABLES, MENUS, FACTORY)
    device = Simulated(name, "audiocodes_mediant", store, secrets=(re.compile(r'(?m)password "(.+)"$'),))
    serial = str(int.from_bytes(name.encode()) % 10_000_000)

    def version() -> str:
        oamp = store.rows.get((("network-if", 0),), {})
        return _VERSION.format(serial=serial, address=oamp.get("ip-address", ""))

    device.cli = partial(TableSession, device, store, DIALECT, {"system version": version})
    return device


SIMULATOR = Simulator("audiocodes_mediant", "AudioCodes Mediant SBC", make)
