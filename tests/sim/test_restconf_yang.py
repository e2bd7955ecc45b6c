"""The wireless tree of the simulated controller, judged by yanglint with the vendor's own schema."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netres.testing.sim import Simulated
from netres.testing.sim.http import Request, Response
from netres_drivers.cisco_c9800.sim import c9800

MODULE = "Cisco-IOS-XE-wireless-wlan-cfg"
KIND = "application/yang-data+json"


def patch(device: Simulated, data: object) -> Response:
    assert device.http is not None
    device.password = "x"
    headers = {"content-type": KIND, "authorization": "Basic YWRtaW46eA=="}
    body = json.dumps({"ietf-restconf:data": data}).encode()
    return device.http(Request("PATCH", "/restconf/data", headers, body))


@pytest.fixture
def vendor_schema() -> Path:
    if (yang := os.environ.get("NETRES_YANG")) is None:
        pytest.skip("NETRES_YANG is not set: no vendor schema to check with")
    return Path(yang) / "cisco-iosxe-17.12.1"


@pytest.fixture
def yanglint(vendor_schema: Path, tmp_path: Path) -> Callable[[object], list[str]]:
    if shutil.which("yanglint") is None:
        pytest.skip("yanglint is not installed (apt-get install libyang-tools)")
    modules = vendor_schema / "modules"
    names = [str(modules / f"Cisco-IOS-XE-wireless-{name}-cfg.yang") for name in ("general", "wlan", "ap")]

    def problems(data: object) -> list[str]:
        held = tmp_path / "held.json"
        held.write_text(json.dumps(data))
        command = ["yanglint", "-p", str(modules), "-t", "config", *names, str(held)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = [line for line in done.stderr.splitlines() if "libyang err" in line]
        assert bool(done.returncode) == bool(found)
        return found

    return problems


def test_yanglint_finds_what_it_holds_valid(vendor_schema: Path, yanglint: Callable[[object], list[str]]) -> None:
    device = c9800("wlc")
    told = json.loads((vendor_schema / "examples" / "c9800_wlan_valid.json").read_text())
    assert patch(device, told).status == 204
    held = json.loads(device.native())
    assert held[f"{MODULE}:wlan-cfg-data"] == told[f"{MODULE}:wlan-cfg-data"]
    assert yanglint(held) == []


FLAGS = """
    security-wpa wpa2-enabled wpa2-aes wpa3-enabled auth-key-mgmt-psk auth-key-mgmt-psk-sha256 auth-key-mgmt-dot1x
    auth-key-mgmt-dot1x-sha256 auth-key-mgmt-sae auth-key-mgmt-ft-sae auth-key-mgmt-ft-psk auth-key-mgmt-ft-dot1x
    akm-owe mbo okc
"""
MODES = st.sampled_from(["dot11r-disabled", "dot11r-enabled", "dot11r-adaptive-enabled", "enabled"])
PMF = st.sampled_from(["apf-vap-pmf-disabled", "apf-vap-pmf-optional", "apf-vap-pmf-required"])
STATUS: st.SearchStrategy[dict[str, bool]] = st.fixed_dictionaries({"wlan-status": st.booleans()})
SECURITY = st.fixed_dictionaries(
    {"wlan-id": st.sampled_from([1, 4096, 4097]), "apf-vap-id-data": STATUS},
    optional={
        **{flag: st.booleans() for flag in FLAGS.split()},
        "psk": st.just("made-up-psk"),
        "ft-mode": MODES,
        "pmf-options": PMF,
    },
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SECURITY)
def test_it_takes_what_yanglint_takes(yanglint: Callable[[object], list[str]], about: dict[str, object]) -> None:
    device = c9800("wlc")
    data = json.loads(device.native())
    data[f"{MODULE}:wlan-cfg-data"] = {"wlan-cfg-entries": {"wlan-cfg-entry": [{"profile-name": "p", **about}]}}
    refused = ""
    try:
        device.store.load(json.dumps(data))
    except ValueError as error:
        refused = str(error)
    assert (bool(refused), refused) == (bool(yanglint(data)), refused)


def test_it_judges_the_vendor_schemas_examples_as_yanglint_does(vendor_schema: Path) -> None:
    examples = vendor_schema / "examples"
    bad = sorted((examples / "invalid").glob("c9800_*.json"))
    assert len(bad) == 5
    for path in [*bad, examples / "c9800_wlan_valid.json"]:
        told = patch(c9800("wlc"), json.loads(path.read_text()))
        assert (path.name, told.status) == (path.name, 400 if path in bad else 204)
