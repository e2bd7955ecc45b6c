"""The simulated router's command line, line by line, in this process."""

from __future__ import annotations

import pytest

from netres.testing.sim import Simulated, registry
from netres.testing.sim.cli import CliSession


@pytest.fixture
def device() -> Simulated:
    return registry.get("cisco_iosxe").make("r1")


@pytest.fixture
def cli(device: Simulated) -> CliSession:
    assert device.cli is not None
    return device.cli()


def typed(cli: CliSession, *lines: str) -> str:
    return "".join(cli.line(line) for line in lines)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["vlan 5000"], "Command rejected: Bad VLAN list - character #5 (EOL) delimits a VLAN"),
        (["no vlan 1"], "Default VLAN 1 may not be deleted."),
        (["interface gi0/0/9"], "% Invalid input detected at '^' marker."),
        (["no interface gi0/0/0"], "% Removal of physical interfaces is not permitted"),
        (["interface lo1", "ip address 10.0.0.300 255.0.0.0"], "% Invalid input detected"),
        (["interface lo1", "ip address 10.0.0.1 255.0.255.0"], "Bad mask 0xFF00FF00 for address 10.0.0.1"),
        (["interface lo1", "ip address 10.0.0.1"], "% Incomplete command."),
        (
            ["interface lo1", "ip address 10.0.0.1 255.0.0.0", "interface gi0/0/0", "ip address 10.1.1.1 255.255.0.0"],
            "% 10.1.0.0 overlaps with Loopback1",
        ),
        (["interface gi0/0/0.20", "ip address 10.0.0.1 255.0.0.0"], "subinterface is already configured as part of"),
        (["ip route 10.0.0.1 255.0.0.0 192.0.2.1"], "%Inconsistent address and mask"),
        (["router bgp 65000", "router bgp 65001"], "BGP is already running; AS is 65000"),
        (["router bgp 65000", "neighbor 192.0.2.1 activate"], "% Specify remote-as or peer-group commands first"),
        (["switchport mode access"], "% Invalid input detected at '^' marker."),
        (["interface gi0/1/0", "switchport access vlan 4095"], "% Invalid input detected at '^' marker."),
        (["router b 1", "ne"], '% Ambiguous command:  "ne"'),
    ],
)
def test_it_refuses_what_the_platform_refuses(device: Simulated, cli: CliSession, lines: list[str], says: str) -> None:
    typed(cli, "configure terminal", *lines[:-1])
    before = device.native()
    assert says in cli.line(lines[-1])
    assert device.native() == before


def test_it_writes_lines_as_the_device_does(device: Simulated, cli: CliSession) -> None:
    typed(cli, "conf t", "int gi0/1/1", "switch acc vl 20", "no sh", "int lo7", "ip addr 10.0.0.1 255.255.255.255")
    typed(
        cli,
        "router b 1.10",
        "neigh 192.0.2.1 remote 65001",
        "addr ipv4 u",
        "neigh 192.0.2.1 act",
        "netw 10.0.0.0 m 255.0.0.0",
    )
    typed(
        cli,
        "snmp-server com S3cret ro",
        "ip domain na a.example",
        "user x pri 15 pass y",
        "banner login #two",
        "lines#",
    )
    held = device.native()
    for part in (
        "interface GigabitEthernet0/1/1\n switchport access vlan 20\n!\n",
        "interface Loopback7\n ip address 10.0.0.1 255.255.255.255\n!\n",
        """\
router bgp 65546
 bgp log-neighbor-changes
 neighbor 192.0.2.1 remote-as 65001
 !
 address-family ipv4
  network 10.0.0.0 mask 255.0.0.0
  neighbor 192.0.2.1 activate
 exit-address-family
!
""",
        "snmp-server community S3cret RO\n",
        "ip domain name a.example\n",
        "username x privilege 15 password 0 y\n",
        "banner login ^Ctwo\nlines^C\n",
    ):
        assert part in held
    typed(cli, "no neighbor 192.0.2.1")
    assert "exit-address-family\n" in held
    assert "S3cret" not in "".join(map(str, device.dialogue))


def test_a_user_goes_after_a_question(device: Simulated, cli: CliSession) -> None:
    typed(cli, "conf t", "username x privilege 15 secret y", "no username x", "n")
    assert "username x" in device.native()
    cli.line("no username x")
    assert "remove all username related configurations" in cli.shown_prompt
    cli.line("")
    assert "username x" not in device.native()


def test_a_file_through_the_tcl_shell(device: Simulated, cli: CliSession) -> None:
    typed(cli, "tclsh")
    assert cli.prompt == "r1(tcl)#"
    typed(cli, 'puts [open "flash:candidate" w+] {hostname r2', "end}")
    assert not device.files
    typed(cli, "tclquit")
    assert (cli.prompt, device.files["candidate"]) == ("r1#", b"hostname r2\nend\n")


def test_the_archive(cli: CliSession, device: Simulated) -> None:
    typed(cli, "archive config", "conf t", "archive", "maximum 2", "write-memory", "end", "wr", "wr")
    shown = cli.line("show archive")
    assert "The maximum archive configurations allowed is 2.\nThere are currently 2 archive" in shown
    assert "-2 <- Most Recent\n" in shown
    assert len(device.files) == 2


def test_what_it_shows_follows_what_it_holds(cli: CliSession, device: Simulated) -> None:
    device.store.load(
        "vlan 20\n name voice\ninterface GigabitEthernet0/1/2\n switchport access vlan 20\n"
        "interface GigabitEthernet0/0/1\n description up\n ip address 192.0.2.1 255.255.255.252\n"
        "interface GigabitEthernet0/0/2\n shutdown\nip route 0.0.0.0 0.0.0.0 192.0.2.2\n"
    )
    brief = cli.line("show ip int br")
    assert "GigabitEthernet0/0/1   192.0.2.1       YES NVRAM  up                    up" in brief
    assert "GigabitEthernet0/0/2   unassigned      YES NVRAM  administratively down down" in brief
    assert "20   voice                            active    Gi0/1/2\n" in cli.line("show vlan brief")
    routes = cli.line("show ip route")
    assert "Gateway of last resort is 192.0.2.2 to network 0.0.0.0" in routes
    assert "C        192.0.2.0/30 is directly connected, GigabitEthernet0/0/1" in routes
    assert "Gi0/0/1                        up             up       up" in cli.line("show interfaces description")
    device.clock.advance(8 * 86400)
    assert "r1 uptime is 1 week, 1 day, 0 minutes\n" in cli.line("show version")
