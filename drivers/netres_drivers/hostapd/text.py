"""A configuration file as hostapd reads it: lines ``key=value``, a first section, and one section per ``bss=`` line.

A line is held as octets, one character each (`octets`, `text`), because hostapd knows no character set; what is not
changed is written as it was read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from netres.flow import Part
from netres.model.secret import Secret

MARK: Final = "#netres"
"""The key of a line in which netres keeps what hostapd has no word for; to hostapd it is a comment."""
_LONGEST: Final = 4095
"""Octets after which hostapd takes the rest of a line for a line of its own."""
_LINE: Final = re.compile(rf"[^\n]{{0,{_LONGEST - 1}}}\n|[^\n]{{{_LONGEST}}}|[^\n]+\Z")
_MARKED: Final = re.compile(rf"{MARK} ((?:wlan|bands|radius)=\S+(?: (?:wlan|bands|radius)=\S+)*)")
_KEYS_OF_SECRETS: Final = (
    r"(?:multi_ap_backhaul_)?wpa_passphrase|(?:multi_ap_backhaul_)?wpa_psk|sae_password|"
    r"(?:auth|acct)_server_shared_secret|wep_key[0-3]|ap_pin|private_key_passwd2?|radius_das_client|r[01]kh|"
    r"pac_opaque_encr_key|dpp_csign|dpp_netaccesskey"
)
SECRET: Final = re.compile(rf"(?<!\w)(?:{_KEYS_OF_SECRETS})=([^\n]+)")
"""A secret, wherever it stands: in a comment too."""


def octets(text: str) -> str:
    """One character per octet of what the device sent."""
    return text.encode(errors="surrogateescape").decode("latin-1")


def text(octets: str) -> str:
    """The inverse of `octets`."""
    return octets.encode("latin-1").decode(errors="surrogateescape")


def unfit(value: str) -> str:
    """Why a value would not be the rest of one line to hostapd; empty where it would."""
    if not value.isprintable():
        return "has a control character"
    size = len(value.encode(errors="surrogateescape"))
    return f"has {size} octets; hostapd reads lines of up to {_LONGEST}" if size > 4000 else ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as hostapd sees it. ``raw`` has its line break, where there is one."""

    raw: str
    key: str = ""
    """Empty: a comment, a blank line, or nothing that hostapd takes."""
    value: str | Secret = ""
    """A secret where it is not known: then there is no ``raw``."""

    @classmethod
    def read(cls, raw: str) -> Line:
        """A line of a file."""
        body = raw.removesuffix("\n").partition("\0")[0]
        if body.startswith("#"):
            marked = _MARKED.fullmatch(body)
            return cls(raw, MARK, marked[1]) if marked else cls(raw)
        key, equals, value = body.partition("=")
        return cls(raw, key, value) if equals else cls(raw)

    @classmethod
    def of(cls, key: str, value: str | int | Secret) -> Line:
        """A new line; text is given as it is, not as octets."""
        if isinstance(value, Secret):
            if not value.known:
                return cls("", key, value)
            value = value.reveal()  # `parts` takes it out again
        if key == MARK:
            return cls(f"{MARK} {value}\n", key, str(value))
        return cls(f"{key}={octets(str(value))}\n", key, octets(str(value)))

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return not self.key and not self.raw.strip()

    @property
    def body(self) -> str:
        """The line without its line break, for people."""
        return text(self.raw.removesuffix("\n"))

    def parts(self) -> Iterator[Part]:
        """The line as it is sent: text and secrets."""
        if isinstance(self.value, Secret):
            yield from (f"{self.key}=", self.value, "\n")
            return
        found = SECRET.search(self.raw)
        if found is None:
            yield text(self.raw)
            return
        yield text(self.raw[: found.start(1)])
        yield Secret.observed(text(found[1]))
        yield text(self.raw[found.end(1) :])


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of one BSS: the first one's, which are the radio's too, or those from a ``bss=`` line on."""

    lines: tuple[Line, ...]

    def get(self, key: str) -> str | None:
        """What counts of a key: as for hostapd, the last line that has it."""
        found = self.all(key)
        return found[-1] if found else None

    def all(self, *keys: str) -> list[str]:
        """The values of every line with one of these keys, in order."""
        return [str(line.value) for line in self.lines if line.key in keys]

    @property
    def interface(self) -> str:
        """Of the BSS; hostapd keeps 15 octets of a name."""
        return text((self.get("bss") or self.get("interface") or "wlan0")[:15])

    @property
    def mark(self) -> dict[str, str]:
        """What netres keeps in it."""
        words = (self.get(MARK) or "").split()
        return dict(word.split("=", 1) for word in words)

    def with_lines(self, gone: Callable[[Line], bool], lines: Sequence[Line]) -> Section:
        """This section with ``lines`` in place of those that go: where the first of these stood, else at its end."""
        kept: list[Line] = []
        place: int | None = None
        for line in self.lines:
            if not gone(line):
                kept.append(line)
            elif place is None:
                place = len(kept)
        if place is None:
            place = max((number for number, line in enumerate(kept, 1) if line.key), default=len(kept))
        if lines and place and kept[place - 1].raw and not kept[place - 1].raw.endswith("\n"):
            kept[place - 1] = replace(kept[place - 1], raw=kept[place - 1].raw + "\n")
        return Section((*kept[:place], *lines, *kept[place:]))


@dataclass(frozen=True)
class File:
    """One configuration file: a radio and its BSSes."""

    path: str
    sections: tuple[Section, ...]

    @classmethod
    def read(cls, path: str, content: str) -> File:
        """A file from its text; every text is one."""
        sections: list[list[Line]] = [[]]
        for match in _LINE.finditer(octets(content)):
            line = Line.read(match[0])
            if line.key == "bss":
                sections.append([])
            sections[-1].append(line)
        return cls(path, tuple(Section(tuple(lines)) for lines in sections))

    @property
    def radio(self) -> str:
        """Its name: that of its first interface."""
        return text((self.sections[0].get("interface") or "wlan0")[:15])

    @property
    def whole(self) -> Section:
        """All its lines: what concerns the radio may stand in any section."""
        return Section(tuple(line for section in self.sections for line in section.lines))

    @property
    def digest(self) -> str:
        """SHA-256 of a file that was read."""
        return hashlib.sha256("".join(line.raw for line in self.whole.lines).encode("latin-1")).hexdigest()

    def parts(self) -> tuple[Part, ...]:
        """The file as it is sent: text and secrets, one part for what has no secret."""
        joined: list[Part] = []
        for line in self.whole.lines:
            for part in line.parts():
                if isinstance(part, str) and joined and isinstance(joined[-1], str):
                    joined[-1] += part
                else:
                    joined.append(part)
        return tuple(joined)
