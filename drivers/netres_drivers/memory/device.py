"""A device that lives in this process: a store of JSON documents with a candidate. It knows no kind and no driver.

``GET /config`` is the whole as text, ``GET /{collection}`` one collection, ``GET /state/{kind}`` what the device tells
of one kind of state: whatever was put into `MemoryDevice.telling`. ``POST /candidate`` opens a candidate,
``PUT`` and ``DELETE /{collection}/{id}`` change it, ``POST /candidate/commit`` makes it the configuration at once,
``DELETE /candidate`` drops it, ``POST /saved`` stores the configuration for the next start: in the file of the entry's
option ``state`` too, if there is one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias, cast

from netres.errors import InvalidConfig, Rejected, UsageError
from netres.flow import Http, Json, Operation, Reconnect, Reply

Store: TypeAlias = dict[str, dict[str, Json]]


class MemoryDevice:
    """The device. It outlives its sessions; each session has a candidate of its own."""

    def __init__(self, state: Path | None = None) -> None:
        self.state = state
        self.running: Store = {}
        self.saved: Store = {}
        self.telling: dict[str, list[Json]] = {}
        """State by kind, for tests and demonstrations to fill."""
        if state and state.exists():
            try:
                self.running = cast("Store", json.loads(state.read_text(encoding="utf-8")))
            except (OSError, ValueError) as error:
                raise InvalidConfig(f"{state}: is not the state of a memory device ({error}); remove it") from error
            self.saved = self.running

    def native(self) -> str:
        """The configuration: one document a line, in the order of the names."""
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
        self.running = self.saved

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
        path = operation.path.strip("/").split("/")
        return self._read(operation, path) if operation.method == "GET" else self._change(operation, path)

    def _read(self, operation: Http, path: list[str]) -> Reply:
        match path:
            case ["config"]:
                return Reply(self.device.native(), 200)
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
        self.device.running = {name: documents for name, documents in self._open(operation).items() if documents}
        self._candidate = None

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
