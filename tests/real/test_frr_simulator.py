"""The simulated router says what a real one says, byte for byte, to the same lines."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from needed import need

from netres import registry
from netres.errors import Rejected
from netres.flow import Cli, Transport
from netres.resource import Device
from netres.testing.samples import fitting
from netres.testing.sim import Simulated, SimulatedSession
from netres.transport import open_transport
from netres_drivers.frr import lab as frr_lab
from netres_drivers.frr.lab import FrrLab, Router
from netres_drivers.frr.sim import make

pytestmark = pytest.mark.real
DRIVER = registry.get("frr")
BLOCKS = {
    "interface eth0": """
description to the core
no description
ip address 192.0.2.9/30
ip address 192.0.2.300/30
no ip address 192.0.2.9/30
ipv6 address 2001:db8::1/64
ip ospf area 1
no ip ospf area
ip ospf cost 10
ip ospf cost 70000
ip ospf network point-to-point
shutdown
no shutdown
frobnicate
""",
    "router ospf": """
ospf router-id 192.0.2.1
auto-cost reference-bandwidth 1000
no auto-cost reference-bandwidth
""",
    "router bgp 65001": """
bgp router-id 192.0.2.2
no bgp router-id
no bgp ebgp-requires-policy
neighbor 192.0.2.2 remote-as 65002
neighbor 192.0.2.2 description the other side
no neighbor 192.0.2.2 description
neighbor 192.0.2.2 timers 3 9
neighbor 192.0.2.2 timers connect 5
neighbor 192.0.2.10 remote-as 65010
no neighbor 192.0.2.2
neighbor 192.0.2.2 remote-as
""",
    "ip prefix-list OWN seq 5 permit 10.0.0.0/8 le 24": """
ip prefix-list OWN seq 10 deny 10.0.0.0/16
ip prefix-list OWN seq 5 deny 10.0.0.0/8
no ip prefix-list OWN
ip route 203.0.113.0/24 192.0.2.2
ip route 203.0.113.77/24 192.0.2.2 20
no ip route 203.0.113.0/24 192.0.2.2
ip route 10.0.0.0/8 blackhole
ipv6 route 2001:db8:1::/48 blackhole
""",
    "route-map OUT permit 10": """
match ip address prefix-list OWN
no match ip address prefix-list OWN
set metric 50
no set metric
description one way
""",
    "route-map OUT deny 20": "\nmatch ip address prefix-list OWN\n",
}


def _typed(chance: random.Random) -> list[str]:
    """Some lines of some blocks."""
    lines: list[str] = []
    for _ in range(12):
        block = chance.choice(list(BLOCKS))
        lines += [block, *chance.choices(BLOCKS[block].split("\n")[1:-1], k=5)]
    return lines


@pytest.fixture(scope="module")
def router() -> Iterator[Router]:
    need(frr_lab.available())
    with FrrLab() as lab:
        yield lab.routers["r1"]


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 3), (3, 1)])
def test_whatever_the_driver_sends(router: Router, one: int, other: int) -> None:
    device = make("r1")
    router.reset()
    with (
        Device("r1", DRIVER, open_transport(router.entry(), DRIVER)) as real,
        Device("r1", DRIVER, SimulatedSession(device, DRIVER)) as simulated,
    ):
        prune = {kind for kind, feature in DRIVER.table.items() if feature.write}
        samples = list(fitting(DRIVER))
        for sample in (samples[one], samples[other]):
            plans = [shell.plan(sample, prune) for shell in (real, simulated)]
            assert plans[0].payload == plans[1].payload
            for shell, plan in zip((real, simulated), plans, strict=True):
                assert shell.apply(plan).outcome.holds
            assert _shown(device) == router.running_config()


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_typed(router: Router, seed: int) -> None:
    router.reset()
    device = make("r1")
    real, simulated = open_transport(router.entry(), DRIVER), SimulatedSession(device, DRIVER)
    story = ["configure terminal"]
    try:
        for line in [*story, *_typed(random.Random(seed))]:
            story.append(line)
            assert _taken(simulated, line) == _taken(real, line), "\n".join(story[-14:])
            if line in BLOCKS:
                assert _shown(device).splitlines() == router.running_config().splitlines(), "\n".join(story)
    finally:
        real.close()


def _taken(transport: Transport, line: str) -> bool:
    try:
        transport.execute(Cli((line,)))
    except Rejected:
        return False
    return True


def _shown(device: Simulated) -> str:
    assert device.cli is not None
    return device.cli().line("show running-config")
