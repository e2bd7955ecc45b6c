"""FRR's dead-man: a program on the real router that takes back what nobody confirmed, our own way to it included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from needed import need

from netres.confirming import Trial
from netres.errors import Rejected, Unsupported
from netres.flow import Cli, Exec
from netres.model import Config, Interface, PrefixList, PrefixListEntry, StaticRoute
from netres.plan import ApplyResult, Guarantee, Outcome
from netres.resource import Device
from netres.testing.netns import wait_until
from netres.transport import open_transport
from netres_drivers.frr import lab as frr_lab
from netres_drivers.frr.deadman import CONFIRMING
from netres_drivers.frr.lab import FrrLab, Router

pytestmark = pytest.mark.real

WANTED = Config.of(
    [
        Interface(name="eth0", description="to the core", addresses=("192.0.2.1/30",)),
        StaticRoute(prefix="203.0.113.0/24", blackhole=True),
        PrefixList(name="PL", entries=(PrefixListEntry(seq=5, action="permit", prefix="198.51.100.0/22", le=24),)),
    ]
)
NO_WAY = Config.of([Interface(name="mgmt", enabled=False)])


@pytest.fixture(scope="module", autouse=True)
def _real_software() -> None:
    need(frr_lab.available())


@pytest.fixture
def r1(lab: FrrLab) -> Iterator[Router]:
    router = lab.routers["r1"]
    router.load("ip route 198.51.100.0/24 blackhole\ninterface eth0\n description by hand\n")
    yield router
    router.reset()


@pytest.fixture
def device(r1: Router) -> Iterator[Device]:
    with r1.entry().connect() as opened:
        yield opened


def left_behind(done: ApplyResult) -> Path:
    """Where the program has its lines, on the router: all of this machine's share one file system."""
    return Path(f"/tmp/netres-{done.token}")


def test_what_the_login_can_do_is_what_is_promised(lab: FrrLab, device: Device) -> None:
    plan = device.plan(WANTED)
    assert plan.guarantee is Guarantee.CONFIRMED
    assert plan.timer is not None
    assert plan.timer.why == "a program that netres leaves on the router"
    with lab.routers["r2"].entry().connect() as other:
        less = other.plan(WANTED)
        assert (less.guarantee, less.timer) == (Guarantee.COMPENSATED, None)
        assert "the login gives vtysh" in less.guarantee_why
        with pytest.raises(Unsupported, match="confirmed is asked for, and the device can only do compensated"):
            other.apply(less, at_least="confirmed")


def test_confirmed_it_stays_and_nothing_is_left(r1: Router, device: Device) -> None:
    done = device.apply(device.plan(WANTED), confirm_within=60)
    assert (done.outcome, done.confirmed, done.saved) == (Outcome.APPLIED, False, None)
    assert left_behind(done).stat().st_mode & 0o777 == 0o700
    final = device.confirm(done)
    assert (final.outcome, final.confirmed, final.saved) == (Outcome.APPLIED, True, True)
    assert not left_behind(done).exists()
    assert "198.51.100.0/22" in r1.running_config()
    wait_until(lambda: done.token not in r1.host.run("ps", "-eo", "args"), "the end of what waited", timeout=5)


def test_of_lines_that_did_not_all_arrive_none_is_kept(r1: Router, device: Device) -> None:
    """The session may be lost meanwhile."""
    trial = Trial(60, "0123456789ab", (Cli(("no ip route 198.51.100.0/24 blackhole",)), Cli(("end",))))
    assert CONFIRMING.begin
    arming = CONFIRMING.begin(trial)[0]
    assert isinstance(arming, Exec)
    with closing(open_transport(r1.entry(), device.driver)) as session:
        for stdin in ((), arming.stdin[:1], arming.stdin[:-2], arming.stdin[:-1]):
            with pytest.raises(Rejected):
                session.execute(replace(arming, stdin=stdin))
            assert not Path("/tmp/netres-0123456789ab").exists()


def test_the_router_takes_back_what_nobody_confirmed(r1: Router, device: Device) -> None:
    before = r1.running_config()
    done = device.apply(device.plan(WANTED, prune={"static_route"}), confirm_within=2)
    device.leave(done)
    assert r1.running_config() != before
    wait_until(lambda: not left_behind(done).exists(), "the end of the program on the router")
    assert r1.running_config() == before
    late = device.confirm(done)
    assert late.outcome is Outcome.NOT_APPLIED
    assert not late.confirmed


def test_taken_back_at_once(r1: Router, device: Device) -> None:
    before = r1.running_config()
    done = device.apply(device.plan(WANTED), confirm_within=60)
    back = device.rollback(done)
    assert (back.outcome, back.exact) == (Outcome.APPLIED, True)
    assert r1.running_config() == before
    assert not left_behind(done).exists()


def test_a_change_that_cuts_our_own_way_comes_back_by_itself(r1: Router, device: Device) -> None:
    before = r1.running_config()
    plan = device.plan(NO_WAY)
    assert plan.impact.management == "yes"
    done = device.apply(plan, confirm_within=3)
    assert done.outcome is Outcome.NOT_APPLIED
    assert done.exact
    assert r1.running_config() == before
    assert not left_behind(done).exists()
    assert device.facts().vendor == "FRRouting"


def test_where_nothing_would_take_it_back_our_own_way_is_not_cut(lab: FrrLab) -> None:
    with lab.routers["r2"].entry().connect() as device:
        plan = device.plan(NO_WAY)
        if plan.impact.management == "yes":
            with pytest.raises(Unsupported, match="our own way to the device runs over what changes"):
                device.apply(plan)
        else:
            assert plan.impact.management == "unknown"
    assert "shutdown" not in lab.routers["r2"].running_config()
