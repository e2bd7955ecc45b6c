"""WLANs: templates with one wireless interface per band."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from netres.change import Change
from netres.driver import Feature, Scope
from netres.errors import InvalidConfig
from netres.flow import Flow, Http, Operation
from netres.model import Item, Key, RadiusServer, Wlan
from netres_drivers.openwisp import netjson
from netres_drivers.openwisp.marks import named_server, told_otherwise, wlan_of
from netres_drivers.openwisp.netjson import require_renderable
from netres_drivers.openwisp.rest import native, store
from netres_drivers.openwisp.site import Site
from netres_drivers.openwisp.template import as_it_was, deleted, restored, written

_NOTE = (
    "a template of one wireless interface per band, each on the radio that the variable radio_2g, radio_5g or radio_6g "
    "names; the UCI network of its VLAN must exist on the access points"
)


def feature(site: Site) -> Feature:
    """How WLANs are read and written."""

    def read() -> Flow[Iterable[Item]]:
        found = (yield from native(site.organization)).parsed(store)
        return [wlan for each in found.templates.values() if (wlan := wlan_of(each, site))]

    def write(change: Change, scope: Scope) -> Iterator[Operation]:
        if isinstance(change.after, Wlan):
            yield request(change.after, scope, site)
        else:
            yield from deleted(change.key.values[0], scope)

    return Feature(Wlan, read, write, values={"bands": tuple(sorted(site.radios))}, note=_NOTE, check=check)


def check(item: Item) -> None:
    """Refuse a WLAN that OpenWISP would render wrongly, or not at all."""
    assert isinstance(item, Wlan)
    require_renderable(f"{item.key} ssid", item.ssid)
    if len(item.security.radius) > 1:
        raise InvalidConfig(f"{item.key} security radius: OpenWISP has one server per WLAN; name one")
    if item.security.passphrase is not None and item.security.passphrase.known:
        passphrase = item.security.passphrase.reveal()
        require_renderable(f"{item.key} security passphrase", passphrase)
        hexadecimal = item.security.mode == "psk" and re.fullmatch(r"[0-9A-Fa-f]{64}", passphrase)
        if not hexadecimal and not 8 <= len(passphrase) <= 63:
            raise InvalidConfig(f"{item.key} security passphrase: must have 8 to 63 characters (IEEE 802.11i)")


def request(wlan: Wlan, scope: Scope, site: Site) -> Http:
    """The request that writes a WLAN, with the RADIUS server it names.

    Raises:
        InvalidConfig: what others wrote into its template would go.
    """
    server = next((scope.after.by_key.get(Key("radius_server", (name,))) for name in wlan.security.radius), None)
    assert server is None or isinstance(server, RadiusServer)
    was = restored(scope, wlan.name)
    if was is not None and wlan_of(was, site) == wlan and not any(told_otherwise(was, server)):
        return as_it_was(was, scope, site)
    found = scope.native.parsed(store)
    now = found.templates.get(wlan.name)
    if now is not None and scope.restore is None and any(told_otherwise(now, named_server(now, found))):
        raise InvalidConfig(
            f"{wlan.key}: its interfaces use another RADIUS server than the one it names; "
            f"correct in OpenWISP what was changed there by hand"
        )
    return written(wlan.name, netjson.variables(wlan, site), netjson.interfaces(wlan, server, site), scope, site)
