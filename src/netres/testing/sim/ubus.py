"""ubus over HTTP: JSON-RPC, sessions, objects and their methods, as uhttpd and rpcd have them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeAlias, cast

from netres.testing.sim.device import Simulated
from netres.testing.sim.http import Json, Request, Response
from netres.testing.sim.shell import Finished

NOBODY: Final = "0" * 32
"""The session of who has not logged in."""
_TIMEOUT: Final = 300
"""Seconds that a session lives unused."""


class Status(IntEnum):
    """ubus's status codes."""

    OK = 0
    INVALID_COMMAND = 1
    INVALID_ARGUMENT = 2
    METHOD_NOT_FOUND = 3
    NOT_FOUND = 4
    NO_DATA = 5
    PERMISSION_DENIED = 6

    @property
    def words(self) -> str:
        """What the program ``ubus`` says."""
        return self.name.replace("_", " ").capitalize()


class Failed(Exception):
    """A call fails with a status."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.words)
        self.status = status


Arguments: TypeAlias = Mapping[str, Json]
Method: TypeAlias = Callable[[Arguments], Mapping[str, Json] | None]
"""From its arguments, among them ``ubus_rpc_session``, to its answer; raises `Failed`."""

_PARSE: Final = (-32700, "Parse error")
_INVALID: Final = (-32600, "Invalid request")
_METHOD: Final = (-32601, "Method not found")
_PARAMETERS: Final = (-32602, "Invalid parameters")
_OBJECT: Final = (-32000, "Object not found")
_ACCESS: Final = (-32002, "Access denied")


@dataclass
class Session:
    """A login."""

    timeout: int
    """Seconds that it lives unused; 0: for ever."""
    expires: float
    """On the device's clock."""


class Bus:
    """The bus of a device."""

    def __init__(self, device: Simulated, objects: Mapping[str, Mapping[str, Method]]) -> None:
        """``objects``: by name, the methods by name; ``session`` is the bus's own."""
        self._device = device
        self._sessions: dict[str, Session] = {}
        self._epoch = device.epoch
        own: dict[str, Method] = {"login": self._login, "access": self._access, "destroy": self._destroy}
        self._objects: Final[Mapping[str, Mapping[str, Method]]] = {**objects, "session": own}

    def http(self, request: Request) -> Response:
        """Answer a request."""
        if request.path != ("ubus",):
            return Response(404, b"Not Found")
        if request.method != "POST":
            return Response(405, b"Method Not Allowed")
        try:
            asked = request.json()
        except ValueError:
            return Response(200, _error(None, _PARSE))
        if isinstance(asked, list):
            return Response(200, [self._answer(one) for one in asked])
        return Response(200, self._answer(asked))

    def http_refusal(self, request: Request) -> Response:
        """What a refused call is answered."""
        try:
            asked = request.json()
        except ValueError:
            asked = None
        ident = asked.get("id") if isinstance(asked, Mapping) else None
        return Response(200, {"jsonrpc": "2.0", "id": ident, "result": [int(Status.INVALID_ARGUMENT)]})

    def program(self, arguments: Sequence[str], fed: str) -> Finished:
        """The program ``ubus``, which may do everything and has no session."""
        match list(arguments):
            case ["list"]:
                return Finished(0, "".join(f"{name}\n" for name in sorted(self._objects)))
            case ["call", name, method] | ["call", name, method, _]:
                return self._called(name, method, arguments[3] if len(arguments) > 3 else "{}")
            case _:
                return Finished(1, "", "Usage: ubus [<options>] <command> [arguments...]\n")

    def _called(self, name: str, method: str, text: str) -> Finished:
        try:
            message: Json = json.loads(text)
        except ValueError:
            message = None
        status, data = Status.INVALID_ARGUMENT, None
        if name not in self._objects:
            status = Status.NOT_FOUND
        elif isinstance(message, Mapping):
            status, data = self._call(name, method, message)
        if status:
            return Finished(int(status), "", f"Command failed: {status.words}\n")
        return Finished(0, json.dumps(data, indent="\t", ensure_ascii=False) + "\n" if data is not None else "")

    def _call(self, name: str, method: str, arguments: Arguments) -> tuple[Status, Mapping[str, Json] | None]:
        found = self._objects[name].get(method)
        if found is None:
            return Status.METHOD_NOT_FOUND, None
        try:
            return Status.OK, found(arguments)
        except Failed as failed:
            return failed.status, None

    def _answer(self, asked: Json) -> Json:
        if not isinstance(asked, Mapping) or asked.get("jsonrpc") != "2.0":
            return _error(None, _INVALID)
        ident = asked.get("id")
        if asked.get("method") != "call":
            return _error(ident, _METHOD)
        match asked.get("params"):
            case [str(sid), str(name), str(method), Mapping() as arguments]:
                pass
            case _:
                return _error(ident, _PARAMETERS)
        if name not in self._objects:
            return _error(ident, _OBJECT)
        if not self._allowed(sid, name, method):
            return _error(ident, _ACCESS)
        given = {**cast("Arguments", arguments), "ubus_rpc_session": sid}
        status, data = self._call(name, method, given)
        result: list[Json] = [int(status)] if data is None else [int(status), data]
        return {"jsonrpc": "2.0", "id": ident, "result": result}

    def _allowed(self, sid: str, name: str, method: str) -> bool:
        session = self.session(sid)
        if session is None:
            return (name, method) in {("session", "login"), ("session", "access")} and sid == NOBODY
        return True

    def session(self, sid: str) -> Session | None:
        """A session that lives; using it lets it live on."""
        if self._epoch != self._device.epoch:
            self._epoch = self._device.epoch
            self._sessions.clear()
        now = self._device.clock.now
        self._sessions = {
            one: found for one, found in self._sessions.items() if not found.timeout or found.expires > now
        }
        found = self._sessions.get(sid)
        if found is not None:
            found.expires = now + found.timeout
        return found

    def _login(self, arguments: Arguments) -> Mapping[str, Json]:
        given = (arguments.get("username"), arguments.get("password"))
        if not all(isinstance(one, str) for one in given):
            raise Failed(Status.INVALID_ARGUMENT)
        if self._device.faults.at_login() or given != (self._device.username, self._device.password):
            raise Failed(Status.PERMISSION_DENIED)
        asked = arguments.get("timeout")
        timeout = asked if isinstance(asked, int) and not isinstance(asked, bool) and asked >= 0 else _TIMEOUT
        sid = secrets.token_hex(16)
        self._sessions[sid] = Session(timeout, self._device.clock.now + timeout)
        acls: Json = {
            "access-group": {"superuser": ["read", "write"], "unauthenticated": ["read"]},
            "ubus": {"*": ["*"], "session": ["access", "login"]},
            "uci": {"*": ["read", "write"]},
        }
        return {
            "ubus_rpc_session": sid,
            "timeout": timeout,
            "expires": timeout,
            "acls": acls,
            "data": {"username": self._device.username},
        }

    def _access(self, arguments: Arguments) -> Mapping[str, Json]:
        sid = arguments.get("ubus_rpc_session")
        return {"access": isinstance(sid, str) and self.session(sid) is not None}

    def _destroy(self, arguments: Arguments) -> None:
        sid = arguments.get("ubus_rpc_session")
        if not isinstance(sid, str) or self._sessions.pop(sid, None) is None:
            raise Failed(Status.NOT_FOUND)


def _error(ident: Json, error: tuple[int, str]) -> Json:
    return {"jsonrpc": "2.0", "id": ident, "error": {"code": error[0], "message": error[1]}}
