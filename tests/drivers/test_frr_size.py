"""Planning large configurations: what it costs, and that it is right there and back."""

from __future__ import annotations

import ipaddress
import time

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from sized import forget, items, router, running

from netres import Device, registry
from netres.flow import Reply
from netres.model import BgpNeighbor, Config, Interface, Key, StaticRoute
from netres.model.types import InterfaceAddress, IpAddress, Ipv4Address, Prefix
from netres.testing.sim import SimulatedSession
from netres.testing.sim import registry as simulators
from netres_drivers.frr import bgp_neighbor

ADDRESS, ADDRESS4, PREFIX = TypeAdapter[str](IpAddress), TypeAdapter[str](Ipv4Address), TypeAdapter[str](Prefix)
WITH_LENGTH = TypeAdapter[str](InterfaceAddress)


def seconds(lines: int) -> float:
    """Of the processor, the least of three times, to read a router with so many lines and plan for it."""
    text, wanted = running(lines), items(running(lines, changed=True))
    took: list[float] = []
    for _ in range(3):
        forget()
        began = time.process_time()
        plan = router(text).plan(wanted)
        took.append(time.process_time() - began)
        assert len(plan.changes) >= lines // 500
    return min(took)


def test_four_times_the_lines_cost_not_much_more_than_four_times_the_time() -> None:
    small, large = seconds(1000), seconds(4000)
    assert large < 7 * small, f"{large / small:.1f} times"


BEFORE = """\
interface eth0
 description WAN Link
 ip address 192.168.1.1/24
!
interface eth1
 description LAN Link
 ip address 10.0.1.1/24
!
interface eth2
 description To be removed
 ip address 10.0.2.1/24
 shutdown
!
ip route 0.0.0.0/0 192.168.1.254
ip route 10.10.0.0/16 10.0.1.254
!
router bgp 65001
 bgp router-id 192.168.1.1
 neighbor 192.168.1.2 remote-as 65002
 neighbor 192.168.1.2 description Peer Router
!
access-list 10 seq 5 permit 10.0.0.0/8
ip prefix-list CUSTOMERS description made by hand
"""
"""The situations of hier_config's circular tests, as far as FRRouting has them: a description that is another, an
interface that goes and one that comes, a neighbour described anew and another one, a route more; and among them lines
that belong to nobody, and stay."""


def wanted(before: Config) -> Config:
    kept = [item for item in before.items if item.key != Key("interface", ("eth2",))]
    by_key = {item.key: item for item in kept}
    for key, text in ((("eth0",), "WAN Link Primary"), (("eth1",), "LAN Link Updated")):
        by_key[Key("interface", key)] = by_key[Key("interface", key)].model_copy(update={"description": text})
    peer = Key("bgp_neighbor", ("192.168.1.2", "default"))
    by_key[peer] = by_key[peer].model_copy(update={"description": "Peer Router Updated"})
    new = (
        Interface(name="eth3", description="New Interface", addresses=("10.0.3.1/24",)),
        BgpNeighbor(address="192.168.1.3", remote_as=65003, description="New Peer", connect_retry=30),
        StaticRoute(prefix="10.20.0.0/16", next_hop="10.0.1.254"),
    )
    return Config.of([*by_key.values(), *new])


def test_there_and_back_is_where_it_was() -> None:
    device = simulators.get("frr").make("r1")
    device.store.load(BEFORE)
    first = device.native()
    resource = Device("r1", registry.get("frr"), SimulatedSession(device, registry.get("frr")))
    before = resource.observe()
    target, kinds = wanted(before), before.kinds() - {"system"}
    resource.apply(resource.plan(target, prune=kinds)).raise_for_outcome()
    after = device.native()
    assert resource.observe() == target
    assert resource.plan(target, prune=kinds).empty
    for line in ("access-list 10 seq 5 permit 10.0.0.0/8", "ip prefix-list CUSTOMERS description made by hand"):
        assert line in after, "what belongs to nobody stays"
    assert "To be removed" not in after
    back = resource.plan(before, prune=kinds)
    resource.apply(back).raise_for_outcome()
    assert resource.observe() == before
    assert sorted(device.native().splitlines()) == sorted(first.splitlines())


def test_an_item_that_was_read_before_is_used_again_and_a_secret_never_kept() -> None:
    text = "router bgp 65001\n neighbor 192.0.2.2 remote-as 65002\n neighbor 192.0.2.3 remote-as 65003\n"
    secret = f"{text} neighbor 192.0.2.3 password a-s3cret\n"
    forget()
    one, other = (bgp_neighbor.BLOCK.parse(Reply(secret)).items for _ in range(2))
    plain, sealed = (Key("bgp_neighbor", (f"192.0.2.{number}", "default")) for number in (2, 3))
    assert one[plain] is other[plain]
    assert one[sealed] == other[sealed]
    assert one[sealed] is not other[sealed]


def test_a_copy_with_another_name_has_another_key() -> None:
    first = StaticRoute(prefix="192.0.2.0/24", blackhole=True)
    assert first.key.values[0] == "192.0.2.0/24"
    second = first.model_copy(update={"prefix": "198.51.100.0/24"})
    assert second.key.values[0] == "198.51.100.0/24"
    assert first.model_copy(update={"prefix": "203.0.113.0/24"}, deep=True).key.values[0] == "203.0.113.0/24"
    assert first.key.values[0] == "192.0.2.0/24"


def found(adapter: TypeAdapter[str], text: str) -> str | None:
    try:
        return adapter.validate_python(text)
    except ValidationError:
        return None


OCTET = st.one_of(st.integers(0, 300).map(str), st.sampled_from(["00", "01", "٣", "", " 1"]))
TEXTS = st.builds(".".join, st.lists(OCTET, min_size=3, max_size=5))


@given(address=TEXTS, length=st.one_of(st.integers(0, 40).map(str), st.sampled_from(["", "08", "24 "])))
def test_an_address_is_taken_as_pythons_own_library_takes_it(address: str, length: str) -> None:
    def theirs(make: type, text: str) -> str | None:
        try:
            return str(make(text))
        except ValueError:
            return None

    assert found(ADDRESS, address) == theirs(ipaddress.IPv4Address, address)
    assert found(ADDRESS4, address) == theirs(ipaddress.IPv4Address, address)
    assert found(WITH_LENGTH, f"{address}/{length}") == theirs(ipaddress.IPv4Interface, f"{address}/{length}")
    assert found(PREFIX, f"{address}/{length}") == theirs(ipaddress.IPv4Network, f"{address}/{length}")
