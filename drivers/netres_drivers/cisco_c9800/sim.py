"""A Cisco Catalyst 9800 wireless controller: RESTCONF on its wireless configuration, and SNMP.

What its command line would show is not simulated. Errors are RFC 8040's, with ConfD's texts as IOS-XE has them.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final, cast

from netres.testing.sim.device import Oid, Simulated, Simulator, Value
from netres.testing.sim.faults import Faults
from netres.testing.sim.http import Json
from netres.testing.sim.mib import Gauge32, Interface, System, chassis, mib2, table, uptime
from netres.testing.sim.rest_checks import by_password
from netres.testing.sim.restconf import Restconf
from netres.testing.sim.yang import Tree
from netres.testing.sim.yang_store import YangStore
from netres_drivers.cisco_c9800.sim_rules import MUSTS, wlans
from netres_drivers.cisco_c9800.sim_schema import FACTORY, SCHEMA

RELEASE: Final = "17.12.1"
_SYSTEM: Final[Oid] = (1, 3, 6, 1, 4, 1, 9, 1, 2391)
"""ciscoC9800CLK9."""
_ESS: Final[Oid] = (1, 3, 6, 1, 4, 1, 14179, 2, 1, 1, 1)
"""bsnDot11EssEntry."""
_DESCRIPTION: Final = (
    "Cisco IOS Software [Dublin], C9800-CL Software (C9800-CL-K9_IOSXE), Version {release}, RELEASE SOFTWARE (fc4)"
)
_INTERFACES: Final = (
    Interface("GigabitEthernet1", "00:1e:49:00:00:01"),
    Interface("GigabitEthernet2", "00:1e:49:00:00:02"),
)


def c9800(name: str) -> Simulated:
    """A controller as it came from the factory."""
    store = YangStore(SCHEMA, FACTORY, MUSTS)
    device = Simulated(name, "cisco_c9800", store, faults=Faults(), secrets=(re.compile(r'"psk":\s*"([^"]+)"'),))

    def save(told: Json) -> Json:
        store.save()
        return {"result": "Save running-config successful"}

    restconf = Restconf(device, store, by_password(device), {"cisco-ia:save-config": save})
    device.http = restconf
    device.http_refusal = restconf.refuse
    up = uptime(device)
    about = System(_DESCRIPTION.format(release=RELEASE), _SYSTEM, name)
    serial = hashlib.sha256(name.encode()).hexdigest()[:11].upper()
    box = chassis("Cisco Catalyst 9800-CL Chassis", "C9800-CL-K9", serial, RELEASE)
    device.mib = lambda: mib2(about, up(), _INTERFACES) | box | _wlan_table(store.running)
    return device


def _wlan_table(tree: Tree) -> dict[Oid, Value]:
    """AIRESPACE-WIRELESS-MIB: index, SSID, whether it is on, how many stations are there."""
    told: dict[Oid, Value] = {}
    for wlan in wlans(tree):
        number = cast("int", wlan["wlan-id"])
        about = cast("Tree", wlan.get("apf-vap-id-data", {}))
        columns: dict[int, Value] = {
            1: number,
            2: str(about.get("ssid", "")).encode(),
            6: 1 if about.get("wlan-status") else 0,
            38: Gauge32(0),
        }
        told |= table(_ESS, (number,), columns)
    return told


SIMULATOR = Simulator("cisco_c9800", "Cisco Catalyst 9800 wireless controller", c9800, manage="https")
