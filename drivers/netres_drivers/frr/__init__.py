"""FRRouting, through vtysh over SSH. One file per kind; what they share is in ``common``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from netres.driver import Absent, Driver, Facts, Source, Support
from netres.errors import DeviceError, Rejected
from netres.flow import Cli, Exec, Flow, Operation, show
from netres.plan import Guarantee
from netres.text.block import foreign, unowned
from netres.text.snippets import indented
from netres_drivers.frr import (
    bgp_neighbor,
    bgp_network,
    bgp_router,
    interface,
    ospf_interface,
    ospf_router,
    prefix_list,
    route_map,
    static_route,
    system,
)
from netres_drivers.frr.common import BEGIN, COMMIT, IMPLICIT, ONE_WAY, REFUSED, SHELL, SHOW
from netres_drivers.frr.deadman import CONFIRMING
from netres_drivers.frr.impact import impact

_FEATURES: Final = (
    system,
    interface,
    static_route,
    prefix_list,
    route_map,
    bgp_router,
    bgp_neighbor,
    bgp_network,
    ospf_router,
    ospf_interface,
)
_VERSION: Final = re.compile(r"^FRRouting (\S+) \((\S+)\)(?: on (.+?)\.?)?$", re.MULTILINE)
_HOST: Final = "FRR leaves this to the host's operating system"


def _facts() -> Flow[Facts]:
    text = (yield from show("show version")).text
    found = _VERSION.search(text)
    if found is None:
        return Facts(vendor="FRRouting")
    return Facts(vendor="FRRouting", model=found[3], os_version=found[1], hostname=found[2])


def _dry_check(operations: Sequence[Operation]) -> Flow[str]:
    """Ask ``vtysh -C``. Where the login lands in vtysh and not in a shell, there is nobody to ask."""
    try:
        probe = yield Exec("vtysh --help")
        if "Integrated shell for FRR" not in probe.text:
            return "not checked: the login gives vtysh, not a shell with vtysh -C"
        text = "".join(f"{operation}\n" for operation in operations)
        reply = yield Exec("vtysh -C -f /dev/stdin", (text,))
    except DeviceError as error:
        return f"not checked: {error}"
    if reply.status:
        raise Rejected("vtysh -C", reply.text.strip())
    return "passed vtysh -C"


DRIVER = Driver(
    platform="frr",
    title="FRRouting 8.4",
    vendor="FRRouting",
    families=("router",),
    features=tuple(module.FEATURE for module in _FEATURES),
    native=lambda: show(SHOW),
    whole=lambda native: native.text.rstrip().endswith("\nend"),
    facts=_facts,
    guarantee=Guarantee.COMPENSATED,
    guarantee_why="vtysh has neither a candidate nor a timed revert; netres plans the way back and reads it back",
    transport="ssh",
    begin=BEGIN,
    commit=COMMIT,
    abort=COMMIT,
    confirming=CONFIRMING,
    save=(Cli(("write memory",)),),
    shell=SHELL,
    absent={
        "vlan": Absent(Support.NEVER, _HOST),
        "dns_server": Absent(Support.NEVER, _HOST),
        "ntp_server": Absent(Support.NEVER, _HOST),
        "syslog_server": Absent(Support.NEVER, "FRR logs to files and to the local syslog only"),
    },
    foreign=foreign(module.BLOCK for module in _FEATURES),
    unowned=unowned(module.BLOCK for module in _FEATURES),
    snippets=indented((module.BLOCK for module in _FEATURES), implicit=IMPLICIT, refused=REFUSED, one_way=ONE_WAY),
    impact=impact,
    dry_check=_dry_check,
    source=Source.PROVEN,
)
