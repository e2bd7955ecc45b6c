"""The REST interface of the simulated Oracle SBC, met by httpx over HTTPS."""

from __future__ import annotations

import ssl
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from xml.etree import ElementTree as ET

import httpx
import pytest

from netres.testing.sim import Lab

ROOT = "/rest/v1.2"
ELEMENTS = "/configuration/configElements"
MANAGEMENT = "/configuration/management"
AGENT = {"hostname": "itsp-a.example.net", "ip-address": "203.0.113.10", "max-sessions": "100"}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"sbc": "oracle_sbc"}) as running:
        yield running


@pytest.fixture
def other(lab: Lab) -> Iterator[httpx.Client]:
    with logged_in(lab) as made:
        yield made


@pytest.fixture
def http(lab: Lab) -> Iterator[httpx.Client]:
    lab["sbc"].store.reset()
    lab["sbc"].faults.clear()
    with logged_in(lab) as made:
        yield made


@contextmanager
def logged_in(lab: Lab) -> Generator[httpx.Client]:
    device = lab["sbc"]
    base = f"https://127.0.0.1:{lab.ports['sbc']['https']}{ROOT}"
    trust = ssl.create_default_context(cafile=lab.folder / "ca.pem")
    with httpx.Client(base_url=base, verify=trust) as made:
        told = made.post("/auth/token", auth=(device.username, device.password))
        made.headers["Authorization"] = f"Bearer {text(told, 'data/accessToken')}"
        yield made


def text(told: httpx.Response, path: str) -> str:
    return ET.fromstring(told.content).findtext(path) or ""


def message(told: httpx.Response) -> tuple[int, str]:
    return told.status_code, text(told, "messages/message")


def element(kind: str, attributes: dict[str, str], below: str = "") -> str:
    parts = "".join(
        f"<attribute><name>{name}</name><value>{value}</value></attribute>" for name, value in attributes.items()
    )
    return f"<configElement><elementType>{kind}</elementType>{parts}{below}</configElement>"


def held(told: httpx.Response) -> list[dict[str, str]]:
    return [
        {one.findtext("name") or "": one.findtext("value") or "" for one in found.findall("attribute")}
        for found in ET.fromstring(told.content).findall("data/configElement")
    ]


def done(lab: Lab, http: httpx.Client, told: httpx.Response) -> str:
    assert told.status_code == 202
    link = text(told, "links/link").removeprefix(ROOT)
    assert text(http.get(link), "data/operationState/status") == "inProgress"
    lab["sbc"].clock.advance(1)
    return text(http.get(link), "data/operationState/status")


def test_a_session(lab: Lab, http: httpx.Client) -> None:
    device = lab["sbc"]
    assert http.post("/configuration/lock").status_code == 204
    made = http.post(ELEMENTS, content=element("session-agent", AGENT))
    assert made.status_code == 200
    assert held(made)[0] | AGENT == held(made)[0]
    assert held(made)[0]["port"] == "5060"
    changed = http.put(ELEMENTS, content=element("session-agent", {"hostname": AGENT["hostname"], "port": "5061"}))
    assert held(changed)[0] == held(made)[0] | {"port": "5061"}
    query = {"elementType": "session-agent", "hostname": AGENT["hostname"]}
    assert held(http.get(ELEMENTS, params=query)) == held(changed)
    assert held(http.get(ELEMENTS, params={"elementType": "session-agent", "running": "true"})) == []
    before = device.native()
    assert done(lab, http, http.put(MANAGEMENT, params={"action": "verify"})) == "success"
    assert done(lab, http, http.put(MANAGEMENT, params={"action": "save"})) == "success"
    assert device.native() == before
    assert done(lab, http, http.post(MANAGEMENT, params={"action": "activate"})) == "success"
    assert "itsp-a.example.net" in device.native()
    assert http.delete(ELEMENTS, params=query).status_code == 204
    assert http.get(ELEMENTS, params=query).status_code == 404
    assert http.post("/configuration/unlock").status_code == 204
    assert http.headers["Authorization"].removeprefix("Bearer ") not in "".join(map(str, device.dialogue))
    device.clock.advance(601)
    assert http.get(ELEMENTS, params=query).status_code == 401


def test_an_element_below_another(lab: Lab, http: httpx.Client) -> None:
    http.post("/configuration/lock")
    http.post(ELEMENTS, content=element("realm-config", {"identifier": "peer"}))
    port = element("sip-port", {"address": "192.0.2.20", "transport-protocol": "TLS"}).replace("configEl", "subEl")
    made = http.post(ELEMENTS, content=element("sip-interface", {"realm-id": "peer"}, port))
    below = ET.fromstring(made.content).find("data/configElement/subElement")
    assert below is not None
    assert below.findtext("elementType") == "sip-port"


def test_the_lock(lab: Lab, http: httpx.Client, other: httpx.Client) -> None:
    body = element("session-agent", AGENT)
    assert message(http.post(ELEMENTS, content=body)) == (423, "User does not have the lock")
    http.post("/configuration/lock")
    assert message(other.post("/configuration/lock")) == (423, "Resource locked by another user")
    assert message(other.post(ELEMENTS, content=body)) == (423, "Resource locked by another user")
    assert message(other.post("/configuration/unlock")) == (423, "Resource locked by another user")
    lab["sbc"].clock.advance(601)  # the token that it hangs on is over, and so is the other's
    assert message(http.post(ELEMENTS, content=body)) == (401, "Unauthorized")
    with logged_in(lab) as third:
        assert third.post("/configuration/lock").status_code == 204
        third.post("/configuration/unlock")
        lab["sbc"].fail("locked")
        assert message(third.post("/configuration/lock")) == (423, "Resource locked by another user")


def test_the_command_line_has_the_same_lock_and_the_same_elements(lab: Lab, http: httpx.Client) -> None:
    device = lab["sbc"]
    assert device.cli is not None
    login = device.cli()

    def typed(*lines: str) -> str:
        return "".join(device.operate("cli", line, partial(login.line, line), str).answer or "" for line in lines)

    typed("enable", device.password)
    http.post("/configuration/lock")
    assert "locked" in typed("configure terminal", "session-router")
    device.clock.advance(601)
    assert "locked" not in typed("configure terminal")
    with logged_in(lab) as other:
        assert message(other.post("/configuration/lock")) == (423, "Resource locked by another user")
        typed("session-router", "session-agent", "hostname itsp-b.example.net", "done", "exit", "exit", "exit")
        login.close()
        assert other.post("/configuration/lock").status_code == 204
        found = held(other.get(ELEMENTS, params={"elementType": "session-agent"}))
    assert [one["hostname"] for one in found] == ["itsp-b.example.net"]


def test_refusals(lab: Lab, http: httpx.Client) -> None:
    http.post("/configuration/lock")
    before = http.get(ELEMENTS, params={"elementType": "session-agent"}).content
    wrong = [
        ("<configElement", 400),
        (element("session-agent", {"hostname": "a", "port": "x"}), 400),
        (element("session-agent", {"hostname": "a", "no-such": "1"}), 400),
        (element("session-agent", {"port": "5060"}), 400),
        (element("no-such", {}), 404),
    ]
    for body, status in wrong:
        assert http.post(ELEMENTS, content=body).status_code == status
    assert http.put(ELEMENTS, content=element("session-agent", AGENT)).status_code == 404
    assert http.get(ELEMENTS, params={"elementType": "session-agent"}).content == before
    http.post(ELEMENTS, content=element("session-agent", AGENT))
    assert message(http.post(ELEMENTS, content=element("session-agent", AGENT)))[0] == 409
    dangling = element("session-agent", {"hostname": "b", "realm-id": "nowhere"})
    assert http.post(ELEMENTS, content=dangling).status_code == 200
    assert done(lab, http, http.put(MANAGEMENT, params={"action": "verify"})) == "failure"
    assert http.put(MANAGEMENT, params={"action": "activate"}).status_code == 400


def test_logins(lab: Lab, http: httpx.Client) -> None:
    device = lab["sbc"]
    assert http.post("/auth/token", auth=(device.username, "x")).status_code == 401
    device.fail("auth-refused")
    assert http.post("/auth/token", auth=(device.username, device.password)).status_code == 401
    device.fail("clock-jump", at=0, seconds=601)
    assert http.get("/system/status").status_code == 401


def test_it_describes_itself(http: httpx.Client) -> None:
    kinds = [one.text for one in ET.fromstring(http.get("/configuration/elementTypes").content).iter("elementType")]
    assert "session-agent" in kinds
    about = http.get("/configuration/elementTypes/metadata", params={"elementType": "session-agent"})
    keys = [one for one in ET.fromstring(about.content).iter("attribute") if one.findtext("isKey") == "true"]
    assert [key.findtext("name") for key in keys] == ["hostname"]


def test_faults(lab: Lab, http: httpx.Client) -> None:
    device = lab["sbc"]
    http.post("/configuration/lock")
    device.fail("cut-after", on="^POST .*configElements")
    with pytest.raises(httpx.HTTPError):
        http.post(ELEMENTS, content=element("session-agent", AGENT))
    assert len(held(http.get(ELEMENTS, params={"elementType": "session-agent"}))) == 1
    told = http.put(MANAGEMENT, params={"action": "save"})
    device.fail("reboot", on="^GET")
    with pytest.raises(httpx.HTTPError):
        http.get("/system/status")
    device.clock.advance(5)
    with logged_in(lab) as again:
        assert again.get(text(told, "links/link").removeprefix(ROOT)).status_code == 404
        assert held(again.get(ELEMENTS, params={"elementType": "session-agent"})) == []
        assert again.post("/configuration/lock").status_code == 204
