"""FRR, Kamailio, hostapd, BIRD and OpenWISP, all real, changed as one: all of them, or none."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator

import campus_run
import pytest
from campus import Campus, available
from campus_run import NAMES, SIDES
from killing import Killing, differing, leased
from needed import need

from netres.fleet.recover import recover

pytestmark = pytest.mark.real

_OTHERS = [pytest.param(name, marks=pytest.mark.slow) for name in NAMES if name != "ap1"]
_MARKS = {
    "one": {"r1": "65006", "sbc": "media.relayed", "ap1": "max_num_sta=50", "b1": "65001", "controller": "psk-1"},
    "other": {"r1": "65014", "sbc": "spare", "ap1": "ssid=Corporation", "b1": "65010", "controller": "psk-2"},
}
"""Something that a device has on one side alone."""


@pytest.fixture(scope="module")
def killing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killing]:
    need(available())
    with Campus(tmp_path_factory.mktemp("campus")) as campus, Killing(campus) as running:
        yield running


def rotated(name: str) -> tuple[str, ...]:
    """The devices in an order in which this one comes third."""
    place = NAMES.index(name) - 2
    return NAMES[place:] + NAMES[:place]


def test_all_have_it_confirmed_and_stored(killing: Killing) -> None:
    with campus_run.journal(killing.campus.folder) as book:
        records = [book.transaction(one.id) for one in book.history()]
    unbroken = records[-3:]
    assert [(one.outcome, one.decision) for one in unbroken] == [("applied", "confirm")] * 3
    for record in unbroken:
        assert {part.device: part.state for part in record.parts} == dict.fromkeys(NAMES, "applied")
        assert all(step.answered for part in record.parts for step in part.steps)
    assert leased(killing.campus.folder) == []
    for name, text in killing.campus.native().items():
        assert [side for side in SIDES if _MARKS[side][name] in text] == [killing.side], name


@pytest.mark.parametrize("third", ["ap1", *_OTHERS])
def test_the_third_fails_and_all_are_as_before(killing: Killing, third: str) -> None:
    campus, order = killing.campus, rotated(third)
    before = campus.native()
    with (
        campus_run.journal(campus.folder) as book,
        campus_run.planned(campus.folder, book, killing.target, names=order) as tx,
    ):
        with campus.refusing(third, killing.target):
            done = tx.apply()
        assert (done.outcome, set(done.results)) == ("undone", set(order[:3]))
        assert done.error.startswith(third)
        assert not differing(before, campus.native())
        states = {part.device: part.state for part in book.transaction(tx.id).parts}
        assert states == {name: "undone" if name in order[:3] else "refused" for name in NAMES}
        assert leased(campus.folder) == []
        assert recover(campus_run.inventory(campus.folder), book) == []
    assert campus.left_behind() == []


def test_killed_at_any_instant_all_are_as_before_or_as_wanted(killing: Killing) -> None:
    """A few of the instants of test_killed.py."""
    seed = int(time.time())
    sys.stdout.write(f"seed {seed}\n")
    dice = random.Random(seed)
    for _ in range(3):
        sys.stdout.write(f"{killing.kill(dice.uniform(0, 1.1))}\n")
