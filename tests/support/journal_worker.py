"""Another process with a journal, that does what it is told line by line; run as a program, and told by `Worker`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from journals import parts

from netres.errors import NetresError
from netres.fleet.journal import Journal, Leases, Part


class Worker:
    """That process, told from a test."""

    def __init__(self, where: str, lease: float = 30.0) -> None:
        command = [sys.executable, __file__, where, str(lease)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def say(self, *words: object) -> None:
        """Have it do something, without waiting."""
        assert self._process.stdin
        print(*words, file=self._process.stdin, flush=True)

    def hear(self) -> str:
        """What came of it."""
        assert self._process.stdout
        return self._process.stdout.readline().rstrip("\n")

    def ask(self, *words: object) -> str:
        """Have it do something: what came of it."""
        self.say(*words)
        return self.hear()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)
        if number is signal.SIGSTOP:
            os.waitid(os.P_PID, self.pid, os.WSTOPPED)


class _Doing:
    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.leases: Leases | None = None
        self.parts: dict[str, Part] = {}

    def lease(self, *names: str) -> str:
        self.leases = self.journal.lease(self.journal.begin(), names)
        self.parts = {part.device: part for part in parts(self.journal, self.leases, *names)}
        return "leased"

    def step(self, device: str) -> str:
        return str(self.parts[device].step("set vlan"))

    def race(self, folder: str, times: str, *names: str) -> str:
        """Lease devices again and again; while it has one, no other process may find its mark there."""
        for _ in range(int(times)):
            tx = self.journal.begin()
            with self.journal.lease(tx, names, wait=60) as leases:
                for name in names:
                    mark = Path(folder, name)
                    mark.touch(exist_ok=False)
                    with Path(folder, f"{name}.fences").open("a") as fences:
                        fences.write(f"{leases.fence(name)}\n")
                    mark.unlink()
            self.journal.end(tx, "applied")
        return "raced"


def main() -> None:
    """Do what stands on each line of stdin."""
    with Journal.open(sys.argv[1], lease=float(sys.argv[2])) as journal:
        doing = _Doing(journal)
        for line in sys.stdin:
            verb, *words = line.split()
            try:
                verbs: dict[str, Callable[..., str]] = {"lease": doing.lease, "step": doing.step, "race": doing.race}
                told = verbs[verb](*words)
            except (NetresError, OSError) as error:
                told = f"{type(error).__name__}: {error}"
            sys.stdout.write(f"{told}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
