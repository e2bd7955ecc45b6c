"""hostapd 2.10: its configuration files and its control sockets, over SSH."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Final

from netres.driver import Absent, Driver, Facts, Feature, Reading, Source, Support, together
from netres.errors import InvalidConfig
from netres.flow import Exec, Flow, Reply, ask
from netres.inventory.entry import Scalar
from netres.model import AccessPoint, Item, Radio, RadiusServer, WirelessClient, Wlan
from netres.plan import Guarantee
from netres_drivers.hostapd import radio, radius, stations, tell, wlan
from netres_drivers.hostapd.compose import composer
from netres_drivers.hostapd.impact import impact
from netres_drivers.hostapd.site import PATH, Site
from netres_drivers.hostapd.text import SECRET
from netres_drivers.hostapd.view import View

_POWER: Final = "hostapd has no word for transmit power, and a radio that it has is enabled"
_ENABLED: Final = "hostapd has a BSS or does not; a WLAN that shall not be there is deleted"


def _reader(site: Site, parser: Callable[[Reply], View], kind: type[Item]) -> Callable[[], Flow[Iterable[Item]]]:
    def read() -> Flow[Iterable[Item]]:
        reply = yield from site.read()
        return [item for item in reply.parsed(parser).items() if isinstance(item, kind)]

    return read


def _facts(site: Site) -> Flow[Facts]:
    version = yield from ask(Exec(f"{PATH}hostapd -v 2>&1"))
    host = yield from ask(Exec("uname -n; cut -d. -f1 /proc/uptime"))
    hostname, _, uptime = host.text.strip().partition("\n")
    return Facts(
        vendor="hostapd",
        os_version=stations.release(version.text),
        hostname=hostname or None,
        uptime=int(uptime) if uptime.isdecimal() else None,
    )


def _fit(options: Mapping[str, Scalar]) -> Flow[Driver]:
    """The driver for the files, sockets and bridges that the options name, and the radios in these files."""
    Site.of(options)  # before anything is sent
    hostname = (yield from ask(Exec("uname -n"))).text.strip()
    site = Site.of(options, hostname if wlan.valid_name(hostname) else "ap")
    files = site.files((yield from site.read()))
    names = [file.radio for file in files]
    if len(set(names)) < len(names):
        raise InvalidConfig(f"option config names two files with one interface: {', '.join(names)}")
    return driver(site, tuple(names))


def _features(site: Site, radios: tuple[str, ...], parser: Callable[[Reply], View]) -> Iterator[Feature]:
    yield Feature(
        Radio,
        _reader(site, parser, Radio),
        together,
        missing=frozenset({"enabled", "power"}),
        vacant=True,
        check=radio.checker(radios),
        note=_POWER,
    )
    yield Feature(
        RadiusServer,
        _reader(site, parser, RadiusServer),
        together,
        check=radius.check,
        note="kept with the WLANs that name it",
    )
    yield Feature(
        Wlan,
        _reader(site, parser, Wlan),
        together,
        missing=frozenset({"enabled"} if site.bridge else {"enabled", "vlan"}),
        check=wlan.check,
        note=_ENABLED if site.bridge else f"{_ENABLED}; vlan needs the option bridge",
    )


def driver(site: Site, radios: tuple[str, ...] = ()) -> Driver:
    """The driver for one device: where its files are, and the radios in them."""

    def parser(reply: Reply) -> View:
        return View(site, site.files(reply))

    return Driver(
        platform="hostapd",
        title="hostapd 2.10",
        vendor="hostapd",
        families=("access-point",),
        features=tuple(_features(site, radios, parser)),
        readings=(
            Reading(
                AccessPoint,
                lambda: stations.access_point(site),
                missing=frozenset({"model", "serial", "address", "config_status"}),
            ),
            Reading(WirelessClient, lambda: stations.clients(site)),
        ),
        native=site.read,
        whole=lambda native: native.text.startswith("## /"),
        facts=lambda: _facts(site),
        guarantee=Guarantee.COMPENSATED,
        guarantee_why="hostapd has neither a candidate nor a timed revert; netres keeps the files until it read back",
        transport="ssh",
        abort=(tell.removed(site, "netres-new"),),
        compose=composer(site),
        verify=lambda: stations.verify(site),
        finish=(tell.removed(site, "netres-old", "netres-new"),),
        fit=_fit,
        otherwise=Absent(Support.NEVER, "hostapd does wireless access; the rest is its host's"),
        foreign=lambda native: native.parsed(parser).foreign(),
        unowned=lambda native: tuple(native.parsed(parser).unowned()),
        impact=partial(impact, site),
        dry_check=tell.dry_check,
        masks=(SECRET,),
        source=Source.PROVEN,
    )


DRIVER = driver(Site())
