"""One organisation of a controller, and what the entry's options say of its access points."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from netres.errors import InvalidConfig
from netres.flow import Flow, Ref
from netres.inventory.entry import Scalar
from netres.model.wireless import Band
from netres_drivers.openwisp.rest import ORGANIZATIONS, listed

BANDS: Final[tuple[Band, ...]] = ("2.4ghz", "5ghz", "6ghz")
SHORT: Final[Mapping[Band, str]] = {"2.4ghz": "2g", "5ghz": "5g", "6ghz": "6g"}
"""UCI's words for the bands."""
OPTIONS: Final = ("organization", "radio_2g", "radio_5g", "radio_6g", "network", "vlan_network")


@dataclass(frozen=True)
class Site:
    """Whose templates and groups these are, and how names on the access points are made."""

    organization: str | Ref = field(default_factory=lambda: Ref("organization"))
    """Its id."""
    radios: Mapping[Band, str] = field(default_factory=lambda: {"2.4ghz": "radio0", "5ghz": "radio1"})
    """The access points' own names of their radios, where a device's or group's variables do not say otherwise."""
    network: str = "lan"
    """The UCI network of a WLAN without VLAN."""
    vlan_network: str = "vlan"
    """Begins the name of the UCI network of a VLAN; its number ends it."""


def site(options: Mapping[str, Scalar]) -> Flow[Site]:
    """What the entry's options say, the organisation looked up.

    Raises:
        InvalidConfig: an option is unknown or not usable, or does not say which of several organisations is meant.
    """
    if unknown := sorted(options.keys() - set(OPTIONS)):
        raise InvalidConfig(f"openwisp has no option {unknown[0]!r}; it has: {', '.join(OPTIONS)}")
    given = Site(
        radios={
            band: radio
            for band in BANDS
            if (radio := _word(options, f"radio_{SHORT[band]}", Site().radios.get(band, ""), 15))
        },
        network=_word(options, "network", Site.network, 15),
        vlan_network=_word(options, "vlan_network", Site.vlan_network, 11),
    )
    if not given.network or not given.vlan_network or not given.radios:
        raise InvalidConfig("options network, vlan_network and one of radio_2g, radio_5g, radio_6g must not be empty")
    organization = yield from _organization(str(options.get("organization", "")))
    return Site(organization, given.radios, given.network, given.vlan_network)


def _word(options: Mapping[str, Scalar], name: str, default: str, longest: int) -> str:
    value = options.get(name, default)
    if not isinstance(value, str) or not re.fullmatch(rf"[A-Za-z0-9_]{{0,{longest}}}", value):
        raise InvalidConfig(f"option {name} {value!r} is no UCI name of at most {longest} letters, digits and _")
    if len(value) == 1 and name.startswith("radio"):
        raise InvalidConfig(f"option {name} {value!r} is too short: OpenWISP takes names of radios from 2 characters")
    return value


def _organization(wanted: str) -> Flow[str]:
    try:
        return str(UUID(wanted))
    except ValueError:
        pass
    found = [one for one in (yield from listed(ORGANIZATIONS)) if one.get("is_active")]
    slugs = {str(one["slug"]): str(one["id"]) for one in found}
    if wanted in slugs:
        return slugs[wanted]
    if not wanted and len(slugs) == 1:
        return next(iter(slugs.values()))
    choices = ", ".join(sorted(slugs)) or "none"
    what = f"there is no organisation {wanted!r}" if wanted else "there is not just one organisation"
    raise InvalidConfig(f"{what}; set the entry's option organization to one of those that the account sees: {choices}")
