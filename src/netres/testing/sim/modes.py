"""Configuration modes: which lines each of them takes, and what a line does to the configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from netres.testing.sim.cli import Refused
from netres.testing.sim.tree import Node, Rank
from netres.testing.sim.words import Accept, Grammar, Matched, Wrong

Act: TypeAlias = Literal["line", "exit", "end"]


@dataclass(frozen=True)
class Rule:
    """What a configuration line does."""

    act: Act = "line"
    opens: str = ""
    """The mode that it opens."""
    both: bool = False
    """Whether its negation is a line too, and shown."""
    default: bool = False
    """Whether it is so by itself: only its negation is shown."""
    as_come: bool = False
    """Whether such lines keep the order in which they came; others are sorted."""


@dataclass(frozen=True)
class Mode:
    """A mode of configuration.

    ``lines`` has a pattern (see `netres.testing.sim.words.Grammar`) on each line, in the order in which the device
    shows them: ``PATTERN -> MODE`` opens a mode; ``no PATTERN`` takes away whatever begins like that, and is nothing
    else; ``[no] PATTERN`` is a line both with and without ``no``; ``~ PATTERN`` is so by itself, and only ``no`` of it
    is shown; ``+ PATTERN`` keeps its lines in the order in which they came, where others are sorted.
    """

    prompt: str
    """As it stands in the prompt: ``config-if``."""
    lines: str
    initial: Mapping[str, str] = field(default_factory=dict[str, str])
    """Lines of a new block, by a regular expression of its first line; line feeds between them."""
    closing: str = ""
    """A word that leaves this mode as ``exit`` does; shown at the end of the block."""


@dataclass(frozen=True)
class Edit:
    """A line that is about to change the configuration."""

    mode: str
    parent: Node
    """The block it stands in."""
    matched: Matched[Rule]
    negative: bool

    @property
    def text(self) -> str:
        """The line, without ``no``."""
        return self.matched.text

    def rank(self, text: str) -> Rank:
        """Where such a line stands among its neighbours: by its pattern, then sorted, numbers by their value."""
        if self.matched.meaning.as_come:
            return (self.matched.rank, "")
        return (self.matched.rank, re.sub(r"\d+", lambda number: number[0].zfill(12), text))


@dataclass(frozen=True)
class Dialect:
    """How one platform's indented command line talks. Every text of it is the platform's own."""

    modes: Mapping[str, Mode]
    types: Mapping[str, Accept]
    invalid: str
    incomplete: str
    ambiguous: str
    """``{line}`` is the line."""
    locked: str
    """Refuses to enter configuration while somebody else holds the lock."""
    top: str = "configure"
    no: str = "no"
    comment: str = "!"
    check: Callable[[Editor, Edit], str] = lambda editor, edit: ""
    """What is to be said to a line (a warning); raises `Refused` for one that the platform does not take here."""
    stored: Callable[[str, str], str] = lambda mode, line: line
    """From a mode and a line to the line that is stored: a password becomes a hash."""
    told: Callable[[Edit], str] = lambda edit: edit.text
    """From a line to one that says the same by itself, where it refers to what is there (``add 30``); empty: what is
    there goes, for the line says what is so by itself."""
    indent: str = " "
    text: re.Pattern[str] = re.compile(r"(?!)()")
    """Begins a text of many lines; group 1 is the delimiter that ends it, too."""
    climbs: bool = False
    """Whether a line that one mode takes only in part is looked for in those above it."""

    @cached_property
    def grammars(self) -> Mapping[str, tuple[Grammar[Rule], Grammar[Rule]]]:
        """Of each mode: of its lines, and of what ``no`` takes away."""
        return {name: self._grammars(mode) for name, mode in self.modes.items()}

    def _grammars(self, mode: Mode) -> tuple[Grammar[Rule], Grammar[Rule]]:
        lines: Grammar[Rule] = Grammar(self.types)
        negations: Grammar[Rule] = Grammar(self.types)
        for raw in mode.lines.splitlines():
            pattern, _, opens = (part.strip() for part in raw.partition("->"))
            only, both, default, as_come = (pattern.startswith(mark) for mark in ("no ", "[no] ", "~ ", "+ "))
            rule = Rule(opens=opens, both=both, default=default, as_come=as_come)
            pattern = pattern.split(" ", 1)[1] if only or both or default or as_come else pattern
            if pattern:
                negations.add(pattern, rule)
                if not only:
                    lines.add(pattern, rule)
        lines.add("exit", Rule("exit"))
        lines.add("end", Rule("end"))
        if mode.closing:
            lines.add(mode.closing, Rule("exit"))
        return lines, negations

    def words_of(self, wrong: Wrong, line: str, column: int) -> str:
        """What is answered to a line that is not taken; ``column``: where it begins on the screen."""
        if wrong.kind == "invalid":
            return f"{' ' * (column + wrong.column)}^\n{self.invalid}\n\n"
        return f"{self.incomplete}\n\n" if wrong.kind == "incomplete" else self.ambiguous.format(line=line) + "\n"


class Editor:
    """Somebody in configuration mode, changing ``tree``: the running configuration, or a candidate."""

    def __init__(self, dialect: Dialect, tree: Node, stored: Callable[[str], str] = str) -> None:
        self.dialect = dialect
        self.tree = tree
        self.done = False
        """Whether configuration mode was left."""
        self._stored = stored
        self._text: str | None = None
        self._stack: list[tuple[str, str]] = [(dialect.top, "")]
        """Modes, and the identities of the blocks; these are looked up at each line, for the tree may be replaced."""

    @property
    def mode(self) -> Mode:
        """The mode of the next line."""
        return self.dialect.modes[self._stack[-1][0]]

    @property
    def above(self) -> tuple[str, ...]:
        """The lines of the blocks that are open, from the outermost."""
        return tuple(node.line for node in self._blocks()[1:])

    def _blocks(self) -> list[Node]:
        """The blocks that are open; of one that is gone, it and those inside are left."""
        nodes = [self.tree]
        for _, identity in self._stack[1:]:
            if (node := nodes[-1].children.get(identity)) is None:
                break
            nodes.append(node)
        del self._stack[len(nodes) :]
        return nodes

    def block(self, mode: str) -> Node:
        """The block of this mode that is open; `KeyError` where there is none."""
        return {name: node for (name, _), node in zip(list(self._stack), self._blocks(), strict=False)}[mode]

    def enter(self, line: str) -> str:
        """Take a line; what is answered, mostly nothing.

        Raises:
            Wrong: it is no line of this mode or of one above it.
            Refused: the platform does not take it here; says why.
        """
        typed = line.strip()
        if self._text is None and (not typed or typed.startswith(self.dialect.comment)):
            return ""
        if self._text is not None:
            line = typed = self._text + line
            self._text = None
        if self._unfinished(typed):
            self._text = line + "\n"
            return ""
        offset = len(line) - len(line.lstrip())
        no, _, rest = typed.partition(" ")
        negative = no.lower() == self.dialect.no and bool(rest.strip())
        if negative:
            offset += len(typed) - len(rest.lstrip())
            typed = rest.strip()
        depth, matched = self._found(typed, offset, negative)
        return self._done(depth, matched, negative)

    @property
    def in_text(self) -> bool:
        """Whether the next line is one of a text that has not ended."""
        return self._text is not None

    def _unfinished(self, typed: str) -> bool:
        """Whether a line begins a text whose last delimiter has not come."""
        begun = self.dialect.text.match(typed)
        return begun is not None and begun[1] not in typed[begun.end() :]

    def after(self, line: str) -> list[str]:
        """What may come where a line ends; raises `Wrong` where none begins like that."""
        no, blank, rest = line.lstrip().partition(" ")
        negative = bool(blank) and no.lower() == self.dialect.no
        return self.dialect.grammars[self._stack[-1][0]][negative].after(rest if negative else line)

    def run(self, text: str) -> Iterator[tuple[str, str | Wrong | Refused]]:
        """Take the lines of a text; each with its answer, or with what is wrong with it."""
        for line in text.splitlines():
            if self.done:
                return
            try:
                yield line, self.enter(line)
            except (Wrong, Refused) as refused:
                yield line, refused

    def _found(self, typed: str, offset: int, negative: bool) -> tuple[int, Matched[Rule]]:
        """In which of the open blocks a line is meant: the innermost that takes it."""
        first: Wrong | None = None
        for depth in reversed(range(len(self._blocks()))):
            grammar = self.dialect.grammars[self._stack[depth][0]][negative]
            try:
                return depth, grammar.match(typed, partly=negative)
            except Wrong as wrong:
                if wrong.kind != "invalid" and not self.dialect.climbs:
                    raise Wrong(wrong.kind, wrong.column + offset) from None
                first = first or wrong
        assert first is not None
        raise Wrong(first.kind, first.column + offset)

    def _done(self, depth: int, matched: Matched[Rule], negative: bool) -> str:
        name, parent = self._stack[depth][0], self._blocks()[depth]
        if matched.meaning.act == "line":
            edit = Edit(name, parent, matched, negative)
            said = self.dialect.check(self, edit)
            del self._stack[depth + 1 :]
            if negative:
                self._take_away(edit)
            else:
                self._put(edit)
            return said
        del self._stack[depth + 1 :]
        self._stack.pop()
        self.done = matched.meaning.act == "end" or not self._stack
        return ""

    def _put(self, edit: Edit) -> None:
        rule, matched = edit.matched.meaning, edit.matched
        told = "" if rule.default else self.dialect.told(edit)
        if not told:
            edit.parent.children.pop(matched.identity, None)
            return
        text = self._stored(self.dialect.stored(edit.mode, told))
        identity = _identity(matched, text)
        new = identity not in edit.parent.children
        mode = self.dialect.modes.get(rule.opens)
        node = edit.parent.child(identity, text, edit.rank(text), mode.closing if mode else "")
        if mode is not None:
            self._stack.append((rule.opens, identity))
            if new:
                self._begin(mode, node)

    def _begin(self, mode: Mode, node: Node) -> None:
        """Give a new block the lines that it always begins with."""
        for pattern, lines in mode.initial.items():
            if re.search(pattern, node.line):
                depth = len(self._stack)
                for line in lines.splitlines():
                    self.enter(line)
                    del self._stack[depth:]

    def _take_away(self, edit: Edit) -> None:
        children, identity = edit.parent.children, edit.matched.identity
        rule = edit.matched.meaning
        shown = rule.both or rule.default
        for key in [key for key in children if key.startswith(identity + " ") or (key == identity and not shown)]:
            del children[key]
        if shown:
            edit.parent.child(identity, f"{self.dialect.no} {identity}", edit.rank(identity))


def _identity(matched: Matched[Rule], text: str) -> str:
    """What tells the line that is stored from others; it may be another one than the line that matched."""
    words, value, count = text.split(), matched.value, len(matched.words)
    if value.start == count:
        return text
    return " ".join((*words[: value.start], *(words[value.stop :] if value.stop < count else ())))
