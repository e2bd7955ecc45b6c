from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netres import offline, registry, schemas
from netres.driver import Driver, Feature
from netres.errors import SecretError, Unsupported
from netres.flow import Cli, Exec, Flow, Http, Reply, show
from netres.model import Config, Item, Key, Secret, StaticRoute, System, Vlan

if TYPE_CHECKING:
    from tests.cli.conftest import Netres

PARSED = {
    "items": [
        {
            "kind": "interface",
            "name": "eth0",
            "description": "uplink",
            "enabled": True,
            "addresses": ["192.0.2.1/30"],
        },
        {"kind": "bgp_router", "asn": 65001, "ebgp_requires_policy": False, "vrf": "default"},
    ]
}
NEIGHBOR = """\
items:
  - {kind: bgp_router, asn: 65001, ebgp_requires_policy: false}
  - {kind: bgp_neighbor, address: 192.0.2.2, remote_as: 65002, password: 'env:BGP_PASSWORD'}
"""


def test_parse(netres: Netres) -> None:
    assert netres("parse", "frr", "frr.conf").out.splitlines() == [
        "bgp_neighbor[192.0.2.2] remote_as=65002 families=[ipv4-unicast] password=********",
        "bgp_router asn=65001 ebgp_requires_policy=false",
        "interface[eth0] description=uplink addresses=[192.0.2.1/30]",
        "not owned: 1 line",
    ]


def test_parse_as_json(netres: Netres) -> None:
    ran = netres("parse", "frr", "frr.conf", "--json")
    assert "old-secret" not in ran.out
    found = ran.json
    assert found["items"].pop()["password"].startswith("observed:")
    assert found == PARSED


def test_parse_tells_what_is_not_owned(netres: Netres) -> None:
    line = "neighbor 192.0.2.2 maximum-prefix 10"
    ran = netres("parse", "frr", "frr.conf", "--json", "--foreign")
    assert ran.json["foreign"] == {"bgp_router": [line], "bgp_neighbor[192.0.2.2]": [line]}
    ran = netres("parse", "frr", "frr.conf", "--foreign")
    assert f"not owned: 1 line\n    bgp_router: {line}\n" in ran.out


def test_secrets_in_lines_that_are_not_owned_are_masked(netres: Netres) -> None:
    # Two AS numbers in one line are more than a BgpNeighbor can say: all its lines count as not owned.
    Path("odd.conf").write_text(
        "router bgp 65001\n neighbor 192.0.2.2 remote-as 0\n neighbor 192.0.2.2 password old-secret\nexit\n"
    )
    ran = netres("parse", "frr", "odd.conf", "--json", "--foreign")
    assert "neighbor 192.0.2.2 password ********" in ran.json["foreign"]["bgp_neighbor[192.0.2.2]"]
    assert "old-secret" not in ran.out


def test_parse_reads_several_files_in_their_order(netres: Netres) -> None:
    Path("one.conf").write_text("interface eth0\n description first")
    Path("two.conf").write_bytes(b" ip address 192.0.2.1/30\r\nexit\r\ninterface eth1\r\n shutdown\r\nexit\r\n")
    ran = netres("parse", "frr", "one.conf", "two.conf")
    assert ran.out.splitlines()[:2] == [
        "interface[eth0] description=first addresses=[192.0.2.1/30]",
        "interface[eth1] enabled=false",
    ]


def test_what_parse_finds_renders_to_nothing(netres: Netres) -> None:
    Path("frr.conf").write_text(Path("frr.conf").read_text().replace(" neighbor 192.0.2.2 password old-secret\n", ""))
    Path("found.json").write_text(netres("parse", "frr", "frr.conf", "--json").out)
    ran = netres("render", "frr", "found.json", "--running", "frr.conf")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_memory_cannot_be_parsed(netres: Netres) -> None:
    for args in (("parse", "memory", "frr.conf"), ("render", "memory", "desired.yaml", "--running", "frr.conf")):
        message = netres(*args).failed()
        assert message.startswith("memory cannot be read from a file: its driver asks the device for more: GET /")


def test_render(netres: Netres) -> None:
    Path("desired.yaml").write_text("items: [{kind: interface, name: eth0, description: backbone}]\n")
    wanted = ["interface eth0", "description backbone", "exit"]
    assert netres("render", "frr", "desired.yaml").out.splitlines() == wanted
    assert netres("render", "frr", "desired.yaml", "--json").json == {
        "operations": wanted,
        "text": "interface eth0\ndescription backbone\nexit\n",
        "session": {"begin": ["configure terminal"], "commit": ["end"], "save": ["write memory"]},
    }
    ran = netres("render", "frr", "desired.yaml", "--running", "frr.conf")
    assert ran.out == "interface eth0\nno ip address 192.0.2.1/30\ndescription backbone\nexit\n"


def test_render_deletes_only_what_is_pruned(netres: Netres) -> None:
    Path("frr.conf").write_text("ip route 198.51.100.0/24 192.0.2.2\nip route 203.0.113.0/24 192.0.2.2\n")
    Path("desired.yaml").write_text(
        "items: [{kind: static_route, prefix: 198.51.100.0/24, next_hop: 192.0.2.2, distance: 7}]\n"
    )
    ran = netres("render", "frr", "desired.yaml", "--running", "frr.conf")
    assert "198.51.100.0/24 192.0.2.2 7" in ran.out
    assert "203.0.113.0/24" not in ran.out
    ran = netres("render", "frr", "desired.yaml", "--running", "frr.conf", "--prune", "static_route")
    assert "no ip route 203.0.113.0/24 192.0.2.2" in ran.out


def test_render_needs_no_secret_unless_it_is_revealed(netres: Netres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BGP_PASSWORD", raising=False)
    Path("desired.yaml").write_text(NEIGHBOR)
    assert "neighbor 192.0.2.2 password ********\n" in netres("render", "frr", "desired.yaml").out
    message = netres("render", "frr", "desired.yaml", "--reveal").failed()
    assert message == "environment variable BGP_PASSWORD is not set; it is needed for secret 'env:BGP_PASSWORD'"
    monkeypatch.setenv("BGP_PASSWORD", "new-secret")
    assert "new-secret" not in netres("render", "frr", "desired.yaml", "--json").out
    assert "neighbor 192.0.2.2 password new-secret\n" in netres("render", "frr", "desired.yaml", "--reveal").out
    ran = netres("render", "frr", "desired.yaml", "--reveal", "--json")
    assert "neighbor 192.0.2.2 password new-secret" in ran.json["operations"]
    assert "neighbor 192.0.2.2 password new-secret\n" in ran.json["text"]
    ran = netres("render", "memory", "desired.yaml", "--reveal")
    assert '"password": {"$secret": "new-secret"}' in ran.out


def test_a_secret_that_the_device_has_is_not_sent_again(netres: Netres, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("desired.yaml").write_text(NEIGHBOR)
    monkeypatch.setenv("BGP_PASSWORD", "old-secret")
    assert not netres("render", "frr", "desired.yaml", "--running", "frr.conf").out
    monkeypatch.delenv("BGP_PASSWORD")
    assert "password ********" in netres("render", "frr", "desired.yaml", "--running", "frr.conf").out


def test_drivers(netres: Netres) -> None:
    found = netres("drivers", "--json").json
    assert [one["platform"] for one in found] == list(registry.platforms())
    frr = next(one for one in found if one["platform"] == "frr")
    assert (frr["vendor"], frr["families"], frr["guarantee"]) == ("FRRouting", ["router"], "compensated")
    assert {"platform", "title", "vendor", "families", "guarantee", "capabilities"} <= set(frr)
    never = next(one for one in frr["capabilities"] if one["kind"] == "vlan")
    assert never["support"] == "never"
    assert never["reason"]
    rows = netres("drivers").out.splitlines()
    assert [row.split()[0] for row in rows] == ["platform", *registry.platforms()]


def test_schemas_are_written_and_checked(netres: Netres) -> None:
    missing = netres("schemas", "--check", "new").failed()
    assert missing.startswith("new: not up to date: ")
    assert missing.endswith("; write them with: netres schemas new")
    ran = netres("schemas", "new")
    assert ran.out.splitlines() == [f"written: new/{name}" for name in sorted(schemas.generate())]
    assert netres("schemas", "--check", "new").code == 0
    assert not netres("schemas", "new").out
    Path("new/vlan.schema.json").write_text("{}\n")
    assert netres("schemas", "--check", "new").failed() == (
        "new: not up to date: vlan.schema.json; write them with: netres schemas new"
    )


def asking(feature_asks: str) -> Driver:
    """FRR's driver, but it reads one kind, by an operation of its own."""

    def read() -> Flow[Iterable[Item]]:
        reply = yield from show(feature_asks)
        return [System(hostname=reply.text.strip())]

    def native() -> Flow[Reply]:
        first = yield from show("show one")
        second = yield from show("show two")
        return Reply(first.text + second.text)

    def none(native: Reply) -> Mapping[Key, tuple[str, ...]]:
        return {}

    return replace(registry.get("frr"), features=(Feature(System, read),), native=native, foreign=none)


def test_a_driver_may_read_its_native_configuration_in_several_steps() -> None:
    for command in ("show one", "show two"):
        found = offline.parse(asking(command), "r1\n")
        assert found.config == Config.of([System(hostname="r1")])
        assert found.native.text == "r1\n"
    with pytest.raises(Unsupported, match="show three"):
        offline.parse(asking("show three"), "r1\n")


def test_the_platforms_own_checker_is_not_asked_without_a_device() -> None:
    def check(operations: object) -> Flow[str]:
        return (yield from show("show version")).text

    driver = replace(registry.get("frr"), dry_check=check)
    made = offline.render(driver, Config.of([StaticRoute(prefix="198.51.100.0/24", blackhole=True)]))
    assert [str(one) for one in made.operations] == ["ip route 198.51.100.0/24 blackhole"]
    assert [change.action for change in made.changes] == ["create"]


def test_nothing_is_needed_to_know_a_device_that_has_nothing() -> None:
    made = offline.render(asking("show three"), Config())
    assert made.operations == ()
    with pytest.raises(Unsupported, match="the platform has no such thing"):
        offline.render(registry.get("frr"), Config.of([Vlan(id=20)]))


def test_operations_are_revealed_as_lines() -> None:
    secret = Secret.observed("geheim")
    assert offline.revealed(Cli(("password ", secret))) == "password geheim"
    assert offline.revealed(Http("PUT", "/x", {"b": secret, "a": 1})) == 'PUT /x {"a": 1, "b": "geheim"}'
    assert offline.revealed(Http("DELETE", "/x")) == "DELETE /x"
    assert offline.revealed(Exec("sync")) == "sync"
    with pytest.raises(SecretError):
        offline.revealed(Cli((Secret("env:NOWHERE"),)))
