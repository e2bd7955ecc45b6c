"""State: what a device tells and nobody configures. Read with `netres.resource.Device.state`, never planned or written.

After openconfig-wifi-mac, -access-points and -platform, openconfig-interfaces, RFC 4133 (ENTITY-MIB) and IEEE 802.1AB.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from netres.model.types import SBC, WIRELESS, IpAddress, MacAddress, Uint32, mac_address
from netres.model.wireless import Band


def _chassis(value: str) -> str:
    if value.isalnum():  # twelve digits may be a serial number
        return value
    try:
        return mac_address(value)
    except ValueError:
        return value


ChassisId = Annotated[str, AfterValidator(_chassis)]


class State(BaseModel):
    """One record of what a device is doing. ``None``: the platform does not tell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    KIND: ClassVar[str]
    FAMILIES: ClassVar[frozenset[str]] = frozenset()
    """The families of devices that can tell it; empty: every."""


class AccessPoint(State):
    """An access point, as it or its controller tells."""

    KIND: ClassVar[str] = "access_point"
    FAMILIES: ClassVar[frozenset[str]] = WIRELESS

    name: str
    mac: MacAddress | None = None
    model: str | None = None
    serial: str | None = None
    os_version: str | None = None
    address: IpAddress | None = None
    """Of its management."""
    status: Literal["up", "down", "unknown"] = "unknown"
    """Whether it is reached."""
    config_status: Literal["applied", "pending", "failed", "unknown"] = "unknown"
    """Whether it has what its controller holds for it."""


class WirelessClient(State):
    """A station that is associated."""

    KIND: ClassVar[str] = "wireless_client"
    FAMILIES: ClassVar[frozenset[str]] = WIRELESS

    mac: MacAddress
    access_point: str | None = None
    wlan: str | None = None
    """Name of the `netres.model.Wlan`."""
    ssid: str | None = None
    radio: str | None = None
    band: Band | None = None
    rssi: int | None = None
    """Signal at the access point, dBm."""
    rx_rate: float | None = None
    """From the station, Mbit/s."""
    tx_rate: float | None = None
    """To the station, Mbit/s."""
    authorized: bool | None = None
    """Whether it has proved who it is, and its frames are forwarded."""
    connected_since: AwareDatetime | None = None


class PeerState(BaseModel):
    """One far end of a trunk, as the SBC sees it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str
    """``host:port``."""
    status: Literal["up", "down", "unknown"]
    last_answer: Annotated[int, Field(ge=100, le=699)] | None = None
    """SIP status code of the last answer to a keepalive."""


class TrunkState(State):
    """A SIP trunk: it is up where one of its peers is."""

    KIND: ClassVar[str] = "trunk_state"
    FAMILIES: ClassVar[frozenset[str]] = SBC

    trunk: str
    """Name of the `netres.model.SipTrunk`."""
    status: Literal["up", "down", "unknown"]
    sessions: int | None = None
    """Calls in progress."""
    peers: tuple[PeerState, ...] = ()


class CallStatistics(State):
    """Calls of the whole SBC since it started."""

    KIND: ClassVar[str] = "call_statistics"
    FAMILIES: ClassVar[frozenset[str]] = SBC

    active: int
    """Calls in progress."""
    answered: int | None = None
    failed: int | None = None
    refused: int | None = None
    """Refused by the SBC itself, for a limit or a source that is not allowed."""


class InterfaceState(State):
    """An interface in operation."""

    KIND: ClassVar[str] = "interface_state"

    name: str
    status: Literal["up", "down", "unknown"]
    """ifOperStatus (RFC 2863)."""
    mac: MacAddress | None = None
    speed: int | None = None
    """Mbit/s."""
    in_octets: int | None = None
    out_octets: int | None = None
    in_errors: Uint32 | None = None
    out_errors: Uint32 | None = None


class LldpNeighbor(State):
    """What a neighbour says of itself over LLDP (IEEE 802.1AB)."""

    KIND: ClassVar[str] = "lldp_neighbor"

    local_interface: str
    chassis_id: ChassisId
    port_id: str
    port_description: str | None = None
    system_name: str | None = None
    system_description: str | None = None


class Component(State):
    """A part of the hardware (RFC 4133, openconfig-platform)."""

    KIND: ClassVar[str] = "component"

    index: int
    parent: int | None = None
    type: str
    """entPhysicalClass: chassis, module, port, powerSupply, fan, sensor, …"""
    name: str | None = None
    description: str | None = None
    model: str | None = None
    serial: str | None = None
    hardware_version: str | None = None
    software_version: str | None = None


class Cpu(State):
    """A processor."""

    KIND: ClassVar[str] = "cpu"

    index: int
    load: Annotated[int, Field(ge=0, le=100)]
    """Percent, averaged over the last minute (hrProcessorLoad, RFC 2790)."""


class Memory(State):
    """A store of octets."""

    KIND: ClassVar[str] = "memory"

    name: str
    size: int
    """Octets."""
    used: int
    """Octets."""


STATES: Final[Mapping[str, type[State]]] = {state.KIND: state for state in State.__subclasses__()}
"""Every kind of state by name."""
