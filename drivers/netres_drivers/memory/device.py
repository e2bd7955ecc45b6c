"""A device that lives in this process: a store of JSON documents with a candidate. It knows no kind and no driver.

``GET /config`` is the whole as text, ``GET /{collection}`` one collection, ``GET /state/{kind}`` what the device tells
of one kind of state: whatever was put into `MemoryDevice.telling`. ``POST /candidate`` opens a candidate,
``PUT`` and ``DELETE /{collection}/{id}`` change it, ``POST /candidate/commit`` makes it the configuration at once,
``DELETE /candidate`` drops it. A commit whose body names ``seconds``, and a token as ``persist`` (RFC 6241), stands for
so long only, unless ``POST /trial`` with the token confirms it; ``DELETE /trial`` takes it back at once, ``GET /trial``
tells of it, and meanwhile no other commit is taken. ``POST /saved`` stores the configuration for the next start: in the
file of the entry's option ``state`` too, if there is one.
"""

from __future__ import annotations

import json
import time  # noqa: TID251 - a device has a clock
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

from netres.errors import InvalidConfig, Rejected, UsageError
from netres.flow import Http, Json, Operation, Reconnect, Reply

Store: TypeAlias = dict[str, dict[str, Json]]


@dataclass(frozen=True)
class Trial:
    """A commit that waits for its confirmation."""

    token: str
    due: float
    before: Store


class MemoryDevice:
    """The device. It outlives its sessions; each session has a candidate of its own."""

    def __init__(self, state: Path | None = None) -> None:
        self.state = state
        self.running: Store = {}
        self.saved: Store = {}
        self.trial: Trial | None = None
        self.ahead = 0.0
        """Seconds by which the device's clock was pushed forward."""
        self.telling: dict[str, list[Json]] = {}
        """State by kind, for tests and demonstrations to fill."""
        if state and state.exists():
            try:
                self.running = cast("Store", json.loads(state.read_text(encoding="utf-8")))
            except (OSError, ValueError) as error:
                raise InvalidConfig(f"{state}: is not the state of a memory device ({error}); remove it") from error
            self.saved = self.running

    @property
    def now(self) -> float:
        """Seconds, on the device's clock."""
        return time.monotonic() + self.ahead

    def tick(self) -> None:
        """Take back what nobody confirmed in time."""
        if self.trial and self.trial.due <= self.now:
            self.take_back()

    def take_back(self) -> None:
        """Take back what waits for its confirmation."""
        if self.trial:
            self.running, self.trial = self.trial.before, None

    def native(self) -> str:
        """The configuration: one document a line, in the order of the names."""
        self.tick()
        lines = (
            f"{collection} {name} {json.dumps(document, sort_keys=True)}\n"
            for collection, documents in sorted(self.running.items())
            for name, document in sorted(documents.items())
        )
        return "".join(lines)

    def save(self) -> None:
        """Store the configuration for the next start."""
        self.saved = self.running
        if self.state:
            self.state.write_text(json.dumps(self.running, sort_keys=True), encoding="utf-8")

    def reboot(self) -> None:
        """Start anew: what was not saved is lost."""
        self.running, self.trial = self.saved, None

    def session(self) -> MemorySession:
        """A new session."""
        return MemorySession(self)


class MemorySession:
    """A session with a `MemoryDevice`: a `netres.flow.Transport`."""

    def __init__(self, device: MemoryDevice) -> None:
        self.device = device
        self._candidate: Store | None = None

    def close(self) -> None:
        """End the session; its candidate is gone."""
        self._candidate = None

    def pause(self, seconds: float) -> None:
        """Let time go by."""
        self.device.ahead += seconds

    def execute(self, operation: Operation) -> Reply:
        """Answer one request.

        Raises:
            Rejected: the device does not know the path, or there is no candidate.
        """
        if isinstance(operation, Reconnect):
            self.close()
            return Reply()
        if not isinstance(operation, Http):
            raise UsageError(f"a memory device takes HTTP requests only, not {operation}")
        self.device.tick()
        path = operation.path.strip("/").split("/")
        return self._read(operation, path) if operation.method == "GET" else self._change(operation, path)

    def _read(self, operation: Http, path: list[str]) -> Reply:
        match path:
            case ["config"]:
                return Reply(self.device.native(), 200)
            case ["trial"]:
                return Reply(status=200, body={"persist": self.device.trial.token if self.device.trial else None})
            case ["state", kind]:
                return Reply(status=200, body=self.device.telling.get(kind, []))
            case [collection]:
                return Reply(status=200, body=self.device.running.get(collection, {}))
            case _:
                raise Rejected(str(operation), "404 no such resource")

    def _change(self, operation: Http, path: list[str]) -> Reply:
        match operation.method, path:
            case "POST", ["candidate"]:
                self._candidate = {name: dict(documents) for name, documents in self.device.running.items()}
            case "DELETE", ["candidate"]:
                self._candidate = None
            case "POST", ["candidate", "commit"]:
                self._commit(operation)
            case "POST", ["saved"]:
                self.device.save()
            case (("POST" | "DELETE"), ["trial"]):
                self._end_trial(operation)
            case "PUT", [collection, name]:
                self._open(operation).setdefault(collection, {})[name] = operation.reveal()
            case "DELETE", [collection, name]:
                self._delete(operation, collection, name)
            case _:
                raise Rejected(str(operation), "404 no such resource")
        return Reply(status=204)

    def _open(self, operation: Http) -> Store:
        if self._candidate is None:
            raise Rejected(str(operation), "409 no candidate is open")
        return self._candidate

    def _commit(self, operation: Http) -> None:
        device, before = self.device, self.device.running
        candidate = {name: documents for name, documents in self._open(operation).items() if documents}
        if device.trial:
            raise Rejected(str(operation), "409 a commit waits for its confirmation")
        device.running, self._candidate = candidate, None
        match operation.reveal():
            case {"seconds": int(seconds), "persist": str(token)}:
                device.trial = Trial(token, device.now + seconds, before)
            case _:
                pass

    def _end_trial(self, operation: Http) -> None:
        if self.device.trial is None or self.device.trial.token != operation.reveal():
            raise Rejected(str(operation), "409 nothing of that name waits for its confirmation")
        if operation.method == "DELETE":
            self.device.take_back()
        self.device.trial = None

    def _delete(self, operation: Http, collection: str, name: str) -> None:
        documents = self._open(operation).get(collection, {})
        if name not in documents:
            raise Rejected(str(operation), "404 no such document")
        del documents[name]


_NETWORK: dict[tuple[str, str], MemoryDevice] = {}
"""The memory devices of this process by address, as hosts stand in a network: they outlive inventories."""


def at(address: str, options: Mapping[str, object]) -> MemoryDevice:
    """The device at an address of this process, made when it is first asked for."""
    state = Path(str(options["state"])).absolute() if "state" in options else None
    where = (address, str(state or ""))
    if where not in _NETWORK or (state and not state.exists()):
        _NETWORK[where] = MemoryDevice(state)
    return _NETWORK[where]
