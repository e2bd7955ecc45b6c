"""WLANs made by hand: they are touched only where something is wanted of them, and come back as they were."""

from __future__ import annotations

from netres.model import Config, Item, Radio, Wlan
from netres_drivers.hostapd.compose import as_it_was, edited
from netres_drivers.hostapd.site import Site
from netres_drivers.hostapd.text import File
from netres_drivers.hostapd.view import View

SITE = Site(configs=("/etc/hostapd/wlan0.conf", "/etc/hostapd/wlan1.conf"))
BY_HAND = """\
# by hand
interface={name}
hw_mode={mode}
channel={channel}
ieee80211n=1
beacon_int=100
ssid=old
"""
ONE = Radio(name="wlan0", band="2.4ghz", channel=1, width=20)


def by_hand() -> View:
    texts = [BY_HAND.format(name="wlan0", mode="g", channel=1), BY_HAND.format(name="wlan1", mode="a", channel=36)]
    return View(SITE, tuple(File.read(path, text) for path, text in zip(SITE.configs, texts, strict=True)))


def changed(view: View, item: Item) -> View:
    items = {one.key: one for one in view.items()}
    return edited(view, Config.of([*{**items, item.key: item}.values()]))


def test_a_radio_is_changed_and_no_other_file() -> None:
    before = by_hand()
    after = changed(before, ONE.model_copy(update={"channel": 6}))
    assert after.files[1] == before.files[1]
    assert after.files[0].parts() == (str(before.files[0].parts()[0]).replace("channel=1", "channel=6"),)


def test_a_radio_that_comes_back_comes_back_to_the_byte() -> None:
    before = by_hand()
    after = changed(before, ONE.model_copy(update={"channel": 6, "width": None}))
    assert as_it_was(after, changed(after, ONE), before).files == before.files


def test_a_wlan_that_comes_back_comes_back_to_the_byte() -> None:
    before = by_hand()
    after = changed(before, Wlan(name="old", ssid="new"))
    assert [section.get("ssid") for file in after.files for section in file.sections] == ["new", "new"]
    assert as_it_was(after, changed(after, Wlan(name="old", ssid="old")), before).files == before.files
