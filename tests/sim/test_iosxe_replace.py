"""Whatever was typed: what was saved before comes back byte for byte, by `configure replace` and by the timer."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from netres.testing.sim import Simulated, registry
from netres.testing.sim.cli import CliSession

_NUMBER = st.integers(1, 300)
_WORD = st.sampled_from(["alpha", "beta", "gamma", "10", "a|b", "?"])
_ADDRESS = st.builds("10.0.{}.{}".format, st.integers(0, 3), st.integers(0, 3))
_PORT = st.sampled_from(["gi0/0/0", "GigabitEthernet0/0/1", "gi0/0/2.20", "gi0/1/1", "lo1", "Vlan20", "tunnel 1"])
_TOP = st.one_of(
    st.builds("hostname {}".format, _WORD),
    st.builds("vrf definition {}".format, _WORD),
    st.builds("vlan {}".format, _NUMBER),
    st.builds("interface {}".format, _PORT),
    st.builds("ip route 10.{}.0.0 255.255.0.0 {} {}".format, st.integers(0, 3), _ADDRESS, st.sampled_from(["", "5"])),
    st.builds("ntp server {} {}".format, _ADDRESS, st.sampled_from(["", "prefer"])),
    st.builds("router bgp {}".format, st.sampled_from([65000, 65001])),
    st.builds("router ospf {}".format, st.integers(1, 2)),
    st.builds("username {} privilege 15 secret {}".format, _WORD, st.just("9 $9$salt$hash")),
    st.builds("snmp-server community {} {}".format, _WORD, st.sampled_from(["ro", "RW"])),
    st.builds("ip access-list standard {}".format, _WORD),
    st.builds("route-map {} permit {}".format, _WORD, _NUMBER),
    st.builds("banner motd #{}#".format, st.sampled_from(["hello", "two words"])),
    st.builds("line vty 0 {}".format, st.integers(1, 6)),
)
_INSIDE = st.one_of(
    st.builds("name {}".format, _WORD),
    st.builds("vrf forwarding {}".format, _WORD),
    st.builds("default interface {}".format, _PORT),
    st.builds("description {}".format, _WORD),
    st.builds("ip address {} 255.255.255.{}".format, _ADDRESS, st.sampled_from([0, 252, 255, 3])),
    st.sampled_from(
        ["shutdown", "negotiation auto", "switchport", "exit", "end", "!", "encapsulation dot1Q 20", "no", ""]
    ),
    st.builds("switchport access vlan {}".format, _NUMBER),
    st.builds("switchport trunk allowed vlan {} {}".format, st.sampled_from(["", "add", "remove", "except"]), _NUMBER),
    st.builds("neighbor {} {}".format, _ADDRESS, st.sampled_from(["remote-as 65001", "description x", "activate", ""])),
    st.builds("address-family {}".format, st.sampled_from(["ipv4", "ipv6 unicast", "ipv4 vrf x"])),
    st.builds("network {} {}".format, _ADDRESS, st.sampled_from(["", "mask 255.255.255.255", "0.0.0.0 area 0"])),
    st.builds("permit {}".format, _ADDRESS),
    st.builds("match ip address {}".format, _WORD),
    st.builds("transport input {}".format, st.sampled_from(["ssh", "all"])),
)
_LINE = st.builds("{}{}".format, st.sampled_from(["", "", "no "]), st.one_of(_TOP, _INSIDE))
_LINES = st.lists(_LINE, max_size=25)


def router() -> tuple[Simulated, CliSession]:
    device = registry.get("cisco_iosxe").make("r1")
    assert device.cli is not None
    return device, device.cli()


def typed(session: CliSession, lines: list[str]) -> None:
    session.line("end")
    session.line("configure terminal")
    for line in lines:
        session.line(line)
        if session.asked:
            session.line("yes")
    session.line("end")


@settings(max_examples=60)
@given(before=_LINES, after=_LINES)
def test_what_was_saved_comes_back(before: list[str], after: list[str]) -> None:
    device, session = router()
    typed(session, ["file prompt quiet", *before])
    held = device.native()
    session.line("copy running-config flash:held")
    session.line("configure terminal revert timer 1")
    typed(session, after)
    changed = device.native()
    device.clock.advance(61)
    assert device.native() == held
    typed(session, after)
    assert device.native() == changed
    said = session.line("configure replace flash:held force")
    assert device.native() == held, said
    assert "Rollback Done" in said


@settings(max_examples=60)
@given(lines=_LINES)
def test_what_it_shows_it_takes(lines: list[str]) -> None:
    device, session = router()
    typed(session, lines)
    shown = device.native()
    session.line("write memory")
    device.reboot()
    assert device.native() == shown
    assert "!No changes were found" in session.line(
        "show archive config differences system:running-config startup-config"
    )
