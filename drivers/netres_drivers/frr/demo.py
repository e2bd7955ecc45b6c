"""A real FRR router for the demo, and a longer play on two that become neighbours."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from netres.testing.demo import Part, Stage
from netres.testing.netns import wait_until
from netres_drivers.frr.lab import FrrLab, Router, available
from netres_drivers.frr.samples import desired

__all__ = ["available", "families", "part", "real", "run"]

families = ("router",)
real = True
_SECONDS: Final = 30.0
_DESIRED: Final = """\
items:
  - {kind: interface, name: eth0, description: to the core, addresses: [192.0.2.1/30]}
  - {kind: static_route, prefix: 198.51.100.0/24, next_hop: 192.0.2.2}
  - {kind: bgp_router, asn: 65001, router_id: 192.0.2.1}
  - {kind: bgp_neighbor, address: 192.0.2.2, remote_as: 65002, description: the core}
"""


@contextmanager
def part(family: str, folder: Path) -> Generator[Part]:
    """A router in a network namespace, behind its own SSH server."""
    with FrrLab() as lab:
        router = lab.routers["r1"]

        def by_hand() -> str:
            router.load("interface eth0\n description changed by hand\nexit\n")
            return "interface eth0 has another description now"

        software = "FRRouting, in a network namespace, over SSH"
        yield Part(router.entry(), software, _DESIRED, by_hand, router.running_config)


def run(stage: Stage) -> None:
    """From two empty routers to a network that carries packets; a change by hand; and all the way back."""
    (stage.folder / "bgp-password").write_text("made-up-for-the-demo\n")
    for number in (1, 2):
        reference = f"file:{stage.folder / 'bgp-password'}"
        (stage.folder / f"r{number}.yaml").write_text(desired(number, reference))
    stage.say("Starting two routers, each with its own SSH server ...")
    with FrrLab() as lab:
        lab.write_inventory(stage.folder / "inventory.yaml")
        before = {name: router.running_config() for name, router in lab.routers.items()}
        stage.netres("facts", "r1")
        stage.say("What can this router do?")
        stage.netres("capabilities", "r1")
        stage.say("What would have to change, so that it is as r1.yaml says? Nothing is sent but reads.")
        stage.netres("plan", "r1", "r1.yaml")
        stage.say("Apply to both. Nothing counts as done until it was read back.")
        for name in lab.routers:
            stage.netres("apply", name, f"{name}.yaml", "--yes", "-o", f"{name}.result.json")
        _neighbours(stage, lab)
        stage.say("Somebody changes the router by hand. The next plan shows the drift:")
        lab.routers["r1"].load("interface lan0\n description changed by hand\nexit\nip route 192.0.2.0/24 blackhole\n")
        stage.netres("plan", "r1", "r1.yaml", "--prune", "static_route")
        stage.netres("apply", "r1", "r1.yaml", "--prune", "static_route", "--yes")
        stage.say("All the way back, from the results that were stored:")
        for name in lab.routers:
            stage.netres("rollback", name, f"{name}.result.json")
        same = all(router.running_config() == before[name] for name, router in lab.routers.items())
        stage.say(f"Running configurations are {'byte for byte as before' if same else 'NOT as before'}.")


def _neighbours(stage: Stage, lab: FrrLab) -> None:
    stage.say("The neighbours find each other:")
    r1 = lab.routers["r1"]
    wait_until(lambda: _state(r1) == "Established", "BGP", _SECONDS)
    wait_until(lambda: "Full" in r1.vtysh("show ip ospf neighbor"), "OSPF", _SECONDS)
    wait_until(lambda: r1.ping("10.1.0.1", "10.2.0.1"), "the ping from LAN to LAN", _SECONDS)
    for command in ("show ip ospf neighbor", "show ip bgp summary", "show ip route bgp"):
        stage.say(f"r1# {command}")
        print(r1.vtysh(command).strip())  # noqa: T201 - the router's own words, as they are
    stage.say("A ping from r1's LAN (10.1.0.1) to r2's LAN (10.2.0.1) is answered.")


def _state(router: Router) -> str:
    peers = json.loads(router.vtysh("show ip bgp summary json")).get("ipv4Unicast", {}).get("peers", {})
    return str(peers.get("10.0.12.2", {}).get("state"))
