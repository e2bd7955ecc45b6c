"""A simulated FRRouting 8.4 router, as a login that lands in vtysh sees it.

Shows a configuration as vtysh 8.4.4 does (vtysh/vtysh_config.c): sections in its order, lines of interfaces and route
maps sorted, defaults left out. ``tests/real/test_frr_simulator.py`` compares it, byte for byte, with a real router. No
protocol runs: what daemons would learn from each other is not simulated.
"""

from __future__ import annotations

import re
from typing import Final

from netres.testing.sim.device import Simulated, Simulator
from netres.testing.sim.indented import Call, IndentedCli, IndentedStore, command
from netres.testing.sim.modes import Dialect, Mode
from netres.testing.sim.words import Wrong
from netres_drivers.frr.sim_lines import BGP, FAMILY, INTERFACE, OSPF, ROUTE_MAP, TOP, TYPES, VRF, checked
from netres_drivers.frr.sim_show import shown

_VERSION: Final = "8.4.4"
_FACTORY: Final = """\
frr version {version}
frr defaults traditional
hostname {name}
log syslog errors
service integrated-vtysh-config
"""
_SECRETS: Final = (
    re.compile(r"neighbor \S+ password (.+)"),
    re.compile(r"(?:authentication-key|message-digest-key \d+ md5) (\S+)"),
)


class _Dialect(Dialect):
    """vtysh says what is wrong without saying where (lib/command.c)."""

    def words_of(self, wrong: Wrong, line: str, column: int) -> str:
        match wrong.kind:
            case "invalid":
                return f"% Unknown command: {line}\n"
            case "incomplete":
                return f"% Command incomplete: {line}\n"
            case "ambiguous":
                return "% Ambiguous command.\n"


_DIALECT: Final = _Dialect(
    modes={
        "configure": Mode("config", TOP),
        "vrf": Mode("config-vrf", VRF, closing="exit-vrf"),
        "interface": Mode("config-if", INTERFACE),
        "bgp": Mode("config-router", BGP),
        "family": Mode("config-router-af", FAMILY, closing="exit-address-family"),
        "ospf": Mode("config-router", OSPF),
        "route-map": Mode("config-route-map", ROUTE_MAP),
    },
    types=TYPES,
    invalid="% Unknown command",
    incomplete="% Command incomplete.",
    ambiguous="% Ambiguous command.",
    locked="VTY configuration is locked by other VTY",
    check=checked,
    climbs=True,
)


class Vtysh(IndentedCli):
    """One login at vtysh: it lands in its privileged mode."""

    types = TYPES

    @property
    def prompt(self) -> str:
        """``host# `` or ``host(config-if)# ``."""
        return super().prompt + " "

    def greet(self) -> str:
        """What vtysh says when it starts."""
        return f"\nHello, this is FRRouting (version {_VERSION}).\nCopyright 1996-2005 Kunihiro Ishiguro, et al.\n\n"

    @command("configure [terminal]")
    def configure_terminal(self, call: Call) -> str:
        """Change the running configuration, line by line."""
        return self.edits(self.store.running)

    @command("show running-config")
    @command("write terminal")
    def show_running_config(self, call: Call) -> str:
        """The running configuration."""
        return f"Building configuration...\n\nCurrent configuration:\n!\n{self.shown(self.store.running)}end\n"

    @command("show version", user=True)
    def show_version(self, call: Call) -> str:
        """Release and host name."""
        copyright_ = "Copyright 1996-2005 Kunihiro Ishiguro, et al."
        return f"FRRouting {_VERSION} ({self.host_name}) on Linux(simulated).\n{copyright_}\n"

    @command("write [memory]")
    @command("copy running-config startup-config")
    def write_memory(self, call: Call) -> str:
        """Keep the running configuration for the next start."""
        self.store.save()
        return (
            "Note: this version of vtysh never writes vtysh.conf\nBuilding Configuration...\n"
            "Integrated configuration saved to /etc/frr/frr.conf\n[OK]\n"
        )


def make(name: str) -> Simulated:
    """A router that nobody has configured yet."""
    store = IndentedStore(_DIALECT, _FACTORY.format(version=_VERSION, name=name), shown)
    device = Simulated(name, "frr", store, secrets=_SECRETS)
    device.cli = lambda: Vtysh(device, store)
    return device


SIMULATOR: Final = Simulator("frr", f"FRRouting {_VERSION}, vtysh over SSH", make)
