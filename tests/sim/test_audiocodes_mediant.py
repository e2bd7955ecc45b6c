"""The simulated tables over SSH: netmiko's own driver, rows and references, the asterisk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netmiko import BaseConnection, ConnectHandler
from typing_ssh import Typist

from netres.testing.sim import Lab, Simulated
from netres.testing.sim.cli import CliSession
from netres_drivers.audiocodes_mediant.sim import SIMULATOR


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"sbc1": SIMULATOR}) as running:
        yield running


@pytest.fixture
def sbc(lab: Lab) -> Simulated:
    device = lab["sbc1"]
    device.faults.clear()
    device.store.reset()
    return device


def connect(lab: Lab) -> BaseConnection:
    entry = lab.entry("sbc1")
    password = lab["sbc1"].password
    return ConnectHandler(
        device_type="audiocode_72",
        host=entry.host,
        port=entry.port,
        username=entry.username,
        password=password,
        secret=password,
        fast_cli=True,
    )


def login(lab: Lab) -> Typist:
    typist = Typist(lab, "sbc1", ("> ", "# ", ": "))
    assert typist.types("enable", lab["sbc1"].password) == []
    return typist


def enabled(device: Simulated) -> CliSession:
    """A login in this process."""
    assert device.cli is not None
    session = device.cli()
    assert session.line("enable") + session.line(device.password) == ""
    return session


TRUNK = (
    "proxy-set 1",
    'proxy-name "ITSP-A"',
    'sbcipv4-sip-int-name "SIPInterface_0"',
    "proxy-enable-keep-alive using-options",
    "proxy-ip 0",
    'proxy-address "203.0.113.10:5061"',
    "transport-type tls",
    "exit",
    "activate",
    "exit",
)


# netmiko's own driver of this platform calls netmiko in a way that netmiko deprecates
@pytest.mark.filterwarnings(r"ignore:\s*Netmiko 4.x and later has deprecated:DeprecationWarning")
def test_netmiko_completes_a_session(lab: Lab, sbc: Simulated) -> None:
    with connect(lab) as connection:
        assert connection.base_prompt == "sbc1"
        assert ";Board: Mediant" in connection.send_command("show system version")
        said = connection.send_config_set(TRUNK, config_mode_command="configure voip")
        assert "sbc1(proxy-ip-1/0)*# " in said
        assert connection.find_prompt() == "sbc1*#"
        assert 'proxy-address "203.0.113.10:5061"' in connection.send_command("show running-config voip")
        # netmiko's save_config() waits for the prompt before it, asterisk and all: it works where nothing is unsaved
        assert "Writing configuration...done" in connection.send_command("write", expect_string="#")
        assert "Writing configuration...done" in connection.save_config()
        assert connection.find_prompt() == "sbc1#"
        assert "Invalid command" in connection.send_command("show nothing")
        said = connection.send_config_set(["ip-group 0", "type trunk"], config_mode_command="configure voip")
        assert "Invalid value 'trunk' for type" in said
    sbc.reboot()
    assert "ITSP-A" in sbc.native()


def test_a_row_is_staged_until_it_is_activated(lab: Lab, sbc: Simulated) -> None:
    former = sbc.native()
    with login(lab) as typist:
        assert typist.types("configure voip", "proxy-set 1", 'proxy-name "ITSP-A"') == []
        assert typist.prompt == "sbc1(proxy-set-1)# "
        assert sbc.native() == former
        assert '  proxy-name "ITSP-A"\n' in typist.type("display")
        assert typist.type("activate") == ""
        assert typist.prompt == "sbc1(proxy-set-1)*# "
        assert "ITSP-A" in sbc.native()
        typist.types("proxy-keep-alive-time 90", "exit")  # which activates what is not
        assert "proxy-keep-alive-time 90" in sbc.native()
        typist.type("no proxy-set 1")
        assert sbc.native() == former
        assert typist.prompt == "sbc1(config-voip)# "


def test_what_is_staged_is_lost_with_the_connection(lab: Lab, sbc: Simulated) -> None:
    former = sbc.native()
    with login(lab) as typist:
        typist.types("configure voip", "proxy-set 0", 'proxy-name "other"')
    assert sbc.native() == former


def test_names_and_references(lab: Lab, sbc: Simulated) -> None:
    with login(lab) as typist:
        typist.types("configure voip", "ip-group 1", 'name "ITSP-A"', 'proxy-set-name "ITSP-A"')
        refused = "Command rejected: proxy-set-name refers to proxy-set 'ITSP-A' which does not exist"
        assert typist.type("activate") == refused
        assert typist.type("exit") == refused
        assert typist.types("proxy-set 1", 'proxy-name "ProxySet_0"') == []
        assert typist.type("activate") == "Command rejected: proxy-name 'ProxySet_0' is already in use"
        typist.types('proxy-name "ITSP-A"', "exit", "ip-group 1", 'name "ITSP-A"', 'proxy-set-name "ITSP-A"', "exit")
        assert typist.type("no proxy-set 1") == "Command rejected: 'ITSP-A' is used by ip-group 1"
        assert typist.types("no ip-group 1", "no proxy-set 1") == []


def test_what_is_refused(lab: Lab, sbc: Simulated) -> None:
    with login(lab) as typist:
        assert typist.type("configure nothing") == "Invalid command"
        typist.type("configure voip")
        assert typist.type("proxy-set 5001") == "Invalid index 5001: 0-5000"
        assert typist.type("no proxy-set 7") == "Command rejected: no such row in proxy-set"
        typist.type("proxy-set 7")
        assert typist.type("proxy-keep-alive-time 4") == "Invalid value '4' for proxy-keep-alive-time"
        assert typist.type("proxy-name a b") == "Invalid command"
        assert ";Serial Number: " in typist.type("do show system version")


def test_one_must_be_enabled(lab: Lab, sbc: Simulated) -> None:
    with Typist(lab, "sbc1", ("> ", ": ")) as typist:
        assert typist.type("show running-config") == "Invalid command"
        assert ";Board" in typist.type("show system version")
        typist.type("enable")
        assert typist.type("wrong") == "Invalid command"
        assert typist.prompt == "sbc1> "


def test_cut_after_activation(lab: Lab, sbc: Simulated) -> None:
    sbc.fail("cut-after", on="^activate")
    with login(lab) as typist, pytest.raises(EOFError):
        typist.types("configure voip", *TRUNK)
    assert "ITSP-A" in sbc.native()


def test_locked_and_rejected(lab: Lab, sbc: Simulated) -> None:
    former = sbc.native()
    sbc.fail("locked")
    with login(lab) as typist:
        typist.types("configure voip", "proxy-set 1", 'proxy-name "ITSP-A"')
        assert "locked" in typist.type("activate")
        assert "locked" in typist.type("exit")
        assert sbc.native() == former
        sbc.faults.clear()
        sbc.fail("rejected", on="^proxy-set")
        assert typist.type("proxy-set 1") == "Invalid command"
        assert typist.prompt == "sbc1(config-voip)# "


def test_a_restart_between_activate_and_write(lab: Lab, sbc: Simulated) -> None:
    former = sbc.native()
    with login(lab) as typist:
        typist.types("configure voip", *TRUNK, "exit")
        assert sbc.native() != former
        sbc.fail("reboot", on="^write")
        with pytest.raises(EOFError):
            typist.type("write")
    assert sbc.native() == former


def test_reload(lab: Lab, sbc: Simulated) -> None:
    former = sbc.native()
    for how, kept in (("without-saving", False), ("now", True)):
        with login(lab) as typist:
            typist.types("configure voip", *TRUNK, "exit")
            with pytest.raises(EOFError):
                typist.type(f"reload {how}")
        assert (sbc.native() != former) is kept


VALUE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1)


@settings(max_examples=60, deadline=None)
@given(VALUE)
def test_a_value_is_refused_or_survives(value: str) -> None:
    device = SIMULATOR.make("sbc1")
    session = enabled(device)
    for line in ("configure voip", "proxy-set 1"):
        session.line(line)
    if session.line(f'keepalive-fail-resp "{value}"'):
        assert '" ' in value
        return
    for line in ("activate", "exit", "exit", "write"):
        assert session.line(line) in {"", "Writing configuration...done\n"}
    device.reboot()
    assert f'keepalive-fail-resp "{value}"' in device.native()
    other = SIMULATOR.make("other")
    other.store.load(device.native())
    assert other.native() == device.native()


LINE = st.sampled_from(
    [*TRUNK, "ip-group 1", 'proxy-set-name "ITSP-A"', 'name "g"', "no proxy-set 1", "configure voip"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, max_size=40))
def test_nothing_survives_a_restart_that_was_not_written(lines: list[str]) -> None:
    device = SIMULATOR.make("sbc1")
    former = device.native()
    session = enabled(device)
    session.line("configure voip")
    for line in lines:
        session.line(line)
    other = SIMULATOR.make("other")
    other.store.load(device.native())
    assert other.native() == device.native()
    device.reboot()
    assert device.native() == former
