"""What a device's files say: Items, and what is not netres's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pydantic import ValidationError

from netres.model import Item, Key, Radio, RadiusServer, Wlan
from netres.model.wireless import Band
from netres_drivers.hostapd import radio, wlan
from netres_drivers.hostapd.network import closes, idle, owns
from netres_drivers.hostapd.radius import Server
from netres_drivers.hostapd.security import Strange
from netres_drivers.hostapd.site import Site
from netres_drivers.hostapd.text import File, Line, Section
from netres_drivers.hostapd.wlan import Content, Place

BANDS: Final[tuple[Band, ...]] = ("2.4ghz", "5ghz", "6ghz")
STRUCTURE: Final = frozenset({"bss", "ctrl_interface", "ctrl_interface_group"})
"""Lines of a further BSS that it cannot be without."""


@dataclass(frozen=True)
class Bss:
    """One BSS: a section of a file, and what it says."""

    file: File
    section: Section
    place: Place
    content: Content | None
    """``None``: what the model cannot express."""
    strange: tuple[str, ...] = ()

    @property
    def first(self) -> bool:
        """Whether it is the file's first, which cannot be taken away."""
        return self.section is self.file.sections[0]

    @property
    def idle(self) -> bool:
        """Whether it carries no WLAN."""
        return self.first and idle(self.section, self.place)

    @property
    def marked(self) -> str | None:
        """The name of its WLAN, as netres keeps it."""
        return name if (name := self.section.mark.get("wlan")) and wlan.valid_name(name) else None

    def owns(self, line: Line) -> bool:
        """Whether a line is said by an Item, or goes with the BSS."""
        if line.blank or (self.idle and closes(line)):
            return True
        if not self.first and (line.key in STRUCTURE or self._inherited(line)):
            return True
        return (self.content is not None or self.idle) and owns(line, self.place)

    def _inherited(self, line: Line) -> bool:
        return line.key == "bridge" and line.value == self.file.sections[0].get("bridge")

    def unowned(self) -> tuple[Line, ...]:
        """Lines that no Item says; those of the radio not among them."""
        return tuple(line for line in self.section.lines if not self.owns(line) and not radio.owns(line))


@dataclass(frozen=True)
class View:
    """What all files of a device say."""

    site: Site
    files: tuple[File, ...]

    @cached_property
    def bsses(self) -> tuple[Bss, ...]:
        """All BSSes, file by file."""
        return tuple(self._bss(file, section) for file in self.files for section in file.sections)

    def _bss(self, file: File, section: Section) -> Bss:
        place = Place(section.interface, self.site.hostname, self.site.bridge)
        try:
            return Bss(file, section, place, wlan.content(section, place))
        except Strange as strange:
            return Bss(file, section, place, None, tuple(str(line) for line in strange.args))

    @cached_property
    def radios(self) -> Mapping[str, Radio | tuple[str, ...]]:
        """The radios by name; lines where the model cannot express one."""
        return {file.radio: _radio(file) for file in self.files}

    def band(self, name: str) -> Band | None:
        """The band of a radio, as hostapd has it by default; ``None``: whatever the radio can."""
        found = self.radios[name]
        return (found.band or radio.DEFAULT_BAND) if isinstance(found, Radio) else None

    @cached_property
    def named(self) -> Mapping[str, tuple[Bss, ...]]:
        """The BSSes that carry a WLAN, by its name."""
        groups: dict[str, list[Bss]] = {}
        for bss in self.bsses:
            if not bss.idle:
                groups.setdefault(bss.marked or _plain_name(bss), []).append(bss)
        found: dict[str, tuple[Bss, ...]] = {}
        for name, group in groups.items():
            marked = [bss for bss in group if bss.marked]
            plain = [bss for bss in group if not bss.marked]
            together = marked or (plain if _one(plain) else [])
            if together:
                found[name] = (*found.get(name, ()), *together)
            for bss in plain if together is not plain else []:
                found[bss.place.interface] = (*found.get(bss.place.interface, ()), bss)
        return found

    @cached_property
    def servers(self) -> Mapping[str, tuple[Server, ...]]:
        """The RADIUS servers by name; several where BSSes do not agree on one."""
        found: dict[str, tuple[Server, ...]] = {}
        for bss in self.bsses:
            for name, server in zip(_server_names(bss), bss.content.servers if bss.content else (), strict=True):
                if server not in found.get(name, ()):
                    found[name] = (*found.get(name, ()), server)
        return found

    @cached_property
    def wlans(self) -> Mapping[str, Wlan | tuple[str, ...]]:
        """The WLANs by name; lines where the model cannot express one."""
        found: dict[str, Wlan | tuple[str, ...]] = {}
        for name, group in self.named.items():
            try:
                found[name] = self._wlan(name, group)
            except Strange as strange:
                found[name] = tuple(str(line) for line in strange.args)
            except ValidationError:
                found[name] = (f"interface {name}",)
        return found

    def _wlan(self, name: str, group: tuple[Bss, ...]) -> Wlan:
        if odd := [line for bss in group for line in bss.strange]:
            raise Strange(*odd)
        contents = [bss.content for bss in group if bss.content]
        if not _one(list(group)):
            raise Strange(*(f"{bss.place.interface} says otherwise" for bss in group))
        names = [_server_names(bss) for bss in group]
        twice = [one for one in names[0] if len(self.servers[one]) > 1]
        if twice or any(other != names[0] for other in names) or not all(map(wlan.valid_name, names[0])):
            raise Strange(*(f"radius server {one}" for one in twice or names[0]))
        whole = contents[0].wlan
        security = whole.security.model_copy(update={"radius": names[0]})
        bands = self._bands(group)
        return Wlan.model_validate({**dict(whole), "name": name, "security": security, "bands": bands})

    def _bands(self, group: tuple[Bss, ...]) -> tuple[Band, ...]:
        on = {bss.file.radio for bss in group}
        known = {name: band for name in self.radios if (band := self.band(name))}
        kept = {tuple(bss.section.mark.get("bands", "").split(",")) for bss in group}
        for bands in kept:
            if len(kept) == 1 and bands != ("",) and on == {name for name, band in known.items() if band in bands}:
                return tuple(band for band in BANDS if band in bands)
        if len(on) == len(self.radios):
            return ()
        there = {known.get(name) for name in on}
        if on != {name for name, band in known.items() if band in there}:
            raise Strange(*(f"{bss.place.interface} is not on every radio of its band" for bss in group))
        return tuple(band for band in BANDS if band in there)

    def items(self) -> Iterator[Item]:
        """The Items: radios that say something, RADIUS servers of WLANs, WLANs."""
        yield from (one for one in self.radios.values() if isinstance(one, Radio) and one != one.bare())
        carried = [one for one in self.wlans.values() if isinstance(one, Wlan)]
        used = dict.fromkeys(name for one in carried for name in one.security.radius)
        yield from self._servers(used)
        yield from carried

    def _servers(self, names: Mapping[str, None]) -> Iterator[RadiusServer]:
        for name in names:
            yield self.servers[name][0].named(name)

    def foreign(self) -> Mapping[Key, tuple[str, ...]]:
        """What the model cannot express, and lines that would go with a BSS."""
        found: dict[Key, tuple[str, ...]] = {}
        for name, one in self.radios.items():
            if not isinstance(one, Radio):
                found[Key("radio", (name,))] = one
        for name, network in self.wlans.items():
            lines = () if isinstance(network, Wlan) else network
            others = tuple(line.body for bss in self.named[name] if not bss.first for line in bss.unowned())
            if lines or others:
                found[Key("wlan", (name,))] = (*lines, *others)
        return found

    def unowned(self) -> Iterator[str]:
        """Every line that no Item says, with its file and interface."""
        readable = {bss for name, one in self.wlans.items() if isinstance(one, Wlan) for bss in self.named[name]}
        for bss in self.bsses:
            radio_said = isinstance(self.radios[bss.file.radio], Radio)
            bss_said = bss in readable or bss.idle
            for line in bss.section.lines:
                rest = line.body
                if radio.owns(line) and radio_said:
                    rest = radio.beyond(line)
                elif line.blank or (bss.owns(line) and bss_said):
                    rest = ""
                if rest:
                    yield f"{bss.file.path}: {bss.place.interface}: {rest}"


def _radio(file: File) -> Radio | tuple[str, ...]:
    try:
        return radio.read(file)
    except Strange as strange:
        return tuple(str(line) for line in strange.args)
    except ValidationError:
        return (f"interface={file.radio}",)


def _plain_name(bss: Bss) -> str:
    """The name of a BSS made by hand: its SSID, if that can be a name, else its interface."""
    try:
        name = wlan.ssid(bss.section)
    except Strange:
        name = ""
    return name if wlan.valid_name(name) else bss.place.interface


def _one(group: list[Bss]) -> bool:
    """Whether BSSes can be one WLAN: they say the same, each on a radio of its own."""
    radios = {bss.file.radio for bss in group}
    return len(radios) == len(group) and all(bss.content == group[0].content for bss in group)


def _server_names(bss: Bss) -> tuple[str, ...]:
    servers = bss.content.servers if bss.content else ()
    kept = tuple(bss.section.mark.get("radius", "").split(","))
    return kept if len(kept) == len(servers) and all(map(wlan.valid_name, kept)) else tuple(one.host for one in servers)
