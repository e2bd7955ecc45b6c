"""WLANs through netres, a real OpenWISP controller, and what its access points download."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from typing import cast
from uuid import UUID

import pytest
from needed import need
from offices import BOTH, CORP, EVERYTHING, ISE, KINDS, STAFF

from netres import ApplyResult, Config, Device, Outcome, registry
from netres.errors import InvalidConfig, Rejected, Unsupported
from netres.flow import Json
from netres.model import AccessPoint, ApGroup, Item, Secret, Wlan, WlanSecurity
from netres.model.wireless import SecurityMode
from netres.offline import parse, render
from netres.testing.conformance import Recorder
from netres.transport import open_transport
from netres_drivers.openwisp.lab import LabAccessPoint, OpenWispLab, available

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def running() -> Iterator[OpenWispLab]:
    need(available())
    with OpenWispLab() as lab:
        yield lab


@pytest.fixture
def lab(running: OpenWispLab) -> OpenWispLab:
    running.reset()
    return running


@pytest.fixture
def device(lab: OpenWispLab) -> Iterator[Device]:
    with lab.entry().connect() as opened:
        yield opened


def wireless(access_point: LabAccessPoint) -> dict[str, dict[str, str]]:
    """What an access point downloads as /etc/config/wireless: options by SSID and radio. No option stands twice."""
    text = access_point.configuration().get("etc/config/wireless", "")
    found: dict[str, dict[str, str]] = {}
    for section in text.split("config wifi-iface ")[1:]:
        options = re.findall(r"^\toption (\w+) '(.*)'$", section, re.MULTILINE)
        assert len(options) == len(dict(options)) == section.count("\n\t"), section
        found[f"{dict(options)['ssid']} {dict(options)['device']}"] = dict(options)
    return found


def to(device: Device, *items: Item) -> str:
    result = device.apply(device.plan(Config.of(items), KINDS))
    assert result.outcome.holds, f"{result.outcome}: {result.error} {result.differences}"
    return ",".join(result.pending)


def test_a_wlan_reaches_the_access_points_and_they_tell(lab: OpenWispLab) -> None:
    one, two = lab.access_points.values()
    with lab.entry(token=False).connect() as device:
        result = device.apply(device.plan(EVERYTHING))
        assert (result.outcome, result.pending) == (Outcome.PENDING, ("ap-01", "ap-02"))
        found = wireless(one)
        assert found.keys() == {"Corp radio0", "Corp radio1", "Staff radio1"}
        assert found["Corp radio0"].items() >= {"encryption": "psk2", "key": "correct horse", "mode": "ap"}.items()
        assert (
            found["Staff radio1"].items()
            >= {
                "encryption": "wpa2",
                "ieee80211w": "2",
                "ieee80211r": "1",
                "ieee80211k": "1",
                "bss_transition": "1",
                "auth_server": "192.0.2.10",
                "auth_port": "1812",
                "auth_secret": "radius-secret",
                "acct_server": "192.0.2.10",
                "acct_port": "1813",
                "network": "lan",
            }.items()
        )
        one.report("applied")
        assert device.refresh(result).pending == ("ap-02",)
        two.report("applied")
        assert device.refresh(result).outcome is Outcome.APPLIED
        two.report("error")
        failed = device.refresh(result)
        assert failed.outcome is Outcome.DIFFERS
        assert [str(line) for line in failed.differences] == ["access_point[ap-02]: wanted applied, found failed"]
        back = device.rollback(result)
        assert back.exact
        assert not wireless(one)


MODES: Mapping[SecurityMode, str] = {"open": "none", "psk": "psk2", "sae": "sae+ccmp", "psk-sae": "sae-mixed+ccmp"}


@pytest.mark.parametrize(("mode", "uci"), MODES.items())
def test_every_field_is_told_to_the_access_point(
    device: Device, lab: OpenWispLab, mode: SecurityMode, uci: str
) -> None:
    secret = None if mode == "open" else Secret.observed("12345678")
    wlan = Wlan.model_validate(
        {
            "name": "w",
            "ssid": ' "\\#$x;|&`%20',
            "security": WlanSecurity(mode=mode, passphrase=secret),
            "vlan": 30,
            "bands": ("2.4ghz",),
            "hidden": True,
            "client_isolation": True,
            "max_clients": 7,
            "enabled": False,
        }
    )
    to(device, wlan, ApGroup(name="g", access_points=("ap-01",), wlans=("w",)))
    (options,) = wireless(lab.access_points["ap-01"]).values()
    told = {"ssid": ' "\\#$x;|&`%20', "encryption": uci, "network": "vlan30", "hidden": "1", "isolate": "1"}
    assert options.items() >= {**told, "maxassoc": "7", "disabled": "1"}.items()
    assert options.get("key") == (None if mode == "open" else "12345678")
    assert options.get("ieee80211w") == {"sae": "2", "psk-sae": "1"}.get(mode)
    assert device.observe().by_key[wlan.key] == wlan


def test_access_points_move_between_groups_and_leave_nothing_behind(device: Device, lab: OpenWispLab) -> None:
    one, two = lab.access_points.values()
    halls = ApGroup(name="halls", access_points=("ap-02",), wlans=("corp",))
    offices = ApGroup(name="offices", access_points=("ap-01",), wlans=("corp", "staff"))
    to(device, ISE, CORP, STAFF, offices, halls)
    assert [len(wireless(each)) for each in (one, two)] == [3, 2]
    swapped = (
        offices.model_copy(update={"access_points": ("ap-02",)}),
        halls.model_copy(update={"access_points": ("ap-01",)}),
    )
    assert to(device, ISE, CORP, STAFF, *swapped) == "ap-01,ap-02"
    assert [len(wireless(each)) for each in (one, two)] == [2, 3]
    result = device.apply(device.plan(Config.of([ISE, CORP, STAFF, BOTH]), KINDS))
    assert [len(wireless(each)) for each in (one, two)] == [3, 3]
    before = lab.native()
    away = device.apply(device.plan(Config(), KINDS))
    assert away.pending == ("ap-01", "ap-02")  # they have to take their WLANs off the air
    assert [wireless(each) for each in (one, two)] == [{}, {}]
    assert device.rollback(away).exact
    assert lab.native() == before
    assert device.rollback(result).exact
    assert [len(wireless(each)) for each in (one, two)] == [2, 3]


def test_a_group_that_goes_takes_its_wlans_from_its_access_points(device: Device, lab: OpenWispLab) -> None:
    """OpenWISP by itself would leave them there."""
    one, two = lab.access_points.values()
    to(device, ISE, CORP, STAFF, BOTH)
    lab.call("DELETE", f"controller/group/{UUID(str(lab.query('SELECT id FROM config_devicegroup')[0][0]))}/")
    assert len(wireless(one)) == 3
    lab.reset()
    to(device, ISE, CORP, STAFF, BOTH)
    assert to(device, ISE, CORP, STAFF) == "ap-01,ap-02"
    assert [wireless(each) for each in (one, two)] == [{}, {}]


def test_the_way_back_keeps_the_order_and_the_secrets_of_others(device: Device, lab: OpenWispLab) -> None:
    lobby = Wlan(name="lobby", ssid="Lobby", bands=("5ghz",))
    both = BOTH.model_copy(update={"wlans": ("corp", "lobby")})
    to(device, CORP, lobby, both)
    by_hand = """UPDATE config_template SET config = replace(config, '"none"', '"none", "dae_secret": "theirs"')"""
    lab.query(f"{by_hand} WHERE name = 'lobby'")
    lab.query("UPDATE config_devicegroup_templates SET sort_value = 1 - sort_value")
    before = lab.native()
    assert before.index("group template offices lobby") < before.index("group template offices corp")
    fewer = both.model_copy(update={"wlans": ("corp",)})
    result = device.apply(device.plan(Config.of([lobby.model_copy(update={"hidden": True}), fewer])))
    stored = result.model_dump_json()
    assert "theirs" not in stored
    assert "theirs" in lab.native()
    assert device.rollback(ApplyResult.parse(stored)).exact
    assert lab.native() == before


def test_a_change_of_a_radius_server_alone_reaches_the_access_points(device: Device, lab: OpenWispLab) -> None:
    to(device, *EVERYTHING.items)
    for each in lab.access_points.values():
        each.report("applied")
    changed = ISE.model_copy(update={"host": "2001:db8::10", "accounting_port": None})
    assert to(device, changed, CORP, STAFF, BOTH) == "ap-01,ap-02"
    options = wireless(lab.access_points["ap-01"])["Staff radio1"]
    assert options["auth_server"] == "2001:db8::10"
    assert "acct_server" not in options


def test_a_device_chooses_its_radios_by_its_own_variables(device: Device, lab: OpenWispLab) -> None:
    turned: Json = {"config": {"backend": "netjsonconfig.OpenWrt", "templates": [], "config": {}}}
    place = f"controller/device/{lab.access_points['ap-01'].id}/"
    context = {"context": {"radio_2g": "radio1", "radio_5g": "radio0"}}
    lab.call("PATCH", place, {"config": {**cast("Mapping[str, Mapping[str, Json]]", turned)["config"], **context}})
    to(device, *EVERYTHING.items)
    assert "Staff radio0" in wireless(lab.access_points["ap-01"])
    assert "Staff radio1" in wireless(lab.access_points["ap-02"])


BY_HAND = ("a'\n\toption key 'x", "Gäste 🛜", "{{ name }}", "a    b")


@pytest.mark.parametrize("ssid", BY_HAND)
def test_what_openwisp_renders_wrongly_is_refused(device: Device, lab: OpenWispLab, ssid: str) -> None:
    """First that OpenWISP 1.3.2 does render it wrongly: without that the refusal would be for nothing."""
    to(device, CORP, BOTH.model_copy(update={"wlans": ("corp",)}))
    (template,) = cast(
        "list[dict[str, Json]]", cast("Mapping[str, Json]", lab.call("GET", "controller/template/"))["results"]
    )
    config = cast("dict[str, list[dict[str, dict[str, Json]]]]", template["config"])
    for interface in config["interfaces"]:
        interface["wireless"]["ssid"] = ssid
    lab.call("PATCH", f"controller/template/{template['id']}/", {"config": config})
    text = lab.access_points["ap-01"].configuration()["etc/config/wireless"]
    assert text.count(f"\toption ssid '{ssid}'\n") < 2 or text.count("\toption key") != 2
    lab.reset()
    with pytest.raises(InvalidConfig, match=r"wlan\[corp\] ssid: holds .*netjsonconfig"):
        device.plan(Config.of([CORP.model_copy(update={"ssid": ssid})]))
    secret = Secret.observed("12345678" + ssid)
    with pytest.raises(InvalidConfig, match=r"wlan\[corp\] security passphrase: holds") as caught:
        device.plan(Config.of([CORP.model_copy(update={"security": WlanSecurity(mode="psk", passphrase=secret)})]))
    assert ssid not in str(caught.value)


def group(lab: OpenWispLab, name: str, **fields: Json) -> str:
    """A group made by hand."""
    body: dict[str, Json] = {"organization": lab.organization(), "name": name, "templates": [], **fields}
    return str(cast("Mapping[str, Json]", lab.call("POST", "controller/group/", body))["id"])


def test_what_is_somebody_elses_is_refused_by_name(device: Device, lab: OpenWispLab) -> None:
    place = f"controller/device/{lab.access_points['ap-01'].id}/"
    lab.call("PATCH", place, {"group": group(lab, "by-hand")})
    template: dict[str, Json] = {"organization": lab.organization(), "name": "corp", "type": "generic"}
    lab.call(
        "POST",
        "controller/template/",
        {**template, "backend": "netjsonconfig.OpenWrt", "config": {"dns_servers": ["192.0.2.1"]}},
    )
    before = lab.native()
    wanted = {
        r"ap_group\[g\] access_points: ap-01 is in the group 'by-hand'": ApGroup(name="g", access_points=("ap-01",)),
        r"ap_group\[g\] access_points: the controller knows no ap-07, ap-08": ApGroup(
            name="g", access_points=("ap-07", "ap-08")
        ),
        r"the device has wlan\[corp\] with lines that netres cannot express": CORP,
        r"the device has ap_group\[by-hand\] with lines": ApGroup(name="by-hand"),
        r"the template 'corp' is no WLAN of netres": ApGroup(name="g", wlans=("corp",)),
    }
    for told, item in wanted.items():
        with pytest.raises(InvalidConfig, match=told):
            device.plan(Config.of([item]))
    twice = [ApGroup(name=name, access_points=("ap-02",)) for name in ("g", "h")]
    with pytest.raises(InvalidConfig, match=r"ap-02 is in ap_group\[g\] and in ap_group\[h\]"):
        device.plan(Config.of(twice))
    assert not device.observe().items
    assert lab.native() == before


def test_devices_that_cannot_be_told_are_refused(device: Device, lab: OpenWispLab) -> None:
    lab.query("UPDATE config_config SET backend = 'netjsonconfig.OpenWisp' WHERE device_id = ?", bare(lab, "ap-01"))
    with pytest.raises(InvalidConfig, match=r"ap-01 has the backend netjsonconfig\.OpenWisp"):
        device.plan(Config.of([ApGroup(name="g", access_points=("ap-01",))]))
    lab.query("UPDATE config_device SET name = 'ap-01' WHERE id = ?", bare(lab, "ap-02"))
    with pytest.raises(InvalidConfig, match="ap-01 is the name of several devices"):
        device.plan(Config.of([ApGroup(name="g", access_points=("ap-01",))]))
    lab.reset()
    lab.call("POST", f"controller/device/{lab.access_points['ap-02'].id}/deactivate/")
    before = lab.native()
    result = device.apply(device.plan(Config.of([CORP, BOTH.model_copy(update={"wlans": ("corp",)})])))
    assert (result.outcome, result.error_type) == (Outcome.NOT_APPLIED, "Rejected")
    assert lab.native() == before


def bare(lab: OpenWispLab, name: str) -> str:
    """The id of a device as the database has it."""
    return lab.access_points[name].id.replace("-", "")


def test_a_template_that_was_assigned_by_hand_is_not_taken_away(device: Device, lab: OpenWispLab) -> None:
    to(device, CORP)
    (identity,) = lab.query("SELECT id FROM config_template")[0]
    by_hand: Json = {"backend": "netjsonconfig.OpenWrt", "templates": [identity], "context": {}, "config": {}}
    lab.call("PATCH", f"controller/device/{lab.access_points['ap-02'].id}/", {"config": by_hand})
    with pytest.raises(Rejected, match="assigned by hand to ap-02"):
        device.plan(Config(), KINDS)
    changed = CORP.model_copy(update={"ssid": "Other"})
    assert to(device, changed) == "ap-02"  # it carries the WLAN, and has to take the change
    group(lab, "by-hand", templates=[identity])
    with pytest.raises(InvalidConfig, match="the group 'by-hand', which is not netres's, carries it"):
        device.plan(Config(), KINDS)


def test_a_change_by_hand_that_a_wlan_cannot_say_is_told_and_stays(device: Device, lab: OpenWispLab) -> None:
    to(device, *EVERYTHING.items)
    lab.query("UPDATE config_template SET config = replace(config, '192.0.2.10', '192.0.2.66') WHERE name = 'staff'")
    with pytest.raises(InvalidConfig, match=r"wlan\[staff\]: its interfaces use another RADIUS server"):
        device.plan(Config.of([STAFF.model_copy(update={"ssid": "Other"})]))
    lab.query("UPDATE config_template SET config = replace(config, 'psk', 'owe') WHERE name = 'corp'")
    lab.query("UPDATE config_template SET config = replace(config, 'wpa2_personal', 'owe') WHERE name = 'corp'")
    assert CORP.key not in device.observe()
    with pytest.raises(InvalidConfig, match=r"the device has wlan\[corp\] with lines that netres cannot express"):
        device.plan(Config.of([CORP]))


def test_access_points_are_told(device: Device, lab: OpenWispLab) -> None:
    lab.access_points["ap-01"].report("applied")
    lab.access_points["ap-02"].report("error")
    told = {each.name: each for each in device.state(AccessPoint)}
    assert told["ap-01"] == AccessPoint(
        name="ap-01",
        mac="02:00:00:00:00:01",
        model="Laboratory",
        os_version="OpenWrt 23.05.5",
        config_status="applied",
    )
    assert told["ap-02"].config_status == "failed"
    with pytest.raises(Unsupported, match="openwisp-monitoring"):
        device.clients()
    assert device.facts().vendor == "OpenWISP"


def test_the_organisation_must_be_clear(lab: OpenWispLab) -> None:
    for options, told in (
        ({}, "not just one organisation; .*: acme, default"),
        ({"organization": "nobody"}, "no organisation 'nobody'; .*: acme, default"),
        ({"organisation": "acme"}, "no option 'organisation'; it has: organization, "),
        ({"organization": "acme", "radio_5g": "x'y"}, 'option radio_5g "x\'y" is no UCI name'),
    ):
        entry = lab.entry().model_copy(update={"options": options})
        with entry.connect() as device, pytest.raises(InvalidConfig, match=told):
            device.observe()
    lab.query("UPDATE openwisp_users_organization SET is_active = 0 WHERE slug = 'default'")
    with lab.entry().model_copy(update={"options": {}}).connect() as device:
        to(device, CORP)
    assert lab.query("SELECT organization_id FROM config_template") == [(lab.organization().replace("-", ""),)]


def test_all_pages_are_read(device: Device, lab: OpenWispLab) -> None:
    to(device, CORP)
    columns = "name, backend, config, created, modified, type, [default], auto_cert, organization_id, required, notes"
    copied = columns.replace("name", "'stranger ' || i").replace("created", "datetime(created, '+1 day')")
    lab.query(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 230)"
        f" INSERT INTO config_template (id, default_values, {columns})"
        f" SELECT lower(hex(randomblob(16))), '{{}}', {copied} FROM n, config_template WHERE name = 'corp'"
    )
    assert [item.key for item in device.observe().items] == [CORP.key]
    assert to(device, CORP.model_copy(update={"ssid": "Other"})) == ""


def test_ssids_of_all_kinds_arrive_as_they_are(device: Device, lab: OpenWispLab) -> None:
    chance = random.Random(0)
    printable = "".join(map(chr, range(32, 127))).replace("'", "")
    ssids = ["".join(chance.choices(printable, k=chance.randint(1, 32))) for _ in range(25)]
    ssids += [
        "a   b",
        " ",
        "#",
        "\\",
        '"',
        "option x",
        "list y",
        "config z",
        "{ {x} }",
        "{%x%}",
        "$(reboot)",
        "true",
        "0",
    ]
    ssids = [ssid for ssid in ssids if "{{" not in ssid and "    " not in ssid]
    wlans = [Wlan(name=f"w{number}", ssid=ssid, bands=("5ghz",)) for number, ssid in enumerate(ssids)]
    to(device, *wlans, ApGroup(name="g", access_points=("ap-01",), wlans=tuple(wlan.name for wlan in wlans)))
    assert sorted(wireless(lab.access_points["ap-01"])) == sorted(f"{ssid} radio1" for ssid in set(ssids))
    assert not device.plan(Config.of(wlans)).changes


def test_a_stored_result_leads_back_and_a_file_holds_what_was_read(
    device: Device, lab: OpenWispLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RADIUS_SECRET", "from-the-environment")
    ise = ISE.model_copy(update={"secret": Secret("env:RADIUS_SECRET")})
    open_staff = STAFF.model_copy(update={"max_clients": 3})
    to(device, ise, STAFF, BOTH.model_copy(update={"wlans": ("staff",)}))
    before = lab.native()
    result = device.apply(device.plan(Config.of([ise, open_staff]), {"ap_group"}))
    stored = ApplyResult.parse(result.model_dump_json())
    assert "from-the-environment" not in result.model_dump_json()
    back = device.rollback(stored)
    assert back.outcome.holds
    assert back.exact
    assert lab.native() == before
    offline = parse(registry.get("openwisp"), result.native.text).config
    assert offline.by_key == result.before.by_key
    assert next(str(each) for each in render(registry.get("openwisp"), Config.of([CORP])).operations).startswith(
        'POST /api/v1/controller/template/ {"backend": "netjsonconfig.OpenWrt"'
    )


def test_an_apply_takes_few_requests(lab: OpenWispLab) -> None:
    driver = registry.get("openwisp")
    recorder = Recorder(open_transport(lab.entry(), driver))
    with Device("controller", driver, recorder, {"organization": "acme"}) as device:
        device.observe()
        recorder.operations.clear()
        plan = device.plan(EVERYTHING)
        planned = len(recorder.operations)
        device.apply(plan)
        sent = len(recorder.operations) - planned
    assert planned == 3
    assert len(recorder.writes()) == 6  # a server, two WLANs, a group, two access points
    assert sent == 3 + 6 + 3 + 3  # read, written, read back, asked who has it


def test_a_plan_says_which_access_points_it_concerns(device: Device) -> None:
    to(device, *EVERYTHING.items)

    def told(*items: Item) -> tuple[str, dict[tuple[str, str], int | None]]:
        found = device.plan(Config.of(items)).impact
        assert found.known
        return found.management, {(effect.what, effect.where): effect.count for effect in found.effects}

    def concerned(key: str, count: int) -> dict[tuple[str, str], int | None]:
        return {("access_point", key): count, ("wireless_client", key): None}

    assert told(CORP.model_copy(update={"ssid": "Other"})) == ("unknown", concerned("wlan[corp]", 2))
    assert told(ISE.model_copy(update={"port": 1645})) == ("unknown", concerned("wlan[staff]", 2))
    less = BOTH.model_copy(update={"access_points": ("ap-01",)})
    assert told(less) == ("unknown", concerned("ap_group[offices]", 1))
    assert told(BOTH.model_copy(update={"wlans": ("corp",)})) == ("unknown", concerned("ap_group[offices]", 2))
    assert told(Wlan(name="guest", ssid="Guests")) == ("no", {})
    to(device, ISE, CORP, STAFF, less)
    assert told(CORP.model_copy(update={"ssid": "Other"})) == ("unknown", concerned("wlan[corp]", 1))
