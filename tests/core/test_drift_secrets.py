"""A secret drifts where it can be compared, and nowhere else; and is nowhere to be seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from drifting import (
    NAMED,
    NEIGHBOR,
    SILENT,
    WITH_SECRETS,
    as_it_is,
    by_hand,
    hidden,
    salted,
    showing,
    stored,
    without,
)

from netres.baseline import Baseline
from netres.errors import SecretError
from netres.model import BgpNeighbor, BgpRouter, Config, Item, Secret
from netres.plan import Outcome
from netres.resource import Device
from netres.testing.samples import SECRET
from netres_drivers.memory.device import MemoryDevice


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETRES_TEST_DRIFT", SECRET)


class TestSecrets:
    @pytest.mark.parametrize("show", [salted, hidden, without])
    @pytest.mark.parametrize("keep", [as_it_is, stored])
    def test_what_the_device_does_not_show_is_no_drift(
        self, native: MemoryDevice, show: Callable[[Item], Item], keep: Callable[[Baseline], Baseline]
    ) -> None:
        device = showing(show, native)
        result = device.apply(device.plan(WITH_SECRETS))
        assert result.outcome is (Outcome.APPLIED if show is hidden else Outcome.DIFFERS)
        baseline = keep(Baseline.of(result))
        report = device.drift(baseline)
        assert report.empty
        assert [one.path for one in report.not_comparable] == (SILENT[:1] if show is without else SILENT)
        by_hand(native, NEIGHBOR.model_copy(update={"description": "by hand"}))
        report = device.drift(baseline)
        assert [drift.path for drift in report.drifts] == ["bgp_neighbor[192.0.2.2].description"]
        reverted = report.revert().config.items[0]
        assert isinstance(reverted, BgpNeighbor)
        assert reverted.password == NAMED, "what the device shows must not become the password"
        assert baseline.accept(report).wanted.by_key[NEIGHBOR.key] == reverted.model_copy(
            update={"description": "by hand"}
        )

    def test_a_reference_is_compared_in_every_process(
        self, device: Device, native: MemoryDevice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text = Baseline.of(device.apply(device.plan(WITH_SECRETS))).model_dump_json()
        assert SECRET not in text
        monkeypatch.setattr("netres.model.secret._KEY", b"of another process")
        report = device.drift(Baseline.parse(text))
        assert (report.drifts, report.not_comparable) == ((), ())
        by_hand(native, NEIGHBOR.model_copy(update={"password": Secret.observed("new by hand")}))
        report = device.drift(Baseline.parse(text))
        assert [str(drift) for drift in report.drifts] == [
            "bgp_neighbor[192.0.2.2].password: wanted env:NETRES_TEST_DRIFT, found ******** (changed by hand)"
        ]
        assert "new by hand" not in report.model_dump_json() + repr(report)
        device.apply(device.plan(*report.revert()))
        assert "new by hand" not in native.native()
        monkeypatch.delenv("NETRES_TEST_DRIFT")
        report = device.drift(Baseline.parse(text))
        assert report.empty
        assert [(one.path, one.why) for one in report.not_comparable] == [
            (path, "env:NETRES_TEST_DRIFT leads nowhere here") for path in SILENT
        ]

    def test_one_that_was_read_from_a_device_is_compared_in_this_process_only(
        self, device: Device, native: MemoryDevice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read = NEIGHBOR.model_copy(update={"password": Secret.observed(SECRET)})
        baseline = stored(Baseline.of(device.apply(device.plan(Config.of([BgpRouter(asn=65001), read])))))
        assert device.drift(baseline).not_comparable == ()
        monkeypatch.setattr("netres.model.secret._KEY", b"of another process")
        report = device.drift(baseline)
        assert report.empty
        assert [one.why for one in report.not_comparable] == ["it was read from the device, and is not stored"]
        by_hand(native, read.model_copy(update={"description": "by hand"}))
        device.apply(device.plan(*device.drift(baseline).revert()))
        assert SECRET in native.native(), "it stays as it is"
        by_hand(native, read, gone=True)
        with pytest.raises(SecretError, match=r"bgp_neighbor\[192.0.2.2\]: a secret read from a device is not stored"):
            device.plan(*device.drift(baseline).revert())
