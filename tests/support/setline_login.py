"""A login at a simulated device with set lines, line by line and key by key."""

from __future__ import annotations

from functools import partial

from netres.testing.sim import Simulated
from netres.testing.sim.candidate import Candidates
from netres.testing.sim.cli import CliSession
from netres.testing.sim.terminal import Terminal
from netres.testing.sim.wire import Send


class Login:
    """A login at a simulated router, line by line."""

    def __init__(self, device: Simulated) -> None:
        assert device.cli is not None
        self.device = device
        self.session: CliSession = device.cli()
        self.terminal = Terminal(self.session)

    def __call__(self, *lines: str) -> str:
        """The answer to the last of some lines."""
        answer = ""
        for line in lines:
            done = self.device.operate("cli", line, partial(self.session.line, line), str)
            answer = done.answer or ""
        return answer

    def type(self, keys: str) -> str:
        """What the terminal shows for what is typed."""
        made = self.terminal.feed(keys.encode())
        return "".join(act.data.decode().replace("\r\n", "\n") for act in made if isinstance(act, Send))


def store(device: Simulated) -> Candidates:
    assert isinstance(device.store, Candidates)
    return device.store
