"""Simulated devices that take a change back by themselves, each with its driver: what the tests of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import eos_driver
import iosxe_driver
import setline_driver
import vyos_driver

from netres import BgpRouter, Config, Device, NtpServer
from netres.driver import Driver
from netres.errors import ConnectFailed, TransportError
from netres.flow import Operation, Reconnect, Reply
from netres.plan import Plan
from netres.testing.sim import Simulated, registry
from netres.testing.sim.session import SimulatedSession

DRIVERS: Final = {
    "arista_eos": eos_driver.DRIVER,
    "cisco_iosxe": iosxe_driver.DRIVER,
    "juniper_junos": setline_driver.DRIVER,
    "vyos": vyos_driver.DRIVER,
    "vyos that reloads": vyos_driver.DRIVER,
}
"""By the simulator's platform, and in what mood it is."""
_RELOADS: Final = "set system config-management commit-confirm action reload\n"
START: Final = Config(items=(NtpServer(address="192.0.2.1"),))
WANTED: Final = Config(items=(NtpServer(address="192.0.2.66"), BgpRouter(asn=65001)))
"""What the device has not; with `START` gone."""
OTHER: Final = Config(items=(NtpServer(address="192.0.2.99"),))
"""What somebody else would have."""
MARK: Final = "192.0.2.66"
"""Stands in the configuration of a device that has what is wanted."""


@dataclass
class Rig:
    """A simulated device that has `START`, saved; and netres, logged in."""

    platform: str
    driver: Driver = field(init=False)
    sim: Simulated = field(init=False)
    device: Device = field(init=False)
    before: str = field(init=False)
    """Its own configuration."""

    def __post_init__(self) -> None:
        self.driver = DRIVERS[self.platform]
        self.sim = registry.get(self.platform.split()[0]).make("r1")
        if self.platform.endswith("reloads"):
            self.sim.store.load(_RELOADS)
        self.device = self.login()
        assert self.device.apply(self.device.plan(START)).outcome.holds
        self.before = self.sim.native()

    def login(self) -> Device:
        """Another login, of netres elsewhere."""
        return Device("r1", self.driver, SimulatedSession(self.sim, self.driver))

    def plan(self, device: Device | None = None, wanted: Config = WANTED) -> Plan:
        """What leads to a configuration."""
        return (device or self.device).plan(wanted, {"ntp_server"})

    def passes(self, seconds: float) -> None:
        """Let time go by."""
        self.sim.clock.advance(seconds)

    def left_open(self) -> tuple[str, ...]:
        """What somebody began and did not end."""
        self.sim.native()  # what is due is done
        told: Callable[[], tuple[str, ...]] = vars(type(self.sim.store))["left_open"].__get__(self.sim.store)
        return told()

    def untouched(self) -> bool:
        """Whether it is byte for byte as before, for good: later, and when it starts anew."""
        now = self.sim.native()
        left = self.left_open()
        self.passes(86_400)
        later = self.sim.native()
        self.sim.reboot()
        return (now, later, self.sim.native(), left) == (self.before,) * 3 + ((),)


@dataclass
class Severed:
    """A way to the device that is gone as long as its configuration has a mark in it: a change to its own path."""

    rig: Rig
    session: SimulatedSession = field(init=False)
    survives: bool = False
    """Whether a session that is open lives on."""

    def __post_init__(self) -> None:
        self.session = SimulatedSession(self.rig.sim, self.rig.driver)

    def execute(self, operation: Operation) -> Reply:
        """Do one operation, where the device can be reached."""
        if isinstance(operation, Reconnect):
            if MARK in self.rig.sim.native():
                raise ConnectFailed("no route to host")
        elif not self.survives and MARK in self.rig.sim.native():
            self.session.close()
            raise TransportError("the connection was lost")
        return self.session.execute(operation)

    def pause(self, seconds: float) -> None:
        """Let time go by in the device."""
        self.session.pause(seconds)

    def close(self) -> None:
        """End the session."""
        self.session.close()
