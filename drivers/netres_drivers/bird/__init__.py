"""BIRD 2: a file of netres's that the administrator's configuration includes, over SSH, and birdc."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

from netres.confirming import Confirming
from netres.driver import Absent, Driver, Feature, Source, Support, together
from netres.errors import Rejected
from netres.flow import Flow, Reply, ask
from netres.inventory.entry import Scalar
from netres.model import BgpNeighbor, BgpNetwork, BgpRouter, Item, StaticRoute
from netres.model.types import DEFAULT_VRF
from netres.plan import Guarantee
from netres_drivers.bird import bgp, state, static, tell
from netres_drivers.bird.compose import compose
from netres_drivers.bird.impact import impact
from netres_drivers.bird.site import Site, probed
from netres_drivers.bird.text import SECRET
from netres_drivers.bird.view import View

_HOST: Final = "BIRD does routing; the rest is its host's"
_ECMP: Final = "routes to one prefix share the load where the administrator's protocol kernel has `merge paths`"
_POLICIES: Final = frozenset({"policy_in", "policy_out"})
_VRF: Final = {"vrf": (DEFAULT_VRF,)}
_ATOMIC: Final = "BIRD reads a file whole or not at all, and runs on it in one step; netres has BIRD check it first"
_WHOLE: Final = re.compile(r"## /\S+ \d+\n")


def driver(site: Site) -> Driver:
    """The driver for one BIRD."""
    return Driver(
        platform="bird",
        title="BIRD 2.0",
        vendor="CZ.NIC",
        families=("router",),
        features=tuple(_features(site)),
        native=lambda: _native(site),
        whole=lambda native: _WHOLE.match(native.text) is not None,
        facts=lambda: state.facts(site),
        guarantee=Guarantee.ATOMIC,
        guarantee_why=_ATOMIC,
        transport="ssh",
        commit=(tell.taken(site),),
        abort=(tell.cleanup(site),),
        compose=partial(compose, site),
        verify=tell.verify(site),
        finish=(tell.cleanup(site),),
        fit=_fit,
        absent=dict(_absent()),
        foreign=lambda native: native.parsed(View.of).foreign(),
        unowned=lambda native: tuple(native.parsed(View.of).unowned()),
        confirming=_confirming(site),
        impact=partial(impact, site),
        dry_check=tell.dry_check(site),
        masks=(SECRET,),
        source=Source.PROVEN,
    )


def _features(site: Site) -> Iterable[Feature]:
    yield Feature(
        StaticRoute,
        _read(site, StaticRoute),
        together,
        values=_VRF,
        defaults={"distance": 1},
        note=_ECMP,
        check=static.check,
    )
    yield Feature(BgpRouter, _read(site, BgpRouter), together, values=_VRF)
    yield Feature(
        BgpNeighbor,
        _read(site, BgpNeighbor),
        together,
        missing=_POLICIES,
        values={"families": bgp.FAMILIES, **_VRF},
        defaults={"connect_retry": 120},
        check=bgp.check,
    )
    yield Feature(BgpNetwork, _read(site, BgpNetwork), together, missing=frozenset({"policy"}), values=_VRF)


def _read(site: Site, kind: type[Item]) -> Callable[[], Flow[Iterable[Item]]]:
    def read() -> Flow[Iterable[Item]]:
        view = (yield from _native(site)).parsed(View.of)
        return [item for item in view.items.values() if isinstance(item, kind)]

    return read


def _native(site: Site) -> Flow[Reply]:
    reply = yield from ask(tell.read(site))
    if reply.status:
        raise Rejected(f"reading {site.file}", reply.text.strip() or f"exit status {reply.status}")
    return reply


def _confirming(site: Site) -> Confirming:
    return Confirming(
        why="birdc configure timeout: BIRD's own timer takes it back",
        commit=tell.tried(site),
        confirm=tell.confirmed(site),
        cancel=tell.cancelled(site),
        waits=tell.waits(site),
        lacks=tell.lacks(site),
        needs=("the login may write in the folder of bird.conf",),
    )


def _absent() -> Iterable[tuple[str, Absent]]:
    for kind in ("system", "vlan", "interface", "dns_server", "ntp_server", "syslog_server"):
        yield kind, Absent(Support.NEVER, _HOST)


def _fit(options: Mapping[str, Scalar]) -> Flow[Driver]:
    return driver((yield from probed(options)))


DRIVER: Final = driver(Site())
