"""netmiko, which knows nothing of netres, at the simulated router over SSH."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from iosxe_clients import netmiko
from netmiko import ConfigInvalidException, NetmikoAuthenticationException

from netres.testing.sim import Lab, Simulated


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"r1": "cisco_iosxe"}) as running:
        yield running


@pytest.fixture
def device(lab: Lab) -> Simulated:
    lab["r1"].faults.clear()
    lab["r1"].store.reset()
    return lab["r1"]


def test_it_shows_and_configures_and_saves(lab: Lab, device: Simulated) -> None:
    with netmiko(lab, "r1") as router:
        assert router.find_prompt() == "r1#"
        assert "Version 17.9.4a" in router.send_command("show version")
        said = router.send_config_set(
            ["interface gi0/0/1", "ip add 192.0.2.1 255.255.255.252", "desc to the provider", "vlan 20", "name voice"],
            error_pattern=r"^%",
        )
        assert "r1(config-vlan)#" in said
        assert router.send_command("sh run int GigabitEthernet 0/0/1".replace(" 0", "0")).endswith(
            "interface GigabitEthernet0/0/1\n description to the provider\n ip address 192.0.2.1 255.255.255.252\n"
            " negotiation auto\nend\n"
        )
        assert "[OK]" in router.save_config()
    device.reboot()
    assert "vlan 20\n name voice\n" in device.native()


def test_what_is_wrong_is_an_error_of_the_platform(lab: Lab, device: Simulated) -> None:
    with netmiko(lab, "r1") as router:
        with pytest.raises(ConfigInvalidException, match="Invalid input detected"):
            router.send_config_set(["interface gi0/0/1", "ip address 192.0.2.300 255.255.255.0"], error_pattern=r"^%")
        router.exit_config_mode()
        assert "% Invalid input detected at '^' marker." in router.send_command("show foooooooo")
        assert "% Incomplete command." in router.send_command("show ip")
        assert '% Ambiguous command:  "show i"' in router.send_command("show i")


def test_long_answers_come_in_pages(lab: Lab, device: Simulated) -> None:
    with netmiko(lab, "r1") as router:
        router.send_command("terminal length 10")
        first = router.send_command("show running-config", expect_string="--More--")
        assert first.startswith("Building configuration")
        assert router.send_command("q", cmd_verify=False, expect_string=r"r1#") is not None
        router.disable_paging()
        assert router.send_command("show running-config").rstrip().endswith("end")


def test_privilege_needs_the_configured_secret(lab: Lab, device: Simulated) -> None:
    device.store.load("enable secret open-sesame\nline vty 0 4\n privilege level 1\n")
    assert "open-sesame" not in device.native()
    with netmiko(lab, "r1", secret="open-sesame") as router:
        assert router.find_prompt() == "r1>"
        assert "% Invalid input" in router.send_command("show running-config")
        router.enable()
        assert router.find_prompt() == "r1#"
        router.exit_enable_mode()
        assert router.find_prompt() == "r1>"
    assert not any("open-sesame" in str(exchange) for exchange in device.dialogue)


def test_a_reload_asks(lab: Lab, device: Simulated) -> None:
    with netmiko(lab, "r1") as router:
        router.send_config_set(["hostname gone"])
        question = router.send_command("reload", expect_string=r"Save\? \[yes/no\]: ")
        assert "System configuration has been modified" in question
        router.send_command("no", expect_string=r"\[confirm\]", cmd_verify=False)
        router.write_channel("\n")
    device.clock.tick()
    assert "hostname r1\n" in device.native()
    with netmiko(lab, "r1") as router:
        assert "Last reload reason: Reload Command" in router.send_command("show version")


def test_it_copies_files(lab: Lab, device: Simulated) -> None:
    with netmiko(lab, "r1") as router:
        router.send_command("copy running-config flash:base", expect_string=r"Destination filename \[base\]\? ")
        assert "bytes copied" in router.send_command("\n", expect_string=r"r1#", cmd_verify=False)
        assert "base" in router.send_command("dir")
        assert router.send_command("more bootflash:base").strip() == device.native().strip()
        assert "%Error opening flash:none" in router.send_command("more flash:none")
        assert "Could not" not in router.send_command("delete /force flash:base")
    assert not device.files


def test_a_wrong_password(lab: Lab, device: Simulated) -> None:
    with pytest.raises(NetmikoAuthenticationException), netmiko(lab, "r1", password="wrong"):
        pass
