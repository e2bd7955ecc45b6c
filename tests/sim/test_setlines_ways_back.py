"""Any lines that set and delete: the candidate is led back, and what is shown makes the same device."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from setline_login import Login, store
from setline_paths import lines

from netres.testing.sim import registry
from netres.testing.sim.schema import Kind, Statement

JUNOS = lines("juniper_junos")


@settings(max_examples=50)
@given(JUNOS, JUNOS)
def test_rollback_0_has_the_candidate_be_what_runs(first: list[str], then: list[str]) -> None:
    device = registry.get("juniper_junos").make("r1")
    one = Login(device)
    one("configure", *first, "commit", *then)
    assert one("rollback 0") == "load complete\n"
    assert one("show | compare") == ""
    assert store(device).left_open() == ()


@settings(max_examples=50)
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


@settings(max_examples=50)
@given(JUNOS)
def test_what_is_shown_makes_the_same_device(given_lines: list[str]) -> None:
    device, other = registry.get("juniper_junos").make("r1"), registry.get("juniper_junos").make("r1")
    one = Login(device)
    one("configure", *given_lines)
    sets, whole = one("show | display set"), one("show")
    two = Login(other)
    two("configure", "delete", "yes", *sets.splitlines())
    assert two("show | display set") == sets
    other.files["whole"] = whole.encode()
    assert two("load override whole") == "load complete\n"
    assert two("show") == whole
    assert two("show | display set") == sets


@settings(max_examples=50)
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
