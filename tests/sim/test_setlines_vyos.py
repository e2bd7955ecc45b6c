"""Set lines with a private candidate for each login: commit-confirm that reboots or reloads, save, discard."""

from __future__ import annotations

import pytest
from setline_login import Login, store

from netres.testing.sim import Simulated, registry
from netres.testing.sim.faults import FaultKind


@pytest.fixture
def vyos() -> Simulated:
    return registry.get("vyos").make("r1")


def test_it_refuses_in_its_words(vyos: Simulated) -> None:
    one = Login(vyos)
    one("configure")
    assert one("set interfaces ethernet eth1 foo") == (
        "\n  Configuration path: interfaces ethernet eth1 [foo] is not valid\n  Set failed\n\n"
    )
    assert "already exists" in one("set system host-name r1")
    assert "requires a value" in one("set system host-name")
    assert "single quote" in one('set interfaces ethernet eth1 description "it\'s"')
    assert "Nothing to delete" in one("delete system domain-name")
    assert one("commit") == "No configuration changes to commit\n"
    one("set protocols bgp neighbor 192.0.2.2 remote-as 65002")
    assert one("commit").endswith("[[protocols bgp]] failed\nCommit failed\n")
    vyos.fail("locked")
    one("set protocols bgp system-as 65001")
    assert "temporarily locked" in one("commit")
    vyos.faults.clear()
    assert one("commit") == ""


def test_it_keeps_what_is_saved(vyos: Simulated) -> None:
    one = Login(vyos)
    one("configure", "set system host-name kept", "commit")
    assert one("save") == "Saving configuration to '/config/config.boot'...\nDone\n"
    one("set system host-name lost", "commit")
    vyos.reboot()
    assert "set system host-name 'kept'\n" in vyos.native()
    two = Login(vyos)
    two("configure", "set system host-name other", "load")
    assert two("compare") == "No changes between working and active configurations.\n"


def test_it_reboots_what_nobody_confirms(vyos: Simulated) -> None:
    one = Login(vyos)
    one("configure", "set system host-name x")
    assert one("commit-confirm 5").startswith("commit-confirm will automatically reboot in 5 minutes unless changes")
    assert one("y") == "Initialized commit-confirm; 5 minutes to confirm before reboot\n"
    one("set system domain-name example.net", "commit")
    assert "Another confirm is pending" in one("commit-confirm 5")
    vyos.clock.advance(301)
    assert "host-name 'r1'" in vyos.native()
    assert not one.session.alive


def test_a_line_to_a_router_that_reboots_before_it_is_not_done(vyos: Simulated) -> None:
    one = Login(vyos)
    one("configure", "set system host-name x", "commit-confirm 5", "y")
    vyos.clock.advance(301)
    done = vyos.operate("cli", "commit", lambda: one.session.line("set system host-name y"), str)
    assert (done.answer, done.kind) == (None, FaultKind.REBOOT)
    assert vyos.epoch == 1


def test_it_reloads_where_it_is_told_to(vyos: Simulated) -> None:
    one = Login(vyos)
    one("configure", "set system config-management commit-confirm action reload", "commit")
    one("set system host-name x", "commit-confirm 5")
    assert one("y") == "Initialized commit-confirm; 5 minutes to confirm before reload\n"
    vyos.clock.advance(301)
    assert "host-name 'r1'" in vyos.native()
    assert one.session.alive
    one("discard", "set system host-name y", "commit-confirm 5", "y")
    assert one("confirm") == "Reload timer stopped\n"
    vyos.clock.advance(301)
    assert "host-name 'y'" in vyos.native()
    assert one("confirm") == "No confirm pending\n"


def test_candidates_are_private(vyos: Simulated) -> None:
    one, other = Login(vyos), Login(vyos)
    one("configure", "set system host-name x")
    other("configure", "set interfaces ethernet eth1 description lan")
    assert "host-name x" not in other("show system")
    one("commit")
    other("commit")
    assert {"set system host-name 'x'", "set interfaces ethernet eth1 description 'lan'"} <= set(
        vyos.native().splitlines()
    )
    assert other("compare commands 1") == "set interfaces ethernet eth1 description 'lan'\n"
    assert other("rollback-soft 1", "compare commands") == "delete interfaces ethernet eth1 description lan\n"
    assert other("compare") == "[interfaces ethernet eth1]\n- description lan\n\n"
    assert other("exit").startswith("Cannot exit: configuration modified.")
    assert store(vyos).left_open() == ("session 4002 has changes that are not committed",)
    other("exit discard")
    assert store(vyos).left_open() == ()
