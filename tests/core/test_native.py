"""Native lines beside typed Items, and templates of them: what is refused, what is said, what stays hidden."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netres import (
    Config,
    Device,
    Guarantee,
    InvalidConfig,
    NativeConfig,
    PrefixList,
    SecretError,
    Unsupported,
    registry,
)
from netres.errors import NetresError
from netres.inventory.entry import Entry
from netres.model import HiddenPart, PrefixListEntry, Secret
from netres.native import said, written
from netres.templates import Template
from netres.testing.sim import registry as simulators
from netres.testing.sim.device import Simulated
from netres.testing.sim.session import SimulatedSession

FRR = registry.get("frr")
ENTRY = Entry(name="r1", platform="frr", host="192.0.2.1", tags={"site": "lon"}, options={"rack": 7})
LINE = "access-list 10 seq 5 permit 10.0.0.0/8"


def snippet(**fields: object) -> NativeConfig:
    """As a file has it: lines as one text."""
    return NativeConfig.model_validate(fields)


def router() -> tuple[Simulated, Device]:
    simulated = simulators.get("frr").make("r1")
    return simulated, Device("r1", FRR, SimulatedSession(simulated, FRR))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("do clear bgp *", "it is no configuration; leave it out"),
        ("access-list A remark why?", "FRR cannot take this in text"),
        (
            "route-map NEW permit 10\n set metric +5",
            "is not on the device, and is part of route_map[NEW]; add that Item",
        ),
        (
            "ip prefix-list P seq 5 permit 10.0.0.0/8",
            "is part of prefix_list[P ipv4], which the same configuration has",
        ),
    ],
)
def test_lines_that_are_not_sent(lines: str, words: str) -> None:
    _, device = router()
    typed = PrefixList(name="P", entries=(PrefixListEntry(seq=5, prefix="10.0.0.0/8"),))
    with pytest.raises(InvalidConfig, match=words.replace("[", r"\[").replace("]", r"\]")):
        device.plan(Config.of([typed, snippet(name="x", lines=lines)]))


def test_what_is_refused_before_anything_is_sent() -> None:
    _, device = router()
    one = snippet(name="x", lines=LINE)
    with pytest.raises(InvalidConfig, match="say it once"):
        device.plan(Config.of([one, snippet(name="y", lines=LINE)]))
    with pytest.raises(InvalidConfig, match="say it once"):
        device.plan(Config.of([one.model_copy(update={"absent": one.lines})]))
    with pytest.raises(InvalidConfig, match="name them under absent"):
        device.plan(Config.of([one]), {"native_config"})
    with pytest.raises(Unsupported, match="lines for junos"):
        device.plan(Config.of([snippet(name="x", platform="junos", lines="a")]))


def test_a_block_does_not_go_with_lines_that_nobody_named() -> None:
    simulated, device = router()
    simulated.store.load("route-map HAND permit 10\n set metric +5\n")
    with pytest.raises(InvalidConfig, match="it does not name: set metric"):
        device.plan(Config.of([snippet(name="x", absent="route-map HAND permit 10")]))


def test_a_line_without_a_way_back_is_told_before() -> None:
    _, device = router()
    plan = device.plan(Config.of([snippet(name="x", lines="agentx")]))
    assert plan.guarantee is Guarantee.BEST_EFFORT
    assert "cannot disable it once it is enabled" in plan.guarantee_why


def test_a_line_that_replaces_another_is_told_and_brings_it_back() -> None:
    simulated, device = router()
    plan = device.plan(Config.of([snippet(name="x", lines="log syslog informational")]))
    assert "may replace 'log syslog errors'" in plan.notes[0]
    result = device.apply(plan).raise_for_outcome()
    assert "log syslog errors" not in simulated.native()
    device.rollback(result).raise_for_outcome()
    assert "log syslog errors" in simulated.native()


def test_a_stored_plan_and_a_stored_result_do_the_same() -> None:
    simulated, device = router()
    before = simulated.native()
    plan = device.plan(Config.of([snippet(name="x", lines=LINE)]))
    result = device.apply(type(plan).parse(plan.model_dump_json()))
    assert device.refresh(result).outcome.holds
    device.rollback(type(result).parse(result.model_dump_json())).raise_for_outcome()
    assert simulated.native() == before


def test_a_secret_shows_nowhere_and_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NATIVE_WORD", "Gr8-hidden")
    simulated, device = router()
    template = Template(
        name="x", template="access-list {{ word }} seq 5 permit any", secrets={"word": Secret("env:NATIVE_WORD")}
    )
    item = template.render(ENTRY)
    assert item.lines == (("access-list ", HiddenPart(secret=Secret("env:NATIVE_WORD")), " seq 5 permit any"),)
    plan = device.plan(Config.of([item]))
    result = device.apply(plan)
    assert result.outcome.holds
    assert "access-list Gr8-hidden seq 5 permit any" in simulated.native()
    assert device.plan(Config.of([item])).empty
    back = device.rollback(result)
    for shown in (plan, result, back):
        assert "Gr8-hidden" not in shown.model_dump_json() + repr(shown) + str(shown)
    monkeypatch.setenv("NATIVE_WORD", "a?b")
    with pytest.raises(SecretError, match="FRR cannot take this") as error:
        device.plan(Config.of([item]))
    assert "a?b" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x {{ sit }}", "'sit' is undefined"),
        ("x {{ device.tags.nothing }}", "has no attribute 'nothing'"),
        ("x {{ ''.__class__.__mro__ }}", "unsafe"),
        ("x {{ broken }}", "broken: 'a\\\\nreload' holds a line break"),
        ("x {{ blank }}", "blank: ' a' begins or ends with a blank"),
        ("{% for n in range(99999) %}{% for m in range(99999) %}{% endfor %}{% endfor %}", "bound them"),
        ("{% for n in range(9999) %}{{ wide }}{% endfor %}", "bound its loops"),
        ("{% if %}", "Expected an expression"),
        ("x {{ hidden[1:] }}", "a filter changes a secret|holds a line break"),
        ("x {{ 1 / 0 }}", "ZeroDivisionError"),
    ],
)
def test_templates_that_are_refused(text: str, words: str) -> None:
    known = {"broken": "a\nreload", "blank": " a", "wide": "w" * 999}
    with pytest.raises(InvalidConfig, match=words):
        Template(name="t", template=text, variables=known, secrets={"hidden": Secret("env:X")}).render(ENTRY)


def test_variables_of_a_device_win() -> None:
    template = Template(
        name="t",
        template="{% for n in range(2) %}\na {{ device.name }} {{ device.tags.site }} {{ v }} {{ n }}\n{% endfor %}\n",
        variables={"v": "all"},
        devices={"r1": {"v": "mine"}},
    )
    assert template.render(ENTRY).lines == ("a r1 lon mine 0", "a r1 lon mine 1")
    assert template.render(ENTRY.model_copy(update={"name": "r2"})).lines[0] == "a r2 lon all 0"


@given(st.text())
def test_no_value_becomes_a_second_line(value: str) -> None:
    template = Template(name="t", template="access-list A remark {{ value }}\n x", variables={"value": value})
    try:
        item = template.render(ENTRY)
    except NetresError:
        return
    assert len(item.lines) == 2


_TREE = st.recursive(
    st.sampled_from("abcdef"),
    lambda inner: st.tuples(st.sampled_from("uvwxyz"), st.lists(inner, min_size=1)),
    max_leaves=9,
)


def _text(tree: object, depth: int = 0) -> str:
    if isinstance(tree, str):
        return " " * depth + tree + "\n"
    assert isinstance(tree, tuple)
    head, inner = cast("tuple[str, list[object]]", tree)
    return " " * depth + f"{head}\n" + "".join(_text(one, depth + 1) for one in inner)


@given(st.lists(_TREE, min_size=1))
def test_lines_are_spelled_in_one_way(trees: list[object]) -> None:
    assert FRR.snippets
    item = snippet(name="x", lines="".join(map(_text, trees)))
    once = said(item, item.lines, FRR.snippets)
    again = said(item, written(once.lines), FRR.snippets)
    assert set(again.lines) == set(once.lines)
    assert written(again.lines) == written(once.lines)


def test_a_file_with_native_lines_and_templates(tmp_path: Path) -> None:
    file = tmp_path / "desired.yaml"
    file.write_text(
        "items:\n- {kind: prefix_list, name: P, entries: [{seq: 5, prefix: 10.0.0.0/8}]}\n"
        f"native:\n- name: acl\n  lines: |\n    {LINE}\n"
        "templates:\n- name: t\n  template: 'x {{ device.name }}'\n"
    )
    config = Config.load(file, ENTRY)
    assert [str(item.key) for item in config.items] == ["prefix_list[P ipv4]", "native_config[acl]", "native_config[t]"]
    with pytest.raises(InvalidConfig, match=r"desired.yaml:7: .*'device' is undefined"):
        Config.load(file)
    file.write_text("native:\n- name: acl\n  lnes: x\n")
    with pytest.raises(InvalidConfig, match=r"desired.yaml:3: unknown field 'lnes'"):
        Config.load(file)
    file.write_text("native:\n- name: acl\n  lines: do clear bgp *\n")
    _, device = router()
    with pytest.raises(InvalidConfig, match=r"desired.yaml:2: native_config\[acl\]: the line"):
        device.plan(Config.load(file, ENTRY))


def test_platforms_without_lines_say_so() -> None:
    for name in ("snmp", "openwisp", "kamailio", "hostapd"):
        assert registry.get(name).capability("native_config").support == "never"
