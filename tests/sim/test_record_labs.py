"""Dialogues with real software, recorded and replayed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netres import registry
from netres.model import BgpNeighbor, BgpRouter, Config, Secret
from netres.plan import Outcome
from netres.resource import Device
from netres.testing.record import Recording, Replay
from netres.testing.samples import SECRET
from netres_drivers.frr.lab import FrrLab
from netres_drivers.snmp.lab import SnmpLab

pytestmark = pytest.mark.real


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "device.yaml"


def peering(secret: str) -> Config:
    router = BgpRouter(asn=65001, router_id="192.0.2.1")
    return Config.of([router, BgpNeighbor(address="192.0.2.2", remote_as=65002, password=Secret.observed(secret))])


def test_a_change_of_a_real_router(lab: FrrLab, file: Path) -> None:
    router = lab.routers["r1"]
    router.reset()
    router.load("ip route 10.20.30.0/24 Null0\nip route 10.20.31.0/24 Null0\n")
    with Recording.of(router.entry(), file) as recording:
        device = Device("r1", recording.driver, recording)
        result = device.apply(device.plan(peering(SECRET)))
        seen = device.observe()
        back = device.rollback(result)
    router.reset()
    assert (result.outcome, back.outcome, back.exact) == (Outcome.APPLIED, Outcome.APPLIED, True)
    text = file.read_text()
    assert not re.search(rf"{SECRET}|10\.20\.3|{re.escape(router.entry().host)}", text)
    (shown,) = set(re.findall(r"neighbor 192.0.2.2 password (redacted-\d+)\n", text))
    with Replay(file) as replay:
        device = Device("r1", registry.get(replay.platform), replay)
        result = device.apply(device.plan(peering(shown)))
        again = device.observe()
        back = device.rollback(result)
    assert (result.outcome, back.outcome, back.exact) == (Outcome.APPLIED, Outcome.APPLIED, True)
    assert [item.KIND for item in again.items] == [item.KIND for item in seen.items]
    assert again.only({"bgp_router", "bgp_neighbor"}) == peering(shown)


def test_a_real_agent(snmp_lab: SnmpLab, file: Path) -> None:
    entry = snmp_lab.agents["s1"].entry(version="2c")
    with Recording.of(entry, file) as recording:
        device = Device(entry.name, recording.driver, recording, entry.options)
        seen, facts = device.observe(), device.facts()
    with Replay(file) as replay:
        device = Device(entry.name, registry.get(replay.platform), replay, entry.options)
        again = device.observe()
        assert len(again) == len(seen)
        assert [item.key.kind for item in again.items] == [item.key.kind for item in seen.items]
        assert device.facts().vendor == facts.vendor
