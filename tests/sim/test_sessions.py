"""Configuration sessions, whatever is entered in them: in this process, through a platform that has them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netres.testing.sim import Simulated, registry
from netres.testing.sim.cli import CliSession
from netres.testing.sim.sessions import SessionStore

LINES = (
    "hostname other", "no hostname", "vlan 10", "no vlan 10", "vlan 4094", "name voice", "no name", "state suspend",
    "interface Ethernet1", "int et2", "no interface Ethernet1", "interface Loopback0", "no interface Loopback0",
    "description a b  c", "no description", "shutdown", "no shutdown", "default shutdown", "no switchport",
    "switchport", "ip address 192.0.2.1/24", "ip address 192.0.2.2/24 secondary", "no ip address", "ip routing",
    "no ip routing", "router bgp 65001", "no router bgp", "neighbor 192.0.2.9 remote-as 65009",
    "neighbor 192.0.2.9 route-map OUT out", "neighbor 192.0.2.9 password hush", "no neighbor 192.0.2.9",
    "address-family ipv4", "neighbor 192.0.2.9 activate", "ip prefix-list P", "seq 10 permit 192.0.2.0/24",
    "route-map M permit 10", "match ip address prefix-list P", "ip route 0.0.0.0/0 192.0.2.254",
    "username bob privilege 15 secret hush", "management api http-commands", "rollback clean-config", "exit", "end",
    "configure session s", "show session-config diffs", "show running-config", "!", "", "nonsense", "no", "vlan",
    "vlan 99999", "ip address 192.0.2.300/24", "do show version",
)  # fmt: skip
edits = st.lists(
    st.sampled_from(LINES) | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20), max_size=20
)
some = settings(max_examples=40, deadline=None)


def device(*loaded: str) -> Simulated:
    made = registry.get("arista_eos").make("r1")
    made.store.load("\n".join(("vlan 10", "name first", "interface Ethernet1", "description first", *loaded)))
    return made


def login(made: Simulated) -> CliSession:
    assert made.cli is not None
    return made.cli()


def inside(made: Simulated, name: str, lines: list[str]) -> CliSession:
    """A login that entered lines in a session, and is in it: whatever leaves it is entered again."""
    session = login(made)
    session.line(f"configure session {name}")
    for line in lines:
        if not line.strip().lower().startswith(("com", "ab", "reloa", "wr", "copy", "conf", "del", "lo", "qu", "dis")):
            session.line(line)
            if "(config-s-" not in session.prompt:
                session = login(made)
                session.line(f"configure session {name}")
    return session


@some
@given(edits)
def test_what_is_aborted_never_was(lines: list[str]) -> None:
    made = device()
    before = made.native()
    session = inside(made, "s", lines)
    assert made.native() == before
    session.line("abort")
    assert made.native() == before
    assert "s " not in session.line("show configuration sessions")


@some
@given(edits)
def test_a_commit_on_trial_is_taken_back_whole(lines: list[str]) -> None:
    made = device()
    before = made.native()
    session = inside(made, "s", lines)
    candidate = session.line("show session-config").split("\n", 2)[2]
    session.line("commit timer 00:10:00")
    assert made.native().split("\n", 1)[1] == candidate
    made.clock.advance(601)
    assert made.native() == before
    session = inside(made, "s", lines)
    session.line("commit timer 00:10:00")
    assert session.line("configure session s abort") == ""
    assert made.native() == before


@some
@given(edits)
def test_a_commit_and_the_way_back(lines: list[str]) -> None:
    made = device()
    before = made.native()
    session = inside(made, "s", lines)
    candidate = session.line("show session-config").split("\n", 2)[2]
    assert login(made).line("copy running-config flash:rollback-0") == "Copy completed successfully.\n"
    session.line("commit")
    assert made.native().split("\n", 1)[1] == candidate
    session.line("configure replace flash:rollback-0")
    assert made.native() == before


@some
@given(edits, edits)
def test_two_sessions_do_not_see_each_other(ours: list[str], theirs: list[str]) -> None:
    made, alone = device(), device()
    before = made.native()
    mine, other = inside(made, "mine", []), inside(made, "other", theirs)
    shown = other.line("show session-config")
    for line in ours:
        if not line.strip().lower().startswith(("com", "ab", "reloa", "wr", "copy", "conf", "del", "en", "ex", "r")):
            mine.line(line)
    assert login(made).line("show session-config named other").split("\n", 1)[1] == shown.split("\n", 1)[1]
    assert made.native() == before
    kept = inside(alone, "mine", [])
    for line in ours:
        if not line.strip().lower().startswith(("com", "ab", "reloa", "wr", "copy", "conf", "del", "en", "ex", "r")):
            kept.line(line)
    mine.line("commit")
    kept.line("commit")
    assert made.native() == alone.native()


@some
@given(edits)
def test_what_is_shown_is_what_is_loaded(lines: list[str]) -> None:
    made = device()
    inside(made, "s", lines).line("commit")
    shown = made.native()
    again = registry.get("arista_eos").make("r1")
    session = login(again)
    again.files["flash:shown"] = again.files["shown"] = shown.encode()
    assert session.line("configure replace flash:shown") == ""
    assert again.native() == shown


def test_a_commit_overwrites_what_was_changed_meanwhile() -> None:
    made = device()
    session = inside(made, "s", ["vlan 20"])
    other = login(made)
    for line in ("configure", "vlan 30"):
        other.line(line)
    assert "-vlan 30\n" in session.line("show session-config diffs")
    session.line("commit")
    assert "vlan 20\n" in made.native()
    assert "vlan 30\n" not in made.native()


def test_a_candidate_is_copied_into_and_out_of() -> None:
    made = device()
    session = inside(made, "s", ["vlan 20", "rollback clean-config"])
    assert "-vlan 10" in session.line("show session-config diffs")
    assert session.line("copy running-config session-config") == "Copy completed successfully.\n"
    assert session.line("show session-config diffs") == ""
    session.line("vlan 21")
    session.line("copy session-config flash:kept")
    assert b"vlan 21\n" in made.files["kept"]
    session.line("abort")
    assert session.line("copy running-config session-config") == "% Invalid input\n"


def test_only_one_commit_is_on_trial() -> None:
    made = device()
    session = inside(made, "one", ["vlan 20"])
    assert isinstance(made.store, SessionStore)
    assert made.store.left_open() == ("session one is pending",)
    session.line("commit timer 00:01:00")
    assert made.store.left_open() == ("session one is trial",)
    assert "commit timer of session one is pending" in inside(made, "two", ["vlan 30"]).line("commit")
    assert "vlan 30\n" not in made.native()
    assert session.line("configure session one commit timer 00:02:00") == ""
    made.clock.advance(61)
    assert "vlan 20\n" in made.native()
    assert session.line("configure session one commit") == ""
    assert not [left for left in made.store.left_open() if "one" in left]
    assert "already completed" in session.line("configure session one commit")
    assert "already completed" in session.line("configure session one abort")
    assert "already completed" in session.line("configure session one")
    made.clock.advance(1000)
    assert "vlan 20\n" in made.native()


def test_a_session_that_another_login_ended() -> None:
    made = device()
    mine = inside(made, "s", ["vlan 20"])
    assert login(made).line("configure session s commit") == ""
    assert "already completed" in mine.line("vlan 21")
    assert mine.prompt == "r1#"
    mine = inside(made, "t", ["vlan 22"])
    assert login(made).line("configure session t abort") == ""
    assert "does not exist" in mine.line("vlan 23")
    assert "vlan 2" + "0\n" in made.native()
    assert "vlan 22" not in made.native()


def test_a_session_is_dropped_after_a_day() -> None:
    made = device()
    inside(made, "s", ["vlan 20"]).close()
    made.clock.advance(24 * 3600 - 5)
    made.native()
    assert "+vlan 20" in login(made).line("show session-config named s diffs")
    made.clock.advance(10)
    made.native()
    assert "does not exist" in login(made).line("show session-config named s diffs")


def test_sessions_without_a_name_have_different_ones() -> None:
    made = device()
    one, two = login(made), login(made)
    one.line("configure session")
    two.line("configure session")
    assert one.prompt == "r1(config-s-sess-1)#"
    assert two.prompt == "r1(config-s-sess-2)#"


@pytest.mark.parametrize(
    "line", ["commit", "abort", "rollback clean-config", "show session-config", "commit timer 00:01:00"]
)
def test_outside_a_session_there_is_none(line: str) -> None:
    assert login(device()).line(line) == "% Invalid input\n"


@pytest.mark.parametrize("time", ["1", "00:61:00", "x", "00:00", "-1:00:00"])
def test_a_time_that_is_none(time: str) -> None:
    made = device()
    assert inside(made, "s", []).line(f"commit timer {time}").startswith("% In")
    assert "pending" in login(made).line("show configuration sessions")
