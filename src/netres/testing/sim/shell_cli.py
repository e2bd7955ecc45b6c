"""A login at a shell."""

from __future__ import annotations

from netres.testing.sim.cli import CliSession
from netres.testing.sim.device import Simulated
from netres.testing.sim.shell import Shell


class ShellSession(CliSession):
    """One login: each line is run; what reads its input is fed nothing."""

    def __init__(self, device: Simulated, shell: Shell, prompt: str, banner: str = "") -> None:
        super().__init__(device)
        self._shell = shell
        self._prompt = prompt
        self._banner = banner
        self.page = 0

    @property
    def prompt(self) -> str:
        """As the shell was told."""
        return self._prompt

    def greet(self) -> str:
        """The banner."""
        return self._banner

    def refusal(self, line: str) -> str:
        """What a line that is no program is answered."""
        return f"-{self._shell.name}: {line.split(maxsplit=1)[0]}: not found"

    def enter(self, line: str) -> str:
        """Run a line."""
        if line.split() == ["exit"]:
            self.ended = True
            return ""
        answer = str(self._shell.run(line))
        self.ended = not self.alive
        return answer
