"""A real access point on the air, driven by netres alone, and a real station: who may join, and who may no more.

By hand, on a machine with `scripts/system-packages.sh radio`: ``pytest -m slow -s tests/real/test_radio.py``; it prints
what it shows. A virtual machine runs for some minutes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from needed import need

from netres import ApplyResult, Config, Outcome
from netres.errors import UsageError
from netres.model import Item, Radio, RadiusServer, Secret, WirelessClient, Wlan
from netres.model.wireless import SecurityMode, WlanSecurity
from netres.testing.netns import wait_until
from netres.testing.vm import Machine
from netres_drivers.hostapd import radio_lab
from netres_drivers.hostapd.radio_lab import PASSWORD, RADIUS_SECRET, STATION, RadioLab

pytestmark = [pytest.mark.slow, pytest.mark.real]

PATIENCE = 60.0
KEY_MGMT: dict[SecurityMode, str] = {"open": "NONE", "psk": "WPA-PSK", "sae": "SAE", "enterprise": "WPA-EAP"}
CHANNEL_1 = Radio(name="wlan0", band="2.4ghz", channel=1, width=20, country="DE")
"""As the laboratory's radio is at the beginning."""
FIRST, SECOND = Secret.observed("first-passphrase"), Secret.observed("second-passphrase")


@pytest.fixture(scope="module")
def running() -> Iterator[RadioLab]:
    need(radio_lab.available())
    began = time.monotonic()
    with RadioLab() as lab:
        say(f"a machine with two radios and a station, up and logged in after {time.monotonic() - began:.1f} s")
        yield lab


@pytest.fixture
def lab(running: RadioLab) -> Iterator[RadioLab]:
    yield running
    running.station.leave()
    running.reset()


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}")  # noqa: T201  # the proof is to be read, with -s


def wlan(mode: SecurityMode, passphrase: Secret | None = None, name: str = "home", ssid: str = "netres") -> Wlan:
    return Wlan(name=name, ssid=ssid, security=WlanSecurity(mode=mode, passphrase=passphrase), bands=("2.4ghz",))


def apply(lab: RadioLab, *items: Item, prune: bool = False) -> ApplyResult:
    plan = lab.device.plan(Config.of(items), prune={"wlan"} if prune else frozenset())
    say("plan: " + ", ".join(f"{change.action} {change.item.key}" for change in plan.changes))
    result = lab.device.apply(plan)
    say(f"apply: {result.outcome}, {result.seconds:.1f} s {result.error}".rstrip())
    return result


def client(lab: RadioLab) -> WirelessClient | None:
    """What the access point tells of the station."""
    return next((one for one in lab.device.clients() if one.mac == STATION), None)


def authorized(lab: RadioLab) -> bool:
    return (one := client(lab)) is not None and one.authorized is True


def joins(lab: RadioLab, network: Wlan, passphrase: Secret | None, key_mgmt: str = "") -> WirelessClient:
    """As the station and the access point tell it, both."""
    lab.station.join(network.ssid, key_mgmt or KEY_MGMT[network.security.mode], passphrase)
    wait_until(lambda: lab.station.joined() and authorized(lab), "the station authorized", PATIENCE)
    seen = client(lab)
    assert seen is not None
    said = lab.station.status()
    say(f"station: wpa_state={said['wpa_state']} ssid={said['ssid']} key_mgmt={said['key_mgmt']} freq={said['freq']}")
    say(f"access point: {seen!r}")
    return seen


def refused(lab: RadioLab, network: Wlan, passphrase: Secret | None) -> None:
    """The station itself gives up, and was never authorized."""
    lab.station.join(network.ssid, KEY_MGMT[network.security.mode], passphrase)

    def gave_up() -> bool:
        assert not authorized(lab)
        assert not lab.station.joined()
        return "CTRL-EVENT-SSID-TEMP-DISABLED" in lab.station.log()

    wait_until(gave_up, "the station's own word that it is refused", PATIENCE)
    why = re.findall(r"TEMP-DISABLED.* (reason=\w+)", lab.station.log())
    say(f"station refused at {network.ssid!r}: {why[-1]}")


def test_a_machine_that_cannot_be_prepared_says_why() -> None:
    need(radio_lab.available())
    with pytest.raises(UsageError, match=r"machine broken ended: .*no-such-module"):
        Machine("broken", "modprobe no-such-module", {}).__enter__()


def clients_in_a_plan(lab: RadioLab) -> dict[str, int | None]:
    """How many stations another channel would throw off, by BSS."""
    found = lab.device.plan(Config.of([CHANNEL_1.model_copy(update={"channel": 6})])).impact
    for effect in found.effects:
        say(f"a plan says: {effect.what} {effect.where}: {effect.count}; {effect.how}")
    say(f"our own session runs over it: {found.management}: {found.why}")
    assert found.management == "no"
    return {effect.where: effect.count for effect in found.effects if effect.what == "wireless_client"}


def test_a_station_joins_and_is_seen(lab: RadioLab) -> None:
    home = wlan("psk", FIRST)
    assert apply(lab, home, prune=True).outcome is Outcome.APPLIED
    seen = joins(lab, home, FIRST)
    assert (seen.wlan, seen.ssid, seen.band, seen.radio) == (home.name, home.ssid, "2.4ghz", "wlan0")
    assert seen.rssi is not None
    assert -90 < seen.rssi < 0
    said = lab.station.ping()
    say(said)
    assert "3 received" in said
    assert clients_in_a_plan(lab) == {"wlan0 (home)": 1}
    lab.station.leave()
    wait_until(lambda: client(lab) is None, "the station gone", PATIENCE)
    say("station left; the access point tells of none")


def test_who_has_the_old_passphrase_is_out_and_rollback_lets_it_in(lab: RadioLab) -> None:
    home = wlan("psk", FIRST)
    assert apply(lab, home, prune=True).outcome is Outcome.APPLIED
    joins(lab, home, FIRST)
    changed = apply(lab, wlan("psk", SECOND))
    assert changed.outcome is Outcome.APPLIED
    refused(lab, home, FIRST)
    joins(lab, home, SECOND)
    back = lab.device.rollback(changed)
    say(f"rollback: {back.outcome}, {back.seconds:.1f} s")
    assert back.outcome is Outcome.APPLIED
    assert back.exact
    refused(lab, home, SECOND)
    joins(lab, home, FIRST)


def test_wpa3(lab: RadioLab) -> None:
    home = wlan("sae", FIRST)
    assert apply(lab, home, prune=True).outcome is Outcome.APPLIED
    refused(lab, home, SECOND)
    joins(lab, home, FIRST)
    said = lab.station.status()
    assert (said["key_mgmt"], said["pmf"]) == ("SAE", "2")


def test_wpa2_and_wpa3_side_by_side(lab: RadioLab) -> None:
    home = wlan("psk-sae", FIRST)
    assert apply(lab, home, prune=True).outcome is Outcome.APPLIED
    for key_mgmt, told in (("WPA-PSK", "WPA2-PSK"), ("SAE", "SAE")):
        joins(lab, home, FIRST, key_mgmt)
        assert lab.station.status()["key_mgmt"] == told


def test_802_1x_asks_the_radius_server(lab: RadioLab) -> None:
    office = Wlan(name="office", ssid="office", security=WlanSecurity(mode="enterprise", radius=("here",)))
    server = RadiusServer(name="here", host="127.0.0.1", secret=Secret.observed(RADIUS_SECRET))
    assert apply(lab, server, office, prune=True).outcome is Outcome.APPLIED
    refused(lab, office, SECOND)
    joins(lab, office, Secret.observed(PASSWORD))


def test_everything_that_a_wlan_can_say(lab: RadioLab) -> None:
    home = wlan("psk", FIRST).model_copy(
        update={
            "hidden": True,
            "fast_transition": True,
            "neighbor_report": True,
            "bss_transition": True,
            "pmf": "required",
            "client_isolation": True,
            "max_clients": 1,
        }
    )
    assert apply(lab, home, prune=True).outcome is Outcome.APPLIED
    assert "netres" not in {ssid for ssid, _ in on_air(lab)}
    joins(lab, home, FIRST, "WPA-PSK FT-PSK")
    said = lab.station.status()
    assert (said["key_mgmt"], said["pmf"]) == ("FT-PSK", "2")
    assert "[MFP]" in lab.run("hostapd_cli -p /run/hostapd -i wlan0 all_sta")


def test_a_second_wlan_is_on_the_air_beside_the_first(lab: RadioLab) -> None:
    home, guests = wlan("psk", FIRST), wlan("open", name="guests", ssid="Gäste ☕")
    assert apply(lab, home, guests).outcome is Outcome.APPLIED
    on_air(lab, ("netres", 2412), ("Gäste ☕", 2412), ("before", 2412), ("before", 5180))
    assert joins(lab, guests, None).wlan == "guests"
    assert joins(lab, home, FIRST).wlan == home.name
    lab.station.leave()
    assert apply(lab, home, prune=True).outcome is Outcome.APPLIED
    assert {"Gäste ☕", "before"}.isdisjoint(ssid for ssid, _ in on_air(lab, ("netres", 2412)))


def test_the_channel_is_changed_and_who_is_on_the_other_radio_comes_back(lab: RadioLab) -> None:
    five = Wlan(name="five", ssid="five", bands=("5ghz",))
    assert apply(lab, five).outcome is Outcome.APPLIED
    joins(lab, five, None)
    changed = apply(lab, CHANNEL_1.model_copy(update={"channel": 6}))
    assert changed.outcome is Outcome.APPLIED
    assert "channel 6 (2437 MHz)" in radio_info(lab)
    wait_until(lambda: lab.station.joined() and authorized(lab), "the station on the other radio", PATIENCE)
    say("station, on the other radio: " + ", ".join(re.findall(r"CTRL-EVENT-(?:DIS)?CONNECTED", lab.station.log())))
    lab.station.leave()
    assert ("before", 2412) not in on_air(lab, ("before", 2437))
    back = lab.device.rollback(changed)
    say(f"rollback: {back.outcome}, to the byte: {back.exact}, {back.seconds:.1f} s")
    assert back.exact
    assert "channel 1 (2412 MHz)" in radio_info(lab)


def test_wide_channels(lab: RadioLab) -> None:
    two = Radio(name="wlan0", band="2.4ghz", channel=6, width=40, country="DE")
    five = Radio(name="wlan2", band="5ghz", channel=36, width=80, country="DE")
    assert apply(lab, two, five).outcome is Outcome.APPLIED
    assert "channel 6 (2437 MHz), width: 40 MHz, center1: 2447 MHz" in radio_info(lab)
    assert "channel 36 (5180 MHz), width: 80 MHz, center1: 5210 MHz" in radio_info(lab, "wlan2")


def test_a_channel_that_the_radio_does_not_take_is_taken_back(lab: RadioLab) -> None:
    """hostapd finds no fault in the file, and then transmits nothing: only the radio can tell."""
    before = lab.run("cat /etc/hostapd/wlan0.conf /etc/hostapd/wlan2.conf")
    result = apply(lab, CHANNEL_1.model_copy(update={"channel": 14}))
    assert result.outcome is Outcome.NOT_APPLIED
    assert result.exact
    assert lab.run("cat /etc/hostapd/wlan0.conf /etc/hostapd/wlan2.conf") == before
    assert "channel 1 (2412 MHz)" in radio_info(lab)
    on_air(lab, ("before", 2412), ("before", 5180))


def radio_info(lab: RadioLab, radio: str = "wlan0") -> str:
    """What the kernel says of a radio."""
    shown = lab.run(f"iw dev {radio} info")
    say(
        f"iw, {radio}: " + ", ".join(line.strip() for line in shown.splitlines() if "channel" in line or "type" in line)
    )
    return shown


def on_air(lab: RadioLab, *expected: tuple[str, int]) -> set[tuple[str, int]]:
    """What the station's scans find, SSID and frequency in MHz, as soon as that has what is expected."""
    found: set[tuple[str, int]] = set()

    def complete() -> bool:
        found.clear()
        for block in re.split(r"^BSS ", lab.station.scan(), flags=re.MULTILINE)[1:]:
            name, frequency = (re.search(rf"^\t{key}: (.*)$", block, re.MULTILINE) for key in ("SSID", "freq"))
            if name is not None and frequency is not None:
                found.add((_unescaped(name[1]), int(frequency[1])))
        return found >= set(expected)

    wait_until(complete, f"{expected} on the air", PATIENCE)
    say(f"on the air: {sorted(found)}")
    return found


def _unescaped(shown: str) -> str:
    """An SSID as ``iw`` shows it: octets that are no printable ASCII as ``\\xNN``."""
    return shown.encode("latin-1", "backslashreplace").decode("unicode_escape").encode("latin-1").decode()
