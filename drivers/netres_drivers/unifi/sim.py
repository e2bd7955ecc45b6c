"""A UniFi Network controller with two access points that take its configuration some seconds later.

Answers and errors are in the form of real ones (aiounifi's recordings; errors of fields: public reports).
Simulated are one site, its WLANs, networks, user groups and RADIUS profiles, and what its access points broadcast.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from netres.testing.sim.device import Simulated, Simulator
from netres.testing.sim.faults import Faults
from netres.testing.sim.http import Json, Request, Response
from netres.testing.sim.rest import (
    STATUS,
    Reason,
    Refusal,
    Route,
    Router,
    Styles,
    answering,
    any_of,
    body_of,
    checked,
    only,
    rejected,
    shown,
)
from netres.testing.sim.rest_checks import Session, Sessions, by_cookie, by_key
from netres.testing.sim.rest_objects import Objects
from netres.testing.sim.rest_routes import collection
from netres.testing.sim.rest_tasks import Provisioning
from netres_drivers.unifi.sim_fields import COLLECTIONS

SITE: Final = "default"
ACCESS_POINTS: Final[Mapping[str, str]] = {"80:2a:a8:00:01:02": "AP-1", "80:2a:a8:00:01:03": "AP-2"}
"""Names by MAC address."""
PROVISIONING: Final = 5.0
"""Seconds from a change until the access points have it."""
_SESSION: Final = 7200.0
_VERSION: Final = "9.5.21"
_CODES: Final[Mapping[str, int]] = {"LoginRequired": 1, "Invalid": 2, "NoPermission": 3}
_OTHER: Final = 5
_MESSAGES: Final[Mapping[Reason, str]] = {
    Reason.UNAUTHENTICATED: "LoginRequired",
    Reason.WRONG_LOGIN: "Invalid",
    Reason.FORGED: "NoPermission",
    Reason.FORBIDDEN: "NoDelete",
    Reason.NO_SUCH: "IdInvalid",
    Reason.IN_USE: "ObjectReferredBy",
    Reason.DUPLICATE: "VlanUsed",
    Reason.MALFORMED: "InvalidPayload",
    Reason.REJECTED: "Invalid",
    Reason.NO_METHOD: "NotFound",
}
"""After ``api.err.``; what is wrong with a field is ``InvalidPayload``."""
_SECRETS: Final = tuple(re.compile(rf'"{name}":\s*"([^"]+)"') for name in ("x_passphrase", "x_secret", "x_wep"))


def _ok(data: Sequence[Mapping[str, Json]]) -> Json:
    return {"meta": {"rc": "ok"}, "data": data}


_STYLES: Final = Styles(
    one=lambda made: _ok([made]),
    many=lambda page: _ok(page.objects),
    created=200,
    deleted=200,
    gone=_ok([]),
    whole=False,
    methods=frozenset({"GET", "POST", "PUT", "DELETE"}),
)


class _Controller:
    def __init__(self, device: Simulated, objects: Objects) -> None:
        self.device = device
        self.objects = objects
        self.sessions = Sessions(device, _SESSION)
        self.provisioning = Provisioning(device, ACCESS_POINTS, objects.native, PROVISIONING)

    def opened(self, request: Request) -> Session:
        told = body_of(request)
        return self.sessions.log_in(str(told.get("username", "")), str(told.get("password", "")))

    def log_in(self, request: Request) -> Response:
        """Of a controller that somebody installed."""
        session = self.opened(request)
        return Response(200, _ok([]), {"Set-Cookie": f"unifises={session.token}; Path=/; Secure; HttpOnly"})

    def log_in_to_os(self, request: Request) -> Response:
        """Of UniFi OS, below which the controller is one application."""
        session = self.opened(request)
        cookie = f"TOKEN={session.token}; path=/; samesite=strict; secure; httponly"
        user: Json = {"username": session.username, "status": "ACTIVE", "isSuperAdmin": True, "roles": []}
        return Response(200, user, {"Set-Cookie": cookie, "X-CSRF-Token": session.csrf})

    def log_out(self, request: Request, cookie: str) -> Response:
        self.sessions.end(request.cookies.get(cookie, ""))
        return Response(200, _ok([]))

    def guarded(self, request: Request) -> None:
        """What came with the controller is not deleted."""
        name, identity = request.path[-2:] if len(request.path) > 1 else ("", "")
        if request.method != "DELETE" or name not in self.objects.collections:
            return
        if self.objects.get(name, identity).get("attr_no_delete"):
            raise Refusal(Reason.FORBIDDEN, name, identity)

    def access_points(self, request: Request) -> Response:
        return Response(200, _ok([self._access_point(mac) for mac in ACCESS_POINTS]))

    def stations(self, request: Request) -> Response:
        """One client is near the first access point, and associates with the oldest WLAN on the air."""
        mac = next(iter(ACCESS_POINTS))
        on_air = self._on_air(mac)
        client: Mapping[str, Json] = {"mac": "00:00:00:00:00:01", "ap_mac": mac, "is_wired": False}
        return Response(200, _ok([{**client, "essid": wlan["name"]} for wlan in on_air[:1]]))

    def sites(self, request: Request) -> Response:
        site: Mapping[str, Json] = {
            "_id": hashlib.sha256(self.device.name.encode()).hexdigest()[:24],
            "name": SITE,
            "desc": "Default",
            "attr_hidden_id": SITE,
            "attr_no_delete": True,
            "role": "admin",
        }
        return Response(200, _ok([site]))

    def system(self, request: Request) -> Response:
        about: Mapping[str, Json] = {
            "anonymous_controller_id": str(uuid.uuid5(uuid.NAMESPACE_DNS, self.device.name)),
            "hostname": self.device.name,
            "name": self.device.name,
            "version": _VERSION,
            "timezone": "UTC",
            "update_available": False,
        }
        return Response(200, _ok([about]))

    def _on_air(self, mac: str) -> list[Mapping[str, Json]]:
        wlans = json.loads(self.provisioning.applied(mac))["wlanconf"]
        return [wlan for wlan in wlans if wlan["enabled"]]

    def _access_point(self, mac: str) -> Mapping[str, Json]:
        on_air = self._on_air(mac)
        return {
            "_id": hashlib.sha256(mac.encode()).hexdigest()[:24],
            "mac": mac,
            "serial": mac.replace(":", "").upper(),
            "name": ACCESS_POINTS[mac],
            "type": "uap",
            "model": "U7PG2",
            "version": "4.0.69.10871",
            "adopted": True,
            "state": 5 if self.provisioning.pending(mac) else 1,  # provisioning, connected
            "cfgversion": _version(self.provisioning.applied(mac)),
            "known_cfgversion": _version(self.objects.native()),
            "vap_table": [{"essid": wlan["name"], "id": wlan["_id"], "radio": "na"} for wlan in on_air],
        }


def _portal(request: Request) -> Response:
    """The root of a console: a page, and no login is needed for it. By this clients know UniFi OS."""
    return Response(200, b"<!doctype html><title>UniFi OS</title>", {"Content-Type": "text/html"})


def _elsewhere(request: Request) -> Response:
    """The root of a self-hosted controller."""
    return Response(302, headers={"Location": "/manage"})


def _version(configuration: str) -> str:
    return hashlib.sha256(configuration.encode()).hexdigest()[:16]


def words(request: Request, refusal: Refusal, *, below_os: bool, status: int | None = None) -> Response:
    """A refusal: of UniFi OS, or of the controller itself, with the status that it has or with ``status``."""
    message = _MESSAGES.get(refusal.reason, "InvalidPayload")
    login = refusal.reason in {Reason.UNAUTHENTICATED, Reason.WRONG_LOGIN, Reason.FORGED}
    usual = STATUS.get(refusal.reason, 400) if login else 400
    if below_os and login:
        return Response(usual, {"errorCode": _CODES.get(message, _OTHER), "message": f"api.err.{message}"})
    about: list[Mapping[str, Json]] = []
    if message == "InvalidPayload" and refusal.subject:
        about = [{"validationError": {"field": refusal.subject}, "rc": "error", "msg": "api.err.InvalidValue"}]
    usual = 400 if refusal.reason is Reason.WRONG_LOGIN else usual
    return Response(status or usual, {"meta": {"rc": "error", "msg": f"api.err.{message}"}, "data": about})


def unifi(name: str, *, below_os: bool = True, error_status: int | None = None) -> Simulated:
    """A controller as it came from the factory.

    Args:
        name: its host name.
        below_os: on a console with UniFi OS: another login, and a prefix before every path.
        error_status: the status of errors, where it is 200: old releases say what is wrong in ``meta`` alone.
    """
    faults = Faults()
    objects = Objects(name, COLLECTIONS, stored=faults.stored)
    device = Simulated(name, "unifi", objects, secrets=_SECRETS, faults=faults)
    controller = _Controller(device, objects)
    prefix, cookie = ("/proxy/network", "TOKEN") if below_os else ("", "unifises")
    log_in, log_out = ("/api/auth/login", "/api/auth/logout") if below_os else ("/api/login", "/api/logout")
    site = f"{prefix}/api/s/{SITE}"
    home = _portal if below_os else _elsewhere
    routes = [
        Route("GET", "/", home),
        Route("POST", log_in, controller.log_in_to_os if below_os else controller.log_in),
        Route("POST", log_out, partial(controller.log_out, cookie=cookie)),
        Route("GET", f"{prefix}/api/self/sites", controller.sites),
        Route("GET", f"{site}/stat/device", controller.access_points),
        Route("GET", f"{site}/stat/sta", controller.stations),
        Route("GET", f"{site}/stat/sysinfo", controller.system),
    ]
    for one in COLLECTIONS:
        routes += collection(objects, one.name, f"{site}/rest/{one.name}", _STYLES)
    told = partial(words, below_os=below_os, status=error_status)
    in_cookie = by_cookie(controller.sessions, cookie, "X-CSRF-Token" if below_os else "")
    check = only(lambda request: request.target not in {"/", log_in}, any_of(in_cookie, by_key(device, "X-API-Key")))
    handler = checked(Router(routes), check, controller.guarded)

    objects.watchers.append(controller.provisioning.changed)
    device.http = answering(lambda request: shown(device, handler(request)), told)
    device.http_refusal = rejected(told)
    return device


SIMULATOR = Simulator("unifi", "UniFi Network controller on a console with UniFi OS", unifi, manage="https")
SELF_HOSTED = Simulator(
    "unifi", "UniFi Network controller, self-hosted", partial(unifi, below_os=False), manage="https"
)
OLD = Simulator(
    "unifi",
    "UniFi Network controller, self-hosted, whose errors come with status 200",
    partial(unifi, below_os=False, error_status=200),
    manage="https",
)
