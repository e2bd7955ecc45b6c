"""Simulated SNMP agents, met by net-snmp and by netres."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snmptools import netsnmp, run
from toydevice import toy

from netres.inventory.entry import Entry, SnmpSettings, Timeouts
from netres.model.secret import Secret
from netres.testing.sim import Lab, Simulated, Simulator
from netres.testing.sim.device import Oid, Value
from netres.testing.sim.mib import Counter32, Counter64, Gauge32, Interface, IpAddress, System, mib2, uptime
from netres.testing.sim.snmp import Agent

PRIVATE: Oid = (1, 3, 6, 1, 4, 1, 8072, 9999)
CONTACT: Oid = (1, 3, 6, 1, 2, 1, 1, 4, 0)


def agent(name: str) -> Simulated:
    device = toy(name)
    up = uptime(device)
    contact = [b"nobody"]
    about = System("A toy", (1, 3, 6, 1, 4, 1, 8072), name)
    ports = [Interface(f"port{number}", "00:00:5e:00:53:01", alias="uplink") for number in range(1, 31)]
    more: dict[Oid, Value] = {
        (*PRIVATE, 1, 0): -5,
        (*PRIVATE, 2, 0): Counter32(2**32 - 1),
        (*PRIVATE, 3, 0): Counter64(2**64 - 1),
        (*PRIVATE, 4, 0): Gauge32(7),
        (*PRIVATE, 5, 0): IpAddress.of("192.0.2.1"),
        (*PRIVATE, 6, 0): PRIVATE,
        (*PRIVATE, 7, 0): b"\x00\xff",
    }

    def put(oid: Oid, value: Value) -> bool:
        if oid != CONTACT or not isinstance(value, bytes):
            return False
        contact[0] = value
        return True

    device.mib = lambda: mib2(about, up(), ports) | more | {CONTACT: contact[0]}
    device.mib_set = put
    return device


V2 = bytes.fromhex("302902010104067075626c6963a01c02040f0f0f0f020100020100300e300c06082b060102010105000500")
"""A get of sysName.0 with the community ``public``."""
V3 = bytes.fromhex(
    "303e020103301102040a0b0c0d020300ffe30401040201030410300e0400020100020100040004000400"
    "3014040004 00a00e02040a0b0c0d0201000201003000".replace(" ", "")
)
"""Somebody asks for the engine ID (RFC 3414, 4)."""
AGENT = Agent(agent("broken"))
SIMULATOR = Simulator("toy", "A toy with an SNMP agent", agent, manage="snmp")


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    devices: dict[str, str | Simulator] = {"a": SIMULATOR, "b": SIMULATOR, "wlc": "cisco_c9800"}
    with Lab(devices) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_faults(lab: Lab) -> Iterator[None]:
    yield
    lab["a"].faults.clear()


def port(lab: Lab, name: str = "a") -> int:
    return lab.ports[name]["snmp"]


def test_snmpget_sees_every_type(lab: Lab) -> None:
    oids = [".".join(map(str, (*PRIVATE, number, 0))) for number in range(1, 8)]
    told = netsnmp("snmpget", port(lab), *oids).splitlines()
    assert [line.partition(" = ")[2] for line in told] == [
        "INTEGER: -5",
        "Counter32: 4294967295",
        "Counter64: 18446744073709551615",
        "Gauge32: 7",
        "IpAddress: 192.0.2.1",
        "OID: .1.3.6.1.4.1.8072.9999",
        "Hex-STRING: 00 FF ",
    ]


def test_each_agent_is_its_own(lab: Lab) -> None:
    for name in ("a", "b"):
        assert f'STRING: "{name}"' in netsnmp("snmpget", port(lab, name), "1.3.6.1.2.1.1.5.0")


def test_what_there_is_not(lab: Lab) -> None:
    assert "No Such Instance" in netsnmp("snmpget", port(lab), "1.3.6.1.2.1.1.5.1")
    assert "No Such Object" in netsnmp("snmpget", port(lab), "1.3.6.1.2.1.99.1.0")
    assert "No more variables left" in netsnmp("snmpgetnext", port(lab), "1.3.6.1.6")
    assert "1.3.6.1.2.1.1.2.0" in netsnmp("snmpgetnext", port(lab), "1.3.6.1.2.1.1.1.0")


def test_snmpbulkwalk_sees_all_of_it(lab: Lab) -> None:
    device = lab["a"]
    assert device.mib is not None
    told = netsnmp("snmpbulkwalk", port(lab), "-Cr25", "1.3.6.1")
    told, _, end = told.rstrip().rpartition("\n")
    assert "No more variables left" in end
    seen = [line.partition(" = ")[0] for line in told.splitlines() if " = " in line]
    assert seen == ["." + ".".join(map(str, oid)) for oid in sorted(device.mib())]
    assert netsnmp("snmpbulkwalk", port(lab), "-Cr1000", "1.3.6.1.2.1.2") == netsnmp(
        "snmpwalk", port(lab), "1.3.6.1.2.1.2"
    )


def test_snmpset(lab: Lab) -> None:
    contact, name = ".".join(map(str, CONTACT)), "1.3.6.1.2.1.1.5.0"

    def put(*arguments: str, community: str = "private") -> str:
        return netsnmp("snmpset", port(lab), *arguments, community=community)

    assert "noAccess" in put(contact, "s", "me", community="public")
    assert 'STRING: "me"' in put(contact, "s", "me")
    assert "notWritable" in put(contact, "i", "5")
    assert "notWritable" in put(contact, "s", "you", name, "s", "x")  # all of it, or nothing
    assert 'STRING: "me"' in netsnmp("snmpget", port(lab), contact)
    assert 'STRING: "12"' in put(contact, "s", "12")


def test_version_3(lab: Lab) -> None:
    """Authenticated and encrypted; whoever shows less, or something else, is refused."""
    device = lab["a"]

    def v3(command: str, *arguments: str, password: str = device.password, level: str = "authPriv") -> str:
        keys = ["-a", "SHA-256", "-A", password, "-x", "AES", "-X", password]
        who = ["-v3", "-l", level, "-u", device.username, *keys, "-On", "-t", "1", "-r", "0"]
        return run([command, *who, f"127.0.0.1:{port(lab)}", *arguments])

    name, contact = "1.3.6.1.2.1.1.5.0", ".".join(map(str, CONTACT))
    assert v3("snmpget", name) == '.1.3.6.1.2.1.1.5.0 = STRING: "a"\n'
    assert 'STRING: "three"' in v3("snmpset", contact, "s", "three")
    assert v3("snmpbulkwalk", "1.3.6.1.2.1.2") == netsnmp("snmpwalk", port(lab), "1.3.6.1.2.1.2")
    assert "Authentication failure" in v3("snmpget", name, password="another-password")
    assert "a" not in v3("snmpget", name, level="authNoPriv").partition("=")[2]
    device.fail("rejected", on="^get ")
    assert "genError" in v3("snmpget", name)
    device.fail("hang", on="^get ")
    assert "Timeout" in v3("snmpget", name)


def test_netres_reads_version_3(lab: Lab) -> None:
    keys = Secret.observed(lab["b"].password)
    secured = SnmpSettings(auth_protocol="sha256", auth_key=keys, priv_protocol="aes", priv_key=keys)
    entry = Entry(
        name="b", platform="snmp", host="127.0.0.1", port=port(lab, "b"), username=lab["b"].username, snmp=secured
    )
    with entry.connect() as resource:
        assert resource.facts().hostname == "b"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_datagram_breaks_it(datagram: bytes) -> None:
    assert Agent(toy()).answer(datagram) is None


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 60), st.integers(0, 255), st.sampled_from([V2, V3]))
def test_no_broken_request_breaks_it(place: int, octet: int, whole: bytes) -> None:
    broken = bytearray(whole)
    broken[place % len(whole)] = octet
    AGENT.answer(bytes(broken))


def test_a_stranger_gets_no_answer(lab: Lab) -> None:
    assert "Timeout" in netsnmp("snmpget", port(lab), "1.3.6.1.2.1.1.5.0", community="guess", patience=0.2)


@pytest.mark.parametrize("kind", ["cut-before", "cut-after", "hang", "garbage", "truncated"])
def test_a_fault_is_silence(lab: Lab, kind: str) -> None:
    lab["a"].fail(kind, on="^get ")
    assert "Timeout" in netsnmp("snmpget", port(lab), "1.3.6.1.2.1.1.5.0", patience=0.2)
    assert "STRING" in netsnmp("snmpget", port(lab), "1.3.6.1.2.1.1.5.0")


def test_a_slow_agent_and_one_that_refuses(lab: Lab) -> None:
    lab["a"].fail("slow", on="^get ", seconds=0.3)
    begun = time.monotonic()
    assert "STRING" in netsnmp("snmpget", port(lab), "1.3.6.1.2.1.1.5.0")
    assert time.monotonic() - begun >= 0.3
    lab["a"].fail("rejected", on="^get ")
    assert "genError" in netsnmp("snmpget", port(lab), "1.3.6.1.2.1.1.5.0")


def test_a_restart_begins_the_uptime_anew(lab: Lab) -> None:
    device = lab["b"]

    def ticks() -> int:
        return int(netsnmp("snmpget", port(lab, "b"), "1.3.6.1.2.1.1.3.0").partition("(")[2].partition(")")[0])

    device.clock.advance(3600)
    assert ticks() >= 360000
    device.reboot()
    assert ticks() < 360000
    device.fail("reboot", on="^get ", seconds=600)
    for _ in range(2):  # it restarts, and then it is still starting
        assert "Timeout" in netsnmp("snmpget", port(lab, "b"), "1.3.6.1.2.1.1.3.0", patience=0.2)
    device.clock.advance(600)
    assert ticks() < 6000


def test_netres_reads_it(lab: Lab) -> None:
    entry = lab.entry("a").model_copy(update={"platform": "snmp"})
    with entry.connect() as resource:
        assert resource.facts().hostname == "a"
        items = resource.observe().items
    names = {getattr(item, "name", "") for item in items}
    assert {"port1", "port30"} <= names


def test_netres_reads_a_wireless_controller(lab: Lab) -> None:
    entry = Entry(
        name="wlc",
        platform="snmp",
        host="127.0.0.1",
        port=port(lab, "wlc"),
        snmp=SnmpSettings(community=Secret.observed("public")),
        timeouts=Timeouts(connect=5),
    )
    with entry.connect() as resource:
        facts = resource.facts()
    assert facts.hostname == "wlc"
    assert (facts.vendor, facts.model, facts.os_version) == ("Cisco", "C9800-CL-K9", "17.12.1")


def test_what_was_asked_is_noted_without_the_community(lab: Lab) -> None:
    netsnmp("snmpget", port(lab), "1.3.6.1.2.1.1.5.0")
    last = lab["a"].dialogue[-1]
    assert (last.wire, last.sent, last.answer) == ("snmp", "get 1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.5.0 = a")
