"""The command line of the simulated router: what it shows of itself."""

from __future__ import annotations

from typing import Final

from netres.testing.sim.cli import Refused
from netres.testing.sim.indented import Call, command
from netres_drivers.cisco_iosxe import sim_interfaces as interfaces
from netres_drivers.cisco_iosxe.sim_session import NVRAM, Router, moment
from netres_drivers.cisco_iosxe.sim_tcl import Tcl

_VERSION: Final = """\
Cisco IOS XE Software, Version 17.09.04a
Cisco IOS Software [Cupertino], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 17.9.4a, RELEASE SOFTWARE (fc3)
Technical Support: http://www.cisco.com/techsupport
Copyright (c) 1986-2023 by Cisco Systems, Inc.
Compiled Fri 20-Oct-23 10:36 by mcpre


ROM: 16.9(1r)

{host} uptime is {uptime}
Uptime for this control processor is {uptime}
System returned to ROM by {reason}
System restarted at {started}
System image file is "bootflash:isr4300-universalk9.17.09.04a.SPA.bin"
Last reload reason: {reason}



cisco ISR4331/K9 (1RU) processor with 1694893K/3071K bytes of memory.
Processor board ID {serial}
Router operating mode: Autonomous
1 Virtual Ethernet interface
7 Gigabit Ethernet interfaces
{nvram}K bytes of non-volatile configuration memory.
4194304K bytes of physical memory.
3172900K bytes of flash memory at bootflash:.

Configuration register is 0x2102

"""
_CODES: Final = """\
Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP
       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area

"""


def lasted(seconds: float) -> str:
    """``1 week, 2 days, 3 hours, 4 minutes``."""
    minutes, parts = int(seconds // 60), list[str]()
    for name, size in (("week", 10080), ("day", 1440), ("hour", 60)):
        count, minutes = divmod(minutes, size)
        if count:
            parts.append(f"{count} {name}{'s' if count > 1 else ''}")
    return ", ".join([*parts, f"{minutes} minute{'' if minutes == 1 else 's'}"])


class RouterLine(Tcl):
    """The whole command line."""

    @command("show version", user=True)
    def show_version(self, call: Call) -> str:
        """Hardware and software."""
        router = self.router
        return _VERSION.format(
            host=self.host_name,
            uptime=lasted(self.device.clock.now - router.booted),
            started=moment(router.time(router.booted)),
            reason=router.reason,
            serial=router.serial,
            nvram=NVRAM // 1024,
        )

    @command("show inventory", user=True)
    def show_inventory(self, call: Call) -> str:
        """Parts."""
        serial = self.router.serial
        return (
            'NAME: "Chassis", DESCR: "Cisco ISR4331 Chassis"\n'
            f"PID: ISR4331/K9        , VID: V05  , SN: {serial}\n\n" + 'NAME: "NIM subslot 0/1", DESCR: "NIM-ES2-4"\n'
            f"PID: NIM-ES2-4         , VID: V01  , SN: {serial[:3]}{serial[:2:-1]}\n\n"
        )

    @command("show clock", user=True)
    def show_clock(self, call: Call) -> str:
        """The time; never set by NTP: nothing is reached from here."""
        time = self.router.time()
        return f"*{time:%H:%M:%S}.{time.microsecond // 1000:03} UTC {time:%a %b} {time.day} {time.year}\n"

    @command("show hosts", user=True)
    def show_hosts(self, call: Call) -> str:
        """Names."""
        domain = self.router.value("ip domain name")
        default = f"Default domain is {domain}" if domain else "Default domain is not set"
        return (
            f"{default}\nName/address lookup uses static mappings\n\n"
            "Codes: u - unknown, e - expired, * - OK, ? - revalidate\n       t - temporary, p - permanent\n\n"
            "Host                      Port  Flags      Age Type   Address(es)\n"
        )

    @command("show ip interface brief", user=True)
    def show_ip_interface_brief(self, call: Call) -> str:
        """Addresses and states."""
        return interfaces.brief(interfaces.ports(self.router))

    @command("show interfaces [<interface>]", user=True)
    def show_interfaces(self, call: Call) -> str:
        """Everything of each, or of one."""
        found = interfaces.ports(self.router)
        if call.values and call.values[0] not in {port.name for port in found}:
            raise Refused(self.refusal("show interfaces"))
        return interfaces.details([port for port in found if not call.values or port.name == call.values[0]])

    @command("show interfaces description", user=True)
    def show_interfaces_description(self, call: Call) -> str:
        """What they are for."""
        return interfaces.descriptions(interfaces.ports(self.router))

    @command("show vlan [brief]", user=True)
    @command("show vlan-switch", user=True)
    def show_vlan(self, call: Call) -> str:
        """The VLANs and the access ports in them."""
        return interfaces.vlans(self.router)

    @command("show ip route", user=True)
    def show_ip_route(self, call: Call) -> str:
        """What leads where."""
        lines = list(interfaces.routes(self.router))
        gateway = next((line.split()[-1] for line in lines if line.startswith("S*")), "")
        last = f"{gateway} to network 0.0.0.0" if gateway else "not set"
        return f"{_CODES}Gateway of last resort is {last}\n\n" + "".join(f"{line}\n" for line in lines)

    @command("show users", user=True)
    def show_users(self, call: Call) -> str:
        """Who is logged in: at least who asks."""
        head = "    Line       User       Host(s)              Idle       Location\n"
        return head + f"*  1 vty 0     {self.device.username:<10} idle                 00:00:00 127.0.0.1\n"


__all__ = ["Router", "RouterLine"]
