"""The lists of one Kamailio as text, whose lines belong to Items, or to others; and lists with some Items changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from pydantic import ValidationError

from netres.errors import ParseError, Rejected
from netres.flow import Exec, Flow, Reply
from netres.model import Item, Key
from netres_drivers.kamailio import address, media, peers, route, rows
from netres_drivers.kamailio.script import ADDRESS, DISPATCHER, ROUTE, TRUNK, Script

Values: TypeAlias = Mapping[str, object]


@dataclass(frozen=True)
class Line:
    """One line of a list, without its end."""

    file: str
    text: str
    key: Key | None = None
    """Of the Item it belongs to."""
    values: Values | None = field(default=None, hash=False)
    """What it says of that Item; ``None``: something that netres cannot express."""


_CLAIMS: Final[Mapping[str, tuple[Callable[[str], tuple[Key, Values | None] | None], ...]]] = {
    DISPATCHER: (peers.claim,),
    ADDRESS: (address.claim,),
    TRUNK: (rows.claim, media.claim),
    ROUTE: (route.claim,),
}
_MAKES: Final[Mapping[str, Callable[[Key, Iterable[tuple[str, Values]]], Item]]] = {
    "sip_trunk": rows.make,
    "allowed_peer": address.make,
    "media_policy": media.make,
    "call_route": route.make,
}


@dataclass(frozen=True)
class Lists:
    """What the lists say."""

    texts: Mapping[str, str]
    lines: tuple[Line, ...]
    items: Mapping[Key, Item]

    @property
    def foreign(self) -> Mapping[Key, tuple[str, ...]]:
        """Lines that name an Item and say more of it than netres can express."""
        found: dict[Key, tuple[str, ...]] = {}
        for line in self.lines:
            if line.key is not None and (line.values is None or line.key not in self.items):
                found[line.key] = (*found.get(line.key, ()), line.text)
        return found

    @property
    def unowned(self) -> tuple[str, ...]:
        """Lines that belong to no Item."""
        return tuple(line.text for line in self.lines if line.values is None or line.key not in self.items)

    def owned(self, file: str, key: Key) -> tuple[str, ...]:
        """The lines of an Item in one list."""
        return tuple(line.text for line in self.lines if line.file == file and self.belongs(line, key))

    def belongs(self, line: Line, key: Key) -> bool:
        """Whether a line is the Item's, and says no more than it."""
        return line.key == key and line.values is not None and key in self.items


def command(script: Script) -> str:
    """Prints the lists, each after a line with its name and before an empty line."""
    parts = (f"printf '==> {name} <==\\n' && cat {name} && echo" for name in script.files)
    return " && ".join((script.cd, *parts))


def native(script: Script) -> Flow[Reply]:
    """The lists as text.

    Raises:
        Rejected: one cannot be read.
    """
    reply: Reply = yield Exec(command(script))
    if reply.status:
        raise Rejected("cat of netres's lists", reply.text.strip().rpartition("\n")[2])
    return reply


def split(text: str) -> Mapping[str, str]:
    """From the native configuration to the text of each list.

    Raises:
        ParseError: there is no telling where a list begins.
    """
    found: dict[str, str] = {}
    rest = f"\n{text}"
    names = [name for name in _CLAIMS if f"\n==> {name} <==\n" in rest]
    for place, name in enumerate(names):
        head, _, rest = rest.partition(f"\n==> {name} <==\n")
        if f"\n==> {name} <==\n" in rest:
            raise ParseError(f"a line of another list looks like the beginning of {name}")
        if place:
            found[names[place - 1]] = head
    if names:
        found[names[-1]] = rest.removesuffix("\n")
    return found


def understood(reply: Reply) -> Lists:
    """What the native configuration says; use it as ``reply.parsed(understood)``."""
    texts = split(reply.text)
    lines = tuple(_claimed(name, line) for name, text in texts.items() for line in whole(text))
    items: dict[Key, Item] = {}
    said: dict[Key, list[tuple[str, Values]]] = {}
    for line in lines:
        if line.key is not None and line.values is not None:
            said.setdefault(line.key, []).append((line.file, line.values))
    for key, values in said.items():
        try:
            items[key] = _MAKES[key.kind](key, values)
        except (ValidationError, ValueError):  # lines that do not go together: another's
            continue
    return Lists(texts, lines, items)


def whole(text: str) -> list[str]:
    """The lines of a list, without their ends. Nothing but a line feed ends one."""
    return text.removesuffix("\n").split("\n") if text else []


def _claimed(name: str, text: str) -> Line:
    for claim in _CLAIMS[name]:
        if (found := claim(text)) is not None:
            return Line(name, text, *found)
    return Line(name, text)


def edited(old: Lists, name: str, wanted: Mapping[Key, tuple[str, ...]]) -> str:
    """A list in which the lines of some Items are those that are wanted; all others stay where they are.

    A line that says what is wanted stays as it is spelled; new ones go where the old ones of the Item were.
    """
    left = {key: list(lines) for key, lines in wanted.items()}
    kept: list[str] = []
    behind: dict[Key, int] = {}
    instead: dict[Key, int] = {}
    for line in old.lines:
        if line.file != name:
            continue
        if line.key is None or line.key not in left or not old.belongs(line, line.key):
            kept.append(line.text)
        elif same := next((one for one in (line.text, _canonical(line)) if one in left[line.key]), None):
            left[line.key].remove(same)
            kept.append(line.text)
            behind[line.key] = len(kept)
        else:
            instead.setdefault(line.key, len(kept))
    places = behind | instead
    for key in sorted(places, key=lambda one: -places[one]):
        kept[places[key] : places[key]] = left.pop(key)
    for lines in left.values():
        kept.extend(lines)
    return "".join(f"{line}\n" for line in kept)


def _canonical(line: Line) -> str:
    speller = {DISPATCHER: peers.spell, ADDRESS: address.spell, ROUTE: route.spell}.get(line.file, rows.spell)
    return speller(line.values or {})
