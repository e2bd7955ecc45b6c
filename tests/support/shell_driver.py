"""Descriptions on a device that is told everything by a shell's command lines; its drivers quote there, or do not."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence

from netres.change import Change
from netres.driver import Driver, Facts, Feature, Scope
from netres.errors import InvalidConfig, Rejected
from netres.flow import Exec, Flow, Operation, Reconnect, Reply, Transport, ask
from netres.model import Interface, Item
from netres.plan import Guarantee
from netres.testing.conformance import Subject

SHOW = Exec("show")
_MISSING = frozenset({"enabled", "mtu", "addresses", "parent", "vlan"})


def shell_driver(quote: Callable[[str], str] = shlex.quote) -> Driver:
    """A driver that quotes by ``quote``."""

    def write(change: Change, scope: Scope) -> Iterator[Operation]:
        name = quote(change.key.values[0])
        if isinstance(new := change.after, Interface) and new.description:
            yield Exec(f"describe {name} {quote(new.description)}", writes=True)
        else:
            yield Exec(f"no {name}", writes=True)

    return Driver(
        platform="shell",
        title="A shell",
        vendor="nobody",
        families=("router",),
        features=(Feature(Interface, _read, write, missing=_MISSING, vacant=True, check=_described),),
        native=lambda: ask(SHOW),
        facts=_facts,
        guarantee=Guarantee.COMPENSATED,
        guarantee_why="each command counts at once",
        transport="ssh",
    )


def _described(item: Item) -> None:
    if isinstance(item, Interface) and not item.description:
        raise InvalidConfig(f"{item.key}: an interface without a description is none here")


def _read() -> Flow[Iterable[Item]]:
    lines = (shlex.split(line) for line in (yield SHOW).text.splitlines())
    return [Interface(name=words[1], description=words[2]) for words in lines if words[0] == "describe"]


def _facts() -> Flow[Facts]:
    yield SHOW
    return Facts(vendor="nobody")


class ShellSubject(Subject):
    """The device, and its session."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.told: dict[str, str] = {}
        self.notes: tuple[str, ...] = ()

    def open(self) -> Transport:
        return self

    def execute(self, operation: Operation) -> Reply:
        if isinstance(operation, Reconnect):
            return Reply()
        assert isinstance(operation, Exec)
        words = shlex.shlex(operation.command, posix=True, punctuation_chars=";")
        words.whitespace_split = True
        command: list[str] = []
        reply = Reply()
        for word in (*words, ";"):
            if word != ";":
                command.append(word)
                continue
            reply, command = self._run(command), []
        return reply

    def _run(self, command: Sequence[str]) -> Reply:
        match command:
            case ["show"]:
                return Reply(self.native())
            case ["describe", name, *words]:
                self.told[name] = " ".join(words)
            case ["no", name]:
                self.told.pop(name, None)
            case ["hostname", name]:
                self.notes = (f"hostname {name}",)
            case _:
                raise Rejected(" ".join(command), "not found")
        return Reply()

    def close(self) -> None:
        pass

    def native(self) -> str:
        told = (f"describe {shlex.quote(name)} {shlex.quote(text)}\n" for name, text in sorted(self.told.items()))
        return "".join((*(f"{note}\n" for note in self.notes), *told))

    def reset(self) -> None:
        self.told, self.notes = {}, ()

    def scribble(self) -> Sequence[str]:
        self.notes = ("note by hand",)
        return self.notes
