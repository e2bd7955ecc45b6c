"""RESTCONF (RFC 8040) over a YANG data tree: discovery, the datastore resource, its data resources, operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import quote, urlsplit

from netres.testing.sim.device import Simulated
from netres.testing.sim.http import Json, Request, Response
from netres.testing.sim.rest import Check, Refusal, shown
from netres.testing.sim.restconf_query import cut, fields, selected
from netres.testing.sim.yang import Branch, Node, Tree, YangError, keys_of
from netres.testing.sim.yang_store import NOT_FOUND, Step, YangStore

KIND: Final = "application/yang-data+json"
ROOT: Final = "/restconf"
_DATASTORE: Final = "ietf-restconf:data"
_METHODS: Final = "OPTIONS, HEAD, GET, POST, PUT, PATCH, DELETE"
_HOST_META: Final = (
    "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'><Link rel='restconf' href='/restconf'/></XRD>"
)
_QUERY: Final[Mapping[str, frozenset[str]]] = {
    "GET": frozenset({"content", "depth", "fields"}),
    "HEAD": frozenset({"content", "depth", "fields"}),
}


@dataclass
class Restconf:
    """A device's RESTCONF; `Simulated.http`."""

    device: Simulated
    store: YangStore
    check: Check
    """Who may ask."""
    operations: Mapping[str, Callable[[Json], Json]] = field(default_factory=dict[str, "Callable[[Json], Json]"])
    """By name, ``module:operation``: from the input to the output, or ``None``."""

    def __call__(self, request: Request) -> Response:
        """Answer."""
        try:
            return self._answer(request)
        except YangError as error:
            return _told(error.body, error.status)

    def refuse(self, request: Request) -> Response:
        """`Simulated.http_refusal`."""
        error = YangError("operation-failed", "inconsistent value: Device refused one or more commands", status=400)
        return _told(error.body, error.status)

    def _answer(self, request: Request) -> Response:
        parts = [part for part in urlsplit(request.target).path.split("/") if part]
        if parts == [".well-known", "host-meta"]:
            return Response(200, _HOST_META.encode(), {"Content-Type": "application/xrd+xml"})
        try:
            self.check(request)
        except Refusal as refusal:
            raise YangError("access-denied", "", status=refusal.status, kind="protocol") from None
        match parts:
            case ["restconf"]:
                about: Json = {"data": {}, "operations": {}, "yang-library-version": "2016-06-21"}
                return _told({"ietf-restconf:restconf": about})
            case ["restconf", "operations"]:
                return _told({"ietf-restconf:operations": {name: [None] for name in self.operations}})
            case ["restconf", "operations", name]:
                return self._operation(request, name)
            case ["restconf", "data", *path]:
                return self._data(request, path)
            case _:
                raise YangError("invalid-value", NOT_FOUND, status=404)

    def _operation(self, request: Request, name: str) -> Response:
        if (operation := self.operations.get(name)) is None:
            raise YangError("invalid-value", NOT_FOUND, status=404)
        if request.method != "POST":
            raise YangError("operation-not-supported", f"{request.method} of an operation", kind="protocol")
        self._unlocked()
        output = operation(_parsed(request) if request.body else None)
        return Response(204) if output is None else _told({f"{name.partition(':')[0]}:output": output})

    def _data(self, request: Request, path: Sequence[str]) -> Response:
        _acceptable(request)
        steps = self.store.steps(path)
        match request.method:
            case "OPTIONS":
                return Response(200, headers={"Allow": _METHODS, "Accept-Patch": KIND})
            case "GET" | "HEAD":
                return self._get(request, steps)
            case "POST" | "PUT" | "PATCH":
                self._unlocked()
                body = self._body(request)
                act = {"POST": self._post, "PUT": self._put, "PATCH": self._patch}[request.method]
                return act(steps, body, request)
            case "DELETE":
                self._unlocked()
                self.store.delete(steps)
                return Response(204)
            case method:
                raise YangError("operation-not-supported", f"{method} is not supported", kind="protocol")

    def _get(self, request: Request, steps: Sequence[Step]) -> Response:
        node: Node = steps[-1].node if steps else self.store.schema
        value = self.store.get(steps)
        query = request.query
        content = query.get("content", "all")
        if content not in {"all", "config", "nonconfig"}:
            raise YangError("invalid-value", f"invalid content: {content}", kind="protocol")
        if content == "nonconfig":
            if not isinstance(value, dict):
                raise YangError("invalid-value", NOT_FOUND, status=404)
            value = cast("Tree", {})  # no state is simulated in this tree
        if wanted := query.get("fields"):
            value = selected(value, fields(wanted))
        if (depth := query.get("depth", "unbounded")) != "unbounded":
            if not depth.isdecimal() or not 1 <= int(depth) <= 65535:
                raise YangError("invalid-value", f"invalid depth: {depth}", kind="protocol")
            value = cut(value, int(depth))
        if steps and steps[-1].entry and isinstance(node, Branch):
            value = [value]
        return shown(self.device, _told({_qualified(steps): value}))

    def _post(self, steps: Sequence[Step], body: Tree, request: Request) -> Response:
        node: Node = steps[-1].node if steps else self.store.schema
        name, value = _single(body)
        name = _plain(name, steps)
        child = node.children.get(name) if isinstance(node, Branch) else None
        if child is None or (isinstance(node, Branch) and node.keys and not steps[-1].entry):
            raise YangError("unknown-element", f"unknown element: {name}")
        keys: tuple[str, ...] | None = None
        if isinstance(child, Branch) and child.keys:
            value = _only_entry(value, name)
            keys = keys_of(value, child)
        if isinstance(child, Branch) and not child.keys and not isinstance(value, dict):
            raise YangError("malformed-message", f"an object is expected: {name}")
        where = f"{steps[-1].where if steps else ''}/{name}"
        target = [*steps, Step(name, child, keys, where)]
        if steps and not steps[-1].entry and not isinstance(self.store.get(steps), dict):
            raise YangError("invalid-value", NOT_FOUND, status=404)
        self.store.get(steps)
        if self.store.exists(target):
            raise YangError("data-exists", f"object already exists: {where}", where)
        self.store.put(target, value)
        part = name if keys is None else f"{name}={','.join(quote(key, safe='') for key in keys)}"
        return Response(201, headers={"Location": f"{urlsplit(request.target).path.rstrip('/')}/{part}"})

    def _put(self, steps: Sequence[Step], body: Tree, request: Request) -> Response:
        value = self._target_value(steps, body)
        if steps:
            self.store.get(steps[:-1])
        existed = not steps or self.store.exists(steps)
        self.store.put(steps, value)
        return Response(204) if existed else Response(201, headers={"Location": urlsplit(request.target).path})

    def _patch(self, steps: Sequence[Step], body: Tree, request: Request) -> Response:
        value = self._target_value(steps, body)
        self.store.merge(steps, value)
        return Response(204)

    def _target_value(self, steps: Sequence[Step], body: Tree) -> Json:
        """What a body says of the resource that the path names.

        Raises:
            YangError: it is about another one.
        """
        name, value = _single(body)
        if not steps:
            if name != _DATASTORE or not isinstance(value, dict):
                raise YangError("malformed-message", f"{_DATASTORE} is expected", kind="protocol")
            return value
        last = steps[-1]
        if _plain(name, steps[:-1]) != last.name:
            raise YangError("invalid-value", f"the body is about {name}, the path about {last.name}", last.where)
        if last.entry and isinstance(last.node, Branch):
            value = _only_entry(value, name)
            if keys_of(value, last.node) != last.keys:
                raise YangError("invalid-value", f"the keys are others than the path's: {name}", last.where)
        elif isinstance(last.node, Branch) and not isinstance(value, list if last.node.keys else dict):
            raise YangError("malformed-message", f"an object is expected: {name}", last.where)
        return value

    def _body(self, request: Request) -> Tree:
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        if kind != KIND:
            raise YangError("invalid-value", f"unsupported media type: {kind}", status=415, kind="protocol")
        stored = self.device.faults.stored(request.body.decode(errors="replace")).encode()
        told = _parsed(Request(request.method, request.target, request.headers, stored))
        if not isinstance(told, dict):
            raise YangError("malformed-message", "an object is expected", kind="protocol")
        return told

    def _unlocked(self) -> None:
        if self.device.faults.locked:
            raise YangError("lock-denied", "the configuration database is locked", kind="protocol")


def _told(body: Json, status: int = 200) -> Response:
    return Response(status, body, {"Content-Type": KIND})


def _parsed(request: Request) -> Json:
    try:
        return request.json()
    except (ValueError, RecursionError):
        raise YangError("malformed-message", "the body is no JSON", kind="protocol") from None


def _acceptable(request: Request) -> None:
    wanted = request.headers.get("accept", "*/*")
    kinds = {one.partition(";")[0].strip() for one in wanted.split(",")}
    if not kinds & {KIND, "application/*", "*/*"}:
        raise YangError("invalid-value", f"not acceptable: {wanted}", status=406, kind="protocol")
    unknown = request.query.keys() - _QUERY.get(request.method, frozenset())
    if unknown:
        raise YangError("invalid-value", f"invalid query parameter: {min(unknown)}", kind="protocol")


def _single(body: Tree) -> tuple[str, Json]:
    if len(body) != 1:
        raise YangError("malformed-message", "exactly one member is expected", kind="protocol")
    return next(iter(body.items()))


def _only_entry(value: Json, name: str) -> Tree:
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict):
        raise YangError("malformed-message", f"a list of one entry is expected: {name}")
    return value[0]


def _plain(name: str, above: Sequence[Step]) -> str:
    """A name as it stands in the tree: below the outermost level without its module, where that is the same."""
    if not above:
        return name
    module = above[0].name.partition(":")[0]
    return name.removeprefix(f"{module}:")


def _qualified(steps: Sequence[Step]) -> str:
    if not steps:
        return _DATASTORE
    name = steps[-1].name
    return name if ":" in name else f"{steps[0].name.partition(':')[0]}:{name}"
