"""A driver that knows nothing of the simulator keeps the laws over it: what it does is what a device does."""

from __future__ import annotations

import pytest
from everywhere import Everywhere
from iosxe_driver import DRIVER

from netres import BgpRouter, Config, Device, Vlan
from netres.testing.conformance import SimulatedSubject
from netres.testing.sim import Lab, registry
from netres.transport import open_transport

_BY_HAND = ("ip access-list standard BYHAND", " permit 192.0.2.0 0.0.0.255", "logging host 192.0.2.9")


class TestIosxe(Everywhere):
    @pytest.fixture
    def subject(self) -> SimulatedSubject:
        return SimulatedSubject(DRIVER, registry.get("cisco_iosxe").make("r1"), _BY_HAND)


def test_the_driver_over_ssh() -> None:
    with Lab({"r1": "cisco_iosxe"}) as lab:
        before = lab["r1"].native()
        wanted = Config(items=(Vlan(id=20, name="voice"), BgpRouter(asn=65000)))
        with Device("r1", DRIVER, open_transport(lab.entry("r1"), DRIVER)) as router:
            assert router.facts().vendor == "Cisco"
            result = router.apply(router.plan(wanted))
            assert result.outcome.holds
            assert "vlan 20\n name voice\n" in lab["r1"].native()
            assert router.plan(wanted).empty
            router.rollback(result)
        assert lab["r1"].native() == before
