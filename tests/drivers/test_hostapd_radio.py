"""hostapd's radios in their files, and the options that say where these are."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from netres import observation
from netres.errors import InvalidConfig, ParseError
from netres.flow import Exec, Operation, Reply, run
from netres.inventory.entry import Scalar
from netres.model import Config, Item, Radio
from netres.offline import parse, render
from netres_drivers.hostapd import DRIVER

RADIOS = [
    Radio(name="wlan0", band="2.4ghz", channel=1, width=40),
    Radio(name="wlan0", band="5ghz", channel=44, width=80),
    Radio(name="wlan0", band="5ghz", channel=157, width=80),
    Radio(name="wlan0", band="5ghz", channel=100, width=160, country="GB"),
    Radio(name="wlan0", band="6ghz", channel=37, width=80),
    Radio(name="wlan0", band="5ghz"),
]


@pytest.mark.parametrize("radio", RADIOS, ids=str)
def test_a_radio_reads_back_whatever_it_was(radio: Radio) -> None:
    for before in RADIOS:
        text = changed(radio, changed(before, "interface=wlan0\nht_capab=[SHORT-GI-20]\n"))
        assert radio in parse(DRIVER, text).config.items
        assert "[SHORT-GI-20]" in text


def test_middles_of_wide_channels() -> None:
    made = {(one.channel, one.width): changed(one, "interface=wlan0\n") for one in RADIOS[1:5]}
    assert "vht_oper_centr_freq_seg0_idx=42\n" in made[44, 80]
    assert "ht_capab=[HT40+]" in made[44, 80]
    assert "vht_oper_centr_freq_seg0_idx=155\n" in made[157, 80]
    assert "vht_oper_centr_freq_seg0_idx=114\n" in made[100, 160]
    assert "op_class=133\n" in made[37, 80]
    assert "he_oper_centr_freq_seg0_idx=39\n" in made[37, 80]


@pytest.mark.parametrize(
    "options",
    [
        {"config": "/etc/x; reboot"},
        {"config": "relative.conf"},
        {"config": "/a/../b"},
        {"config": ""},
        {"config": "/a /a"},
        {"config": "/a$(reboot)"},
        {"pid": "/a /b"},
        {"control": "/a /b"},
        {"control": "/a'b"},
        {"bridge": "br0"},
        {"bridge": "a-very-long-name{vlan}"},
        {"bridge": "br{vlan}; reboot"},
        {"settle": -1},
        {"settle": "soon"},
        {"reload": "systemctl restart hostapd"},
    ],
    ids=str,
)
def test_odd_options_are_refused_before_anything_is_sent(options: Mapping[str, Scalar]) -> None:
    def nothing(operation: Operation) -> Reply:
        raise AssertionError(f"sent {operation}")

    with pytest.raises(InvalidConfig, match=next(iter(options))):
        run(observation.fitted(DRIVER, options), nothing)


def changed(desired: Item, text: str) -> str:
    """The file that is written."""
    made = render(DRIVER, Config.of([desired]), text)
    return next((one.reveal() for one in made.operations if isinstance(one, Exec) and one.stdin), text)


@pytest.mark.parametrize("name", ["", "..", "a b", "a/b", "wlan\u00e9", "x\x01"])
def test_an_interface_that_nobody_can_ask_about_is_not_asked_about(name: str) -> None:
    with pytest.raises(ParseError, match="is no name of an interface"):
        parse(DRIVER, f"interface=wlan0\nssid=a\nbss={name}\nssid=b\n" if name else "interface=\u00e9\nssid=a\n")
