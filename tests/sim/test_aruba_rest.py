"""The REST interface of the simulated ArubaOS 8 controller, met by httpx over HTTPS."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import httpx
import pytest

from netres.testing.sim import Lab
from netres_drivers.aruba_aos8.sim_rest import REST_SIMULATOR

OBJECT = "/v1/configuration/object"
SSID = {
    "profile-name": "CORP",
    "essid": {"essid": "Corp"},
    "opmode": [{"wpa2-psk-aes": True}],
    "wpa_passphrase": {"wpa-passphrase": "made-up-passphrase"},
}
VAP = {"profile-name": "CORP", "ssid_prof": {"profile-name": "CORP"}, "vlan": {"vlan": "20"}}
GROUP = {"profile-name": "SITE1", "virtual_ap": [{"profile-name": "CORP"}]}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"mc": REST_SIMULATOR}) as running:
        yield running


@pytest.fixture
def http(lab: Lab) -> Iterator[httpx.Client]:
    lab["mc"].store.reset()
    lab["mc"].faults.clear()
    with stranger(lab) as made:
        log_in(lab, made)
        yield made


def stranger(lab: Lab) -> httpx.Client:
    trust = ssl.create_default_context(cafile=lab.folder / "ca.pem")
    return httpx.Client(base_url=f"https://127.0.0.1:{lab.ports['mc']['https']}", verify=trust)


def log_in(lab: Lab, http: httpx.Client) -> None:
    device = lab["mc"]
    told = http.post("/v1/api/login", data={"username": device.username, "password": device.password})
    result = told.json()["_global_result"]
    assert result["status_str"] == "You've logged in successfully."
    http.params = http.params.set("UIDARUBA", result["UIDARUBA"]).set("config_path", "/md")


def outcome(told: httpx.Response) -> tuple[int, bool]:
    assert told.status_code == 200
    result = told.json()["_global_result"]
    return result["status"], result["_pending"]


def listed(http: httpx.Client, name: str) -> list[dict[str, object]]:
    return list(http.get(f"{OBJECT}/{name}").json()["_data"][name])


def test_a_session(lab: Lab, http: httpx.Client) -> None:
    made = http.post(OBJECT, json={"ssid_prof": [SSID], "virtual_ap": [VAP], "ap_group": [GROUP]})
    assert outcome(made) == (0, True)
    assert made.json()["ap_group"][0]["_result"] == {"status": 0, "status_str": "Success"}
    assert listed(http, "ssid_prof") == [SSID]
    assert outcome(http.post(f"{OBJECT}/write_memory", json={})) == (0, False)
    change = {"profile-name": "CORP", "essid": {"essid": "Corp2"}, "wpa_passphrase": {"_action": "delete"}}
    assert outcome(http.post(f"{OBJECT}/ssid_prof", json=change)) == (0, True)
    assert listed(http, "ssid_prof") == [
        {**{k: v for k, v in SSID.items() if k != "wpa_passphrase"}, "essid": {"essid": "Corp2"}}
    ]
    gone = {"profile-name": "CORP", "_action": "delete"}
    assert outcome(http.post(OBJECT, json={"virtual_ap": [gone]})) == (1, True)
    assert len(listed(http, "virtual_ap")) == 1
    leave = {"profile-name": "SITE1", "virtual_ap": [{"profile-name": "CORP", "_action": "delete"}]}
    assert outcome(http.post(OBJECT, json={"ap_group": [leave], "virtual_ap": [gone], "ssid_prof": [gone]})) == (
        0,
        True,
    )
    assert listed(http, "ap_group") == [{"profile-name": "SITE1"}]
    assert listed(http, "ssid_prof") == []
    lab["mc"].fail("reboot", on="^GET")
    with pytest.raises(httpx.HTTPError):
        http.get(f"{OBJECT}/ssid_prof")
    assert http.get(f"{OBJECT}/ssid_prof").status_code == 401
    log_in(lab, http)
    assert listed(http, "ssid_prof") == [SSID]
    said = "".join(map(str, lab["mc"].dialogue))
    assert "UIDARUBA=********" in said
    assert not {word for word in ("made-up-passphrase", http.params["UIDARUBA"]) if word in said}
    assert http.get("/v1/api/logout").status_code == 200
    assert http.get(f"{OBJECT}/ssid_prof").status_code == 401


def test_a_refused_object_comes_with_status_200(http: httpx.Client) -> None:
    short = SSID | {"profile-name": "BAD", "wpa_passphrase": {"wpa-passphrase": "short"}}
    told = http.post(OBJECT, json={"ssid_prof": [short, SSID]})
    assert outcome(told) == (1, True)
    assert [one["_result"]["status"] for one in told.json()["ssid_prof"]] == [1, 0]
    assert listed(http, "ssid_prof") == [SSID]
    dangling = http.post(OBJECT, json={"virtual_ap": [VAP | {"ssid_prof": {"profile-name": "NOWHERE"}}]})
    assert "does not exist" in dangling.json()["_global_result"]["status_str"]
    missing = {"profile-name": "NONE", "_action": "modify"}
    assert outcome(http.post(f"{OBJECT}/ssid_prof", json=missing)) == (1, True)
    assert outcome(http.post(f"{OBJECT}/ssid_prof", json={"profile-name": "X", "_action": "burn"})) == (1, True)


def test_refusals(lab: Lab, http: httpx.Client) -> None:
    assert http.post(OBJECT, json={"no_such": {}}).status_code == 400
    assert http.post(OBJECT, content=b"{").status_code == 400
    assert http.put(f"{OBJECT}/ssid_prof", json=SSID).status_code == 405
    assert http.request("DELETE", f"{OBJECT}/ssid_prof").status_code == 405
    lab["mc"].fail("locked")
    assert http.post(OBJECT, json={"ssid_prof": [SSID]}).status_code == 423
    assert http.post(f"{OBJECT}/write_memory", json={}).status_code == 423


def test_logins(lab: Lab, http: httpx.Client) -> None:
    device = lab["mc"]
    with stranger(lab) as other:
        wrong = other.post("/v1/api/login", data={"username": device.username, "password": "x"})
        assert wrong.status_code == 401
        assert wrong.json()["_global_result"]["status"] == "1"
        token = {"UIDARUBA": http.params["UIDARUBA"]}
        assert other.get(f"{OBJECT}/ssid_prof", params=token).status_code == 401  # without the cookie
    for _ in range(2):  # each request begins the time anew
        device.clock.advance(800)
        assert http.get(f"{OBJECT}/ssid_prof").status_code == 200
    device.clock.advance(901)
    assert http.get(f"{OBJECT}/ssid_prof").status_code == 401


def test_faults(lab: Lab, http: httpx.Client) -> None:
    lab["mc"].fail("cut-after", on="^POST .*object")
    with pytest.raises(httpx.HTTPError):
        http.post(OBJECT, json={"ssid_prof": [SSID]})
    assert listed(http, "ssid_prof") == [SSID]
    lab["mc"].fail("normalised", find='"essid": "Corp"', replace='"essid": "CORP"')
    http.post(OBJECT, json={"ssid_prof": [SSID]})
    assert listed(http, "ssid_prof")[0]["essid"] == {"essid": "CORP"}
