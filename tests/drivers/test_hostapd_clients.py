"""What the driver makes of the answers of hostapd 2.10 with a real station.

They were recorded in the laboratory with radios (`netres_drivers.hostapd.radio_lab`), by the driver's own questions:
``config.txt`` is the configuration; ``psk``, ``refused``, ``sae`` and ``two`` are moments, with an answer for each BSS.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from netres.errors import Rejected
from netres.flow import Exec, Operation, Reply, run
from netres.model import WirelessClient
from netres_drivers import hostapd
from netres_drivers.hostapd import stations
from netres_drivers.hostapd.site import Site
from netres_drivers.hostapd.view import View

CAPTURES = Path(hostapd.__file__).with_name("captures")
SITE = Site(configs=("/etc/hostapd/wlan0.conf", "/etc/hostapd/wlan2.conf"), hostname="ap1")
STATION = "02:00:00:00:01:00"


def recorded(moment: str) -> Callable[[Operation], Reply]:
    """Answers as they were at one moment."""

    def execute(operation: Operation) -> Reply:
        assert isinstance(operation, Exec)
        asked = re.search(r"-i (\w+) all_sta", operation.command)
        name = f"{moment}.all_sta.{asked[1]}.txt" if asked else "config.txt"
        return Reply((CAPTURES / name).read_text())

    return execute


def clients(execute: Callable[[Operation], Reply]) -> list[WirelessClient]:
    return list(run(stations.clients(SITE), execute))


PSK = WirelessClient(
    mac=STATION,
    access_point="ap1",
    wlan="home",
    ssid="netres",
    radio="wlan0",
    band="2.4ghz",
    rssi=-30,
    rx_rate=65.0,
    tx_rate=11.0,
    authorized=True,
    connected_since=datetime(2026, 11, 24, 10, 33, 42, tzinfo=UTC),
)
REFUSED = PSK.model_copy(
    update={
        "rx_rate": 1.0,
        "tx_rate": 1.0,
        "authorized": False,
        "connected_since": datetime(2026, 11, 24, 10, 33, 51, tzinfo=UTC),
    }
)
TWO = [
    REFUSED.model_copy(
        update={"mac": "02:00:00:00:03:00", "connected_since": datetime(2026, 11, 24, 10, 48, 24, tzinfo=UTC)}
    ),
    PSK.model_copy(
        update={"rx_rate": 26.0, "tx_rate": 130.0, "connected_since": datetime(2026, 11, 24, 10, 48, 21, tzinfo=UTC)}
    ),
]
SAE = WirelessClient(
    mac=STATION,
    access_point="ap1",
    wlan="guests",
    ssid="Gäste ☕",
    radio="wlan2",
    band="5ghz",
    rssi=-27,
    rx_rate=6.5,
    tx_rate=6.0,
    authorized=True,
    connected_since=datetime(2026, 11, 24, 10, 33, 56, tzinfo=UTC),
)


@pytest.mark.parametrize(("moment", "expected"), [("psk", [PSK]), ("refused", [REFUSED]), ("sae", [SAE]), ("two", TWO)])
def test_the_stations_are_told(moment: str, expected: list[WirelessClient]) -> None:
    assert clients(recorded(moment)) == expected


def test_without_a_station_none_is_told() -> None:
    def execute(operation: Operation) -> Reply:
        return recorded("psk" if "-i wlan0 " not in str(operation) else "sae")(operation)

    assert clients(execute) == []


def test_what_a_radio_does_not_know_is_not_told() -> None:
    """Signal and rates are 0 where the driver of the radio leaves them out (src/ap/ctrl_iface_ap.c)."""

    def execute(operation: Operation) -> Reply:
        told = recorded("psk")(operation).text
        return Reply(re.sub(r"^(signal|[rt]x_rate_info)=.*$", r"\1=0", told, flags=re.MULTILINE))

    assert clients(execute) == [PSK.model_copy(update={"rssi": None, "rx_rate": None, "tx_rate": None})]


def test_who_does_not_answer_is_an_error_and_not_an_empty_list() -> None:
    """The words are hostapd_cli's own, at a BSS without a control socket."""
    words = "Failed to connect to hostapd - wpa_ctrl_open: No such file or directory"

    def execute(operation: Operation) -> Reply:
        if "-i wlan2_1 " in str(operation):
            return Reply(f"1795516437\n{words}\n", 255)
        return recorded("psk")(operation)

    with pytest.raises(Rejected, match=f"wlan2_1.*{words}"):
        clients(execute)


@pytest.mark.parametrize("radio", ["wlan0", "wlan2"])
def test_an_ssid_is_expected_as_hostapd_prints_it(radio: str) -> None:
    view = View(SITE, SITE.files(Reply((CAPTURES / "config.txt").read_text())))
    printed = re.findall(r"^ssid\[\d\]=(.*)$", (CAPTURES / f"sae.status.{radio}.txt").read_text(), re.MULTILINE)
    mine = [bss.content for bss in view.bsses if bss.file.radio == radio]
    assert printed == [stations.encoded(content.wlan.ssid) for content in mine if content]
