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
        (["interface gi0/0/0", "switchport access vlan 10"], "% Invalid input detected at '^' marker."),
        (["interface lo1", "encapsulation dot1Q 10"], "% Invalid input detected at '^' marker."),
        (["interface lo1", "vrf forwarding NONE"], "% VRF NONE not configured."),
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
    typed(cli, "router bgp 65546", "no neighbor 192.0.2.1")
    assert "192.0.2.1" not in device.native()
    assert "S3cret" not in "".join(map(str, device.dialogue))


def test_a_user_goes_after_a_question(device: Simulated, cli: CliSession) -> None:
    typed(cli, "conf t", "username x privilege 15 secret y", "no username x", "n")
    assert "username x" in device.native()
    cli.line("no username x")
    assert "remove all username related configurations" in cli.shown_prompt
    cli.line("")
    assert "username x" not in device.native()


def test_it_tells_what_goes_with_a_line(device: Simulated, cli: CliSession) -> None:
    device.store.load("vrf definition A\ninterface Loopback1\n description x\n ip address 10.0.0.1 255.255.255.255\n")
    typed(cli, "conf t", "interface lo1")
    assert "IPv4 disabled and address(es) removed due to enabling VRF A" in cli.line("vrf forwarding A")
    assert "interface Loopback1\n description x\n vrf forwarding A\n no ip address\n" in device.native()
    assert "set to default configuration" in cli.line("default interface lo1")
    assert "interface Loopback1\n no ip address\n" in device.native()
    typed(cli, "interface gi0/0/0.20")
    assert "% Not all config may be removed" in cli.line("no interface gi0/0/0.20")
    assert "0/0.20" not in device.native()


def test_lists_of_vlans(device: Simulated, cli: CliSession) -> None:
    typed(cli, "conf t", "vlan 10,20-22", "name last")
    assert "vlan 10\n!\nvlan 20\n!\nvlan 21\n!\nvlan 22\n name last\n!\n" in device.native()
    typed(cli, "no vlan 10,20-21")
    assert "vlan 22\n name last\n" in device.native()
    assert "vlan 20" not in device.native()
    trunk = "switchport trunk allowed vlan"
    typed(cli, "int gi0/1/0", "switchport mode trunk", f"{trunk} 10,20")
    for line, held in (
        ("add 30-32", "10,20,30-32"),
        ("remove 20", "10,30-32"),
        ("none", "none"),
        ("except 2-4094", "1"),
    ):
        typed(cli, f"{trunk} {line}")
        assert f" {trunk} {held}\n" in device.native()
    typed(cli, f"{trunk} all")
    assert trunk not in device.native()


def test_a_reload_to_come(device: Simulated, cli: CliSession) -> None:
    before = device.native()
    typed(cli, "reload in 5", "", "conf t", "hostname r2", "end")
    assert "SHUTDOWN ABORTED" in typed(cli, "reload cancel")
    assert "No reload is currently scheduled" in typed(cli, "reload cancel")
    typed(cli, "reload in 5", "")
    device.clock.advance(299)
    assert device.native() != before
    device.clock.advance(2)
    assert device.native() == before
    assert not cli.alive


def test_a_file_through_the_tcl_shell(device: Simulated, cli: CliSession) -> None:
    typed(cli, "tclsh")
    assert cli.prompt == "r1(tcl)#"
    typed(cli, 'puts [open "flash:candidate" w+] {hostname r2', "end}")
    assert not device.files
    typed(cli, "tclquit")
    assert (cli.prompt, device.files["candidate"]) == ("r1#", b"hostname r2\nend\n")


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


def test_without_a_startup_configuration(device: Simulated, cli: CliSession) -> None:
    typed(cli, "write erase", "")
    assert cli.line("show startup-config") == "startup-config is not present\n"
    device.reboot()
    assert "hostname Router\n" in device.native()
    assert "interface GigabitEthernet0/0/0\n no ip address\n" in device.native()


@pytest.mark.parametrize(
    "line",
    [
        "enable secret s3cret",
        "username x privilege 15 secret s3cret",
        "username x password 7 s3cret",
        "snmp-server community s3cret RO",
        "snmp-server host 192.0.2.1 version 2c s3cret",
        "snmp-server host 192.0.2.1 s3cret",
        "neighbor 192.0.2.1 password s3cret",
        "ntp authentication-key 1 md5 s3cret",
        "ip ospf message-digest-key 1 md5 s3cret",
        "ip ospf authentication-key s3cret",
        "key-string s3cret",
        "key 7 s3cret",
    ],
)
def test_no_secret_is_in_the_dialogue(device: Simulated, line: str) -> None:
    masked = device.masked(line)
    assert "s3cret" not in masked
    assert masked.split()[0] == line.split(maxsplit=1)[0]


def test_its_banners(device: Simulated, cli: CliSession) -> None:
    device.store.load("banner motd ^CAuthorised only.\nLeave.^C\n")
    assert cli.greet() == "\nAuthorised only.\nLeave.\n"
