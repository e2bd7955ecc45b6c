"""The indented command line, with a dialect of nobody's."""

from __future__ import annotations

import pytest

from netres.testing.sim.cli import Refused
from netres.testing.sim.device import Simulated
from netres.testing.sim.indented import Call, IndentedCli, IndentedStore, command
from netres.testing.sim.modes import Dialect, Mode
from netres.testing.sim.words import Grammar, Wrong, expanded

TOP = """
hostname = <word>
+ banner <line>
interface <word> -> port
vlan <1-4094> -> vlan
router <word> -> router
route <word> = [<1-255>] [name <word>]
"""
PORT = """
description = <line>
[no] address = <word>
speed = (10|100|auto)
[no] shutdown
peer <word> colour = <word>
peer <word> weight = <0-9>
no peer <word>
"""
DIALECT = Dialect(
    modes={
        "configure": Mode("config", TOP),
        "port": Mode("config-if", PORT, initial={"^interface loop": "no address", "^interface": "shutdown"}),
        "vlan": Mode("config-vlan", "name = <word>\nstate = (active|suspend)"),
        "router": Mode("config-router", "family <word> -> family\nid = <word>"),
        "family": Mode("config-router-af", "network <word>", closing="exit-family"),
    },
    types={},
    invalid="% Invalid",
    incomplete="% Incomplete",
    ambiguous="% Ambiguous: {line}",
    locked="% Locked",
)


class Cli(IndentedCli):
    def enable_password(self) -> str | None:
        return "open"

    @command("configure terminal")
    def configure_terminal(self, call: Call) -> str:
        return self.edits(self.store.running)

    @command("show running-config")
    def show(self, call: Call) -> str:
        return self.shown(self.store.running)

    @command("show clock", user=True)
    def clock(self, call: Call) -> str:
        return "noon\n"


@pytest.fixture
def cli() -> Cli:
    store = IndentedStore(DIALECT, "hostname r1\ninterface e1\n description uplink\ninterface loop0\n")
    return Cli(Simulated("r1", "nobody", store), store)


def typed(cli: Cli, *lines: str) -> str:
    return "".join(cli.line(line) for line in lines)


def test_modes_and_prompts(cli: Cli) -> None:
    prompts = [cli.prompt]
    for line in ("conf t", "interface e1", "router x", "family y", "exit", "interface e2", "exit", "exit"):
        assert not cli.line(line)
        prompts.append(cli.prompt)
    names = ["config", "config-if", "config-router", "config-router-af", "config-router", "config-if", "config"]
    assert prompts == ["r1#", *(f"r1({name})#" for name in names), "r1#"]
    typed(cli, "configure terminal", "vlan 5", "end")
    assert cli.prompt == "r1#"


def test_a_value_is_replaced_and_taken_away(cli: Cli) -> None:
    typed(
        cli, "conf t", "interface e1", "description two  words", "addr a", "speed 100", "no shut", "peer p colour red"
    )
    assert cli.store.native() == (
        "hostname r1\ninterface e1\n description two  words\n address a\n speed 100\n no shutdown\n"
        " peer p colour red\ninterface loop0\n no address\n shutdown\n"
    )
    typed(cli, "no description", "no address", "no peer p", "no speed 10", "hostname r2", "no interface loop0")
    assert cli.store.native() == "hostname r2\ninterface e1\n no address\n no shutdown\n"


def test_blocks_are_sorted_and_closed(cli: Cli) -> None:
    typed(cli, "conf t", "vlan 10", "vlan 9", "router x", "family y", "network b", "network a", "exit-family", "id 1")
    assert cli.store.native().endswith(
        "vlan 9\nvlan 10\nrouter x\n family y\n  network a\n  network b\n exit-family\n id 1\n"
    )
    assert cli.store.parsed(cli.store.native()) == cli.store.running


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("vlan 5000", f"{' ' * 16}^\n% Invalid\n\n"),
        ("vlan", "% Incomplete\n\n"),
        ("no vlan", "% Incomplete\n\n"),
        ("no vlan x", f"{' ' * 19}^\n% Invalid\n\n"),
        ("hostile x", f"{' ' * 15}^\n% Invalid\n\n"),
        ("route x 5 name", "% Incomplete\n\n"),
        ("ro x", "% Ambiguous: ro x\n"),
    ],
)
def test_what_is_wrong_is_told_where(cli: Cli, line: str, answer: str) -> None:
    before = cli.store.native()
    typed(cli, "configure terminal")
    assert typed(cli, line) == answer
    assert cli.store.native() == before


def test_privilege(cli: Cli) -> None:
    typed(cli, "disable")
    assert cli.prompt == "r1>"
    assert typed(cli, "show clock") == "noon\n"
    assert typed(cli, "show running-config") == f"{' ' * 8}^\n% Invalid\n\n"
    typed(cli, "enable")
    assert (cli.shown_prompt, cli.echoes) == ("Password: ", False)
    typed(cli, "wrong", "open")
    assert cli.prompt == "r1#"


@pytest.mark.parametrize(
    ("pipe", "lines"),
    [
        ("include desc", [" description uplink"]),
        ("exclude e", ["hostname r1"][1:]),
        ("section e1", ["interface e1", " description uplink", " shutdown"]),
        ("begin loop", ["interface loop0", " no address", " shutdown"]),
        ("count shut", ["Number of lines which match regexp = 2"]),
    ],
)
def test_pipes(cli: Cli, pipe: str, lines: list[str]) -> None:
    if pipe.startswith("exclude"):
        lines = [line for line in cli.store.native().splitlines() if "e" not in line]
    assert typed(cli, f"show run | {pipe}").splitlines() == lines


def test_somebody_else_holds_the_lock(cli: Cli) -> None:
    cli.device.fail("locked")
    assert typed(cli, "configure terminal") == "% Locked\n"
    assert cli.prompt == "r1#"


def test_a_session_may_edit_a_candidate(cli: Cli) -> None:
    candidate = cli.store.running.copy()
    cli.edits(candidate)
    typed(cli, "no interface e1", "end")
    assert "interface e1" in cli.store.native()
    assert "interface e1" not in cli.store.shown(candidate)


def test_what_was_not_saved_is_lost(cli: Cli) -> None:
    typed(cli, "conf t", "hostname x", "end")
    cli.device.reboot()
    assert cli.store.native().startswith("hostname r1\n")


def test_a_line_that_is_refused_is_named(cli: Cli) -> None:
    with pytest.raises(ValueError, match="refuses the line 'vlan 0': invalid"):
        cli.store.load("hostname x\nvlan 0\n")
    assert cli.store.native().startswith("hostname r1\n")


def test_patterns() -> None:
    assert expanded("a [b|c d] (e|f)") == [
        ("a", "b", "e"),
        ("a", "b", "f"),
        ("a", "c", "d", "e"),
        ("a", "c", "d", "f"),
        ("a", "e"),
        ("a", "f"),
    ]
    with pytest.raises(ValueError, match="lacks"):
        expanded("a [b")
    grammar: Grammar[int] = Grammar({"even": lambda word: word if int(word) % 2 == 0 else None})
    grammar.add("a <even> = <line>", 1)
    assert grammar.match("A 4   b  c ").words == ("a", "4", "b  c")
    with pytest.raises(Wrong) as wrong:
        grammar.match("a 3 b")
    assert (wrong.value.kind, wrong.value.column) == ("invalid", 2)
    assert not isinstance(wrong.value, Refused)


@pytest.mark.parametrize(
    ("modes", "begun", "shown"),
    [
        ([], "sh", ["show"]),
        ([], "show ", ["clock", "running-config"]),
        ([], "show clock ", ["<cr>"]),
        ([], "nothing ", []),
        (["conf t"], "v", ["vlan"]),
        (["conf t"], "vlan ", ["<1-4094>"]),
        (["conf t", "interface e1"], "no s", ["shutdown", "speed"]),
        (["conf t", "interface e1"], "description two ", ["<cr>"]),
    ],
)
def test_help_names_what_may_come(cli: Cli, modes: list[str], begun: str, shown: list[str]) -> None:
    typed(cli, *modes)
    assert cli.help(begun).split() == shown
