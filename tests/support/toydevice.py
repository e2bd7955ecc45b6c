"""The smallest simulated device: a list of words behind a command line, a program and a REST interface."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from netres.testing.sim.cli import CliSession, Refused
from netres.testing.sim.device import Simulated, Simulator
from netres.testing.sim.http import Request, Response
from netres.testing.sim.wire import Act, End, Send


@dataclass
class Words:
    """Words that are held; saved ones survive a reboot."""

    running: list[str] = field(default_factory=list[str])
    saved: list[str] = field(default_factory=list[str])

    def native(self) -> str:
        return "".join(f"{word}\n" for word in self.running)

    def load(self, text: str) -> None:
        self.running.extend(text.split())
        self.saved = list(self.running)

    def reset(self) -> None:
        self.running, self.saved = [], []

    def reboot(self) -> None:
        self.running = list(self.saved)


class Toy(CliSession):
    """``add WORD``, ``show``, ``long [whole]``, ``save``, ``erase`` (asks), ``secret`` (asks, no echo), ``exit``."""

    def __init__(self, device: Simulated, words: Words) -> None:
        super().__init__(device)
        self.words = words

    @property
    def prompt(self) -> str:
        return f"{self.device.name}# "

    def greet(self) -> str:
        return "Welcome.\n"

    def refusal(self, line: str) -> str:
        return f"% no: {line}"

    def enter(self, line: str) -> str:
        match line.split():
            case ["add", word]:
                self.words.running.append(self.device.faults.stored(word))
            case ["show"]:
                return self.device.faults.shown(self.words.native())
            case ["long", *how]:
                self.unpaged = bool(how)
                return "".join(f"line {number}\n" for number in range(60))
            case ["save"]:
                self.words.saved = list(self.words.running)
            case ["erase"]:
                return self.ask("Erase? [confirm]", self._erase)
            case ["secret"]:
                return self.ask("Password: ", lambda word: f"it has {len(word)} characters", echo=False)
            case ["exit"]:
                self.ended = True
            case _:
                raise Refused(self.refusal(line))
        return ""

    def _erase(self, answer: str) -> str:
        if answer in {"", "y"}:
            self.words.reset()
            return "[OK]"
        return ""


class Echo:
    """A program that says what it was called, and then what it is fed."""

    def __init__(self, device: Simulated, command: str) -> None:
        self.device = device
        self.command = command

    def start(self) -> Iterable[Act]:
        done = self.device.operate("exec", self.command, lambda: self.command, lambda: "not found")
        yield Send((done.answer or "").encode())

    def feed(self, data: bytes) -> Iterable[Act]:
        yield Send(data)

    def eof(self) -> Iterable[Act]:
        yield End(3)

    def close(self) -> None:
        """Nothing is kept."""


def toy(name: str = "toy") -> Simulated:
    words = Words()
    device = Simulated(name, "toy", words)
    device.cli = lambda: Toy(device, words)
    device.program = lambda command: Echo(device, command)

    def http(request: Request) -> Response:
        if request.method == "GET":
            return Response(200, list(words.running))
        words.running.append(request.body.decode())
        return Response(204)

    device.http = http
    return device


SIMULATOR = Simulator("toy", "A toy", toy)
