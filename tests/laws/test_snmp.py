"""The laws over a real snmpd."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from everywhere import Everywhere

from netres import registry
from netres.flow import Transport
from netres.model import Config, System
from netres.testing.conformance import LAWS, Law, Subject
from netres.transport import open_transport
from netres_drivers.snmp.lab import Agent, SnmpLab, Version


class SnmpSubject(Subject):
    """A real agent, looked at from inside its namespace with net-snmp's own tools."""

    def __init__(self, agent: Agent, version: Version) -> None:
        self.driver = registry.get("snmp")
        self.agent = agent
        self.entry = agent.entry(version=version, write=True)

    def open(self) -> Transport:
        return open_transport(self.entry, self.driver)

    def native(self) -> str:
        return self.agent.native()

    def reset(self) -> None:
        self.agent.reset()

    def scribble(self) -> Sequence[str]:
        self.agent.set("ifAlias.1", "by hand")
        self.agent.set("snmpEnableAuthenTraps", "1", "i")
        return ('ifAlias.1 "62 79 20 68 61 6E 64 "', "snmpEnableAuthenTraps 1")

    def reboot(self) -> bool:
        self.agent.stop()
        self.agent.start()
        return True

    def change(self) -> tuple[Config, Config]:
        """No text is empty: snmpd has its own again for an empty one when it starts."""
        here = System(hostname="edge-1", domain_name="example.net", contact="noc@example.net", location="rack 7, Leeds")
        return Config.of([here]), Config.of([here.model_copy(update={"hostname": "edge-2", "location": "Berlin"})])


class TestVersion3(Everywhere):
    @pytest.fixture
    def subject(self, snmp_lab: SnmpLab) -> SnmpSubject:
        return SnmpSubject(snmp_lab.agents["s1"], "3")


@pytest.mark.parametrize("law", LAWS[:4], ids=lambda law: law.__name__)
def test_law_in_version_2c(law: Law, snmp_lab: SnmpLab) -> None:
    law(SnmpSubject(snmp_lab.agents["s1"], "2c"))
