"""Routes to collections of objects: list, read, create, replace, change, delete."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from netres.testing.sim.http import Json, Request, Response
from netres.testing.sim.rest import Object, Page, Reason, Refusal, Route, Styles, allowed, body_of
from netres.testing.sim.rest_objects import Objects

_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def collection(objects: Objects, name: str, path: str, styles: Styles | None = None) -> list[Route]:
    """The routes of one collection, at ``path`` and ``path/{identity}``."""
    one = _Routes(objects, name, styles or Styles())
    routes = [
        Route("GET", path, one.listed),
        Route("POST", path, one.created),
        Route("GET", f"{path}/{{identity}}", one.read),
        Route("PUT", f"{path}/{{identity}}", one.replaced),
        Route("PATCH", f"{path}/{{identity}}", one.changed),
        Route("DELETE", f"{path}/{{identity}}", one.deleted),
    ]
    return allowed(routes, one.styles.methods)


def changes(request: Request) -> bool:
    """Whether a request changes something, by its method."""
    return request.method in _CHANGES


def tag(made: Mapping[str, Json]) -> str:
    """An object's entity tag (RFC 9110, 8.8.3): another one whenever the object is."""
    return f'"{hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:16]}"'


class _Routes:
    def __init__(self, objects: Objects, name: str, styles: Styles) -> None:
        self.objects = objects
        self.name = name
        self.styles = styles

    def listed(self, request: Request) -> Response:
        found = self.objects.listing(self.name)
        paging = self.styles.paging
        if paging is None:
            return Response(200, self.styles.many(Page(found, 0, len(found))))
        part = paging.slice(request)
        return Response(200, self.styles.many(Page(found[part], part.start, len(found))))

    def created(self, request: Request) -> Response:
        return self._told(self.styles.created, self.objects.create(self.name, body_of(request)))

    def read(self, request: Request, identity: str) -> Response:
        return self._told(200, self.objects.get(self.name, identity))

    def replaced(self, request: Request, identity: str) -> Response:
        self._unchanged(request, identity)
        body = body_of(request)
        return self._told(self.styles.modified, self.objects.modify(self.name, identity, body, whole=self.styles.whole))

    def changed(self, request: Request, identity: str) -> Response:
        self._unchanged(request, identity)
        return self._told(self.styles.modified, self.objects.modify(self.name, identity, body_of(request)))

    def deleted(self, request: Request, identity: str) -> Response:
        self._unchanged(request, identity)
        self.objects.delete(self.name, identity)
        return Response(self.styles.deleted, self.styles.gone)

    def _told(self, status: int, made: Object) -> Response:
        return Response(status, self.styles.one(made), {"ETag": tag(made)} if self.styles.tags else {})

    def _unchanged(self, request: Request, identity: str) -> None:
        wanted = request.headers.get("if-match", "*")
        if self.styles.tags and wanted not in {"*", tag(self.objects.get(self.name, identity))}:
            raise Refusal(Reason.STALE, self.name, identity)
