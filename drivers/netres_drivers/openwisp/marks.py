"""How netres knows its own templates and groups, and what stands in them that it did not write.

A template of netres has the default value ``netres``, a group the like in its metadata; so has nobody's by accident. A
RADIUS server has a template of its own, which no access point gets: OpenWISP knows servers only as part of the
encryption of an interface. That template says what the server is, and every WLAN that names it is written with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydantic import TypeAdapter, ValidationError

from netres.flow import Json
from netres.model import Key, RadiusServer, Secret, Wlan
from netres.model.types import Name
from netres_drivers.openwisp import netjson
from netres_drivers.openwisp.rest import BACKEND, Document, Store, table, text
from netres_drivers.openwisp.site import Site

MARK: Final = "netres"
RADIUS: Final = "radius "
"""Begins the name of the template of a RADIUS server; no name of a WLAN holds a blank."""
EMPTY: Final[Document] = {"interfaces": []}
"""A configuration that renders nothing; none at all is not taken."""
_NAME: Final = TypeAdapter(Name)
_PLAIN: Final[Document] = {
    "notes": "",
    "default": False,
    "required": False,
    "vpn": None,
    "tags": [],
    "type": "generic",
    "backend": BACKEND,
}


def owned(document: Document, kind: str) -> bool:
    """Whether netres made a template or a group, for an Item of a kind."""
    return table(document.get("meta_data" if kind == "ap_group" else "default_values")).get(MARK) == kind


def wlan_of(template: Document, site: Site) -> Wlan | None:
    """The WLAN in a template; ``None`` where it is not netres's, or says more than a WLAN can."""
    return netjson.parse(template, site) if owned(template, "wlan") and named(text(template["name"])) else None


def server_of(template: Document) -> RadiusServer | None:
    """The RADIUS server in a template; ``None`` where it is not netres's, or not one."""
    name, values = text(template["name"]), table(template.get("default_values"))
    if not owned(template, "radius_server") or not name.startswith(RADIUS):
        return None
    document = {
        "name": name.removeprefix(RADIUS),
        "host": values.get("netres_host"),
        "port": values.get("netres_port"),
        "accounting_port": values.get("netres_accounting_port"),
        "secret": Secret.observed(text(values.get("netres_secret"))),
    }
    try:
        return RadiusServer.model_validate(document)
    except ValidationError:
        return None


def named(name: str) -> bool:
    """Whether an Item can have a name."""
    try:
        _NAME.validate_python(name)
    except ValidationError:
        return False
    return True


def key_of(template: Document) -> Key | None:
    """The key of the Item that a template is, or would be in the way of."""
    name = text(template["name"])
    if name.startswith(RADIUS) and named(name.removeprefix(RADIUS)):
        return Key("radius_server", (name.removeprefix(RADIUS),))
    return Key("wlan", (name,)) if named(name) else None


def odd(template: Document, found: Store) -> Iterator[tuple[str, Json]]:
    """What stands in a template of netres that its Item does not say, with its place."""
    for name, plain in _PLAIN.items():
        if (value := template.get(name, plain)) != plain:
            yield name, value
    for name, value in sorted(table(template.get("default_values")).items()):
        if name != MARK and not name.startswith(("netres_", "radio_")):
            yield f"default_values/{name}", value
    if owned(template, "radius_server"):
        if table(template.get("config")) != EMPTY:
            yield "config", template.get("config")
        return
    yield from netjson.strange(template)
    for name in told_otherwise(template, named_server(template, found)):
        yield f"config/interfaces/{name}/wireless/encryption", "not the RADIUS server it names"


def named_server(template: Document, found: Store) -> RadiusServer | None:
    """The RADIUS server that the template of a WLAN names."""
    name = text(table(template.get("default_values")).get("netres_radius"))
    return server_of(found.templates.get(RADIUS + name, {"name": ""})) if name else None


def told_otherwise(template: Document, server: RadiusServer | None) -> Iterator[str]:
    """The interfaces of an enterprise WLAN whose encryption is not told of ``server``."""
    wanted = dict(netjson.leaves(netjson.radius(server)))
    for name, interface in sorted(netjson.own_interfaces(template).items()):
        encryption = table(table(interface.get("wireless")).get("encryption"))
        told = {each: value for each, value in encryption.items() if each in netjson.RADIUS}
        if encryption.get("protocol") == netjson.MODES["enterprise"] and told != wanted:
            yield name
