"""Set lines, line by line: a candidate, its commits, its locks, and what is refused."""

from __future__ import annotations

import pytest
from setline_login import Login, store

from netres.testing.sim import Simulated, registry


@pytest.fixture
def junos() -> Simulated:
    return registry.get("juniper_junos").make("r1")


# Locks and candidates


def test_exclusive_locks_others_out_and_discards_on_disconnect(junos: Simulated) -> None:
    one, other = Login(junos), Login(junos)
    assert "warning: uncommitted changes will be discarded on exit" in one("configure exclusive")
    one("set system host-name x")
    for how in ("configure", "configure exclusive", "configure private"):
        answer = other(how)
        assert answer.startswith("error: configuration database locked by:\n  admin terminal p0 (pid 4001) on since ")
        assert answer.endswith("      exclusive [edit]\n")
    assert store(junos).left_open() == (
        "the candidate has changes that are not committed",
        "session 4001 holds the lock",
    )
    one.session.close()
    assert store(junos).left_open() == ()
    assert "Entering configuration mode" in other("configure exclusive")


def test_a_shared_candidate_is_shared_and_stays(junos: Simulated) -> None:
    one, other = Login(junos), Login(junos)
    one("configure", "set system host-name x")
    answer = other("configure")
    assert "Users currently editing the configuration:\n  admin terminal p0 (pid 4001)" in answer
    assert answer.endswith("The configuration has been changed but not committed\n")
    assert "+  host-name x;" in other("show | compare")
    one.session.close()
    assert store(junos).left_open() == ("the candidate has changes that are not committed",)
    assert Login(junos)("configure exclusive") == "error: configuration database modified\n"
    assert other("commit") == "commit complete\n"
    assert "set system host-name x\n" in junos.native()


def test_private_candidates_are_merged(junos: Simulated) -> None:
    one, other = Login(junos), Login(junos)
    one("configure private", "set system host-name x", "delete protocols lldp")
    other("configure private", "set system domain-name example.net", "set interfaces ge-0/0/0 mtu 1400")
    assert one("commit") == "commit complete\n"
    assert "lldp" in other("show")
    assert other("update", "show | compare | match host-name") == ""
    assert other("commit") == "commit complete\n"
    native = junos.native()
    assert "host-name x\n" in native
    assert "domain-name example.net\n" in native
    assert "lldp" not in native


def test_leaving_with_changes_asks(junos: Simulated) -> None:
    one = Login(junos)
    one("configure", "set system host-name x")
    assert one("exit") == "The configuration has been changed but not committed\n"
    assert one.session.shown_prompt == "Exit with uncommitted changes? [yes,no] (yes) "
    assert one("no") == "Exit aborted\n"
    assert one("exit", "yes") == "Exiting configuration mode\n"
    one("configure", "rollback", "exit", "configure exclusive", "set system host-name y")
    assert "Auto rollback" in one("exit")
    assert one("") == "warning: discarding uncommitted changes\nload complete\nExiting configuration mode\n"
    assert store(junos).left_open() == ()


# Commits


def test_a_commit_that_is_not_confirmed_is_taken_back(junos: Simulated) -> None:
    one, before = Login(junos), junos.native()
    one("configure exclusive", "set system host-name x")
    assert one("commit confirmed 5") == (
        "commit confirmed will be automatically rolled back in 5 minutes unless confirmed\ncommit complete\n"
    )
    assert "# commit confirmed will be rolled back in 5 minutes\n[edit]" in one.session.prompt
    junos.clock.advance(299)
    assert "host-name x" in junos.native()
    junos.clock.advance(2)
    assert junos.native() == before
    assert one("show | compare") == ""
    assert "by root via other" in one("run show system commit")


@pytest.mark.parametrize("confirming", ["commit", "commit check"])
def test_a_commit_is_confirmed(junos: Simulated, confirming: str) -> None:
    one = Login(junos)
    one("configure exclusive", "set system host-name x", "commit confirmed", confirming, "exit")
    junos.clock.advance(10_000)
    assert "host-name x" in junos.native()
    assert store(junos).left_open() == ()


def test_a_second_commit_confirmed_goes_back_to_before_the_first(junos: Simulated) -> None:
    one, before = Login(junos), junos.native()
    one("configure", "set system host-name x", "commit confirmed 5", "set system host-name y", "commit confirmed 1")
    junos.clock.advance(61)
    assert junos.native() == before


def test_a_refused_commit_changes_nothing(junos: Simulated) -> None:
    one, before = Login(junos), junos.native()
    one("configure", "set protocols bgp group g neighbor 192.0.2.2")
    for line in ("commit", "commit check", "commit confirmed 5"):
        assert one(line).endswith("error: configuration check-out failed\n")
    assert junos.native() == before
    one("set protocols bgp group g peer-as 65002")
    assert one("commit check") == "configuration check succeeds\n"


def test_a_reboot_loses_candidates_and_locks_and_what_is_not_confirmed(junos: Simulated) -> None:
    one = Login(junos)
    one("configure exclusive", "set system host-name kept", "commit", "set system host-name x", "commit confirmed 5")
    junos.reboot()
    assert "host-name kept" in junos.native()
    assert store(junos).left_open() == ()
    assert not one.session.alive


def test_history(junos: Simulated) -> None:
    one = Login(junos)
    one("configure", "set system host-name x", 'commit comment "first try"', "set system host-name y", "commit")
    assert "    first try\n" in one("run show system commit")
    assert one("show | compare rollback 1") == "[edit system]\n-  host-name x;\n+  host-name y;\n"
    assert one("rollback 1") == "load complete\n"
    assert "juniper.conf.9.gz: No such file or directory" in one("rollback 9")
    assert one("rollback x").endswith("syntax error.\n")


# Lines


@pytest.mark.parametrize(
    ("line", "column", "text"),
    [
        ("set foo", 4, "syntax error."),
        ("set system colour red", 11, "syntax error."),
        ("set system host-name", 21, "missing mandatory argument."),
        ("set system host-name -x-", 21, "invalid value: '-x-' in 'host-name'."),
        ("set interfaces eth0", 15, "syntax error."),
        ("set system host-name a b", 23, "syntax error."),
        ("dance", 0, "unknown command."),
        ("commit please", 0, "syntax error."),
    ],
)
def test_a_line_that_does_not_fit_is_refused_below_its_word(
    junos: Simulated, line: str, column: int, text: str
) -> None:
    one = Login(junos)
    one("configure")
    assert one(line) == f"{' ' * (len('admin@r1# ') + column)}^\n{text}\n"
    assert store(junos).left_open() == ()


def test_values_and_entries(junos: Simulated) -> None:
    one = Login(junos)
    one("configure", "set interfaces ge-0/0/1 mtu 1400", "set interfaces ge-0/0/1 mtu 1500")
    one('set interfaces ge-0/0/1 description "a \\"b\\" ; c"')
    one("set policy-options policy-statement P term a from protocol [ bgp static ]")
    assert one("show interfaces ge-0/0/1") == 'description "a \\"b\\" ; c";\nmtu 1500;\n'
    assert one("show policy-options") == (
        "policy-statement P {\n    term a {\n        from {\n"
        "            protocol [ bgp static ];\n        }\n    }\n}\n"
    )
    one("delete policy-options policy-statement P term a from protocol bgp")
    assert "protocol static;" in one("show policy-options")
    assert one("delete policy-options policy-statement Q") == "warning: statement not found\n"
    one("delete interfaces", "delete policy-options")
    assert "interfaces" not in one("show")


def test_places(junos: Simulated) -> None:
    one = Login(junos)
    one("configure", "edit interfaces ge-0/0/1", "set mtu 1400", "edit unit 0")
    assert one.session.prompt == "\n[edit interfaces ge-0/0/1 unit 0]\nadmin@r1# "
    one("set family inet address 192.0.2.1/30", "top set system domain-name example.net", "up")
    assert one("show | display set") == (
        "set interfaces ge-0/0/1 mtu 1400\nset interfaces ge-0/0/1 unit 0 family inet address 192.0.2.1/30\n"
    )
    assert one("exit", "show interfaces ge-0/0/1 mtu") == "mtu 1400;\n"
    assert one("set foo").endswith("syntax error.\n")
    one("edit interfaces ge-0/0/1")
    assert one("set foo") == f"{' ' * len('admin@r1# set ')}^\nsyntax error.\n"
    assert "example.net" in one("top", "show system")
    assert one("edit interfaces ge-0/0/1 unit 0", "up 2", "show ge-0/0/1 mtu") == "mtu 1400;\n"


def test_everything_under_a_place_is_deleted_when_asked_twice(junos: Simulated) -> None:
    one = Login(junos)
    one("configure", "edit interfaces", "delete")
    assert one.session.shown_prompt == "Delete everything under this level? [yes,no] (no) "
    one("no")
    assert "ge-0/0/0" in one("show")
    assert one("delete", "yes", "show") == ""
    assert one("top", "delete") == "This will delete the entire configuration\n"
    assert one("yes", "show") == ""
    assert one("set").endswith("syntax error.\n")


def test_somebody_else_has_the_lock(junos: Simulated) -> None:
    one = Login(junos)
    one("configure")
    junos.fail("locked")
    for line in ("set system host-name x", "commit", "rollback", "load merge terminal", "delete"):
        assert one(line).startswith("error: configuration database locked by:\n  root terminal d0 (pid 3999)")
    junos.faults.clear()
    assert one("set system host-name x", "commit") == "commit complete\n"


def test_it_stores_something_else_and_hashes_its_secrets(junos: Simulated) -> None:
    one = Login(junos)
    junos.fail("normalised", find="Core", replace="core")
    junos.fail("salted", find='encrypted-password "?([^";]+)')
    one("configure", "set system host-name Core", "set system root-authentication encrypted-password hush", "commit")
    assert "host-name core\n" in junos.native()
    shown = [one("show system root-authentication") for _ in range(2)]
    assert shown[0] != shown[1]
    assert "hush" not in shown[0]
    one.type("load set terminal\rset system domain-name Core.net\r\x04")
    assert one("show system domain-name") == "domain-name core.net;\n"


def test_a_deactivated_part_is_shown_and_loaded_as_such(junos: Simulated) -> None:
    one = Login(junos)
    one("configure", "set interfaces ge-0/0/1 mtu 1400", "deactivate interfaces ge-0/0/1", "commit")
    assert "    inactive: ge-0/0/1 {\n" in one("show")
    assert "deactivate interfaces ge-0/0/1\n" in one("show | display set")
    assert "ge-0/0/1                down  down" in one("run show interfaces terse")
    one("activate interfaces ge-0/0/1")
    assert one("show | compare") == "[edit interfaces]\n!   active: ge-0/0/1 { ... }\n"


def test_loading_from_the_terminal(junos: Simulated) -> None:
    one = Login(junos)
    one.type("configure\rload merge terminal\r")
    shown = one.type("system {\rhost-name x;\r}\r\rinactive: interfaces { ge-0/0/1 { mtu 1400; } }\r\x04")
    assert "load complete\n" in shown
    assert "inactive: interfaces {" in one("show")
    one.type("load set terminal\rset system domain-name y.z\rdelete interfaces\rset foo\r\x04")
    assert "domain-name y.z;" in one("show system")
    assert "interfaces" not in one("show")
    assert "syntax error: foo\nload complete (1 errors)" in one.type("load set terminal\rset foo\r\x04")
    one.type("load override terminal\rsystem { host-name z; }\r\x04")
    assert one("show") == "system {\n    host-name z;\n}\n"
    one.type("load replace terminal\rreplace: system { domain-name a.b; }\r\x04")
    assert one("show") == "system {\n    domain-name a.b;\n}\n"
    assert "error: problem checking file: x: No such file" in one("load merge x")
    junos.files["x"] = b"snmp { location lab; }"
    assert one("load merge x", "show snmp") == "location lab;\n"
