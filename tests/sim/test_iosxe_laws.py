"""A driver that knows nothing of the simulator keeps the laws over it: what it does is what a device does."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from iosxe_driver import DRIVER

from netres.flow import Transport
from netres.testing.conformance import LAWS, Law
from netres.testing.sim import SimulatedSession, registry

_BY_HAND = ("ip access-list standard BYHAND", " permit 192.0.2.0 0.0.0.255", "logging host 192.0.2.9")


class IosxeSubject:
    """A simulated router."""

    def __init__(self) -> None:
        self.driver = DRIVER
        self.device = registry.get("cisco_iosxe").make("r1")

    def open(self) -> Transport:
        return SimulatedSession(self.device, DRIVER)

    def native(self) -> str:
        return self.device.native()

    def reset(self) -> None:
        self.device.store.reset()

    def scribble(self) -> Sequence[str]:
        self.device.store.load("\n".join(_BY_HAND))
        return _BY_HAND


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(law: Law) -> None:
    law(IosxeSubject())
