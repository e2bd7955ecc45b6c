"""RADIUS servers: templates that no access point gets, and copies in the WLANs that name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netres.change import Change
from netres.driver import Feature, Scope
from netres.errors import InvalidConfig
from netres.flow import Body, Flow, Operation
from netres.model import Item, RadiusServer, Wlan
from netres_drivers.openwisp import wlan
from netres_drivers.openwisp.marks import MARK, RADIUS, server_of
from netres_drivers.openwisp.netjson import require_renderable
from netres_drivers.openwisp.rest import native, store
from netres_drivers.openwisp.site import Site
from netres_drivers.openwisp.template import as_it_was, deleted, restored, written

_NOTE = "kept in a template that no access point gets, and written into every WLAN that names it"
_LONGEST = 64 - len(RADIUS)


def feature(site: Site) -> Feature:
    """How RADIUS servers are read and written."""

    def read() -> Flow[Iterable[Item]]:
        found = (yield from native(site.organization)).parsed(store)
        return [server for each in found.templates.values() if (server := server_of(each))]

    def write(change: Change, scope: Scope) -> Iterator[Operation]:
        server = change.after
        if not isinstance(server, RadiusServer):
            yield from deleted(RADIUS + change.key.values[0], scope)
            return
        was = restored(scope, RADIUS + server.name)
        if was is not None and server_of(was) == server:
            yield as_it_was(was, scope, site)
        else:
            yield written(RADIUS + server.name, _values(server), (), scope, site)
        for item in scope.after.items:  # those that change themselves are written after this, with the new server
            if (
                isinstance(item, Wlan)
                and server.name in item.security.radius
                and scope.before.by_key.get(item.key) == item
            ):
                yield wlan.request(item, scope, site)

    return Feature(RadiusServer, read, write, note=_NOTE, check=check)


def _values(server: RadiusServer) -> dict[str, Body]:
    values: dict[str, Body] = {MARK: "radius_server", "netres_host": server.host, "netres_port": server.port}
    if server.accounting_port is not None:
        values["netres_accounting_port"] = server.accounting_port
    return {**values, "netres_secret": server.secret}


def check(item: Item) -> None:
    """Refuse a RADIUS server that OpenWISP would render wrongly, or not at all."""
    assert isinstance(item, RadiusServer)
    if len(item.name) > _LONGEST:
        raise InvalidConfig(f"{item.key} name: has {len(item.name)} characters; OpenWISP has room for {_LONGEST}")
    if len(item.host) < 3:
        raise InvalidConfig(f"{item.key} host: {item.host!r} is too short; OpenWISP takes 3 characters and more")
    if item.secret.known:
        require_renderable(f"{item.key} secret", item.secret.reveal())
        if len(item.secret.reveal()) < 4:
            raise InvalidConfig(f"{item.key} secret: is too short; OpenWISP takes 4 characters and more")
