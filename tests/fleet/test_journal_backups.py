"""How a device was is kept once, as policy says; and no secret is ever found in what is stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from journals import blobs, everything, planned, store
from sessions import MEMORY

from netres import errors
from netres.fleet.journal import Journal
from netres.fleet.journal.blobs import Policy
from netres.model import Config, RadiusServer, Vlan
from netres.model.secret import MASK, Secret
from netres.plan import ApplyResult, Plan
from netres.resource import Device
from netres_drivers.memory.device import MemoryDevice

SHOWN, SENT, KEY = "shown-by-device-Xq7", "sent-to-device-Zk9", "a long key of the journal's"


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOWN", SHOWN)
    monkeypatch.setenv("SENT", SENT)
    monkeypatch.setenv("JOURNAL_KEY", KEY)


def changed() -> tuple[Plan, ApplyResult, str]:
    """A device that shows a secret is sent another one: the plan, its result, and what the device showed before."""
    native = MemoryDevice()
    device = Device("m1", MEMORY, native.session())

    def wanted(ref: str, number: int) -> Plan:
        server = RadiusServer(name="ise1", host="192.0.2.10", secret=Secret(ref))
        return device.plan(Config.of([server, Vlan(id=number)]))

    device.apply(wanted("env:SHOWN", 20))
    before = native.native()
    plan = wanted("env:SENT", 30)
    return plan, device.apply(plan), before


@pytest.mark.parametrize("backups", ["masked", "sealed", "none"])
def test_no_secret_is_stored_in_clear_text_and_a_backup_is_what_policy_says(where: str, backups: Policy) -> None:
    plan, result, native = changed()
    assert SHOWN in native
    with Journal.open(where, backups=backups, key=Secret("env:JOURNAL_KEY")) as journal:
        tx = store(journal, result, plan, "radius ise1 ********")
        kept = journal.backup("m1", tx[:-2])
        record = journal.transaction(tx)
        told = "".join([record.model_dump_json(), repr(record), repr(journal), *journal.export()])
        stored = everything(where)
    stored += everything(where)
    for secret in (SHOWN, SENT, KEY):
        assert secret not in told
        assert secret.encode() not in stored
    assert (kept.device, kept.tx, kept.taken, kept.config) == ("m1", tx, record.began, result.before)
    expected = {"masked": native.replace(SHOWN, MASK), "sealed": native, "none": ""}
    assert (kept.native, kept.exact) == (expected[backups], backups == "sealed")
    noted = record.parts[0].noted
    assert noted
    server = noted.before.find("radius_server", "ise1")
    assert isinstance(server, RadiusServer)
    assert server.secret is not None
    assert server.secret.known == (backups == "sealed")
    assert server.secret in ((Secret.observed(SHOWN),) if server.secret.known else (server.secret,))
    assert noted.native.text == expected[backups]


def test_a_masked_backup_without_secrets_is_exact(journal: Journal) -> None:
    device = MemoryDevice()
    resource = Device("m1", MEMORY, device.session())
    resource.apply(resource.plan(Config.of([Vlan(id=20)])))
    before = device.native()
    plan = resource.plan(Config.of([Vlan(id=30)]))
    tx = store(journal, resource.apply(plan), plan)
    kept = journal.backup("m1", tx)
    assert (kept.native, kept.exact) == (before, True)


def test_a_sealed_backup_is_opened_with_its_key_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, result, native = changed()
    place, key = tmp_path / "j.db", Secret("env:JOURNAL_KEY")
    with Journal.open(place, backups="sealed", key=key) as journal:
        tx = store(journal, result, plan)
    with Journal.open(place) as journal:
        kept = journal.backup("m1", tx)
        assert (kept.native, kept.exact, kept.config) == ("", False, result.before)
        assert journal.transaction(tx).outcome == "applied"
    with Journal.open(place, key=key) as journal:
        assert journal.backup("m1", tx).native == native
    monkeypatch.setenv("JOURNAL_KEY", "another")
    with Journal.open(place, key=key) as journal, pytest.raises(errors.JournalFailed, match="another key"):
        journal.backup("m1", tx)
    with pytest.raises(errors.InvalidConfig, match="need a key"):
        Journal.open(tmp_path / "other.db", backups="sealed")


@pytest.mark.parametrize("backups", ["masked", "sealed"])
def test_what_is_the_same_is_kept_once(tmp_path: Path, backups: Policy) -> None:
    lines = [Vlan(id=number, name=f"{number * 7919 % 4093:x}" * 4) for number in range(2, 1000)]
    device = Device("m1", MEMORY, MemoryDevice().session())
    device.apply(device.plan(Config.of(lines)))
    plan = device.plan(Config.of([Vlan(id=2000)]))
    result = device.apply(plan)
    place = tmp_path / "j.db"
    with Journal.open(place, backups=backups, key=Secret("env:JOURNAL_KEY")) as journal:
        for _ in range(3):
            store(journal, result, plan)
    sizes = blobs(place)
    assert len(sizes) == 2  # its Items, and its native configuration
    assert max(sizes) < len(result.native_before) / 2


def test_what_has_no_backup_names_what_has_one(journal: Journal) -> None:
    plan, result, _ = changed()
    tx = store(journal, result, plan)
    with pytest.raises(errors.UsageError, match=r"did not come to 'm2'.*it came to: m1"):
        journal.backup("m2", tx)
    only = journal.begin()
    with journal.lease(only, ["m1"]) as leases:
        journal.part(only, planned(), leases)
        with pytest.raises(errors.UsageError, match="it came to: no device"):
            journal.backup("m1", only)
