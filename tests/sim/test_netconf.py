"""NETCONF over real SSH, met by ncclient: a client that knows nothing of netres."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from typing import TypeAlias, cast

import pytest
from netconf_client import LOST, REFUSED, Client, Refusal, connect

from netres.testing.sim import Lab, Simulated
from netres.testing.sim.candidate import Candidates

SPACE = "http://xml.juniper.net/xnm/1.1/xnm"
NC = 'xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0"'


Opens: TypeAlias = Callable[[], Client]


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


def store(device: Simulated) -> Candidates:
    assert isinstance(device.store, Candidates)
    return device.store


@pytest.fixture
def opens(lab: Lab, device: Simulated) -> Iterator[Opens]:
    """Opens sessions, and ends them all."""
    opened: list[Client] = []

    def one() -> Client:
        opened.append(connect(lab.ports["r1"]["ssh"], device.username, device.password))
        return opened[-1]

    yield one
    for session in opened:
        with suppress(Exception):  # some are dead by intent
            session.close_session()


def config(inside: str) -> str:
    return f'<config><configuration xmlns="{SPACE}" {NC}>{inside}</configuration></config>'


def named(name: str) -> str:
    return config(f"<system><host-name>{name}</host-name></system>")


@contextmanager
def refused(tag: str) -> Generator[list[Refusal]]:
    found: list[Refusal] = []
    with pytest.raises(REFUSED) as caught:
        yield found
    found.append(cast("Refusal", caught.value))
    assert found[0].tag == tag


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


TWO = "<system><host-name>core-1</host-name><domain-name>x y</domain-name></system>"
"""Its second part is refused."""


@pytest.mark.parametrize(
    ("option", "taken"), [("rollback-on-error", False), ("stop-on-error", True), ("continue-on-error", True)]
)
def test_error_options(opens: Opens, device: Simulated, option: str, taken: bool) -> None:
    session = opens()
    with refused("invalid-value"):
        session.edit_config(target="candidate", config=config(TWO), error_option=option)
    assert ("core-1" in session.get_config("candidate").data_xml) is taken


@pytest.mark.parametrize(
    ("inside", "tag"),
    [
        ('<system><host-name nc:operation="create">x</host-name></system>', "data-exists"),
        ('<system><domain-name nc:operation="delete"/></system>', "data-missing"),
        ("<system><colour>x</colour></system>", "unknown-element"),
        ("<interfaces><interface><mtu>1400</mtu></interface></interfaces>", "missing-element"),
        ('<system nc:operation="paint"/>', "bad-attribute"),
        ('<system xmlns="urn:other"/>', "unknown-namespace"),
        ("<system><host-name>-x-</host-name></system>", "invalid-value"),
    ],
)
def test_an_edit_that_does_not_fit(opens: Opens, device: Simulated, inside: str, tag: str) -> None:
    session = opens()
    with refused(tag):
        session.edit_config(target="candidate", config=config(inside), error_option="rollback-on-error")
    assert store(device).left_open() == ()


def test_operations_on_elements(opens: Opens, device: Simulated) -> None:
    store(device).load("set interfaces ge-0/0/1 mtu 1400\nset interfaces ge-0/0/1 description old")
    session = opens()
    session.edit_config(
        target="candidate",
        config=config(
            '<interfaces><interface nc:operation="replace"><name>ge-0/0/1</name><mtu>1500</mtu></interface>'
            "<interface><name>ge-0/0/2</name><unit><name>0</name><family><inet><address><name>192.0.2.1/30</name>"
            "</address></inet></family></unit></interface></interfaces>"
            '<system><domain-name nc:operation="remove"/></system>'
            '<protocols nc:operation="delete"/>'
            "<routing-options><autonomous-system><as-number>65001</as-number></autonomous-system></routing-options>"
        ),
    )
    session.commit()
    native = device.native()
    assert "set interfaces ge-0/0/1 mtu 1500\n" in native
    assert "old" not in native
    assert "set interfaces ge-0/0/2 unit 0 family inet address 192.0.2.1/30\n" in native
    assert "lldp" not in native
    assert "set routing-options autonomous-system 65001\n" in native


def test_what_is_read_can_be_written_again(opens: Opens, device: Simulated) -> None:
    session, before = opens(), device.native()
    whole = session.get_config("running").data_xml
    inside = whole[whole.index("<configuration") : whole.index("</data>")]
    session.edit_config(target="candidate", config=f"<config>{inside}</config>", default_operation="replace")
    assert store(device).left_open() == ()
    session.edit_config(target="candidate", config=config(""), default_operation="replace")
    session.commit()
    assert device.native() == ""
    session.edit_config(target="candidate", config=f"<config>{inside}</config>")
    session.commit()
    assert device.native() == before


def test_copy_and_delete(opens: Opens, device: Simulated) -> None:
    session = opens()
    session.edit_config(target="candidate", config=named("x"))
    session.copy_config(source="running", target="candidate")
    assert store(device).left_open() == ()
    for target in ("running", "startup"):
        with pytest.raises(REFUSED):
            session.delete_config(target)


def test_only_a_check(opens: Opens, device: Simulated) -> None:
    session = opens()
    bgp = "<protocols><bgp><group><name>g</name><neighbor><name>192.0.2.2</name></neighbor></group></bgp></protocols>"
    with refused("operation-failed"):
        session.edit_config(target="candidate", config=config(bgp), test_option="test-then-set")
    assert store(device).left_open() == ()
    session.edit_config(target="candidate", config=named("x"), test_option="test-only")
    assert store(device).left_open() == ()
    session.edit_config(target="candidate", config=config(bgp))
    with refused("operation-failed"):
        session.validate("candidate")
    with refused("operation-failed"):
        session.commit()
    assert "bgp" not in device.native()


def test_a_session_is_killed(opens: Opens, device: Simulated) -> None:
    victim, other = opens(), opens()
    victim.lock("candidate")
    victim.edit_config(target="candidate", config=named("x"))
    with refused("invalid-value"):
        other.kill_session(other.session_id)
    other.kill_session(victim.session_id)
    with pytest.raises(LOST):
        victim.get_config("running")
    assert store(device).left_open() == ()
    other.lock("candidate")


def test_faults(opens: Opens, device: Simulated) -> None:
    session = opens()
    device.fail("rejected", on="^edit-config target candidate config configuration system host-name core-1$")
    with refused("operation-failed"):
        session.edit_config(target="candidate", config=named("core-1"))
    session.edit_config(target="candidate", config=named("core-1"))
    device.fail("locked")
    with refused("in-use"):
        session.edit_config(target="candidate", config=named("core-2"))
    with refused("in-use"):
        session.commit()
    with refused("lock-denied"):
        opens().lock("candidate")
    device.faults.clear()
    device.fail("cut-after", on="^commit")
    with pytest.raises(LOST):
        session.commit()
    assert "core-1" in device.native()


@pytest.mark.parametrize("kind", ["cut-before", "truncated", "reboot"])
def test_a_fault_that_ends_the_session(opens: Opens, device: Simulated, kind: str) -> None:
    session = opens()
    device.fail(kind, on="^get-config")
    with pytest.raises(LOST):
        session.get_config("running")
    assert "r1" in opens().get_config("running").data_xml


def test_a_reboot_restores_what_was_not_confirmed(opens: Opens, device: Simulated) -> None:
    session, before = opens(), device.native()
    session.edit_config(target="candidate", config=named("core-1"))
    session.commit(confirmed=True, persist="token-1")
    device.reboot()
    assert device.native() == before


def test_a_device_that_stores_something_else_and_hashes_its_secrets(opens: Opens, device: Simulated) -> None:
    session = opens()
    device.fail("normalised", find="Core", replace="core")
    device.fail("salted", find="<encrypted-password>([^<]+)<")
    secret = "<root-authentication><encrypted-password>hush</encrypted-password></root-authentication>"
    session.edit_config(target="candidate", config=config(f"<system><host-name>Core</host-name>{secret}</system>"))
    session.commit()
    assert "host-name core\n" in device.native()
    shown = session.get_config("running").data_xml
    assert "hush" not in shown
    assert shown != session.get_config("running").data_xml
    assert "hush" not in "".join(map(str, device.dialogue))
