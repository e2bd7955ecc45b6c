"""Who wins: a device over its groups, a group over its parents, all over the defaults."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netres import Inventory
from netres.inventory import Entry
from netres.model.secret import Secret

Shape: TypeAlias = dict[str, dict[str, list[str]]]


def entry(**sections: object) -> Entry:
    """The device ``r`` of an inventory whose defaults reach it."""
    return Inventory.from_mapping({"defaults": {"platform": "frr", "host": "h"}, **sections})["r"]


def test_a_device_wins_over_groups_over_parents_over_defaults() -> None:
    sections = {
        "defaults": {"platform": "frr", "host": "h", "username": "defaults", "port": 1},
        "groups": {"parent": {"username": "parent", "port": 2}, "child": {"groups": ["parent"], "port": 3}},
        "devices": {"r": {"groups": ["child"], "host": "own"}},
    }
    found = entry(**sections)
    assert (found.username, found.port, found.host) == ("parent", 3, "own")


def test_the_group_listed_first_wins() -> None:
    groups = {"a": {"port": 1}, "b": {"port": 2, "username": "b"}}
    found = entry(groups=groups, devices={"r": {"groups": ["a", "b"]}})
    assert (found.port, found.username, found.groups) == (1, "b", ("a", "b"))


def test_a_group_wins_over_a_parent_that_another_group_shares() -> None:
    groups = {"base": {"port": 1}, "a": {"groups": ["base"]}, "b": {"groups": ["base"], "port": 2}}
    found = entry(groups=groups, devices={"r": {"groups": ["a", "b"]}})
    assert (found.port, found.groups) == (2, ("a", "b", "base"))


@pytest.mark.parametrize(
    ("field", "default", "group", "device", "merged"),
    [
        ("tags", {"a": "1", "b": "1"}, {"b": "2", "c": "2"}, {"c": "3"}, {"a": "1", "b": "2", "c": "3"}),
        ("options", {"a": 1, "b": 1}, {"b": 2, "c": 2}, {"c": 3}, {"a": 1, "b": 2, "c": 3}),
    ],
)
def test_mappings_merge_by_key(field: str, default: object, group: object, device: object, merged: object) -> None:
    found = entry(
        defaults={"platform": "frr", "host": "h", field: default},
        groups={"g": {field: group}},
        devices={"r": {"groups": ["g"], field: device}},
    )
    assert getattr(found, field) == merged


def test_ssh_and_timeouts_merge_by_key_and_only_what_was_written_counts() -> None:
    found = entry(
        defaults={
            "platform": "frr",
            "host": "h",
            "timeouts": {"connect": 1, "command": 1},
            "ssh": {"jump": "j", "agent": False, "passphrase": "env:P"},
        },
        groups={"g": {"timeouts": {"command": 2}, "ssh": {"known_hosts": "k"}}},
        devices={"r": {"groups": ["g"], "ssh": {"jump": "own"}}},
    )
    assert (found.timeouts.connect, found.timeouts.command) == (1, 2)
    assert found.ssh.model_dump(exclude_unset=True) == {
        "jump": "own",
        "agent": False,
        "passphrase": Secret("env:P"),
        "known_hosts": Path("k"),
    }


def test_a_device_shares_nothing_changeable_with_its_group() -> None:
    groups = {"g": {"tags": {"a": "1"}}}
    inventory = Inventory.from_mapping(
        {"groups": groups, "devices": {name: {"platform": "frr", "host": "h", "groups": ["g"]} for name in "rs"}}
    )
    tags = inventory["r"].tags
    assert isinstance(tags, dict)
    tags["a"] = "changed"
    assert inventory["s"].tags == {"a": "1"}
    assert inventory.select("a=1").names == ("r", "s")


def test_a_long_chain_of_groups_is_no_problem() -> None:
    groups: dict[str, object] = {f"g{depth}": {"groups": [f"g{depth + 1}"]} for depth in range(1500)}
    groups["g1500"] = {"port": 7}
    found = entry(groups=groups, devices={"r": {"groups": ["g0"]}})
    assert found.port == 7
    assert len(found.groups) == 1501


@st.composite
def _forests(draw: st.DrawFn) -> Shape:
    """Groups without cycles: each may have parents among those after it."""
    names = [f"g{number}" for number in range(draw(st.integers(1, 7)))]
    groups = {
        name: {"groups": draw(st.lists(st.sampled_from(names[place + 1 :]), unique=True)) if names[place + 1 :] else []}
        for place, name in enumerate(names)
    }
    return {**groups, "device": {"groups": draw(st.lists(st.sampled_from(names)))}}


@given(_forests(), st.data())
def test_the_nearest_that_says_something_wins_and_no_group_comes_before_its_children(
    shape: Shape, data: st.DataObject
) -> None:
    speakers = data.draw(st.sets(st.sampled_from(sorted({*shape, "defaults"}))))

    def section(name: str) -> dict[str, object]:
        return {**shape.get(name, {}), **({"tags": {"who": name}} if name in speakers else {})}

    groups = [name for name in shape if name != "device"]
    found = entry(
        defaults={"platform": "frr", "host": "h", **section("defaults")},
        groups={name: section(name) for name in groups},
        devices={"r": section("device")},
    )
    for child in ("device", *found.groups):
        order = [group for group in found.groups if group in shape[child]["groups"]]
        assert {*order} == {*shape[child]["groups"]}
        assert all(found.groups.index(parent) > found.groups.index(child) for parent in order if child != "device")
    assert len(found.groups) == len({*found.groups})
    ranked = ["device", *found.groups, "defaults"]
    assert found.tags.get("who") == next((name for name in ranked if name in speakers), None)
