"""What tests of an SBC plan, apply and look at."""

from __future__ import annotations

from netres.model import CallRoute, Config, Item, SipPeer, SipTrunk, TrunkState
from netres.plan import ApplyResult
from netres.resource import Device

FIRST, SECOND = SipPeer(host="127.0.0.1", port=5971), SipPeer(host="127.0.0.1", port=5972, priority=10)
EVERYTHING = CallRoute(name="all", trunks=("itsp",))


def apply(device: Device, *items: Item, prune: frozenset[str] = frozenset()) -> ApplyResult:
    return device.apply(device.plan(Config.of(items), prune)).raise_for_outcome()


def trunk(*peers: SipPeer, **fields: object) -> SipTrunk:
    return SipTrunk.model_validate({"name": "itsp", "peers": peers or (FIRST,), **fields})


def state(device: Device, name: str = "itsp") -> TrunkState:
    return next(one for one in device.state(TrunkState) if one.trunk == name)
