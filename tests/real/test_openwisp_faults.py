"""What goes wrong between netres and a real OpenWISP controller: told by its own error, and nothing half done stays."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from needed import need
from offices import BOTH, CORP, EVERYTHING, ISE, STAFF
from rest import RestServer, Says, Seen, Wire

from netres import ApplyResult, Config, Device, Outcome, registry
from netres.errors import AuthFailed, Busy, NotFound, ParseError, Rejected, SessionExpired, Timeout
from netres.flow import Http, Json
from netres.inventory.entry import HttpSettings, Timeouts
from netres.model import Secret
from netres.transport import open_transport
from netres_drivers.openwisp.lab import TOKEN, OpenWispLab, available

pytestmark = pytest.mark.real

Trouble = Callable[[Seen, Wire], Says | None]
OTHER = CORP.model_copy(update={"ssid": "Other"})
OPTIONS = {"organization": "acme"}


@dataclass
class Between:
    """Passes requests on to the controller; those that write go to ``trouble`` from the one numbered ``at``."""

    port: int
    trouble: Trouble | None = None
    at: int = 0
    times: int = 1
    writes: list[str] = field(default_factory=list[str])

    def __call__(self, seen: Seen, wire: Wire) -> Says | None:
        if seen.method != "GET":
            self.writes.append(f"{seen.method} {seen.target}")
            if self.trouble and self.at < len(self.writes) <= self.at + self.times:
                return self.trouble(seen, wire)
        return self.passed(seen)

    def passed(self, seen: Seen) -> Says:
        kept = {name: seen.headers[name] for name in ("authorization", "content-type") if name in seen.headers}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(seen.method, seen.target, seen.raw, kept)
            answer = connection.getresponse()
            return Says(answer.status, answer.read(), {"Content-Type": answer.headers.get("Content-Type", "")})


@pytest.fixture(scope="module")
def running() -> Iterator[OpenWispLab]:
    need(available())
    with OpenWispLab() as lab:
        yield lab


@pytest.fixture
def lab(running: OpenWispLab) -> OpenWispLab:
    running.reset()
    return running


@pytest.fixture
def between(lab: OpenWispLab) -> Iterator[RestServer]:
    with RestServer(Between(lab.port)) as server:
        yield server


def through(lab: OpenWispLab, server: RestServer) -> Device:
    changes = {"port": server.port, "timeouts": Timeouts(connect=2, command=1)}
    return lab.entry().model_copy(update=changes).connect()


def troubled(lab: OpenWispLab, server: RestServer, trouble: Trouble, at: int = 2, times: int = 1) -> ApplyResult:
    """The result of a change of several objects in which a request meets trouble; then the server is as it was."""
    link = server.answer
    assert isinstance(link, Between)
    with through(lab, server) as device:
        assert device.apply(device.plan(Config.of([CORP, BOTH.model_copy(update={"wlans": ("corp",)})]))).outcome.holds
        link.writes.clear()
        plan = device.plan(Config.of([ISE, STAFF, OTHER, BOTH]))
        before = lab.native()
        link.trouble, link.at, link.times = trouble, at, times
        result = device.apply(plan)
        if result.outcome is Outcome.NOT_APPLIED:
            assert result.exact
            assert lab.native() == before
        assert len(link.writes) > at
        return result


def test_a_login_that_is_refused(lab: OpenWispLab) -> None:
    (lab.directory / "wrong").write_text("wrong")
    wrong = Secret(f"file:{lab.directory / 'wrong'}")
    with pytest.raises(AuthFailed, match=r"login of admin was refused: .*Unable to log in with provided credentials"):
        lab.entry(token=False).model_copy(update={"password": wrong}).connect()
    entry = lab.entry().model_copy(update={"http": HttpSettings(scheme="http", token=wrong)})
    with entry.connect() as device, pytest.raises(AuthFailed, match=r"Invalid token\.") as caught:
        device.observe()
    assert not isinstance(caught.value, SessionExpired)


def expire(lab: OpenWispLab) -> None:
    lab.query("DELETE FROM authtoken_token")


def renew(lab: OpenWispLab) -> None:
    user = str(lab.query("SELECT id FROM openwisp_users_user")[0][0])
    lab.query("INSERT INTO authtoken_token VALUES (?, datetime('now'), ?)", TOKEN, user)


def test_a_token_that_ends_while_the_session_lives(lab: OpenWispLab) -> None:
    with lab.entry(token=False).connect() as device:
        device.observe()
        expire(lab)
        assert device.apply(device.plan(EVERYTHING)).outcome is Outcome.PENDING  # it logs in again
    lab.reset()
    with lab.entry().connect() as device:
        plan = device.plan(EVERYTHING)
        expire(lab)
        with pytest.raises(SessionExpired):
            device.apply(plan)
        renew(lab)
        assert device.apply(plan).outcome is Outcome.PENDING


def test_a_token_that_ends_in_the_middle_of_an_apply(lab: OpenWispLab, between: RestServer) -> None:
    link = between.answer
    assert isinstance(link, Between)

    def ends(seen: Seen, wire: Wire) -> Says:
        expire(lab)
        return link.passed(seen)

    result = troubled(lab, between, ends)
    assert (result.outcome, result.error_type) == (Outcome.UNKNOWN, "SessionExpired")
    renew(lab)
    with through(lab, between) as device:
        assert device.rollback(result).outcome.holds
        assert device.observe().by_key[CORP.key] == CORP
        assert STAFF.key not in device.observe()


def test_what_the_controller_does_not_take_is_undone(lab: OpenWispLab) -> None:
    """A template shared by all organisations is not among those of this one, but its name is taken."""
    shared = {"name": "staff", "organization": None, "type": "generic", "backend": "netjsonconfig.OpenWrt"}
    lab.call("POST", "controller/template/", {**shared, "config": {"dns_servers": ["192.0.2.53"]}})
    before = lab.native()
    with lab.entry().connect() as device:
        result = device.apply(device.plan(EVERYTHING))
        assert (result.outcome, result.error_type) == (Outcome.NOT_APPLIED, "Rejected")
        assert "name: There is already another shared template with this name" in result.error
        assert lab.native() == before


def test_what_the_controller_says_is_told(lab: OpenWispLab) -> None:
    transport = open_transport(lab.entry(), registry.get("openwisp"))
    template = {"name": "x", "organization": lab.organization(), "type": "generic", "backend": "netjsonconfig.OpenWrt"}
    radio: Json = {"name": "radio0", "protocol": "802.11xx", "channel": 6}
    with pytest.raises(
        Rejected, match=r"HTTP 400 .*triggered by .#/radios/0., validator says: .*is not valid under any"
    ):
        transport.execute(Http("POST", "/api/v1/controller/template/", {**template, "config": {"radios": [radio]}}))
    with pytest.raises(NotFound, match=r"HTTP 404 .*No Template matches the given query"):
        transport.execute(Http("GET", f"/api/v1/controller/template/{lab.organization()}/"))
    transport.close()


def test_what_somebody_deleted_in_the_middle_of_an_apply_comes_back(lab: OpenWispLab, between: RestServer) -> None:
    link = between.answer
    assert isinstance(link, Between)

    def gone(seen: Seen, wire: Wire) -> Says:
        lab.call("DELETE", seen.target.removeprefix("/api/v1/"))
        return link.passed(seen)

    result = troubled(lab, between, gone, at=0)
    assert link.writes[0].startswith("PATCH /api/v1/controller/template/")
    assert (result.outcome, result.error_type) == (Outcome.NOT_APPLIED, "NotFound")


def hang(seen: Seen, wire: Wire) -> None:
    wire.ended.wait(30)


def test_a_controller_that_hangs(lab: OpenWispLab, between: RestServer) -> None:
    result = troubled(lab, between, hang)
    assert (result.outcome, result.error_type) == (Outcome.NOT_APPLIED, "Timeout")
    link = between.answer
    assert isinstance(link, Between)
    link.trouble, link.writes = None, []
    with through(lab, between) as device:
        between.answer = hang
        with pytest.raises(Timeout):
            device.observe()


def test_a_controller_that_hangs_when_it_has_done_it(lab: OpenWispLab, between: RestServer) -> None:
    link = between.answer
    assert isinstance(link, Between)

    def late(seen: Seen, wire: Wire) -> None:
        link.passed(seen)
        hang(seen, wire)

    result = troubled(lab, between, late)
    assert (result.outcome, result.error_type) == (Outcome.NOT_APPLIED, "Timeout")


def test_a_controller_that_is_busy(lab: OpenWispLab, between: RestServer) -> None:
    soon = {"Retry-After": "0"}
    throttled = {"detail": "Request was throttled."}
    assert troubled(lab, between, lambda seen, wire: Says(429, throttled, soon)).outcome is Outcome.PENDING
    lab.reset()
    result = troubled(lab, between, lambda seen, wire: Says(429, throttled))
    assert (result.outcome, result.error_type) == (Outcome.NOT_APPLIED, "Busy")
    between.answer = lambda seen, wire: Says(429, throttled, {"Retry-After": "3600"})
    with through(lab, between) as device, pytest.raises(Busy, match="Request was throttled") as caught:
        device.observe()
    assert caught.value.retry_after == 3600


def test_a_controller_that_answers_nonsense(lab: OpenWispLab, between: RestServer) -> None:
    json = {"Content-Type": "application/json"}
    result = troubled(lab, between, lambda seen, wire: Says(200, b'{"id": ', json))
    assert (result.outcome, result.error_type) == (Outcome.NOT_APPLIED, "TransportError")
    lab.reset()
    page = b"<html><head><title>the proxy\n says so</title></head><body>nginx</body></html>"
    result = troubled(lab, between, lambda seen, wire: Says(502, page, {"Content-Type": "text/html"}))
    assert (result.outcome, result.error_type) == (Outcome.NOT_APPLIED, "Rejected")
    assert "HTTP 502 Bad Gateway: the proxy says so" in result.error
    between.answer = lambda seen, wire: Says(200, {"next": "more", "results": []})
    with through(lab, between) as device, pytest.raises(ParseError, match="the list would never end"):
        device.observe()
    between.answer = lambda seen, wire: Says(200, {"count": 1})
    with through(lab, between) as device, pytest.raises(ParseError):
        device.observe()
