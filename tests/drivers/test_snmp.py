"""What the driver makes of objects that the agents in the laboratory do not have; they are made up by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netres import (
    Component,
    Config,
    Cpu,
    Device,
    Interface,
    InterfaceState,
    InvalidConfig,
    Key,
    LldpNeighbor,
    Memory,
    ParseError,
    System,
    Unsupported,
)
from netres.change import Change
from netres.driver import Scope
from netres.flow import Operation, Reply, Snmp, run
from netres.impacts import foreseen
from netres.model import KINDS, STATES
from netres.transport.fake import FakeTransport
from netres_drivers.snmp import DRIVER, system

IF, IFX, IP, LLDP = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1", "1.3.6.1.2.1.4", "1.0.8802.1.1.2.1"
CONTACT, NAME, LOCATION = (system.OIDS[name] for name in ("sysContact", "sysName", "sysLocation"))
MAC = "\x00\x11\x22\x33\x44\x55"
Mib = dict[str, str | int]


def test_names_touch_nobody() -> None:
    def execute(operation: Operation) -> Reply:
        raise AssertionError(f"nobody is asked: {operation}")

    change = Change.of(System(hostname="a"), System(hostname="b"))
    found = run(foreseen(DRIVER, (change,), Scope(Config(), Config(), Reply())), execute)
    assert (found.effects, found.known, found.management) == ((), True, "no")


def rank(oid: str) -> tuple[int, ...]:
    return tuple(map(int, oid.split(".")))


def answering(mib: Mib) -> Callable[[Operation], Reply]:
    """An agent with these objects."""

    def answer(operation: Operation) -> Reply:
        assert isinstance(operation, Snmp)
        if operation.verb == "set":
            mib.update(zip(operation.oids, operation.values, strict=True))
            return Reply(body={})
        if operation.verb == "get":
            return Reply(body={oid: mib[oid] for oid in operation.oids if oid in mib})
        under = {oid: value for root in operation.oids for oid, value in mib.items() if oid.startswith(f"{root}.")}
        return Reply(body={oid: under[oid] for oid in sorted(under, key=rank)})

    return answer


def device(mib: Mib) -> Device:
    return Device("made-up", DRIVER, FakeTransport(answering(mib)))


def interfaces(mib: Mib) -> list[Interface]:
    return [item for item in device(mib).observe({"interface"}).items if isinstance(item, Interface)]


def test_an_address_with_a_zone_without_prefix_or_for_broadcast() -> None:
    mib: Mib = {
        f"{IF}.2.7": "eth0",
        f"{IF}.7.7": 1,
        f"{IP}.34.1.3.4.20.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.7": 7,
        f"{IP}.34.1.5.4.20.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.7": f"{IP}.32.1.5.7.4.20.254.128.0.0.64",
        f"{IP}.34.1.3.3.8.192.0.2.9.0.0.0.7": 7,
        f"{IP}.34.1.5.3.8.192.0.2.9.0.0.0.7": f"{IP}.32.1.5.7.3.8.192.0.2.8.0.0.0.7.29",
        f"{IP}.34.1.3.1.4.192.0.2.255": 7,
        f"{IP}.34.1.4.1.4.192.0.2.255": 3,
        f"{IP}.34.1.5.1.4.192.0.2.255": f"{IP}.32.1.5.7.1.4.192.0.2.0.24",
        f"{IP}.34.1.3.1.4.198.51.100.1": 7,
        f"{IP}.34.1.5.1.4.198.51.100.1": "0.0",
        f"{IP}.20.1.2.203.0.113.5": 7,
        f"{IP}.20.1.3.203.0.113.5": "\xff\xff\xff\xf0",
        f"{IP}.20.1.2.203.0.113.6": 7,
        f"{IP}.20.1.3.203.0.113.6": "\xff\x00\xff\x00",
    }
    assert interfaces(mib) == [
        Interface(name="eth0", addresses=("192.0.2.9/29", "203.0.113.5/28", "fe80::1/64")),
    ]


def test_an_interface_that_the_model_has_no_word_for_is_left_out_and_its_state_told() -> None:
    mib: Mib = {
        f"{IF}.2.1": "1/1/1, 10-Gig Ethernet",
        f"{IF}.2.2": "GigabitEthernet0/1",
        f"{IF}.7.1": 1,
        f"{IF}.7.2": 2,
        f"{IF}.8.1": 5,
        f"{IF}.8.2": 7,
        f"{IF}.4.2": 0,
        f"{IF}.10.2": 11,
        f"{IF}.6.1": "\0" * 6,
        f"{IF}.6.2": "\0\0",
        f"{IFX}.1.2": "Gi0/1",
        f"{IFX}.15.2": 0,
        f"{IFX}.18.2": "to  the\tcore",
    }
    assert interfaces(mib) == [Interface(name="Gi0/1", enabled=False)]
    assert device(mib).state(InterfaceState) == (
        InterfaceState(name="1/1/1, 10-Gig Ethernet", status="unknown"),
        InterfaceState(name="Gi0/1", status="down", in_octets=11),
    )


def test_two_interfaces_of_one_name_are_one() -> None:
    assert interfaces({f"{IF}.2.1": "eth0", f"{IF}.2.2": "eth0", f"{IF}.7.1": 1, f"{IF}.7.2": 2}) == [
        Interface(name="eth0")
    ]


@pytest.mark.parametrize(
    ("local", "remote", "name", "chassis", "port"),
    [
        ((5, "Gi1/0/1", "uplink"), (4, MAC, 5, "ge-0/0/1"), "Gi1/0/1", "00:11:22:33:44:55", "ge-0/0/1"),
        ((3, MAC, "eth0"), (5, "\x01\xc0\x00\x02\x01", 4, "\x02" + "\0" * 15 + "\x01"), "eth0", "192.0.2.1", "::1"),
        ((7, "17", ""), (7, "FOX123", 3, MAC), "17", "FOX123", "00:11:22:33:44:55"),
        (None, (6, "\xff\xfe", 7, "Gi0/1\0"), "42", "ff:fe", "Gi0/1"),
    ],
)  # fmt: skip
def test_identities_of_neighbours(
    local: tuple[int, str, str] | None, remote: tuple[int, str, int, str], name: str, chassis: str, port: str
) -> None:
    mib: Mib = {f"{LLDP}.4.1.1.{column}.900.42.1": remote[column - 4] for column in (4, 5, 6, 7)}
    if local:
        mib |= {f"{LLDP}.3.7.1.{column}.42": local[column - 2] for column in (2, 3, 4)}
    assert device(mib).state(LldpNeighbor) == (LldpNeighbor(local_interface=name, chassis_id=chassis, port_id=port),)


@pytest.mark.parametrize(
    ("object_id", "description", "vendor", "version"),
    [
        ("1.3.6.1.4.1.9.1.2530", "Cisco IOS Software, Version 17.9.4a, RELEASE", "Cisco", "17.9.4a"),
        ("1.3.6.1.4.1.2636.1.1.1.2.29", "Juniper mx480, kernel JUNOS 21.4R3.15, x", "Juniper", "21.4R3.15"),
        ("1.3.6.1.4.1.14988.1", "RouterOS 7.14.1 (stable)", "MikroTik", "7.14.1"),
        ("1.3.6.1.4.1.99999.1", "something", "enterprise 99999", None),
        ("0.0", "", "unknown", None),
    ],
)  # fmt: skip
def test_vendor_and_version(object_id: str, description: str, vendor: str, version: str | None) -> None:
    facts = device(
        {"1.3.6.1.2.1.1.1.0": description, "1.3.6.1.2.1.1.2.0": object_id, "1.3.6.1.2.1.1.3.0": 12399}
    ).facts()
    assert (facts.vendor, facts.os_version, facts.uptime) == (vendor, version, 123)


def test_a_chassis_may_tell_the_version_in_its_description() -> None:
    chassis = "1.3.6.1.2.1.47.1.1.1.1"
    mib: Mib = {
        "1.3.6.1.2.1.1.1.0": "RouterOS RB952Ui-5ac2nD",
        f"{chassis}.2.65536": "RouterOS 6.40.5 (stable) on RB952Ui-5ac2nD",
        f"{chassis}.5.65536": 3,
        f"{chassis}.10.65536": "",
    }
    assert device(mib).facts().os_version == "6.40.5"


def test_an_agent_that_tells_nothing_is_told_as_it_is() -> None:
    bare = device({})
    assert bare.observe() == Config.of([System()])
    assert bare.facts().vendor == "unknown"
    for kind in (InterfaceState, LldpNeighbor, Cpu, Memory, Component):
        assert bare.state(kind) == ()


def test_a_value_that_is_neither_number_nor_octets_is_a_parse_error() -> None:
    wrong = Device("made-up", DRIVER, FakeTransport(lambda operation: Reply(body={NAME: [1]})))
    with pytest.raises(ParseError, match="neither a number nor octets"):
        wrong.observe()
    with pytest.raises(ParseError, match="an answer of SNMP was expected"):
        Device("made-up", DRIVER, FakeTransport(lambda operation: Reply(body=7))).facts()


OCTETS = st.one_of(st.binary(max_size=64), st.text(max_size=32).map(str.encode), st.just(b"0x41"))


@given(contact=OCTETS, name=OCTETS, location=OCTETS)
def test_whatever_octets_there_are_each_object_is_one_line_and_told_or_unowned(
    contact: bytes, name: bytes, location: bytes
) -> None:
    given_octets = {CONTACT: contact, NAME: name, LOCATION: location}
    mib: Mib = {oid: value.decode("latin-1") for oid, value in given_octets.items()}
    reply = run(system.native(), answering(mib))
    lines = reply.text.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["sysContact", "sysName", "sysLocation"]
    (found,) = run(system.read(), answering(mib))
    strange = {line.split(" ")[0] for line in system.unowned(reply)}
    told = {
        "sysContact": found.contact or "",
        "sysName": ".".join(filter(None, (found.hostname, found.domain_name))),
        "sysLocation": found.location or "",
    }
    for label, text in told.items():
        octets = given_octets[system.OIDS[label]]
        assert (text.encode() == octets) != (label in strange), (label, text, octets)


@given(contact=OCTETS, location=OCTETS)
def test_a_change_and_its_way_back_leave_the_octets_as_they_were(contact: bytes, location: bytes) -> None:
    mib: Mib = {CONTACT: contact.decode("latin-1"), NAME: "r1", LOCATION: location.decode("latin-1")}
    before = dict(mib)
    made_up = device(mib)
    (now,) = made_up.observe({"system"}).items
    result = made_up.apply(made_up.plan(Config.of([now.model_copy(update={"hostname": "r2"})])))
    assert result.outcome.holds
    assert mib == {**before, NAME: "r2"}, "what does not change is not written"
    assert made_up.rollback(result).exact
    assert mib == before


def test_lines_of_others_stand_under_the_system() -> None:
    mib: Mib = {CONTACT: "\xfc", NAME: "core_1", LOCATION: ""}
    reply = run(system.native(), answering(mib))
    assert DRIVER.foreign(reply) == {Key("system"): ("sysContact 0xfc", "sysName core_1")}
    assert DRIVER.foreign(Reply("sysContact ops\nsysName r1\nsysLocation \n")) == {}


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (System(domain_name="example.net"), "domain_name goes after hostname"),
        (System(hostname="r1", location="ü" * 200), "sysLocation would have 400 octets of UTF-8; it takes 255"),
        (System(hostname="r1", domain_name=".".join(["a" * 49] * 5 + ["abc"])), "sysName would have 256 octets"),
    ],
)
def test_what_does_not_fit_is_refused_when_planning(item: System, words: str) -> None:
    with pytest.raises(InvalidConfig, match=words):
        device({NAME: "r1"}).plan(Config.of([item]))


def test_what_is_not_written_is_refused_and_says_where_to_go() -> None:
    with pytest.raises(Unsupported, match="this driver writes the system group alone; use the platform's own driver"):
        device({}).plan(Config.of([Interface(name="eth0"), KINDS["vlan"].model_validate({"id": 5})]))
    with pytest.raises(Unsupported, match=r"interface.*it can be read, not written"):
        device({}).plan(Config.of([Interface(name="eth0")]))
    with pytest.raises(Unsupported, match="the MIBs of vendors are not read yet"):
        device({}).state(STATES["access_point"])


def test_capabilities_say_what_is_written_and_what_is_read() -> None:
    told = {one.kind: str(one.support) for one in DRIVER.capabilities() if one.support != "not-yet"}
    assert told == {
        "system": "read-write",
        "native_config": "never",
        "interface": "read-only",
        **dict.fromkeys(("component", "cpu", "interface_state", "lldp_neighbor", "memory"), "read-only"),
    }
