"""NAPALM's own driver against the simulated Arista EOS: over the command API, and over SSH."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import pytest
from eos_clients import Napalm, napalm
from napalm.base.exceptions import CommitError, MergeConfigException, ReplaceConfigException, SessionLockedException

from netres.testing.sim import Lab

MERGED = "interface Ethernet2\n   description BLALALAL\n!\nvlan 10\n   name voice\n"
NAMED = "hostname NEWHOSTNAME\n!\n" + MERGED  # over SSH, NAPALM loses a device whose prompt changes


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"r1": "arista_eos"}) as running:
        yield running


@pytest.fixture(scope="module")
def drivers(lab: Lab) -> Iterator[Mapping[str, Napalm]]:
    """Open ones, by transport: a login over SSH takes NAPALM a third of a second."""
    with napalm(lab, "r1", "http") as http, napalm(lab, "r1", "https") as https, napalm(lab, "r1", "ssh") as ssh:
        yield {"http": http, "https": https, "ssh": ssh}


@pytest.fixture
def opened(lab: Lab, drivers: Mapping[str, Napalm], request: pytest.FixtureRequest) -> Napalm:
    device = lab["r1"]
    device.faults.clear()
    device.store.reset()
    driver = drivers[request.param]
    driver.config_session = None
    return driver


every = pytest.mark.parametrize("opened", ["http", "https", "ssh"], indirect=True)


@every
def test_facts(opened: Napalm, lab: Lab) -> None:
    facts = opened.get_facts()
    assert (facts["vendor"], facts["model"], facts["hostname"], facts["fqdn"]) == ("Arista", "cEOSLab", "r1", "r1")
    assert facts["os_version"] == "4.31.6M-39953990.4316M"
    assert len(facts["serial_number"]) == 32
    assert 0 <= facts["uptime"] + lab["r1"].clock.wall - time.time() < 600
    assert facts["interface_list"] == ["Ethernet1", "Ethernet2", "Ethernet3", "Ethernet4", "Management0"]
    lab["r1"].store.load("interface Loopback0\nip address 10.0.0.1/32\ninterface Ethernet1\ndescription up\nshutdown\n")
    interfaces = opened.get_interfaces()
    assert interfaces["Loopback0"]["is_up"]
    assert not interfaces["Ethernet1"]["is_enabled"]
    assert interfaces["Ethernet1"]["description"] == "up"
    assert interfaces["Ethernet1"]["mac_address"].startswith("00:1C:73:")
    lab["r1"].store.load("vlan 10\nname voice\ninterface Ethernet2\nswitchport access vlan 10\n")
    assert opened.get_vlans()["10"] == {"name": "voice", "interfaces": ["Ethernet2"]}
    assert opened.get_interfaces_counters()["Ethernet1"]["rx_octets"] == 0


@every
def test_a_merge_is_compared_committed_and_rolled_back(opened: Napalm, lab: Lab) -> None:
    before = lab["r1"].native()
    opened.load_merge_candidate(config=MERGED)
    diff = opened.compare_config()
    assert "+vlan 10\n+   name voice\n+!" in diff
    assert "+   description BLALALAL" in diff
    assert diff.startswith("@@ -")
    assert lab["r1"].native() == before
    assert "description BLALALAL" in opened.get_config(retrieve="candidate")["candidate"]
    opened.commit_config()
    assert "description BLALALAL" in opened.get_config()["running"]
    assert "description BLALALAL" in opened.get_config()["startup"]
    opened.rollback()
    assert lab["r1"].native() == before


@pytest.mark.parametrize("opened", ["http", "https"], indirect=True)
def test_a_name_is_changed(opened: Napalm, lab: Lab) -> None:
    before = lab["r1"].native()
    opened.load_merge_candidate(config=NAMED)
    assert "-hostname r1\n+hostname NEWHOSTNAME" in opened.compare_config()
    opened.commit_config()
    assert opened.get_facts()["hostname"] == "NEWHOSTNAME"
    opened.rollback()
    assert lab["r1"].native() == before


@every
def test_a_candidate_is_discarded(opened: Napalm, lab: Lab) -> None:
    before = lab["r1"].native()
    opened.load_merge_candidate(config=MERGED)
    opened.discard_config()
    assert lab["r1"].native() == before
    assert opened.compare_config() == ""
    opened.load_merge_candidate(config="hostname r1\n")
    assert opened.compare_config() == ""


@every
def test_a_replacement_takes_away_what_it_does_not_say(opened: Napalm, lab: Lab) -> None:
    lab["r1"].store.load("vlan 10\nname voice\n")
    whole = opened.get_config(retrieve="running")["running"]
    opened.load_replace_candidate(config=whole.replace("vlan 10\n   name voice\n!\n", ""))
    assert [line for line in opened.compare_config().splitlines() if line[:1] in "+-"] == [
        "-vlan 10",
        "-   name voice",
        "-!",
    ]
    opened.commit_config()
    assert "vlan 10" not in lab["r1"].native()
    assert "hostname r1" in lab["r1"].native()


@every
def test_a_commit_on_trial_is_confirmed(opened: Napalm, lab: Lab) -> None:
    opened.load_merge_candidate(config=MERGED)
    opened.commit_config(revert_in=300)
    assert opened.has_pending_commit()
    with pytest.raises(CommitError):
        opened.commit_config(revert_in=300)
    opened.confirm_commit()
    assert not opened.has_pending_commit()
    lab["r1"].clock.advance(301)
    assert "description BLALALAL" in lab["r1"].native()
    assert "description BLALALAL" in opened.get_config(retrieve="startup")["startup"]


@every
def test_a_commit_on_trial_is_taken_back(opened: Napalm, lab: Lab) -> None:
    before = lab["r1"].native()
    opened.load_merge_candidate(config=MERGED)
    opened.commit_config(revert_in=300)
    assert lab["r1"].native() != before
    opened.rollback()
    assert lab["r1"].native() == before


@every
def test_a_commit_that_nobody_confirms_gives_everything_back(opened: Napalm, lab: Lab) -> None:
    before = lab["r1"].native()
    opened.load_merge_candidate(config=MERGED)
    opened.commit_config(revert_in=300)
    lab["r1"].fail("clock-jump", on="show configuration sessions", seconds=301)
    assert not opened.has_pending_commit()
    assert lab["r1"].native() == before
    with pytest.raises(CommitError):
        opened.confirm_commit()


@pytest.mark.parametrize("opened", ["http"], indirect=True)
@pytest.mark.parametrize(("load", "error"), [("merge", MergeConfigException), ("replace", ReplaceConfigException)])
def test_a_line_that_the_device_refuses(opened: Napalm, lab: Lab, load: str, error: type[Exception]) -> None:
    before = lab["r1"].native()
    with pytest.raises(error, match=r"Error \[1002\].*'ip address 10.999.1.1/30' failed: invalid command.*at token 2"):
        getattr(opened, f"load_{load}_candidate")(config="interface Ethernet1\nno switchport\nip address 10.999.1.1/30")
    assert lab["r1"].native() == before
    assert not opened.device.run_commands("show configuration sessions")[0]["sessions"]


@pytest.mark.parametrize("opened", ["http"], indirect=True)
def test_a_session_of_somebody_else_is_the_lock(opened: Napalm, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    opened.device.run_commands(["configure session theirs", "hostname theirs"])
    waited = list[float]()
    monkeypatch.setattr(time, "sleep", waited.append)
    monkeypatch.setattr(time, "time", lambda: sum(waited))
    with pytest.raises(SessionLockedException):
        opened.load_merge_candidate(config=MERGED)
    assert sum(waited) >= 10
    opened.device.run_commands(["configure session theirs abort"])
    opened.load_merge_candidate(config=MERGED)
