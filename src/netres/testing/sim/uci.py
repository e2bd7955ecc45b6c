"""UCI configuration: packages of sections of options; its text, as libuci reads and writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, TypeAlias

Value: TypeAlias = str | tuple[str, ...]
"""Of an option, or of a list."""


class UciError(Exception):
    """Something cannot be; the numbers and words are libuci's."""

    def __init__(self, code: Code, words: str = "") -> None:
        super().__init__(words or code.words)
        self.code = code


class Code(IntEnum):
    """libuci's error codes, which are also exit statuses."""

    INVALID = 2
    NOT_FOUND = 3
    IO = 4
    PARSE = 5

    @property
    def words(self) -> str:
        """What it says."""
        return {2: "Invalid argument", 3: "Entry not found", 4: "I/O error", 5: "Parse error"}[self]


NAME: Final = re.compile(r"[A-Za-z0-9_]+")
"""Of a section or an option."""
TYPE: Final = re.compile(r"[!-~]+")
PACKAGE: Final = re.compile(r"[!-~]+")


@dataclass
class Section:
    """A section; its name is made up where it is anonymous."""

    type: str
    name: str
    anonymous: bool = False
    options: dict[str, Value] = field(default_factory=dict[str, Value])

    def lines(self) -> Iterator[str]:
        """As a file has it."""
        yield f"config {self.type}" + ("" if self.anonymous else f" {quoted(self.name)}")
        for name, value in self.options.items():
            if isinstance(value, str):
                yield f"\toption {name} {quoted(value)}"
            else:
                yield from (f"\tlist {name} {quoted(one)}" for one in value)


@dataclass
class Package:
    """A configuration file, in memory."""

    name: str
    sections: list[Section] = field(default_factory=list[Section])
    made: int = 0
    """How many sections were made in it: what the names of anonymous ones begin with."""

    def section(self, name: str) -> Section | None:
        """The section of a name, or of ``@type[number]``."""
        if match := re.fullmatch(r"@([^\[\]]*)\[(-?[0-9]+)\]", name):
            found = [one for one in self.sections if one.type == match[1] or not match[1]]
            number = int(match[2])
            return found[number] if -len(found) <= number < len(found) else None
        return next((one for one in self.sections if one.name == name), None)

    def add(self, type_: str, name: str | None = None, *, anonymous: bool = False) -> Section:
        """A new section at the end; one without a name is anonymous."""
        self.made += 1
        made = Section(type_, name or made_up(self.made, type_), anonymous or name is None)
        self.sections.append(made)
        return made

    def label(self, section: Section) -> str:
        """How ``uci show`` calls a section."""
        if not section.anonymous:
            return section.name
        same = [one for one in self.sections if one.type == section.type]
        return f"@{section.type}[{[one is section for one in same].index(True)}]"

    def text(self) -> str:
        """The file."""
        return "".join("\n" + "".join(f"{line}\n" for line in one.lines()) for one in self.sections) + "\n"

    def export(self) -> str:
        """As ``uci export`` shows it."""
        return f"package {self.name}\n{self.text()}"

    def show(self, section: Section | None = None, *, ids: bool = False) -> str:
        """As ``uci show`` shows it; ``ids``: anonymous sections by their made-up names."""
        lines: list[str] = []
        for one in self.sections if section is None else [section]:
            where = f"{self.name}.{one.name if ids else self.label(one)}"
            lines.append(f"{where}={one.type}")
            lines += [f"{where}.{name}={listed(value)}" for name, value in one.options.items()]
        return "".join(f"{line}\n" for line in lines)


def made_up(number: int, type_: str) -> str:
    """The name of an anonymous section, as libuci makes it: of its number and a hash of its type."""
    hashed = 5381
    for byte in type_.encode():
        hashed = (hashed * 33 + byte) & 0xFFFFFFFF
    return f"cfg{number:02x}{hashed & 0xFFFF:04x}"


def quoted(text: str) -> str:
    """In single quotes, as libuci and a shell read it."""
    return "'" + text.replace("'", "'\\''") + "'"


def listed(value: Value) -> str:
    """A value as ``uci show`` shows it."""
    return quoted(value) if isinstance(value, str) else " ".join(map(quoted, value))


_PART: Final = re.compile(
    r"""'(?P<single>[^']*)'|"(?P<double>(?:\\.|[^"\\])*)"|(?P<plain>(?:\\.|[^\s'"#;\\])+)""", re.DOTALL
)
_SIMPLE: Final = re.compile(r"[ \t]*(\w+)[ \t]+([^\s'\"#;\\]+)(?:[ \t]+'([^'\n]*)')?[ \t]*\n")
"""What nearly every line is."""
_GAP: Final = re.compile(r"[ \t]*(?:#[^\n]*)?")


def _statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """The words of every line, with its number; a quoted word may go over several lines."""
    place, number = 0, 1
    while place < len(text):
        if simple := _SIMPLE.match(text, place):
            yield number, [word for word in simple.groups() if word is not None]
            place, number = simple.end(), number + 1
            continue
        words: list[str] = []
        began = number
        joined = False
        while place < len(text) and text[place] not in "\n;":
            gap = _GAP.match(text, place)
            if gap is not None and gap.end() > place:
                place, joined = gap.end(), False
                continue
            part = _PART.match(text, place)
            if part is None:
                raise UciError(Code.PARSE, f"Parse error (unterminated string) at line {number}, byte 0")
            word = (
                part["single"]
                if part["single"] is not None
                else re.sub(r"\\(.)", r"\1", part["double"] or part["plain"] or "", flags=re.DOTALL)
            )
            words = [*words[:-1], words[-1] + word] if joined else [*words, word]
            number += part[0].count("\n")
            place, joined = part.end(), True
        if text[place : place + 1] == "\n":
            number += 1
        place += 1
        if words:
            yield began, words


def parse(text: str, name: str | None = None) -> dict[str, Package]:
    """The packages of a file (one, called ``name``) or of what ``uci export`` shows.

    Raises:
        UciError: it is none; says where.
    """
    packages: dict[str, Package] = {}
    package = packages.setdefault(name, Package(name)) if name else None
    section: Section | None = None
    for number, words in _statements(text):
        match words:
            case ["package", called] if PACKAGE.fullmatch(called):
                package, section = packages.setdefault(called, Package(called)), None
            case ["config", type_, *called] if package and TYPE.fullmatch(type_) and len(called) < 2:
                section = _configured(package, type_, called[0] if called else "", number)
            case ["option" | "list" as kind, option, value] if section and NAME.fullmatch(option):
                if value:  # an empty one is none
                    before = section.options.get(option, ())
                    section.options[option] = value if kind == "option" else (*many(before), value)
            case _:
                raise UciError(Code.PARSE, f"Parse error (invalid command) at line {number}, byte 0")
    return packages


def _configured(package: Package, type_: str, name: str, number: int) -> Section:
    if name and not NAME.fullmatch(name):
        raise UciError(Code.PARSE, f"Parse error (invalid character in name field) at line {number}, byte 0")
    found = package.section(name) if name else None
    if found is None:
        return package.add(type_, name or None)
    found.type = type_
    return found


def many(value: Value) -> tuple[str, ...]:
    """The values of a list; an option is a list of one."""
    return (value,) if isinstance(value, str) else value


def merged(package: Package, other: Package) -> Package:
    """A package with the sections of another: named ones become one, anonymous ones are added."""
    for section in other.sections:
        there = None if section.anonymous else package.section(section.name)
        mine = there or package.add(section.type, None if section.anonymous else section.name)
        mine.options.update(section.options)
    return package


def plain(options: Mapping[str, Value]) -> dict[str, str | list[str]]:
    """Options as JSON has them."""
    return {name: value if isinstance(value, str) else list(value) for name, value in options.items()}
