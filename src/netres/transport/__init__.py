"""The one place where bytes move. Every foreign error is mapped to `netres.errors` here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netres.errors import UsageError

if TYPE_CHECKING:
    from netres.driver import Driver
    from netres.flow import AsyncTransport, Transport
    from netres.inventory.entry import Entry

__all__ = ["open_async", "open_transport"]


def open_transport(entry: Entry, driver: Driver) -> Transport:
    """A session with a device, open and logged in, by the transport its driver names.

    Raises:
        TransportError: it could not be reached, or it refused the login.
        UsageError: the driver names no transport there is; a setting or a secret of the entry is not usable.
    """
    if callable(driver.transport):
        return driver.transport(entry, driver)
    match driver.transport:
        case "ssh":
            from netres.transport.ssh import SshTransport

            return SshTransport.open(entry, driver.shell, driver.masks)
        case "http":
            if driver.api is None:
                raise UsageError(f"driver {driver.platform!r} names transport 'http', but no api")
            from netres.transport.http import HttpTransport

            return HttpTransport.open(entry, driver.api, driver.masks)
        case "snmp":
            from netres.transport.snmp import SnmpTransport

            return SnmpTransport.open(entry)
        case other:
            raise UsageError(f"driver {driver.platform!r} names transport {other!r}; there are: ssh, http, snmp")


async def open_async(entry: Entry, driver: Driver) -> AsyncTransport | None:
    """`open_transport`, awaited; ``None`` where the driver's transport is a blocking one only."""
    if driver.transport == "snmp":
        from netres.transport.snmp_async import AsyncSnmpTransport

        return await AsyncSnmpTransport.open(entry)
    if driver.transport != "ssh":
        return None
    from netres.transport.ssh_async import AsyncSshTransport

    return await AsyncSshTransport.open(entry, driver.shell, driver.masks)
