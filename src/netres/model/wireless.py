"""Wireless LANs, radios, RADIUS servers, groups of access points. After openconfig-wifi, and IEEE 802.11."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from netres.model.base import Item, Key
from netres.model.interfaces import VlanId
from netres.model.secret import Secret
from netres.model.types import WIRELESS, Host, Name, Port, distinct

_OCTETS = 32

Band = Literal["2.4ghz", "5ghz", "6ghz"]
"""openconfig-wifi's FREQ_2GHZ, FREQ_5GHZ, FREQ_6GHZ."""

SecurityMode = Literal["open", "psk", "sae", "psk-sae", "enterprise"]
"""No encryption; WPA2 personal; WPA3 personal; both of these; 802.1X (WPA2 or WPA3 enterprise)."""


def _ssid(value: str) -> str:
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise ValueError("is not valid Unicode") from None
    if not 1 <= size <= _OCTETS:
        raise ValueError(f"has {size} octets in UTF-8; an SSID has 1 to {_OCTETS}")
    return value


Ssid = Annotated[str, AfterValidator(_ssid)]
"""1 to 32 octets (IEEE 802.11-2020, 9.4.2.2), as the text whose UTF-8 encoding they are; any character may occur."""


class WlanSecurity(BaseModel):
    """How stations prove who they are. A mode has just the credentials it needs."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    mode: SecurityMode = "open"
    passphrase: Secret | None = None
    """Of psk, sae, psk-sae; with psk 8 to 63 characters of printable ASCII, or 64 hexadecimal digits (IEEE 802.11i)."""
    radius: Annotated[tuple[Name, ...], AfterValidator(distinct)] = ()
    """Of enterprise: names of `RadiusServer`, in the order in which they are asked."""

    @model_validator(mode="after")
    def _complete(self) -> WlanSecurity:
        personal = self.mode in {"psk", "sae", "psk-sae"}
        if personal != (self.passphrase is not None):
            raise ValueError(f"security {self.mode} {'needs' if personal else 'has no'} passphrase")
        if (self.mode == "enterprise") != bool(self.radius):
            raise ValueError(f"security {self.mode} {'has no' if self.radius else 'needs'} radius servers")
        return self


class Wlan(Item):
    """A wireless LAN: what stations see as one network, wherever it is carried."""

    KIND: ClassVar[str] = "wlan"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    FAMILIES: ClassVar[frozenset[str]] = WIRELESS
    NEEDS: ClassVar[frozenset[str]] = frozenset({"radius_server"})

    kind: Literal["wlan"] = "wlan"
    name: Name
    ssid: Ssid
    enabled: bool = True
    security: WlanSecurity = WlanSecurity()
    vlan: VlanId | None = None
    """Where the stations' frames go; ``None``: the access point's own network."""
    bands: Annotated[
        tuple[Band, ...], AfterValidator(distinct), AfterValidator(lambda bands: tuple(sorted(bands)))
    ] = ()
    """Empty: every band of the access point."""
    hidden: bool = False
    """Whether beacons leave out the SSID."""
    fast_transition: bool = False
    """IEEE 802.11r."""
    neighbor_report: bool = False
    """IEEE 802.11k."""
    bss_transition: bool = False
    """IEEE 802.11v."""
    pmf: Literal["disabled", "optional", "required"] = "disabled"
    """Protected management frames, IEEE 802.11w. Left out it is ``required`` with sae and ``optional`` with psk-sae,
    because WPA3 needs them."""
    client_isolation: bool = False
    """Whether stations of one access point cannot reach each other."""
    max_clients: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Per access point and radio."""

    @model_validator(mode="before")
    @classmethod
    def _with_pmf(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        given = cast("Mapping[str, object]", data)
        security = given.get("security")
        mode: object = getattr(security, "mode", None)
        if isinstance(security, Mapping):
            mode = cast("Mapping[str, object]", security).get("mode")
        needed = {"sae": "required", "psk-sae": "optional"}.get(str(mode))
        return {"pmf": needed, **given} if needed else given

    @model_validator(mode="after")
    def _coherent(self) -> Wlan:
        mode = self.security.mode
        if mode == "sae" and self.pmf != "required":
            raise ValueError("sae (WPA3) needs pmf required")
        if mode == "psk-sae" and self.pmf == "disabled":
            raise ValueError("psk-sae (WPA2 and WPA3) needs pmf optional or required")
        if mode == "open" and (self.pmf != "disabled" or self.fast_transition):
            raise ValueError("an open WLAN has neither pmf nor fast_transition: both need keys")
        return self

    def needs(self) -> Iterator[Key]:
        """The RADIUS servers it names."""
        return (Key("radius_server", (name,)) for name in self.security.radius)


class Radio(Item):
    """A radio of an access point. What is not said is as the platform has it by default, often chosen by itself."""

    KIND: ClassVar[str] = "radio"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    FAMILIES: ClassVar[frozenset[str]] = WIRELESS

    kind: Literal["radio"] = "radio"
    name: Name
    """The device's own name of it, such as ``wlan0`` or ``radio0``."""
    enabled: bool = True
    band: Band | None = None
    channel: Annotated[int, Field(ge=1, le=233)] | None = None
    """Number of the primary channel (IEEE 802.11-2020, annex E); ``None``: the access point chooses."""
    width: Literal[20, 40, 80, 160, 320] | None = None
    """MHz."""
    power: Annotated[int, Field(ge=0, le=36)] | None = None
    """Transmit power in dBm."""
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    """ISO 3166-1 alpha-2: which channels and powers are lawful."""


class RadiusServer(Item):
    """A server that is asked who may join (RFC 2865), and told who did (RFC 2866)."""

    KIND: ClassVar[str] = "radius_server"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    FAMILIES: ClassVar[frozenset[str]] = WIRELESS

    kind: Literal["radius_server"] = "radius_server"
    name: Name
    host: Host
    port: Port = 1812
    accounting_port: Port | None = None
    """``None``: no accounting."""
    secret: Secret


class ApGroup(Item):
    """Which access points carry which WLANs."""

    KIND: ClassVar[str] = "ap_group"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    FAMILIES: ClassVar[frozenset[str]] = frozenset({"wireless-controller"})
    NEEDS: ClassVar[frozenset[str]] = frozenset({"wlan"})

    kind: Literal["ap_group"] = "ap_group"
    name: Name
    access_points: Annotated[
        tuple[Name, ...], AfterValidator(distinct), AfterValidator(lambda names: tuple(sorted(names)))
    ] = ()
    """Names of access points that the controller knows; a set."""
    wlans: Annotated[
        tuple[Name, ...], AfterValidator(distinct), AfterValidator(lambda names: tuple(sorted(names)))
    ] = ()
    """Names of `Wlan`; a set."""

    def needs(self) -> Iterator[Key]:
        """The WLANs it names."""
        return (Key("wlan", (name,)) for name in self.wlans)
