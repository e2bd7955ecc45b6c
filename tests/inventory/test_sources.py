"""Inventories from elsewhere: what is taken over is what stands there; what is not is said, and no secret is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from netres import InvalidConfig, Inventory, UsageError, files
from netres.inventory import sources
from netres.inventory.compare import compared
from netres.inventory.sources import Found
from netres.inventory.sources.ansible_ranges import expanded
from netres.inventory.written import written


def entries(found: Found) -> Inventory:
    assert "hunter2" not in f"{found}"
    path = Path("written.yaml")
    path.write_text(written(found.sections), encoding="utf-8")
    assert yaml.safe_load(path.read_text()) == files.load(path)
    return Inventory.load(path)


def write(**texts: str) -> None:
    for name, text in texts.items():
        path = Path(name.replace("__", "/").replace("_yaml", ".yaml"))
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def test_csv() -> None:
    Path("t.csv").write_text(
        "name,host,platform,port,groups,password,site\n"
        "r1,192.0.2.1,frr,22,lon;edge,env:PW,lon1\n"
        "r2,192.0.2.2,frr,x,,hunter2,\nr3,192.0.2.3,nos,,,,\nr1,192.0.2.4,frr,,,,\nr5,192.0.2.5,FRRouting,,,,,more\n"
    )
    found = sources.read("csv", "t.csv", {"username": "ops"})
    inventory = entries(found)
    assert inventory.names == ("r1", "r2", "r5")
    r1 = inventory["r1"]
    assert (r1.port, r1.groups, str(r1.password), dict(r1.tags)) == (22, ("lon", "edge"), "env:PW", {"site": "lon1"})
    assert (r1.username, inventory["r2"].password, inventory["r5"].platform) == ("ops", None, "frr")
    left = "\n".join(map(str, found.left))
    for said in (
        r"t.csv:3 \(r2\).port: must be a number from 1 to 65535",
        r"t.csv:3 \(r2\).password: must be a reference",
        r"t.csv:4 \(r3\).platform: 'nos' has no driver",
        r"^r3: is left out: it has no platform",
        r"t.csv:5 \(r1\): is there already",
        r"t.csv:6: has more columns",
    ):
        assert re.search(said, left, re.MULTILINE), said


def test_a_platform_of_another_name_is_the_one_that_the_user_says() -> None:
    Path("t.csv").write_text("name,host,platform\nr1,192.0.2.1,my nos\n")
    assert entries(sources.read("csv", "t.csv", {"platform.my nos": "frr"}))["r1"].platform == "frr"


def test_directory() -> None:
    write(
        d__a_yaml="defaults: {platform: frr}\ndevices: {r1: {host: a, groups: [g]}}", d__b_yaml="groups: {g: {port: 9}}"
    )
    assert entries(sources.read("directory", "d"))["r1"].port == 9
    write(d__c_yaml="devices: {r1: {host: b}}")
    with pytest.raises(InvalidConfig, match=r"c.yaml: devices.r1 is there already, in d/a.yaml"):
        sources.read("directory", "d")


def test_nornir_inherits_depth_first_then_the_defaults() -> None:
    write(
        n__hosts_yaml="r1: {hostname: 192.0.2.1, groups: [a, b], password: hunter2, data: {role: edge, deep: {x: 1}}}",
        n__groups_yaml="a: {groups: [base]}\nb: {port: 2, data: {site: b}}\n"
        "base: {port: 1, platform: frr, data: {site: base}}",
        n__defaults_yaml="username: ops\nport: 3\ndata: {domain: x}",
    )
    found = sources.read("nornir", "n")
    r1 = entries(found)["r1"]
    assert (r1.host, r1.port, r1.username, r1.groups) == ("192.0.2.1", 1, "ops", ("a", "base", "b"))
    assert r1.tags == {"role": "edge", "site": "base", "domain": "x"}
    assert {one.where for one in found.left} == {"hosts.yaml: r1.password", "hosts.yaml: r1.deep"}


INI = """\
lone ansible_host=192.0.2.9
[edge]
r[01:03] ansible_host=192.0.2.1 role="a b"  # of all three
[edge:vars]
ansible_network_os=frr.frr.frr
site=lon
ansible_password=hunter2
[core]
c1:2222
[core:vars]
ansible_network_os=frr
level=core
[net:children]
edge
core
[net:vars]
level=net
site=net
"""


def test_ansible_ini_with_its_order_of_precedence() -> None:
    write(i__hosts=INI, i__group_vars__x="")
    Path("i/group_vars/x").unlink()
    Path("i/group_vars/all.yml").write_text("ansible_user: ops\nsite: all\n")
    Path("i/group_vars/edge.yml").write_text("mtu: 9000\npeer: '{{ other }}'\n")
    Path("i/host_vars").mkdir()
    Path("i/host_vars/c1").write_text("site: c1\n")
    Path("i/host_vars/r01.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    found = sources.read("ansible", "i/hosts")
    inventory = entries(found)
    assert inventory.names == ("r01", "r02", "r03", "c1")
    r01, c1 = inventory["r01"], inventory["c1"]
    assert (r01.groups, r01.username, c1.port) == (("edge", "net"), "ops", 2222)
    # group_vars/all is read after what the inventory file says of groups
    assert r01.tags == {"site": "all", "level": "net", "role": "a b", "mtu": "9000"}
    assert c1.tags == {"site": "c1", "level": "core"}
    left = "\n".join(map(str, found.left))
    for said in ("r01.peer: is a template", "host_vars/r01.yml: is in a vault", "r01.ansible_password: is a secret"):
        assert said in left
    assert "lone: is left out" in left


def test_ansible_yaml_with_vaulted_values() -> None:
    Path("h.yml").write_text(
        "all:\n  vars: {ansible_network_os: frr}\n  children:\n    edge:\n      hosts:\n        r[a:c].example.net:\n"
        "          ansible_password: !vault |\n            $ANSIBLE_VAULT;1.1;AES256\n            6162\n"
    )
    found = sources.read("ansible", "h.yml")
    assert entries(found).names == ("ra.example.net", "rb.example.net", "rc.example.net")
    assert [one.where for one in found.left] == [f"r{x}.example.net.ansible_password" for x in "abc"]


def test_a_group_of_ansible_in_itself_is_refused() -> None:
    Path("h").write_text("[a:children]\nb\n[b:children]\na\n")
    with pytest.raises(InvalidConfig, match="is in itself"):
        sources.read("ansible", "h")


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("r[08:11]", ["r08", "r09", "r10", "r11"]),
        ("r[0:4:2]x", ["r0x", "r2x", "r4x"]),
        ("[a:c]", ["a", "b", "c"]),
        ("r[1:2]-[1:2]", ["r1-1", "r1-2", "r2-1", "r2-2"]),
        ("r1", ["r1"]),
    ],
)
def test_ranges(pattern: str, names: list[str]) -> None:
    assert list(expanded(pattern)) == names


@pytest.mark.parametrize("pattern", ["r[3:1]", "r[1:9:0]", "r[1:99999][1:99999]", "r[a:9]"])
def test_ranges_that_cannot_be(pattern: str) -> None:
    with pytest.raises(InvalidConfig):
        expanded(pattern)


@given(
    st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.booleans() | st.lists(st.text(), max_size=3))
)
def test_what_is_written_is_read_as_it_was(held: dict[str, object]) -> None:
    path = Path("any.yaml")
    encodable = {k: v for k, v in held.items() if not re.search("[\ud800-\udfff]", f"{k}{v}") and k != "<<"}
    path.write_text(written({"devices": encodable}), encoding="utf-8")
    assert files.load(path) == {"devices": encodable}


@pytest.mark.parametrize("section", [{"<<": []}, {"<<": ""}, {"a": {"tags": {"<<": "x"}}}])
def test_a_merge_key_is_refused_and_never_carried_out(section: dict[str, object]) -> None:
    with pytest.raises(InvalidConfig, match="rename it"):
        written({"devices": section})


def test_the_difference_of_two_inventories_tells_what_is_inherited() -> None:
    old = {"defaults": {"platform": "frr", "port": 1}, "devices": {"a": {"host": "a"}, "b": {"host": "b"}}}
    new = {"defaults": {"platform": "frr", "port": 2}, "devices": {"b": {"host": "b"}, "c": {"host": "c"}}}
    told = [str(one) for one in compared(Inventory.from_mapping(old), Inventory.from_mapping(new))]
    assert told == ["- a", "~ b.port: 1 -> 2", "+ c"]
    assert not list(compared(Inventory.from_mapping(old), Inventory.from_mapping(old)))


def test_an_unknown_source_and_an_unknown_option_are_named() -> None:
    with pytest.raises(UsageError, match="did you mean 'ansible'"):
        sources.read("ansibel", "x")
    with pytest.raises(UsageError, match="no option 'tokn'"):
        sources.read("netbox", "https://x", {"tokn": "env:X"})
    assert all(sources.get(name).title for name in sources.names())
