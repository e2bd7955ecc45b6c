"""Loading: what a file gives, and every fault of one, to the word and the line."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from netres import Inventory, registry
from netres.errors import InvalidConfig, NetresError
from netres.inventory import Entry
from netres.inventory.entry import SshSettings, Timeouts
from netres.inventory.shape import Common, Settings
from netres.model.secret import Secret

BRIEF = """
    defaults: {username: ops, password: env:LAB_PASSWORD, timeouts: {connect: 5}}
    groups:
      uk: {tags: {country: uk}}
      london: {groups: [uk], tags: {site: lon1}, ssh: {jump: ops@jump.example.net}}
    devices:
      lon-r1: {platform: frr, host: 10.99.1.2, port: 2222, groups: [london], tags: {role: edge}}
      lon-r2: {platform: frr, host: LON-R2.example.net.}
"""
MISSING = "nor has a group of it or defaults; add"
PORT = "must be a number from 1 to 65535; it is"
USER = "must be a user name of ASCII letters, digits and _ . @ \\ $ -; it is"
NAME = "a name of ASCII letters, digits and _ . : @ / -"
LONG = "a" * 64
X = f"port: {PORT} 'x' (and 2 more)"
SECRET = "a reference to a secret: env:NAME, file:PATH or keyring:SERVICE/USER"
FIELDS = "host, http, options, password, platform, port, snmp, ssh, tags, timeouts, username"
PLATFORMS = ", ".join(registry.platforms())
SSH = "agent, config, host_key_policy, identity, jump, keepalive, known_hosts, passphrase, session_log"


def load(text: str, name: str = "inventory.yaml") -> Inventory:
    Path(name).write_text(textwrap.dedent(text))
    return Inventory.load(name)


def fault(text: str) -> str:
    with pytest.raises(InvalidConfig) as caught:
        load(text)
    assert not isinstance(caught.value.__context__, ValidationError), "it shows the input, and with it secrets"
    return str(caught.value)


def test_a_device_gets_its_own_fields_and_those_it_inherits() -> None:
    assert load(BRIEF)["lon-r1"] == Entry(
        name="lon-r1",
        platform="frr",
        host="10.99.1.2",
        port=2222,
        username="ops",
        password=Secret("env:LAB_PASSWORD"),
        groups=("london", "uk"),
        tags={"country": "uk", "site": "lon1", "role": "edge"},
        ssh=SshSettings(jump="ops@jump.example.net"),
        timeouts=Timeouts(connect=5),
    )


def test_an_inventory_is_a_mapping_in_the_order_of_the_file() -> None:
    inventory = load(BRIEF)
    assert inventory.names == ("lon-r1", "lon-r2") == tuple(inventory) == tuple(inventory.keys())
    assert len(inventory) == 2
    assert "lon-r1" in inventory
    assert "london" not in inventory
    assert [entry.host for entry in inventory.values()] == ["10.99.1.2", "lon-r2.example.net"]
    assert inventory["lon-r1"] is inventory["lon-r1"]
    assert inventory.get("nobody") is None
    assert repr(inventory) == "<Inventory inventory.yaml: 2 devices>"


def test_an_unknown_device_is_an_error_of_ours_and_a_key_error() -> None:
    with pytest.raises(NetresError) as caught:
        load(BRIEF)["lon-r3"]
    assert str(caught.value) == "inventory.yaml: no device 'lon-r3'; did you mean 'lon-r2'?"
    assert isinstance(caught.value, KeyError)


def test_yaml_json_and_a_mapping_give_the_same() -> None:
    shape = {
        "defaults": {"platform": "frr", "ssh": {"agent": False}},
        "groups": {"g": {"tags": {"a": "b"}}},
        "devices": {"r1": {"host": "192.0.2.1", "groups": ["g"], "options": {"x": 1, "y": "z", "w": True}}},
    }
    Path("inventory.json").write_text(json.dumps(shape))
    inventory = Inventory.from_mapping(shape)
    assert inventory == Inventory.load("inventory.json") == load(json.dumps(shape))
    assert inventory["r1"].options == {"x": 1, "y": "z", "w": True}
    assert inventory["r1"].ssh.agent is False


def test_what_a_user_does_to_a_mapping_afterwards_changes_nothing() -> None:
    tags = {"a": "b"}
    inventory = Inventory.from_mapping({"devices": {"r1": {"platform": "frr", "host": "h", "tags": tags}}})
    tags["a"] = "changed"
    assert inventory["r1"].tags == {"a": "b"}


def test_an_inventory_may_have_no_devices() -> None:
    assert len(load("devices: {}")) == 0


def test_merge_keys_and_anchors_of_yaml_may_be_used() -> None:
    inventory = load("""
        devices:
          r1: &base {platform: frr, host: 192.0.2.1, tags: &tags {a: b}}
          r2: {<<: *base, host: 192.0.2.2, tags: {<<: *tags, c: d}}
    """)
    assert inventory["r2"].host == "192.0.2.2"
    assert inventory["r2"].tags == {"a": "b", "c": "d"}


def test_the_fields_are_those_of_an_entry() -> None:
    assert {*Settings.__annotations__} == {*Entry.model_fields} - {"name"}
    assert {*Common.__annotations__} == {*Settings.__annotations__} - {"groups"}


def r1(field: str) -> str:
    """An inventory whose third line is a field of r1."""
    return f"devices:\n  r1:\n    {field}\n    host: 192.0.2.1\n    platform: frr\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "1: has no section 'devices'; write devices: {NAME: {platform: …, host: …}}"),
        ("devcies: {}", "1: devcies: unknown field; did you mean 'devices'?; known: defaults, devices, groups"),
        ("devices: 5", "1: devices: must be a mapping; it is a number"),
        ("devices: {r1: [a]}", "1: devices.r1: must be a mapping; it is a list"),
        ("defaults: []\ndevices: {}", "1: defaults: must be a mapping; it is a list"),
        ("devices:\n  r1:\n", "2: devices.r1: is empty; give it a value ({} for a mapping without any) or remove it"),
        ("devices:\n  1: {}\n", f"2: devices.1: the name 1 must be {NAME}, at most 63; write it in quotes"),
        ("devices:\n  ~: {}\n", f"1: devices: the name null must be {NAME}, at most 63"),
        ("devices:\n  a b: {}\n", f"2: devices.a b: the name 'a b' must be {NAME}, at most 63"),
        (f"devices:\n  {LONG}: {{}}\n", f"2: devices.{LONG}: the name '{LONG[:60]}…' must be {NAME}, at most 63"),
        ("devices:\n  r1: {platform: frr}\n", f"2: devices.r1: has no host, {MISSING} 'host: …'"),
        ("devices:\n  r1: {host: h}\n", f"2: devices.r1: has no platform, {MISSING} 'platform: …'"),
        ("devices: {r1: {}}\ndevices: {}", "2: devices is there already, in line 1; remove one"),
        ("devices:\n  r1:\n    port: x\n  r2:\n    port: y\n    host: a b", f"3: devices.r1.{X}"),
    ],
)  # fmt: skip
def test_a_file_of_another_shape_is_refused(text: str, message: str) -> None:
    expected = f"inventory.yaml:{message}" if not message.startswith("1: has") else f"inventory.yaml{message[1:]}"
    assert fault(text) == expected


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("prot: 22", f"prot: unknown field; did you mean 'port'?; known: groups, {FIELDS}"),
        ("1: 22", f"1: the name 1 must be {NAME}, at most 63; write it in quotes"),
        ("port: 0", f"port: {PORT} 0"),
        ("port: 65536", f"port: {PORT} 65536"),
        ("port: '22'", f"port: {PORT} '22'"),
        ("port: true", f"port: {PORT} true"),
        ("port: 2.5", f"port: {PORT} 2.5"),
        (f"port: {'9' * 5000}", f"port: {PORT} too large a number"),
        ("port: [22]", f"port: {PORT} a list"),
        ("port: {a: 22}", f"port: {PORT} a mapping"),
        ("port:", "port: is empty; give it a value ({} for a mapping without any) or remove it"),
        ("username: a b", f"username: {USER} 'a b'"),
        ("username: 12", f"username: {USER} 12; write it in quotes"),
        ("password: hunter2", f"password: must be {SECRET}; it is text"),
        ("password: 12345", f"password: must be {SECRET}; it is a number"),
        ("groups: london", "groups: must be a list of group names; it is 'london'"),
        ("groups: [7]", f"groups.0: must be {NAME}; it is 7; write it in quotes"),
        ("groups: [uk, londn]", "groups.0: unknown group 'uk'; known: none"),
        ("tags: [a]", "tags: must be a mapping of names to text; it is a list"),
        ("tags: {rack: 012}", "tags.rack: must be text; it is 12; write it in quotes"),
        ("tags: {lab: true}", "tags.lab: must be text; it is true; write it in quotes"),
        ("tags: {a b: c}", f"tags.a b: the name 'a b' must be {NAME}, at most 63"),
        ("tags: {family: c}", "tags.family: is a word of selections; give the tag another name"),
        ("ssh: yes", "ssh: must be a mapping; it is text"),
        ("ssh: {jmup: a}", f"ssh.jmup: unknown field; did you mean 'jump'?; known: {SSH}"),
        ("ssh: {passphrase: hunter2}", f"ssh.passphrase: must be {SECRET}; it is text"),
        ("ssh: {host_key_policy: off}", "ssh.host_key_policy: should be 'strict' or 'accept-new'; it is text"),
        ("ssh: {keepalive: 0}", "ssh.keepalive: should be greater than 0; it is a number"),
        ("timeouts: 5", "timeouts: must be a mapping; it is a number"),
        ("timeouts: {conect: 5}", "timeouts.conect: unknown field; did you mean 'connect'?; known: command, connect"),
        ("timeouts: {connect: 0}", "timeouts.connect: should be greater than 0; it is a number"),
        ("options: 5", "options: must be a mapping; it is a number"),
        ("options: {a: [hunter2]}", "options.a: must be text, a number, true or false; it is a list"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_refused(field: str, message: str) -> None:
    assert fault(r1(field)) == f"inventory.yaml:3: devices.r1.{message}"


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("platform: frrr", f"platform: unknown platform 'frrr'; did you mean 'frr'?; known: {PLATFORMS}"),
        ("platform: f r", f"platform: must be {NAME}; it is 'f r'"),
        ("host: a b", "host: must be an IP address or a host name; it is 'a b'"),
        ("host: 10.1", "host: must be an IP address or a host name; it is 10.1; write it in quotes"),
        ("host: 'fe80::1%eth0'", "host: must be an IP address or a host name; it is 'fe80::1%eth0'"),
        ("host: ''", "host: must be an IP address or a host name; it is ''"),
    ],
)
def test_a_wrong_platform_or_host_is_refused(field: str, message: str) -> None:
    other = "host: 192.0.2.1" if field.startswith("platform") else "platform: frr"
    assert fault(f"devices:\n  r1:\n    {other}\n    {field}\n") == f"inventory.yaml:4: devices.r1.{message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("defaults: {groups: [a]}", f"1: defaults.groups: unknown field; known: {FIELDS}"),
        ("defaults: {platform: x}", f"1: defaults.platform: unknown platform 'x'; known: {PLATFORMS}"),
        ("defaults:\n  tags: {name: x}", "2: defaults.tags.name: is a word of selections; give the tag another name"),
        ("defaults: {ssh: {a: 1}}", f"1: defaults.ssh.a: unknown field; known: {SSH}"),
        ("groups:\n  a: {platform: x}", f"2: groups.a.platform: unknown platform 'x'; known: {PLATFORMS}"),
        ("groups:\n  a: {groups: [a]}", "2: groups.a.groups: a group is in itself: a in a; remove one"),
        (
            "groups:\n  a: {groups: [b]}\n  b: {groups: [c]}\n  c: {groups: [b]}",
            "3: groups.b.groups: a group is in itself: b in c in b; remove one",
        ),
        (
            "groups:\n  london: {groups: [ukk]}\n  uk: {}",
            "2: groups.london.groups.0: unknown group 'ukk'; did you mean 'uk'?; known: london, uk",
        ),
    ],
)
def test_wrong_defaults_and_groups_are_refused_though_no_device_uses_them(text: str, message: str) -> None:
    assert fault(f"{text}\ndevices: {{}}\n") == f"inventory.yaml:{message}"


def test_many_known_words_are_cut_short() -> None:
    groups: dict[str, object] = {f"group{number:02}": {} for number in range(30)}
    with pytest.raises(InvalidConfig, match=r"unknown group 'x'; known: group00, .*, group19, …$"):
        Inventory.from_mapping({"groups": groups, "devices": {"r1": {"groups": ["x"]}}})


def test_a_mapping_is_named_by_its_place() -> None:
    with pytest.raises(InvalidConfig) as caught:
        Inventory.from_mapping({"devices": {"r1": {"port": 0}}}, place="the database")
    assert str(caught.value) == "the database: devices.r1.port: must be a number from 1 to 65535; it is 0"
    with pytest.raises(InvalidConfig, match=r"^inventory: devices\.r1\.host: must be .* it is a (Posix|Windows)Path$"):
        Inventory.from_mapping({"devices": {"r1": {"host": Path("h"), "platform": "frr"}}})


NAMES = st.sampled_from(
    ["devices", "groups", "defaults", "r1", "a", "b", "platform", "host", "port", "tags", "ssh", "a\nb"]
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | NAMES
    | st.sampled_from(["frr", "h"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.integers() | st.none(), inner, max_size=4),
    max_leaves=12,
)
SECTIONS = st.fixed_dictionaries({}, optional=dict.fromkeys(("devices", "groups", "defaults"), ANYTHING))


@given(SECTIONS | ANYTHING)
@example({"devices": {True: {}}})
@example({"devices": {"r1": {1.5: 1, (1, 2): 2}}})
@example({"devices": {"r1": {"platform": "frr", "host": "h", "groups": {"a"}}}})
def test_whatever_is_no_inventory_is_refused_in_one_line(data: object) -> None:
    try:
        inventory = Inventory.from_mapping(cast("dict[str, object]", data))
    except InvalidConfig as error:
        message = str(error)
    else:
        message = f"{len([*inventory.values()])} devices"
    assert len(message.splitlines()) == 1
