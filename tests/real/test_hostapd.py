"""A real hostapd: what it takes, what it says of it, and what is true when it refuses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import pytest
from needed import need

from netres import registry
from netres.errors import ConnectFailed, InvalidConfig, Rejected, Timeout
from netres.flow import Exec, Operation, Reconnect, Reply, Transport
from netres.impact import Impact
from netres.model import AccessPoint, Config, Item, Radio, RadiusServer, Secret, Wlan, WlanSecurity
from netres.model.wireless import SecurityMode
from netres.plan import ApplyResult, Outcome
from netres.resource import Device
from netres.transport import open_transport
from netres_drivers.hostapd.lab import RADIOS, HostapdLab, available

pytestmark = pytest.mark.real

PASSPHRASE = Secret.observed("correct horse")
ISE = RadiusServer(name="ise1", host="192.0.2.10", accounting_port=1813, secret=Secret.observed("r-secret"))
SUITES = {
    "open": (None, None),
    "psk": ("WPA-PSK", "WPA-PSK FT-PSK"),
    "sae": ("SAE", "SAE FT-SAE"),
    "psk-sae": ("WPA-PSK SAE", "WPA-PSK FT-PSK SAE FT-SAE"),
    "enterprise": ("WPA-EAP", "WPA-EAP FT-EAP"),
}


@pytest.fixture(scope="module")
def running() -> Iterator[HostapdLab]:
    need(available())
    with HostapdLab() as lab:
        yield lab


@pytest.fixture
def ap(running: HostapdLab) -> HostapdLab:
    running.reset()
    return running


@pytest.fixture
def device(ap: HostapdLab) -> Iterator[Device]:
    with ap.entry().connect() as session:
        yield session


def secured(mode: SecurityMode, **fields: object) -> Wlan:
    security: dict[str, object] = {"mode": mode}
    if mode == "enterprise":
        security["radius"] = ("ise1",)
    elif mode != "open":
        security["passphrase"] = PASSPHRASE
    return Wlan.model_validate({"name": "corp", "ssid": "Corp", "security": security, **fields})


def applied(device: Device, *items: Item, prune: frozenset[str] = frozenset()) -> ApplyResult:
    return device.apply(device.plan(Config.of(items), prune)).raise_for_outcome()


def says(lab: HostapdLab, interface: str, *words: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in lab.cli(interface, *words).splitlines() if "=" in line)
    return {key: value for key, _, value in pairs}


@pytest.mark.parametrize(
    ("mode", "fast"),
    [(mode, fast) for mode in get_args(SecurityMode) for fast in (False, True) if not (mode == "open" and fast)],
)
def test_every_security_mode_runs(ap: HostapdLab, device: Device, mode: SecurityMode, fast: bool) -> None:
    suites = SUITES[mode][fast]
    wanted = secured(mode, fast_transition=fast)
    plan = device.plan(Config.of([wanted, ISE] if mode == "enterprise" else [wanted]))
    assert plan.checked == "hostapd read 2 files and found no fault"
    assert device.apply(plan).outcome is Outcome.APPLIED
    for radio in RADIOS:
        runs = says(ap, radio, "get_config")
        assert runs["ssid"] == "Corp"
        assert set((runs.get("key_mgmt") or "").split()) == set((suites or "").split())
        assert says(ap, radio, "status")["state"] == "ENABLED"


@pytest.mark.parametrize("pmf", ["disabled", "optional", "required"])
def test_everything_at_once_runs(
    ap: HostapdLab, device: Device, pmf: Literal["disabled", "optional", "required"]
) -> None:
    flags = dict.fromkeys(("hidden", "neighbor_report", "bss_transition", "client_isolation", "fast_transition"), True)
    wanted = secured("psk", pmf=pmf, vlan=20, max_clients=2007, **flags)
    applied(device, wanted)
    assert wanted in device.observe().items
    assert says(ap, "wlan0", "get_config")["ssid"] == "Corp"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("bss_transitoin=1", "Line 8: unknown configuration item 'bss_transitoin'"),
        ("wpa_key_mgmt=BOGUS", "Line 9: invalid key_mgmt 'BOGUS'"),
        ("max_num_sta=9999", "Line 9: Invalid max_num_sta=9999; allowed range 0..2007"),
        ("sae_password=x|mac=none", "Line 9: Invalid sae_password"),
        ("wpa_psk=c0ffee", "Line 9: Invalid PSK '********'."),
    ],
)
def test_a_bad_line_is_named_when_planning_and_nothing_is_touched(
    ap: HostapdLab, device: Device, line: str, words: str
) -> None:
    ap.write("wlan1", ap.config("wlan1").read_text() + f"{line}\nbss=wlan1_0\nssid=Second\n")
    before = ap.native(), ap.log(), says(ap, "wlan1", "status")
    with pytest.raises(Rejected) as caught:
        device.plan(Config.of([secured("psk", name="new")]))
    assert words in caught.value.answer
    assert "netres_end" not in caught.value.answer
    assert (ap.native(), ap.log(), says(ap, "wlan1", "status")) == before


def test_two_radios_that_get_more_bsses_at_once_both_run_them(ap: HostapdLab, device: Device) -> None:
    """One SIGHUP is not enough: hostapd 2.10 passes over the second radio."""
    wlans = [Wlan(name=name, ssid=f"{name} é") for name in ("a", "b", "c")]
    applied(device, *wlans)
    for radio in RADIOS:
        status = says(ap, radio, "status")
        assert [status[f"ssid[{number}]"] for number in range(3)] == [f"{name} \\xc3\\xa9" for name in "abc"]


def test_a_channel_reaches_the_daemon_that_does_not_take_it_from_a_file(ap: HostapdLab, device: Device) -> None:
    radio = Radio(name="wlan1", band="5ghz", channel=100, width=80)
    applied(device, radio, Wlan(name="a", ssid="a"))
    assert {key: says(ap, "wlan1", "status")[key] for key in ("channel", "secondary_channel", "ieee80211ac")} == {
        "channel": "100",
        "secondary_channel": "1",
        "ieee80211ac": "1",
    }
    applied(device, radio.model_copy(update={"channel": 40, "width": 40}))
    status = says(ap, "wlan1", "status")
    assert (status["channel"], status["secondary_channel"], status["ieee80211ac"]) == ("40", "-1", "0")


def test_a_file_made_by_hand_survives(ap: HostapdLab, device: Device) -> None:
    by_hand = ap.config("wlan0").read_text().replace("start_disabled=1\n", "") + (
        "# the office\nssid=Office\nwpa=2\nwpa_passphrase=correct horse\nrsn_pairwise=CCMP\n"
        "uapsd_advertisement_enabled=1\n"
    )
    ap.write("wlan0", by_hand)
    ap.restart()
    before = ap.native()
    office = Wlan(
        name="Office", ssid="Office", security=WlanSecurity(mode="psk", passphrase=PASSPHRASE), bands=("2.4ghz",)
    )
    assert office in device.observe().items
    result = applied(device, office.model_copy(update={"hidden": True}), Wlan(name="guest", ssid="Guest"))
    assert set(by_hand.splitlines()) <= set(ap.config("wlan0").read_text().splitlines())
    assert device.rollback(result).exact
    assert ap.native() == before
    assert says(ap, "wlan0", "get_config")["ssid"] == "Office"


def test_what_the_daemon_does_not_run_is_not_applied(ap: HostapdLab, device: Device) -> None:
    """The daemon is told through a pid file that is another program's: it goes on with what it has."""
    applied(device, Wlan(name="a", ssid="a"))
    plan = device.plan(Config.of([Wlan(name="a", ssid="b")]))
    before = ap.native()
    with ap.other_program_for_the_daemon():
        result = device.apply(plan)
        assert (result.outcome, result.error_type) == (Outcome.NOT_APPLIED, "Rejected")
        assert "it runs 'wlan0 a', and its file says 'wlan0 b'" in result.error
        assert ap.native() == before
    assert says(ap, "wlan0", "get_config")["ssid"] == "a"
    assert not ap.left_behind()


def test_a_daemon_that_is_not_there_is_told(ap: HostapdLab, device: Device) -> None:
    plan = device.plan(Config.of([Wlan(name="a", ssid="a")]))
    before = ap.native()
    ap.stop()
    result = device.apply(plan)
    assert result.outcome is Outcome.NOT_APPLIED
    assert "wlan0.pid" in result.error
    assert any("the way back was refused" in note for note in result.notes)  # nobody is there to take that either
    assert ap.native() == before


def test_a_file_that_cannot_be_written_stays(ap: HostapdLab, device: Device) -> None:
    plan = device.plan(Config.of([Wlan(name="a", ssid="a")]))
    before = ap.native()
    folder = ap.config("wlan0").parent
    folder.chmod(0o555)
    try:
        result = device.apply(plan)
    finally:
        folder.chmod(0o755)
    assert (result.outcome, result.error_type) == (Outcome.NOT_APPLIED, "Rejected")
    assert "Permission denied" in result.error
    assert ap.native() == before


@dataclass
class Cut:
    """A session that is lost for good, after the operation that puts files in place."""

    inner: Transport
    dead: bool = False

    def execute(self, operation: Operation) -> Reply:
        if self.dead or isinstance(operation, Reconnect):
            raise ConnectFailed("no route")
        reply = self.inner.execute(operation)
        if operation.writes and isinstance(operation, Exec) and ".netres-old" in operation.reveal():
            self.dead = True
            raise Timeout("no answer")
        return reply

    def close(self) -> None:
        self.inner.close()


@dataclass
class Overtaken:
    """Somebody else changes the device just before the new files are put in place."""

    inner: Transport
    other: Callable[[], object]
    done: bool = False

    def execute(self, operation: Operation) -> Reply:
        if isinstance(operation, Exec) and operation.writes and ".netres-old" in operation.reveal() and not self.done:
            self.done = True
            self.other()
        return self.inner.execute(operation)

    def close(self) -> None:
        self.inner.close()


def test_a_file_that_another_wrote_since_it_was_read_is_not_overwritten(ap: HostapdLab) -> None:
    entry, driver = ap.entry(), registry.get("hostapd")

    def by_hand() -> None:
        ap.write("wlan1", ap.config("wlan1").read_text() + "# written meanwhile\n")

    with Device("ap1", driver, Overtaken(open_transport(entry, driver), by_hand), entry.options) as slow:
        plan = slow.plan(Config.of([secured("psk")]))
        result = slow.apply(plan)
    assert (result.outcome, result.error_type) == (Outcome.NOT_APPLIED, "Rejected")
    assert "wlan1.conf changed since it was read" in result.error
    assert "# written meanwhile" in ap.config("wlan1").read_text()
    assert "Corp" not in ap.native()
    digest = hashlib.sha256(ap.config("wlan0").read_bytes()).hexdigest()
    assert digest not in plan.model_dump_json() + result.model_dump_json()  # as good as the passphrase in the file


def test_what_is_cut_off_in_between_leaves_the_old_files_and_is_found_out_later(ap: HostapdLab) -> None:
    entry, driver = ap.entry(), registry.get("hostapd")
    before = ap.native()
    with Device("ap1", driver, Cut(open_transport(entry, driver)), entry.options) as cut:
        result = cut.apply(cut.plan(Config.of([secured("psk")])))
    assert result.outcome is Outcome.UNKNOWN
    assert "\f\n".join(path.read_text() for path in ap.left_behind()) == before
    with entry.connect() as device:
        assert device.refresh(result).outcome is Outcome.APPLIED
        assert device.rollback(result).exact
    assert ap.native() == before
    assert not ap.left_behind()


def test_hostile_options_of_a_file_do_not_show_their_secrets(ap: HostapdLab, device: Device) -> None:
    ap.write(
        "wlan0",
        ap.config("wlan0").read_text() + "#wpa_passphrase=old-secret-1\nradius_das_client=192.0.2.1 das-secret\n",
    )
    plan = device.plan(Config.of([secured("psk")]))
    assert "old-secret-1" not in plan.model_dump_json()
    assert "das-secret" not in plan.model_dump_json()
    assert PASSPHRASE.reveal() not in plan.model_dump_json()


def test_no_key_that_the_daemon_tells_is_in_the_session_log(ap: HostapdLab, tmp_path: Path) -> None:
    """With WPS, hostapd tells passphrase and PSK along with the key management."""
    entry = ap.entry()
    by_hand = "wpa=2\nwpa_passphrase=secret-by-hand\nrsn_pairwise=CCMP\nwps_state=2\neap_server=1\nssid=Office\n"
    ap.write("wlan0", ap.config("wlan0").read_text() + by_hand)
    ap.restart()
    psk = says(ap, "wlan0", "get_config")["psk"]
    log = tmp_path / "session.log"
    ssh = entry.ssh.model_copy(update={"session_log": log})
    with entry.model_copy(update={"ssh": ssh}).connect() as device:
        applied(device, secured("psk"))
    assert "key_mgmt=WPA-PSK" in log.read_text()
    assert "secret-by-hand" not in log.read_text()
    assert psk not in log.read_text()


def test_with_a_daemon_for_each_radio_the_others_are_left_alone() -> None:
    need(available())
    with HostapdLab(daemons=2) as ap, ap.entry().connect() as device:
        ap.stop("wlan0")
        log = ap.log("wlan0")
        applied(device, Wlan(name="a", ssid="a", bands=("5ghz",)))
        assert says(ap, "wlan1", "get_config")["ssid"] == "a"
        assert ap.log("wlan0") == log
        both = device.apply(device.plan(Config.of([Wlan(name="b", ssid="b")])))
        assert both.outcome is Outcome.NOT_APPLIED
        ap.start()
        applied(device, Wlan(name="b", ssid="b"))
        assert {name: says(ap, name, "get_config")["ssid"] for name in RADIOS} == {"wlan0": "b", "wlan1": "a"}


def test_a_radio_that_takes_its_time_is_waited_for(ap: HostapdLab) -> None:
    """Without a radio, hostapd waits for five seconds for what the country allows."""
    entry = ap.entry()
    patient = entry.model_copy(update={"options": {**entry.options, "settle": 10}})
    with patient.connect() as device:
        applied(
            device,
            Wlan(name="a", ssid="a", bands=("5ghz",)),
            Radio(name="wlan1", band="5ghz", channel=36, country="DE"),
        )
        assert says(ap, "wlan1", "status")["state"] == "ENABLED"


def test_facts_and_state(ap: HostapdLab, device: Device) -> None:
    facts = device.facts()
    assert (facts.vendor, facts.os_version, facts.hostname) == ("hostapd", "2.10", "ap1")
    assert facts.uptime
    (access_point,) = device.state(AccessPoint)
    assert (access_point.name, access_point.os_version, access_point.status) == ("ap1", "2.10", "up")
    assert device.clients() == ()


def test_a_file_that_is_not_there_is_named(ap: HostapdLab) -> None:
    entry = ap.entry()
    options = {**entry.options, "config": "/nonexistent/hostapd.conf"}
    with (
        entry.model_copy(update={"options": options}).connect() as device,
        pytest.raises(Rejected, match="/nonexistent"),
    ):
        device.observe()
    same = {**entry.options, "config": f"{ap.config('wlan0')} {ap.config('wlan0')}.copy"}
    ap.config("wlan0").with_suffix(".conf.copy").write_text(ap.config("wlan0").read_text())
    with (
        entry.model_copy(update={"options": same}).connect() as device,
        pytest.raises(InvalidConfig, match="wlan0, wlan0"),
    ):
        device.observe()


def test_a_way_back_that_was_cut_before_the_daemon_took_the_files_is_finished(ap: HostapdLab, device: Device) -> None:
    before, had = ap.native(), says(ap, "wlan0", "get_config")
    files = {name: ap.config(name).read_text() for name in RADIOS}
    result = applied(device, secured("psk", bands=("2.4ghz",)))
    for name, text in files.items():  # as a rollback leaves it that dies between the files and the daemon
        ap.config(name).rename(f"{ap.config(name)}.netres-old")
        ap.write(name, text)
    assert says(ap, "wlan0", "get_config")["ssid"] == "Corp"
    assert device.refresh(result).outcome is Outcome.DIFFERS
    back = device.rollback(result)
    assert (back.outcome, back.exact) == (Outcome.APPLIED, True)
    assert (ap.native(), says(ap, "wlan0", "get_config")) == (before, had)


def test_a_plan_says_which_radios_start_anew_and_whether_we_come_over_a_bss(ap: HostapdLab, device: Device) -> None:
    applied(device, secured("open"))

    def told(*items: Item) -> Impact:
        return device.plan(Config.of(items)).impact

    other = secured("open", ssid="Other")
    found = told(other)
    assert (found.management, found.known) == ("no", True)
    assert [(effect.what, effect.where, effect.count) for effect in found.effects] == [
        ("radio_restart", "wlan0", 1),
        ("radio_restart", "wlan1", 1),
        ("wireless_client", "wlan0 (corp)", 0),
        ("wireless_client", "wlan1 (corp)", 0),
    ]
    channel = told(Radio(name="wlan1", band="5ghz", channel=40))
    assert [effect.where for effect in channel.effects if effect.what == "radio_restart"] == ["wlan1"]
    ap.stop()
    assert {effect.count for effect in told(other).effects if effect.what == "wireless_client"} == {None}
    address = ap.host.ip("-4", "-o", "addr", "show", "dev", "mgmt").split()[3]
    try:  # the driver of the laboratory makes no interface; here is one, in a bridge with the one that we come over
        bridge = (
            "link add br0 type bridge",
            "link add wlan0 type veth peer name air0",
            "link set wlan0 master br0",
            "link set br0 up",
        )
        moved = ("link set mgmt master br0", f"addr del {address} dev mgmt", f"addr add {address} dev br0")
        ap.host.run("ip", "-batch", "-", input="\n".join((*bridge, *moved, "")))
        found = told(other)
        assert (found.management, "over br0, which wlan0 is part of" in found.why) == ("unknown", True), found.why
    finally:
        back = ("link set mgmt nomaster", f"addr del {address} dev br0", f"addr add {address} dev mgmt")
        ap.host.run("ip", "-batch", "-", input="\n".join((*back, "link del br0", "link del wlan0", "")))
    assert told(other).management == "no"
