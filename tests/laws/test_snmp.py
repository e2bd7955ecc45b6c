"""The laws over a real snmpd."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from netres import registry
from netres.driver import Driver
from netres.flow import Transport
from netres.testing.conformance import LAWS, Law
from netres.transport import open_transport
from netres_drivers.snmp.lab import Agent, SnmpLab, Version


class SnmpSubject:
    """A real agent, looked at from inside its namespace with net-snmp's own tools."""

    def __init__(self, agent: Agent, version: Version) -> None:
        self.driver: Driver = registry.get("snmp")
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


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(law: Law, snmp_lab: SnmpLab) -> None:
    law(SnmpSubject(snmp_lab.agents["s1"], "3"))


@pytest.mark.parametrize("law", LAWS[:4], ids=lambda law: law.__name__)
def test_law_in_version_2c(law: Law, snmp_lab: SnmpLab) -> None:
    law(SnmpSubject(snmp_lab.agents["s1"], "2c"))
