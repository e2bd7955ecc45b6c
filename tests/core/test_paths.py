"""Fields of parts by dotted name, and what a driver says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest
from sessions import MEMORY

from netres import Config, Secret, SipPeer, SipTrunk, Unsupported, Wlan, WlanSecurity
from netres.driver import Driver
from netres.model import Item, paths
from netres.resource import Device
from netres_drivers.memory.device import MemoryDevice

TRUNK = SipTrunk(name="t", peers=(SipPeer(host="192.0.2.1", weight=5), SipPeer(host="192.0.2.2", transport="tcp")))
WLAN = Wlan(name="w", ssid="W", security=WlanSecurity(mode="psk", passphrase=Secret.observed("made-up-1")))


def test_a_field_of_parts_says_something_where_any_part_does() -> None:
    assert paths.says(TRUNK, "peers.weight")
    assert not paths.says(TRUNK, "peers.priority")
    assert not paths.says(TRUNK, "keepalive.interval")
    assert paths.says(WLAN, "security.passphrase")
    assert paths.values(TRUNK, "peers.transport") == ("udp", "tcp")
    assert paths.values(TRUNK, "keepalive.interval") == ()
    assert paths.values(WLAN, "security.mode") == ("psk",)


def test_a_field_of_parts_is_reset_in_every_part() -> None:
    bare = paths.reset(TRUNK, "peers.weight")
    assert [peer.weight for peer in bare.peers] == [0, 0]
    assert paths.values(bare, "peers.transport") == ("udp", "tcp")
    assert paths.reset(TRUNK, "codecs") == TRUNK
    assert paths.reset(TRUNK, "keepalive.interval") == TRUNK


def narrowed(
    item: type[Item],
    missing: frozenset[str] = frozenset(),
    values: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> Driver:
    feature = replace(MEMORY.table[item.KIND], missing=missing, values=values)
    return replace(MEMORY, features=(*(one for one in MEMORY.features if one.item is not item), feature))


@pytest.mark.parametrize(
    ("driver", "item", "message"),
    [
        (narrowed(SipTrunk, missing=frozenset({"peers.weight"})), TRUNK, "the field 'peers.weight'; leave it out"),
        (narrowed(SipTrunk, values={"peers.transport": ("udp",)}), TRUNK, "peers.transport 'tcp'; it knows udp"),
        (narrowed(Wlan, values={"security.mode": ("open", "sae")}), WLAN, "security.mode 'psk'; it knows open, sae"),
    ],
)
def test_what_a_part_says_and_the_platform_cannot_is_refused_by_name(driver: Driver, item: Item, message: str) -> None:
    with pytest.raises(Unsupported, match=message) as caught:
        Device("m", driver, MemoryDevice().session()).plan(Config.of([item]))
    assert caught.value.capability == driver.capability(item.KIND)
