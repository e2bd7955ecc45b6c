"""``<edit-config>`` over real SSH, met by ncclient: operations, errors, checks; and what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from netconf_client import LOST, REFUSED, Opens, config, named, refused, sessions
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
    device.fail("rejected", on="protocols delete")
    with refused("operation-failed"):
        session.edit_config(target="candidate", config=config('<protocols nc:operation="delete"/>'))
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
