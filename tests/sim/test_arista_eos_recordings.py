"""What the simulated Arista EOS shows has the form of recordings of real devices."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from netres.testing.sim import registry
from netres.testing.sim.cli import CliSession

_FOLDER = os.environ.get("NETRES_RECORDINGS")
pytestmark = pytest.mark.skipif(not _FOLDER, reason="NETRES_RECORDINGS names no folder of recordings")
RECORDINGS = Path(_FOLDER or "") / "arista_eos"
NEWER = {"lastStatusChangeTimestamp", "interfaceStatistics"}
"""What a recording tells and the simulated device does not know: it has no past, and no traffic."""


@pytest.fixture
def session() -> CliSession:
    device = registry.get("arista_eos").make("eos1")
    device.store.load(
        "interface Loopback0\nip address 172.17.17.1/32\ninterface Management0\nip address 10.0.2.15/24\n"
    )
    device.store.load("vlan 10\ninterface Ethernet1\nswitchport mode trunk\nip routing\n")
    assert device.cli is not None
    return device.cli()


def told(session: CliSession, command: str) -> Mapping[str, object]:
    return cast("Mapping[str, object]", json.loads(session.line(f"{command} | json")))


def recorded(name: str) -> Mapping[str, object]:
    return cast("Mapping[str, object]", json.loads((RECORDINGS / "napalm" / name).read_text()))


def lacking(told: object, recorded: object, where: str = "") -> list[str]:
    """The keys of a recording that an answer lacks, or that have a value of another type."""
    if not isinstance(told, dict) or not isinstance(recorded, dict):
        number = isinstance(told, (int, float)) and isinstance(recorded, (int, float))
        return [] if number or isinstance(told, type(recorded)) else [f"{where} is of another type"]
    found: list[str] = []
    for key, value in cast("Mapping[str, object]", recorded).items():
        if key in told:
            found.extend(lacking(cast("Mapping[str, object]", told)[key], value, f"{where}.{key}"))
        elif key not in NEWER and key != "counterRefreshTime":
            found.append(f"{where}.{key} is missing")
    return found


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("show hostname", "get_facts__normal/show_hostname.json"),
        ("show version", "get_facts__normal/show_version.json"),
    ],
)
def test_a_whole_answer(session: CliSession, command: str, name: str) -> None:
    assert lacking(told(session, command), recorded(name)) == []


@pytest.mark.parametrize(
    ("name", "recorded_as", "shown_as"),
    [
        ("get_facts__normal/show_interfaces.json", "Ethernet1", "Ethernet1"),
        ("get_facts__normal/show_interfaces.json", "Management1", "Management0"),
        ("get_interfaces__issue68_iface_no_physical_addr/show_interfaces.json", "Loopback0", "Loopback0"),
    ],
)
def test_an_interface(session: CliSession, name: str, recorded_as: str, shown_as: str) -> None:
    ours = cast("dict[str, dict[str, object]]", told(session, "show interfaces")["interfaces"])[shown_as]
    theirs = dict(cast("dict[str, dict[str, object]]", recorded(name)["interfaces"])[recorded_as])
    theirs = {key: value for key, value in theirs.items() if key != "interfaceAddressIp6" and value is not None}
    assert lacking(ours, theirs) == []


def test_a_vlan(session: CliSession) -> None:
    ours, theirs = told(session, "show vlan"), recorded("get_vlans__normal/show_vlan.json")
    assert ours.keys() == theirs.keys()
    ten, other = (cast("dict[str, dict[str, object]]", one["vlans"])["10"] for one in (ours, theirs))
    assert ten.keys() == other.keys()
    assert ten["name"] == other["name"] == "VLAN0010"
    members, others = (cast("dict[str, object]", one["interfaces"]) for one in (ten, other))
    assert members["Ethernet1"] == others["Ethernet1"]


def test_a_running_configuration(session: CliSession) -> None:
    shown = session.line("show running-config").splitlines()
    golden = (RECORDINGS / "scrapli" / "send_input_show_run.golden.txt").read_text().splitlines()
    for lines in (shown, golden):
        assert lines[0] == "! Command: show running-config"
        assert re.fullmatch(r"! device: eos1 \(cEOSLab, EOS-4\.3[13]\.\w+-[\d.]+\w (\(engineering build\))\)", lines[1])
        assert (lines[2], lines[-2:]) == ("!", ["!", "end"])
    known = [line for line in golden if line in shown and not line.startswith(("!", " "))]
    assert {"no aaa root", "transceiver qsfp default-mode 4x10G", "hostname eos1", "spanning-tree mode mstp"} < {*known}
    assert [line for line in shown if line in known] == known, "the order of the lines"


def test_a_recorded_configuration_is_taken_and_told_apart(session: CliSession) -> None:
    """NAPALM's live test: its first configuration, its change, and the difference it recorded (backwards)."""
    folder = RECORDINGS / "napalm" / "config_change"
    session.line("configure session first")
    refused = [
        line
        for line in (folder / "initial.conf").read_text().splitlines()
        if session.line(
            line.replace("Management1", "Management0").replace(" role network-admin", " role network-admin")
        )
    ]
    assert refused == []
    session.line("configure session first commit")
    session.line("configure session change")
    assert not [line for line in (folder / "merge_good.conf").read_text().splitlines() if session.line(line)]
    diff = session.line("show session-config diffs").splitlines()
    theirs = (folder / "merge_good.diff").read_text().splitlines()
    assert "-   description BLALALAL" in theirs
    assert "+   description BLALALAL" in diff
    assert "+hostname NEWHOSTNAME" in diff
    assert all(line[0] in " +-@" for line in theirs + diff)
