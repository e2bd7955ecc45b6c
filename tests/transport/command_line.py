"""The command line of an invented device, for the other side of an SSH session.

Its prompt is its host name and mode; as devices do, it echoes a line itself, when it reads it. Runs on the system's
Python, without anything of this project.
"""

from __future__ import annotations

import os
import sys
import time
import tty
from collections.abc import Iterator


def write(text: str) -> None:
    data = text.replace("\n", "\r\n").encode()
    while data:
        data = data[os.write(1, data) :]


def pause() -> None:
    """Long enough that what was written arrives alone."""
    time.sleep(0.05)


def lines() -> Iterator[str]:
    pending = bytearray()
    while data := os.read(0, 65536):
        pending += data
        while (end := pending.find(b"\n")) >= 0:
            yield pending[:end].decode()
            del pending[: end + 1]


class Device:
    def __init__(self) -> None:
        self.name = "r1"
        self.mode = ""
        self.echoes = True

    def run(self) -> None:
        write("Welcome\nr1# is what the prompt looks like\n\n")
        self.prompt()
        for line in lines():
            if self.echoes:
                write(f"{line}\n")
            self.answer(line, line.split())
            self.prompt()

    def prompt(self) -> None:
        write(f"\x1b[?2004h{self.name}{self.mode}# ")

    def answer(self, line: str, words: list[str]) -> None:
        match words:
            case ["show", *rest]:
                write(f"{' '.join(rest)} of {self.name}\n  second line\n")
            case ["print", *_]:
                write(line.removeprefix("print ").replace("\\n", "\n").replace("\\e", "\x1b") + "\n")
            case ["pieces", *pieces]:
                for piece in pieces:
                    write(piece.replace("\\n", "\n").replace("_", " "))
                    pause()
                write("\n")
            case ["configure"]:
                self.mode = "(config)"
            case ["end"]:
                self.mode = ""
            case ["hostname", name]:
                self.name = name
            case ["echo", "off"]:
                self.echoes = False
            case ["log", when]:
                self.log(when)
            case _:
                self.misbehave(line, words)

    def log(self, when: str) -> None:
        """A message that nobody asked for, and the prompt again: before the command's own prompt, or after it."""
        match when:
            case "before":
                write("%LOG: link down\n")
                self.prompt()
                write("\n")
            case _:
                self.prompt()
                pause()
                write("\n%LOG: link down\n")

    def misbehave(self, line: str, words: list[str]) -> None:
        match words:
            case ["big", size]:
                for _ in range(int(size)):
                    write(("x" * 1022 + "\n") * 1024)
            case ["hang", *_]:
                write("begun\n")
                time.sleep(60)
            case ["close"]:
                write("bye\n")
                sys.exit()
            case ["description", *_]:
                pass
            case _:
                write(f"% Unknown command: {line}\n")


def main() -> None:
    if command := os.environ.get("SSH_ORIGINAL_COMMAND"):
        os.execv("/bin/sh", ["/bin/sh", "-c", command])
    tty.setraw(0)
    Device().run()


main()
