"""Any device that has an SNMP agent: what standard MIBs tell, and the little they let be written."""

from __future__ import annotations

from typing import Final

from netres.driver import Absent, Driver, Source, Support
from netres.model import KINDS
from netres.plan import Guarantee
from netres_drivers.snmp import host, interface, inventory, lldp, system
from netres_drivers.snmp.impact import impact

_FEATURES: Final = (system.FEATURE, interface.FEATURE)
_OURS: Final = {feature.item.KIND for feature in _FEATURES}
_VENDORS: Final = Absent(Support.NOT_YET, "no standard MIB tells it; the MIBs of vendors are not read yet")

DRIVER = Driver(
    platform="snmp",
    title="Any SNMP agent, over standard MIBs",
    vendor="any",
    families=("router", "access-point", "wireless-controller", "sbc"),
    features=_FEATURES,
    readings=(interface.READING, lldp.READING, *host.READINGS, inventory.READING),
    native=system.native,
    facts=inventory.facts,
    impact=impact,
    guarantee=Guarantee.ATOMIC,
    guarantee_why="what changes is set by one request, which an agent carries out whole or not at all (RFC 3416)",
    transport="snmp",
    absent={
        **{
            kind: Absent(Support.NOT_YET, "this driver writes the system group alone; use the platform's own driver")
            for kind in KINDS.keys() - _OURS
        },
        **dict.fromkeys(("access_point", "wireless_client", "trunk_state", "call_statistics"), _VENDORS),
    },
    foreign=system.foreign,
    unowned=system.unowned,
    source=Source.PROVEN,
)
