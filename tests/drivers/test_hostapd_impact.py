"""What a plan for an access point says, made of the answers of hostapd 2.10 with real stations."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netres.change import Change
from netres.driver import Scope
from netres.errors import Rejected
from netres.flow import Exec, Operation, Reply, run
from netres.impact import Impact
from netres.impacts import foreseen
from netres.model import Config, Key, Wlan
from netres_drivers import hostapd
from netres_drivers.hostapd.site import Site
from netres_drivers.hostapd.view import View

CAPTURES = Path(hostapd.__file__).with_name("captures")
CONFIGS = ("/etc/hostapd/wlan0.conf", "/etc/hostapd/wlan2.conf")
ONE_DAEMON = Site(configs=CONFIGS, hostname="ap1")
TWO_DAEMONS = Site(configs=CONFIGS, hostname="ap1", pids=("/run/a.pid", "/run/b.pid"))
NATIVE = Reply((CAPTURES / "config.txt").read_text())
BEFORE = Config.of(View(ONE_DAEMON, ONE_DAEMON.files(NATIVE)).items())
STATION = "02:00:00:00:01:00"
WIRED = (
    "192.0.2.9 40000 192.0.2.1 22\n192.0.2.9 dev eth0 src 192.0.2.1 uid 0\n    cache\n192.0.2.9 dev eth0 lladdr {mac}\n"
)


def told(
    moment: str | Callable[[str], Reply], *, site: Site = ONE_DAEMON, way: str = WIRED.format(mac="02:aa:00:00:00:01")
) -> Impact:
    """Of another SSID of the WLAN of wlan0, whose stations are those of a recorded moment."""

    def execute(operation: Operation) -> Reply:
        assert isinstance(operation, Exec)
        assert not operation.writes
        asked = re.search(r"-i (\w+) all_sta", operation.command)
        if asked is None:
            assert "SSH_CONNECTION" in operation.command
            return Reply(way)
        if callable(moment):
            return moment(asked[1])
        return Reply((CAPTURES / f"{moment}.all_sta.{asked[1]}.txt").read_text())

    home = BEFORE.by_key[Key("wlan", ("home",))]
    assert isinstance(home, Wlan)
    other = home.model_copy(update={"ssid": "other"})
    after = Config.of(other if item is home else item for item in BEFORE.items)
    scope = Scope(BEFORE, after, NATIVE)
    return run(foreseen(hostapd.driver(site), (Change.of(home, other),), scope), execute)


def counts(found: Impact) -> dict[str, int | None]:
    return {effect.where: effect.count for effect in found.effects if effect.what == "wireless_client"}


def radios(found: Impact) -> list[str]:
    return [effect.where for effect in found.effects if effect.what == "radio_restart"]


def test_the_stations_of_every_bss_of_the_daemon_are_counted() -> None:
    found = told("two")
    assert radios(found) == ["wlan0"]
    assert counts(found) == {"wlan0 (home)": 2, "wlan2 (a-first)": 0, "wlan2_1 (guests)": 0}
    assert counts(told("sae")) == {"wlan0 (home)": 0, "wlan2 (a-first)": 0, "wlan2_1 (guests)": 1}
    assert found.known


def test_the_other_daemon_is_left_alone() -> None:
    found = told("two", site=TWO_DAEMONS)
    assert counts(found) == {"wlan0 (home)": 2}


@given(
    st.sampled_from(["", "1795516437\nFAIL\n", "1795516437\nUNKNOWN COMMAND\n", "Terminated\n"])
    | st.text(max_size=30).filter(lambda text: not text.partition("\n")[0].isdecimal()),
)
def test_what_is_not_understood_never_becomes_zero(answer: str) -> None:
    assert set(counts(told(lambda name: Reply(answer))).values()) == {None}


def test_who_does_not_answer_has_not_no_stations() -> None:
    words = "Failed to connect to hostapd - wpa_ctrl_open: No such file or directory"
    assert set(counts(told(lambda name: Reply(f"1795516437\n{words}\n", 255))).values()) == {None}

    def refused(name: str) -> Reply:
        raise Rejected("hostapd_cli", "no program can be run")

    assert set(counts(told(refused)).values()) == {None}


BRIDGED = WIRED.replace("eth0", "br-lan").replace("    cache\n", "    cache\nlower eth0\nlower {name}\n")


@pytest.mark.parametrize(
    ("way", "answer"),
    [
        (WIRED.format(mac="02:aa:00:00:00:01"), "no"),
        (WIRED.format(mac=STATION.upper()), "yes"),
        (BRIDGED.format(mac=STATION, name="wlan0"), "yes"),
        (BRIDGED.format(mac="02:aa:00:00:00:01", name="wlan0"), "unknown"),
        (BRIDGED.format(mac="02:aa:00:00:00:01", name="wlan0.sta1"), "unknown"),
        (BRIDGED.format(mac="02:aa:00:00:00:01", name="wlan9"), "no"),
        (WIRED.replace("eth0", "wlan0").replace("192.0.2.9 dev wlan0 lladdr {mac}\n", ""), "unknown"),
        (
            WIRED.replace("9 dev", "9 via 192.0.2.5 dev", 1).replace("192.0.2.9 dev eth0 ll", "192.0.2.5 dev eth0 ll"),
            "yes",
        ),
        ("192.0.2.9 40000 192.0.2.1 22\nsh: ip: not found\n", "unknown"),
        ("\n", "unknown"),
        ("", "unknown"),
    ],
)
def test_our_own_way(way: str, answer: str) -> None:
    assert told("psk", way=way.replace("{mac}", STATION)).management == answer


@given(st.text(max_size=60))
def test_a_way_that_is_not_understood_is_not_known(way: str) -> None:
    assert told("psk", way=way).management == "unknown"
