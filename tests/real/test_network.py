"""The main job, on two real routers over real SSH: from empty to a network that carries packets, and back."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from netres import ApplyResult, Config, Device, Inventory, Outcome, registry
from netres.cli import main
from netres.errors import (
    AuthFailed,
    ConnectFailed,
    HostKeyMismatch,
    HostKeyUnknown,
    NetresError,
    StalePlan,
    Timeout,
    TransportError,
)
from netres.flow import Operation, Reply, Transport
from netres.inventory import Entry
from netres.model import BgpNeighbor, Interface, Item, Key, StaticRoute
from netres.testing.netns import wait_until
from netres.transport import open_transport
from netres_drivers.frr.lab import FrrLab, Router
from netres_drivers.frr.samples import desired

BY_HAND = """\
access-list 10 seq 5 permit 10.0.0.0/8
log syslog informational
route-map BYHAND permit 10
 set metric +5
exit
router bgp 65001
 bgp bestpath as-path multipath-relax
exit
"""


@pytest.fixture
def inventory(lab: FrrLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inventory]:
    monkeypatch.setenv("BGP_PASSWORD", "between-the-two")
    lab.write_inventory(tmp_path / "inventory.yaml")
    yield Inventory.load(tmp_path / "inventory.yaml")
    for router in lab.routers.values():
        router.reset()


@pytest.fixture
def r1(lab: FrrLab) -> Router:
    return lab.routers["r1"]


def wanted(number: int, folder: Path) -> Config:
    path = folder / f"r{number}.yaml"
    path.write_text(desired(number, "env:BGP_PASSWORD"))
    return Config.load(path)


def _established(router: Router) -> bool:
    summary = json.loads(router.vtysh("show ip bgp summary json"))
    peers = summary.get("ipv4Unicast", {}).get("peers", {})
    return bool(peers) and all(peer["state"] == "Established" for peer in peers.values())


def _full(router: Router) -> bool:
    neighbors = json.loads(router.vtysh("show ip ospf neighbor json"))["neighbors"]
    return bool(neighbors) and all(one[0]["state"].startswith("Full") for one in neighbors.values())


def _routes(router: Router, protocol: str) -> set[str]:
    return set(json.loads(router.vtysh(f"show ip route {protocol} json")))


def _wait_for_routes(router: Router, other: int) -> None:
    wait_until(lambda: _established(router), f"BGP of {router.name}", 30)
    wait_until(lambda: _full(router), f"OSPF of {router.name}", 30)
    wait_until(lambda: f"198.51.{other}.0/24" in _routes(router, "bgp"), "the route by BGP", 30)
    wait_until(lambda: f"10.{other}.0.0/24" in _routes(router, "ospf"), "the route by OSPF", 30)


def _impact(device: Device, item: Item) -> tuple[str, dict[tuple[str, str], int | None]]:
    """Of another Item in the place of one: whether our session runs over it, and what is touched."""
    found = device.plan(Config.of([item])).impact
    return found.management, {(effect.what, effect.where): effect.count for effect in found.effects}


def _check_impact(r1: Device) -> None:
    """What a plan says of a network that runs. Nothing is applied."""
    there = r1.observe()
    session = {("bgp_session", "10.0.12.2"): 1}
    routes: dict[tuple[str, str], int | None] = {("route", "BGP from 10.0.12.2"): 1}
    adjacency: dict[tuple[str, str], int | None] = {("ospf_adjacency", "eth0"): 1, ("route", "OSPF over eth0"): None}
    neighbor = there.by_key[Key("bgp_neighbor", ("10.0.12.2", "default"))]
    assert _impact(r1, neighbor.model_copy(update={"description": "the other"})) == ("no", {})
    assert _impact(r1, neighbor.model_copy(update={"policy_in": "EXPORT"})) == ("no", session)
    assert _impact(r1, neighbor.model_copy(update={"remote_as": 65009})) == ("no", session | routes)
    ospf = there.by_key[Key("ospf_interface", ("eth0",))]
    assert _impact(r1, ospf.model_copy(update={"dead_interval": 8})) == ("no", adjacency)
    link = there.by_key[Key("interface", ("eth0",))]
    assert _impact(r1, link.model_copy(update={"enabled": False})) == ("no", session | routes | adjacency)
    assert _impact(r1, Interface(name="mgmt", enabled=False)) == ("yes", {})
    why = r1.plan(Config.of([Interface(name="mgmt", enabled=False)])).impact.why
    ours = why.removeprefix("the session comes from ").partition(" ")[0]
    assert _impact(r1, StaticRoute(prefix=f"{ours}/32", blackhole=True))[0] == "yes"
    assert _impact(r1, StaticRoute(prefix="198.51.1.0/24", blackhole=True, distance=9)) == (
        "no",
        {("route", "198.51.1.0/24"): 1},
    )


def test_two_empty_routers_become_a_network(lab: FrrLab, inventory: Inventory, tmp_path: Path) -> None:
    before = {name: router.running_config() for name, router in lab.routers.items()}
    results: dict[str, ApplyResult] = {}
    for number in (1, 2):
        with inventory[f"r{number}"].connect() as resource:
            plan = resource.plan(wanted(number, tmp_path))
            assert not plan.empty
            assert plan.checked == (
                "passed vtysh -C" if number == 1 else "not checked: the login gives vtysh, not a shell with vtysh -C"
            )
            results[resource.name] = result = resource.apply(plan)
            assert result.outcome is Outcome.APPLIED, result
            assert result.saved
            assert resource.plan(wanted(number, tmp_path)).empty
    for number, router in enumerate(lab.routers.values(), 1):
        _wait_for_routes(router, 3 - number)
    wait_until(lambda: lab.routers["r1"].ping("10.1.0.1", "10.2.0.1"), "the ping between the stub networks", 30)
    with inventory["r1"].connect() as resource:
        _check_impact(resource)
    for name, result in results.items():
        with inventory[name].connect() as resource:
            back = resource.rollback(result)
            assert back.outcome is Outcome.APPLIED, back
            assert back.exact
        assert lab.routers[name].running_config() == before[name]


def test_lines_by_hand_survive_apply_and_rollback(r1: Router, inventory: Inventory, tmp_path: Path) -> None:
    r1.load(BY_HAND)
    before = r1.running_config()
    with inventory["r1"].connect() as resource:
        result = resource.apply(resource.plan(wanted(1, tmp_path), prune={"static_route", "prefix_list"}))
        assert result.outcome is Outcome.APPLIED
        after = r1.running_config().splitlines()
        assert all(line in after for line in BY_HAND.splitlines() if line != "exit")
        assert resource.rollback(result).exact
    assert r1.running_config() == before


def test_deleting_what_holds_lines_by_hand_is_refused(r1: Router, inventory: Inventory) -> None:
    r1.load(BY_HAND)
    with (
        inventory["r1"].connect() as resource,
        pytest.raises(NetresError, match=r"deleting bgp_router would take lines.*bestpath as-path multipath-relax"),
    ):
        resource.plan(Config(), prune={"bgp_router"})


def test_a_refused_line_leaves_the_router_as_it_was(r1: Router, inventory: Inventory, tmp_path: Path) -> None:
    before = r1.running_config()
    own_address = BgpNeighbor(address="10.0.12.1", remote_as=65009)
    config = Config.of([*wanted(1, tmp_path).items, own_address])
    with inventory["r1"].connect() as resource:
        result = resource.apply(resource.plan(config))
    assert result.outcome is Outcome.NOT_APPLIED
    assert result.exact
    assert "Can not configure the local system as neighbor" in result.error
    assert "'neighbor 10.0.12.1 remote-as 65009'" in result.error
    assert result.error_type == "Rejected"
    assert r1.running_config() == before


@pytest.mark.parametrize("size", [300, 1500, 2500, 4500])
def test_a_cut_in_the_middle_is_told_truthfully(r1: Router, inventory: Inventory, tmp_path: Path, size: int) -> None:
    before = r1.running_config()
    entry = _impatient(inventory["r1"])
    with entry.connect() as resource:
        plan = resource.plan(wanted(1, tmp_path))
        r1.host.cut_after(size)
        result = resource.apply(plan)
        assert result.outcome is Outcome.UNKNOWN, result
        assert result.error_type in {"Timeout", "TransportError"}
        with pytest.raises(TransportError):
            resource.observe()
        assert not _unsent(entry.host), "a line that is still under way would be executed when the link is back"
    assert r1.running_config() != before or size < 1000
    r1.host.mend()
    with entry.connect() as resource:
        truth = resource.refresh(result)
        assert truth.outcome is (Outcome.NOT_APPLIED if r1.running_config() == before else Outcome.DIFFERS)
        back = resource.rollback(result)
        assert back.outcome is Outcome.APPLIED
        assert back.exact
    assert r1.running_config() == before


def test_a_cut_that_ends_in_time_is_undone_at_once(r1: Router, inventory: Inventory, tmp_path: Path) -> None:
    before = r1.running_config()
    entry = inventory["r1"]
    impatient = entry.model_copy(update={"timeouts": entry.timeouts.model_copy(update={"command": 1.0})})
    with impatient.connect() as resource:
        plan = resource.plan(wanted(1, tmp_path))
        r1.host.cut_after(2000)
        mending = threading.Timer(2.0, r1.host.mend)
        mending.start()
        result = resource.apply(plan)
        mending.join()
        assert result.outcome is Outcome.NOT_APPLIED, result
        assert result.error_type == "Timeout"
        assert result.exact
        assert r1.running_config() == before
        assert resource.apply(resource.plan(wanted(1, tmp_path))).outcome is Outcome.APPLIED


def test_a_cut_after_the_last_line_is_no_failure(r1: Router, inventory: Inventory, tmp_path: Path) -> None:
    entry = inventory["r1"]
    impatient = entry.model_copy(update={"timeouts": entry.timeouts.model_copy(update={"command": 1.0})})
    with impatient.connect() as resource:
        plan = resource.plan(Config.of([StaticRoute(prefix="10.7.0.0/16", blackhole=True)]))

        class CutAtEnd:
            """Lets the router have ``end``, but not us its answer."""

            def __init__(self, inner: Transport) -> None:
                self.inner = inner

            def execute(self, operation: Operation) -> Reply:
                if str(operation) == "end":
                    r1.host.cut_after(0, "from-host")
                    mending = threading.Timer(1.5, r1.host.mend)
                    mending.start()
                return self.inner.execute(operation)

            def close(self) -> None:
                self.inner.close()

        cut = Device("r1", resource.driver, CutAtEnd(open_transport(impatient, resource.driver)))
        with cut:
            result = cut.apply(plan)
        assert result.outcome is Outcome.APPLIED, result
        assert "the device had taken everything" in result.notes[0]
    assert "ip route 10.7.0.0/16 blackhole" in r1.running_config()


def test_an_interrupt_is_undone_before_it_goes_on(r1: Router, inventory: Inventory, tmp_path: Path) -> None:
    before = r1.running_config()
    config = wanted(1, tmp_path)
    with Device("r1", registry.get("frr"), Interrupted(inventory["r1"], "router ospf")) as device:
        plan = device.plan(config)
        with pytest.raises(KeyboardInterrupt):
            device.apply(plan)
        assert r1.running_config() == before
        result = device.apply(device.plan(config))
        assert result.outcome is Outcome.APPLIED
    with Device("r1", registry.get("frr"), Interrupted(inventory["r1"], "no router ospf")) as device:
        with pytest.raises(KeyboardInterrupt):
            device.rollback(result)
        assert r1.running_config() == before


def test_a_command_that_is_terminated_undoes_first(r1: Router, inventory: Inventory, tmp_path: Path) -> None:
    before = r1.running_config()
    wanted(1, tmp_path)
    command = [sys.executable, "-m", "netres", "apply", "r1", "r1.yaml", "--yes"]
    r1.host.cut_after(6500)
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as running:
        wait_until(lambda: r1.running_config() != before, "the first lines of the change", 20)
        running.terminate()
        r1.host.mend()
        _, told = running.communicate(timeout=30)
    assert running.returncode == 130
    assert told.startswith("error: interrupted")
    assert r1.running_config() == before


class Interrupted:
    """A real session in which Ctrl-C is pressed once, when a line was sent and its answer is awaited."""

    def __init__(self, entry: Entry, at: str) -> None:
        self.inner = open_transport(entry, registry.get("frr"))
        self.at = at

    def execute(self, operation: Operation) -> Reply:
        if str(operation) != self.at:
            return self.inner.execute(operation)
        self.at = ""
        threading.Timer(0.0005, signal.raise_signal, [signal.SIGINT]).start()
        self.inner.execute(operation)
        signal.sigtimedwait([], 5)  # where the answer was faster, the interrupt comes here
        raise AssertionError("no interrupt came")

    def close(self) -> None:
        self.inner.close()


@pytest.mark.usefixtures("inventory")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": "file:wrong"}, "refused"),
        ({"port": 9}, "the port is closed"),
        ({"ssh": {"known_hosts": "/dev/null", "config": "/dev/null", "agent": False}}, "host key"),
    ],
)
def test_the_command_line_says_in_one_line_why_it_did_not_get_in(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: dict[str, object],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wrong").write_text("not-the-one")
    path = tmp_path / "inventory.yaml"
    devices = yaml.safe_load(path.read_text())["devices"]
    path.write_text(yaml.safe_dump({"devices": {"r1": devices["r1"] | change}}))
    assert main(["facts", "r1", "-i", str(path)]) == 1
    told = capsys.readouterr()
    assert not told.out
    assert len(told.err.splitlines()) == 1
    assert words in told.err
    assert "not-the-one" not in told.err
    assert "Traceback" not in told.err


def _unsent(host: str) -> list[str]:
    """Connections to a host on which the kernel still has bytes to deliver (proc(5): tx_queue)."""
    address = socket.inet_aton(host)[::-1].hex().upper()
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sending = [row for row in rows if row[2].startswith(address) and row[3] != "02"]  # 02: SYN_SENT, nothing to lose
    return [" ".join(row[1:5]) for row in sending if int(row[4].split(":")[0], 16)]


def _impatient(entry: Entry) -> Entry:
    return entry.model_copy(update={"timeouts": entry.timeouts.model_copy(update={"connect": 2.0, "command": 1.0})})


def test_a_plan_for_a_router_that_changed_is_stale(r1: Router, inventory: Inventory, tmp_path: Path) -> None:
    with inventory["r1"].connect() as resource:
        plan = resource.plan(wanted(1, tmp_path))
        r1.load("interface lan0\n description by hand\n")
        with pytest.raises(StalePlan, match="r1 changed since the plan was made"):
            resource.apply(plan)


def test_five_ways_not_to_get_in(r1: Router, inventory: Inventory, tmp_path: Path) -> None:
    good = _impatient(inventory["r1"])
    secret = tmp_path / "wrong"
    secret.write_text("wrong")
    nowhere = tmp_path / "nobody"
    nowhere.touch()
    strangers = good.model_copy(update={"ssh": good.ssh.model_copy(update={"known_hosts": nowhere})})
    cases: list[tuple[Entry, type[NetresError]]] = [
        (Entry.model_validate({**good.model_dump(), "password": f"file:{secret}"}), AuthFailed),
        (strangers, HostKeyUnknown),
        (good.model_copy(update={"port": 9}), ConnectFailed),
    ]
    for entry, error in cases:
        with pytest.raises(error) as caught:
            entry.connect()
        assert type(caught.value) is error
    r1.host.cut()
    with pytest.raises(Timeout):
        good.connect()
    r1.host.mend()
    r1.sshd.rekey()
    with pytest.raises(HostKeyMismatch):
        good.connect()
    r1.sshd.write_known_hosts()
    good.connect().close()


def test_the_same_verbs_awaited(inventory: Inventory, lab: FrrLab, tmp_path: Path) -> None:
    async def one(number: int) -> str:
        async with inventory[f"r{number}"].connect_async() as resource:
            facts = await resource.facts()
            result = await resource.apply(await resource.plan(wanted(number, tmp_path)))
            assert result.outcome is Outcome.APPLIED
            assert await resource.observe(["bgp_router"])
            assert (await resource.refresh(result)).outcome is Outcome.APPLIED
            assert (await resource.rollback(result)).exact
        return f"{facts.vendor} {facts.os_version} {facts.hostname}"

    async def both() -> list[str]:
        return list(await asyncio.gather(one(1), one(2)))

    version = lab.routers["r1"].vtysh("show version").split()[1]
    assert asyncio.run(both()) == [f"FRRouting {version} r1", f"FRRouting {version} r2"]


def test_a_way_back_spares_what_was_added_by_hand(r1: Router, inventory: Inventory, tmp_path: Path) -> None:
    with inventory["r1"].connect() as resource:
        result = resource.apply(resource.plan(wanted(1, tmp_path)))
        r1.load("route-map EXPORT permit 10\n call BYHAND\nexit\n")
        before = r1.running_config()
        with pytest.raises(NetresError, match=r"route_map\[EXPORT 10\] would take lines .*: call BYHAND"):
            resource.rollback(result)
        assert r1.running_config() == before


def test_an_address_that_stays_is_still_on_the_interface(r1: Router, inventory: Inventory) -> None:
    r1.load("interface lan0\n ip address 10.5.0.1/24\n ip address 10.5.0.2/24\nexit\n")
    before = r1.running_config()
    with inventory["r1"].connect() as resource:
        result = resource.apply(resource.plan(Config.of([Interface(name="lan0", addresses=("10.5.0.2/24",))])))
        assert result.outcome is Outcome.APPLIED
        assert "inet 10.5.0.2/24" in r1.host.ip("-4", "addr", "show", "dev", "lan0")
        assert resource.rollback(result).exact
    assert r1.running_config() == before
    assert r1.host.ip("-4", "addr", "show", "dev", "lan0").count("inet 10.5.0.") == 2


def test_items_in_the_order_they_were_made_come_back_in_that_order(r1: Router, inventory: Inventory) -> None:
    r1.load("ip prefix-list B seq 5 permit any\nip prefix-list A seq 5 deny any\nip prefix-list C seq 5 deny any\n")
    before = r1.running_config()
    with inventory["r1"].connect() as resource:
        kept = [item for item in resource.observe(["prefix_list"]).items if item.key.values[0] != "B"]
        result = resource.apply(resource.plan(Config.of(kept), prune={"prefix_list"}))
        assert result.outcome is Outcome.APPLIED
        assert resource.rollback(result).exact
    assert r1.running_config() == before


def test_lines_keep_the_spelling_they_had(r1: Router, inventory: Inventory) -> None:
    r1.load("interface eth0\n ip ospf area 0\n ip ospf cost 7\nexit\nip route 10.9.0.0/16 Null0 9\n")
    before = r1.running_config()
    assert " ip ospf area 0\n" in before
    with inventory["r1"].connect() as resource:
        result = resource.apply(resource.plan(Config(), prune={"ospf_interface", "static_route"}))
        assert resource.observe(["ospf_interface", "static_route"]) == Config()
        assert resource.rollback(result).exact
    assert r1.running_config() == before


def test_an_interface_with_nothing_configured_is_none(r1: Router, inventory: Inventory) -> None:
    with inventory["r1"].connect() as resource:
        assert resource.plan(Config.of([Interface(name="eth0")])).empty
        route = StaticRoute(prefix="10.8.0.0/16", interface="eth0", distance=1)
        result = resource.apply(resource.plan(Config.of([route])))
        assert result.outcome is Outcome.APPLIED
        assert resource.plan(Config.of([route])).empty
        assert resource.rollback(result).exact
