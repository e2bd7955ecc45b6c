"""A small shell: words and quotes, ``;`` ``&&`` ``||`` ``|``, redirections. What it lacks is a syntax error.

It expands nothing: a ``$`` or a backquote that a real shell would expand is refused, so that nobody passes a value
through it unquoted without noticing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, TypeAlias

from netres.testing.sim.delivery import acts
from netres.testing.sim.device import Simulated
from netres.testing.sim.wire import Act, End


@dataclass(frozen=True)
class Finished:
    """What a program did."""

    status: int = 0
    output: str = ""
    errors: str = ""

    def __str__(self) -> str:
        return self.output + self.errors


Program: TypeAlias = Callable[[Sequence[str], str], Finished]
"""From its arguments and what it is fed to what it does."""


@dataclass
class Step:
    """One simple command."""

    after: str = ""
    """How it follows the one before: ``;``, ``&&``, ``||``, ``|``."""
    words: list[str] = field(default_factory=list[str])
    redirections: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """``<``, ``>``, ``>>``, ``2>`` or ``2>&1``, and the file."""


class ShellError(Exception):
    """The shell does not understand a line; the text is what it says."""


_TOKEN: Final = re.compile(
    r"(?P<blank>[ \t]+|\\\n)|(?P<comment>#[^\n]*)|(?P<redirection>2>&1|2>>?|>>|>|<)(?!<)|(?P<joint>&&|\|\||[;|\n])|"
    r"(?P<word>(?:'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.|[^\s'\"\\;&|<>()`])+)",
    re.DOTALL,
)
_PIECE: Final = re.compile(r"'([^']*)'|\"((?:\\.|[^\"\\])*)\"|((?:\\.|[^'\"\\])+)", re.DOTALL)
_EXPANDED: Final = re.compile(r"\$[\w({@*#?!$-]|`")


def parsed(line: str) -> list[Step]:
    """The commands of a line.

    Raises:
        ShellError: it is no line of this shell.
    """
    steps = [Step()]
    place, target = 0, ""
    while place < len(line):
        token = _TOKEN.match(line, place)
        if token is None:
            raise ShellError(f'syntax error: unexpected "{line[place]}"')
        place = token.end()
        if token["word"] is not None:
            word = _word(token["word"])
            if target:
                steps[-1].redirections.append((target, word))
            else:
                steps[-1].words.append(word)
            target = ""
        elif token["redirection"] == "2>&1":
            steps[-1].redirections.append(("2>&1", ""))
        elif token["redirection"]:
            target = token["redirection"]
        elif token["joint"]:
            steps.append(Step(";" if token["joint"] == "\n" else token["joint"]))
    lacking = [
        one for one, two in pairwise([*steps, Step(";")]) if not one.words and {one.after, two.after} - {"", ";"}
    ]
    if target or lacking:
        raise ShellError("syntax error: unexpected end of file")
    return [step for step in steps if step.words]


def _word(raw: str) -> str:
    made = ""
    for single, double, plain in _PIECE.findall(raw):
        if _EXPANDED.search(re.sub(r"\\.", "", double + plain, flags=re.DOTALL)):
            raise ShellError("syntax error: bad substitution")
        made += single + re.sub(r'\\([$`"\\])', r"\1", double) + re.sub(r"\\(.)", r"\1", plain, flags=re.DOTALL)
    return made


@dataclass(frozen=True)
class Shell:
    """Runs lines."""

    name: str
    """What its errors begin with."""
    programs: Mapping[str, Program]
    files: MutableMapping[str, bytes]
    reads: Callable[[Sequence[str]], bool]
    """Whether a program reads what it is fed."""

    def waits(self, line: str) -> bool:
        """Whether a line cannot be run before all that it is fed has come."""
        try:
            steps = parsed(line)
        except ShellError:
            return False
        return any(self.reads(one.words) and one.after != "|" and not _redirected(one, "<") for one in steps)

    def run(self, line: str, fed: str = "") -> Finished:
        """Run a line."""
        try:
            steps = parsed(line)
        except ShellError as error:
            return Finished(2, "", f"{self.name}: {error}\n")
        done, said = Finished(), ""
        for step in steps:
            if (step.after == "&&" and done.status) or (step.after == "||" and not done.status):
                continue
            if step.after == "|":
                last = self._step(step, done.output)
                done = replace(last, errors=done.errors + last.errors)
            else:
                said += str(done)
                done = self._step(step, fed)
        return Finished(done.status, said + str(done))

    def _step(self, step: Step, fed: str) -> Finished:
        if source := _redirected(step, "<"):
            if source not in self.files:
                return Finished(1, "", f"{self.name}: can't open {source}: no such file\n")
            fed = self.files[source].decode(errors="surrogateescape")
        program = self.programs.get(step.words[0])
        if program is None:
            return Finished(127, "", f"{self.name}: {step.words[0]}: not found\n")
        done = program(step.words[1:], fed)
        for kind, target in step.redirections:
            done = self._redirect(done, kind, target)
        return done

    def _redirect(self, done: Finished, kind: str, target: str) -> Finished:
        match kind:
            case "2>&1":
                return Finished(done.status, done.output + done.errors)
            case ">" | ">>":
                self._write(target, done.output, append=kind == ">>")
                return replace(done, output="")
            case "2>" | "2>>":
                self._write(target, done.errors, append=kind == "2>>")
                return replace(done, errors="")
            case _:
                return done

    def _write(self, path: str, text: str, *, append: bool) -> None:
        if path != "/dev/null":
            before = self.files.get(path, b"") if append else b""
            self.files[path] = before + text.encode(errors="surrogateescape")


def _redirected(step: Step, kind: str) -> str:
    return next((target for one, target in step.redirections if one == kind), "")


class ShellProgram:
    """A line that is run without a command line; implements `netres.testing.sim.wire.Conversation`."""

    def __init__(self, device: Simulated, shell: Shell, line: str, refusal: Callable[[str], Finished]) -> None:
        """``refusal``: what a line that a fault rejects does."""
        self._device = device
        self._shell = shell
        self._line = line
        self._refusal = refusal
        self._fed: bytearray | None = bytearray() if shell.waits(line) else None

    def start(self) -> Iterable[Act]:
        """Run it, unless it reads what it is fed."""
        if self._fed is None:
            yield from self._run("")

    def feed(self, data: bytes) -> Iterable[Act]:
        """Take what it is fed."""
        if self._fed is not None:
            self._fed += data
        return ()

    def eof(self) -> Iterable[Act]:
        """Run what has waited for it."""
        if self._fed is not None:
            fed, self._fed = self._fed.decode(errors="surrogateescape"), None
            yield from self._run(fed)

    def close(self) -> None:
        """Nothing is kept."""

    def _run(self, fed: str) -> Iterator[Act]:
        line = self._line
        done = self._device.operate("exec", line, lambda: self._shell.run(line, fed), lambda: self._refusal(line))
        finished = done.answer or Finished()
        data = str(finished).encode(errors="surrogateescape")
        yield from acts(done, data)
        yield End(finished.status)
