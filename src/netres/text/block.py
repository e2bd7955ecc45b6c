"""Blocks: one kind of Item as the rules of its native lines. Parses, renders, and writes a change line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, TypeAlias, cast

from pydantic import BaseModel, ValidationError

from netres.change import Change
from netres.driver import Scope
from netres.errors import InvalidConfig
from netres.flow import Cli, Flow, Part, Reply, show
from netres.model.base import Item, Key
from netres.model.config import Config
from netres.model.secret import Secret
from netres.model.types import DEFAULT_VRF
from netres.text.indented import Passage, Path, beginning, by_header, by_parents, commands, line_set, lines_of
from netres.text.rule import Rule

_REMEMBERED: Final = 20_000
"""Items of a kind that are remembered: a large router's, or what many small ones have in common."""
Values: TypeAlias = dict[str, object]
Groups: TypeAlias = "dict[tuple[str, ...], list[tuple[Path, Rule, Values]]]"
Slot: TypeAlias = tuple[str, tuple[str, ...], str]
"""Which line of which Item: rule, the values of the block's keys, and the member for a rule with ``each``."""


@dataclass(frozen=True)
class Line:
    """A native line of an Item: rule, its slot, parents, and the line itself."""

    rule: Rule
    slot: Slot
    parents: Path
    parts: tuple[Part, ...]
    values: Mapping[str, object]
    spelled: tuple[Path, tuple[Part, ...]] | None = None
    """Parents and line as the device itself writes them, where it had this very line."""

    def same(self, other: Line) -> bool:
        """Whether both say the same, however it is spelled."""
        return self.parts == other.parts

    @property
    def place(self) -> Path:
        """The parents to write it under."""
        return self.spelled[0] if self.spelled else self.parents

    @property
    def command(self) -> tuple[Part, ...]:
        """The line to write."""
        return self.spelled[1] if self.spelled else self.parts


def _as_they_are(values: Values, lines: frozenset[Path]) -> Values | None:
    return values


def _no_context(item: Item, config: Config) -> Values:
    return {}


def _fields(item: BaseModel) -> Values:
    return {name: getattr(item, name) for name in type(item).model_fields}


@dataclass(frozen=True)
class Parsed:
    """What a block found: Items, the native line of every slot by key, and lines of Items that cannot be expressed."""

    items: Mapping[Key, Item]
    lines: Mapping[Key, Mapping[Slot, Path]]
    claimed: frozenset[Path]
    broken: Mapping[Key, tuple[Path, ...]]


@dataclass(frozen=True, eq=False)
class Block:
    """How one kind stands in a native configuration.

    ``keys`` are the values that tell one Item (or entry) from another. ``load`` turns the values of an Item's lines
    into its fields, ``None`` for what the model cannot express; ``dump`` is its inverse. ``context`` adds values that
    stand in the lines but in another Item: the AS number in ``router bgp``. ``entries``: the field that holds a list
    of parts, each with lines of its own, told apart by ``seq``.
    """

    item: type[Item]
    keys: tuple[str, ...]
    rules: tuple[Rule, ...]
    load: Callable[[Values, frozenset[Path]], Values | None] = _as_they_are
    dump: Callable[[Item], Values] = _fields
    context: Callable[[Item, Config], Values] = _no_context
    entries: str = ""
    dump_entry: Callable[[BaseModel], Values] = _fields

    @cached_property
    def _by_header(self) -> Mapping[tuple[int, str], tuple[Rule, ...]]:
        """The rules by depth and by the first word of the outermost line: most lines are none of this block's."""
        found: dict[tuple[int, str], tuple[Rule, ...]] = {}
        for rule in self.rules:
            key = (len(rule.segments), rule.segments[0].first_word)
            found[key] = (*found.get(key, ()), rule)
        return found

    @cached_property
    def _fields(self) -> frozenset[str]:
        return frozenset(self.item.model_fields)

    def parse(self, native: Reply) -> Parsed:
        """The Items in a native configuration."""
        groups: Groups = {}
        passages = native.parsed(by_header)
        for key, rules in self._by_header.items():
            for passage in passages.get(key, ()):
                self._match(passage, rules, groups)
        return self._built(groups, native.parsed(line_set))

    def _match(self, passage: Passage, rules: tuple[Rule, ...], groups: Groups) -> None:
        """Put the lines of a passage that are this block's into groups, by the keys of their Items."""
        inside = [(rule, rule.inside(passage.parents)) for rule in rules]
        there = [(rule, rule.segments[-1].match, outer) for rule, outer in inside if outer is not None]
        for path in passage.lines:
            for rule, match, outer in there:
                if (inner := match(path[-1])) is not None:
                    values = {**outer, **inner}
                    groups.setdefault(self.group(values), []).append((path, rule, values))
                    break

    def group(self, values: Mapping[str, object]) -> tuple[str, ...]:
        """The values of the keys, as they stand in the key of an Item."""
        return tuple([_key_value(name, values.get(name)) for name in self.keys])

    def _built(self, groups: Groups, lines: frozenset[Path]) -> Parsed:
        items: dict[Key, Item] = {}
        native: dict[Key, dict[Slot, Path]] = {}
        broken: dict[Key, tuple[Path, ...]] = {}
        for group, found in groups.items():
            item = self._item(found, lines)
            if item is None:
                broken[Key(self.item.KIND, group)] = tuple(path for path, _, _ in found)
                continue
            items[item.key] = item
            native[item.key] = {self._slot(group, rule, values): path for path, rule, values in found}
        claimed = frozenset([path for by_slot in native.values() for path in by_slot.values()])
        return Parsed(items, native, claimed, broken)

    def _item(self, found: Iterable[tuple[Path, Rule, Values]], lines: frozenset[Path]) -> Item | None:
        merged: Values = {}
        entries: dict[str, Values] = {}
        for _, rule, values in found:
            into = entries.setdefault(str(values["seq"]), {}) if self.entries else merged
            for name, value in values.items():
                if name == rule.each:
                    many = cast("list[object]", into.setdefault(name, []))
                    many.append(value)
                elif self.entries and name in self.keys:
                    merged[name] = value
                else:
                    into[name] = value
        if self.entries:
            merged[self.entries] = list(entries.values())
        if (loaded := self.load(merged, lines)) is None:
            return None
        known = {name: value for name, value in loaded.items() if name in self._fields}
        try:
            return self._validated(known)
        except ValidationError:
            return None

    def _validated(self, known: Values) -> Item:
        """An Item of these values: the one made before, where one was, for a device is read again and again."""
        mark = _hashable(known)
        if mark is None:
            return self.item.model_validate(known)
        item = self._made.get(mark)
        if item is None:
            item = self.item.model_validate(known)
            if len(self._made) >= _REMEMBERED:
                self._made.clear()
            self._made[mark] = item
        return item

    def forget(self) -> None:
        """Make every Item anew from now on."""
        self._made.clear()

    @cached_property
    def _made(self) -> dict[object, Item]:
        return {}

    def owner(self, path: Path) -> Key | None:
        """The Item, or the entry of one, that a line which no rule claims would go with."""
        for rule in self.rules:
            if (values := rule.owner(path)) is not None:
                group = self.group(values)
                return Key(self.item.KIND, (*group, str(values["seq"])) if self.entries else group)
        return None

    def _slot(self, group: tuple[str, ...], rule: Rule, values: Mapping[str, object]) -> Slot:
        whole = (*group, str(values["seq"])) if self.entries else group
        return (rule.name, whole, str(values[rule.each]) if rule.each else "")

    def render(self, item: Item, config: Config) -> dict[Slot, Line]:
        """The native lines of an Item, by slot, in the order of the rules."""
        whole = {**self.dump(item), **self.context(item, config)}
        if whole.get("vrf") == DEFAULT_VRF:
            del whole["vrf"]
        parts = (
            [{**whole, **self.dump_entry(entry)} for entry in _parts(item, self.entries)] if self.entries else [whole]
        )
        found: dict[Slot, Line] = {}
        for values in parts:
            for rule in self.rules:
                for one in _members(rule, values):
                    if (line := rule.render(one)) is not None:
                        slot = self._slot(self.group(one), rule, one)
                        found[slot] = Line(rule, slot, *line, one)
        return found

    def write(self, change: Change, scope: Scope) -> Iterator[Cli]:
        """The commands of a change: what goes is taken away first, then what is new is written."""
        before = self._lines(change.before, scope.before, scope.native)
        after = self._lines(change.after, scope.after, scope.restore)
        kept = {slot for slot, line in before.items() if slot in after and line.same(after[slot])}
        new = [line for slot, line in after.items() if slot not in kept]
        gone = [
            line
            for slot, line in before.items()
            if slot not in kept and not (slot in after and after[slot].rule.overwrites)
        ]
        if scope.restore is None:
            self._spare(change.item.key, new, scope.native)
        roots = {line.slot[1] for line in gone if line.rule.root}
        removed = [line for line in reversed(gone) if line.rule.root or line.slot[1] not in roots]
        yield from commands(
            [
                *((line.place, line.rule.negation(line.command, line.values), False) for line in removed),
                *((line.place, line.command, line.rule.opens) for line in new),
            ]
        )

    def _spare(self, key: Key, new: Iterable[Line], native: Reply) -> None:
        """Refuse to write over a line of which the device keeps one, and which says what no rule can."""
        there, claimed = native.parsed(by_parents), native.parsed(self.parse).claimed
        for line in new:
            start = line.rule.fixed(line.values, self.keys)
            for text in beginning(there.get(line.place, ()), start) if not line.rule.each else ():
                if (*line.place, text) not in claimed:
                    raise InvalidConfig(f"{key}: would write over a line that netres does not own: {text}").about(key)

    def _lines(self, item: Item | None, config: Config, native: Reply | None) -> dict[Slot, Line]:
        """An Item's lines, spelled as the device had them where it had the same ones."""
        if item is None:
            return {}
        lines = self.render(item, config)
        found = native.parsed(self.parse) if native else None
        if found is None or found.items.get(item.key) != item:
            return lines
        spelled = found.lines[item.key]
        return {slot: _spelled(line, spelled.get(slot)) for slot, line in lines.items()}

    def read(self, command: str) -> Callable[[], Flow[Iterable[Item]]]:
        """A `netres.driver.Feature.read` that asks for the whole configuration with ``command``."""

        def flow() -> Flow[Iterable[Item]]:
            reply = yield from show(command)
            return reply.parsed(self.parse).items.values()

        return flow


def _hashable(value: object) -> object:
    """What tells values from others; ``None`` where a secret is among them, which is not to be remembered."""
    if isinstance(value, dict):
        values = cast("Values", value)
        marks = [_hashable(part) for part in values.values()]
        return None if None in marks else (*values, *marks)
    if isinstance(value, list | tuple):
        marks = [_hashable(part) for part in cast("Iterable[object]", value)]
        return None if None in marks else (*marks,)
    return None if isinstance(value, Secret) else (value.__class__, value)


def _key_value(name: str, value: object) -> str:
    if value is None or value is False:
        return DEFAULT_VRF if name == "vrf" else ""
    return name if value is True else str(value)


def _spelled(line: Line, path: Path | None) -> Line:
    if path is None or any(isinstance(part, Secret) for part in line.parts):
        return line
    return replace(line, spelled=(path[:-1], (path[-1],)))


def _parts(item: Item, name: str) -> Iterable[BaseModel]:
    return cast("Iterable[BaseModel]", getattr(item, name))


def _members(rule: Rule, values: Values) -> Iterator[Values]:
    if not rule.each:
        yield values
        return
    for member in cast("Iterable[object]", values.get(rule.each) or ()):
        yield {**values, rule.each: member}


def unowned(blocks: Iterable[Block]) -> Callable[[Reply], tuple[str, ...]]:
    """A `netres.driver.Driver.unowned`: the lines that no block claims, each behind what it stands in.

    That is an Item where there is one: its header may change, as that of a route map's clause from permit to deny.
    """
    blocks = tuple(blocks)

    def found(native: Reply) -> tuple[str, ...]:
        return tuple(" > ".join(_placed(blocks, path)) for path in _unclaimed(blocks, native))

    return found


def _placed(blocks: tuple[Block, ...], path: Path) -> tuple[str, ...]:
    owner = next((key for block in blocks if (key := block.owner(path))), None)
    return (str(owner), *path[1:]) if owner and len(path) > 1 else path


def _unclaimed(blocks: tuple[Block, ...], native: Reply) -> Iterator[Path]:
    lines = native.parsed(lines_of)
    claimed = frozenset[Path]().union(*(native.parsed(block.parse).claimed for block in blocks))
    headers = {passage.parents for passages in native.parsed(by_header).values() for passage in passages}
    return (path for path in lines if path not in claimed and path not in headers)


def foreign(blocks: Iterable[Block]) -> Callable[[Reply], Mapping[Key, tuple[str, ...]]]:
    """A `netres.driver.Driver.foreign`: the lines that no block claims, under the Item they would go with."""
    blocks = tuple(blocks)

    def found(native: Reply) -> Mapping[Key, tuple[str, ...]]:
        parsed = [native.parsed(block.parse) for block in blocks]
        # Dictionaries for ordered sets.
        lost = {key: dict.fromkeys(path[-1] for path in gone) for one in parsed for key, gone in one.broken.items()}
        for path in _unclaimed(blocks, native):
            for block in blocks:
                if key := block.owner(path):
                    lost.setdefault(key, {})[path[-1]] = None
        return {key: tuple(gone) for key, gone in lost.items()}

    return found
