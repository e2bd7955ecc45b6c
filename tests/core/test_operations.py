"""Operations as data: what they show, what they send, and ids that a server gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import cast

import pytest
from sessions import MEMORY

from netres import Config, InvalidConfig, Outcome, RadiusServer, Secret, Wlan, WlanSecurity
from netres.change import Change
from netres.driver import Feature, Scope
from netres.errors import Busy, NetresError, NotFound, ParseError, Rejected
from netres.flow import Exec, Flow, Http, Json, Operation, Ref, Reply, Snmp, octets
from netres.model import Item
from netres.plan import Guarantee
from netres.resource import Device
from netres.transport.fake import FakeTransport

SECRET = Secret.observed("swordfish")


def test_a_program_shows_what_it_is_fed_only_where_it_writes_and_never_a_secret() -> None:
    fed = ("key=", SECRET, "\n")
    assert str(Exec("cat")) == "cat"
    assert str(Exec("check", fed)) == "check"
    assert str(Exec("put x", fed, writes=True)) == "put x\nkey=********"
    assert Exec("put x", fed, writes=True).reveal() == "key=swordfish\n"


def test_a_request_shows_its_target_and_its_body_without_secrets() -> None:
    request = Http("POST", "/wlan", {"key": SECRET, "group": Ref("group x")}, query=(("q", "a b&c"),))
    assert str(request) == 'POST /wlan?q=a+b%26c {"group": "<group x>", "key": "********"}'
    assert request.writes
    assert not replace(request, reads=True).writes
    assert not Http("GET", "/").writes
    assert len({request, replace(request, body={"other": 1})}) == 2


def test_a_reference_is_bound_to_what_an_earlier_answer_told() -> None:
    made = Http("POST", "/group", learns="group x")
    known = made.learned(Reply(status=201, body={"id": "4711"}))
    bound = Http("POST", "/wlan", {"groups": [Ref("group x")], "key": SECRET}).bound(known)
    assert bound.reveal() == {"groups": ["4711"], "key": "swordfish"}
    assert Http("GET", "/").learned(Reply()) == {}
    with pytest.raises(ParseError, match="no answer told what <group y> is"):
        Http("POST", "/wlan", {"group": Ref("group y")}).bound(known)
    with pytest.raises(ParseError, match="the answer to POST /group has no id"):
        made.learned(Reply(status=201, body={}))


def test_snmp_shows_what_it_sets_and_octets_survive() -> None:
    request = Snmp("set", ("1.3.6.1.2.1.1.4.0",), ("noc",))
    assert (str(request), request.writes) == ("set 1.3.6.1.2.1.1.4.0='noc'", True)
    assert str(Snmp("walk", ("1.3.6", "1.0"))) == "walk 1.3.6 1.0"
    assert octets("\x00\xff") == b"\x00\xff"


@pytest.mark.parametrize("error", [Busy("locked", 2.5), NotFound("GET /x", "no such thing")])
def test_errors_survive_being_copied(error: NetresError) -> None:
    function, arguments = cast("tuple[type[NetresError], tuple[object, ...]]", error.__reduce__())
    copied = function(*arguments)
    assert (type(copied), str(copied), vars(copied)) == (type(error), str(error), vars(error))


class Server:
    """Gives ids of its own to radius servers; WLANs name them by these."""

    def __init__(self) -> None:
        self.stored: dict[str, dict[str, Json]] = {"radius_server": {}, "wlan": {}}
        self.numbers = iter(range(100, 200))

    def answer(self, operation: Operation) -> Reply:
        assert isinstance(operation, Http)
        _, kind, *rest = operation.path.split("/")
        if operation.method == "GET":
            return Reply(repr(self.stored), 200, body=self.stored.get(kind))
        if operation.method == "DELETE":
            del self.stored[kind][rest[0]]
            return Reply(status=204)
        body = cast("dict[str, Json]", operation.reveal())
        if kind == "wlan" and not set(cast("list[str]", body["radius"])) <= self.stored["radius_server"].keys():
            raise Rejected(str(operation), "no such radius server")
        name = f"id{next(self.numbers)}"
        self.stored[kind][name] = body
        return Reply(status=201, body={"id": name})


def _read_servers() -> Flow[Iterable[Item]]:
    found = cast("dict[str, dict[str, str]]", (yield Http("GET", "/radius_server")).body)
    return [RadiusServer(name=one["name"], host=one["host"], secret=SECRET) for one in found.values()]


def _read_wlans() -> Flow[Iterable[Item]]:
    servers = cast("dict[str, dict[str, str]]", (yield Http("GET", "/radius_server")).body)
    found = cast("dict[str, dict[str, list[str]]]", (yield Http("GET", "/wlan")).body)
    names = [tuple(servers[one]["name"] for one in wlan["radius"]) for wlan in found.values()]
    return [Wlan(name="x", ssid="X", security=WlanSecurity(mode="enterprise", radius=radius)) for radius in names]


def _write_server(change: Change, scope: Scope) -> Iterator[Operation]:
    if isinstance(new := change.after, RadiusServer):
        yield Http("POST", "/radius_server", {"name": new.name, "host": new.host}, learns=str(new.key))


def _write_wlan(change: Change, scope: Scope) -> Iterator[Operation]:
    if isinstance(new := change.after, Wlan):
        yield Http("POST", "/wlan", {"radius": [Ref(str(key)) for key in new.needs()]})


def test_an_item_refers_to_one_whose_id_the_server_gives_in_the_same_apply() -> None:
    driver = replace(
        MEMORY,
        features=(Feature(RadiusServer, _read_servers, _write_server), Feature(Wlan, _read_wlans, _write_wlan)),
        begin=(),
        commit=(),
        save=(),
        confirming=None,
        guarantee=Guarantee.COMPENSATED,
    )
    server = Server()
    device = Device("w1", driver, FakeTransport(server.answer))
    security = WlanSecurity(mode="enterprise", radius=("one", "two"))
    wanted = Config(
        items=(
            Wlan(name="x", ssid="X", security=security),
            *(RadiusServer(name=name, host="192.0.2.1", secret=SECRET) for name in ("one", "two")),
        )
    )
    plan = device.plan(wanted)
    assert plan.payload[-1] == 'POST /wlan {"radius": ["<radius_server[one]>", "<radius_server[two]>"]}'
    result = device.apply(plan)
    assert result.outcome is Outcome.APPLIED, result
    assert server.stored["wlan"] == {"id102": {"radius": ["id100", "id101"]}}
    assert result.sent[-1] == plan.payload[-1]


def test_a_wlan_has_the_credentials_its_mode_needs() -> None:
    with pytest.raises(ValueError, match="security psk needs passphrase"):
        WlanSecurity(mode="psk")
    with pytest.raises(ValueError, match="security open has no passphrase"):
        WlanSecurity(passphrase=SECRET)
    with pytest.raises(ValueError, match="security enterprise needs radius servers"):
        WlanSecurity(mode="enterprise")
    with pytest.raises(InvalidConfig, match="refers to radius_server"):
        Device("m", MEMORY, FakeTransport(lambda operation: Reply(status=200, body={}))).plan(
            Config(items=(Wlan(name="x", ssid="X", security=WlanSecurity(mode="enterprise", radius=("gone",))),))
        )
