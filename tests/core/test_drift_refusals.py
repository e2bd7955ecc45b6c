"""What drift refuses, and noise."""

from __future__ import annotations

from dataclasses import replace

import pytest
from drifting import (
    WITH_SECRETS,
    WLAN,
    by_hand,
)
from sessions import MEMORY, VLANS

from netres.baseline import Baseline
from netres.errors import InvalidConfig, ParseError, Unsupported, UsageError
from netres.flow import Http, Operation, Reply
from netres.model import Vlan, WlanSecurity
from netres.resource import Device
from netres.testing.samples import SECRET
from netres_drivers.memory.device import MemoryDevice


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETRES_TEST_DRIFT", SECRET)


class Flickering:
    """Shows a device with nothing, a few times, as noise on the way does; or something else each time."""

    def __init__(self, native: MemoryDevice, times: int) -> None:
        self.inner = native.session()
        self.times = times

    def execute(self, operation: Operation) -> Reply:
        reply = self.inner.execute(operation)
        if isinstance(operation, Http) and operation.path == "/vlan" and self.times:
            self.times -= 1
            return replace(reply, body={"20": {"kind": "vlan", "id": 20, "name": f"n{self.times}"}})
        return reply

    def close(self) -> None:
        self.inner.close()


class TestRefusals:
    def test_noise_is_no_drift(self, device: Device, native: MemoryDevice) -> None:
        baseline = Baseline.of(device.apply(device.plan(VLANS)))
        assert Device("m1", MEMORY, Flickering(native, 1)).drift(baseline).empty
        with pytest.raises(ParseError, match="something else each time"):
            Device("m1", MEMORY, Flickering(native, 3)).drift(baseline)

    def test_a_baseline_of_another_device_or_platform(self, device: Device) -> None:
        result = device.apply(device.plan(VLANS))
        baseline = Baseline.of(result)
        with pytest.raises(InvalidConfig, match="the baseline is of device 'm2', this is 'm1'"):
            device.drift(baseline.model_copy(update={"device": "m2"}))
        with pytest.raises(InvalidConfig, match="for platform 'frr', the device is 'memory'"):
            device.drift(baseline.model_copy(update={"platform": "frr"}))
        with pytest.raises(InvalidConfig, match=r"of 'm2' \(memory\), the result of 'm1' \(memory\)"):
            baseline.model_copy(update={"device": "m2"}).then(result)
        with pytest.raises(InvalidConfig, match=r"^baseline: "):
            Baseline.parse("{}")

    @pytest.mark.parametrize(
        ("pattern", "words"),
        [
            ("interfaces[*].mtu", "unknown kind 'interfaces'; did you mean 'interface'"),
            ("interface[*].descripton", "interface has no field 'descripton'; did you mean 'description'"),
            ("interface.mtu", r"name the Item too, like interface\[\*\]"),
            ("system[x].hostname", "there is one system only"),
            ("vlan[20", "is no path"),
            ("", "unknown kind ''"),
        ],
    )
    def test_a_path_that_matches_nothing_ever(self, device: Device, pattern: str, words: str) -> None:
        baseline = Baseline(device="m1", platform="memory")
        with pytest.raises(InvalidConfig, match=words):
            baseline.ignore([pattern])
        with pytest.raises(InvalidConfig, match=words):
            device.drift(baseline, [pattern])

    def test_a_path_at_which_nothing_drifted(self, device: Device, native: MemoryDevice) -> None:
        baseline = Baseline.of(device.apply(device.plan(VLANS)))
        by_hand(native, Vlan(id=20, name="data"))
        report = device.drift(baseline)
        with pytest.raises(
            UsageError, match=r"m1: nothing drifted at 'vlan\[20\].nam'; did you mean 'vlan\[20\].name'"
        ):
            report.revert(["vlan[20].nam"])
        with pytest.raises(UsageError, match=r"nothing drifted at 'vlan\[30\]'"):
            baseline.accept(report, ["vlan[20]", "vlan[30]"])
        assert baseline.accept(report, "vlan[20]") == baseline.accept(report)

    def test_one_field_without_another_is_no_item(self, device: Device, native: MemoryDevice) -> None:
        baseline = Baseline.of(device.apply(device.plan(WITH_SECRETS)))
        by_hand(native, WLAN.model_copy(update={"security": WlanSecurity(mode="open")}))
        report = device.drift(baseline)
        assert [drift.path for drift in report.drifts] == ["wlan[corp].security.mode", "wlan[corp].security.passphrase"]
        with pytest.raises(
            InvalidConfig, match=r"wlan\[corp\]: with security.mode alone it is not valid: .*wlan\[corp\]$"
        ):
            report.revert(["wlan[corp].security.mode"])
        with pytest.raises(InvalidConfig, match=r"with security\.mode alone"):
            baseline.accept(report, ["wlan[*].security.mode"])
        assert report.revert(["wlan[corp].security"]).config.items == (WLAN,)

    def test_a_kind_that_the_platform_does_not_have(self, native: MemoryDevice) -> None:
        device = Device("m", MEMORY, native.session())
        baseline = Baseline.of(device.apply(device.plan(VLANS)))
        bare = replace(MEMORY, features=tuple(one for one in MEMORY.features if one.item is not Vlan))
        with pytest.raises(Unsupported, match="vlan"):
            Device("m", bare, native.session()).drift(baseline)
