"""A tree of statements as text: in braces, as lines that set it, and as what differs. Both directions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from netres.testing.sim.schema import Kind, Statement
from netres.testing.sim.settree import Node, Words, flat


@dataclass(frozen=True)
class Style:
    """How a platform writes its configuration."""

    plain: re.Pattern[str]
    """Matches words that need no quotes."""
    end: str = ";"
    """Behind a leaf; empty: the line's end ends it."""
    quote: str = '"'
    """Around words in braces."""
    set_quote: str = '"'
    """Around words in lines that set."""
    always: bool = False
    """Whether every value in a line that sets is quoted."""
    lists: bool = True
    """Whether the values of a leaf-list stand in one pair of brackets."""
    mark: str = ""
    """Behind a leaf that is a secret (option ``secret``), in braces."""


@dataclass(frozen=True)
class Word:
    """A word of a line: what it says, where it begins, whether quotes stood around it."""

    text: str
    at: int
    quoted: bool = False

    def __str__(self) -> str:
        return self.text


_WORD = re.compile(
    r"""\#.*|/\*.*?\*/|(?P<quoted>"(?:[^"\\]|\\.)*"|'[^']*')|(?P<mark>[{};\[\]|\n])|(?P<plain>[^\s{};\[\]|"']+)""",
    re.DOTALL,
)


def split(text: str) -> list[Word]:
    """The words of a text, each mark (braces, brackets, semicolon, bar, line end) one; comments are left out.

    Raises:
        ValueError: a quotation has no end.
    """
    found: list[Word] = []
    at = 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            if not text[at].isspace():
                raise ValueError("a quotation has no end")
            at += 1
            continue
        if quoted := match["quoted"]:
            inside = quoted[1:-1] if quoted[0] == "'" else re.sub(r"\\(.)", r"\1", quoted[1:-1])
            found.append(Word(inside, at, quoted=True))
        elif match["mark"] or match["plain"]:
            found.append(Word(match[0], at))
        at = match.end()
        if match[0].startswith("#"):  # a comment ends where its line ends
            at = min(at, text.find("\n", match.start()) % (len(text) + 1))
    return found


def quoted(word: str, style: Style, quote: str, *, always: bool = False) -> str:
    """A word as it is written."""
    if not always and style.plain.fullmatch(word):
        return word
    return f"'{word}'" if quote == "'" else '"' + re.sub(r'(["\\])', r"\\\1", word) + '"'


def set_lines(
    node: Node, style: Style, above: Sequence[str] = (), paths: Iterable[tuple[Words, ...]] | None = None
) -> Iterator[str]:
    """The lines that make what stands in a node.

    Args:
        node: what to show.
        style: how it is written.
        above: the words before every path.
        paths: show these alone, and not what is deactivated.
    """
    for path in node.paths() if paths is None else paths:
        words = [quoted(word, style, style.set_quote) for word in (*above, *flat(path))]
        statement = _leaf(node, path)
        if style.always and statement.valued and not statement.inner:
            words[-1] = quoted(path[-1][-1], style, style.set_quote, always=True)
        yield " ".join(("set", *words))
    for path in node.inactives() if paths is None else ():
        words = [quoted(word, style, style.set_quote) for word in (*above, *flat(path))]
        yield " ".join(("deactivate", *words))


def _leaf(node: Node, path: Sequence[Words]) -> Statement:
    for words in path:
        node = node.children[words]
    return node.statement


def braces(node: Node, style: Style) -> list[str]:
    """What stands in a node, in curly braces, four columns a level."""
    lines: list[str] = []
    done: set[Statement] = set()
    for child in node.sorted():
        if child.statement in done:
            continue
        if (style.lists and child.statement.kind is Kind.LEAF_LIST) or "grouped" in child.statement.options:
            done.add(child.statement)
            lines.extend(_together(node.of(child.statement), style))
        else:
            lines.extend(shown(child, style))
    return lines


def shown(node: Node, style: Style, before: str = "") -> list[str]:
    """A node itself, in curly braces."""
    mark = "inactive: " if node.inactive else ""
    head = before + mark + " ".join(quoted(word, style, style.quote) for word in node.words)
    if not node.statement.inner:
        return [head + style.end + (style.mark if "secret" in node.statement.options else "")]
    if not node.children:
        return [head + style.end] if style.end else [head + " {", "}"]
    if "flat" in node.statement.options:
        return [line for child in node.sorted() for line in shown(child, style, head + " ")]
    inside = braces(node, style)
    brief = "brief" in node.statement.options and all(not child.statement.inner for child in node.children.values())
    if brief and len(inside) == 1:
        return [f"{head} {inside[0]}"]
    return [head + " {", *(f"    {line}" for line in inside), "}"]


def _together(nodes: Sequence[Node], style: Style) -> list[str]:
    """The values of a leaf-list in brackets, or the entries of a list in one pair of braces."""
    name = nodes[0].words[0]
    if nodes[0].statement.kind is Kind.LIST:
        inside = [line for node in nodes for line in shown(Node(node.statement, node.words[1:], node.children), style)]
        return [name + " {", *(f"    {line}" for line in inside), "}"]
    values = [quoted(node.words[-1], style, style.quote) for node in nodes]
    return [f"{name} {values[0]}{style.end}" if len(values) == 1 else f"{name} [ {' '.join(values)} ]{style.end}"]


@dataclass(frozen=True)
class Edit:
    """A change of a tree: ``set``, ``delete``, ``deactivate``, ``activate``."""

    verb: str
    words: Words


def edits(text: str, root: Statement, style: Style) -> list[Edit]:
    """What a configuration in braces sets; ``inactive:`` deactivates, ``replace:`` deletes first.

    Raises:
        ValueError: the braces do not match, or a quotation has no end.
    """
    return list(_Reader(split(text), root, style).block(()))


class _Reader:
    """Reads a configuration in braces."""

    def __init__(self, words: list[Word], root: Statement, style: Style) -> None:
        self._words = words
        self._root = root
        self._style = style
        self._at = 0

    def block(self, above: Words) -> Iterator[Edit]:
        """What stands until the brace that closes, or the end."""
        here: list[Word] = []
        while self._at < len(self._words):
            word = self._words[self._at]
            self._at += 1
            mark = "" if word.quoted else word.text
            if mark == "}":
                if not above or here:
                    raise ValueError("a brace closes nothing")
                return
            if mark == "{":
                path, before, behind = self._head(above, here)
                yield from before
                yield from list(self.block(path)) or [Edit("set", path)]
                yield from behind
                here = []
            elif mark == ";" or (mark == "\n" and here and not self._style.end):
                yield from self._statement(above, here)
                here = []
            elif mark != "\n":
                here.append(word)
        if above or here:
            raise ValueError("a brace or a semicolon is missing")

    def _head(self, above: Words, here: list[Word]) -> tuple[Words, list[Edit], list[Edit]]:
        """A path, what is done before it is set, and what is done then."""
        marks = {word.text for word in here if word.text in {"inactive:", "replace:"} and not word.quoted}
        path = (*above, *(word.text for word in here if word.quoted or word.text not in marks))
        before = [Edit("delete", path)] if "replace:" in marks else []
        return path, before, [Edit("deactivate", path)] if "inactive:" in marks else []

    def _statement(self, above: Words, here: list[Word]) -> Iterator[Edit]:
        texts = ["" if word.quoted else word.text for word in here]
        if "[" in texts and texts[-1] == "]":
            at = texts.index("[")
            for value in here[at + 1 : -1]:
                yield Edit("set", (*above, *(word.text for word in here[:at]), value.text))
            return
        path, before, behind = self._head(above, here)
        yield from (*before, Edit("set", path), *behind)


@dataclass(frozen=True)
class Line:
    """A line that differs."""

    mark: str
    """``-`` or ``+``, or ``!`` where something was deactivated or activated."""
    indent: int
    """How deep it stands, as platforms with braces show it behind the mark."""
    text: str

    def __str__(self) -> str:
        return f"{self.mark}{' ' * self.indent}{self.text}"


@dataclass(frozen=True)
class Place:
    """What differs in one place."""

    path: Words
    lines: tuple[Line, ...]


def difference(old: Node, new: Node, style: Style, above: Words = (), depth: int = 0) -> Iterator[Place]:
    """What differs between two nodes of one path, by place."""
    gone = [child for child in old.sorted() if child.words not in new.children]
    come = [child for child in new.sorted() if child.words not in old.children]
    lines = [
        Line(mark, depth + 2 if child.statement.inner else depth + 1, line)
        for mark, children in (("-", gone), ("+", come))
        for child in children
        for line in shown(child, style)
    ]
    kept = [(old.children[child.words], child) for child in new.sorted() if child.words in old.children]
    for was, child in kept:
        if was.inactive != child.inactive:
            state = "inactive" if child.inactive else "active"
            lines.append(Line("!", depth + 2, f"{state}: {' '.join(child.words)} {{ ... }}"))
    if lines:
        yield Place(above, tuple(lines))
    for was, child in kept:
        yield from difference(was, child, style, (*above, *child.words), depth + 1)
