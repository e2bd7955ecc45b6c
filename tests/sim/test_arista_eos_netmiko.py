"""netmiko's own ``arista_eos`` against the simulated Arista EOS, over SSH."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import cast

import pytest
from netmiko import ConnectHandler, ReadTimeout
from netmiko.arista.arista import AristaSSH

from netres.testing.sim import Lab


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"r1": "arista_eos", "r2": "arista_eos"}) as running:
        yield running


@contextmanager
def login(lab: Lab, name: str = "r2") -> Generator[AristaSSH]:
    device = lab[name]
    made = ConnectHandler(
        device_type="arista_eos",
        host="127.0.0.1",
        port=lab.ports[name]["ssh"],
        username=device.username,
        password=device.password,
        ssh_strict=True,
        alt_host_keys=True,
        alt_key_file=str(lab.folder / "known_hosts"),
        fast_cli=True,
        global_delay_factor=0.1,
        conn_timeout=5,
    )
    assert isinstance(made, AristaSSH)
    try:
        yield made
    finally:
        made.disconnect()


@pytest.fixture(scope="module")
def connected(lab: Lab) -> Iterator[AristaSSH]:
    with login(lab, "r1") as made:
        yield made


@pytest.fixture
def switch(connected: AristaSSH, lab: Lab) -> AristaSSH:
    lab["r1"].faults.clear()
    lab["r1"].store.reset()
    connected.exit_config_mode()
    connected.disable_paging(cmd_verify=False, pattern=r"Pagination disabled")
    return connected


def test_lines_and_prompts(switch: AristaSSH, lab: Lab) -> None:
    output = switch.send_config_set(["interface Ethernet1", "description to the core", "vlan 10", "name voice"])
    assert [line for line in output.splitlines() if line.startswith("r1(")] == [
        "r1(config)#interface Ethernet1",
        "r1(config-if-Et1)#description to the core",
        "r1(config-if-Et1)#vlan 10",
        "r1(config-vlan-10)#name voice",
        "r1(config-vlan-10)#end",
    ]
    assert "   description to the core\n" in lab["r1"].native()
    assert "% Invalid input" in switch.send_config_set(["nonsense"])


def test_a_session_is_committed(switch: AristaSSH, lab: Lab) -> None:
    before = lab["r1"].native()
    switch.config_mode("configure session change-one")
    output = switch.send_config_set(["vlan 20", "name data"], enter_config_mode=False, exit_config_mode=False)
    assert "r1(config-s-change-vlan-20)#" in output
    assert lab["r1"].native() == before
    diff = str(switch.send_command("show session-config diffs"))
    assert diff.splitlines()[:2] == ["--- system:/running-config", "+++ session:/change-one-session-config"]
    assert "+vlan 20\n+   name data" in diff
    switch.send_command("commit", expect_string=r"r1#")
    assert "vlan 20\n   name data\n" in lab["r1"].native()
    assert "completed" in switch.send_command("show configuration sessions")


def test_a_session_is_aborted(switch: AristaSSH, lab: Lab) -> None:
    before = lab["r1"].native()
    switch.config_mode("configure session")
    switch.send_config_set(["vlan 20", "no hostname"], enter_config_mode=False, exit_config_mode=False)
    switch.send_command("abort", expect_string=r"r1#")
    assert lab["r1"].native() == before


def test_what_is_saved_survives_a_reboot(lab: Lab) -> None:
    with login(lab) as switch:
        switch.send_config_set(["vlan 30"])
        assert "Copy completed successfully." in switch.save_config()
        switch.send_config_set(["vlan 31"])
    lab["r2"].reboot()
    assert "vlan 30\n" in lab["r2"].native()
    assert "vlan 31\n" not in lab["r2"].native()


def test_long_output_waits_for_a_key(switch: AristaSSH) -> None:
    whole = str(switch.send_command("show running-config"))
    switch.send_command("terminal length 10")
    switch.write_channel("show running-config\n")
    output = switch.read_until_pattern(r"--More--")
    assert len(output.splitlines()) == 11
    while "--More--" in output:
        switch.write_channel(" ")
        output = switch.read_until_pattern(r"--More--|end\nr1#")
    assert str(switch.send_command("show running-config | no-more")) == whole


def test_tables_that_others_parse(switch: AristaSSH, lab: Lab) -> None:
    lab["r1"].store.load(
        "vlan 10\nname voice\ninterface Ethernet2\nswitchport access vlan 10\nvlan 20\nstate suspend\n"
    )
    lab["r1"].store.load("interface Loopback0\nip address 192.0.2.1/32\n")
    assert [
        (row["vlan_id"], row["vlan_name"], row["status"], row["interfaces"]) for row in rows(switch, "show vlan")
    ] == [
        ("1", "default", "active", ["Et1", "Et3", "Et4"]),
        ("10", "voice", "active", ["Et2"]),
        ("20", "VLAN0020", "suspended", []),
    ]
    (version,) = rows(switch, "show version")
    assert (version["model"], version["image"]) == ("cEOSLab", "4.31.6M-39953990.4316M")
    assert len(str(version["serial_number"])) == 32
    (brief,) = rows(switch, "show ip interface brief")
    assert (brief["interface"], brief["ip_address"], brief["mtu"]) == ("Loopback0", "192.0.2.1/32", "65535")
    assert [row["port"] for row in rows(switch, "show interfaces status")] == ["Et1", "Et2", "Et3", "Et4", "Ma0"]
    ports = [(row["interface"], row["link_status"], row["mtu"]) for row in rows(switch, "show interfaces")]
    assert ports[0] == ("Ethernet1", "up", "9214")
    assert ports[-2:] == [("Loopback0", "up", "65535"), ("Management0", "up", "1500")]


def lost(switch: AristaSSH, line: str) -> None:
    """Send a line to which no answer comes; netmiko waits for one also where the connection is gone."""
    with pytest.raises(ReadTimeout):
        switch.send_command(line, expect_string=r"r2#", read_timeout=0.3)
    assert switch.remote_conn_pre is not None
    switch.remote_conn_pre.close()


def rows(switch: AristaSSH, command: str) -> list[dict[str, object]]:
    """What the templates of ntc-templates, which were made from recordings, read in an answer."""
    parse = cast("Callable[..., list[dict[str, object]]]", import_module("ntc_templates.parse").parse_output)
    return parse("arista_eos", command, str(switch.send_command(command)))


def test_enable_asks_for_the_secret(switch: AristaSSH, lab: Lab) -> None:
    switch.send_config_set(["enable password hush"])
    assert "hush" not in lab["r1"].native()
    switch.send_command("disable", expect_string=r"r1>")
    assert "privileged mode required" in switch.send_command("show running-config", expect_string=r"r1>")
    switch.secret = "hush"
    switch.enable()
    assert switch.check_enable_mode()
    assert not any("hush" in str(exchange) for exchange in lab["r1"].dialogue)


def test_a_session_outlives_a_lost_connection(lab: Lab) -> None:
    lab["r2"].store.reset()
    lab["r2"].fail("cut-after", on="^name lost")
    with login(lab) as first:
        first.config_mode("configure session kept")
        first.send_config_set(["vlan 40"], enter_config_mode=False, exit_config_mode=False)
        lost(first, "name lost")
    with login(lab) as second:
        assert "kept pending" in second.send_command("show configuration sessions")
        assert "+   name lost" in second.send_command("show session-config named kept diffs")
        second.send_command("configure session kept commit")
    assert "vlan 40\n   name lost\n" in lab["r2"].native()


@pytest.mark.parametrize(("kind", "held"), [("cut-before", False), ("cut-after", True), ("reboot", False)])
def test_a_connection_that_is_lost_at_the_commit(lab: Lab, kind: str, held: bool) -> None:
    lab["r2"].store.reset()
    with login(lab) as switch:
        switch.config_mode("configure session s1")
        switch.send_config_set(["vlan 50"], enter_config_mode=False, exit_config_mode=False)
        lab["r2"].fail(kind, on="^commit")
        lost(switch, "commit")
    assert ("vlan 50\n" in lab["r2"].native()) is held


def test_a_commit_that_nobody_confirms(switch: AristaSSH, lab: Lab) -> None:
    before = lab["r1"].native()
    switch.config_mode("configure session s1")
    switch.send_config_set(["vlan 60"], enter_config_mode=False, exit_config_mode=False)
    switch.send_command("commit timer 00:01:00", expect_string="r1#")
    assert "pendingCommitTimer" in switch.send_command("show configuration sessions detail")
    assert "vlan 60\n" in lab["r1"].native()
    lab["r1"].fail("clock-jump", on="^configure", seconds=61)
    assert "% Session s1 does not exist" in switch.send_command("configure session s1 commit")
    assert lab["r1"].native() == before


def test_a_device_that_falls_silent(lab: Lab) -> None:
    with login(lab) as switch:
        lab["r2"].fail("hang", on="^show version")
        lost(switch, "show version")
