"""What a simulated router shows, beside what real ones showed; and what it must not show."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from setline_login import Login

from netres.testing.sim import Simulated, registry


@pytest.fixture
def junos() -> Simulated:
    return registry.get("juniper_junos").make("r1")


@pytest.fixture
def vyos() -> Simulated:
    return registry.get("vyos").make("r1")


@pytest.fixture
def recordings() -> Path:
    folder = os.environ.get("NETRES_RECORDINGS")
    if not folder:
        pytest.skip("NETRES_RECORDINGS names no folder of recordings")
    return Path(folder) / "juniper_junos"


def test_a_comparison_looks_as_recorded(junos: Simulated, recordings: Path) -> None:
    case = recordings / "napalm" / "config_change"
    junos.store.load("set system host-name vsrx\nset interfaces ge-0/0/1 unit 0")
    junos.files["merge"] = (case / "merge_good.conf").read_bytes()
    one = Login(junos)
    one("configure")
    assert one("load merge merge", "commit") == "commit complete\n"
    one("rollback 1")
    assert one("show | compare") == (case / "merge_good.diff").read_text().strip() + "\n"


def test_the_version_looks_as_recorded(junos: Simulated, recordings: Path) -> None:
    simulation = (recordings / "oxidized" / "junos_srx300_22.4_wo_cluster.simulation.yaml").read_text()
    recorded = re.search(r'"show version\\n": \|-\n((?:    \S.*\n)+)', simulation)
    assert recorded
    assert Login(junos)("show version") == "Hostname: r1\n" + re.sub("(?m)^    ", "", recorded[1])


def test_interfaces_look_as_recorded(junos: Simulated, recordings: Path) -> None:
    recorded = (recordings / "genie" / "show_interfaces_terse__interface.txt").read_text()
    wanted = [line.split() for line in recorded.splitlines()[2:] if line.strip() and "tnp" not in line]
    junos.store.load(
        "".join(
            f"set interfaces em1 unit 0 family {family} address {address}\n"
            for family, address in (
                ("inet", "10.0.0.4/8"),
                ("inet", "172.16.64.1/2"),
                ("inet", "172.16.64.4/2"),
                ("inet6", "fe80::250:56ff:fe82:ba52/64"),
                ("inet6", "2001:db8:8d82:0:a::4/64"),
            )
        )
    )
    shown = Login(junos)("show interfaces terse").splitlines()
    at = next(number for number, line in enumerate(shown) if line.startswith("em1.0"))
    # Where the lines behind the first begin is not recorded faithfully: they are four columns off their heads.
    assert shown[at] == "em1.0                   up    up   inet     10.0.0.4/8"
    assert [line.split() for line in shown[at : at + 3]] == wanted[:3]
    assert {word for line in shown[at + 3 : at + 5] for word in line.split()} == {*wanted[3], *wanted[4]}


def test_no_secret_is_in_the_dialogue(junos: Simulated, vyos: Simulated) -> None:
    one, two = Login(junos), Login(vyos)
    one("configure", 'set system root-authentication encrypted-password "hush hush"', "commit")
    one("edit interfaces", "run show configuration", "run show configuration | display set")
    two("configure", "set protocols bgp system-as 1", "set protocols bgp neighbor 192.0.2.2 remote-as 2")
    two("set protocols bgp neighbor 192.0.2.2 password 'hush hush'", "commit", "run show configuration commands")
    two("show")
    assert "encrypted-password" in str(junos.dialogue[-1])
    assert "password" in str(vyos.dialogue[-1])
    assert "hush" not in "".join(map(str, [*junos.dialogue, *vyos.dialogue]))
