"""The simulated mobility controller over SSH: netmiko's own driver, pending changes, the recorded form."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from needed import need
from netmiko import ConnectHandler
from typing_ssh import Typist

from netres.testing.sim import Lab, Simulated
from netres.testing.sim.cli import CliSession
from netres_drivers.aruba_aos8.sim import SIMULATOR

WLAN = (
    "configure terminal",
    "wlan ssid-profile CORP",
    'essid "Corp Net"',
    "wpa-passphrase geheim-geheim",
    "opmode wpa2-psk-aes",
    "exit",
    'wlan virtual-ap "CORP"',
    "ssid-profile CORP",
    "vlan 20",
    "end",
)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"wlc1": SIMULATOR}) as running:
        yield running


@pytest.fixture
def wlc(lab: Lab) -> Simulated:
    device = lab["wlc1"]
    device.faults.clear()
    device.store.reset()
    return device


def login(lab: Lab) -> Typist:
    typist = Typist(lab, "wlc1", ("#", "(y/n): "))
    assert typist.types("no paging") == []
    return typist


def session(device: Simulated) -> CliSession:
    assert device.cli is not None
    return device.cli()


def test_netmiko_completes_a_session(lab: Lab, wlc: Simulated) -> None:
    entry = lab.entry("wlc1")
    with ConnectHandler(
        device_type="aruba_os",
        host=entry.host,
        port=entry.port,
        username=entry.username,
        password=wlc.password,
        fast_cli=True,
        global_cmd_verify=True,
    ) as connection:
        assert connection.find_prompt() == "(wlc1) [mynode] #"
        assert "Version 8.10.0.7" in connection.send_command("show version")
        assert not connection.check_config_mode()
        # netmiko knows configuration mode by its outermost prompt alone
        said = connection.send_config_set(["vlan 30", "wlan ssid-profile GUEST", "essid Guest", "exit", "nonsense"])
        assert "% Invalid input detected at '^' marker." in said
        # the mark of what is pending is no part of the prompt that netmiko waits for
        connection.set_base_prompt()
        assert connection.find_prompt() == "(wlc1) ^[mynode] #"
        assert 'essid "Guest"' in connection.send_command("show configuration pending")
        assert "Configuration Saved." in connection.send_command("write memory", expect_string=r"\[mynode\] #")
        connection.set_base_prompt()
        assert 'wlan ssid-profile "GUEST" \nessid "Guest"' in connection.send_command("show running-config")
        assert "Configuration Saved." in connection.save_config("write memory")
    wlc.reboot()
    assert "GUEST" in wlc.native()


def test_changes_are_pending_until_they_are_written(lab: Lab, wlc: Simulated) -> None:
    former = wlc.native()
    with login(lab) as typist, login(lab) as other:
        assert typist.types(*WLAN[:2]) == []
        assert typist.prompt == '(wlc1) ^[mynode] (SSID Profile "CORP") #'
        typist.types(*WLAN[2:])
        assert wlc.native() == former
        assert other.type("show configuration pending").splitlines() == [
            'wlan ssid-profile "CORP"',
            '    essid "Corp Net"',
            '    wpa-passphrase "********"',
            "    opmode wpa2-psk-aes",
            'wlan virtual-ap "CORP"',
            '    ssid-profile "CORP"',
            "    vlan 20",
        ]
        other.type("write memory")
        assert typist.types("show configuration pending") == []
        assert 'wpa-passphrase "geheim-geheim"' in wlc.native()
        assert "geheim-geheim" not in typist.type("show running-config")
        typist.type("encrypt disable")
        assert "geheim-geheim" in typist.type("show running-config")
        typist.types("configure terminal", "no wlan virtual-ap CORP", "wlan ssid-profile CORP", "no wpa-passphrase")
        assert typist.type("show configuration pending").splitlines() == [
            'no wlan virtual-ap "CORP"',
            'wlan ssid-profile "CORP"',
            "    no wpa-passphrase",
        ]


def test_what_is_refused(lab: Lab, wlc: Simulated) -> None:
    invalid = "% Invalid input detected at '^' marker."
    with login(lab) as typist:
        typist.types("configure terminal", "wlan ssid-profile X")
        for line in ("nonsense", "essid two words", f'essid "{"x" * 33}"', "wpa-passphrase short", "opmode wep"):
            assert invalid in typist.type(line)
        assert "% Incomplete command." in typist.type("opmode")
        wlc.fail("rejected", on="^essid")
        assert invalid in typist.type("essid X")
        typist.type("end")
        wlc.fail("locked")
        assert typist.type("configure terminal") == "Configuration is locked by another user"
        assert typist.type("write memory") == "Configuration is locked by another user"


def test_cut_after_write(lab: Lab, wlc: Simulated) -> None:
    wlc.fail("cut-after", on="^write")
    with login(lab) as typist:
        typist.types(*WLAN)
        with pytest.raises(EOFError):
            typist.type("write memory")
    assert "CORP" in wlc.native()


def test_a_restart_forgets_what_is_pending(lab: Lab, wlc: Simulated) -> None:
    former = wlc.native()
    with login(lab) as typist:
        typist.types(*WLAN, "reload")
        assert typist.prompt == "Do you really want to restart the system(y/n): "
        with pytest.raises(EOFError):
            typist.type("y")
    with login(lab) as typist:
        assert typist.types("show configuration pending", "write memory")[-1].strip().endswith("Configuration Saved.")
    assert wlc.native() == former


def test_the_recorded_form() -> None:
    folder = os.environ.get("NETRES_RECORDINGS")
    need(None if folder else "NETRES_RECORDINGS names no folder of device recordings")
    path = Path(folder or "", "aruba_aos8/oxidized/aosw_Aruba7210_8.10.0.7.simulation.yaml")
    (shown,) = (one[key] for one in yaml.safe_load(path.read_text())["commands"] for key in one if "running" in key)
    recorded = str(shown).replace("\\r", "").replace('\\"', '"').replace("\\x20", " ")
    for first in ("wlan ssid-profile", 'aaa authentication-server radius "radius1"', "vrrp 254"):
        block = recorded[recorded.index(first) :]
        block = block[: block.index("!\n") + 2]
        device = SIMULATOR.make("wlc1")
        device.store.load(block)
        native = device.native()
        native = native[native.index(block.partition("\n")[0]) :]
        assert sorted(native[: native.index("!\n") + 2].splitlines()) == sorted(block.splitlines())


LINE = st.sampled_from([*WLAN, "vlan 30", "no vlan 30", "no wlan ssid-profile CORP", "no essid", "exit", "ap-group X"])


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, max_size=30))
def test_whatever_is_pending_a_restart_leaves_no_trace(lines: list[str]) -> None:
    device = SIMULATOR.make("wlc1")
    former = device.native()
    login = session(device)
    for line in lines:
        login.line(line)
    assert device.native() == former
    device.reboot()
    session(device).line("write memory")
    assert device.native() == former


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, max_size=30))
def test_what_is_shown_can_be_loaded(lines: list[str]) -> None:
    device = SIMULATOR.make("wlc1")
    login = session(device)
    for line in [*lines, "end", "write memory"]:
        login.line(line)
    other = SIMULATOR.make("wlc1")
    other.store.load(device.native())
    assert set(device.native().splitlines()) <= set(other.native().splitlines())
    assert "write" not in device.native()


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=32))
def test_a_value_is_refused_or_survives(value: str) -> None:
    device = SIMULATOR.make("wlc1")
    login = session(device)
    for line in ("configure terminal", "wlan ssid-profile X"):
        login.line(line)
    if login.line(f'essid "{value}"'):
        assert '"' in value
        return
    login.line("write memory")
    assert f'essid "{value}" \n' in device.native()
