"""RESTCONF of the simulated wireless controller, met by httpx over HTTPS, and its data by yanglint."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netres.testing.sim import Lab
from netres.testing.sim.http import Request
from netres_drivers.cisco_c9800.sim import SIMULATOR, c9800

MODULE = "Cisco-IOS-XE-wireless-wlan-cfg"
TOP = f"/restconf/data/{MODULE}:wlan-cfg-data"
WLANS = f"{TOP}/wlan-cfg-entries"
KIND = "application/yang-data+json"
WLAN: dict[str, object] = {
    "profile-name": "corp",
    "wlan-id": 10,
    "auth-key-mgmt-psk": True,
    "auth-key-mgmt-dot1x": False,
    "psk": "made-up-psk",
    "psk-type": "clear",
    "ft-mode": "dot11r-enabled",
    "auth-key-mgmt-ft-psk": True,
    "apf-vap-id-data": {"ssid": "Corp", "wlan-status": True},
    "apf-vap-802-11v-data": {"dot11v-bss-transition": True},
}
POLICY = {
    "policy-profile-name": "pol-corp",
    "status": True,
    "interface-name": "VLAN20",
    "wlan-switching-policy": {"central-switching": False, "central-authentication": False, "central-dhcp": False},
}
TAG = {
    "tag-name": "tag-site1",
    "wlan-policies": {"wlan-policy": [{"wlan-profile-name": "corp", "policy-profile-name": "pol-corp"}]},
}
WHOLE = {
    f"{MODULE}:wlan-cfg-data": {
        "wlan-cfg-entries": {"wlan-cfg-entry": [WLAN]},
        "wlan-policies": {"wlan-policy": [POLICY]},
        "policy-list-entries": {"policy-list-entry": [TAG]},
    }
}


def entry(**more: object) -> dict[str, object]:
    return {f"{MODULE}:wlan-cfg-entry": [WLAN | more]}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"wlc": SIMULATOR}) as running:
        yield running


@pytest.fixture
def wlc(lab: Lab) -> Iterator[httpx.Client]:
    device = lab["wlc"]
    device.store.reset()
    device.faults.clear()
    with httpx.Client(
        base_url=f"https://127.0.0.1:{lab.ports['wlc']['https']}",
        verify=ssl.create_default_context(cafile=lab.folder / "ca.pem"),
        auth=(device.username, device.password),
        headers={"Accept": KIND, "Content-Type": KIND},
    ) as http:
        yield http


def error(told: httpx.Response) -> Mapping[str, str]:
    assert told.headers["content-type"] == KIND
    (found,) = told.json()["ietf-restconf:errors"]["error"]
    return dict(found)


def test_discovery(wlc: httpx.Client) -> None:
    found = wlc.get("/.well-known/host-meta")
    assert "rel='restconf' href='/restconf'" in found.text
    assert set(wlc.get("/restconf").json()["ietf-restconf:restconf"]) == {"data", "operations", "yang-library-version"}
    assert "cisco-ia:save-config" in wlc.get("/restconf/operations").json()["ietf-restconf:operations"]
    assert "PATCH" in wlc.options(TOP).headers["allow"]
    head = wlc.head(TOP)
    assert head.status_code == 200
    assert head.content == b""


def test_a_session(wlc: httpx.Client) -> None:
    assert wlc.get(f"{WLANS}/wlan-cfg-entry=corp").status_code == 404
    made = wlc.post(WLANS, json=entry())
    assert made.status_code == 201
    assert made.headers["location"] == f"{WLANS}/wlan-cfg-entry=corp"
    assert wlc.get(made.headers["location"]).json() == entry()
    assert wlc.patch(f"{WLANS}/wlan-cfg-entry=corp", json=entry(**{"ft-mode": "dot11r-disabled"})).status_code == 204
    leaf = wlc.get(f"{WLANS}/wlan-cfg-entry=corp/ft-mode")
    assert leaf.json() == {f"{MODULE}:ft-mode": "dot11r-disabled"}
    assert wlc.put(f"{WLANS}/wlan-cfg-entry=corp", json=entry()).status_code == 204
    assert wlc.get(f"{WLANS}/wlan-cfg-entry").json() == entry()
    assert wlc.delete(f"{WLANS}/wlan-cfg-entry=corp").status_code == 204
    assert error(wlc.delete(f"{WLANS}/wlan-cfg-entry=corp"))["error-tag"] == "invalid-value"
    assert wlc.put(f"{WLANS}/wlan-cfg-entry=corp", json=entry()).status_code == 201


def test_a_part_of_it(wlc: httpx.Client) -> None:
    assert wlc.patch(TOP, json=WHOLE).status_code == 204
    name = f"{MODULE}:wlan-cfg-data"
    assert wlc.get(TOP, params={"depth": "1"}).json() == {name: {}}
    assert set(wlc.get(TOP, params={"depth": 2}).json()[name]) == set(WHOLE[name])
    seen = wlc.get(TOP, params={"fields": "wlan-cfg-entries/wlan-cfg-entry(profile-name;apf-vap-id-data/ssid)"})
    named = {"profile-name": "corp", "apf-vap-id-data": {"ssid": "Corp"}}
    assert seen.json() == {name: {"wlan-cfg-entries": {"wlan-cfg-entry": [named]}}}
    assert wlc.get(TOP, params={"content": "config"}).json() == WHOLE
    assert wlc.get(TOP, params={"content": "nonconfig"}).json() == {name: {}}
    for wrong in ({"depth": "0"}, {"content": "x"}, {"fields": "a(b"}, {"no-such": "1"}):
        assert wlc.get(TOP, params=wrong).status_code == 400
    everything = wlc.get("/restconf/data").json()["ietf-restconf:data"]
    assert everything[name] == WHOLE[name]


def test_keys_are_quoted(wlc: httpx.Client) -> None:
    name = "a/b=c, d%20e"
    made = wlc.post(WLANS, json=entry(**{"profile-name": name}))
    assert made.status_code == 201
    assert wlc.get(made.headers["location"]).json() == entry(**{"profile-name": name})


@pytest.mark.parametrize(
    ("change", "tag"),
    [
        ({"ft-mode": "enabled"}, "invalid-value"),
        ({"psk-type": "ascii"}, "invalid-value"),
        ({"wlan-id": 10000}, "invalid-value"),
        ({"wlan-id": True}, "invalid-value"),
        ({"ssid": "Corp"}, "unknown-element"),
        ({"apf-vap-id-data": []}, "malformed-message"),
        ({"psk": ""}, "operation-failed"),
        ({"auth-key-mgmt-sae": True}, "operation-failed"),
    ],
)
def test_what_the_model_does_not_allow_is_refused(wlc: httpx.Client, change: dict[str, object], tag: str) -> None:
    before = wlc.get("/restconf/data").json()
    told = wlc.post(WLANS, json=entry(**change))
    assert told.status_code == 400
    assert error(told)["error-tag"] == tag
    assert error(told)["error-path"].startswith(f"/{MODULE}:wlan-cfg-data")
    assert wlc.get("/restconf/data").json() == before


def test_other_refusals(lab: Lab, wlc: httpx.Client) -> None:
    def refused(told: httpx.Response) -> tuple[int, str]:
        return told.status_code, error(told)["error-tag"]

    wlc.post(WLANS, json=entry())
    assert refused(wlc.post(WLANS, json=entry())) == (409, "data-exists")
    other = f"{WLANS}/wlan-cfg-entry=other"
    assert refused(wlc.put(other, json=entry())) == (400, "invalid-value")
    assert refused(wlc.patch(other, json=entry(**{"profile-name": "other"}))) == (404, "invalid-value")
    assert refused(wlc.get(f"{TOP}/no-such")) == (404, "invalid-value")
    assert refused(wlc.get(f"{WLANS}/wlan-cfg-entry=a,b")) == (400, "invalid-value")
    assert refused(wlc.get(f"{WLANS}/wlan-cfg-entry/ft-mode")) == (400, "missing-element")
    assert refused(wlc.put(TOP, content=b"{")) == (400, "malformed-message")
    assert refused(wlc.put(TOP, json=WHOLE, headers={"Content-Type": "application/json"})) == (415, "invalid-value")
    assert refused(wlc.get(TOP, headers={"Accept": "text/html"})) == (406, "invalid-value")
    assert refused(wlc.request("LOCK", TOP)) == (405, "operation-not-supported")
    assert refused(wlc.get(TOP, auth=("admin", "x"))) == (401, "access-denied")
    assert refused(httpx.get(f"http://127.0.0.1:{lab.ports['wlc']['http']}{TOP}")) == (401, "access-denied")
    lab["wlc"].fail("locked")
    assert refused(wlc.delete(f"{WLANS}/wlan-cfg-entry=corp")) == (409, "lock-denied")
    assert wlc.get(TOP).status_code == 200
    lab["wlc"].faults.clear()
    lab["wlc"].fail("rejected", on="^DELETE")
    assert refused(wlc.delete(f"{WLANS}/wlan-cfg-entry=corp")) == (400, "operation-failed")


def test_what_is_not_saved_is_lost(lab: Lab, wlc: httpx.Client) -> None:
    wlc.put(TOP, json=WHOLE)
    saved = wlc.post("/restconf/operations/cisco-ia:save-config")
    assert saved.json() == {"cisco-ia:output": {"result": "Save running-config successful"}}
    wlc.post(WLANS, json=entry(**{"profile-name": "guest", "wlan-id": 11}))
    lab["wlc"].fail("reboot", on="^GET")
    with pytest.raises(httpx.HTTPError):
        wlc.get(TOP)
    assert wlc.get(TOP).json() == WHOLE


def test_faults(lab: Lab, wlc: httpx.Client) -> None:
    for number, kind in enumerate(("cut-before", "cut-after", "truncated", "garbage"), 1):
        lab["wlc"].fail(kind, on="^POST")
        with pytest.raises(httpx.HTTPError):
            wlc.post(WLANS, json=entry(**{"profile-name": kind, "wlan-id": number}), timeout=0.5)
    held = wlc.get(f"{WLANS}/wlan-cfg-entry").json()[f"{MODULE}:wlan-cfg-entry"]
    assert [one["profile-name"] for one in held] == ["cut-after", "truncated", "garbage"]
    lab["wlc"].fail("slow", on="^GET", seconds=0.2)
    assert wlc.get(TOP).elapsed.total_seconds() >= 0.2
    assert "made-up-psk" not in "".join(map(str, lab["wlc"].dialogue))


NAMES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12)


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        NAMES,
        st.fixed_dictionaries({"wlan-id": st.integers(1, 4096)}, optional={"okc": st.booleans(), "description": NAMES}),
    )
)
def test_what_is_put_is_what_is_told(wlans: dict[str, dict[str, object]]) -> None:
    device = c9800("wlc")
    assert device.http is not None
    http = device.http
    device.password = "x"
    headers = {"content-type": KIND, "authorization": "Basic YWRtaW46eA=="}
    entries = [{"profile-name": name, **about} for name, about in wlans.items()]
    body = {f"{MODULE}:wlan-cfg-entries": {"wlan-cfg-entry": entries} if entries else {}}
    assert http(Request("PUT", WLANS, headers, json.dumps(body).encode())).status in {201, 204}
    assert http(Request("GET", WLANS, headers)).body == body
    kept = device.native()
    device.store.load(kept)
    assert device.native() == kept
