"""The simulated ACLI, met over SSH, and its three states."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netmiko import ConnectHandler
from typing_ssh import Typist

from netres.testing.sim import Lab, Simulated
from netres.testing.sim.cli import CliSession
from netres_drivers.oracle_sbc.sim import SIMULATOR

AGENT = ("configure terminal", "session-router", "session-agent")


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


def login(lab: Lab) -> Typist:
    typist = Typist(lab, "sbc1", ("> ", "# ", ": "))
    assert typist.types("enable", lab["sbc1"].password, "cli more disabled") == []
    return typist


def superuser(device: Simulated) -> CliSession:
    """A login in this process."""
    assert device.cli is not None
    session = device.cli()
    assert session.line("enable") + session.line(device.password) == ""
    return session


def test_a_whole_change(lab: Lab, sbc: Simulated) -> None:
    former = sbc.native()
    with login(lab) as typist:
        said = typist.types(
            *AGENT, "hostname itsp-a", "max-sessions 100", 'description "the first one"', "done", "exit"
        )
        assert "        max-sessions                    100\n" in said[-1]
        assert typist.types("exit", "exit") == []
        assert typist.prompt == "sbc1# "
        assert "the first one" in typist.type("show configuration session-agent")
        assert typist.type("show running-config session-agent") == ""
        assert "do not match" in typist.type("save-config")
        assert sbc.native() == former
        assert "Activate Complete" in typist.type("activate-config")
        assert sbc.native() != former
        assert "session-agent" not in former
        assert "do not match" not in typist.type("save-config")


def test_elements_are_chosen_by_number_and_by_key(lab: Lab, sbc: Simulated) -> None:
    with login(lab) as typist:
        typist.types(*AGENT, "hostname b", "done", "exit", "session-agent", "hostname a", "done")
        assert typist.type("select") == "<hostname>:\n1: a\n2: b\n"
        assert typist.prompt == "selection: "
        assert typist.type("2") == ""
        assert typist.types("port 5070", "done")[-1].count("5070") == 1
        assert typist.type("select c") == "error: no such configuration object"
        assert typist.types("no a", "select") == ["<hostname>:\n1: b\n"]
        typist.type("1")
        typist.types("hostname c", "done", "exit", "exit", "exit")
        assert [line.split() for line in typist.type("show configuration session-agent").splitlines()][1:2] == [
            ["hostname", "c"]
        ]


def test_what_stands_below_an_element(lab: Lab, sbc: Simulated) -> None:
    with login(lab) as typist:
        typist.types("configure terminal", "session-router", "sip-interface", "realm-id peer", "sip-port")
        assert typist.prompt == "sbc1(sip-port)# "
        typist.types("address 192.0.2.1", "transport-protocol TLS", "done", "exit", "done", "exit", "exit", "exit")
        shown = typist.type("show configuration sip-interface")
        assert "        sip-port\n                address                 192.0.2.1\n" in shown


def test_what_is_refused(lab: Lab, sbc: Simulated) -> None:
    with login(lab) as typist:
        assert typist.type("frobnicate") == "invalid command"
        typist.types(*AGENT)
        assert typist.type("description a b") == "invalid number of arguments"  # as the ACLI Reference Guide shows it
        assert typist.type("done") == "error: hostname is not set"
        assert typist.type("port 70000") == "invalid value '70000' for port"
        assert typist.type("frobnicate") == "invalid command"
        typist.types("hostname a", "done", "exit", "session-agent", "hostname a")
        assert typist.type("done") == "error: duplicate entry"
        assert typist.type("exit") == ""
        assert typist.prompt == "Save Changes [y/n]?: "
        typist.type("n")
        assert typist.prompt == "sbc1(session-router)# "


def test_verification_finds_what_is_not_there(lab: Lab, sbc: Simulated) -> None:
    with login(lab) as typist:
        assert "Verification successful!" in typist.type("verify-config")
        typist.types(*AGENT, "hostname a", "realm-id nowhere", "done", "quit")
        error = "ERROR: session-agent [a] has reference to realm-config [nowhere] which does not exist\n"
        assert error in typist.type("verify-config")


def test_backups(lab: Lab, sbc: Simulated) -> None:
    former = sbc.native()
    with login(lab) as typist:
        typist.type("backup-config before")
        typist.types(*AGENT, "hostname a", "done", "quit", "save-config", "activate-config")
        assert sbc.native() != former
        assert typist.type("restore-backup-config never") == "error: no such configuration object"
        typist.types("restore-backup-config before", "save-config", "activate-config")
        assert sbc.native() == former


def test_one_session_configures_at_a_time(lab: Lab, sbc: Simulated) -> None:
    with login(lab) as first, login(lab) as second:
        first.type("configure terminal")
        assert second.type("configure terminal") == "error: configuration is locked by another session"
        assert second.type("save-config") == "error: configuration is locked by another session"
        first.type("exit")
        assert second.type("configure terminal") == ""
        second.type("exit")
        sbc.fail("locked")
        assert first.type("configure terminal") == "error: configuration is locked by another session"


def test_cut_after_activation(lab: Lab, sbc: Simulated) -> None:
    with login(lab) as typist:
        typist.types(*AGENT, "hostname a", "done", "quit", "save-config")
        sbc.fail("cut-after", on="^activate-config")
        with pytest.raises(EOFError):
            typist.type("activate-config")
    assert "session-agent" in sbc.native()


def test_rejected_and_normalised(lab: Lab, sbc: Simulated) -> None:
    sbc.fail("rejected", on="^max-sessions")
    sbc.fail("normalised", find="description .*", replace="description DESC")
    with login(lab) as typist:
        typist.types(*AGENT, "hostname a")
        assert typist.type("max-sessions 5") == "invalid command"
        assert "description                     DESC\n" in typist.types("description x", "done")[-1]


def test_a_restart_between_save_and_activate(lab: Lab, sbc: Simulated) -> None:
    former = sbc.native()
    with login(lab) as typist:
        typist.types(*AGENT, "hostname saved", "done", "quit", "save-config")
        typist.types(*AGENT, "hostname edited", "done", "quit")
        sbc.fail("reboot", on="^activate-config")
        with pytest.raises(EOFError):
            typist.type("activate-config")
    assert sbc.native() == former
    with login(lab) as typist:
        shown = typist.type("show configuration session-agent")
        assert "saved" in shown
        assert "edited" not in shown
        typist.types("reboot activate")
        with pytest.raises(EOFError):
            typist.type("y")
    assert "saved" in sbc.native()


def test_netmiko_without_a_type_of_its_own(lab: Lab, sbc: Simulated) -> None:
    entry = lab.entry("sbc1")
    with ConnectHandler(
        device_type="generic",
        host=entry.host,
        port=entry.port,
        username=entry.username,
        password=sbc.password,
        secret=sbc.password,
        fast_cli=True,
    ) as connection:
        connection.send_command("enable", expect_string="Password")
        connection.send_command(sbc.password, expect_string="#", cmd_verify=False)
        connection.set_base_prompt()
        connection.disable_paging("cli more disabled")
        assert "network-interface" in connection.send_command("show running-config")


VALUE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1)


@settings(max_examples=60, deadline=None)
@given(VALUE)
def test_a_value_is_refused_or_survives(value: str) -> None:
    device = SIMULATOR.make("sbc1")
    session = superuser(device)
    for line in (*AGENT, "hostname a"):
        assert session.line(line) == ""
    if session.line(f'description "{value}"'):
        assert set(value) & set("&'<\"")
        return
    for line in ("done", "quit", "save-config", "activate-config"):
        session.line(line)
    shown = session.line("show running-config session-agent").splitlines()
    assert f"        description                     {value}".rstrip(" ") in shown


MOVES = "done|select|1|2|no|no a|select b|exit|quit|y|n|save-config|verify-config|show"
ATTRIBUTES = "identifier r|hostname a|hostname b|port 1|port x"
LINE = st.sampled_from([*AGENT, "media-manager", "realm-config", *MOVES.split("|"), *ATTRIBUTES.split("|")])


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, max_size=40))
def test_nothing_but_activation_changes_what_runs(lines: list[str]) -> None:
    device = SIMULATOR.make("sbc1")
    former = device.native()
    session = superuser(device)
    for line in lines:
        session.line(line)
    assert device.native() == former


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, max_size=40))
def test_what_is_shown_can_be_loaded(lines: list[str]) -> None:
    device = SIMULATOR.make("sbc1")
    session = superuser(device)
    for line in (*AGENT, "hostname z", "done", *lines, "n", "quit", "n", "save-config", "activate-config"):
        session.line(line)
    other = SIMULATOR.make("other")
    other.store.load(device.native())
    assert other.native() == device.native()
