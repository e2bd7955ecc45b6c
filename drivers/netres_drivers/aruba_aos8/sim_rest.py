"""The REST interface of an ArubaOS 8 controller: objects that are only posted, staged until they are written to memory.

Source: HPE Aruba's "AOS 8 Developer Hub": login, GET, POST, ``_action``, write_memory, ``_global_result``. The objects'
schema stands on the device alone: names of fields, and the texts of refusals, are unverified.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qs

from netres.testing.sim.device import Simulated, Simulator
from netres.testing.sim.faults import Faults
from netres.testing.sim.http import Json, Request, Response
from netres.testing.sim.rest import Reason, Refusal, Route, Router, answering, body_of, checked, only, rejected, shown
from netres.testing.sim.rest_checks import Sessions, by_query
from netres.testing.sim.rest_fields import Collection, Field
from netres.testing.sim.rest_objects import Objects
from netres.testing.sim.rest_staged import Done, post

SESSION: Final = 900.0
"""Seconds without a request."""
_SECRETS: Final = (re.compile(r'"wpa-passphrase":\s*"([^"]+)"'), re.compile(r'UIDARUBA(?:=|":\s*")([0-9a-f-]+)'))
_ROOT: Final = "/v1/configuration"
_LOGIN: Final = "/v1/api/login"
_KEY: Final = "profile-name"
_TEXTS: Final[Mapping[Reason, str]] = {
    Reason.WRONG_LOGIN: "Unauthorized request, authentication failed",
    Reason.UNAUTHENTICATED: "Unauthorized request",
    Reason.IN_USE: "Error: profile is in use",
    Reason.NO_SUCH: "Error: no such profile",
    Reason.REFERENCE: "Error: referenced profile does not exist",
    Reason.REQUIRED: "Error: missing parameter",
    Reason.MALFORMED: "Error: invalid JSON",
    Reason.LOCKED: "Error: the configuration is locked by another user",
}
_INVALID: Final = "Error: invalid value"


def _profile(name: str, *fields: Field) -> Collection:
    key = Field(_KEY, required=True, pattern="[ -~]{1,64}")
    return Collection(name, (key, *fields), key=_KEY, ids=None)


COLLECTIONS: Final = (
    _profile("dot11r_prof", Field("dot11r_mob_domain_id.value", "integer", least=1, most=65535)),
    _profile("dot11k_prof"),
    _profile("aaa_prof", Field("default_user_role.role")),
    _profile(
        "ssid_prof",
        Field("essid.essid", pattern=".{1,32}"),
        Field("wpa_passphrase.wpa-passphrase", pattern=r"[\x20-\x7E]{8,63}|[0-9a-fA-F]{64}"),
        Field("opmode", "object", many=True),
        Field("dot11r_prof.profile-name", refers="dot11r_prof"),
    ),
    _profile(
        "virtual_ap",
        Field("ssid_prof.profile-name", refers="ssid_prof"),
        Field("aaa_prof.profile-name", refers="aaa_prof"),
        Field("dot11k_prof.profile-name", refers="dot11k_prof"),
        Field("vlan.vlan", pattern="[0-9A-Za-z_,-]{1,64}"),
        Field("forward_mode.forward_mode", among=("tunnel", "bridge", "split-tunnel", "decrypt-tunnel")),
    ),
    _profile(
        "ap_group",
        Field("virtual_ap", "object", many=True),
        Field("virtual_ap.profile-name", refers="virtual_ap"),
    ),
)
"""The objects that are simulated, each after those that it may refer to."""


def aruba_objects(name: str, faults: Faults) -> Objects:
    """What a controller holds."""
    return Objects(name, COLLECTIONS, saves=True, stored=faults.stored)


def give_rest(device: Simulated, objects: Objects) -> None:
    """Give a device its REST interface, over a store of `aruba_objects`."""
    device.secrets = (*device.secrets, *_SECRETS)
    interface = _Rest(device, objects)
    routes = [
        Route("POST", _LOGIN, interface.log_in),
        Route("GET", "/v1/api/logout", interface.log_out),
        Route("POST", f"{_ROOT}/object", interface.post_all),
        Route("POST", f"{_ROOT}/object/write_memory", interface.write_memory),
        Route("GET", f"{_ROOT}/object/{{name}}", interface.read),
        Route("POST", f"{_ROOT}/object/{{name}}", interface.post_one),
    ]
    known = only(
        lambda request: request.path != ("v1", "api", "login"), by_query(interface.sessions, "UIDARUBA", "SESSION")
    )
    device.http = answering(checked(Router(routes), known), words)
    device.http_refusal = rejected(words)


def words(request: Request, refusal: Refusal) -> Response:
    """A refusal of a whole request."""
    text = _TEXTS.get(refusal.reason, _INVALID)
    return Response(refusal.status, {"_global_result": {"status": "1", "status_str": text}})


class _Rest:
    def __init__(self, device: Simulated, objects: Objects) -> None:
        self.device = device
        self.objects = objects
        self.sessions = Sessions(device, SESSION, renewed_by_use=True, make=lambda: str(uuid.uuid4()))

    def log_in(self, request: Request) -> Response:
        form = parse_qs(request.body.decode(errors="replace"))
        session = self.sessions.log_in(form.get("username", [""])[0], form.get("password", [""])[0])
        told = {"status": "0", "status_str": "You've logged in successfully.", "UIDARUBA": session.token}
        cookie = f"SESSION={session.token}; path=/; secure; HttpOnly"
        return Response(200, {"_global_result": told}, {"Set-Cookie": cookie})

    def log_out(self, request: Request) -> Response:
        self.sessions.end(request.query.get("UIDARUBA", ""))
        return Response(200, {"_global_result": {"status": "0", "status_str": "You've been logged out successfully"}})

    def read(self, request: Request, name: str) -> Response:
        return shown(self.device, Response(200, {"_data": {name: self.objects.listing(name)}}))

    def post_all(self, request: Request) -> Response:
        return self._posted(body_of(request))

    def post_one(self, request: Request, name: str) -> Response:
        return self._posted({name: body_of(request)})

    def write_memory(self, request: Request) -> Response:
        self._unlocked()
        self.objects.save()
        return self._told({"write_memory": {"_result": _result(None)}}, [])

    def _posted(self, body: Mapping[str, Json]) -> Response:
        self._unlocked()
        done = post(self.objects, body)
        told: dict[str, list[Json]] = {}
        for one in done:
            told.setdefault(one.collection, []).append({**one.told, "_result": _result(one.refusal)})
        return self._told(told, done)

    def _told(self, told: Mapping[str, Json], done: Sequence[Done]) -> Response:
        """With status 200, whatever became of it: the body says so."""
        refused = next((one.refusal for one in done if one.refusal), None)
        return Response(200, {**told, "_global_result": {**_result(refused), "_pending": self.objects.unsaved}})

    def _unlocked(self) -> None:
        if self.device.faults.locked:
            raise Refusal(Reason.LOCKED)


def _result(refusal: Refusal | None) -> dict[str, Json]:
    if refusal is None:
        return {"status": 0, "status_str": "Success"}
    return {"status": 1, "status_str": f"{_TEXTS.get(refusal.reason, _INVALID)}: {refusal.subject}"}


def aruba_rest(name: str) -> Simulated:
    """A controller that has a REST interface and no command line."""
    faults = Faults()
    objects = aruba_objects(name, faults)
    device = Simulated(name, "aruba_aos8", objects, faults=faults)
    give_rest(device, objects)
    return device


REST_SIMULATOR = Simulator("aruba_aos8", "ArubaOS 8 controller, its REST interface", aruba_rest, manage="https")
