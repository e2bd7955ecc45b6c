"""A simulated Oracle session border controller: ACLI over SSH.

What it says comes from Oracle's documents, as there is no recording with a free licence:

- "ACLI Reference Guide", S-C6.1.0, "Data Entry": ``invalid number of arguments``, quotation marks, the characters
  that no text may have.
- "ACLI Configuration Guide", E-Cz8.1.0, "Verify Config Validation": ``ERROR: … has reference to …``.
- "ACLI Configuration Guide", E-Cz7.4.0, "ACLI Expected Behavior": ``select``, ``no``, ``+`` and ``-`` of lists.
- "ACLI Reference Guide", S-Cz9.2.0, "Using the ACLI" and the commands: privilege levels, ``save-config``,
  ``activate-config``, ``verify-config``, ``backup-config``, ``reboot``.

The other texts are what operators quote, unproven on a device: those of an unknown command, a wrong value, a missing
key and a lock. The times of change (``last-modified-date``) are not simulated.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from netres.testing.sim import Simulated, Simulator
from netres.testing.sim.elements import ElementStore
from netres.testing.sim.elements_cli import ElementSession
from netres.testing.sim.elements_edit import ElementDialect
from netres_drivers.oracle_sbc.sim_elements import FACTORY, SCHEMA
from netres_drivers.oracle_sbc.sim_rest import give_rest

_RULE: Final = "-" * 80 + "\n"

DIALECT: Final = ElementDialect(
    unknown="invalid command",
    arguments="invalid number of arguments",
    invalid="invalid value {value!r} for {name}",
    lacking="error: {name} is not set",
    taken="error: duplicate entry",
    absent="error: no such configuration object",
    locked="error: configuration is locked by another session",
    saved=(
        "Save-Config received, processing.\n"
        "waiting for request to finish\n"
        "Request to 'SAVE-CONFIG' has Finished,\n"
        "Save complete\n"
    ),
    unsynchronised=(
        "Currently active and saved configurations do not match!\n"
        "To sync & activate, run 'activate-config' or 'reboot activate'.\n"
    ),
    activated=(
        "Activate-Config received, processing.\n"
        "waiting for request to finish\n"
        "Request to 'ACTIVATE-CONFIG' has Finished,\n"
        "Activate Complete\n"
    ),
    sound=_RULE + "Verification successful! No errors nor warnings in the configuration\n",
    dangling="ERROR: {type} [{key}] has reference to {refers} [{value}] which does not exist\n",
    failed=_RULE + "Total:\n{count} error(s)\n0 warning(s)\n",
    backed_up="task done\n",
    restored="Need to perform save-config and activate/reboot activate for changes to take effect...\ntask done\n",
    forbidden="&'<",
)


def make(name: str) -> Simulated:
    """A device as it came from the factory, with this host name."""
    store = ElementStore(SCHEMA, FACTORY.format(name=name))
    device = Simulated(name, "oracle_sbc", store, secrets=(re.compile(r"(?m)^\s*(?:secret|password)\s+(\S.*)$"),))
    shows = {"version": lambda: "Acme Packet VME SCZ9.2.0 GA (Build 170)\nBuild Date=03/14/23\n"}
    device.cli = partial(ElementSession, device, store, DIALECT, shows)
    give_rest(device, store)
    return device


SIMULATOR = Simulator("oracle_sbc", "Oracle Session Border Controller (ACLI and REST)", make)
