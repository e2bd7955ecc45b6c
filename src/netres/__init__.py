"""netres: network devices of every vendor behind one typed `Resource`.

The names here are the public face. Each is loaded when it is first used, so that ``import netres`` costs next to
nothing and pulls in no transport.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from netres.driver import Capability, Driver, Facts, Source, Support
    from netres.errors import (
        ApplyFailed,
        AuthFailed,
        Busy,
        ConnectFailed,
        DeviceError,
        HostKeyMismatch,
        HostKeyUnknown,
        InvalidConfig,
        MissingDependency,
        NetresError,
        ParseError,
        Rejected,
        SecretError,
        StalePlan,
        TamperedPlan,
        Timeout,
        TransportError,
        UnknownDevice,
        UnknownDriver,
        Unsupported,
        UsageError,
    )
    from netres.inventory import Entry, Inventory
    from netres.model import (
        BgpNeighbor,
        BgpNetwork,
        BgpRouter,
        Config,
        DnsServer,
        Interface,
        Item,
        Key,
        NtpServer,
        OspfInterface,
        OspfRouter,
        PrefixList,
        PrefixListEntry,
        RouteMap,
        RouteMapEntry,
        Secret,
        StaticRoute,
        SyslogServer,
        System,
        Vlan,
    )
    from netres.plan import ApplyResult, Change, Difference, Guarantee, Outcome, Plan
    from netres.registry import drivers
    from netres.resource import AsyncDevice, Device, Resource

_HOME: Final = {
    "driver": ("Capability", "Driver", "Facts", "Source", "Support"),
    "errors": (
        "ApplyFailed",
        "AuthFailed",
        "Busy",
        "ConnectFailed",
        "DeviceError",
        "HostKeyMismatch",
        "HostKeyUnknown",
        "InvalidConfig",
        "MissingDependency",
        "NetresError",
        "ParseError",
        "Rejected",
        "SecretError",
        "StalePlan",
        "TamperedPlan",
        "Timeout",
        "TransportError",
        "UnknownDevice",
        "UnknownDriver",
        "Unsupported",
        "UsageError",
    ),
    "inventory": ("Entry", "Inventory"),
    "model": (
        "BgpNeighbor",
        "BgpNetwork",
        "BgpRouter",
        "Config",
        "DnsServer",
        "Interface",
        "Item",
        "Key",
        "NtpServer",
        "OspfInterface",
        "OspfRouter",
        "PrefixList",
        "PrefixListEntry",
        "RouteMap",
        "RouteMapEntry",
        "Secret",
        "StaticRoute",
        "SyslogServer",
        "System",
        "Vlan",
    ),
    "plan": ("ApplyResult", "Change", "Difference", "Guarantee", "Outcome", "Plan"),
    "registry": ("drivers",),
    "resource": ("AsyncDevice", "Device", "Resource"),
}
_MODULE_OF: Final = {name: module for module, names in _HOME.items() for name in names}
__version__: Final = "0.1.0"

__all__ = [
    "ApplyFailed",
    "ApplyResult",
    "AsyncDevice",
    "AuthFailed",
    "BgpNeighbor",
    "BgpNetwork",
    "BgpRouter",
    "Busy",
    "Capability",
    "Change",
    "Config",
    "ConnectFailed",
    "Device",
    "DeviceError",
    "Difference",
    "DnsServer",
    "Driver",
    "Entry",
    "Facts",
    "Guarantee",
    "HostKeyMismatch",
    "HostKeyUnknown",
    "Interface",
    "InvalidConfig",
    "Inventory",
    "Item",
    "Key",
    "MissingDependency",
    "NetresError",
    "NtpServer",
    "OspfInterface",
    "OspfRouter",
    "Outcome",
    "ParseError",
    "Plan",
    "PrefixList",
    "PrefixListEntry",
    "Rejected",
    "Resource",
    "RouteMap",
    "RouteMapEntry",
    "Secret",
    "SecretError",
    "Source",
    "StalePlan",
    "StaticRoute",
    "Support",
    "SyslogServer",
    "System",
    "TamperedPlan",
    "Timeout",
    "TransportError",
    "UnknownDevice",
    "UnknownDriver",
    "Unsupported",
    "UsageError",
    "Vlan",
    "drivers",
]


def __getattr__(name: str) -> object:
    if (module := _MODULE_OF.get(name)) is None:
        raise AttributeError(f"module 'netres' has no attribute {name!r}")
    found: object = getattr(import_module(f"netres.{module}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
