"""What a device is to have by the journal, whoever did what to it, in whatever process."""

from __future__ import annotations

import pytest
from drifting import NAMED, WITH_SECRETS, by_hand
from journals import applied, everything, planned
from sessions import MEMORY, VLANS

from netres.baseline import Baseline
from netres.device import Device
from netres.drift import Cause
from netres.errors import UsageError
from netres.fleet.journal import Journal, baselines
from netres.fleet.recorder import Recorder
from netres.model import Config, Vlan
from netres.operation import Note
from netres.plan import Outcome
from netres.testing.samples import SECRET
from netres_drivers.memory.device import MemoryDevice

MORE = Config.of([Vlan(id=20, name="data"), Vlan(id=40)])


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(str(NAMED.ref).removeprefix("env:"), SECRET)


@pytest.fixture
def native() -> MemoryDevice:
    return MemoryDevice()


@pytest.fixture
def device(native: MemoryDevice, journal: Journal) -> Device:
    return Device("m1", MEMORY, native.session(), ledger=Recorder(journal, "m1"))


def baseline(journal: Journal) -> Baseline:
    read = journal.baseline("m1")
    assert read
    return read.baseline


def drifted(device: Device, journal: Journal) -> list[tuple[str, Cause]]:
    return [(drift.path, drift.cause) for drift in device.drift(baseline(journal)).drifts]


def test_one_apply_after_another(device: Device, native: MemoryDevice, journal: Journal) -> None:
    assert journal.baseline("m1") is None
    first = device.apply(device.plan(VLANS))
    second = device.apply(device.plan(MORE))
    assert device.drift(baseline(journal)).empty
    by_hand(native, Vlan(id=30), gone=True)
    by_hand(native, Vlan(id=40, name="by-hand"))
    drifts = device.drift(baseline(journal)).drifts
    assert [(drift.path, drift.transaction) for drift in drifts] == [
        ("vlan[30]", first.transaction),
        ("vlan[40].name", second.transaction),
    ]
    assert baseline(journal).when
    device.apply(device.plan(*device.drift(baseline(journal)).revert()))
    assert drifted(device, journal) == []


def test_what_was_rolled_back_is_wanted_no_more(device: Device, native: MemoryDevice, journal: Journal) -> None:
    device.apply(device.plan(VLANS))
    device.rollback(device.apply(device.plan(MORE)))
    assert drifted(device, journal) == []
    by_hand(native, Vlan(id=20, name="data"))
    assert drifted(device, journal) == [("vlan[20].name", Cause.CHANGED_BY_HAND)]


@pytest.mark.parametrize("ends", ["confirmed", "rolled back", "taken back by the device"])
def test_while_nobody_has_confirmed(device: Device, native: MemoryDevice, journal: Journal, ends: str) -> None:
    device.apply(device.plan(VLANS))
    waiting = device.apply(device.plan(MORE), confirm_within=60)
    read = journal.baseline("m1")
    assert read
    assert (read.open, drifted(device, journal)) == ((waiting.transaction,), [])
    with pytest.raises(UsageError, match=f"m1: transaction {waiting.transaction} has not ended"):
        journal.keep_baseline(read, read.baseline)
    match ends:
        case "confirmed":
            device.confirm(waiting)
            by_hand(native, Vlan(id=40), gone=True)
            assert drifted(device, journal) == [("vlan[40]", Cause.CHANGED_BY_HAND)]
        case "rolled back":
            device.rollback(waiting)
            assert drifted(device, journal) == []
            assert baseline(journal).wanted == VLANS
        case _:
            native.take_back()
            assert drifted(device, journal) == [
                ("vlan[20].name", Cause.NOT_APPLIED),
                ("vlan[40]", Cause.NOT_APPLIED),
            ]
            return
    read = journal.baseline("m1")
    assert read
    assert read.open == ()


def test_what_a_dead_process_left(device: Device, native: MemoryDevice, journal: Journal) -> None:
    """It wrote down what it was about to do, and nobody knows what came of it."""
    device.apply(device.plan(VLANS))
    plan = device.plan(MORE)
    tx = journal.begin()
    with journal.lease(tx, ["m1"]) as leases:
        part = journal.part(tx, plan, leases)
        meant = Device("m1", MEMORY, native.session()).apply(plan)
        part.note(Note("before", result=meant.model_copy(update={"after": None})))
    by_hand(native, Vlan(id=40), gone=True)
    read = journal.baseline("m1")
    assert read
    assert (read.open, drifted(device, journal)) == ((tx,), [("vlan[40]", Cause.NOT_APPLIED)])


def test_what_was_refused_or_undone_is_not_wanted(device: Device, journal: Journal) -> None:
    plan = planned("m1")
    tx = journal.begin()
    with journal.lease(tx, ["m1"]) as leases:
        journal.part(tx, plan, leases).state("refused")
    journal.end(tx, "refused")
    assert journal.baseline("m1") is None
    tx = journal.begin()
    with journal.lease(tx, ["m1"]) as leases:
        result = applied(plan).model_copy(update={"outcome": Outcome.NOT_APPLIED})
        part = journal.part(tx, plan, leases)
        part.note(Note("before", result=result))
        part.note(Note("after", result=result))
    journal.end(tx, "undone")
    assert journal.baseline("m1") is None


def test_what_was_accepted_and_ignored_is_kept_over_later_applies(
    device: Device, native: MemoryDevice, journal: Journal
) -> None:
    device.apply(device.plan(VLANS))
    by_hand(native, Vlan(id=20, name="by-hand"))
    by_hand(native, Vlan(id=30, name="by-hand"))
    read, other = journal.baseline("m1"), journal.baseline("m1")
    assert read
    assert other
    report = device.drift(read.baseline)
    journal.keep_baseline(read, read.baseline.accept(report, ["vlan[20]"]).ignore(["vlan[30].name"]))
    assert drifted(device, journal) == []
    with pytest.raises(UsageError, match="m1: somebody else changed its baseline meanwhile; look again"):
        journal.keep_baseline(other, other.baseline)
    device.apply(device.plan(Config.of([Vlan(id=40)])))
    assert drifted(device, journal) == []
    by_hand(native, Vlan(id=20, name="again"))
    by_hand(native, Vlan(id=40), gone=True)
    assert drifted(device, journal) == [
        ("vlan[20].name", Cause.CHANGED_BY_HAND),
        ("vlan[40]", Cause.CHANGED_BY_HAND),
    ]


def test_not_all_is_read_again_each_time(
    device: Device, native: MemoryDevice, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baselines, "_MANY", 3)
    monkeypatch.setattr(baselines, "_PAGE", 2)
    for number in range(7):
        device.apply(device.plan(Config.of([Vlan(id=20, name=f"n{number}"), Vlan(id=30 + number)])))
    assert drifted(device, journal) == []
    read = journal.baseline("m1")
    assert read
    assert (read.revision, len(read.baseline.expected)) == (1, 8)
    monkeypatch.setattr(Baseline, "then", None)  # nothing is left to be merged
    assert drifted(device, journal) == []
    by_hand(native, Vlan(id=20, name="by-hand"))
    assert drifted(device, journal) == [("vlan[20].name", Cause.CHANGED_BY_HAND)]


def test_no_secret_is_stored(device: Device, journal: Journal, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "_MANY", 1)
    device.apply(device.plan(WITH_SECRETS))
    read = journal.baseline("m1")
    assert read
    assert read.revision == 1
    report = device.drift(read.baseline)
    assert (report.drifts, report.not_comparable) == ((), ())
    stored = everything(where)
    assert SECRET.encode() not in stored
    assert str(NAMED.ref).encode() in stored


def test_another_device_by_the_same_name(device: Device, journal: Journal) -> None:
    device.apply(device.plan(VLANS))
    plan = planned("m1").model_copy(update={"platform": "frr"}).sealed()
    tx = journal.begin()
    with journal.lease(tx, ["m1"]) as leases:
        result = applied(planned("m1")).model_copy(update={"platform": "frr"})
        part = journal.part(tx, plan, leases)
        part.note(Note("before", result=result))
        part.note(Note("after", result=result))
    journal.end(tx, "applied")
    assert (baseline(journal).platform, len(baseline(journal).expected)) == ("frr", 1)
