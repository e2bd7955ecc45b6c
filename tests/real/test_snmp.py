"""The driver snmp over real agents: what it tells is what the machine itself says; what it writes is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from needed import need

from netres import (
    Component,
    Config,
    Cpu,
    Device,
    Facts,
    Interface,
    InterfaceState,
    InvalidConfig,
    LldpNeighbor,
    Memory,
    Outcome,
    System,
)
from netres.testing.netns import Host, wait_until
from netres_drivers.snmp import lab as laboratory
from netres_drivers.snmp.lab import READER, WRITER, Agent, SnmpLab, Version

pytestmark = pytest.mark.real

CAPTURES = Path(laboratory.__file__).parent / "captures"
VERSIONS: list[tuple[Version, str]] = [("2c", ""), ("3", READER), ("3", WRITER)]


@pytest.fixture(scope="module")
def agent(snmp_lab: SnmpLab) -> Agent:
    agent = snmp_lab.agents["s1"]
    host = agent.host
    host.stub("lan0")
    host.ip("addr", "add", "192.0.2.1/24", "dev", "lan0")
    host.ip("addr", "add", "192.0.2.65/26", "dev", "lan0")
    host.ip("link", "set", "lan0", "mtu", "9000")
    host.stub("dark0")
    host.ip("link", "set", "dark0", "down")
    # snmpd keeps what it knows of interfaces for some seconds; a new one has the new ones.
    agent.stop()
    agent.start()
    return agent


@pytest.fixture
def writer(agent: Agent) -> Iterator[Device]:
    agent.reset()
    with agent.entry(write=True).connect() as device:
        yield device


def links_of(host: Host) -> list[dict[str, Any]]:
    """What ``ip`` says of a host's interfaces; the shape is iproute2's."""
    return cast("list[dict[str, Any]]", json.loads(host.run("ip", "-j", "-d", "addr")))


def interfaces_of(host: Host) -> dict[str, Interface]:
    """What ``ip`` says of a host's interfaces. An MTU beyond the model's (of lo) is not told."""
    return {
        link["ifname"]: Interface(
            name=link["ifname"],
            enabled="UP" in link["flags"],
            mtu=link["mtu"] if link["mtu"] <= 65535 else None,
            addresses=tuple(f"{address['local']}/{address['prefixlen']}" for address in link["addr_info"]),
        )
        for link in links_of(host)
    }


@pytest.mark.parametrize(("version", "user"), VERSIONS, ids=["2c", "SHA-256 and AES", "SHA and AES"])
def test_facts_and_interfaces_are_what_the_machine_itself_says(agent: Agent, version: Version, user: str) -> None:
    agent.reset()
    with agent.entry(version=version, user=user).connect() as device:
        facts = device.facts()
        found = {item.name: item for item in device.observe({"interface"}).items if isinstance(item, Interface)}
        states = {state.name: state for state in device.state(InterfaceState)}
    host = agent.host
    uptime = float(host.run("cat", "/proc/uptime").split()[0])
    kernel = host.run("uname", "-r").strip()
    assert facts.uptime is not None
    assert 0 <= uptime - facts.uptime < 3
    assert facts == Facts(vendor="net-snmp", os_version=kernel, hostname="s1", uptime=facts.uptime)
    assert host.run("hostname").strip() == "s1"
    assert found == interfaces_of(host)
    assert len(found["lan0"].addresses) == 3
    assert not found["dark0"].enabled
    links = {link["ifname"]: link for link in links_of(host)}
    assert states.keys() == links.keys()
    for name, state in states.items():
        link = links[name]
        assert state.mac == (None if link["address"] == "00:00:00:00:00:00" else link["address"])
        assert (state.status == "up") == (link["operstate"] in {"UP", "UNKNOWN"} and "UP" in link["flags"])
        octets = int(host.run("cat", f"/sys/class/net/{name}/statistics/rx_bytes"))
        assert state.in_octets is not None
        assert state.in_octets <= octets
        assert state.in_errors == 0


def test_memory_is_what_the_machine_itself_says(agent: Agent) -> None:
    with agent.entry().connect() as device:
        memory = {store.name: store for store in device.state(Memory)}
    lines = agent.host.run("cat", "/proc/meminfo").splitlines()
    total = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemTotal:"))
    assert memory["Physical memory"].size == total
    assert 0 < memory["Physical memory"].used < total
    assert "/" not in memory, "a disk is no memory"


def hears(device: Device) -> bool:
    return bool(device.state(LldpNeighbor))


def test_neighbours_are_whom_lldpd_itself_sees(snmp_lab: SnmpLab) -> None:
    """lldpd tells LLDP-MIB over AgentX."""
    agents = list(snmp_lab.agents.values())
    for agent in agents:
        agent.lldp()
    for agent, other in (agents, agents[::-1]):
        with agent.entry().connect() as device:
            wait_until(partial(hears, device), "a neighbour")
            (neighbour,) = device.state(LldpNeighbor)
        mac = next(link["address"] for link in links_of(other.host) if link["ifname"] == "eth0")
        assert neighbour.local_interface == "eth0"
        assert (neighbour.chassis_id, neighbour.port_id) == (mac, mac)
        assert (neighbour.system_name, neighbour.port_description) == (other.name, "eth0")
        told = json.loads(agent.neighbours())["lldp"]["interface"]["eth0"]["chassis"][other.name]
        assert told["id"]["value"] == neighbour.chassis_id
        assert told["descr"] == neighbour.system_description


def test_what_is_set_is_there_and_goes_back(agent: Agent, writer: Device) -> None:
    before = agent.native()
    wanted = System(hostname="edge-1", domain_name="example.net", contact="ops@example.net", location="Zürich, rack 7")
    plan = writer.plan(Config.of([wanted]))
    name, contact, location = "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.4.0", "1.3.6.1.2.1.1.6.0"
    told = f"set {contact}='ops@example.net' {name}='edge-1.example.net' {location}='Zürich, rack 7'"
    assert plan.payload == (told,)
    result = writer.apply(plan)
    assert result.outcome is Outcome.APPLIED
    assert wanted in writer.observe().items
    assert writer.facts().hostname == "edge-1.example.net"
    agent.stop()
    agent.start()
    assert wanted in writer.observe().items, "the agent keeps what was set"
    back = writer.rollback(result)
    assert (back.outcome, back.exact) == (Outcome.APPLIED, True)
    assert agent.native() == before


@pytest.mark.parametrize("version", ["2c", "3"])
def test_an_agent_that_lets_nothing_be_written_says_so(agent: Agent, version: Version) -> None:
    agent.reset()
    before = agent.native()
    with agent.entry(version=version).connect() as device:
        result = device.apply(device.plan(Config.of([System(hostname="s1", contact="ops", location="Unknown")])))
    assert (result.outcome, result.error_type, result.exact) == (Outcome.NOT_APPLIED, "Rejected", True)
    assert "noAccess (1.3.6.1.2.1.1.4.0)" in result.error
    assert agent.native() == before


def test_an_object_that_stands_in_the_agents_file_cannot_be_set_and_nothing_else_is(snmp_lab: SnmpLab) -> None:
    in_the_file = {4: ("sysContact", "fixed"), 5: ("sysName", "fixed"), 6: ("sysLocation", "fixed")}
    for number, (name, value) in in_the_file.items():
        with Host("s3") as host, Agent(host, f"{name} {value}\n") as agent, agent.entry(write=True).connect() as device:
            before = device.observe({"system"})
            wanted = System(hostname="edge-1", contact="ops", location="elsewhere")
            result = device.apply(device.plan(Config.of([wanted])))
            assert (result.outcome, result.exact) == (Outcome.NOT_APPLIED, True)
            assert f"notWritable (1.3.6.1.2.1.1.{number}.0)" in result.error
            assert device.observe({"system"}) == before


@pytest.mark.parametrize(
    ("name", "octets", "shown"),
    [
        ("sysLocation", "5a fc 72 69 63 68", "sysLocation 0x5afc72696368"),
        ("sysLocation", "61 0a 62", "sysLocation 0x610a62"),
        ("sysContact", "20 61", "sysContact  a"),
        ("sysName", "6d 79 5f 72 31", "sysName my_r1"),
    ],
    ids=["Latin-1", "two lines", "a leading blank", "an underscore in a host name"],
)
def test_text_that_the_model_has_no_word_for_is_not_overwritten(
    agent: Agent, writer: Device, name: str, octets: str, shown: str
) -> None:
    agent.set(name, octets, "x")
    before = agent.native()
    fields = {"sysContact": "contact", "sysName": "hostname", "sysLocation": "location"}
    (system,) = writer.observe({"system"}).items
    assert isinstance(system, System)
    assert getattr(system, fields[name]) is None
    with pytest.raises(InvalidConfig, match="for which netres has no word") as caught:
        writer.plan(Config.of([system.model_copy(update={fields[name]: "new"})]))
    assert repr(shown) in str(caught.value)
    other = next(field for field in fields.values() if field != fields[name])
    result = writer.apply(writer.plan(Config.of([system.model_copy(update={other: "other"})])))
    assert result.outcome is Outcome.APPLIED
    assert writer.rollback(result).exact
    assert agent.native() == before


def test_parts_and_processors_of_a_made_up_chassis() -> None:
    """net-snmp has no ENTITY-MIB of its own: a real snmpd tells what stands, made up by hand, in a file."""
    need(laboratory.available())
    made_up = (CAPTURES / "made_up_chassis.conf").read_text()
    with ExitStack() as stack:
        agent = stack.enter_context(Agent(stack.enter_context(Host("s4")), made_up))
        device = stack.enter_context(agent.entry().connect())
        facts = device.facts()
        assert facts.model_copy(update={"uptime": None}) == Facts(
            vendor="Cisco", model="EX-1000", serial="EXA1234567", os_version="17.9.4", hostname="s4"
        )
        assert device.state(Component) == (
            Component(index=1, type="stack", description="A stack"),
            Component(
                index=2,
                parent=1,
                type="chassis",
                description="A chassis",
                model="EX-1000",
                serial="EXA1234567",
                software_version="17.9.4",
            ),
            Component(index=9, parent=2, type="module", name="slot 1", description="A module", hardware_version="V02"),
        )
        assert device.state(Cpu) == (Cpu(index=7, load=42),)


@pytest.mark.soak
def test_processors_are_told_a_minute_after_the_start(agent: Agent) -> None:
    with agent.entry().connect() as device:
        wait_until(lambda: bool(device.state(Cpu)), "hrProcessorLoad", timeout=90)
        assert len(device.state(Cpu)) == int(agent.host.run("nproc", "--all"))
