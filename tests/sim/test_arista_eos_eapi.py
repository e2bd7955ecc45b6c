"""The command API of the simulated Arista EOS, met by pyeapi and httpx, and what goes wrong with it."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from typing import cast

import httpx
import pytest
from eos_clients import CommandFailed, Eapi, EapiLost, Failure, pyeapi
from hypothesis import given, settings
from hypothesis import strategies as st

from netres.testing.sim import Lab, registry
from netres.testing.sim.http import Request

VLAN = ["configure session s1", "vlan 10", "name voice"]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"r1": "arista_eos"}) as running:
        yield running


@pytest.fixture
def switch(lab: Lab) -> Eapi:
    lab["r1"].faults.clear()
    lab["r1"].store.reset()
    return pyeapi(lab, "r1")


def sessions(switch: Eapi) -> dict[str, str]:
    told = switch.run_commands("show configuration sessions detail")[0]["sessions"]
    return {name: session["state"] for name, session in told.items()}


def test_commands_of_one_request_are_one_login(switch: Eapi, lab: Lab) -> None:
    assert switch.run_commands([*VLAN, "show session-config diffs"], encoding="text")[-1]["output"].endswith(
        "+vlan 10\n+   name voice\n+!\n interface Ethernet1\n !\n interface Ethernet2\n"
    )
    assert sessions(switch) == {"s1": "pending"}
    with pytest.raises(CommandFailed, match="invalid command"):
        switch.run_commands(["commit"])
    assert switch.run_commands(["configure session s1", "commit"]) == [{}, {}]
    assert sessions(switch) == {"s1": "completed"}
    assert "vlan 10\n   name voice\n" in lab["r1"].native()


def test_pyeapis_own_resources(switch: Eapi, lab: Lab) -> None:
    before = lab["r1"].native()
    vlans, interfaces, bgp = switch.api("vlans"), switch.api("interfaces"), switch.api("bgp")
    switch.configure_session()
    assert vlans.create("100")
    assert vlans.set_name("100", "voice")
    assert lab["r1"].native() == before
    assert "+vlan 100\n+   name voice\n" in switch.diff()
    switch.commit()
    assert vlans.get("100")["name"] == "voice"
    assert interfaces.set_shutdown("Ethernet1", disable=False)
    assert interfaces.get("Ethernet1")["shutdown"] is True
    assert bgp.create(65001)
    assert bgp.neighbors.set_remote_as("192.0.2.9", "65009")
    assert bgp.get()["bgp_as"] == 65001
    assert bgp.neighbors.getall()["192.0.2.9"]["remote_as"] == "65009"
    assert switch.api("system").set_hostname("other")
    assert switch.api("system").get()["hostname"] == "other"
    switch.configure_session()
    assert interfaces.set_description("Ethernet1", "never was")
    switch.abort()
    assert interfaces.get("Ethernet1")["description"] is None


def test_a_configuration_is_told_as_json(switch: Eapi) -> None:
    told = switch.run_commands("show running-config")[0]
    assert told["cmds"]["hostname r1"] is None
    assert told["cmds"]["management api http-commands"]["cmds"] == {"protocol http": None, "no shutdown": None}
    assert switch.run_commands("write memory") == [{"messages": ["Copy completed successfully."]}]


def test_without_enable_there_is_no_privilege(switch: Eapi) -> None:
    assert switch.run_commands("show version", send_enable=False)[0]["modelName"] == "cEOSLab"
    with pytest.raises(CommandFailed, match="privileged mode required"):
        switch.run_commands("show running-config", send_enable=False, encoding="text")
    with pytest.raises(CommandFailed, match="privileged mode required"):
        switch.run_commands("configure", send_enable=False)


def test_enable_takes_its_secret(switch: Eapi, lab: Lab) -> None:
    switch.run_commands(["configure", "enable password hush"])
    with pytest.raises(CommandFailed, match=r"'enable' failed"):
        switch.run_commands("show running-config")
    switch.enable_authentication("hush")
    assert switch.run_commands("show hostname") == [{"hostname": "r1", "fqdn": "r1"}]
    assert not any("hush" in str(exchange) for exchange in lab["r1"].dialogue)


@pytest.mark.parametrize(
    ("line", "code", "message", "error"),
    [
        ("show bogus", 1002, "invalid command", "Invalid input (at token 1: 'bogus')"),
        ("bogus", 1002, "invalid command", "Invalid input (at token 0: 'bogus')"),
        ("show", 1002, "invalid command", "Incomplete command (at token 0: 'show')"),
        ("show interfaces status", 1003, "unconverted command", "Command cannot be used over the API at this time."),
        ("configure session x abort", 1000, "could not run command", "Session x does not exist"),
    ],
)
def test_a_command_that_fails(switch: Eapi, line: str, code: int, message: str, error: str) -> None:
    with pytest.raises(CommandFailed) as caught:
        switch.run_commands(["show hostname", line, "show version"])
    failure = cast("Failure", caught.value)
    assert failure.error_code == code
    assert failure.error_text == f"CLI command 3 of 4 '{line}' failed: {message}"
    assert failure.output[1] == {"hostname": "r1", "fqdn": "r1"}
    assert failure.output[2]["errors"][0].startswith(error)
    assert len(failure.output) == 3


def test_what_precedes_a_failing_command_is_done(switch: Eapi, lab: Lab) -> None:
    with pytest.raises(CommandFailed):
        switch.run_commands(["configure", "vlan 10", "bogus", "vlan 11"])
    assert "vlan 10\n" in lab["r1"].native()
    assert "vlan 11\n" not in lab["r1"].native()
    lab["r1"].fail("rejected", on="vlan 13")
    with pytest.raises(CommandFailed, match=r"command 4 of 5 'vlan 13' failed: invalid command"):
        switch.run_commands(["configure", "vlan 12", "vlan 13", "vlan 14"])
    assert "vlan 12\n" in lab["r1"].native()
    assert "vlan 13\n" not in lab["r1"].native()
    assert "vlan 14\n" not in lab["r1"].native()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"[]", -32600),
        (b'{"jsonrpc": "1.0"}', -32600),
        (b'{"jsonrpc": "2.0", "method": "nothing"}', -32601),
        (b'{"jsonrpc": "2.0", "method": "runCmds"}', -32602),
        (b'{"jsonrpc": "2.0", "method": "runCmds", "params": {"version": 9, "cmds": []}}', -32602),
        (b'{"jsonrpc": "2.0", "method": "runCmds", "params": {"version": 1, "cmds": "show version"}}', -32602),
        (b'{"jsonrpc": "2.0", "method": "runCmds", "params": {"version": 1, "cmds": [3]}}', -32602),
        (b'{"jsonrpc": "2.0", "method": "runCmds", "params": {"version": 1, "format": "x", "cmds": []}}', -32602),
    ],
)
def test_what_is_no_call(lab: Lab, body: bytes, code: int) -> None:
    device = lab["r1"]
    url = f"http://127.0.0.1:{lab.ports['r1']['http']}/command-api"
    answer = httpx.post(url, content=body, auth=(device.username, device.password)).json()
    assert answer["error"]["code"] == code
    assert "result" not in answer


def test_what_is_no_command_api(lab: Lab) -> None:
    base = f"http://127.0.0.1:{lab.ports['r1']['http']}"
    assert httpx.get(f"{base}/else").status_code == 404
    refused = httpx.get(f"{base}/command-api")
    assert (refused.status_code, refused.headers["www-authenticate"][:5]) == (401, "Basic")
    device = lab["r1"]
    assert httpx.get(f"{base}/command-api", auth=(device.username, device.password)).status_code == 405
    for wrong in ("Basic !", "Basic /w==", "Bearer x"):
        assert httpx.get(f"{base}/command-api", headers={"authorization": wrong}).status_code == 401


def test_a_wrong_password_and_a_refused_login(switch: Eapi, lab: Lab) -> None:
    with pytest.raises(EapiLost, match="Unauthorized"):
        pyeapi(lab, "r1", "wrong").run_commands("show version")
    lab["r1"].fail("auth-refused")
    with pytest.raises(EapiLost, match="Unauthorized"):
        switch.run_commands("show version")
    assert switch.run_commands("show version")


@pytest.mark.parametrize(
    ("kind", "error", "done"),
    [
        ("cut-before", (EapiLost, http.client.HTTPException), False),
        ("cut-after", (EapiLost, http.client.HTTPException), True),
        ("hang", (EapiLost,), True),
        ("truncated", (EapiLost, http.client.HTTPException), True),
        ("garbage", (EapiLost, http.client.HTTPException), True),
        ("reboot", (EapiLost, http.client.HTTPException), False),
    ],
)
def test_a_fault_at_a_commit(switch: Eapi, lab: Lab, kind: str, error: tuple[type[Exception], ...], done: bool) -> None:
    before = lab["r1"].native()
    switch.run_commands(VLAN)
    lab["r1"].fail(kind, on="commit")
    with pytest.raises(error):
        switch.run_commands(["configure session s1 commit"])
    assert ("vlan 10\n" in lab["r1"].native()) is done
    expected = {"s1": "completed"} if done else {} if kind == "reboot" else {"s1": "pending"}
    assert sessions(switch) == expected
    if not done:
        assert lab["r1"].native() == before


def test_a_reboot_takes_back_a_commit_on_trial(switch: Eapi, lab: Lab) -> None:
    before = lab["r1"].native()
    switch.run_commands([*VLAN, "commit timer 00:05:00"])
    assert sessions(switch) == {"s1": "pendingCommitTimer"}
    lab["r1"].reboot()
    assert lab["r1"].native() == before
    assert sessions(switch) == {}
    lab["r1"].clock.advance(301)
    assert lab["r1"].native() == before


def test_a_confirmation_that_comes_too_late(switch: Eapi, lab: Lab) -> None:
    before = lab["r1"].native()
    switch.run_commands([*VLAN, "commit timer 00:05:00", "configure", "vlan 11"])
    lab["r1"].fail("clock-jump", on="commit", seconds=301)
    with pytest.raises(CommandFailed, match="Session s1 does not exist"):
        switch.run_commands("configure session s1 commit")
    assert lab["r1"].native() == before


def test_no_more_than_five_sessions_are_pending(switch: Eapi) -> None:
    for number in range(5):
        switch.run_commands([f"configure session s{number}"])
    with pytest.raises(CommandFailed, match="Maximum number of pending sessions has been reached"):
        switch.run_commands(["configure session s5"])
    switch.run_commands(["configure session s1"])
    switch.run_commands(["configure session s0 abort", "configure session s5"])
    assert len(sessions(switch)) == 5


def test_somebody_else_holds_the_lock(switch: Eapi, lab: Lab) -> None:
    switch.run_commands(VLAN)
    lab["r1"].fail("locked")
    for line in ("configure", "configure session s2", "configure session s1 commit", "configure replace clean-config"):
        with pytest.raises(CommandFailed, match="lock is held"):
            switch.run_commands([line])
    assert "vlan 10" not in lab["r1"].native()


def test_secrets_are_hashed_and_normalised_lines_are_stored(switch: Eapi, lab: Lab) -> None:
    lab["r1"].fail("normalised", find="BLUE", replace="blue")
    switch.run_commands(
        ["configure", "username bob privilege 15 secret hush", "interface Ethernet1", "description BLUE"]
    )
    lines = lab["r1"].native().splitlines()
    assert "   description blue" in lines
    (user,) = [line for line in lines if line.startswith("username bob")]
    assert user.startswith("username bob privilege 15 secret sha512 $6$")
    lab["r1"].fail("salted", find=r"sha512 (\S+)")
    shown = [switch.run_commands("show running-config", encoding="text")[0]["output"] for _ in range(2)]
    assert shown[0] != shown[1]
    assert lab["r1"].native().splitlines() == lines


WORDS = (
    *("show", "configure", "session", "s", "commit", "timer", "00:00:10", "abort", "running-config", "version", "copy"),
    *("flash:x", "interface", "Ethernet1", "ip", "address", "192.0.2.1/24", "vlan", "10", "no", "default", "do", "|"),
    *(
        "json",
        "include",
        "(",
        "exit",
        "end",
        "enable",
        "replace",
        "named",
        "diffs",
        "username",
        "secret",
        "router",
        "bgp",
    ),
)
commands = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join) | st.text(max_size=12)


@settings(max_examples=40, deadline=None)
@given(st.lists(commands | st.fixed_dictionaries({"cmd": commands, "input": commands}), max_size=8), st.booleans())
def test_any_commands_are_answered_each(asked: list[object], text: bool) -> None:
    device = registry.get("arista_eos").make("r1")
    assert device.http is not None
    authorization = base64.b64encode(f"{device.username}:{device.password}".encode()).decode()
    params = {"version": 1, "cmds": asked, "format": "text" if text else "json"}
    body = json.dumps({"jsonrpc": "2.0", "method": "runCmds", "params": params, "id": "x"}).encode()
    answer = device.http(Request("POST", "/command-api", {"authorization": f"Basic {authorization}"}, body))
    told = json.loads(answer.content)
    assert told["id"] == "x"
    if "result" in told:
        assert len(told["result"]) == len(asked)
    else:
        assert f"CLI command {len(told['error']['data'])} of {len(asked)} " in told["error"]["message"]
        assert told["error"]["data"][-1]["errors"]
