"""A device comes back to how it was before a transaction, to the letter, whatever was done to it since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sessions import FRR, MEMORY

from netres import errors
from netres.device import Device
from netres.driver import Driver
from netres.fleet.journal import Journal
from netres.fleet.recorder import Recorder
from netres.fleet.restore import restore, way_back
from netres.flow import Transport
from netres.model import Config, RadiusServer, Secret, Vlan
from netres.observation import observe
from netres.testing.samples import fitting
from netres.testing.sim import SimulatedSession
from netres_drivers.frr.sim import make
from netres_drivers.memory.device import MemoryDevice

KEY = Secret("env:JOURNAL_KEY")


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_KEY", "a long key of the journal's")
    for name in ("ONE", "TWO"):
        monkeypatch.setenv(name, f"secret-{name}")


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "sealed.db", backups="sealed", key=KEY) as journal:
        yield journal


@pytest.fixture
def masked(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "masked.db") as journal:
        yield journal


def device(driver: Driver, session: Transport, journal: Journal) -> Device:
    return Device("r1", driver, session, ledger=Recorder(journal, "r1"))


def changed(resource: Device, config: Config) -> str:
    """Lead a device to have this and nothing else: the transaction."""
    kinds = [kind for kind, feature in resource.driver.table.items() if feature.write]
    return resource.apply(resource.plan(config, prune=kinds)).raise_for_outcome().transaction


def radius(ref: str) -> RadiusServer:
    return RadiusServer(name="ise1", host="192.0.2.10", secret=Secret(ref))


@pytest.mark.parametrize("first", [0, 1, 2, 3])
def test_a_router_comes_back_to_the_letter_over_all_that_was_done_since(sealed: Journal, first: int) -> None:
    samples = fitting(FRR)
    resource = device(FRR, SimulatedSession(make("r1"), FRR), sealed)
    changed(resource, samples[first])
    before = resource.drive(observe).native.text
    tx = changed(resource, samples[(first + 1) % len(samples)])
    changed(resource, samples[(first + 2) % len(samples)])
    way = way_back(resource, sealed.backup("r1", tx))
    done = restore(resource, way, why="back")
    assert (done.outcome.holds, done.exact, way.kept) == (True, True, ())
    assert resource.drive(observe).native.text == before
    assert sealed.transaction(done.transaction).why == "back"
    assert way_back(resource, sealed.backup("r1", tx)).plan.empty


def test_items_without_secrets_come_back_from_a_masked_backup(masked: Journal) -> None:
    native = MemoryDevice()
    resource = device(MEMORY, native.session(), masked)
    changed(resource, Config.of([Vlan(id=20, name="voice"), Vlan(id=30)]))
    before = native.native()
    tx = changed(resource, Config.of([Vlan(id=20, name="data"), Vlan(id=40)]))
    changed(resource, Config.of([Vlan(id=50)]))
    done = restore(resource, way_back(resource, masked.backup("r1", tx)))
    assert (done.exact, native.native()) == (True, before)


def test_a_secret_comes_back_from_a_sealed_backup(sealed: Journal) -> None:
    native = MemoryDevice()
    resource = device(MEMORY, native.session(), sealed)
    changed(resource, Config.of([radius("env:ONE")]))
    before = native.native()
    tx = changed(resource, Config.of([radius("env:TWO")]))
    changed(resource, Config.of([Vlan(id=50)]))
    assert restore(resource, way_back(resource, sealed.backup("r1", tx))).exact is True
    assert native.native() == before


def test_a_secret_that_nobody_knows_stays_as_it_is_and_that_is_told(masked: Journal) -> None:
    native = MemoryDevice()
    resource = device(MEMORY, native.session(), masked)
    changed(resource, Config.of([radius("env:ONE"), Vlan(id=20)]))
    tx = changed(resource, Config.of([radius("env:TWO")]))
    way = way_back(resource, masked.backup("r1", tx))
    assert [str(key) for key in way.kept] == ["radius_server[ise1]"]
    assert restore(resource, way).outcome.holds
    assert "secret-TWO" in native.native()
    assert "vlan 20" in native.native()


def test_a_secret_that_is_gone_is_refused_before_anything_is_sent(masked: Journal) -> None:
    native = MemoryDevice()
    resource = device(MEMORY, native.session(), masked)
    changed(resource, Config.of([radius("env:ONE")]))
    tx = changed(resource, Config.of([Vlan(id=20)]))
    before = native.native()
    with pytest.raises(errors.SecretError, match=r"radius_server\[ise1\]: its secret is not in the journal"):
        way_back(resource, masked.backup("r1", tx))
    assert native.native() == before


def test_a_backup_that_cannot_be_reached_exactly_says_so(masked: Journal) -> None:
    native = MemoryDevice()
    resource = device(MEMORY, native.session(), masked)
    changed(resource, Config.of([Vlan(id=20)]))
    kept = masked.backup("r1", changed(resource, Config.of([Vlan(id=30)])))
    way = way_back(resource, kept.model_copy(update={"native": f"{kept.native}banner of old\n"}))
    assert restore(resource, way).exact is False
