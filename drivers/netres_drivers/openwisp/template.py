"""Templates of netres, written: as new, over what others wrote into them, or as they were."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from netres.driver import Scope
from netres.errors import InvalidConfig
from netres.flow import Body, Http, Operation
from netres.model import Secret
from netres.model.secret import MASK
from netres_drivers.openwisp import netjson
from netres_drivers.openwisp.marks import MARK, owned
from netres_drivers.openwisp.rest import BACKEND, SECRET, TEMPLATES, Document, path, rows, store, table, text
from netres_drivers.openwisp.site import Site

_WRITABLE: Final = ("notes", "default", "required", "default_values", "config")


def restored(scope: Scope, name: str) -> Document | None:
    """On the way back: the template as it was. ``None`` where that is not known, or its secrets are masked."""
    was = scope.restore.parsed(store).templates.get(name) if scope.restore else None
    return None if was is None or MASK in str(was) else was


def as_it_was(was: Document, scope: Scope, site: Site) -> Http:
    """The template written as it was, to the byte."""
    fields = {field: cast("Body", was[field]) for field in _WRITABLE}
    return _sent(text(was["name"]), cast("Mapping[str, Body]", veiled(fields)), scope, site)


def written(
    name: str, values: Mapping[str, Body], interfaces: Sequence[Mapping[str, Body]], scope: Scope, site: Site
) -> Http:
    """The template with other default values and interfaces; what others wrote into it stays.

    Raises:
        InvalidConfig: what others wrote would go.
    """
    now = scope.native.parsed(store).templates.get(name)
    if now is None:
        return _sent(name, {"default_values": values, "config": {"interfaces": interfaces}}, scope, site)
    old = table(now.get("default_values"))
    kept = {each: value for each, value in old.items() if each != MARK and not each.startswith("netres_")}
    radios = {each: value for each, value in old.items() if each.startswith("radio_")}  # chosen by hand, it may be
    config = netjson.merged(now, interfaces) if interfaces else table(now.get("config"))
    body = {"default_values": {**kept, **values, **radios}, "config": config}
    return _sent(name, cast("Mapping[str, Body]", veiled(cast("Body", body))), scope, site)


def _sent(name: str, fields: Mapping[str, Body], scope: Scope, site: Site) -> Http:
    if name in scope.native.parsed(store).templates:
        return Http("PATCH", path("template", name, scope), fields)
    whole = {"name": name, "organization": site.organization, "type": "generic", "backend": BACKEND, **fields}
    return Http("POST", TEMPLATES, whole, learns=f"template {name}")


def deleted(name: str, scope: Scope) -> Iterator[Operation]:
    """The template taken away; from its access points too.

    Raises:
        InvalidConfig: a group of somebody else carries it.
    """
    for group, document in sorted(scope.native.parsed(store).groups.items()):
        if name in rows(document["templates"]) and not owned(document, "ap_group"):
            raise InvalidConfig(f"the group {group!r}, which is not netres's, carries it; take it out there first")
    yield Http("DELETE", path("template", name, scope))


def veiled(body: Body, name: str = "") -> Body:
    """A body in which what was read as a secret is one again: it must not be shown."""
    if isinstance(body, Mapping):
        return {each: veiled(part, each) for each, part in body.items()}
    if isinstance(body, str):
        return Secret.observed(body) if re.fullmatch(SECRET, name) else body
    if isinstance(body, Sequence):
        return [veiled(part) for part in body]
    return body
