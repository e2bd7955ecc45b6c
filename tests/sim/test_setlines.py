"""Set lines, line by line and by property: a candidate, its commits, and the way back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netres.testing.sim import Simulated, registry
from netres.testing.sim.candidate import Candidates
from netres.testing.sim.cli import CliSession
from netres.testing.sim.schema import Kind, Statement
from netres.testing.sim.terminal import Terminal
from netres.testing.sim.wire import Send


class Login:
    """A login at a simulated router, line by line."""

    def __init__(self, device: Simulated) -> None:
        assert device.cli is not None
        self.device = device
        self.session: CliSession = device.cli()
        self.terminal = Terminal(self.session)

    def __call__(self, *lines: str) -> str:
        """The answer to the last of some lines."""
        answer = ""
        for line in lines:
            done = self.device.operate("cli", line, lambda line=line: self.session.line(line), str)
            answer = done.answer or ""
        return answer

    def type(self, keys: str) -> str:
        """What the terminal shows for what is typed."""
        made = self.terminal.feed(keys.encode())
        return "".join(act.data.decode().replace("\r\n", "\n") for act in made if isinstance(act, Send))


def store(device: Simulated) -> Candidates:
    assert isinstance(device.store, Candidates)
    return device.store


@pytest.fixture
def junos() -> Simulated:
    return registry.get("juniper_junos").make("r1")


@pytest.fixture
def vyos() -> Simulated:
    return registry.get("vyos").make("r1")


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
        ("set system host-name", 21, "missing argument."),
        ("set system host-name -x-", 21, "invalid value '-x-' in 'host-name'."),
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


# VyOS


def test_vyos_refuses_in_its_words(vyos: Simulated) -> None:
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


def test_vyos_keeps_what_is_saved(vyos: Simulated) -> None:
    one = Login(vyos)
    one("configure", "set system host-name kept", "commit")
    assert one("save") == "Saving configuration to '/config/config.boot'...\nDone\n"
    one("set system host-name lost", "commit")
    vyos.reboot()
    assert "set system host-name 'kept'\n" in vyos.native()
    two = Login(vyos)
    two("configure", "set system host-name other", "load")
    assert two("compare") == "No changes between working and active configurations.\n"


def test_vyos_reboots_what_nobody_confirms(vyos: Simulated) -> None:
    one = Login(vyos)
    one("configure", "set system host-name x")
    assert one("commit-confirm 5").startswith("commit-confirm will automatically reboot in 5 minutes unless changes")
    assert one("y") == "Initialized commit-confirm; 5 minutes to confirm before reboot\n"
    one("set system domain-name example.net", "commit")
    assert "Another confirm is pending" in one("commit-confirm 5")
    vyos.clock.advance(301)
    assert "host-name 'r1'" in vyos.native()
    assert not one.session.alive


def test_vyos_reloads_where_it_is_told_to(vyos: Simulated) -> None:
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


def test_vyos_candidates_are_private(vyos: Simulated) -> None:
    one, other = Login(vyos), Login(vyos)
    one("configure", "set system host-name x")
    other("configure", "set interfaces ethernet eth1 description lan")
    assert "host-name x" not in other("show system")
    one("commit")
    other("commit")
    assert {"set system host-name 'x'", "set interfaces ethernet eth1 description 'lan'"} <= set(
        vyos.native().splitlines()
    )
    assert other("rollback-soft 1", "compare") == "[interfaces ethernet eth1]\n- description lan\n\n"
    assert other("exit").startswith("Cannot exit: configuration modified.")
    assert store(vyos).left_open() == ("session 4002 has changes that are not committed",)
    other("exit discard")
    assert store(vyos).left_open() == ()


# Properties

WORDS = {"word": ["a", "b2"], "text": ["x", "two words", 'q"\\;{ |#'], "number": ["7"], "address": ["192.0.2.1", "::1"]}
WORDS |= {"cidr": ["192.0.2.1/30", "2001:db8::1/64"], "prefix": ["10.0.0.0/8"], "host": ["h1"]}


def values(statement: Statement) -> list[str]:
    """Some that fit."""
    known = WORDS.get(statement.type.split(",")[0])
    if known:
        return known
    low, dots, _ = statement.type.partition("..")
    if dots:
        return [low, str(int(low) + 1)]
    return ["ge-0/0/1", "lo0"] if statement.hidden else statement.type.split("|")[:2]


def quoted(word: str) -> str:
    return word if word.isalnum() else '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


@st.composite
def paths(draw: st.DrawFn, root: Statement) -> str:
    """A path of a schema, as it is typed."""
    words: list[str] = []
    here = root
    while here.children and (not words or draw(st.booleans()) or draw(st.booleans())):
        here = draw(st.sampled_from(here.children))
        words += [] if here.hidden else [here.name]
        if here.valued:
            words.append(quoted(draw(st.sampled_from(values(here)))))
    return " ".join(words)


def lines(platform: str) -> st.SearchStrategy[list[str]]:
    device = registry.get(platform).make("r1")
    one = st.tuples(st.sampled_from(["set", "set", "set", "delete"]), paths(store(device).schema)).map(" ".join)
    return st.lists(one, max_size=12)


JUNOS = lines("juniper_junos")


@given(JUNOS, JUNOS)
def test_rollback_0_has_the_candidate_be_what_runs(first: list[str], then: list[str]) -> None:
    device = registry.get("juniper_junos").make("r1")
    one = Login(device)
    one("configure", *first, "commit", *then)
    assert one("rollback 0") == "load complete\n"
    assert one("show | compare") == ""
    assert store(device).left_open() == ()


@given(JUNOS, JUNOS)
def test_rollback_1_leads_back_byte_for_byte(first: list[str], then: list[str]) -> None:
    device = registry.get("juniper_junos").make("r1")
    one = Login(device)
    one("configure", *first, "commit")
    before, shown = device.native(), one("run show configuration | display omit").partition("\n")[2]
    if one(*(then or ["rollback 0"]), "commit") == "commit complete\n":
        assert one("rollback 1", "commit") == "commit complete\n"
    assert device.native() == before
    assert one("run show configuration | display omit").partition("\n")[2] == shown


@given(JUNOS)
def test_what_is_shown_makes_the_same_device(given_lines: list[str]) -> None:
    device, other = registry.get("juniper_junos").make("r1"), registry.get("juniper_junos").make("r1")
    one = Login(device)
    one("configure", *given_lines)
    sets, whole = one("show | display set"), one("show")
    two = Login(other)
    two("configure", "delete", *sets.splitlines())
    assert two("show | display set") == sets
    other.files["whole"] = whole.encode()
    assert two("load override whole") == "load complete\n"
    assert two("show") == whole
    assert two("show | display set") == sets


@given(lines("vyos"))
def test_vyos_commands_and_braces_make_the_same_device(given_lines: list[str]) -> None:
    device, other = registry.get("vyos").make("r1"), registry.get("vyos").make("r2")
    one, two = Login(device), Login(other)
    one("configure", *given_lines, "commit", "discard", "save")
    commands = one("run show configuration commands")
    two("configure", *(f"delete {top}" for top in ("interfaces", "service", "system")), *commands.splitlines())
    two("commit")
    assert other.native() == commands
    other.files["/config/config.boot"] = device.files["/config/config.boot"]
    two("load")
    assert two("compare") == "No changes between working and active configurations.\n"


def test_every_kind_of_statement_is_tried() -> None:
    found: set[Kind] = set()

    def walk(statement: Statement, then: Callable[[Statement], None]) -> None:
        then(statement)
        for child in statement.children:
            walk(child, then)

    walk(store(registry.get("juniper_junos").make("r1")).schema, lambda statement: found.add(statement.kind))
    assert found == set(Kind)
