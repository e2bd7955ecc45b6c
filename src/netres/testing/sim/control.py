"""A laboratory in a process of its own, and what others may ask of it: one JSON line each way, on a socket."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias, cast

from netres.errors import NetresError, UsageError
from netres.testing.sim.faults import Fault
from netres.testing.sim.lab import Lab

Message: TypeAlias = Mapping[str, object]
_LIMIT = 64 << 20  # bytes of a line
_POLL = 0.02  # seconds
_ENDS = 60.0  # seconds


def place(name: str) -> Path:
    """The socket of the laboratory ``name``: in a folder that only this user can enter."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(base) / "netres" if base else Path("/tmp") / f"netres-{os.getuid()}"  # noqa: S108 - owner checked below
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stat = folder.lstat()
    if stat.st_uid != os.getuid() or stat.st_mode & 0o077 or folder.is_symlink():
        raise UsageError(f"{folder} can be entered by others; remove it, or set XDG_RUNTIME_DIR")
    return folder / f"{name}.sock"


def ask(name: str, request: Message) -> Message:
    """What the laboratory ``name`` of this user answers.

    Raises:
        UsageError: it is not running, or it refuses; says why.
    """
    with socket.socket(socket.AF_UNIX) as sock:
        try:
            sock.connect(str(place(name)))
        except OSError as error:
            raise UsageError(f"no laboratory {name!r} is running; start one with: netres lab up INVENTORY") from error
        sock.sendall(json.dumps(request).encode() + b"\n")
        with sock.makefile("rb") as answers:
            line = answers.readline()
    if not line:
        raise UsageError(f"the laboratory {name!r} ended before it answered")
    answer = cast("Message", json.loads(line))
    if "error" in answer:
        raise UsageError(str(answer["error"]))
    return answer


def running(name: str) -> bool:
    """Whether a laboratory ``name`` of this user answers."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(place(name)))
        return True
    return False


def require_free(name: str) -> None:
    """Refuse where a laboratory ``name`` of this user runs already.

    Raises:
        UsageError: it does.
    """
    if running(name):
        raise UsageError(f"a laboratory {name!r} runs already; end it with `netres lab down`, or choose another --name")


def wait_until_free(name: str) -> None:
    """Return when the laboratory ``name`` is gone, with all its ports and files.

    Raises:
        UsageError: it does not end.
    """
    deadline = time.monotonic() + _ENDS
    while place(name).exists():
        if time.monotonic() > deadline:
            raise UsageError(f"the laboratory {name!r} has not ended within {_ENDS:g} s; end its process")
        time.sleep(_POLL)


def release(name: str) -> None:
    """Say that the laboratory ``name`` is gone: the last thing it does."""
    place(name).unlink(missing_ok=True)


def in_background(name: str, words: Sequence[str]) -> None:
    """Start ``netres lab up`` in a process of its own, and return when it serves.

    Raises:
        UsageError: it ended instead; says why.
    """
    program = [sys.executable, "-m", "netres", "lab", "up", *words]
    with tempfile.TemporaryFile("w+") as complaints:
        files: list[tuple[int, int, str, int, int] | tuple[int, int, int]] = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, complaints.fileno(), 2),
        ]
        process = os.posix_spawn(program[0], program, os.environ, file_actions=files, setsid=True)
        while not running(name):
            if os.waitpid(process, os.WNOHANG) != (0, 0):
                complaints.seek(0)
                raise UsageError(complaints.read().removeprefix("error: ").strip() or "the laboratory did not start")
            time.sleep(_POLL)


class Control:
    """Answers for a laboratory."""

    def __init__(self, lab: Lab, name: str) -> None:
        self._lab = lab
        self._path = place(name)
        self._end = asyncio.Event()
        self._verbs: Mapping[str, Callable[[Message], Message]] = {
            "status": self.status,
            "fault": self._fault,
            "log": self._log,
            "show": self._show,
            "down": self._down,
        }

    def wait(self) -> None:
        """Answer until somebody asks for the end."""
        self._lab.run(self._serve())

    async def _serve(self) -> None:
        self._path.unlink(missing_ok=True)  # of one that was killed
        server = await asyncio.start_unix_server(self._client, self._path, limit=_LIMIT)
        try:
            await self._end.wait()
        finally:
            server.close()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            writer.write(json.dumps(self._answer(await reader.readline())).encode() + b"\n")
            await writer.drain()
        writer.close()

    def _answer(self, line: bytes) -> Message:
        try:
            request = cast("dict[str, object]", json.loads(line))
            verb = self._verbs[str(request.pop("verb"))]
        except (ValueError, KeyError, AttributeError):
            return {"error": f"not understood; a request is a JSON object with a verb: {', '.join(self._verbs)}"}
        try:
            return verb(request)
        except (NetresError, ValueError) as error:
            return {"error": str(error)}

    def status(self, request: Message) -> Message:
        """Every device, and how it is reached."""
        return {"devices": [describe(self._lab, name) for name in self._lab.names]}

    def _fault(self, request: Message) -> Message:
        device = self._lab[str(request.get("device"))]
        if request.get("clear"):
            device.faults.clear()
            return {}
        fields = {
            name: value for name, value in request.items() if name not in {"device", "clear"} and value is not None
        }
        fault = Fault.of(fields)
        device.declare(fault)
        return {"fault": fault.model_dump(mode="json", exclude_none=True)}

    def _log(self, request: Message) -> Message:
        names = [str(request["device"])] if request.get("device") else self._lab.names
        return {
            "exchanges": [
                {
                    "device": name,
                    "wire": one.wire,
                    "sent": one.sent,
                    "answer": one.answer,
                    "fault": str(one.fault) if one.fault else None,
                }
                for name in names
                for one in self._lab[name].dialogue
            ]
        }

    def _show(self, request: Message) -> Message:
        return {"native": self._lab[str(request.get("device"))].native()}

    def _down(self, request: Message) -> Message:
        self._end.set()
        return {}


def describe(lab: Lab, name: str) -> dict[str, object]:
    """How a device is reached, by whatever client: the password is in a file that only this user can read."""
    device = lab[name]
    return {
        "name": name,
        "platform": device.platform,
        "host": lab.address,
        "ports": lab.ports[name],
        "username": device.username,
        "password_file": str(lab.password_file(name)),
    }
