"""hostapd's files, offline: what they say, what becomes of them, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from netres.driver import Driver
from netres.errors import InvalidConfig, NetresError, Unsupported
from netres.flow import Exec
from netres.model import Config, Item, Key, Radio, RadiusServer, Secret, Wlan, WlanSecurity
from netres.offline import parse, render
from netres_drivers import hostapd
from netres_drivers.hostapd import DRIVER, stations
from netres_drivers.hostapd.site import Site

BY_HAND = """\
# The office, second floor
interface=wlan0
driver=nl80211
ctrl_interface=/run/hostapd
bridge=br-lan

hw_mode=g
channel=6
country_code=DE
ieee80211n=1
ht_capab=[HT40-][SHORT-GI-20]

ssid=Office
# changed every January
wpa_passphrase=correct horse
wpa_key_mgmt=WPA-PSK WPA-PSK-SHA256
wpa=2
rsn_pairwise=CCMP
wmm_enabled=1
rrm_neighbor_report=1

bss=wlan0_0
ctrl_interface=/run/hostapd
ssid2=P"caf\\xc3\\xa9"
ap_isolate=1
max_num_sta=20
"""
OFFICE = Wlan(
    name="Office",
    ssid="Office",
    security=WlanSecurity(mode="psk", passphrase=Secret.observed("correct horse")),
    neighbor_report=True,
)
CAFE = Wlan(name="wlan0_0", ssid="café", client_isolation=True, max_clients=20)
VLANS = hostapd.driver(Site(bridge="br-vlan{vlan}"), ("wlan0",))


def changed(desired: list[Item], text: str = BY_HAND, driver: Driver = DRIVER, prune: tuple[str, ...] = ()) -> str:
    """The file that is written."""
    made = render(driver, Config.of(desired), text, prune=frozenset(prune))
    return next((one.reveal() for one in made.operations if isinstance(one, Exec) and one.stdin), text)


def items(text: str, driver: Driver = DRIVER) -> Mapping[str, Item]:
    return {str(key): item for key, item in parse(driver, text).config.by_key.items()}


def test_a_file_made_by_hand_is_understood() -> None:
    assert items(BY_HAND) == {
        "radio[wlan0]": Radio(name="wlan0", band="2.4ghz", channel=6, width=40, country="DE"),
        "wlan[Office]": OFFICE,
        "wlan[wlan0_0]": CAFE,
    }


def test_what_changes_changes_in_its_place_and_nothing_else() -> None:
    secret = Secret.observed("battery staple")
    new = OFFICE.model_copy(update={"security": WlanSecurity(mode="psk", passphrase=secret), "hidden": True})
    radio = Radio(name="wlan0", band="2.4ghz", channel=11, width=20, country="DE")
    expected = (
        BY_HAND.replace("correct horse", "battery staple")
        .replace("channel=6", "channel=11")
        .replace("[HT40-][SHORT", "[SHORT")
        .replace("rrm_neighbor_report=1\n", "rrm_neighbor_report=1\n#netres wlan=Office\nignore_broadcast_ssid=1\n")
    )
    assert changed([new, radio]) == expected
    assert items(expected)["wlan[Office]"] == new


def test_a_new_wlan_gets_a_bss_of_its_own_with_what_that_needs() -> None:
    guest = Wlan(name="guest", ssid="Gäste", vlan=20)
    text = changed([guest], driver=VLANS)
    assert text == BY_HAND + (
        "bss=wlan0_1\nctrl_interface=/run/hostapd\n#netres wlan=guest\nssid2=47c3a4737465\nbridge=br-vlan20\n"
    )
    assert items(text, VLANS)["wlan[guest]"] == guest
    assert changed([], text, VLANS, ("wlan",)).count("bss=") == 0


def test_the_first_bss_without_a_wlan_is_quiet_and_is_used_again() -> None:
    text = changed([CAFE], prune=("wlan",))
    assert "start_disabled=1\nmax_num_sta=0\n" in text  # until its radio is enabled anew, hostapd heeds the second only
    assert "changed every January" in text
    assert "wlan[Office]" not in items(text)
    again = changed([CAFE, OFFICE], text)
    assert "start_disabled" not in again
    assert "max_num_sta=0" not in again
    assert items(again)["wlan[Office]"] == OFFICE


@pytest.mark.parametrize(
    "lines",
    [
        "wpa=1\nwpa_passphrase=secret-99\nwpa_pairwise=CCMP",
        "wpa=3\nwpa_passphrase=secret-99\nrsn_pairwise=CCMP",
        "wpa=2\nwpa_passphrase=secret-99",
        "wpa=2\nwpa_passphrase=secret-99\nrsn_pairwise=CCMP TKIP",
        "wpa=2\nwpa_key_mgmt=OWE\nrsn_pairwise=CCMP\nieee80211w=2",
        "wpa=2\nwpa_key_mgmt=WPA-PSK FT-SAE\nwpa_passphrase=secret-99\nrsn_pairwise=CCMP",
        "wpa=2\nwpa_key_mgmt=SAE\nsae_password=one|id=two\nrsn_pairwise=CCMP\nieee80211w=2",
        "wpa=2\nwpa_key_mgmt=SAE\nsae_password=one\nsae_password=two\nrsn_pairwise=CCMP\nieee80211w=2",
        "wpa=2\nwpa_key_mgmt=SAE\nwpa_passphrase=secret-99\nrsn_pairwise=CCMP\nieee80211w=1",
        "wpa=2\nwpa_psk_file=/etc/hostapd/psk\nrsn_pairwise=CCMP",
        "wpa=2\nwpa_key_mgmt=WPA-EAP\nieee8021x=1\nrsn_pairwise=CCMP\neap_server=1",
        "wpa=2\nwpa_key_mgmt=WPA-EAP\nieee8021x=1\nrsn_pairwise=CCMP\nacct_server_addr=192.0.2.1",
        "ieee8021x=1",
        "wep_key0=1234567890",
        "ignore_broadcast_ssid=2",
        "max_num_sta=5x",
        "start_disabled=1",
        "ssid2=4",
    ],
)
def test_what_the_model_cannot_express_is_told_and_not_overwritten(lines: str) -> None:
    text = f"interface=wlan0\nssid=Odd\n{lines}\n"
    seen = parse(DRIVER, text)
    assert not seen.config.items
    (key,) = seen.foreign
    assert key in {Key("wlan", ("Odd",)), Key("wlan", ("wlan0",))}
    assert seen.foreign[key]
    with pytest.raises(InvalidConfig, match="cannot express"):
        changed([Wlan(name=key.values[0], ssid="Odd")], text)
    assert changed([Wlan(name="other", ssid="Other")], text).startswith(text)


def test_octets_that_are_no_text_are_told() -> None:
    text = b"interface=wlan0\nssid=\xff\xfe\n".decode(errors="surrogateescape")
    seen = parse(DRIVER, text)
    assert list(seen.foreign) == [Key("wlan", ("wlan0",))]
    assert changed([Wlan(name="x", ssid="x")], text).startswith(text)


def test_a_line_is_what_hostapd_takes_for_one() -> None:
    smuggled = "#" + "x" * 4094 + "ssid=smuggled\n"
    assert items(f"interface=wlan0\n{smuggled}")["wlan[smuggled]"] == Wlan(name="smuggled", ssid="smuggled")


def test_what_a_stranger_writes_is_no_mark_of_netres() -> None:
    for ssid in ("#netres wlan=x", "a wlan=x", "x\n#netres wlan=y"):
        text = changed([Wlan(name="z", ssid=ssid)], "interface=wlan0\n")
        assert items(text) == {"wlan[z]": Wlan(name="z", ssid=ssid)}
    text = "interface=wlan0\n#netres wlan=$(reboot)\nssid=a\n#netres is not for this\n"
    assert items(text) == {"wlan[a]": Wlan(name="a", ssid="a")}


ISE = RadiusServer(name="ise1", host="192.0.2.10", accounting_port=1813, secret=Secret.observed("r-secret"))
STAFF = Wlan(name="staff", ssid="Staff", security=WlanSecurity(mode="enterprise", radius=("ise1",)), pmf="optional")


def test_a_radius_server_lives_and_goes_with_its_wlan() -> None:
    with pytest.raises(InvalidConfig, match=r"radius_server\[ise1\].*no wlan names this one"):
        changed([ISE])
    text = changed([ISE, STAFF])
    assert items(text)["radius_server[ise1]"] == ISE
    assert items(text)["wlan[staff]"] == STAFF
    with pytest.raises(InvalidConfig, match=r"prune radius_server"):
        changed([OFFICE, CAFE], text, prune=("wlan",))
    assert "ise1" not in changed([OFFICE, CAFE], text, prune=("wlan", "radius_server"))


def test_a_radius_server_made_by_hand_is_named_after_its_address() -> None:
    text = changed([ISE, STAFF]).replace(" radius=ise1", "")
    assert items(text)["radius_server[192.0.2.10]"] == ISE.model_copy(update={"name": "192.0.2.10"})


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (Wlan(name="a", ssid="a", enabled=False), "enabled"),
        (Wlan(name="a", ssid="a", vlan=20), "vlan"),
        (Wlan(name="a", ssid="a", max_clients=2008), "max_clients up to 2007"),
        (Wlan(name="a", ssid="a", bands=("5ghz",)), "bands 5ghz: no radio has it"),
        (RadiusServer(name="r", host="radius.example.net", secret=Secret.observed("x")), "looks up no names"),
        (Radio(name="wlan0", power=10), "power"),
        (Radio(name="wlan0", band="2.4ghz", channel=36), "channel 36 is not in 2.4ghz"),
        (Radio(name="wlan0", band="5ghz", channel=36, width=320), "width 320"),
        (Radio(name="wlan0", band="5ghz", width=80), "needs a channel"),
        (Radio(name="wlan0", band="5ghz", channel=38, width=40), "no primary channel"),
        (Radio(name="wlan0", band="6ghz", channel=5), "needs a width"),
        (Radio(name="wlan7", band="2.4ghz"), "it has wlan0"),
    ],
)
def test_what_hostapd_cannot_do_is_refused_with_its_field(item: Item, said: str) -> None:
    driver = hostapd.driver(Site(), ("wlan0",))
    with pytest.raises((InvalidConfig, Unsupported), match=said):
        changed([item], driver=driver)


@pytest.mark.parametrize(
    ("mode", "passphrase", "said"),
    [
        ("psk", "short77", "has 7 octets"),
        ("psk", "x" * 64, "has 64 octets"),
        ("psk", "pässword", "beyond printable ASCII"),
        ("psk-sae", "0" * 64, "has 64 octets"),
        ("sae", "a|id=b", "which hostapd takes out"),
    ],
)
def test_a_passphrase_that_hostapd_does_not_take_is_refused_and_not_shown(
    mode: str, passphrase: str, said: str
) -> None:
    with pytest.raises(InvalidConfig, match=said) as caught:
        changed([personal(mode, passphrase)])
    assert passphrase not in str(caught.value)


@pytest.mark.parametrize("secret", ["a\nwpa=0", "a\0b", "x" * (4095 - len("auth_server_shared_secret=")) + "wpa=0"])
def test_a_radius_secret_that_would_be_another_line_too_is_refused_and_not_shown(secret: str) -> None:
    """hostapd takes what is beyond 4095 octets for a line of its own: here for one that opens the network."""
    server = RadiusServer(name="ise1", host="192.0.2.10", secret=Secret.observed(secret))
    asking = Wlan(name="w", ssid="w", security=WlanSecurity(mode="enterprise", radius=("ise1",)))
    with pytest.raises(InvalidConfig, match=r"radius_server\[ise1\]: secret has ") as caught:
        changed([server, asking])
    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("mode", "passphrase", "line"),
    [
        ("psk", "0" * 64, "wpa_psk=" + "0" * 64),
        ("sae", "short77", "sae_password=short77"),
        ("sae", "long enough|id=x", "wpa_passphrase=long enough|id=x"),
        ("psk-sae", " blanks around ", "wpa_passphrase= blanks around "),
    ],
)
def test_a_passphrase_stands_where_hostapd_takes_it_whole(mode: str, passphrase: str, line: str) -> None:
    wanted = personal(mode, passphrase)
    text = changed([wanted])
    assert line in text.splitlines()
    assert items(text)["wlan[w]"] == wanted


def test_in_transition_a_station_of_wpa3_needs_pmf_though_one_of_wpa2_does_not() -> None:
    """WPA3 specification 3.0, 2.3; hostapd lets both join without unless it is told otherwise."""
    mixed = changed([personal("psk-sae", "correct horse")])
    assert {"ieee80211w=1", "sae_require_mfp=1"} <= set(mixed.splitlines())
    assert "sae_require_mfp" not in changed([personal("psk", "correct horse")], mixed)


def personal(mode: str, passphrase: str) -> Wlan:
    security = {"mode": mode, "passphrase": Secret.observed(passphrase)}
    return Wlan.model_validate({"name": "w", "ssid": "w", "security": security})


def test_two_radios_and_a_wlan_on_one_of_them() -> None:
    site = Site(configs=("/a", "/b"), pids=("/p",))
    one, two = "interface=wlan0\nhw_mode=g\n", "interface=wlan1\nhw_mode=a\n"
    native = f"## /a {len(one)}\n{one}## /b {len(two)}\n{two}"
    corp = Wlan(name="corp", ssid="Corp", bands=("5ghz",))
    both = Wlan(name="both", ssid="Both")
    named = Wlan(name="named", ssid="Named", bands=("2.4ghz", "5ghz"))
    made = render(hostapd.driver(site), Config.of([corp, both, named]), native)
    files = [one.reveal() for one in made.operations if isinstance(one, Exec) and ".netres-new" in one.command]
    assert ["ssid=Corp" in text for text in files] == [False, True]
    again = "".join(f"## {path} {len(text)}\n{text}" for path, text in zip(("/a", "/b"), files, strict=True))
    found = parse(hostapd.driver(site), again).config
    assert [found.by_key[item.key] for item in (corp, both, named)] == [corp, both, named]


def test_bsses_of_one_ssid_that_differ_are_two_wlans() -> None:
    text = "interface=wlan0\nssid=Corp\nbss=wlan0_1\nssid=Corp\nap_isolate=1\n"
    assert set(items(text)) == {"wlan[wlan0]", "wlan[wlan0_1]"}


def test_a_file_that_changes_while_it_is_read_is_not_taken_for_one() -> None:
    with pytest.raises(NetresError, match="changed while it was read"):
        parse(DRIVER, "## /etc/hostapd/hostapd.conf 100\ninterface=wlan0\n")


def test_hostapd_prints_an_ssid_so() -> None:
    assert stations.encoded(' 🛜 "\\\t') == ' \\xf0\\x9f\\x9b\\x9c \\"\\\\\\t'
