"""The command API: JSON-RPC 2.0 over HTTP, running the lines of one command line session per request.

Source: Arista's Command API Protocol Guide (codes, ``runCmds``), the calls and checks of the client pyeapi, and
recorded errors: ``CLI command 2 of 2 'show bogus' failed: invalid command`` with ``Invalid input (at token 1:
'bogus')``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from netres.testing.sim.cli import Refused, ended
from netres.testing.sim.device import Simulated
from netres.testing.sim.http import Json, Request, Response

PATH: Final = ("command-api",)
_METHOD: Final = "runCmds"
_PARSE, _INVALID, _NO_METHOD, _PARAMS = -32700, -32600, -32601, -32602
_FAILED, _BAD, _UNCONVERTED = 1000, 1002, 1003
_REASONS: Final = {_FAILED: "could not run command", _BAD: "invalid command", _UNCONVERTED: "unconverted command"}
_TEXT_ONLY: Final = (
    "Command cannot be used over the API at this time. To see ASCII output, set format='text' in your request"
)
_NEVER_BAD: Final = ("% Invalid input", "% Incomplete command", "% Ambiguous command")


class Commands(Protocol):
    """A login at the command line, as the API needs it."""

    @property
    def asked(self) -> bool:
        """Whether a question waits for its answer."""
        ...

    def answer(self, line: str) -> str:
        """Take a line, or the answer to a question; raises `Refused`."""
        ...

    def model(self, line: str) -> Mapping[str, Json] | None:
        """What a ``show`` command tells as JSON; ``None``: only as text. Raises `Refused`."""
        ...

    def refusal(self, line: str) -> str:
        """What is answered to a line that is refused."""
        ...

    def bad_token(self, line: str) -> int:
        """The how manieth word of a line, from 0, it did not understand."""
        ...

    def close(self) -> None:
        """Leave."""
        ...


@dataclass(frozen=True)
class _Call:
    """What ``runCmds`` is asked."""

    id: Json
    commands: tuple[tuple[str, str], ...]
    """Each with the input that it asks for, lines ended by line feeds."""
    text: bool


class _Fault(Exception):
    """A request that is none; the answer's code and message."""

    def __init__(self, code: int, message: str, id: Json = None) -> None:  # noqa: A002 - JSON-RPC's own name
        super().__init__(message)
        self.body: Json = {"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}


class CommandApi:
    """``POST /command-api``; each request is a login of its own."""

    def __init__(self, device: Simulated, login: Callable[[], Commands]) -> None:
        self._device = device
        self._login = login

    def __call__(self, request: Request) -> Response:
        """Answer a request."""
        if request.path != PATH:
            return Response(404, b"")
        if self._device.faults.at_login() or not self._known(request.headers.get("authorization", "")):
            return Response(
                401,
                b"Unable to authenticate user: Bad username/password combination\n",
                {"WWW-Authenticate": 'Basic realm="COMMAND_API_AUTH"', "Content-Type": "text/plain"},
            )
        if request.method != "POST":
            return Response(405, b"", {"Allow": "POST"})
        try:
            call = _read(request)
        except _Fault as fault:
            return Response(200, fault.body)
        return Response(200, self._run(call))

    def refuse(self, request: Request) -> Response:
        """Answer a request with one command refused: the first that the fault names, or the first after ``enable``.

        Those before it are executed.
        """
        try:
            call = _read(request)
        except _Fault as fault:
            return Response(200, fault.body)
        struck = self._device.faults.struck
        pattern = (struck[-1][1].on if struck else None) or r"^(?!enable$)"
        named = (place for place, (line, _) in enumerate(call.commands) if re.search(pattern, line))
        return Response(200, self._run(call, next(named, 0)))

    def _known(self, authorization: str) -> bool:
        scheme, _, coded = authorization.partition(" ")
        try:
            name, _, password = base64.b64decode(coded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        return scheme.lower() == "basic" and (name, password) == (self._device.username, self._device.password)

    def _run(self, call: _Call, refused: int | None = None) -> Json:
        session = self._login()
        done: list[Json] = []
        try:
            for place, (line, given) in enumerate(call.commands):
                try:
                    if place == refused:
                        return _failure(call, place, done, session.refusal(line))
                    done.append(_result(session, line, given, text=call.text))
                except Refused as refusal:
                    return _failure(call, place, done, str(refusal), session.bad_token(line))
        finally:
            session.close()
        return {"jsonrpc": "2.0", "id": call.id, "result": done}


def _result(session: Commands, line: str, given: str, *, text: bool) -> Json:
    """What one command answers. Raises `Refused`."""
    if not text and line.split(None, 1)[:1] == ["show"]:
        model = session.model(line)
        if model is None:
            raise Refused(_TEXT_ONLY)
        return model
    answer = session.answer(line)
    for more in given.splitlines():
        if session.asked:
            answer += session.answer(more)
    if session.asked:
        raise Refused("% Incomplete command")
    if text:
        return {"output": ended(answer)}
    return {"messages": answer.splitlines()} if answer else {}


def _failure(call: _Call, place: int, done: Sequence[Json], refused: str, token: int = 0) -> Json:
    """The error of one command: those before it were executed, and those after it were not."""
    line = call.commands[place][0]
    words = line.split()
    code = _UNCONVERTED if refused == _TEXT_ONLY else _BAD if refused.startswith(_NEVER_BAD) else _FAILED
    told = [part.removeprefix("% ") for part in refused.splitlines()]
    if code == _BAD and len(told) == 1 and "(" not in told[0] and token < len(words):
        told = [f"{told[0]} (at token {token}: '{words[token]}')"]
    last: dict[str, Json] = {"errors": told}
    if call.text:
        last["output"] = ended(refused)
    message = f"CLI command {place + 1} of {len(call.commands)} '{line}' failed: {_REASONS[code]}"
    error: Json = {"code": code, "message": message, "data": [*done, last]}
    return {"jsonrpc": "2.0", "id": call.id, "error": error}


def _read(request: Request) -> _Call:
    """The call in a request. Raises `_Fault`."""
    try:
        body = request.json()
    except ValueError:
        raise _Fault(_PARSE, "Unable to parse request: the body is not JSON") from None
    if not isinstance(body, Mapping) or body.get("jsonrpc") != "2.0":
        raise _Fault(_INVALID, "Invalid request: jsonrpc must be '2.0'")
    id_, params = body.get("id"), body.get("params")
    if body.get("method") != _METHOD:
        raise _Fault(_NO_METHOD, f"Method {body.get('method')!r} not found", id_)
    if not isinstance(params, Mapping):
        raise _Fault(_PARAMS, "Invalid params: an object is needed", id_)
    form, commands = params.get("format") or "json", params.get("cmds")
    if form not in {"json", "text"} or params.get("version") not in {1, "latest"}:
        raise _Fault(_PARAMS, "Invalid params: format is json or text, version is 1 or latest", id_)
    if not isinstance(commands, Sequence) or isinstance(commands, str):
        raise _Fault(_PARAMS, "Invalid params: cmds is a list", id_)
    return _Call(id_, tuple(_command(command, id_) for command in commands), form == "text")


def _command(command: Json, id_: Json) -> tuple[str, str]:
    """A command and its input: a string, or an object of ``cmd`` and ``input``."""
    if isinstance(command, str):
        return command.strip(), ""
    if isinstance(command, Mapping):
        line, given = command.get("cmd"), command.get("input", "")
        if isinstance(line, str) and isinstance(given, str):
            return line.strip(), given
    raise _Fault(_PARAMS, "Invalid params: a command is a string, or an object with cmd", id_)
