"""Kamailio: its lists as files over SSH, its RPC through kamcmd. One file per concern; README.md tells the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from netres.driver import Absent, Driver, Feature, Reading, Source, Support, together
from netres.flow import Flow
from netres.inventory.entry import Scalar
from netres.model import (
    AllowedPeer,
    CallRoute,
    CallStatistics,
    Item,
    MediaPolicy,
    SipInterface,
    SipTrunk,
    TrunkState,
)
from netres.plan import Guarantee
from netres_drivers.kamailio import address, change, drain, peers, rows, state
from netres_drivers.kamailio.impact import impact
from netres_drivers.kamailio.lists import native, understood
from netres_drivers.kamailio.script import Script, probed
from netres_drivers.kamailio.verify import verify

_KEEPALIVE: Final = "keepalive is the script's, for all trunks: dispatcher's ds_ping_interval; dtmf: nobody converts it"
_LIMITS: Final = {"max": change.MOST}
_NO_ROUTES: Final = "netres.cfg is not included with NETRES_ROUTES"
_NO_MEDIA: Final = "netres.cfg is not included with NETRES_MEDIA"


def driver(script: Script) -> Driver:
    """The driver for a Kamailio whose script offers this."""
    return Driver(
        platform="kamailio",
        title="Kamailio 5.6",
        vendor="Kamailio",
        families=("sbc",),
        features=tuple(_features(script)),
        native=partial(native, script),
        whole=lambda told: all(f"==> {name} <==\n" in told.text for name in script.files),
        facts=partial(state.facts, script),
        guarantee=Guarantee.COMPENSATED,
        guarantee_why="Kamailio has no candidate; netres swaps lists, reads Kamailio's memory, or goes back",
        transport="ssh",
        abort=(change.cleanup(script),),
        readings=tuple(_readings(script)),
        compose=partial(change.compose, script),
        verify=partial(verify, script),
        finish=(change.cleanup(script),),
        absent=dict(_absent(script)),
        otherwise=Absent(Support.NEVER, "Kamailio does SIP; the rest is its host's"),
        foreign=lambda text: text.parsed(understood).foreign,
        unowned=lambda text: text.parsed(understood).unowned,
        impact=partial(impact, script),
        drain=drain.drain(script) if script.routes else None,
        dry_check=partial(change.dry_check, script),
        source=Source.PROBED,
    )


def _features(script: Script) -> Iterable[Feature]:
    if script.media:
        yield Feature(MediaPolicy, _read(script, MediaPolicy), together, limits=_LIMITS)
    if script.dispatcher:
        yield _trunk(script)
    if script.routes:
        yield Feature(CallRoute, _read(script, CallRoute), together, limits=_LIMITS, defaults={"calling": "*"})
    if script.permissions:
        yield Feature(
            AllowedPeer,
            _read(script, AllowedPeer),
            together,
            values={"transport": ("any",)},
            limits=_LIMITS,
            note="permissions knows addresses and ports, no transports",
            check=_check_allowed,
        )
    yield Feature(
        SipInterface,
        partial(_interfaces, script),
        missing=frozenset({"name"}),
        note="listen lines stand in the script, which Kamailio reads at its start only",
    )


def _trunk(script: Script) -> Feature:
    limits = frozenset[str]() if script.routes else frozenset({"max_sessions", "max_cps"})
    media = frozenset[str]() if script.media else frozenset({"codecs", "srtp", "media_policy"})
    lacking = (*(() if script.routes else (_NO_ROUTES,)), *(() if script.media else (_NO_MEDIA,)))

    def check(item: Item) -> None:
        if isinstance(item, SipTrunk):
            peers.check(item, script.interfaces, by_priority=script.routes)
            rows.check(item)

    return Feature(
        SipTrunk,
        _read(script, SipTrunk),
        together,
        missing=frozenset({"keepalive", "dtmf"}) | limits | media,
        limits=_LIMITS,
        note="; ".join((_KEEPALIVE, *lacking)),
        check=check,
    )


def _check_allowed(item: Item) -> None:
    if isinstance(item, AllowedPeer):
        address.check(item)


def _read(script: Script, kind: type[Item]) -> Callable[[], Flow[Iterable[Item]]]:
    def read() -> Flow[Iterable[Item]]:
        lists = (yield from native(script)).parsed(understood)
        return [item for item in lists.items.values() if isinstance(item, kind)]

    return read


def _interfaces(script: Script) -> Flow[Iterable[Item]]:
    yield from ()
    return script.interfaces or ()


def _readings(script: Script) -> Iterable[Reading]:
    if script.dispatcher:
        yield Reading(
            TrunkState,
            partial(state.trunks, script),
            missing=frozenset() if script.routes else frozenset({"sessions"}),
            note="Kamailio does not tell a peer's last answer",
        )
    if script.routes:
        yield Reading(
            CallStatistics, partial(state.statistics, script), note="of calls that netres.cfg's routes handle"
        )


def _absent(script: Script) -> Iterable[tuple[str, Absent]]:
    if not script.dispatcher:
        yield "sip_trunk", Absent(Support.NOT_YET, "the script does not load dispatcher")
        yield "trunk_state", Absent(Support.NOT_YET, "the script does not load dispatcher")
    if not script.permissions:
        yield "allowed_peer", Absent(Support.NOT_YET, "the script does not load permissions")
    if not script.routes:
        yield "call_route", Absent(Support.NOT_YET, _NO_ROUTES)
        yield "call_statistics", Absent(Support.NOT_YET, _NO_ROUTES)
    if not script.media:
        yield "media_policy", Absent(Support.NOT_YET, _NO_MEDIA)


def _fit(options: Mapping[str, Scalar]) -> Flow[Driver]:
    return driver((yield from probed(options)))


DRIVER: Final = replace(driver(Script()), fit=_fit, source=Source.PROVEN)
