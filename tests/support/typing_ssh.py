"""Somebody who types at a command line over SSH, and runs programs: paramiko, knowing nothing of netres."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import paramiko

from netres.testing.sim import Lab


def connected(lab: Lab, name: str) -> paramiko.SSHClient:
    """A connection to a device of a laboratory."""
    entry = lab.entry(name)
    made = paramiko.SSHClient()
    made.load_host_keys(str(entry.ssh.known_hosts))
    password = entry.password.resolve().reveal() if entry.password else None
    made.connect(
        entry.host, entry.port or 0, entry.username, password, allow_agent=False, look_for_keys=False, timeout=10
    )
    return made


class Typist:
    """One login; a line is typed, and what is shown up to the next prompt is read."""

    def __init__(self, lab: Lab, name: str, prompt: str | tuple[str, ...]) -> None:
        """``prompt``: how prompts and questions end."""
        self._client = connected(lab, name)
        self._channel = self._client.invoke_shell(width=500)
        self._channel.settimeout(10)
        self._prompt = prompt
        self.prompt = self._read().split("\n")[-1]
        """What waits for a line."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def type(self, line: str) -> str:
        """Type a line; what is shown after its echo, without the prompt.

        Raises:
            EOFError: the connection is lost.
        """
        self._channel.sendall(f"{line}\r".encode())
        lines = self._read().replace("\r\n", "\n").split("\n")
        self.prompt = lines[-1]
        return "\n".join(lines[1:-1])

    def types(self, *lines: str) -> list[str]:
        """Type several lines; what was answered to each that was answered at all."""
        return [answer for answer in map(self.type, lines) if answer]

    def _read(self) -> str:
        data = ""
        while not data.endswith(self._prompt):
            more = self._channel.recv(65536)
            if not more:
                raise EOFError(data)
            data += more.decode()
        return data


class Runner:
    """Runs programs on a device, over a connection that it renews where it was lost."""

    def __init__(self, lab: Lab, name: str) -> None:
        self._lab = lab
        self._name = name
        self._client: paramiko.SSHClient | None = None

    def __call__(self, command: str, fed: str = "") -> tuple[int, str]:
        """Run a program; its exit status and what it says."""
        transport = self._client.get_transport() if self._client else None
        if self._client is None or transport is None or not transport.is_active():
            self.close()
            self._client = connected(self._lab, self._name)
        stdin, stdout, _ = self._client.exec_command(command, timeout=10)
        stdin.write(fed)
        stdin.channel.shutdown_write()
        said = stdout.read().decode()
        return stdout.channel.recv_exit_status(), said

    def close(self) -> None:
        """End the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None
