"""VLANs and interfaces. After openconfig-vlan, openconfig-interfaces and openconfig-if-ip."""

from __future__ import annotations

import ipaddress
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from netres.model.base import Item
from netres.model.types import InterfaceAddress, InterfaceName, Name, Text

VlanId = Annotated[int, Field(ge=1, le=4094)]


def _in_order(addresses: tuple[str, ...]) -> tuple[str, ...]:
    def rank(address: str) -> tuple[int, int, int]:
        parsed = ipaddress.ip_interface(address)
        return parsed.version, int(parsed.ip), parsed.network.prefixlen

    return tuple(sorted(set(addresses), key=rank)) if len(addresses) > 1 else addresses


class Vlan(Item):
    """A VLAN of the device's bridge (IEEE 802.1Q)."""

    KIND: ClassVar[str] = "vlan"
    KEY: ClassVar[tuple[str, ...]] = ("id",)

    kind: Literal["vlan"] = "vlan"
    id: VlanId
    name: Name | None = None


class Interface(Item):
    """An interface or a sub-interface, with its addresses. Addresses are a set: their order means nothing."""

    KIND: ClassVar[str] = "interface"
    KEY: ClassVar[tuple[str, ...]] = ("name",)

    kind: Literal["interface"] = "interface"
    name: InterfaceName
    description: Text | None = None
    enabled: bool = True
    mtu: Annotated[int, Field(ge=68, le=65535)] | None = None
    """Octets of an IP packet (RFC 791: at least 68)."""
    addresses: Annotated[tuple[InterfaceAddress, ...], AfterValidator(_in_order)] = ()
    parent: InterfaceName | None = None
    vlan: VlanId | None = None
    """The 802.1Q tag of a sub-interface on ``parent``."""

    @model_validator(mode="after")
    def _whole(self) -> Interface:
        if (self.parent is None) != (self.vlan is None):
            raise ValueError("a sub-interface has both parent and vlan; give both or neither")
        if self.parent == self.name:
            raise ValueError("an interface cannot be its own parent")
        return self
