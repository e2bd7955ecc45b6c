"""Simulated devices: they keep state, speak the real protocols, obey transactions, and fail on command.

    with Lab({"r1": "PLATFORM"}) as lab:
        lab["r1"].fail("cut-after", on="^hostname")
        ...  # connect with any client to lab.ports["r1"]["ssh"]

A device is made of *behaviours* that a platform's ``sim.py`` combines. None of them knows a driver, or shares a
template or a parser with one.
"""

from netres.errors import MissingDependency
from netres.testing.sim.device import Exchange, Simulated, Simulator, Store
from netres.testing.sim.faults import Fault, FaultKind, Faults
from netres.testing.sim.session import SimulatedSession

try:
    from netres.testing.sim.lab import Lab
except ModuleNotFoundError as error:
    raise MissingDependency(
        f"simulated devices need the package {error.name}; install it with: pip install 'netres[testing]'"
    ) from error

__all__ = ["Exchange", "Fault", "FaultKind", "Faults", "Lab", "Simulated", "SimulatedSession", "Simulator", "Store"]
