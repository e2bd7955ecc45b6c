"""A WLAN as NetJSON (netjsonconfig 1.3): one wireless interface per band, and the way back.

An access point's configuration is made of all its templates, their interfaces merged by name; so each interface has a
name that no other WLAN's has. Which radio serves which band differs from model to model: the template names a variable,
``radio_2g`` and so on, whose value a group or a device can override.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from pydantic import ValidationError

from netres.errors import InvalidConfig
from netres.flow import Body, Json
from netres.model import RadiusServer, Secret, Wlan
from netres.model.wireless import Band, SecurityMode
from netres_drivers.openwisp.rest import Document, rows, table, text
from netres_drivers.openwisp.site import BANDS, SHORT, Site

MODES: Final[Mapping[SecurityMode, str]] = {
    "open": "none",
    "psk": "wpa2_personal",
    "sae": "wpa3_personal",
    "psk-sae": "wpa2_personal_mixed",
    "enterprise": "wpa2_enterprise",
}
_PMF: Final = {"disabled": "0", "optional": "1", "required": "2"}
_FLAGS: Final = {
    "hidden": "hidden",
    "isolate": "client_isolation",
    "ieee80211r": "fast_transition",
    "ieee80211k": "neighbor_report",
    "bss_transition": "bss_transition",
}
RADIUS: Final = ("server", "port", "key", "acct_server", "acct_server_port")
"""The options of an interface's encryption that are a RADIUS server's."""
_NEUTRAL: Final[tuple[Json, ...]] = (None, False, "0", "auto")
"""Values of owned options that say the same as none."""
_OWNED: Final = frozenset(
    {"type", "disabled"}
    | {f"wireless/{name}" for name in ("mode", "radio", "ssid", "network", "maxassoc", *_FLAGS)}
    | {f"wireless/encryption/{name}" for name in ("protocol", "cipher", "ieee80211w", *RADIUS)}
)


def require_renderable(what: str, value: str) -> None:
    """Refuse text that netjsonconfig would not write into UCI as it is. The error does not quote the value.

    Args:
        what: the Item and its field.
        value: may be a secret.

    Raises:
        InvalidConfig: it begins with ``what``.
    """
    problems = {
        r"[^ -~]": "a character beyond printable ASCII, at which the end of the file would be cut off",
        r"'": "a single quote: it would end the value, and what follows would be read as another option",
        r"\{\{": "{{, which begins a variable",
        r" {4}": "four blanks in a row, which it takes out",
    }
    for pattern, problem in problems.items():
        if re.search(pattern, value):
            raise InvalidConfig(f"{what}: holds {problem} (netjsonconfig 1.3); choose another")


def prefix(name: str) -> str:
    """How the names of a WLAN's interfaces begin: at most 15 characters are to be had (IFNAMSIZ)."""
    return f"nr{hashlib.sha256(name.encode()).hexdigest()[:8]}-"


def variables(wlan: Wlan, site: Site) -> dict[str, Body]:
    """The template's default values: what netres knows it by, and the radios."""
    found: dict[str, Body] = {"netres": "wlan", "netres_bands": "all" if not wlan.bands else "some"}
    if wlan.security.radius:
        found["netres_radius"] = wlan.security.radius[0]
    return found | {f"radio_{SHORT[band]}": site.radios[band] for band in wlan.bands or site.radios}


def interfaces(wlan: Wlan, server: RadiusServer | None, site: Site) -> list[dict[str, Body]]:
    """One wireless interface per band."""
    return [_interface(wlan, band, server, site) for band in BANDS if band in (wlan.bands or site.radios)]


def _interface(wlan: Wlan, band: Band, server: RadiusServer | None, site: Site) -> dict[str, Body]:
    network = site.network if wlan.vlan is None else f"{site.vlan_network}{wlan.vlan}"
    wireless: dict[str, Body] = {
        "mode": "access_point",
        "radio": f"{{{{ radio_{SHORT[band]} }}}}",
        "ssid": wlan.ssid,
        "encryption": _encryption(wlan, server),
        "network": [network],
    }
    wireless |= {option: True for option, field in _FLAGS.items() if getattr(wlan, field)}
    if wlan.max_clients is not None:
        wireless["maxassoc"] = wlan.max_clients
    whole: dict[str, Body] = {"name": prefix(wlan.name) + SHORT[band], "type": "wireless", "wireless": wireless}
    return whole if wlan.enabled else {**whole, "disabled": True}


def _encryption(wlan: Wlan, server: RadiusServer | None) -> dict[str, Body]:
    found: dict[str, Body] = {"protocol": MODES[wlan.security.mode]}
    if wlan.security.passphrase is not None:
        found["key"] = wlan.security.passphrase
    if wlan.security.mode in {"sae", "psk-sae"}:
        found["cipher"] = "ccmp"  # the schema wants it said
    if wlan.pmf != "disabled":
        found["ieee80211w"] = _PMF[wlan.pmf]
    return found | radius(server)


def radius(server: RadiusServer | None) -> dict[str, Body]:
    """A RADIUS server as part of an interface's encryption."""
    if server is None:
        return {}
    found: dict[str, Body] = {"server": server.host, "port": server.port, "key": server.secret}
    if server.accounting_port is not None:
        found |= {"acct_server": server.host, "acct_server_port": server.accounting_port}
    return found


def parse(template: Document, site: Site) -> Wlan | None:
    """The WLAN that a template of netres holds; ``None`` where it says what a `Wlan` cannot say."""
    name = text(template.get("name"))
    defaults = table(template.get("default_values"))
    own = own_interfaces(template)
    bands: tuple[Band, ...] = tuple(band for band in BANDS if prefix(name) + SHORT[band] in own)
    if not bands:
        return None
    every = defaults.get("netres_bands") == "all" and set(bands) == set(site.radios)
    try:
        said = _said(name, own[prefix(name) + SHORT[bands[0]]], text(defaults.get("netres_radius")), site)
        wlan = Wlan.model_validate({**said, "bands": () if every else bands})
    except (ValidationError, KeyError, ValueError):
        return None
    for band in bands:
        found, wanted = (
            {place: value for place, value in leaves(each) if place in _OWNED and value not in _NEUTRAL}
            for each in (own[prefix(name) + SHORT[band]], _interface(wlan, band, None, site))
        )
        if wlan.security.radius:  # what the server itself is told by stands in its own template
            found = {place: value for place, value in found.items() if place.rpartition("/")[2] not in RADIUS}
        if found != wanted:
            return None
    return wlan


def _said(name: str, interface: Document, radius: str, site: Site) -> dict[str, object]:
    wireless = table(interface["wireless"])
    encryption = table(wireless["encryption"])
    mode = {protocol: mode for mode, protocol in MODES.items()}[text(encryption["protocol"])]
    security: dict[str, object] = {"mode": mode, "radius": (radius,) if radius else ()}
    if mode in {"psk", "sae", "psk-sae"}:
        security["passphrase"] = Secret.observed(text(encryption["key"]))
    (network,) = rows(wireless["network"])
    vlan = None if network == site.network else int(text(network).removeprefix(site.vlan_network))
    flags = {field: wireless.get(option) is True for option, field in _FLAGS.items()}
    pmf = {number: word for word, number in _PMF.items()}[text(encryption.get("ieee80211w", "0"))]
    return {
        "name": name,
        "ssid": text(wireless["ssid"]),
        "enabled": interface.get("disabled") is not True,
        "security": security,
        "vlan": vlan,
        "pmf": pmf,
        "max_clients": wireless.get("maxassoc"),
        **flags,
    }


def own_interfaces(template: Document) -> dict[str, Document]:
    """The interfaces of a template that netres made, by name."""
    begin = prefix(text(template.get("name")))
    found = (table(each) for each in rows(table(template.get("config")).get("interfaces")))
    return {text(each.get("name")): each for each in found if text(each.get("name")).startswith(begin)}


def leaves(value: Mapping[str, Body] | Document, place: str = "") -> Iterator[tuple[str, object]]:
    """Every value of a document with its place, objects taken apart; secrets as they are."""
    for name, part in value.items():
        if isinstance(part, Mapping):
            yield from leaves(cast("Document", part), f"{place}{name}/")
        elif not (place == "" and name == "name"):
            yield f"{place}{name}", part.reveal() if isinstance(part, Secret) else part


def strange(template: Document) -> Iterator[tuple[str, Json]]:
    """What stands in a template of netres that a `Wlan` does not say, with its place."""
    own = own_interfaces(template)
    for name, interface in sorted(own.items()):
        for place, value in leaves(interface):
            if place not in _OWNED:
                yield f"config/interfaces/{name}/{place}", cast("Json", value)
    config = table(template.get("config"))
    for name, value in sorted(config.items()):
        if name != "interfaces":
            yield f"config/{name}", value
    for each in rows(config.get("interfaces")):
        if text(table(each).get("name")) not in own:
            yield "config/interfaces", each


def merged(template: Document, wanted: Sequence[Mapping[str, Body]]) -> dict[str, Body]:
    """The configuration of a template with other interfaces of netres; what others wrote into it stays.

    Raises:
        InvalidConfig: an interface would go that others wrote into.
    """
    own, new = own_interfaces(template), {text(cast("Json", each["name"])): each for each in wanted}
    for gone in sorted(own.keys() - new.keys()):
        if odd := sorted(place for place, _ in leaves(own[gone]) if place not in _OWNED):
            raise InvalidConfig(f"its interface {gone} holds {', '.join(odd)}, written by hand; remove these first")
    config = table(template.get("config"))
    kept = [table(each) for each in rows(config.get("interfaces"))]
    places = [text(each.get("name")) for each in kept]
    found: list[Body] = [
        _over(each, new[name]) if name in new else cast("Body", each)
        for name, each in zip(places, kept, strict=True)
        if name in new or name not in own
    ]
    found.extend(each for name, each in new.items() if name not in places)
    return {**cast("Mapping[str, Body]", config), "interfaces": found}


def _over(old: Document, new: Mapping[str, Body], place: str = "") -> dict[str, Body]:
    """``old`` with what netres owns as in ``new``."""
    kept = {name: value for name, value in old.items() if f"{place}{name}" not in _OWNED}
    found: dict[str, Body] = {**cast("Mapping[str, Body]", kept), **new}
    for name, value in kept.items():
        if isinstance(value, Mapping):
            part = new.get(name)
            newer: Mapping[str, Body] = part if isinstance(part, Mapping) else {}
            found[name] = _over(table(value), newer, f"{place}{name}/")
    return found
