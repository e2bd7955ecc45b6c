"""What the tests of drift share: somebody who changes a memory device by hand, and devices that show other things."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from sessions import MEMORY

from netres.baseline import Baseline
from netres.change import Change
from netres.driver import Feature, Scope
from netres.flow import Flow, Operation, Reply
from netres.model import BgpNeighbor, BgpRouter, Config, Item, Secret, Wlan, WlanSecurity
from netres.model.secret import paired
from netres.resource import Device
from netres.testing.samples import SECRET
from netres_drivers.memory.device import MemoryDevice

NAMED: Final = Secret("env:NETRES_TEST_DRIFT", SECRET)
_PLACE: Final = Scope(Config(), Config(), Reply())
NEIGHBOR: Final = BgpNeighbor(address="192.0.2.2", remote_as=65002, description="core", password=NAMED)
WLAN: Final = Wlan(name="corp", ssid="Corp", security=WlanSecurity(mode="psk", passphrase=NAMED))
WITH_SECRETS: Final = Config.of([BgpRouter(asn=65001), NEIGHBOR, WLAN])
SILENT: Final = ["bgp_neighbor[192.0.2.2].password", "wlan[corp].security.passphrase"]


def by_hand(native: MemoryDevice, item: Item, *, gone: bool = False) -> None:
    """Somebody else's session, which checks nothing: it writes an Item, or deletes it."""
    write = MEMORY.table[item.KIND].write
    assert write
    change = Change.of(item, None) if gone else Change.of(None, item)
    made: list[Operation] = [*MEMORY.begin, *write(change, _PLACE), *MEMORY.commit]
    session = native.session()
    for operation in made:
        session.execute(operation)


def showing(show: Callable[[Item], Item], native: MemoryDevice) -> Device:
    """A memory device that shows its Items otherwise than it has them."""

    def shown(feature: Feature) -> Feature:
        def read() -> Flow[Iterable[Item]]:
            return [show(item) for item in (yield from feature.read())]

        return replace(feature, read=read)

    driver = replace(MEMORY, features=tuple(shown(feature) for feature in MEMORY.features))
    return Device("m", driver, native.session())


_COUNT: Final = itertools.count()


def with_secret(item: Item, secret: Secret) -> Item:
    """The Item with this secret in place of each it has."""

    def pick(mine: Secret, theirs: Secret) -> Secret:
        return secret

    return paired(item, item, pick)


def salted(item: Item) -> Item:
    return with_secret(item, Secret.observed(f"$5${next(_COUNT)}$aUdE"))


def hidden(item: Item) -> Item:
    return with_secret(item, Secret())


def without(item: Item) -> Item:
    return item.model_copy(update={"password": None}) if isinstance(item, BgpNeighbor) else item


def stored(baseline: Baseline) -> Baseline:
    return Baseline.parse(baseline.model_dump_json())


def as_it_is(baseline: Baseline) -> Baseline:
    return baseline
