"""The simulated router beside recordings of real devices."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from netres.testing.sim import Simulated, registry
from netres.testing.sim.cli import CliSession

FOLDER = Path(os.environ.get("NETRES_RECORDINGS", ""))
pytestmark = pytest.mark.skipif("NETRES_RECORDINGS" not in os.environ, reason="NETRES_RECORDINGS names no recordings")
HERE = FOLDER / "cisco_iosxe"
_NOT_HERE = re.compile(r"^(virtual-service csr_mgmt|license udi .*)\n", re.MULTILINE)
"""What the recorded router has and this one has not."""


@pytest.fixture
def device() -> Simulated:
    return registry.get("cisco_iosxe").make("r1")


@pytest.fixture
def cli(device: Simulated) -> CliSession:
    assert device.cli is not None
    return device.cli()


def recorded(path: str) -> str:
    """A recording, its ports called as ours are."""
    text = _NOT_HERE.sub("", (HERE / path).read_text())
    return re.sub(r"GigabitEthernet([123])\b", lambda port: f"GigabitEthernet0/0/{int(port[1]) - 1}", text)


def test_it_tells_configurations_apart_as_a_recorded_device_does(device: Simulated, cli: CliSession) -> None:
    device.files["old"] = recorded("napalm/config_change/initial.conf").encode()
    device.files["new"] = recorded("napalm/config_change/new_good.conf").encode()
    answer = cli.line("show archive config differences flash:old flash:new")
    assert answer.splitlines()[1:-1] == recorded("napalm/config_change/new_good.diff").rstrip().splitlines()


def test_a_recorded_configuration_is_taken_and_shown_again(device: Simulated, cli: CliSession) -> None:
    text = recorded("napalm/config_change/initial.conf")
    device.files["old"] = text.encode()
    assert "Rollback Done" in cli.line("configure replace flash:old force")
    shown = [line for line in device.native().splitlines() if line.strip("! ")]
    recorded_lines = [line for line in text.splitlines() if line.strip("! ")]
    assert not set(recorded_lines) - set(shown)
    assert [line for line in shown if line in recorded_lines] == recorded_lines


@pytest.mark.parametrize("name", ["as1border1", "as2core1", "as2dist1", "as3core1", "ios-encapsulation-vlan"])
def test_every_line_of_a_recorded_configuration_is_taken(device: Simulated, name: str) -> None:
    text = (HERE / f"batfish/{name}.cfg").read_text()
    device.store.load(re.sub(r"(Gigabit|Fast)?Ethernet[\d/]+", "GigabitEthernet0/0/0", text))


def test_its_errors_are_the_recorded_ones(cli: CliSession) -> None:
    patterns = json.loads((FOLDER / "error_patterns.json").read_text())["cisco_iosxe"]["error_pattern"]
    log = (HERE / "netmiko/session_c881_invalid_input.log").read_text()
    assert "\n% Invalid input detected at '^' marker.\n\n" in log
    for line in ("show foooooooo", "show ip", "show i"):
        answer = cli.line(line)
        assert any(re.search(pattern, answer, re.MULTILINE) for pattern in patterns), answer
        assert line == "show i" or answer.endswith("\n\n")


def _shapes(text: str) -> set[str]:
    """The lines of a text without what is a matter of the device."""
    return {" ".join(re.sub(r"\S*\d\S*", "*", line).split()) for line in text.splitlines() if line.strip()}


@pytest.mark.parametrize(
    ("command", "recording", "shared"),
    [
        ("show version", "genie/show_version__isr4k.txt", 8),
        ("show interfaces", "napalm/get_interfaces__normal/show_interfaces.txt", 20),
        ("show ip interface brief", "napalm/get_facts__normal/show_ip_interface_brief.txt", 2),
        ("show hosts", "napalm/get_facts__normal/show_hosts.txt", 4),
    ],
)
def test_what_it_shows_has_the_recorded_shape(cli: CliSession, command: str, recording: str, shared: int) -> None:
    common = _shapes(cli.line(command)) & _shapes((HERE / recording).read_text())
    assert len(common) >= shared, sorted(common)
