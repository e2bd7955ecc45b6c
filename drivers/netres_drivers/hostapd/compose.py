"""All changes at once: what each file becomes, and how hostapd is made to run on it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from netres.change import Change
from netres.driver import Scope
from netres.errors import InvalidConfig
from netres.flow import Operation
from netres.model import Config, Radio, RadiusServer, Wlan
from netres.model.wireless import Band
from netres_drivers.hostapd import radio, tell
from netres_drivers.hostapd.network import Network, emptied, idle, written
from netres_drivers.hostapd.radius import Server
from netres_drivers.hostapd.site import Site
from netres_drivers.hostapd.text import File, Line, Section
from netres_drivers.hostapd.view import STRUCTURE, Bss, View
from netres_drivers.hostapd.wlan import Place

_INHERITED: Final = (STRUCTURE | {"bridge"}) - {"bss"}
"""Lines that a new BSS has as the first one of its file has them."""


def composer(site: Site) -> Callable[[Sequence[Change], Scope], Iterator[Operation]]:
    """The `Driver.compose` of a device. Of no changes every file is taken again, as it is."""

    def compose(changes: Sequence[Change], scope: Scope) -> Iterator[Operation]:
        now = View(site, site.files(scope.native))
        after = edited(now, scope.after)
        if scope.restore is not None:
            after = as_it_was(now, after, View(site, site.files(scope.restore)))
        pairs = [(old, new) for old, new in zip(now.files, after.files, strict=True) if old != new or not changes]
        if pairs:
            yield from tell.written(site, [old for old, _ in pairs], [new for _, new in pairs])

    return compose


def edited(now: View, wanted: Config) -> View:
    """The files with other Items.

    Raises:
        InvalidConfig: hostapd has no place for one of them.
    """
    _check_radius(wanted)
    radios = {name: found for name, found in now.radios.items() if isinstance(found, Radio)}
    new = {name: _wanted_radio(wanted, name) for name in radios}
    bands: dict[str, Band] = {name: new[name].band or radio.DEFAULT_BAND for name in radios}
    files: list[File] = []
    networks = _networks(wanted)
    for network in networks:
        _check_carried(network.wlan, bands)
    taken = {bss.place.interface for bss in now.bsses}
    same = {one.wlan.name for one in networks if _stays(one.wlan, now, _carriers(one.wlan, now, bands))}
    for file in now.files:
        mine = {one.wlan.name: one for one in networks if file.radio in _carriers(one.wlan, now, bands)}
        made = _Edit(now, file, mine, same, taken).file()
        if file.radio in new:
            made = radio.written(made, radios[file.radio], new[file.radio])
        files.append(made)
    return View(now.site, tuple(files))


def _wanted_radio(wanted: Config, name: str) -> Radio:
    found = next((item for item in wanted.items if isinstance(item, Radio) and item.name == name), None)
    return found or Radio(name=name)


def _networks(wanted: Config) -> list[Network]:
    """The WLANs with their servers, in an order that does not depend on the order of the Items."""
    servers = {item.name: item for item in wanted.items if isinstance(item, RadiusServer)}
    found = [item for item in wanted.items if isinstance(item, Wlan)]
    return [
        Network(item, tuple(Server.of(servers[name]) for name in item.security.radius if name in servers))
        for item in sorted(found, key=lambda item: item.key.rank())
    ]


def _check_radius(wanted: Config) -> None:
    used = {name for item in wanted.items if isinstance(item, Wlan) for name in item.security.radius}
    for item in wanted.items:
        if isinstance(item, RadiusServer) and item.name not in used:
            raise InvalidConfig(
                f"{item.key}: hostapd keeps a RADIUS server with a WLAN that asks it, and no wlan names this one; "
                f"name it in a wlan's security radius, or delete it too (prune radius_server)"
            )


def _check_carried(item: Wlan, bands: Mapping[str, Band]) -> None:
    for band in item.bands:
        if band not in bands.values():
            raise InvalidConfig(
                f"{item.key}: bands {band}: no radio has it; they have "
                + ", ".join(f"{name} {has}" for name, has in bands.items())
            )


def _carriers(item: Wlan, now: View, bands: Mapping[str, Band]) -> set[str]:
    """The radios that carry a WLAN."""
    return {name for name in now.radios if not item.bands or bands.get(name) in item.bands}


def _stays(item: Wlan, now: View, carriers: set[str]) -> bool:
    """Whether nothing changes for a WLAN: then not even a mark is added to what was made by hand."""
    there = {bss.file.radio for bss in now.named.get(item.name, ())}
    old = now.wlans.get(item.name)
    return isinstance(old, Wlan) and old == item and there == carriers


@dataclass
class _Edit:
    """One file on its way to other WLANs."""

    now: View
    old: File
    wanted: Mapping[str, Network]
    same: Collection[str]
    taken: set[str]

    def file(self) -> File:
        """The file with the WLANs that are wanted, and those that netres cannot express."""
        names = {bss.section: name for name, group in self.now.named.items() for bss in group}
        left = dict(self.wanted)
        kept: list[Section] = []
        for bss in (one for one in self.now.bsses if one.file is self.old):
            name = names.get(bss.section, "")
            if not isinstance(self.now.wlans.get(name), Wlan):
                kept.append(bss.section)
            elif (network := left.pop(name, None)) is not None:
                same = name in self.same and self._before(name, bss) == network
                kept.append(bss.section if same else written(bss.section, self._before(name, bss), network, bss.place))
            elif bss.first:
                kept.append(emptied(bss.section, bss.place))
        for network in left.values():
            self._place(kept, network)
        return File(self.old.path, tuple(kept))

    def _before(self, name: str, bss: Bss) -> Network | None:
        old = self.now.wlans[name]
        return Network(old, bss.content.servers) if isinstance(old, Wlan) and bss.content else None

    def _place(self, kept: list[Section], network: Network) -> None:
        """In the first BSS, where that carries nothing, else in a new one."""
        first = kept[0]
        if idle(first, place := self._at(first.interface)):
            kept[0] = written(first, None, network, place)
            return
        name = self._free_interface()
        lines = [Line.of("bss", name), *(line for line in first.lines if line.key in _INHERITED)]
        if network.wlan.vlan is not None:
            lines = [line for line in lines if line.key != "bridge"]
        last = kept[-1].lines[-1] if kept[-1].lines else None
        if last and last.raw and not last.raw.endswith("\n"):
            kept[-1] = Section((*kept[-1].lines[:-1], replace(last, raw=last.raw + "\n")))
        kept.append(written(Section(tuple(lines)), None, network, self._at(name)))

    def _at(self, interface: str) -> Place:
        return Place(interface, self.now.site.hostname, self.now.site.bridge)

    def _free_interface(self) -> str:
        number = 1
        while (name := f"{self.old.radio[: 14 - len(str(number))]}_{number}") in self.taken:
            number += 1
        self.taken.add(name)
        return name


def as_it_was(now: View, after: View, before: View) -> View:
    """``after``, but for files that say what they said before: these to the byte, if nobody wrote in them since."""
    old = {file.path: file for file in before.files}
    return View(after.site, tuple(_as_it_was(now, after, before, file, old.get(file.path)) for file in after.files))


def _as_it_was(now: View, after: View, before: View, new: File, old: File | None) -> File:
    if old is None or _said(after, new) != _said(before, old):
        return new
    mine = [line for line in now.unowned() if line.startswith(f"{new.path}: ")]
    return old if mine == [line for line in before.unowned() if line.startswith(f"{new.path}: ")] else new


def _said(view: View, file: File) -> object:
    """What a file says: its radio, its BSSes by name, and those without a WLAN."""
    bsses = [
        (name, bss.content, view.wlans[name] if bss.content else bss.section)
        for name, group in view.named.items()
        for bss in group
        if bss.file.path == file.path
    ]
    return view.radios[file.radio], sorted(bsses, key=lambda one: one[0])
