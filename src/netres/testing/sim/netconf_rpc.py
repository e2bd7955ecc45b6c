"""The operations of a NETCONF session: dispatch, locks, commits, and the session's own end (RFC 6241, §7 and §8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from netres.testing.sim.device import Simulated
from netres.testing.sim.editing import CheckFailed, Editor, Locked, Modified, Pending
from netres.testing.sim.netconf_data import Datastores, NetconfServer
from netres.testing.sim.netconf_error import RpcError
from netres.testing.sim.xmltext import Xml


class Operations(Datastores):
    """One session's."""

    def __init__(self, device: Simulated, server: NetconfServer) -> None:
        super().__init__(device, server)
        self.over = False
        """Whether the session was closed."""
        self._known: dict[str, Callable[[Xml], Sequence[Xml] | None]] = {
            "get": self.get,
            "get-config": self.get_config,
            "edit-config": self.edit_config,
            "copy-config": self.copy_config,
            "delete-config": self.delete_config,
            "validate": self.validate,
            "lock": self.lock,
            "unlock": self.unlock,
            "discard-changes": self.discard,
            "commit": self.commit,
            "cancel-commit": self.cancel_commit,
            "close-session": self.close_session,
            "kill-session": self.kill_session,
        }

    def answer(self, rpc: Xml) -> Sequence[Xml]:
        """Do what an ``<rpc>`` asks for; nothing: it is done.

        Raises:
            RpcError: it is refused.
            ExceptionGroup: several parts of it are.
        """
        if rpc.name != "rpc" or len(rpc.children) != 1:
            raise RpcError("malformed-message", "no <rpc> with one operation", "rpc")
        if "message-id" not in rpc.attributes:
            info = {"bad-attribute": "message-id", "bad-element": "rpc"}
            raise RpcError("missing-attribute", "<rpc> has no message-id", "rpc", info)
        operation = rpc.children[0]
        if (does := self._known.get(operation.name)) is None:
            raise RpcError("operation-not-supported", f"no operation {operation.name}", "protocol")
        try:
            return does(operation) or []
        except Locked as locked:
            raise RpcError("in-use", "the configuration is locked by another session") from locked
        except CheckFailed as failed:
            raise RpcError("operation-failed", f"configuration check-out failed: {failed}") from failed

    # Locks

    def lock(self, operation: Xml) -> None:
        """``<lock>``; the holder of the lock is told by its session's number, 0: that is no NETCONF session."""
        name = self.named(operation, "target")
        self.config(name)
        holder = self._store.locks.get(name)
        try:
            self._take(name, holder)
        except Locked as locked:
            netconf = locked.holder is not None and locked.holder.via == "netconf"
            number = str(locked.holder.number) if locked.holder and netconf else "0"
            raise RpcError("lock-denied", f"{name} is locked", "protocol", {"session-id": number}) from locked
        except Modified as modified:
            info = {"session-id": "0"}
            raise RpcError("lock-denied", "configuration database modified", "protocol", info) from modified

    def _take(self, name: str, holder: Editor | None) -> None:
        if name == "candidate":
            self._store.lock(self.editor)
        elif holder is not None or self._device.faults.locked:
            raise Locked(holder)
        else:
            self._store.locks[name] = self.editor

    def unlock(self, operation: Xml) -> None:
        """``<unlock>``; changes of the candidate that were made under the lock are discarded."""
        name = self.named(operation, "target")
        holder = self._store.holder if name == "candidate" else self._store.locks.get(name)
        if holder is not self.editor:
            raise RpcError("operation-failed", f"this session has no lock of {name}", "protocol")
        if name == "candidate":
            self._store.end(self.editor)
        else:
            del self._store.locks[name]

    # Commits

    def discard(self, operation: Xml) -> None:
        """``<discard-changes>``."""
        self.writable("candidate")
        self._store.replace(self.editor, self._store.running)

    def commit(self, operation: Xml) -> None:
        """``<commit>``; ``<confirmed/>``: for 600 s or ``<confirm-timeout>``."""
        if self._store.locks.get("running", self.editor) is not self.editor:
            raise RpcError("in-use", "running is locked by another session")
        pending = self._store.pending
        if pending is not None or operation.child("persist-id") is not None:
            self._may_confirm(operation, pending)
        if operation.child("confirmed") is None:
            self._store.commit(self.editor)
            return
        timeout, persist = operation.child("confirm-timeout"), operation.child("persist")
        seconds = timeout.text if timeout else "600"
        if not seconds.isdigit() or not int(seconds):
            info = {"bad-element": "confirm-timeout"}
            raise RpcError("invalid-value", f"{seconds!r} is no number of seconds", "protocol", info)
        self._store.commit(self.editor, seconds=float(seconds), persist=persist.text if persist else None)

    def cancel_commit(self, operation: Xml) -> None:
        """``<cancel-commit>``: take back at once what is not confirmed."""
        pending = self._store.pending
        if pending is None:
            raise RpcError("operation-failed", "no confirmed commit is pending", "protocol")
        self._may_confirm(operation, pending)
        self._store.go_back()

    def _may_confirm(self, operation: Xml, pending: Pending | None) -> None:
        """See that this session may confirm, or cancel: it is the one that committed, or knows the token."""
        given = operation.child("persist-id")
        token = given.text if given else None
        mine = pending is not None and pending.persist == token
        if mine and pending and token is None and pending.editor.via == "netconf":
            mine = pending.editor is self.editor
        if not mine:
            raise RpcError("invalid-value", "not the persist-id of a commit that waits", "protocol",
                           {"bad-element": "persist-id"})  # fmt: skip

    # Sessions

    def close_session(self, operation: Xml) -> None:
        """``<close-session>``."""
        self.end()
        self.over = True

    def kill_session(self, operation: Xml) -> None:
        """``<kill-session>``: of another session."""
        found = operation.child("session-id")
        number = int(found.text) if found is not None and found.text.isdigit() else 0
        if number == self.editor.number or number not in self._server.sessions:
            raise RpcError("invalid-value", f"no other session {number}", "protocol", {"bad-element": "session-id"})
        self._server.sessions[number]()

    def end(self) -> None:
        """The session is over: its locks, what it edited under them, and what only it could confirm are gone."""
        self._server.sessions.pop(self.editor.number, None)
        for name in [name for name, holder in self._store.locks.items() if holder is self.editor]:
            del self._store.locks[name]
        pending = self._store.pending
        if pending is not None and pending.editor is self.editor and pending.persist is None:
            self._store.go_back()
        self._store.end(self.editor)
