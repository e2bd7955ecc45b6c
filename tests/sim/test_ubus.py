"""ubus over HTTP, spoken by httpx: sessions, staged changes, the rollback timer, status codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_ssh import Runner

from netres.testing.sim import Lab, Simulated
from netres.testing.sim.http import Json
from netres.testing.sim.ubus import NOBODY, Bus
from netres.testing.sim.ubus_uci import UciObject
from netres.testing.sim.uci_store import UciStore
from netres_drivers.openwrt.sim import SIMULATOR

Answer = list[Json] | dict[str, Json]


@dataclass
class Client:
    """A caller; ``session`` is what it has been given."""

    http: httpx.Client
    session: str = NOBODY

    def call(self, name: str, method: str, /, **arguments: Json) -> Answer:
        """The ``result``, or the ``error``."""
        params = [self.session, name, method, arguments]
        answer = self.http.post("/ubus", json={"jsonrpc": "2.0", "id": 7, "method": "call", "params": params}).json()
        assert (answer["jsonrpc"], answer["id"]) == ("2.0", 7)
        return cast("Answer", answer.get("result", answer.get("error")))

    def data(self, name: str, method: str, /, **arguments: Json) -> dict[str, Json]:
        """What a call that succeeds answers."""
        answer = self.call(name, method, **arguments)
        assert isinstance(answer, list)
        assert answer[0] == 0
        return cast("dict[str, Json]", answer[1])

    def login(self, password: str, timeout: int = 300) -> dict[str, Json]:
        self.session = NOBODY
        answer = self.data("session", "login", username="root", password=password, timeout=timeout)
        self.session = cast("str", answer["ubus_rpc_session"])
        return answer

    def hostname(self) -> Json:
        """Of what runs."""
        return self.data("system", "board")["hostname"]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab({"ap1": SIMULATOR}) as running:
        yield running


@pytest.fixture
def ap(lab: Lab) -> Simulated:
    device = lab["ap1"]
    device.faults.clear()
    device.reboot()
    device.store.reset()
    return device


@pytest.fixture
def client(lab: Lab, ap: Simulated) -> Iterator[Client]:
    unshared = httpx.Limits(max_keepalive_connections=0)  # a restart ends every connection
    with httpx.Client(base_url=f"http://127.0.0.1:{lab.ports['ap1']['http']}", timeout=10, limits=unshared) as http:
        made = Client(http)
        made.login(ap.password)
        yield made


SYSTEM = {"config": "system", "section": "@system[0]"}


def test_login(client: Client, ap: Simulated) -> None:
    said = client.login(ap.password, timeout=60)
    assert len(client.session) == 32
    assert (said["timeout"], said["expires"], said["data"]) == (60, 60, {"username": "root"})
    nobody = Client(client.http)
    assert nobody.call("session", "login", username="root", password="wrong") == [6]
    assert nobody.call("session", "login", username="root") == [2]
    assert nobody.call("system", "board") == {"code": -32002, "message": "Access denied"}
    assert client.call("nothing", "at all") == {"code": -32000, "message": "Object not found"}
    assert client.call("system", "nothing") == [3]
    ap.fail("auth-refused")
    assert nobody.call("session", "login", username="root", password=ap.password) == [6]


def test_what_is_no_call(client: Client) -> None:
    post = client.http.post
    assert post("/ubus", content="{").json()["error"] == {"code": -32700, "message": "Parse error"}
    assert post("/ubus", json={"method": "call"}).json()["error"]["code"] == -32600
    assert post("/ubus", json={"jsonrpc": "2.0", "id": 1, "method": "x"}).json()["error"]["code"] == -32601
    assert post("/ubus", json={"jsonrpc": "2.0", "method": "call", "params": []}).json()["error"]["code"] == -32602
    assert post("/elsewhere", json={}).status_code == 404
    assert client.http.get("/ubus").status_code == 405
    call: dict[str, Json] = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "call",
        "params": [client.session, "uci", "configs", {}],
    }
    assert [one["result"][0] for one in post("/ubus", json=[call, call]).json()] == [0, 0]


def test_a_session_ends_unused(client: Client, ap: Simulated) -> None:
    client.login(ap.password, timeout=60)
    for _ in range(3):
        ap.clock.advance(50)
        assert client.hostname() == "ap1"
    ap.clock.advance(61)
    assert client.call("system", "board") == {"code": -32002, "message": "Access denied"}
    client.login(ap.password)
    assert client.call("session", "destroy") == [0]
    assert client.call("system", "board") == {"code": -32002, "message": "Access denied"}


def test_reading(client: Client) -> None:
    values = cast("dict[str, dict[str, Json]]", client.data("uci", "get", config="system")["values"])
    assert values["cfg01e48a"][".anonymous"] is True
    assert (values["ntp"][".type"], values["ntp"][".index"]) == ("timeserver", 1)
    assert len(cast("list[str]", values["ntp"]["server"])) == 4
    assert client.data("uci", "get", **SYSTEM, option="hostname") == {"value": "ap1"}
    assert list(cast("dict[str, Json]", client.data("uci", "get", config="network", type="device")["values"])) == [
        "cfg030f15"
    ]
    assert client.call("uci", "get", config="nothing") == [4]
    assert client.call("uci", "get") == [2]
    assert cast("int", client.data("system", "info")["uptime"]) >= 0


def test_staged_applied_and_confirmed(client: Client, ap: Simulated) -> None:
    former = ap.native()
    assert client.call("uci", "set", **SYSTEM, values={"hostname": "new", "log_size": 128}) == [0]
    added = client.data("uci", "add", config="network", type="interface", name="guest", values={"dns": ["a", "b"]})
    assert added == {"section": "guest"}
    assert client.call("uci", "delete", config="network", section="wan6") == [0]
    assert client.data("uci", "changes") == {
        "changes": {
            "system": [["set", "cfg01e48a", "hostname", "new"], ["set", "cfg01e48a", "log_size", "128"]],
            "network": [
                ["set", "guest", "interface"],
                ["list-add", "guest", "dns", "a"],
                ["list-add", "guest", "dns", "b"],
                ["remove", "wan6"],
            ],
        }
    }
    assert ap.native() == former
    assert client.call("uci", "apply", rollback=True, timeout=30) == [0]
    assert client.hostname() == "new"
    assert client.data("uci", "changes") == {"changes": {}}
    assert client.call("uci", "confirm") == [0]
    assert client.call("uci", "confirm") == [5]
    ap.clock.advance(100)
    assert client.hostname() == "new"
    assert "config interface 'guest'\n\tlist dns 'a'" in ap.native()


def test_what_nobody_confirms_is_rolled_back(client: Client, ap: Simulated) -> None:
    former, files = ap.native(), dict(ap.files)
    client.call("uci", "set", **SYSTEM, values={"hostname": "new"})
    client.call("uci", "apply", rollback=True, timeout=30)
    assert ap.native() != former
    ap.fail("clock-jump", on="board", seconds=31)
    assert client.hostname() == "ap1"
    assert (ap.native(), dict(ap.files)) == (former, files)
    assert client.call("uci", "confirm") == [5]
    assert client.data("uci", "changes") == {"changes": {}}


def test_a_rollback_that_is_asked_for_gives_the_changes_back(client: Client, ap: Simulated) -> None:
    former, files = ap.native(), dict(ap.files)
    client.call("uci", "set", **SYSTEM, values={"hostname": "new"})
    client.call("uci", "apply", rollback=True, timeout=30)
    assert client.call("uci", "rollback") == [0]
    assert (ap.native(), dict(ap.files)) == (former, files)
    assert client.data("uci", "changes", config="system") == {"changes": [["set", "cfg01e48a", "hostname", "new"]]}
    assert client.call("uci", "revert", config="system") == [0]
    assert client.call("uci", "apply", rollback=True) == [5]


def test_one_applies_at_a_time(client: Client, ap: Simulated) -> None:
    other = Client(client.http)
    other.login(ap.password)
    client.call("uci", "set", **SYSTEM, values={"hostname": "new"})
    assert other.data("uci", "changes") == {"changes": {}}, "each session stages for itself"
    client.call("uci", "apply", rollback=True)
    other.call("uci", "set", **SYSTEM, values={"hostname": "other"})
    assert other.call("uci", "apply", rollback=True) == [6]
    assert other.call("uci", "confirm") == [6]
    assert other.call("uci", "commit", config="system") == [6]
    assert client.call("uci", "confirm") == [0]
    assert other.call("uci", "commit", config="system") == [0]
    assert client.hostname() == "other"
    ap.fail("locked")
    client.call("uci", "set", **SYSTEM, values={"hostname": "third"})
    assert client.call("uci", "apply", rollback=True) == [6]


def test_a_restart(client: Client, ap: Simulated) -> None:
    client.call("uci", "set", **SYSTEM, values={"hostname": "staged"})
    ap.fail("reboot", on='"apply"')
    with pytest.raises(httpx.HTTPError):
        client.call("uci", "apply", rollback=True)
    assert client.call("system", "board") == {"code": -32002, "message": "Access denied"}
    client.login(ap.password)
    assert client.data("uci", "changes") == {"changes": {}}
    assert client.hostname() == "ap1"
    client.call("uci", "set", **SYSTEM, values={"hostname": "applied"})
    client.call("uci", "apply", rollback=True, timeout=30)
    ap.reboot()
    ap.clock.advance(31)
    client.login(ap.password)
    assert client.hostname() == "applied", "the timer is in memory, the files are not"


def test_cut_after_apply(client: Client, ap: Simulated) -> None:
    former = ap.native()
    client.call("uci", "set", **SYSTEM, values={"hostname": "new"})
    ap.fail("cut-after", on='"apply"')
    with pytest.raises(httpx.HTTPError):
        client.call("uci", "apply", rollback=True, timeout=30)
    assert client.hostname() == "new"
    ap.clock.advance(31)
    assert ap.native() == former


def test_rejected(client: Client, ap: Simulated) -> None:
    ap.fail("rejected", on='"set"')
    assert client.call("uci", "set", **SYSTEM, values={"hostname": "new"}) == [2]
    assert client.data("uci", "changes") == {"changes": {}}


def test_lists_and_names(client: Client, ap: Simulated) -> None:
    client.call("uci", "set", config="system", section="ntp", values={"server": ["one", "two"]})
    assert client.data("uci", "get", config="system", section="ntp", option="server") == {"value": ["one", "two"]}
    client.call("uci", "delete", config="system", section="ntp", options=["server", "enabled"])
    assert "server" not in cast("dict[str, Json]", client.data("uci", "get", config="system", section="ntp")["values"])
    assert client.call("uci", "rename", config="network", section="lan", name="home") == [0]
    assert client.call("uci", "rename", config="network", section="nothing", name="home") == [4]
    assert client.call("uci", "order", config="network", sections=["home"]) == [0]
    values = cast("dict[str, Json]", client.data("uci", "get", config="network")["values"])
    assert next(iter(values)) == "home"
    assert client.call("uci", "delete", config="network", type="interface") == [0]
    values = cast("dict[str, Json]", client.data("uci", "get", config="network")["values"])
    assert list(values) == ["globals", "cfg030f15"]


def test_neither_passwords_nor_sessions_are_in_the_dialogue(client: Client, ap: Simulated) -> None:
    client.call("uci", "set", config="wireless", section="default_radio0", values={"key": "geheim-1"})
    client.data("uci", "get", config="wireless")
    said = "".join(map(str, ap.dialogue))
    for secret in (ap.password, client.session, "geheim-1"):
        assert secret not in said


def test_the_program_of_the_same_name(lab: Lab, client: Client) -> None:
    run = Runner(lab, "ap1")
    assert run('ubus call uci get \'{"config":"system","section":"ntp","option":"enabled"}\'') == (
        0,
        '{\n\t"value": "1"\n}\n',
    )
    assert run("ubus call nothing x") == (4, "Command failed: Not found\n")
    assert "session\nsystem\nuci\n" in run("ubus list")[1]
    run.close()


VALUES = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\r"), min_size=1)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_any_value_is_kept(value: str) -> None:
    device = SIMULATOR.make("ap1")
    store = cast("UciStore", device.store)
    methods = UciObject(device, store).methods
    sid: dict[str, Json] = {"ubus_rpc_session": "a"}
    methods["set"]({**sid, "config": "system", "section": "ntp", "values": {"x": value, "y": [value]}})
    methods["commit"]({**sid, "config": "system"})
    device.reboot()
    answer = methods["get"]({**sid, "config": "system", "section": "ntp"})
    assert answer is not None
    got = cast("dict[str, Json]", answer["values"])
    assert (got["x"], got["y"]) == (value, [value])


def test_the_bus_of_a_device_without_objects() -> None:
    device = SIMULATOR.make("ap1")
    assert Bus(device, {}).program(["list"], "").output == "session\n"
