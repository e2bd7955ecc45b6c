"""BIRD's file as text: what is netres's, what is another's, and that BIRD reads whatever becomes of any Items."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from needed import need

from netres import offline, registry
from netres.change import Change
from netres.driver import Scope
from netres.errors import InvalidConfig, SecretError
from netres.flow import Exec, Operation, Reply, run
from netres.model import BgpNeighbor, BgpNetwork, BgpRouter, Config, Item, Key, Secret, StaticRoute
from netres.observation import masked, require_secrets
from netres_drivers.bird import bgp, static
from netres_drivers.bird.compose import as_it_was, compose, edited
from netres_drivers.bird.lab import SEARCH, available
from netres_drivers.bird.site import Site, probed
from netres_drivers.bird.text import Document
from netres_drivers.bird.view import View

DRIVER = registry.get("bird")
ASNS = st.integers(1, 4294967295)
ADDRESSES = st.ip_addresses().map(str)
PREFIXES = st.tuples(st.ip_addresses(), st.integers(0, 128)).map(
    lambda pair: str(ipaddress.ip_network((pair[0], min(pair[1], pair[0].max_prefixlen)), strict=False))
)
WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
SECONDS = st.integers(1, 65535)
ROUTERS = st.builds(BgpRouter, asn=ASNS, router_id=st.none() | st.just("192.0.2.1"), ebgp_requires_policy=st.booleans())
NEIGHBORS = st.builds(
    BgpNeighbor,
    address=ADDRESSES,
    remote_as=ASNS,
    description=st.none() | WORDS,
    families=st.lists(st.sampled_from(bgp.FAMILIES), unique=True),
    hold_time=st.none() | st.integers(3, 65535),
    connect_retry=st.none() | SECONDS,
    password=st.none() | WORDS.map(Secret.observed),
)
NETWORKS = st.builds(BgpNetwork, prefix=PREFIXES)
INTERFACES = st.from_regex(r"[A-Za-z][A-Za-z0-9_.:-]{0,12}_0", fullmatch=True)
"""None is a word of BIRD's language: these BIRD refuses after a next hop, quoted or not."""
DISTANCES = st.none() | st.integers(2, static.MOST)
DROPPED = st.builds(StaticRoute, prefix=PREFIXES, blackhole=st.just(True), distance=DISTANCES)
OVER = st.builds(StaticRoute, prefix=PREFIXES, interface=INTERFACES, distance=DISTANCES)


@st.composite
def via(draw: st.DrawFn) -> StaticRoute:
    prefix = ipaddress.ip_network(draw(PREFIXES))
    return StaticRoute(
        prefix=str(prefix),
        next_hop=str(draw(st.ip_addresses(v=prefix.version))),
        interface=draw(INTERFACES),
        distance=draw(DISTANCES),
    )


def taken(item: Item) -> bool:
    with contextlib.suppress(InvalidConfig, SecretError):
        static.check(item)
        bgp.check(item)
        return True
    return False


@st.composite
def configs(draw: st.DrawFn) -> Config:
    """What the checks let pass."""
    found: list[Item] = draw(st.lists(DROPPED | OVER | via(), max_size=4))
    if draw(st.booleans()):
        found += [draw(ROUTERS), *draw(st.lists(NEIGHBORS, max_size=3)), *draw(st.lists(NETWORKS, max_size=3))]
    return Config.of({item.key: item for item in found if taken(item)}.values())


LINES = st.sampled_from(
    [
        "# by hand",
        "",
        "/* a comment",
        "that ends */",
        'password "x;y"; # word',
        "protocol static netres_static_ipv4 {",
        "  ipv4;",
        "  route 192.0.2.0/24 blackhole;",
        "  route 192.0.2.0/24 blackhole; # twice",
        "}",
        "protocol bgp netres_192_0_2_2 {",
        "  neighbor 192.0.2.2 as 65002;",
        "  local as netres_asn;",
        "  multihop 2;",
        "define netres_asn = 65001;",
        "define netres_networks_ipv4 = [];",
        "define netres_networks_ipv6 = [];",
        "define netres_serial = 41;",
        "define netres_serial = none;",
        "protocol static other { ipv4; }",
        "\udc80\udcff",
    ]
)
TEXTS = st.lists(LINES, max_size=14).flatmap(
    lambda lines: st.sampled_from(["\n".join(lines), "".join(f"{line}\n" for line in lines)])
)


@given(TEXTS)
def test_every_text_is_kept_to_the_byte(text: str) -> None:
    document = Document.read(text)
    assert document.text == text
    assert "".join(part.reveal() if isinstance(part, Secret) else part for part in document.parts()) == text
    assert "x;y" not in "".join(map(str, document.parts()))
    assert "x;y" not in masked(DRIVER, text)


@example("protocol static netres_static_ipv4 {\n  ipv4;\n}", Config())
@given(TEXTS, configs())
def test_what_is_written_is_read_and_lines_by_hand_stay_in_their_order(text: str, wanted: Config) -> None:
    before = View(Document.read(text))
    assume(not before.foreign() and before.blocks.keys() == before.document.blocks.keys())
    assume(all(text.count(f"define netres_{name} ") < 2 for name in bgp.DEFINES))  # BIRD refuses a symbol defined twice
    after = View(edited(before, wanted))
    assert set(after.items) == {item.key for item in wanted.items}
    assert all(after.items[item.key] == item for item in wanted.items)
    assert list(after.unowned()) == list(before.unowned())
    assert edited(after, wanted).text == (after.document.text or "").replace(
        f"netres_serial = {after.serial};", f"netres_serial = {after.serial + 1};", 1
    )
    back = edited(after, Config.of(before.items.values()))
    assert as_it_was(after, back, before).text == text


@given(configs())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_bird_itself_reads_what_becomes_of_any_items(tmp_path: Path, wanted: Config) -> None:
    need(available())
    config = tmp_path / "bird.conf"
    config.write_text('router id 192.0.2.1;\nprotocol device {}\ninclude "netres.conf";\n')
    (tmp_path / "netres.conf").write_text(edited(View(Document()), wanted).text or "")
    done = subprocess.run(
        ["bird", "-p", "-c", str(config)],
        env={**os.environ, "PATH": SEARCH},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_file_is_parsed_without_a_device() -> None:
    lines = ("asn = 65001", "networks_ipv4 = [ 192.0.2.0/24 ]", "networks_ipv6 = []")
    seen = offline.parse(DRIVER, "".join(f"define netres_{line};\n" for line in lines))
    assert seen.config == Config.of([BgpRouter(asn=65001), BgpNetwork(prefix="192.0.2.0/24")])


@pytest.mark.parametrize(
    "lines",
    [
        "define netres_asn = 65001;\ndefine netres_networks_ipv4 = [];\n",
        "define netres_asn = 4294967296;\ndefine netres_networks_ipv4 = [];\ndefine netres_networks_ipv6 = [];\n",
        "define netres_asn = 1;\ndefine netres_networks_ipv4 = [ 10.0.0.0/8+ ];\ndefine netres_networks_ipv6 = [];\n",
    ],
)
def test_a_speaker_in_other_words_is_not_overwritten(lines: str) -> None:
    seen = offline.parse(DRIVER, lines)
    assert not seen.config
    assert Key("bgp_router", ("default",)) in seen.foreign
    with pytest.raises(InvalidConfig, match="lines that netres cannot express: netres_asn"):
        offline.render(DRIVER, Config.of([BgpRouter(asn=1)]), lines)


def test_the_serial_counts_changes_and_not_restorations() -> None:
    first = edited(View(Document()), Config.of([BgpRouter(asn=1)]))
    second = edited(View(first), Config.of([BgpRouter(asn=2)]))
    assert [View(one).serial for one in (first, second)] == [1, 2]
    assert as_it_was(View(second), edited(View(second), Config.of([BgpRouter(asn=1)])), View(first)) == first


def test_a_password_that_is_not_known_is_asked_for_before_anything_is_sent() -> None:
    router = BgpRouter(asn=1)
    neighbor = BgpNeighbor(address="192.0.2.2", remote_as=2, password=Secret("env:NOT_RESOLVED"))
    scope = Scope(Config(), Config.of([router, neighbor]), Reply())
    operations = tuple(compose(Site(), (Change.of(None, router), Change.of(None, neighbor)), scope))
    with pytest.raises(SecretError):
        require_secrets(operations)
    assert '  password "********";' in str(operations[0])


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (StaticRoute(prefix="192.0.2.0/24", blackhole=True, distance=201), "distance: 201"),
        (StaticRoute(prefix="192.0.2.0/24", interface="GigabitEthernet0/1"), "interface: 'GigabitEthernet0/1'"),
        (StaticRoute(prefix="127.1.0.0/16", blackhole=True), "BIRD ignores routes to 127.0.0.0/8"),
        (StaticRoute(prefix="fe80::/64", interface="eth0"), "BIRD ignores routes to fe80::/10"),
        (BgpNeighbor(address="192.0.2.2", remote_as=2, description='a "b"'), "description"),
        (BgpNeighbor(address="::", remote_as=2), "address: nobody can be a neighbour there"),
        (BgpNeighbor(address="fe80::2", remote_as=2), "a link-local neighbour needs an interface"),
        (BgpNeighbor(address="192.0.2.2", remote_as=2, hold_time=9, keepalive=0), "keepalive"),
        (BgpNeighbor(address="192.0.2.2", remote_as=2, password=Secret.observed("x" * 81)), "password"),
        (BgpNeighbor(address="192.0.2.2", remote_as=2, password=Secret.observed('quote"quote')), "password"),
    ],
)
def test_what_bird_would_not_take_as_meant_is_refused(item: Item, words: str) -> None:
    items = [item, BgpRouter(asn=1)] if isinstance(item, BgpNeighbor) else [item]
    with pytest.raises((InvalidConfig, SecretError), match=words) as refused:
        offline.render(DRIVER, Config.of(items))
    assert "quote" not in str(refused.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"conf": "/etc/bird.conf"}, "no option 'conf'; it has config, file, socket"),
        ({"config": "bird.conf"}, "option config has 'bird.conf'"),
        ({"config": "/etc/bird/$(reboot).conf"}, "option config"),
        ({"file": "/etc/bird/../shadow"}, "option file"),
        ({"socket": "/run/bird.ctl;reboot"}, "option socket"),
        ({"config": "/etc/b.conf", "file": "/etc/b.conf"}, "give netres a file of its own"),
    ],
)
def test_options_that_are_not_usable_are_named_before_anything_is_sent(options: dict[str, str], words: str) -> None:
    def execute(operation: Operation) -> Reply:
        raise AssertionError(operation)

    with pytest.raises(InvalidConfig) as refused:
        run(probed(options), execute)
    assert words in str(refused.value)


def test_the_file_is_beside_the_administrators_unless_it_is_named() -> None:
    asked: list[str] = []

    def execute(operation: Operation) -> Reply:
        asked.append(operation.command if isinstance(operation, Exec) else "")
        return Reply("1\n")

    assert run(probed({"config": "/srv/bird/main.conf"}), execute).file == "/srv/bird/netres.conf"
    assert "(/srv/bird/netres[.]conf|netres[.]conf)" in asked[0]
    run(probed({"config": "/srv/bird/main.conf", "file": "/srv/netres/own.conf"}), execute)
    assert "(/srv/netres/own[.]conf)" in asked[1]
