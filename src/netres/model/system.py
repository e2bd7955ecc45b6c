"""The device itself: name, DNS, NTP, syslog. After openconfig-system 2.x, ietf-system (RFC 7317) and RFC 5424."""

from __future__ import annotations

from typing import ClassVar, Literal

from netres.model.base import Item
from netres.model.types import DEFAULT_VRF, DomainName, Host, HostName, IpAddress, Name, Port, Text


class System(Item):
    """The device's name, place, and whom to call about it. There is one per device."""

    KIND: ClassVar[str] = "system"

    kind: Literal["system"] = "system"
    hostname: HostName | None = None
    domain_name: DomainName | None = None
    login_banner: Text | None = None
    """One line shown before login."""
    contact: Text | None = None
    """Whom to call about the device (RFC 7317; sysContact of RFC 3418)."""
    location: Text | None = None
    """Where it stands (RFC 7317; sysLocation of RFC 3418)."""


class DnsServer(Item):
    """A resolver the device asks."""

    KIND: ClassVar[str] = "dns_server"
    KEY: ClassVar[tuple[str, ...]] = ("address", "vrf")

    kind: Literal["dns_server"] = "dns_server"
    address: IpAddress
    vrf: Name = DEFAULT_VRF


class NtpServer(Item):
    """A time server the device follows (RFC 5905)."""

    KIND: ClassVar[str] = "ntp_server"
    KEY: ClassVar[tuple[str, ...]] = ("address", "vrf")

    kind: Literal["ntp_server"] = "ntp_server"
    address: Host
    prefer: bool = False
    iburst: bool = False
    vrf: Name = DEFAULT_VRF


Severity = Literal["emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"]


class SyslogServer(Item):
    """A host that gets the device's log messages (RFC 5424)."""

    KIND: ClassVar[str] = "syslog_server"
    KEY: ClassVar[tuple[str, ...]] = ("host", "vrf")

    kind: Literal["syslog_server"] = "syslog_server"
    host: Host
    port: Port = 514
    severity: Severity | None = None
    """Messages at least this severe are sent."""
    vrf: Name = DEFAULT_VRF
