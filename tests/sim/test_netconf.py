"""NETCONF over real SSH, met by ncclient, a client that knows nothing of netres: reading, locks, commits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from netconf_client import SPACE, Opens, named, refused, sessions
from setline_login import store

from netres.testing.sim import Lab, Simulated


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"r1": "juniper_junos"}) as running:
        yield running


@pytest.fixture
def device(lab: Lab) -> Simulated:
    made = lab["r1"]
    made.faults.clear()
    made.store.reset()
    return made


@pytest.fixture
def opens(lab: Lab, device: Simulated) -> Iterator[Opens]:
    with sessions(device, lab.ports["r1"]["ssh"]) as opening:
        yield opening


def test_hello_and_reading_with_a_filter(opens: Opens, device: Simulated) -> None:
    session = opens()
    assert ":candidate" in session.server_capabilities
    assert ":confirmed-commit:1.1" in session.server_capabilities
    assert "urn:ietf:params:netconf:base:1.1" in session.server_capabilities
    whole = session.get_config("running").data_xml
    assert "<host-name>r1</host-name>" in whole
    assert "<name>ge-0/0/0</name>" in whole
    wanted = f'<configuration xmlns="{SPACE}"><system><host-name/></system></configuration>'
    part = session.get_config("running", filter=("subtree", wanted)).data_xml
    assert "<host-name>r1</host-name>" in part
    assert "services" not in part
    assert "interfaces" not in part
    assert "ge-0/0/0" in session.get().data_xml


def test_a_filter_by_key(opens: Opens, device: Simulated) -> None:
    store(device).load("set interfaces ge-0/0/1 mtu 1400\nset interfaces ge-0/0/2 mtu 1500")
    wanted = (
        f'<configuration xmlns="{SPACE}"><interfaces><interface><name>ge-0/0/1</name></interface>'
        f"</interfaces></configuration>"
    )
    found = opens().get_config("running", filter=("subtree", wanted)).data_xml
    assert "1400" in found
    assert "1500" not in found
    assert "ge-0/0/0" not in found


def test_lock_edit_validate_commit_unlock(opens: Opens, device: Simulated) -> None:
    session, other = opens(), opens()
    session.lock("candidate")
    with refused("lock-denied") as denied:
        other.lock("candidate")
    assert session.session_id in denied[0].info
    with refused("in-use"):
        other.edit_config(target="candidate", config=named("x"))
    session.edit_config(target="candidate", config=named("core-1"))
    session.validate("candidate")
    assert "core-1" not in device.native()
    session.commit()
    session.unlock("candidate")
    assert "set system host-name core-1\n" in device.native()
    assert store(device).left_open() == ()
    other.lock("candidate")
    other.unlock("candidate")
    with refused("operation-failed"):
        other.unlock("candidate")


def test_the_command_line_sees_the_same_candidate_and_the_same_lock(opens: Opens, device: Simulated) -> None:
    session = opens()
    session.edit_config(target="candidate", config=named("core-1"))
    assert device.cli is not None
    cli = device.cli()
    assert "error: configuration database modified" in cli.line("configure exclusive")
    assert "The configuration has been changed but not committed" in cli.line("configure")
    assert "+  host-name core-1;" in cli.line("show | compare")
    session.discard_changes()
    assert cli.line("show | compare") == ""
    cli.line("exit")
    assert "Entering" in cli.line("configure exclusive")
    with refused("lock-denied") as denied:
        session.lock("candidate")
    assert "<session-id>0</session-id>" in denied[0].info
    cli.close()
    session.lock("candidate")


def test_changes_are_discarded(opens: Opens, device: Simulated) -> None:
    session = opens()
    session.edit_config(target="candidate", config=named("x"))
    assert store(device).left_open()
    session.discard_changes()
    assert store(device).left_open() == ()


def test_a_confirmed_commit_is_confirmed(opens: Opens, device: Simulated) -> None:
    session = opens()
    session.edit_config(target="candidate", config=named("core-1"))
    session.commit(confirmed=True, timeout="120")
    assert store(device).left_open() != ()
    session.commit()
    device.clock.advance(1000)
    assert "core-1" in device.native()


def test_a_confirmed_commit_that_nobody_confirms_is_taken_back(opens: Opens, device: Simulated) -> None:
    session, before = opens(), device.native()
    session.edit_config(target="candidate", config=named("core-1"))
    session.commit(confirmed=True)
    assert "core-1" in device.native()
    device.fail("clock-jump", on="^get-config", seconds=599)
    assert "core-1" in session.get_config("running").data_xml
    device.fail("clock-jump", on="^get-config", seconds=2)
    assert "core-1" not in session.get_config("running").data_xml
    assert device.native() == before


def test_a_lost_session_takes_its_confirmed_commit_back(opens: Opens, device: Simulated) -> None:
    session, before = opens(), device.native()
    session.edit_config(target="candidate", config=named("core-1"))
    session.commit(confirmed=True, timeout="120")
    assert "core-1" in device.native()
    session.close_session()
    assert device.native() == before
    assert store(device).left_open() == ()


def test_a_confirmed_commit_persists_for_whoever_has_the_token(opens: Opens, device: Simulated) -> None:
    session, other = opens(), opens()
    session.edit_config(target="candidate", config=named("core-1"))
    session.commit(confirmed=True, timeout="120", persist="token-1")
    session.close_session()
    assert "core-1" in device.native()
    with refused("invalid-value"):
        other.commit()
    other.commit(persist_id="token-1")
    device.clock.advance(1000)
    assert "core-1" in device.native()


def test_a_confirmed_commit_is_cancelled(opens: Opens, device: Simulated) -> None:
    session, before = opens(), device.native()
    with refused("operation-failed"):
        session.cancel_commit()
    session.edit_config(target="candidate", config=named("core-1"))
    session.commit(confirmed=True, timeout="120", persist="token-1")
    with refused("invalid-value"):
        session.cancel_commit(persist_id="other")
    session.cancel_commit(persist_id="token-1")
    assert device.native() == before
