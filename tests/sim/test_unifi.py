"""The simulated UniFi controller, met by httpx over HTTPS."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import httpx
import pytest

from netres.testing.sim import Lab
from netres_drivers.unifi.sim import OLD, SELF_HOSTED, SIMULATOR

WLAN = {"name": "Corp", "security": "wpapsk", "x_passphrase": "made-up-passphrase", "wlan_bands": ["2g", "5g"]}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"os": SIMULATOR, "own": SELF_HOSTED, "old": OLD}) as running:
        yield running


@pytest.fixture
def trust(lab: Lab) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=lab.folder / "ca.pem")


@pytest.fixture
def console(lab: Lab, trust: ssl.SSLContext) -> Iterator[httpx.Client]:
    device = lab["os"]
    device.store.reset()
    device.faults.clear()
    device.clock.advance(5)  # until the access points have it too
    with httpx.Client(base_url=f"https://127.0.0.1:{lab.ports['os']['https']}", verify=trust) as http:
        told = http.post("/api/auth/login", json={"username": device.username, "password": device.password})
        assert told.status_code == 200
        http.headers["X-CSRF-Token"] = told.headers["x-csrf-token"]
        http.base_url = http.base_url.join("/proxy/network/api/s/default")
        yield http


def test_a_session(lab: Lab, console: httpx.Client) -> None:
    network = console.post("/rest/networkconf", json={"name": "voice", "purpose": "vlan-only", "vlan": 20}).json()
    made = console.post("/rest/wlanconf", json=WLAN | {"networkconf_id": network["data"][0]["_id"]}).json()
    assert made["meta"] == {"rc": "ok"}
    identity = made["data"][0]["_id"]
    assert len(identity) == 24
    assert console.get(f"/rest/wlanconf/{identity}").json() == made
    changed = console.put(f"/rest/wlanconf/{identity}", json={"hide_ssid": True}).json()["data"][0]
    assert changed == made["data"][0] | {"hide_ssid": True}
    assert console.delete(f"/rest/wlanconf/{identity}").json() == {"meta": {"rc": "ok"}, "data": []}
    assert console.get("/rest/wlanconf").json()["data"] == []
    assert "made-up-passphrase" not in "".join(map(str, lab["os"].dialogue))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 33}, "name"),
        ({"x_passphrase": "short"}, "x_passphrase"),
        ({"security": "wpa9"}, "security"),
        ({"security": "wpaeap"}, "radiusprofile_id"),
        ({"networkconf_id": "0" * 24}, "networkconf_id"),
        ({"hide_ssid": "yes"}, "hide_ssid"),
        ({"wlan_bands": ["7g"]}, "wlan_bands"),
        ({"wlan_bands": "5g"}, "wlan_bands"),
        ({"vlan": 1}, "vlan"),
        ({"no_such_field": 1}, "no_such_field"),
        ({"_id": "0" * 24}, "_id"),
    ],
)
def test_a_wrong_field_is_refused(console: httpx.Client, body: dict[str, object], field: str) -> None:
    told = console.post("/rest/wlanconf", json=WLAN | body)
    assert told.status_code == 400
    assert told.json()["meta"] == {"rc": "error", "msg": "api.err.InvalidPayload"}
    assert told.json()["data"][0]["validationError"]["field"] == field
    assert console.get("/rest/wlanconf").json()["data"] == []


def test_other_refusals(console: httpx.Client) -> None:
    def message(told: httpx.Response) -> str:
        assert told.status_code == 400
        return str(told.json()["meta"]["msg"])

    network = console.post("/rest/networkconf", json={"name": "a", "purpose": "vlan-only", "vlan": 20}).json()
    identity = network["data"][0]["_id"]
    console.post("/rest/wlanconf", json=WLAN | {"networkconf_id": identity})
    assert message(console.delete(f"/rest/networkconf/{identity}")) == "api.err.ObjectReferredBy"
    same = {"name": "b", "purpose": "vlan-only", "vlan": 20}
    assert message(console.post("/rest/networkconf", json=same)) == "api.err.VlanUsed"
    assert message(console.put("/rest/wlanconf/guest", json={})) == "api.err.IdInvalid"
    default = console.get("/rest/networkconf").json()["data"][0]["_id"]
    assert message(console.delete(f"/rest/networkconf/{default}")) == "api.err.NoDelete"
    assert message(console.post("/rest/wlanconf", content=b"{")) == "api.err.InvalidPayload"
    assert message(console.post("/rest/wlanconf", content=b"[]")) == "api.err.InvalidPayload"


def test_access_points_take_it_later(lab: Lab, console: httpx.Client) -> None:
    console.post("/rest/wlanconf", json=WLAN)
    before = console.get("/stat/device").json()["data"][0]
    assert before["state"] == 5
    assert before["vap_table"] == []
    assert before["cfgversion"] != before["known_cfgversion"]
    assert console.get("/stat/sta").json()["data"] == []
    lab["os"].clock.advance(5)
    after = console.get("/stat/device").json()["data"][0]
    assert after["state"] == 1
    assert [vap["essid"] for vap in after["vap_table"]] == ["Corp"]
    assert after["cfgversion"] == after["known_cfgversion"]
    assert console.get("/stat/sta").json()["data"][0]["essid"] == "Corp"


def test_what_somebody_loads_by_hand_reaches_them_too(lab: Lab, console: httpx.Client) -> None:
    lab["os"].store.load('{"wlanconf": [{"name": "Corp"}]}')
    assert [one["state"] for one in console.get("/stat/device").json()["data"]] == [5, 5]
    lab["os"].clock.advance(5)
    assert [one["state"] for one in console.get("/stat/device").json()["data"]] == [1, 1]


def test_a_client_knows_a_console_by_its_root(lab: Lab, trust: ssl.SSLContext) -> None:
    for name, status in (("os", 200), ("own", 302)):
        assert httpx.get(f"https://127.0.0.1:{lab.ports[name]['https']}", verify=trust).status_code == status


def test_a_session_ends(lab: Lab, console: httpx.Client) -> None:
    lab["os"].fail("clock-jump", at=0, seconds=7201)
    over = console.get("/rest/wlanconf")
    assert over.status_code == 401
    assert over.json() == {"errorCode": 1, "message": "api.err.LoginRequired"}


def test_a_log_out(lab: Lab, console: httpx.Client) -> None:
    assert console.get("/stat/sysinfo").json()["data"][0]["hostname"] == "os"
    console.base_url = console.base_url.copy_with(path="")
    assert console.post("/api/auth/logout").status_code == 200
    assert console.get("/proxy/network/api/self/sites").status_code == 401


def test_logins(lab: Lab, trust: ssl.SSLContext) -> None:
    device = lab["os"]
    right = {"username": device.username, "password": device.password}
    with httpx.Client(base_url=f"https://127.0.0.1:{lab.ports['os']['https']}", verify=trust) as http:
        wrong = http.post("/api/auth/login", json=right | {"password": "x"})
        assert wrong.status_code == 401
        assert wrong.json() == {"errorCode": 2, "message": "api.err.Invalid"}
        device.fail("auth-refused")
        assert http.post("/api/auth/login", json=right).status_code == 401
        site = "/proxy/network/api/s/default"
        http.post("/api/auth/login", json=right)
        forged = http.post(f"{site}/rest/wlanconf", json=WLAN)
        assert forged.status_code == 403
        assert forged.json() == {"errorCode": 3, "message": "api.err.NoPermission"}
        http.cookies.clear()
        assert http.get(f"{site}/rest/wlanconf").status_code == 401
        assert http.get(f"{site}/rest/wlanconf", headers={"X-API-Key": device.token}).status_code == 200


@pytest.mark.parametrize(("name", "status"), [("own", 400), ("old", 200)])
def test_a_controller_without_unifi_os(lab: Lab, trust: ssl.SSLContext, name: str, status: int) -> None:
    device = lab[name]
    with httpx.Client(base_url=f"https://127.0.0.1:{lab.ports[name]['https']}", verify=trust) as http:
        wrong = http.post("/api/login", json={"username": "admin", "password": "x"})
        assert wrong.status_code == status
        assert wrong.json() == {"meta": {"rc": "error", "msg": "api.err.Invalid"}, "data": []}
        told = http.post("/api/login", json={"username": device.username, "password": device.password})
        assert told.json() == {"meta": {"rc": "ok"}, "data": []}
        refused = http.post("/api/s/default/rest/wlanconf", json=WLAN | {"security": "x"})
        assert refused.status_code == status
        assert refused.json()["meta"]["rc"] == "error"
        assert http.post("/api/s/default/rest/wlanconf", json=WLAN).json()["meta"]["rc"] == "ok"
        assert http.post("/api/logout").status_code == 200
        over = http.get("/api/s/default/rest/wlanconf")
        assert over.json() == {"meta": {"rc": "error", "msg": "api.err.LoginRequired"}, "data": []}


def test_faults(lab: Lab, console: httpx.Client) -> None:
    device = lab["os"]
    for kind in ("cut-after", "truncated", "garbage", "reboot"):
        device.fail(kind, on="^POST .*networkconf")
        with pytest.raises(httpx.HTTPError):
            console.post("/rest/networkconf", json={"name": kind, "purpose": "vlan-only"}, timeout=0.5)
    held = [one["name"] for one in device_networks(device.native())]
    assert held == ["Default", "cut-after", "truncated", "garbage"]
    assert console.get("/rest/networkconf").status_code == 401  # the session did not outlive the restart
    device.fail("rejected", on="^GET")
    assert console.get("/rest/networkconf").json()["meta"]["msg"] == "api.err.Invalid"


def test_it_stores_and_shows_something_else(lab: Lab, console: httpx.Client) -> None:
    device = lab["os"]
    device.fail("normalised", find='"name": "Corp"', replace='"name": "CORP"')
    made = console.post("/rest/wlanconf", json=WLAN).json()["data"][0]
    assert made["name"] == "CORP"
    device.fail("salted", find='"x_passphrase": "([^"]+)"')
    first, second = (console.get("/rest/wlanconf").json()["data"][0]["x_passphrase"] for _ in range(2))
    assert first != second != WLAN["x_passphrase"]
    assert "made-up-passphrase" in device.native()


def device_networks(native: str) -> list[dict[str, str]]:
    return list(httpx.Response(200, text=native).json()["networkconf"])
