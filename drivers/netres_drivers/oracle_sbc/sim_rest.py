"""The REST interface of an Oracle session border controller, over the elements that its command line edits too.

Source: Oracle's "REST API for Session Border Controller", 9.3 and 10.0 (version v1.2 of the interface): methods,
statuses, the two texts of 423. Texts of other errors are synthetic; see `sim_xml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from netres.testing.sim.device import Simulated
from netres.testing.sim.elements import Element, ElementStore, ElementType
from netres.testing.sim.http import Request, Response
from netres.testing.sim.rest import Reason, Refusal, Route, Router, answering, checked, only, rejected, shown
from netres.testing.sim.rest_checks import ConfigLock, Session, Sessions, basic, bearer, by_token
from netres.testing.sim.rest_tasks import Tasks
from netres.testing.sim.xmltext import Xml
from netres_drivers.oracle_sbc import sim_xml as xml

VERSION: Final = "v1.2"
TOKEN_LIFETIME: Final = 600.0
"""Seconds."""
_TOKEN: Final = re.compile(r"<accessToken>([^<]+)<")
_ROOT: Final = f"/rest/{VERSION}"
_TEXTS: Final[Mapping[Reason, str]] = {
    Reason.LOCKED: "Resource locked by another user",
    Reason.NOT_LOCKED: "User does not have the lock",
    Reason.UNAUTHENTICATED: "Unauthorized",
    Reason.WRONG_LOGIN: "Unauthorized",
    Reason.NO_SUCH: "Resource not found",
    Reason.NO_METHOD: "Method not allowed",
    Reason.DUPLICATE: "Element already exists",
    Reason.UNKNOWN: "Invalid attribute or element",
    Reason.REQUIRED: "Missing key attribute",
}


def words(request: Request, refusal: Refusal) -> Response:
    """A refusal in the envelope."""
    text = _TEXTS.get(refusal.reason, "Invalid request")
    told = f"{text}: {refusal.subject}" if refusal.subject else text
    return xml.answer(refusal.status, message=text if refusal.status in {401, 423} else told)


def give_rest(device: Simulated, store: ElementStore) -> None:
    """Give a device its REST interface."""
    device.secrets = (*device.secrets, _TOKEN)
    interface = _Rest(device, store)
    token = f"{_ROOT}/auth/token"
    route: list[tuple[str, str, Callable[[Request], Response]]] = [
        ("POST", "/auth/token", interface.token),
        ("POST", "/configuration/lock", interface.lock),
        ("POST", "/configuration/unlock", interface.unlock),
        ("GET", "/configuration/elementTypes", interface.types),
        ("GET", "/configuration/elementTypes/metadata", interface.metadata),
        ("GET", "/configuration/configElements", interface.read),
        ("POST", "/configuration/configElements", interface.add),
        ("PUT", "/configuration/configElements", interface.update),
        ("DELETE", "/configuration/configElements", interface.delete),
        ("PUT", "/configuration/management", interface.manage),
        ("POST", "/configuration/management", interface.manage),
        ("GET", "/configuration/management", interface.state),
        ("GET", "/system/status", interface.status),
    ]
    router = Router([Route(method, _ROOT + path, answer) for method, path, answer in route])
    need_token = only(lambda request: request.target.partition("?")[0] != token, by_token(interface.sessions))
    device.http = answering(checked(router, need_token), words)
    device.http_refusal = rejected(words)


class _Rest:
    def __init__(self, device: Simulated, store: ElementStore) -> None:
        self.device = device
        self.store = store
        self.sessions = Sessions(device, TOKEN_LIFETIME)
        self.config_lock = ConfigLock(self.sessions, store)
        self.tasks = Tasks(device)

    def session(self, request: Request) -> Session:
        return self.sessions.find(bearer(request))

    def token(self, request: Request) -> Response:
        session = self.sessions.log_in(*basic(request))
        return xml.answer(data=[xml.leaf("accessToken", session.token)])

    def lock(self, request: Request) -> Response:
        self.config_lock.take(self.session(request))
        return Response(204)

    def unlock(self, request: Request) -> Response:
        self.config_lock.give(self.session(request))
        return Response(204)

    def types(self, request: Request) -> Response:
        return xml.answer(data=[xml.leaf("elementType", one.name) for one in self.store.schema])

    def metadata(self, request: Request) -> Response:
        return xml.answer(data=[_described(self._type(request.query.get("elementType", "")))])

    def read(self, request: Request) -> Response:
        kind = self._type(request.query.get("elementType", ""))
        running = request.query.get("running") == "true"
        held = self.store.running if running else self.store.edited
        found = [one for _, one in sorted(held.items(), key=lambda pair: pair[0]) if one.type is kind]
        keys = {name: value for name in kind.keys if (value := request.query.get(name)) is not None}
        found = [one for one in found if all(one.values[name] == value for name, value in keys.items())]
        if not found and (keys or not kind.keys):
            raise Refusal(Reason.NO_SUCH, kind.name)
        first, count = _number(request, "offset", 0), _number(request, "maxElements", len(found))
        return self._told(found[first : first + count])

    def add(self, request: Request) -> Response:
        self.config_lock.held_by(self.session(request))
        root, made = self._came(request, None)
        if (made.type.name, made.key) in self.store.edited:
            raise Refusal(Reason.DUPLICATE, xml.type_name(root))
        self.store.put(made)
        return self._told([made])

    def update(self, request: Request) -> Response:
        self.config_lock.held_by(self.session(request))
        _, told = self._came(request, None)
        before = self.store.edited.get((told.type.name, told.key))
        if before is None:
            raise Refusal(Reason.NO_SUCH, told.type.name)
        _, made = self._came(request, before)
        self.store.put(made)
        return self._told([made])

    def delete(self, request: Request) -> Response:
        self.config_lock.held_by(self.session(request))
        kind = self._type(request.query.get("elementType", ""))
        key = tuple(request.query.get(name, "") for name in kind.keys)
        if (gone := self.store.edited.get((kind.name, key))) is None:
            raise Refusal(Reason.NO_SUCH, kind.name)
        self.store.remove(gone)
        return Response(204)

    def manage(self, request: Request) -> Response:
        self.config_lock.held_by(self.session(request))
        action = request.query.get("action", "")
        actions: Mapping[tuple[str, str], Callable[[], None]] = {
            ("PUT", "save"): self.store.save,
            ("PUT", "verify"): self._verify,
            ("PUT", "restore"): lambda: self._restore(request),
            ("POST", "activate"): self.store.activate,
            ("POST", "backup"): lambda: self.store.backup(request.query.get("filename", "")),
        }
        if (doing := actions.get((request.method, action))) is None:
            raise Refusal(Reason.MALFORMED, "action", action)
        if action == "backup" and not request.query.get("filename"):
            raise Refusal(Reason.REQUIRED, "filename")
        task = self.tasks.start(action, doing)
        return xml.answer(202, link=f"{_ROOT}/configuration/management?operation={task.identity}")

    def state(self, request: Request) -> Response:
        task = self.tasks.find(request.query.get("operation", ""))
        status = {"running": "inProgress", "done": "success", "failed": "failure"}[task.state]
        told = xml.branch("operationState", xml.leaf("operation", task.what), xml.leaf("status", status))
        return xml.answer(data=[told], message=task.reason)

    def status(self, request: Request) -> Response:
        role = xml.branch("systemStatus", xml.leaf("redundancyRole", "standalone"))
        return xml.answer(data=[role])

    def _verify(self) -> None:
        for problem in self.store.dangling():
            raise Refusal(Reason.REFERENCE, f"{problem.element.type.name} {problem.attribute.name} {problem.value}")

    def _restore(self, request: Request) -> None:
        sources = {"running": self.store.running, "saved": self.store.saved, **self.store.backups}
        source = request.query.get("restoreSource", "")
        name = request.query.get("filename", "") if source == "backupFile" else source
        if name not in sources:
            raise Refusal(Reason.NO_SUCH, name)
        self.store.edited = dict(sources[name])

    def _type(self, name: str) -> ElementType:
        if (found := self.store.type(name)) is None:
            raise Refusal(Reason.NO_SUCH if name else Reason.REQUIRED, name or "elementType")
        return found

    def _came(self, request: Request, before: Element | None) -> tuple[Xml, Element]:
        stored = Request(request.method, request.target, request.headers, self._stored(request.body))
        root = xml.body(stored)
        made = xml.taken(root, before or self._type(xml.type_name(root)).new())
        if made.lacking:
            raise Refusal(Reason.REQUIRED, made.lacking[0])
        return root, made

    def _stored(self, body: bytes) -> bytes:
        return self.device.faults.stored(body.decode(errors="replace")).encode()

    def _told(self, found: Sequence[Element]) -> Response:
        return shown(self.device, xml.answer(data=[xml.shown(one) for one in found]))


def _described(kind: ElementType) -> ET.Element:
    made = xml.branch("elementTypeMetadata", xml.leaf("elementType", kind.name))
    for one in kind.attributes:
        described = xml.branch("attribute", xml.leaf("name", one.name), xml.leaf("default", one.default))
        described.append(xml.leaf("isKey", str(one.name in kind.keys).lower()))
        described.extend(xml.leaf("allowedValue", choice) for choice in one.choices)
        made.append(described)
    made.extend(xml.branch("subElement", *_described(child)) for child in kind.children)
    return made


def _number(request: Request, name: str, default: int) -> int:
    told = request.query.get(name, str(default))
    if not told.isdecimal():
        raise Refusal(Reason.TYPE, name, told)
    return int(told)
