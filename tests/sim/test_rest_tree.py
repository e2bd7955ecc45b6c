"""Whatever is done to collections of objects, ids are unique and references lead somewhere."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netres.errors import UsageError
from netres.testing.sim.device import Simulated
from netres.testing.sim.faults import Faults
from netres.testing.sim.http import Json, Request, Response
from netres.testing.sim.rest import (
    Object,
    Paging,
    Reason,
    Refusal,
    Router,
    Styles,
    answering,
    any_of,
    checked,
    rejected,
)
from netres.testing.sim.rest_checks import RateLimit, Sessions, by_key, by_password, by_token
from netres.testing.sim.rest_fields import Collection, Field, Ids
from netres.testing.sim.rest_objects import Objects
from netres.testing.sim.rest_routes import collection
from netres.testing.sim.rest_tasks import Provisioning, Tasks

NETWORKS = Collection("networks", (Field("vlan", "integer", required=True, least=1, most=9, unique=True),))
WLANS = Collection(
    "wlans",
    (Field("name", required=True), Field("network", refers="networks"), Field("others.id", refers="wlans")),
    ids=Ids("counter", prefix="*"),
)
GROUPS = Collection("groups", (Field("wlans", many=True, refers="wlans"),), ids=None)


def tree() -> Objects:
    return Objects("t", [NETWORKS, WLANS, GROUPS], saves=True)


def refused(doing: Callable[[], object]) -> tuple[Reason, str]:
    with pytest.raises(Refusal) as caught:
        doing()
    return caught.value.reason, caught.value.subject


Step = tuple[str, str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "modify", "replace", "delete", "save", "reboot"]),
        st.sampled_from(["networks", "wlans", "groups"]),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    max_size=40,
)


def body(objects: Objects, name: str, number: int) -> dict[str, Json]:
    def one_of(other: str) -> str:
        known = [str(one["id"]) for one in objects.listing(other)] or ["none"]
        return known[number % len(known)]

    match name:
        case "networks":
            return {"vlan": number}
        case "wlans":
            return {
                "name": f"w{number}",
                "network": one_of("networks"),
                "others": [{"id": one_of("wlans")}][number % 2 :],
            }
        case _:
            return {"wlans": [one_of("wlans")]}


def step(objects: Objects, what: str, name: str, which: int, number: int) -> None:
    told = body(objects, name, number)
    ids = [str(one["id"]) for one in objects.listing(name)] or ["none"]
    identity = ids[which % len(ids)]
    match what:
        case "create":
            objects.create(name, told | ({"id": f"g{which}"} if name == "groups" else {}))
        case "modify" | "replace":
            objects.modify(name, identity, told, whole=what == "replace")
        case "delete":
            objects.delete(name, identity)
        case "save":
            objects.save()
        case _:
            objects.reboot()


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_ids_are_unique_and_references_whole(steps: list[Step]) -> None:
    objects = tree()
    given_out: list[str] = []
    for what, name, which, number in steps:
        before = objects.native()
        known = {str(one["id"]) for one in objects.listing(name)}
        try:
            step(objects, what, name, which, number)
        except Refusal:
            assert objects.native() == before
            continue
        made = {str(one["id"]) for one in objects.listing(name)} - known
        if what == "create" and name != "groups":
            given_out += made
    assert len(given_out) == len(set(given_out))
    held = {name: [one["id"] for one in objects.listing(name)] for name in ("networks", "wlans", "groups")}
    assert all(len(ids) == len(set(map(str, ids))) for ids in held.values())
    vlans = [one["vlan"] for one in objects.listing("networks")]
    assert len(vlans) == len(set(map(str, vlans)))
    for wlan in objects.listing("wlans"):
        assert wlan.get("network", held["networks"][0] if held["networks"] else None) in [*held["networks"], None]
    for group in objects.listing("groups"):
        wlans = group.get("wlans", [])
        assert isinstance(wlans, list)
        assert set(map(str, wlans)) <= set(map(str, held["wlans"]))
    again = tree()
    again.load(objects.native())
    assert again.native() == objects.native()


def test_each_kind_of_refusal_names_its_field() -> None:
    objects = tree()
    made = objects.create("networks", {"vlan": 1})
    assert refused(lambda: objects.create("networks", {})) == (Reason.REQUIRED, "vlan")
    assert refused(lambda: objects.create("networks", {"vlan": "1"})) == (Reason.TYPE, "vlan")
    assert refused(lambda: objects.create("networks", {"vlan": True})) == (Reason.TYPE, "vlan")
    assert refused(lambda: objects.create("networks", {"vlan": 0})) == (Reason.RANGE, "vlan")
    assert refused(lambda: objects.create("networks", {"vlan": 1})) == (Reason.DUPLICATE, "vlan")
    assert refused(lambda: objects.create("networks", {"vlan": 2, "id": "x"})) == (Reason.READ_ONLY, "id")
    assert refused(lambda: objects.create("groups", {})) == (Reason.REQUIRED, "id")
    assert refused(lambda: objects.create("groups", {"id": "g", "wlans": ["x"]})) == (Reason.REFERENCE, "wlans")
    assert refused(lambda: objects.get("nothing", "x")) == (Reason.NO_SUCH, "nothing")
    objects.create("wlans", {"name": "w", "network": str(made["id"])})
    assert refused(lambda: objects.delete("networks", str(made["id"]))) == (Reason.IN_USE, "wlans")


def test_what_cannot_be_loaded_changes_nothing() -> None:
    objects = tree()
    before = objects.native()
    with pytest.raises(ValueError, match=r"reference: network \('none'\)"):
        objects.load('{"networks": [{"vlan": 1}], "wlans": [{"name": "w", "network": "none"}]}')
    assert objects.native() == before


def test_a_normalisation_that_breaks_json_says_so() -> None:
    faults = Faults()
    device = Simulated("d", "d", Objects("d", [NETWORKS], stored=faults.stored), faults=faults)
    device.fail("normalised", find="}", replace="")
    objects = device.store
    assert isinstance(objects, Objects)
    with pytest.raises(UsageError, match="makes no JSON"):
        objects.create("networks", {"vlan": 1})


def interface(device: Simulated, objects: Objects, styles: Styles) -> None:
    router = Router(collection(objects, "networks", "/api/networks", styles))
    check = any_of(by_password(device), by_key(device, "X-Key"), by_token(Sessions(device)))

    def words(request: Request, refusal: Refusal) -> Response:
        return Response(refusal.status, {"reason": refusal.reason, "subject": refusal.subject})

    device.http = answering(checked(router, RateLimit(device, 20, 60), check), words)
    device.http_refusal = rejected(words)


def asked(device: Simulated, method: str, path: str, told: Object | None = None, **headers: str) -> Response:
    assert device.http is not None
    sent = {"x-key": device.token} | {name.replace("_", "-"): value for name, value in headers.items()}
    return device.http(Request(method, path, sent, json.dumps(told).encode() if told is not None else b""))


@pytest.fixture
def device() -> Simulated:
    objects = tree()
    made = Simulated("d", "d", objects)
    styles = Styles(
        many=lambda page: {"items": list(page.objects), "offset": page.offset, "total": page.total},
        paging=Paging(usual=2, most=3),
        tags=True,
    )
    interface(made, objects, styles)
    for vlan in range(1, 6):
        objects.create("networks", {"vlan": vlan})
    return made


def test_a_long_list_comes_in_pages(device: Simulated) -> None:
    seen: list[object] = []
    for offset in (0, 2, 4):
        told = asked(device, "GET", f"/api/networks?offset={offset}").body
        assert isinstance(told, dict)
        assert (told["offset"], told["total"]) == (offset, 5)
        assert isinstance(told["items"], list)
        seen += [one["vlan"] for one in told["items"] if isinstance(one, dict)]
    assert seen == [1, 2, 3, 4, 5]
    assert asked(device, "GET", "/api/networks?limit=4").status == 400
    assert asked(device, "GET", "/api/networks?offset=x").status == 400


def test_a_change_of_what_was_changed_is_refused(device: Simulated) -> None:
    made = asked(device, "POST", "/api/networks", {"vlan": 6})
    assert isinstance(made.body, dict)
    path, seen = f"/api/networks/{made.body['id']}", made.headers["ETag"]
    assert asked(device, "PATCH", path, {"note": "a"}, if_match=seen).status == 200
    assert asked(device, "PUT", path, {"vlan": 7}, if_match=seen).status == 412
    assert asked(device, "PUT", path, {"vlan": 7}, if_match="*").body == {"id": made.body["id"], "vlan": 7}
    assert asked(device, "DELETE", path, if_match=seen).status == 412
    assert asked(device, "DELETE", path).status == 204
    assert asked(device, "DELETE", path).status == 404
    assert asked(device, "PUT", "/api/networks", {}).status == 405
    assert asked(device, "GET", "/api/other").status == 404


def test_one_of_several_logins_is_enough(device: Simulated) -> None:
    device.password = "x"
    for headers, status in (
        ({"x_key": "no"}, 401),
        ({"x_key": "no", "authorization": "Basic YWRtaW46eA=="}, 200),
        ({"x_key": "no", "authorization": "Basic YWRtaW46eQ=="}, 401),
        ({"x_key": "no", "authorization": "Basic !"}, 401),
        ({"x_key": "no", "authorization": "Bearer none"}, 401),
    ):
        assert asked(device, "GET", "/api/networks", None, **headers).status == status


def test_a_session_can_be_renewed_and_does_not_outlive_a_restart(device: Simulated) -> None:
    sessions = Sessions(device, 600)
    first = sessions.log_in(device.username, device.password)
    device.clock.advance(500)
    second = sessions.renew(first.token)
    assert refused(lambda: sessions.find(first.token))[0] is Reason.UNAUTHENTICATED
    device.clock.advance(500)
    assert sessions.find(second.token) is second
    device.reboot()
    assert refused(lambda: sessions.find(second.token))[0] is Reason.UNAUTHENTICATED
    assert refused(lambda: sessions.renew(second.token))[0] is Reason.UNAUTHENTICATED
    assert refused(lambda: sessions.log_in(device.username, "x"))[0] is Reason.WRONG_LOGIN


def test_too_many_requests_wait_on_the_devices_clock(device: Simulated) -> None:
    for _ in range(20):
        assert asked(device, "GET", "/api/networks").status == 200
    late = asked(device, "GET", "/api/networks")
    assert (late.status, late.headers["Retry-After"]) == (429, "60")
    device.clock.advance(61)
    assert asked(device, "GET", "/api/networks").status == 200


def test_tasks_are_done_later_or_never(device: Simulated) -> None:
    tasks = Tasks(device, 5)
    done: list[str] = []

    def fail() -> None:
        raise Refusal(Reason.REFERENCE, "network")

    good, bad = tasks.start("save", lambda: done.append("save")), tasks.start("verify", fail)
    assert [tasks.find(good.identity).state, tasks.find(bad.identity).state] == ["running", "running"]
    assert len(tasks.running) == 2
    device.clock.advance(6)
    device.clock.tick()
    assert done == ["save"]
    assert (tasks.find(good.identity).state, bad.state, bad.reason) == ("done", "failed", "reference: network")
    lost = tasks.start("save", lambda: done.append("lost"))
    device.reboot()
    device.clock.advance(6)
    device.clock.tick()
    assert done == ["save"]
    assert refused(lambda: tasks.find(lost.identity)) == (Reason.NO_SUCH, "task")


def test_a_member_takes_the_last_of_several_changes(device: Simulated) -> None:
    wanted = ["a"]
    provisioning = Provisioning(device, ["ap1"], lambda: wanted[0], 5)
    for value in ("b", "c"):
        wanted[0] = value
        provisioning.changed()
        device.clock.advance(3)
        device.clock.tick()
        assert (provisioning.applied("ap1"), provisioning.pending("ap1")) == ("a", True)
    device.clock.advance(3)
    device.clock.tick()
    assert (provisioning.applied("ap1"), provisioning.pending("ap1")) == ("c", False)


def test_ids() -> None:
    forms = [Ids("uuid"), Ids("hex", 24), Ids("counter", prefix="*")]
    made = [[ids.make("seed", number) for number in range(1, 50)] for ids in forms]
    assert all(len(set(ids)) == 49 for ids in made)
    assert (len(made[0][0]), len(made[1][0]), made[2][0]) == (36, 24, "*1")
