"""WLANs as NetJSON and back, what others write into the same template, and OpenWISP's words."""

from __future__ import annotations

import copy
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netres import registry
from netres.errors import InvalidConfig
from netres.flow import Body, Json, Reply, unveil
from netres.model import Key, RadiusServer, Secret, Wlan, WlanSecurity
from netres.observation import masked
from netres_drivers.openwisp import netjson, words
from netres_drivers.openwisp.foreign import foreign, unowned
from netres_drivers.openwisp.rest import BACKEND, Document, table
from netres_drivers.openwisp.site import Site

SITE = Site(radios={"2.4ghz": "radio0", "5ghz": "radio1", "6ghz": "radio2"})
SERVER = RadiusServer(name="r", host="192.0.2.1", accounting_port=1813, secret=Secret.observed("se'cret"))
KEYS = st.text("abcXYZ", min_size=1, max_size=5).map("x_".__add__)
VALUES = st.one_of(st.integers(), st.booleans(), st.text(max_size=5), st.lists(st.integers(), max_size=2))
EXTRA = st.dictionaries(KEYS, VALUES, max_size=3)


@st.composite
def wlans(draw: st.DrawFn) -> Wlan:
    mode = draw(st.sampled_from(list(netjson.MODES)))
    personal = mode in {"psk", "sae", "psk-sae"}
    passphrase = Secret.observed(draw(st.text(st.characters(codec="ascii", categories=["L"]), min_size=8, max_size=63)))
    pmf = {"sae": ["required"], "psk-sae": ["optional", "required"], "open": ["disabled"]}
    bands = draw(st.lists(st.sampled_from(list(SITE.radios)), unique=True))
    return Wlan.model_validate(
        {
            "name": draw(st.from_regex(r"[a-z]{1,10}", fullmatch=True)),
            "ssid": draw(st.text(min_size=1, max_size=8)),
            "enabled": draw(st.booleans()),
            "security": WlanSecurity(
                mode=mode, passphrase=passphrase if personal else None, radius=("r",) if mode == "enterprise" else ()
            ),
            "vlan": draw(st.one_of(st.none(), st.integers(1, 4094))),
            "bands": () if len(bands) == 3 else tuple(bands),
            "hidden": draw(st.booleans()),
            "fast_transition": mode != "open" and draw(st.booleans()),
            "neighbor_report": draw(st.booleans()),
            "bss_transition": draw(st.booleans()),
            "pmf": draw(st.sampled_from(pmf.get(mode, ["disabled", "optional", "required"]))),
            "client_isolation": draw(st.booleans()),
            "max_clients": draw(st.one_of(st.none(), st.integers(1, 65535))),
        }
    )


def template(wlan: Wlan, config: Body = None) -> Document:
    server = SERVER if wlan.security.radius else None
    whole = {"interfaces": netjson.interfaces(wlan, server, SITE)} if config is None else config
    document: dict[str, Body] = {"name": wlan.name, "default_values": netjson.variables(wlan, SITE), "config": whole}
    return table(unveil(document))


@given(wlans())
def test_a_wlan_is_read_as_it_was_written(wlan: Wlan) -> None:
    assert netjson.parse(template(wlan), SITE) == wlan
    assert not list(netjson.strange(template(wlan)))


@given(wlans(), wlans(), st.tuples(EXTRA, EXTRA, EXTRA, EXTRA))
def test_what_others_wrote_is_told_and_stays(one: Wlan, other: Wlan, by_hand: tuple[dict[str, Json], ...]) -> None:
    in_interface, in_wireless, in_encryption, in_config = by_hand
    other = other.model_copy(update={"name": one.name})
    written = cast("dict[str, dict[str, list[dict[str, dict[str, dict[str, Json]]]]]]", copy.deepcopy(template(one)))
    interface = written["config"]["interfaces"][-1]
    cast("dict[str, Json]", interface).update(in_interface)
    cast("dict[str, Json]", interface["wireless"]).update(in_wireless)
    interface["wireless"]["encryption"].update(in_encryption)
    cast("dict[str, Json]", written["config"]).update(in_config)
    document = cast("Document", written)
    assert netjson.parse(document, SITE) == one
    told = sorted(netjson.strange(document), key=str)
    assert len(told) == len(in_interface) + len(in_wireless) + len(in_encryption) + len(in_config)
    wanted = netjson.interfaces(other, SERVER if other.security.radius else None, SITE)
    if in_interface | in_wireless | in_encryption and interface["name"] not in [each["name"] for each in wanted]:
        with pytest.raises(InvalidConfig, match="written by hand"):
            netjson.merged(document, wanted)
        return
    merged = {**template(other), "config": unveil(netjson.merged(document, wanted))}
    assert netjson.parse(merged, SITE) == other
    assert sorted(netjson.strange(merged), key=str) == told


CORP = Wlan(name="corp", ssid="Corp", security=WlanSecurity(mode="psk", passphrase=Secret.observed("12345678")))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("wireless/mode", "station"),
        ("wireless/radio", "radio0"),
        ("wireless/ssid", "Different"),
        ("wireless/network", ["lan", "guest"]),
        ("wireless/network", ["guest"]),
        ("wireless/maxassoc", "many"),
        ("wireless/hidden", "yes"),
        ("wireless/encryption", None),
        ("wireless/encryption/protocol", "owe"),
        ("wireless/encryption/cipher", "tkip"),
        ("wireless/encryption/ieee80211w", "3"),
        ("wireless/encryption/key", "different in this band"),
        ("wireless", None),
    ],
)
def test_what_a_wlan_cannot_say_is_no_wlan(place: str, value: Json) -> None:
    written = cast("dict[str, dict[str, list[dict[str, Json]]]]", copy.deepcopy(template(CORP)))
    *outer, last = place.split("/")
    at: dict[str, Json] = written["config"]["interfaces"][1]
    for name in outer:
        at = cast("dict[str, Json]", at[name])
    at[last] = value
    assert netjson.parse(cast("Document", written), SITE) is None


@pytest.mark.parametrize(
    ("changes", "explicit"), [({}, True), ({"enabled": False}, True), ({"bands": ("5ghz",)}, False)]
)
def test_defaults_that_somebody_wrote_out_say_the_same(changes: dict[str, Json], explicit: bool) -> None:
    wlan = Wlan.model_validate({**dict(CORP), **changes})
    written = cast("dict[str, dict[str, list[dict[str, dict[str, Json]]]]]", copy.deepcopy(template(wlan)))
    for interface in written["config"]["interfaces"]:
        interface["wireless"] |= {"hidden": False, "isolate": False, "ieee80211r": False}
        cast("dict[str, Json]", interface["wireless"]["encryption"]).update(cipher="auto", ieee80211w="0")
        cast("dict[str, Json]", interface).setdefault("disabled", False)
    assert netjson.parse(cast("Document", written), SITE) == wlan
    assert not list(netjson.strange(cast("Document", written)))


def test_a_radio_that_came_later_is_a_difference() -> None:
    """Every band meant two when it was written."""
    narrow = Site(radios={"2.4ghz": "radio0", "5ghz": "radio1"})
    config = {"interfaces": netjson.interfaces(CORP, None, narrow)}
    assert netjson.parse(template(CORP, config), narrow) == CORP
    assert netjson.parse(template(CORP, config), SITE) == CORP.model_copy(update={"bands": ("2.4ghz", "5ghz")})


NATIVE = (
    'device {"group": "halls", "name": "ap-09"}\n'
    'group {"context": {}, "description": "", "meta_data": {}, "name": "halls", "templates": ["lobby"]}\n'
    'group {"context": {}, "description": "", "meta_data": {"netres": "ap_group"}, "name": "attic", '
    '"templates": ["x y"]}\n'
    f'template {{"backend": "{BACKEND}", "config": {{"wireless": [{{"key": "sec\\"ret"}}]}}, "default": false, '
    '"default_values": {"netres_secret": "hush"}, "name": "lobby", "notes": "", "required": true, "tags": [], '
    '"type": "generic", "vpn": null}\n'
    f'template {{"backend": "{BACKEND}", "config": {{"interfaces": [{{"name": "nr"}}]}}, "default": false, '
    '"default_values": {"netres": "radius_server", "netres_host": "192.0.2.1", "netres_port": 1812, '
    '"netres_secret": "hush", "other": 1}, "name": "radius r", "notes": "", "required": false, "tags": ["t"], '
    '"type": "generic", "vpn": null}\n'
)


def test_foreign_lines_stand_under_the_item_they_would_go_with() -> None:
    found = foreign(SITE)(Reply(NATIVE))
    assert {str(key): len(lines) for key, lines in found.items()} == {
        "wlan[lobby]": 1,
        "radius_server[r]": 3,
        "ap_group[halls]": 2,
        "ap_group[attic]": 1,
    }
    assert found[Key("radius_server", ("r",))] == (
        'template "radius r" tags ["t"]',
        'template "radius r" default_values/other 1',
        'template "radius r" config {"interfaces": [{"name": "nr"}]}',
    )
    assert len(unowned(SITE)(Reply(NATIVE))) == 7


def test_secrets_in_native_configuration_are_masked() -> None:
    shown = masked(registry.get("openwisp"), NATIVE)
    assert "hush" not in shown
    assert "ret" not in shown.replace("secret", "").replace("netres", "")


@pytest.mark.parametrize(
    ("body", "text", "told"),
    [
        ({"detail": "Invalid token."}, "", "Invalid token."),
        ({"name": ["is long", "is odd"], "__all__": ["a\n\nb"]}, "", "name: is long; name: is odd; a b"),
        ({"config": {"templates": ["no such pk"]}}, "", "config.templates: no such pk"),
        (["plain"], "", "plain"),
        (None, "<html><TITLE>Bad\n Gateway</TITLE></html>", "Bad Gateway"),
        (None, "nothing of the kind", "nothing of the kind"),
    ],
)
def test_words_of_a_refusal(body: Json, text: str, told: str) -> None:
    assert words(Reply(text, 400, body)) == told
