"""Law 9 as a property: whatever text stands in whatever field, what is sent reads back as that Item."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from netres import registry
from netres.errors import NetresError
from netres.flow import Cli
from netres.model import KINDS, BgpNeighbor, BgpRouter, Config, Item, Key
from netres.model.secret import Secret
from netres.offline import parse, render, revealed
from netres.resource import Device
from netres.testing.hostile import HOSTILE, replaced, texts
from netres.testing.samples import fitting
from netres_drivers.memory.device import MemoryDevice

FRR, MEMORY = registry.get("frr"), registry.get("memory")
ITEMS: list[Item] = [item for sample in fitting(FRR) for item in sample.items]
EVERY_ITEM: list[Item] = [item for sample in fitting(MEMORY) for item in sample.items]
PLACES = [(item, place) for item in ITEMS for place in texts(item.model_dump(exclude_none=True))]
EVERY_PLACE = [(item, place) for item in EVERY_ITEM for place in texts(item.model_dump(exclude_none=True))]
FRAGMENTS = st.sampled_from(
    ["\n", "\r", "\x1b[A", "\x03", "\t", " ", "  ", "!", "#", ";", "|", " | ", "?", '"', "'", "\\", "`", "$(", "/",
     "..", "exit", "end", "no ", "\u2028", "\u0085", "\u00a0", "\u202e", "\uff5c", "\u0430", "\x16", "%0a", "x" * 600]
)  # fmt: skip
NASTY = st.one_of(
    st.sampled_from(HOSTILE), st.lists(st.one_of(FRAGMENTS, st.text(max_size=4)), min_size=1, max_size=6).map("".join)
)


Place = tuple[Item, tuple[str | int, ...]]


def _made(item: Item, place: tuple[str | int, ...], value: str) -> Item | None:
    whole = item.model_dump(exclude_none=True)
    with suppress(ValidationError):
        return KINDS[item.KIND].model_validate(replaced(whole, place, value))
    return None


def _with_surroundings(item: Item, every: list[Item], driver_kinds: set[str]) -> Config:
    """The Item with what it needs, so that it is not refused for that."""
    items: dict[Key, Item] = {}
    for other in every:
        if other.KIND in driver_kinds and other.KIND in {"bgp_router", "route_map", "prefix_list"}:
            items.setdefault(other.key, other)
    items[item.key] = item
    return Config.of(items.values())


@settings(max_examples=500, deadline=None)
@given(st.sampled_from([place for place in PLACES if _made(*place, "a;b")]), NASTY)
def test_what_frr_would_be_told_reads_back_as_the_same_items(place: Place, value: str) -> None:
    _frr_reads_back(place, value)


@pytest.mark.parametrize("value", HOSTILE)
def test_frr_takes_each_hostile_value_as_text_or_not_at_all(value: str) -> None:
    for place in PLACES:
        _frr_reads_back(place, value)


def _frr_reads_back(place: Place, value: str) -> None:
    item = _made(*place, value)
    if item is None:
        return
    wanted = _with_surroundings(item, ITEMS, set(FRR.table))
    try:
        made = render(FRR, wanted)
    except NetresError:
        return
    told: list[str] = []
    for operation in made.operations:
        assert isinstance(operation, Cli)
        line = revealed(operation)
        assert line.isprintable()
        assert len(line) <= 480
        assert "?" not in line
        assert "| " not in line
        told.append(line)
    seen = parse(FRR, _indented(told))
    assert seen.config == wanted
    assert not seen.foreign


def _indented(lines: list[str]) -> str:
    """The text a device would show: what was typed, each block's content set in by a blank."""
    depth, text = 0, ""
    openers = ("router ", "interface ", "route-map ", "address-family ", "vrf ")
    for line in lines:
        if line == "exit":
            depth -= 1
            continue
        text += " " * depth + line + "\n"
        depth += line.startswith(openers)
    return text


@settings(max_examples=500, deadline=None)
@given(st.sampled_from([place for place in EVERY_PLACE if _made(*place, "a;b")]), NASTY)
def test_what_the_reference_device_is_told_is_that_item_alone(place: Place, value: str) -> None:
    item = _made(*place, value)
    if item is None:
        return
    native = MemoryDevice()
    device = Device("m", MEMORY, native.session())
    wanted = _with_surroundings(item, EVERY_ITEM, set(MEMORY.table))
    try:
        result = device.apply(device.plan(wanted))
    except NetresError:
        return
    assert result.outcome == "applied"
    assert device.observe() == wanted
    assert len(native.native().splitlines()) == len(wanted)


@settings(max_examples=500, deadline=None)
@given(NASTY)
def test_a_secret_of_any_text_is_sent_as_it_is_or_refused(value: str) -> None:
    neighbor = BgpNeighbor(address="192.0.2.2", remote_as=65002, password=Secret.observed(value))
    wanted = Config.of([BgpRouter(asn=65001), neighbor])
    refused = ""
    told: list[str] = []
    try:
        told = [revealed(operation) for operation in render(FRR, wanted).operations]
    except NetresError as error:
        refused = str(error)
    if refused:
        assert len(value) < 4 or value not in refused
        return
    assert f"neighbor 192.0.2.2 password {value}" in told
    assert parse(FRR, _indented(told)).config == wanted
