"""Two real BIRDs as netres's users see them: BGP between them, what a plan says of it, and what is refused."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from needed import need

from netres import registry
from netres.errors import InvalidConfig, Rejected
from netres.flow import Exec, Operation, Reply, Transport
from netres.model import BgpNeighbor, BgpNetwork, BgpRouter, Config, Item, Secret, StaticRoute
from netres.plan import ApplyResult, Guarantee, Outcome
from netres.resource import Device
from netres.testing.netns import wait_until
from netres.transport import open_transport
from netres_drivers.bird.lab import BirdLab, available

pytestmark = pytest.mark.real

PASSWORD = Secret.observed("not # for; anybody")
LINK = "10.0.12."


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[BirdLab, BirdLab]]:
    """Two routers with a link between them."""
    need(available())
    with BirdLab("b1") as one, BirdLab("b2") as other:
        one.host.link("peer0", other.host, "peer0")
        for number, lab in enumerate((one, other), 1):
            lab.host.ip("addr", "add", f"{LINK}{number}/30", "dev", "peer0")
        yield one, other


@pytest.fixture
def device(bird_lab: BirdLab) -> Iterator[Device]:
    bird_lab.reset()
    with bird_lab.entry().connect() as session:
        yield session


def gateway(lab: BirdLab) -> str:
    """This machine, as the router sees it."""
    network = ipaddress.ip_network(f"{lab.host.address}/30", strict=False)
    return str(next(network.hosts()))


def applied(device: Device, *items: Item, prune: frozenset[str] = frozenset()) -> ApplyResult:
    return device.apply(device.plan(Config.of(items), prune)).raise_for_outcome()


def speaker(number: int, **fields: object) -> tuple[BgpRouter, BgpNeighbor, BgpNetwork, StaticRoute]:
    """What one of two routers shall have."""
    other = 3 - number
    timers = {"hold_time": 9, "keepalive": 3, "connect_retry": 1}
    return (
        BgpRouter(asn=65000 + number, router_id=f"10.255.0.{number}", ebgp_requires_policy=False),
        BgpNeighbor.model_validate(
            {"address": f"{LINK}{other}", "remote_as": 65000 + other, "password": PASSWORD, **timers, **fields}
        ),
        BgpNetwork(prefix=f"203.0.{number}.0/24"),
        StaticRoute(prefix=f"203.0.{number}.0/24", blackhole=True),
    )


def touched(device: Device, *items: Item) -> list[tuple[str, str, int | None]]:
    impact = device.plan(Config.of(items)).impact
    assert impact.known
    return [(one.what, one.where, one.count) for one in impact.effects]


def test_two_routers_from_nothing_to_a_session_and_back(pair: tuple[BirdLab, BirdLab]) -> None:
    one, other = pair
    before = [lab.stored() for lab in pair]
    name = "netres_10_0_12_2"
    with one.entry().connect() as first, other.entry().connect() as second:
        results = [applied(first, *speaker(1)), applied(second, *speaker(2))]
        wait_until(lambda: f"{name}: State changed to up" in one.log(), "a session of BGP")
        wait_until(lambda: "203.0.2.0/24" in one.host.run("ip", "route"), "a route in the kernel")
        assert "198.51.100.0/24" not in one.host.run("ip", "route", "show", "proto", "bird")  # nobody announces it
        described = speaker(1, description="the other one")
        assert touched(first, *described) == []
        assert touched(first, *speaker(1, hold_time=30, keepalive=10)) == [
            ("bgp_session", f"{LINK}2", 1),
            ("route", f"BGP from {LINK}2", 1),
        ]
        assert touched(first, BgpNetwork(prefix="192.0.2.0/24")) == [
            ("bgp_session", f"{LINK}2", 1),
            ("route", "192.0.2.0/24", None),
        ]
        assert touched(first, StaticRoute(prefix="203.0.1.0/24", blackhole=True, distance=7)) == [
            ("route", "203.0.1.0/24", 1)
        ]
        since = one.birdc("show", "protocols", name)
        applied(first, *described)
        assert one.birdc("show", "protocols", name) == since  # a description restarts nothing
        for session, result in ((second, results[1]), (first, results[0])):
            assert session.rollback(result, force=True).outcome is Outcome.APPLIED
    assert [lab.stored() for lab in pair] == before


def test_facts(device: Device) -> None:
    facts = device.facts()
    assert (facts.vendor, facts.os_version, facts.hostname) == ("CZ.NIC", "2.0.12", "b1")
    assert facts.uptime is not None


def test_a_plan_tells_whether_our_own_way_runs_over_it(device: Device, bird_lab: BirdLab) -> None:
    def told(*items: Item) -> str:
        return device.plan(Config.of(items)).impact.management

    ours = bird_lab.host.address.rpartition(".")[0] + ".0/24"
    assert told(StaticRoute(prefix="203.0.113.0/24", blackhole=True)) == "no"
    assert told(StaticRoute(prefix=ours, blackhole=True)) == "no"  # a connected network is longer
    assert told(BgpRouter(asn=65001)) == "no"
    assert told(StaticRoute(prefix=f"{gateway(bird_lab)}/32", blackhole=True)) == "yes"
    bird_lab.host.ip("addr", "del", f"{bird_lab.host.address}/30", "dev", "mgmt")
    bird_lab.host.ip("addr", "add", f"{bird_lab.host.address}/32", "dev", "mgmt")
    bird_lab.host.ip("route", "add", gateway(bird_lab), "dev", "mgmt", "proto", "bird")
    try:
        assert told(BgpRouter(asn=65001)) == "unknown"
    finally:
        bird_lab.host.ip("addr", "del", f"{bird_lab.host.address}/32", "dev", "mgmt")
        bird_lab.host.ip("addr", "add", f"{bird_lab.host.address}/30", "dev", "mgmt")


def test_what_is_held_stands_when_it_is_confirmed_and_is_gone_when_it_is_not(device: Device, bird_lab: BirdLab) -> None:
    before = bird_lab.stored()
    plan = device.plan(Config.of([BgpRouter(asn=65001)]))
    assert (plan.guarantee, plan.timer and plan.timer.step) == (Guarantee.ATOMIC, 1)
    held = device.apply(plan, confirm_within=60)
    assert (held.outcome, held.confirmed, bird_lab.stored()) == (Outcome.APPLIED, False, before)
    assert device.rollback(held).exact
    assert (bird_lab.birdc("eval", "netres_asn").strip().isdecimal(), bird_lab.left_behind()) == (False, [])
    done = device.confirm(device.apply(device.plan(Config.of([BgpRouter(asn=65001)])), confirm_within=60))
    assert (done.outcome, done.confirmed, bird_lab.left_behind()) == (Outcome.APPLIED, True, [])
    assert "define netres_asn = 65001;" in bird_lab.file.read_text()


def test_what_cuts_our_own_way_comes_back_by_itself_and_is_told(bird_lab: BirdLab) -> None:
    bird_lab.reset()
    before, entry = bird_lab.stored(), bird_lab.entry()
    timeouts = entry.timeouts.model_copy(update={"connect": 1, "command": 2})
    with entry.model_copy(update={"timeouts": timeouts}).connect() as device:
        us = StaticRoute(prefix=f"{gateway(bird_lab)}/32", blackhole=True)
        result = device.apply(device.plan(Config.of([us])), confirm_within=3)
        assert (result.outcome, result.exact) == (Outcome.NOT_APPLIED, True)
        assert (bird_lab.stored(), bird_lab.left_behind()) == (before, [])


def test_lines_by_hand_within_a_neighbour_stay_and_keep_it_there(device: Device, bird_lab: BirdLab) -> None:
    router, neighbor = BgpRouter(asn=65001), BgpNeighbor(address="192.0.2.2", remote_as=65002)
    applied(device, router, neighbor)
    text = bird_lab.file.read_text().replace("  neighbor 192.0.2.2", "  multihop 3; # by hand\n  neighbor 192.0.2.2")
    bird_lab.write(bird_lab.file, text)
    bird_lab.configure()
    before = bird_lab.stored()
    with pytest.raises(InvalidConfig, match="multihop 3; # by hand"):
        device.plan(Config(), prune={"bgp_neighbor"})
    result = applied(device, neighbor.model_copy(update={"description": "a neighbour"}))
    assert "\n  multihop 3; # by hand\n" in bird_lab.file.read_text()
    assert device.rollback(result).exact
    assert bird_lab.stored() == before


def test_what_bird_refuses_is_told_when_planning_in_its_words_and_nothing_is_left(
    device: Device, bird_lab: BirdLab
) -> None:
    bird_lab.write(bird_lab.config, bird_lab.config.read_text() + 'define netres_asn = 1;\n# password "of others"\n')
    before = bird_lab.stored()
    items = (BgpRouter(asn=65001), BgpNeighbor(address="192.0.2.2", remote_as=65002, password=PASSWORD))
    with pytest.raises(Rejected, match=r"bird/bird.conf:\d+:\d+ .*already defined") as refused:
        device.plan(Config.of(items))
    assert "netres-check" not in str(refused.value)
    assert PASSWORD.reveal() not in str(refused.value)
    assert (bird_lab.stored(), bird_lab.left_behind()) == (before, [])


@pytest.mark.parametrize(
    ("include", "words"),
    [
        ("", "includes .*/netres.conf 0 times; it needs one line include"),
        ('include "netres.conf";\ninclude "netres.conf";', "includes .*/netres.conf 2 times"),
        ('# include "netres.conf";', "0 times"),
    ],
)
def test_a_configuration_that_does_not_include_netres_is_refused(bird_lab: BirdLab, include: str, words: str) -> None:
    bird_lab.reset()
    text = bird_lab.config.read_text().replace('include "netres.conf";', include)
    bird_lab.write(bird_lab.config, text)
    with bird_lab.entry().connect() as device, pytest.raises(InvalidConfig, match=words):
        device.observe()


@dataclass
class Overtaken:
    """Somebody else writes the file just before something is sent."""

    inner: Transport
    word: str
    other: Callable[[], object]
    done: bool = False

    def execute(self, operation: Operation) -> Reply:
        if isinstance(operation, Exec) and operation.writes and self.word in operation.command and not self.done:
            self.done = True
            self.other()
        return self.inner.execute(operation)

    def close(self) -> None:
        self.inner.close()


@pytest.mark.parametrize("word", ["read was", "timeout 120"])
def test_a_file_that_another_wrote_since_it_was_read_is_not_overwritten(bird_lab: BirdLab, word: str) -> None:
    bird_lab.reset()
    entry, driver = bird_lab.entry(), registry.get("bird")

    def by_hand() -> None:
        bird_lab.write(bird_lab.file, "# written meanwhile\n")

    with Device("b1", driver, Overtaken(open_transport(entry, driver), word, by_hand), entry.options) as slow:
        result = slow.apply(slow.plan(Config.of([BgpRouter(asn=65001)])))
    assert (result.outcome, result.error_type) == (Outcome.NOT_APPLIED, "Rejected")
    assert "netres.conf changed since it was read" in result.error
    assert bird_lab.file.read_text() == "# written meanwhile\n"
    assert not bird_lab.left_behind()


def test_a_link_that_stays_is_followed(bird_lab: BirdLab) -> None:
    """The file may be reached over a symbolic link."""
    bird_lab.reset()
    elsewhere = bird_lab.directory / "elsewhere.conf"
    bird_lab.file.rename(elsewhere)
    bird_lab.file.symlink_to(elsewhere)
    try:
        with bird_lab.entry().connect() as device:
            result = applied(device, BgpRouter(asn=65001))
            assert bird_lab.file.is_symlink()
            assert "netres_asn = 65001" in elsewhere.read_text()
            assert device.rollback(result).exact
            assert bird_lab.file.is_symlink()
    finally:
        bird_lab.file.unlink()
