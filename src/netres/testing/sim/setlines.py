"""A command line of set lines: ``set PATH``, ``delete PATH``, a candidate, ``commit``. Knows no platform.

What every such platform has stands here; a platform's ``sim.py`` adds its own words, and the texts.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence

from netres.testing.sim.candidate import Candidates
from netres.testing.sim.cli import CliSession, Refused
from netres.testing.sim.device import Simulated
from netres.testing.sim.editing import CheckFailed, Editor, Locked, Mode, Modified
from netres.testing.sim.schema import PathRefused, steps
from netres.testing.sim.setedit import edit
from netres.testing.sim.settext import Edit, Word, split
from netres.testing.sim.settree import Node, flat

Verb = Callable[[list[Word]], str]
"""What a first word does, from the words behind it."""
Stage = Callable[[str], str]
"""What a word behind a bar makes of an answer."""


class SetLineSession(CliSession):
    """A login. ``self.editor.mode`` tells whether it is in configuration mode."""

    end_of_text = "\x04"

    def __init__(self, device: Simulated, store: Candidates) -> None:
        super().__init__(device)
        self.store = store
        self.editor: Editor = store.login(device.username, "cli")
        self.level: list[tuple[str, ...]] = []
        """The places gone into by ``edit``, the one in the other; the last is where lines begin."""
        self._running = False
        self.typed = ""
        """The line that is being done."""

    # What a platform adds

    @abstractmethod
    def operating(self) -> dict[str, Verb]:
        """The first words of operational mode."""

    @abstractmethod
    def unknown(self, words: Sequence[Word], index: int) -> str:
        """What is answered where a word is none that is known; ``index``: which."""

    @abstractmethod
    def path_refused(self, verb: str, words: Sequence[Word], refused: PathRefused) -> str:
        """What is answered where the path in ``words`` does not fit."""

    @abstractmethod
    def locked(self, holder: Editor | None) -> str:
        """What is answered where somebody else has the lock."""

    @abstractmethod
    def modified(self) -> str:
        """What is answered where somebody's changes stand in the way of a lock."""

    @abstractmethod
    def check_failed(self, reason: str) -> str:
        """What is answered where a configuration is refused as a whole."""

    @abstractmethod
    def unchanged(self, verb: str, path: Sequence[str]) -> str:
        """What is answered where what a line sets is there already, or what it deletes is not."""

    @abstractmethod
    def leave(self, words: list[Word]) -> str:
        """``exit``."""

    # Lines

    def enter(self, line: str) -> str:
        """Do a line."""
        self.typed = self.device.faults.stored(line) if self.editor.mode and line.startswith("set ") else line
        try:
            words = split(self.typed)
        except ValueError:
            raise Refused(self.refusal(line)) from None
        return self.do(words) if words else ""

    def do(self, words: list[Word]) -> str:
        """Do a line's words; those behind bars change its answer."""
        if self.configuring and words[0].text == "run":
            return self._run(words[1:])
        command, *behind = _parted(words)
        verbs = self.editing() if self.configuring else self.operating()
        verb = self.found(verbs, command, words)
        try:
            if behind and (special := self.piped(command, behind)) is not None:
                return special
            answer = verb(command[1:])
            for stage in behind:
                answer = self.stage(stage)(answer)
        except Locked as locked:
            raise Refused(self.locked(locked.holder)) from locked
        except Modified as modified:
            raise Refused(self.modified()) from modified
        except CheckFailed as failed:
            raise Refused(self.check_failed(str(failed))) from failed
        return answer

    @property
    def configuring(self) -> bool:
        """Whether a line is one of configuration mode."""
        return self.editor.mode is not None and not self._running

    def _run(self, words: list[Word]) -> str:
        """``run``: a line of operational mode, which knows no place."""
        if not words:
            raise Refused(self.unknown(words, 0))
        here, self.level, self._running = self.level, [], True
        try:
            return self.do(words)
        finally:
            self.level, self._running = here, False

    def found(self, verbs: dict[str, Verb], command: Sequence[Word], words: Sequence[Word]) -> Verb:
        """The verb of a line: by its name, or by the beginning of it that no other has."""
        name = command[0].text if command else ""
        names = [name] if name in verbs else [one for one in verbs if name and one.startswith(name)]
        if len(names) != 1:
            raise Refused(self.unknown(words, 0))
        return verbs[names[0]]

    def piped(self, command: list[Word], behind: list[list[Word]]) -> str | None:
        """The answer where a word behind a bar asks for something else than the command would answer."""
        return None

    def stage(self, words: list[Word]) -> Stage:
        """What the words behind a bar do with an answer."""
        match [word.text for word in words]:
            case ["no-more"]:
                return lambda answer: answer
            case ["match", pattern]:
                return lambda answer: _kept(answer, lambda line: re.search(pattern, line) is not None)
            case ["except", pattern]:
                return lambda answer: _kept(answer, lambda line: re.search(pattern, line) is None)
            case ["count"]:
                return lambda answer: f"Count: {len(answer.splitlines())} lines\n"
            case _:
                raise Refused(self.unknown(words, 0))

    # Configuration mode

    def editing(self) -> dict[str, Verb]:
        """The first words of configuration mode that every platform has."""
        return {
            "set": lambda words: self.changed("set", words),
            "delete": lambda words: self.changed("delete", words),
            "edit": self.go_in,
            "up": self.go_up,
            "top": self.go_top,
            "exit": self.leave,
        }

    def begin(self, mode: Mode) -> None:
        """Enter configuration mode."""
        self.store.begin(self.editor, mode)
        self.level = []

    def end(self) -> None:
        """Leave configuration mode."""
        self.store.end(self.editor)
        self.level = []

    @property
    def config(self) -> Node:
        """What is edited."""
        return self.store.config(self.editor)

    @property
    def place(self) -> tuple[str, ...]:
        """Where lines begin."""
        return self.level[-1] if self.level else ()

    def changed(self, verb: str, words: list[Word]) -> str:
        """``set``, ``delete`` and the like: every word is a part of the path; a list in brackets is several paths."""
        if not words:
            raise Refused(self.refusal(self.typed))
        if self.editor.mode is not Mode.PRIVATE:
            self.store.require(self.editor)
        return "".join(self._changed(verb, path) for path in _listed(words))

    def _changed(self, verb: str, words: list[Word]) -> str:
        path = (*self.place, *(word.text for word in words))
        try:
            new = edit(self.config, Edit(verb, path), prune=self.store.prunes)
        except PathRefused as refused:
            raise Refused(self.path_refused(verb, words, refused)) from refused
        return "" if new else self.unchanged(verb, path)

    def go_in(self, words: list[Word]) -> str:
        """``edit PATH``."""
        path = (*self.place, *(word.text for word in words))
        try:
            found = steps(self.store.schema, path)
        except PathRefused as refused:
            raise Refused(self.path_refused("edit", words, refused)) from refused
        if not found or not found[-1][0].inner:
            raise Refused(self.unknown(words, len(words) - 1))
        self.level.append(path)
        return ""

    def go_up(self, words: list[Word]) -> str:
        """``up [LEVELS]``: to what stands around the place."""
        levels = words[0].text if words else "1"
        if len(words) > 1 or not levels.isdigit():
            raise Refused(self.unknown(words, 0))
        for _ in range(min(int(levels), len(self.place))):
            path = steps(self.store.schema, self.place)[:-1]
            above = tuple(word for _, taken in path for word in taken)
            self.level = [one for one in self.level[:-1] if len(one) < len(above)] + ([above] if above else [])
        return ""

    def go_top(self, words: list[Word]) -> str:
        """``top``, and what is done there."""
        here, self.level = self.level, []
        if not words:
            return ""
        try:
            return self.do(words)
        finally:
            self.level = here

    def shown_node(self, config: Node, words: Sequence[Word]) -> tuple[Node, tuple[str, ...]] | None:
        """What stands down a path of ``show``, and the path in which it stands; of a leaf: its place with it alone.

        Raises:
            Refused: there is no such path.
        """
        try:
            path = steps(self.store.schema, (*self.place, *(word.text for word in words)), part=True)
        except PathRefused as refused:
            raise Refused(self.path_refused("show", words, refused)) from refused
        whole = not path or (path[-1][0].inner and not (path[-1][0].named_only(path[-1][1])))
        above = path if whole else path[:-1]
        node: Node | None = config
        for _, taken in above:
            node = node.children.get(taken) if node else None
        if node is None:
            return None
        if not whole:
            chosen = node.chosen(*path[-1])
            node = Node(node.statement, node.words, {one.words: one for one in chosen})
        return (node, flat([taken for _, taken in above])) if node.children or whole else None

    def text(self, then: Callable[[str], str], question: str = "") -> str:
        """Take lines until Ctrl-D, and have ``then`` do something with them."""
        lines: list[str] = []

        def taken(line: str) -> str:
            if line != self.end_of_text:
                lines.append(line)
                return self.ask("", taken)
            return then(self.device.faults.stored("".join(f"{one}\n" for one in lines)))

        self.ask("", taken)
        return question

    def close(self) -> None:
        """The connection is gone: what was edited under a lock, or for this login alone, is too."""
        with self.device.lock:
            self.end()


def _parted(words: Iterable[Word]) -> list[list[Word]]:
    """A line's words, parted by the bars among them."""
    parts: list[list[Word]] = [[]]
    for word in words:
        if word.text == "|" and not word.quoted:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _listed(words: list[Word]) -> list[list[Word]]:
    """The paths of a line: several where its last words are a list in brackets."""
    marks = ["" if word.quoted else word.text for word in words]
    if "[" in marks and marks[-1] == "]":
        at = marks.index("[")
        return [[*words[:at], value] for value in words[at + 1 : -1]]
    return [words]


def _kept(answer: str, keep: Callable[[str], bool]) -> str:
    return "".join(line for line in answer.splitlines(keepends=True) if keep(line))
