"""NAPALM's ios driver, which knows nothing of netres, at the simulated router over SSH and SCP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from iosxe_clients import Napalm
from iosxe_clients import napalm as opened
from napalm.base.exceptions import CommitConfirmException, MergeConfigException, ReplaceConfigException

from netres.testing.sim import Lab, Simulated
from netres.testing.sim.indented import IndentedStore

MERGE = """\
interface GigabitEthernet0/0/1
 ip address 172.20.0.1 255.255.255.0
router bgp 65000
 neighbor 1.1.1.1 remote-as 12345
end
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"r1": "cisco_iosxe"}) as running:
        yield running


@pytest.fixture(scope="module")
def napalm(lab: Lab) -> Iterator[Napalm]:
    with opened(lab, "r1") as made:
        yield made


@pytest.fixture
def device(lab: Lab, napalm: Napalm) -> Simulated:
    device = lab["r1"]
    device.store.reset()
    device.store.load("file prompt quiet\n")
    device.files.clear()
    return device


def _without(device: Simulated, line: str) -> None:
    cast("IndentedStore", device.store).running.children.pop(line)


def test_it_reads(napalm: Napalm, device: Simulated) -> None:
    device.store.load("interface GigabitEthernet0/0/2\n description spare\n shutdown\n")
    facts = napalm.get_facts()
    assert (facts["hostname"], facts["fqdn"], facts["model"]) == ("r1", "r1.example.net", "ISR4331/K9")
    assert facts["os_version"].endswith("Version 17.9.4a, RELEASE SOFTWARE (fc3)")
    assert facts["uptime"] >= 0
    found = napalm.get_interfaces()
    assert set(found) == set(facts["interface_list"])
    assert found["GigabitEthernet0/0/2"]["description"] == "spare"
    assert (found["GigabitEthernet0/0/2"]["is_enabled"], found["GigabitEthernet0/0/0"]["is_up"]) == (False, True)
    config = napalm.get_config()
    assert config["running"].strip().endswith(device.native().strip())
    assert "hostname r1" in config["startup"]
    assert napalm.is_alive() == {"is_alive": True}


def test_a_merge_and_its_way_back(napalm: Napalm, device: Simulated) -> None:
    before = device.native()
    napalm.load_merge_candidate(config=MERGE)
    assert napalm.compare_config().splitlines() == [
        "+interface GigabitEthernet0/0/1",
        "+ ip address 172.20.0.1 255.255.255.0",
        "+router bgp 65000",
        "+ bgp log-neighbor-changes",
        "+ neighbor 1.1.1.1 remote-as 12345",
    ]
    assert device.native() == before
    napalm.commit_config()
    assert " neighbor 1.1.1.1 remote-as 12345\n" in device.native()
    napalm.load_merge_candidate(config=MERGE)
    assert napalm.compare_config() == ""
    napalm.rollback()
    assert device.native() == before


def test_a_discarded_candidate_changes_nothing(napalm: Napalm, device: Simulated) -> None:
    before = device.native()
    napalm.load_merge_candidate(config=MERGE)
    napalm.discard_config()
    assert device.native() == before
    napalm.config_replace = True
    assert napalm.compare_config() == ""


def test_a_replacement_and_its_way_back(napalm: Napalm, device: Simulated) -> None:
    before = device.native()
    napalm.load_replace_candidate(config=before.replace("hostname r1", "hostname r9\nip name-server 192.0.2.53"))
    assert set(napalm.compare_config().splitlines()) == {"+hostname r9", "-hostname r1", "+ip name-server 192.0.2.53"}
    napalm.commit_config()
    assert "hostname r9\n" in device.native()
    napalm.rollback()
    assert device.native() == before


def test_what_the_device_refuses_is_taken_back(napalm: Napalm, device: Simulated) -> None:
    before = device.native()
    napalm.load_merge_candidate(config="ip name-server 192.0.2.53\nvlan 20\n nonsense\nend\n")
    with pytest.raises(MergeConfigException, match="Invalid input detected"):
        napalm.commit_config()
    assert device.native() == before
    napalm.load_replace_candidate(config=before.replace("hostname r1", "hostname r1\nnonsense here"))
    with pytest.raises(ReplaceConfigException, match="original configuration has been successfully restored"):
        napalm.commit_config()
    assert device.native() == before


@pytest.mark.parametrize(
    ("kind", "way"), [("merge", "confirmed"), ("merge", "forgotten"), ("replace", "reverted"), ("replace", "forgotten")]
)
def test_a_commit_that_must_be_confirmed(napalm: Napalm, device: Simulated, kind: str, way: str) -> None:
    before = device.native()
    if kind == "merge":
        napalm.load_merge_candidate(config=MERGE)
    else:
        napalm.load_replace_candidate(config=before.replace("archive\n", "ip name-server 192.0.2.53\narchive\n"))
    napalm.commit_config(revert_in=120)
    assert napalm.has_pending_commit()
    changed = device.native()
    assert changed != before
    if way == "confirmed":
        napalm.confirm_commit()
    elif way == "reverted":
        napalm.rollback()
    device.clock.advance(121)
    assert device.native() == (changed if way == "confirmed" else before)
    assert not napalm.has_pending_commit()


def test_without_an_archive_nothing_can_be_confirmed(napalm: Napalm, device: Simulated) -> None:
    _without(device, "archive")
    napalm.load_merge_candidate(config=MERGE)
    with pytest.raises(CommitConfirmException, match="archive"):
        napalm.commit_config(revert_in=60)
    assert "%Please turn config archive on" in napalm.device.send_command("configure terminal revert timer 5")
    napalm.load_replace_candidate(config=device.native())
    with pytest.raises(ReplaceConfigException, match="archive"):
        napalm.commit_config()


def test_without_scp_nothing_is_uploaded(napalm: Napalm, device: Simulated) -> None:
    _without(device, "ip scp server enable")
    with pytest.raises(Exception, match="SCP file transfers are not enabled"):
        napalm.load_merge_candidate(config=MERGE)
    assert not device.files
