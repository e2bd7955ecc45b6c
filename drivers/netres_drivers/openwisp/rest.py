"""What is read over OpenWISP's REST interface, and the native configuration that is made of it.

The native configuration is one line per template, group, and device in a group, of one organisation: the kind, and the
object as JSON with sorted keys. Left out is what no client can set or bring back (ids, times), and what changes by
itself or is an access point's own (its key, addresses, status). Groups name their templates, and devices their group.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import quote

from netres.driver import Scope
from netres.errors import ParseError
from netres.flow import Body, Flow, Http, Json, Ref, Reply

ORGANIZATIONS: Final = "/api/v1/users/organization/"
TEMPLATES: Final = "/api/v1/controller/template/"
GROUPS: Final = "/api/v1/controller/group/"
DEVICES: Final = "/api/v1/controller/device/"
_PATHS: Final = {"template": TEMPLATES, "group": GROUPS, "device": DEVICES}
BACKEND: Final = "netjsonconfig.OpenWrt"
"""What makes native configuration of the templates that netres writes: that of OpenWrt."""
SECRET: Final = r"(?:key\d?|psk|contents|\w*(?:password|secret|private_key|preshared_key|key_pwd))"  # noqa: S105 - names, no secret
"""The names under which NetJSON keeps secrets, and netres does; a file's contents may be one."""
_NOT_NATIVE: Final = frozenset({"id", "organization", "created", "modified"})
Document = Mapping[str, Json]


def text(value: Json) -> str:
    """A text of a document; empty where it is none."""
    return value if isinstance(value, str) else ""


def table(value: Json) -> Document:
    """An object of a document; empty where it is none."""
    return value if isinstance(value, Mapping) else {}


def rows(value: Json) -> Sequence[Json]:
    """A list of a document; empty where it is none."""
    return cast("Sequence[Json]", value) if isinstance(value, list | tuple) else ()


def pages(path: str, *query: tuple[str, str]) -> Flow[list[Reply]]:
    """All pages of a list; 100 is the most that OpenWISP puts on one.

    Raises:
        ParseError: a page is there twice.
    """
    replies: list[Reply] = []
    while not replies or table(replies[-1].body).get("next"):
        page = (("page", str(len(replies) + 1)),) if replies else ()
        replies.append((yield Http("GET", path, query=(*query, ("page_size", "100"), *page))))
        if len(replies) > 1 and replies[-1].body == replies[-2].body:
            raise ParseError(f"{path}: page {len(replies)} is the one before it; the list would never end")
    return replies


def listed(path: str, *query: tuple[str, str]) -> Flow[list[Document]]:
    """All objects of a list. One that moved to the next page meanwhile is there once."""
    return _objects((yield from pages(path, *query)))


def _objects(replies: Sequence[Reply]) -> list[Document]:
    found: dict[str, Document] = {}
    for reply in replies:
        for row in rows(cast("Document", reply.body)["results"]):
            one = table(row)
            found[str(one["id"])] = one
    return list(found.values())


def native(organization: str | Ref) -> Flow[Reply]:
    """The native configuration of an organisation. ``body`` maps kind and name to the server's id.

    What answers without JSON is a file that holds native configuration: it is handed on.
    """
    query = ("organization", str(organization))
    replies: dict[str, list[Reply]] = {}
    for kind, place in _PATHS.items():
        replies[kind] = yield from pages(place, query)
    if replies["template"][0].body is None:
        return Reply(replies["template"][0].text)
    objects = {kind: _objects(each) for kind, each in replies.items()}
    names = {str(one["id"]): text(one["name"]) for each in objects.values() for one in each}
    lines = sorted(f"{kind} {json.dumps(one, sort_keys=True)}\n" for kind, one in _documents(objects, names))
    ids = {kind: {text(one["name"]): one["id"] for one in each} for kind, each in objects.items()}
    return Reply("".join(lines), 200, {**ids, "unusable": _unusable(objects["device"])})


def _documents(
    objects: Mapping[str, Sequence[Document]], names: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, Json]]]:
    for one in objects["template"]:
        yield "template", {name: value for name, value in one.items() if name not in _NOT_NATIVE}
    for one in objects["group"]:
        templates = [names.get(str(each), str(each)) for each in rows(one["templates"])]
        kept = {name: value for name, value in one.items() if name not in _NOT_NATIVE}
        yield "group", {**kept, "templates": templates}
    for one in objects["device"]:
        if one["group"]:
            yield "device", {"name": one["name"], "group": names.get(str(one["group"]), str(one["group"]))}


def _unusable(devices: Sequence[Document]) -> dict[str, Json]:
    """Why a device cannot be in a group of netres, by its name."""
    found: dict[str, Json] = {}
    seen = set[str]()
    for one in devices:
        name, backend = text(one["name"]), table(one["config"]).get("backend", BACKEND)
        if backend != BACKEND:
            found[name] = f"has the backend {backend}, and these are templates for {BACKEND}"
        if name in seen:
            found[name] = "is the name of several devices"
        seen.add(name)
    return found


@dataclass(frozen=True)
class Store:
    """The objects of a native configuration by name."""

    templates: Mapping[str, Document]
    groups: Mapping[str, Document]
    groups_of: Mapping[str, str]
    """The group of each device that is in one."""
    members: Mapping[str, Sequence[str]]
    """The devices of each group that has some."""


def store(reply: Reply) -> Store:
    """What a native configuration holds; `netres.flow.Reply.parsed` does it once."""
    found: dict[str, dict[str, Document]] = {kind: {} for kind in _PATHS}
    for line in reply.text.splitlines():
        kind, _, document = line.partition(" ")
        if kind in found:
            one = table(cast("Json", json.loads(document)))
            found[kind][text(one["name"])] = one
    groups_of = {name: text(device["group"]) for name, device in found["device"].items()}
    members: dict[str, list[str]] = {}
    for name, group in groups_of.items():
        members.setdefault(group, []).append(name)
    return Store(found["template"], found["group"], groups_of, members)


def identified(kind: str, name: str, scope: Scope) -> Body:
    """The id of an object that is there; of one that is made in the same apply what stands for it."""
    known = table(table(scope.native.body).get(kind))
    return known[name] if name in known else Ref(f"{kind} {name}")


def path(kind: str, name: str, scope: Scope) -> str:
    """The path of an object. Without a server, as where a file is compared, its name stands for the id."""
    known = text(table(table(scope.native.body).get(kind)).get(name))
    return f"{_PATHS[kind]}{quote(known or name, safe='')}/"
