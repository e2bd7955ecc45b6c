"""Discovery over real agents: who answers, what they are, whom they see; and who is not asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from needed import need

from netres.cli import main
from netres.inventory import Inventory
from netres.testing.netns import wait_until
from netres.transport.discovery import Proposal, Silent, discover
from netres_drivers.snmp.lab import SnmpLab, available

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def lab() -> Iterator[SnmpLab]:
    need(available())
    with SnmpLab() as running:
        for agent in running.agents.values():
            agent.lldp()
        wait_until(lambda: "s2" in running.agents["s1"].neighbours(), "s1 to see s2 over LLDP")
        yield running


def test_a_sweep_finds_the_agent_and_its_neighbour_and_tells_who_is_silent(lab: SnmpLab) -> None:
    entry = lab.agents["s1"].entry(version="2c", timeout=0.3)
    found = list(discover([entry.host, "127.0.0.9"], entry))
    (agent,) = (one for one in found if isinstance(one, Proposal))
    (nobody,) = (one for one in found if isinstance(one, Silent))
    assert (agent.name, agent.platform, agent.host, nobody.host) == ("s1", "snmp", entry.host, "127.0.0.9")
    told = "\n".join(agent.evidence)
    assert "sysObjectID 1.3.6.1.4.1.8072." in told
    assert "sysDescr 'Linux " in told
    assert "LLDP neighbour 's2'" in told
    assert set(agent.neighbours) & {"10.0.12.2", "2001:db8:12::2", lab.agents["s2"].host.address}


def test_what_is_discovered_is_written_as_an_inventory_with_references(
    lab: SnmpLab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agent, out = lab.agents["s1"], tmp_path / "found.yaml"
    reference = f"file:{agent.host.directory / 'read'}"
    command = ("inventory", "discover", agent.host.address, "--community", reference, "-o", str(out))
    assert main(command) == 0
    assert agent.secrets["read"] not in out.read_text() + capsys.readouterr().out
    with Inventory.load(out)["s1"].connect() as device:
        assert device.facts().hostname == "s1"
