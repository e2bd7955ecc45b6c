"""The laboratory itself: real routers start, answer over SSH, can be cut and reset, and leave nothing behind."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from needed import need

from netres.errors import MissingDependency, UsageError
from netres.inventory.entry import Entry
from netres.testing import netns, sshd
from netres.testing.netns import Host, wait_until
from netres_drivers.frr import lab as frr_lab
from netres_drivers.frr.lab import FrrLab, Router

pytestmark = pytest.mark.real

SOME_OF_EVERYTHING = """\
interface eth0
 description to r2
 ip address 10.0.12.1/24
 ip ospf area 0
 shutdown
exit
interface lo
 ip address 10.255.0.1/32
exit
ip prefix-list PL seq 5 permit 10.0.0.0/8
route-map RM permit 10
exit
ip route 198.51.100.0/24 blackhole
ipv6 route 2001:db8:77::/48 blackhole
router ospf
 ospf router-id 1.1.1.1
exit
router bgp 65001
 neighbor 10.0.12.2 remote-as 65002
exit
no ip forwarding
"""


@pytest.fixture(scope="module", autouse=True)
def _real_software() -> None:
    need(frr_lab.available() or (None if shutil.which("ssh") else "not installed: ssh; install openssh-client"))


@pytest.fixture
def r1(lab: FrrLab) -> Iterator[Router]:
    yield lab.routers["r1"]
    lab.routers["r1"].reset()


@pytest.fixture
def r2(lab: FrrLab) -> Iterator[Router]:
    yield lab.routers["r2"]
    lab.routers["r2"].reset()


def ssh(router: Router, *command: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """OpenSSH's client, with the password and the known_hosts file of the router's entry; 5 seconds to connect."""
    entry = router.entry()
    assert entry.password is not None
    assert entry.password.ref is not None
    askpass = router.host.directory / "askpass"
    askpass.write_text(f"#!/bin/sh\ncat {entry.password.ref.removeprefix('file:')}\n")
    askpass.chmod(0o700)
    options = ("-F", "none", "-o", f"UserKnownHostsFile={entry.ssh.known_hosts}", "-o", "StrictHostKeyChecking=yes")
    limits = ("-o", "ConnectTimeout=5", "-o", "NumberOfPasswordPrompts=1")
    return subprocess.run(
        ["ssh", *options, *limits, "-p", str(entry.port), f"{entry.username}@{entry.host}", *command],
        input=text,
        env=os.environ | {"SSH_ASKPASS": str(askpass), "SSH_ASKPASS_REQUIRE": "force"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def connects(router: Router) -> bool:
    try:
        with socket.create_connection((router.host.address, router.sshd.port), timeout=0.5):
            return True
    except TimeoutError:  # silence; a closed port would be another error, and another bug
        return False


def echoed(host: Host, size: int) -> bool:
    """Whether a ping whose IP packet has ``size`` bytes is answered."""
    ping = ["ping", "-n", "-c", "1", "-W", "1", "-s", str(size - 28), host.address]
    return subprocess.run(ping, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("name", ["r1", "r2"])
def test_the_host_name_stands_once_in_the_configuration(lab: FrrLab, name: str) -> None:
    lines = lab.routers[name].running_config().splitlines()
    assert [line for line in lines if "hostname" in line] == [f"hostname {name}"]
    assert "log syslog errors" in lines


def test_ssh_ends_in_vtysh_with_the_routers_prompt(r1: Router, r2: Router) -> None:
    for router in (r1, r2):
        answer = ssh(router, text="show running-config\n").stdout
        assert f"\n{router.name}# show running-config\n{router.running_config()}{router.name}# " in answer


def test_a_unix_shell_is_reached_on_r1_only(r1: Router, r2: Router) -> None:
    assert ssh(r1, "echo $((40 + 2))").stdout == "42\n"
    answer = ssh(r2, "echo $((40 + 2))").stdout
    assert "42" not in answer
    assert "\nr2# " in answer


def test_dry_check_in_the_shell(r1: Router) -> None:
    check = f"vtysh -N {r1.host.namespace} -C -f /dev/stdin"
    assert ssh(r1, check, text="interface eth0\n description fine\n").returncode == 0
    refused = ssh(r1, check, text="interface eth0\n bogus\n")
    assert (refused.returncode, refused.stderr) == (2, "line 2: % Unknown command[17]:  bogus\n")
    assert "interface eth0" not in r1.running_config()


def test_the_configuration_is_saved_over_ssh(r1: Router) -> None:
    r1.load("interface lan0\n description kept\n")
    answer = ssh(r1, text="write memory\n").stdout
    assert "\n[OK]\n" in answer
    assert "%" not in answer
    saved = Path("/etc/frr", r1.host.namespace, "frr.conf")
    assert " description kept\n" in saved.read_text()


def test_a_refused_line_is_an_error(r1: Router) -> None:
    with pytest.raises(UsageError, match=r"in r1-\d+: vtysh .* line 2: % Unknown command\[17\]:  bogus"):
        r1.load("interface eth0\n bogus\n")


def test_reset_is_exact(r1: Router) -> None:
    before = r1.running_config(), r1.host.ip("route"), r1.host.ip("-o", "addr", "show", "scope", "global")
    r1.load(SOME_OF_EVERYTHING)
    wait_until(
        lambda: "198.51.100.0" in r1.host.ip("route") and "2001:db8:77::" in r1.host.ip("-6", "route"),
        "the routes in the kernel",
    )
    r1.vtysh("write memory")
    r1.host.cut()
    r1.reset()
    assert before == (r1.running_config(), r1.host.ip("route"), r1.host.ip("-o", "addr", "show", "scope", "global"))
    assert "2001:db8:77::" not in r1.host.ip("-6", "route")
    assert r1.host.run("cat", "/proc/sys/net/ipv4/ip_forward") == "1\n"
    assert "BROADCAST,MULTICAST,UP" in r1.host.ip("link", "show", "eth0")
    assert connects(r1)
    assert Path("/etc/frr", r1.host.namespace, "frr.conf").read_text() == "log syslog errors\n"


def test_packets_pass_between_the_routers(r1: Router, r2: Router) -> None:
    r1.load("interface eth0\n ip address 10.0.12.1/24\n")
    r2.load("interface eth0\n ip address 10.0.12.2/24\n")
    wait_until(lambda: r1.ping("10.0.12.1", "10.0.12.2"), "an answer of r2")
    assert not r1.ping("eth0", "10.0.12.3")


def test_a_cut_is_silent_and_can_be_mended(r1: Router) -> None:
    assert connects(r1)
    r1.host.cut()
    r1.host.cut()
    assert not connects(r1)
    r1.host.mend()
    r1.host.mend()
    assert connects(r1)


@pytest.mark.parametrize("direction", ["to-host", "from-host"])
def test_a_cut_comes_after_so_many_bytes(r1: Router, direction: str) -> None:
    r1.host.cut_after(2500, "to-host" if direction == "to-host" else "from-host")
    assert [echoed(r1.host, 1000) for _ in range(4)] == [True, True, False, False]
    assert not connects(r1)
    r1.host.mend()
    assert connects(r1)


def test_a_changed_host_key_is_noticed_by_the_client(r2: Router) -> None:
    old = r2.sshd.known_hosts_line
    r2.sshd.rekey()
    assert r2.sshd.known_hosts_line != old
    assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in ssh(r2).stderr
    r2.sshd.write_known_hosts()
    assert ssh(r2, text="\n").returncode == 0


def test_the_inventory_holds_the_entries(lab: FrrLab, tmp_path: Path) -> None:
    lab.write_inventory(tmp_path / "inventory.yaml")
    devices = yaml.safe_load((tmp_path / "inventory.yaml").read_text())["devices"]
    assert [Entry(name=name, **device) for name, device in devices.items()] == [
        router.entry() for router in lab.routers.values()
    ]


def test_two_laboratories_run_at_once_and_leave_nothing(lab: FrrLab) -> None:
    other = FrrLab()
    pids: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        _interrupted(other, pids)
    routers = list(other.routers.values())
    assert not {r.host.address for r in routers} & {r.host.address for r in lab.routers.values()}
    namespaces = {router.host.namespace for router in routers}
    assert [pid for pid in pids if Path("/proc", pid).exists()] == []
    assert [path for pid in pids for path in Path("/var/tmp/frr").glob(f"*.{pid}")] == []
    assert not namespaces & {line.split()[0] for line in netns.command("ip", "netns").splitlines()}
    places = [Path(root, name) for root in ("/etc/frr", "/var/run/frr") for name in namespaces]
    places += [router.host.directory for router in routers]
    assert [place for place in places if place.exists()] == []
    links = netns.command("ip", "-br", "link")
    assert [name for name in namespaces if f"nrm{name.partition('-')[2]}@" in links] == []
    assert lab.routers["r1"].vtysh("show version").startswith("FRRouting")


def _interrupted(other: FrrLab, pids: list[str]) -> None:
    with other:
        for router in other.routers.values():
            pids += netns.command("ip", "netns", "pids", router.host.namespace).split()
        assert len(pids) >= 2 * 6  # daemons, watchfrr and sshd
        raise KeyboardInterrupt


def test_a_user_of_this_machine_is_not_taken_over() -> None:
    with pytest.raises(UsageError, match="'root' of this machine was not made by a laboratory"):
        sshd.account("root")


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert frr_lab.available() == "not installed: ip, nft, unshare; install the packages iproute2, nftables, util-linux"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(MissingDependency, match="need root"):
        FrrLab().__enter__()
