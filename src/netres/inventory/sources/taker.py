"""Takes over devices from a source, field by field; what cannot be taken over is listed, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, cast

from netres.errors import InvalidConfig
from netres.inventory.merge import bound
from netres.inventory.shape import RESERVED, checked, refusing
from netres.inventory.sources import Found, Left

COMMON: Final = {
    "username": "the user name of all devices without one",
    "password": "a reference to the password of all devices: env:NAME, file:PATH or keyring:SERVICE/USER",
    "platform": "the platform of all devices without one",
}
"""Options of every source; besides, ``platform.NAME`` says which platform the source's NAME is."""
_ALIASES: Final = {
    "ios": "cisco_iosxe",
    "iosxe": "cisco_iosxe",
    "ios_xe": "cisco_iosxe",
    "cisco_ios": "cisco_iosxe",
    "cisco_xe": "cisco_iosxe",
    "cisco_ios_xe": "cisco_iosxe",
    "eos": "arista_eos",
    "junos": "juniper_junos",
    "juniper": "juniper_junos",
    "frrouting": "frr",
    "free_range_routing": "frr",
}
"""What Ansible, netmiko, NAPALM, NetBox and Nautobot call platforms of netres."""
_SECRET: Final = re.compile(r"pass|secret|token|community|private|credential|api_?key|_key$", re.IGNORECASE)


class Taker:
    """Collects the devices of one source."""

    def __init__(self, options: Mapping[str, str]) -> None:
        self._options = options
        self._devices: dict[str, dict[str, object]] = {}
        self._groups: dict[str, dict[str, object]] = {}
        self._left: list[Left] = []
        self._platforms: dict[str, str | None] = {}

    def leave(self, where: str, why: str) -> None:
        """List something as not taken over."""
        self._left.append(Left(where, why))

    def device(self, name: object, fields: Mapping[str, object], where: str) -> None:
        """Take over a device; ``fields`` are those of an inventory file, ``None`` where the source says nothing."""
        given = {key: value for key, value in fields.items() if value is not None and value not in ("", {}, [])}
        label = str(name)
        if label in self._devices:
            self.leave(where, "is there already under this name")
            return
        if not self._sound(name, {}, where):
            return
        if "platform" in given and (known := self._platform(str(given.pop("platform")), where)) is not None:
            given["platform"] = known
        if "tags" in given:
            given["tags"] = self._tags(cast("Mapping[str, object]", given["tags"]), where)
        groups = cast("Iterable[str]", given.pop("groups", ()))
        if not self._sound(name, given, ""):
            given = {key: value for key, value in given.items() if self._sound(name, {key: value}, f"{where}.{key}")}
        if mine := [group for group in dict.fromkeys(groups) if self.group(group, f"{where}.groups")]:
            given["groups"] = mine
        self._devices[label] = given

    def group(self, name: str, where: str) -> bool:
        """Whether there is, now, a group of that name."""
        if name not in self._groups and self._sound(name, {}, where):
            self._groups[name] = {}
        return name in self._groups

    def found(self) -> Found:
        """The sections, with only such devices as have all that a device must have."""
        defaults: dict[str, object] = {key: self._options[key] for key in COMMON if key in self._options}
        sections: dict[str, object] = {"defaults": defaults, "groups": self._groups, "devices": self._devices}
        refuse = refusing(lambda loc, sentence: f"option {sentence}")
        if defaults:
            checked({"defaults": defaults}, refuse)
        book = bound(checked({**sections}, refuse), refuse)
        for name in book.devices:
            missing = [word for word in ("platform", "host") if not book.value(name, word)]
            if missing:
                self.leave(name, f"is left out: it has no {' and no '.join(missing)} that netres knows")
                del self._devices[name]
        kept = {key: value for key, value in sections.items() if value or key == "devices"}
        return Found(kept, tuple(self._left))

    def _platform(self, told: str, where: str) -> str | None:
        if told not in self._platforms:
            self._platforms[told] = self._known(told)
        if (known := self._platforms[told]) is None:
            self.leave(f"{where}.platform", f"{told!r} has no driver; say which it is with platform.{told}=NAME")
        return known

    def _known(self, told: str) -> str | None:
        from netres.registry import platforms

        if (said := self._options.get(f"platform.{told}")) is not None:
            return said
        word = re.sub(r"[\s-]+", "_", told.strip().lower())
        words = (word, word.rpartition(".")[2])  # Ansible's are collection.collection.name
        names = (_ALIASES.get(one, one) for one in words)
        return next((one for one in names if one in platforms()), None)

    def _tags(self, told: Mapping[str, object], where: str) -> dict[str, object]:
        tags: dict[str, object] = {}
        for name, value in told.items():
            place = f"{where}.{name}"
            if value is None or value == "":
                continue
            if not isinstance(value, str | int | float):
                self.leave(place, "is a list or a mapping, which no tag is")
            elif _SECRET.search(name):
                self.leave(place, "may be a secret, and is not taken over; name a reference to it")
            elif name in RESERVED:
                self.leave(place, "is a word of selections, and cannot be a tag")
            else:
                text = str(value).lower() if isinstance(value, bool) else str(value)
                if self._sound("device", {"tags": {name: text}}, place):
                    tags[name] = text
        return tags

    def _sound(self, name: object, fields: Mapping[str, object], where: str) -> bool:
        """Whether an inventory may say this of a device; what not is listed under ``where``, if given."""
        try:
            checked({"devices": {name: fields}}, lambda _, sentence: InvalidConfig(sentence))
        except InvalidConfig as error:
            if where:
                self.leave(where, str(error))
            return False
        return True
