"""What a NETCONF session does with datastores: read, filter, edit, copy, delete, validate (RFC 6241, §7 and §8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from netres.testing.sim.candidate import Candidates
from netres.testing.sim.device import Simulated
from netres.testing.sim.editing import CheckFailed
from netres.testing.sim.netconf_error import BASE, RpcError
from netres.testing.sim.settree import Node
from netres.testing.sim.xmltext import Xml
from netres.testing.sim.xmltree import Editing, filtered, pruned, shown

_IETF: Final = "urn:ietf:params:netconf:capability:"
CAPABILITIES: Final = (
    f"{_IETF}candidate:1.0",
    f"{_IETF}confirmed-commit:1.0",
    f"{_IETF}confirmed-commit:1.1",
    f"{_IETF}validate:1.0",
    f"{_IETF}validate:1.1",
    f"{_IETF}rollback-on-error:1.0",
)
WRITABLE: Final = f"{_IETF}writable-running:1.0"
STARTUP: Final = f"{_IETF}startup:1.0"


@dataclass(eq=False)
class NetconfServer:
    """What the sessions of one device share."""

    store: Candidates
    space: str
    """The namespace of the configuration."""
    root: str = ""
    """The element around the whole configuration; empty: there is none."""
    capabilities: tuple[str, ...] = CAPABILITIES
    """Beside the two of the protocol itself; `WRITABLE` and `STARTUP` say what else can be written."""
    sessions: dict[int, Callable[[], object]] = field(default_factory=dict[int, Callable[[], object]])
    """The sessions that are open, by number: what ends each."""


class Datastores:
    """One session's view of the datastores."""

    def __init__(self, device: Simulated, server: NetconfServer) -> None:
        self._device = device
        self._server = server
        self._store = server.store
        self.editor = server.store.login(device.username, "netconf")

    def named(self, operation: Xml, where: str) -> str:
        """The name of the datastore in ``<source>`` or ``<target>``."""
        part = operation.child(where)
        if part is None or not part.children:
            raise RpcError("missing-element", f"no {where}", "protocol", {"bad-element": where})
        return part.children[0].name

    def config(self, name: str) -> Node:
        """What a datastore holds."""
        if name == "running":
            return self._store.running
        if name == "candidate":
            return self._store.config(self.editor)
        if name == "startup" and STARTUP in self._server.capabilities:
            return self._store.saved
        raise RpcError("invalid-value", f"no datastore {name}", "protocol", {"bad-element": name})

    def writable(self, name: str) -> None:
        """See that a datastore can be written, and is locked by nobody else."""
        if name == "running" and WRITABLE not in self._server.capabilities:
            raise RpcError("operation-not-supported", "running is written by commit only", "protocol")
        self.config(name)
        if name == "candidate":
            self._store.require(self.editor)
        elif self._store.locks.get(name, self.editor) is not self.editor:
            raise RpcError("in-use", f"{name} is locked by another session")

    def write(self, name: str, config: Node) -> None:
        """Have a datastore hold this."""
        match name:
            case "candidate":
                self._store.replace(self.editor, config)
            case "startup":
                self._store.saved = config.copy()
            case _:
                self._store.run(config.copy(), self.editor)

    # Operations

    def get(self, operation: Xml) -> Sequence[Xml]:
        """``<get>``: what runs; there is no operational state beside it."""
        return self._data(self._store.running, operation.child("filter"))

    def get_config(self, operation: Xml) -> Sequence[Xml]:
        """``<get-config>``."""
        return self._data(self.config(self.named(operation, "source")), operation.child("filter"))

    def _data(self, config: Node, wanted: Xml | None) -> Sequence[Xml]:
        server = self._server
        data = shown(config, server.space)
        if server.root:
            data = [Xml(server.root, server.space, "", data)]
        if wanted is not None:
            if wanted.attributes.get("type", "subtree") != "subtree":
                info = {"bad-attribute": "type", "bad-element": "filter"}
                raise RpcError("bad-attribute", "the device filters by subtree only", "protocol", info)
            data = filtered(wanted.children, data)
        whole = Xml("data", BASE, "", data)
        text = whole.render()
        salted = self._device.faults.shown(text)
        return [whole if salted == text else Xml.parse(salted.encode())]

    def edit_config(self, operation: Xml) -> None:
        """``<edit-config>``."""
        name = self.named(operation, "target")
        self.writable(name)
        default = _text(operation, "default-operation", "merge", {"merge", "replace", "none"})
        test = _text(operation, "test-option", "set", {"test-then-set", "set", "test-only"})
        on_error = _text(
            operation, "error-option", "stop-on-error", {"stop-on-error", "continue-on-error", "rollback-on-error"}
        )
        config = self.config(name).copy()
        errors: list[RpcError] = []

        def failed(error: RpcError) -> None:
            if on_error != "continue-on-error":
                raise error
            errors.append(error)

        try:
            self._edit(config, self._inline(operation, "config"), default, failed)
            if test != "set":
                self._check(config)
        except RpcError:
            if on_error == "stop-on-error" and test == "set":
                self.write(name, config)  # what was done until then stays
            raise
        if test != "test-only":
            self.write(name, config)
        if errors:
            raise ExceptionGroup("edit-config", errors)

    def _edit(self, config: Node, elements: Sequence[Xml], default: str, failed: Callable[[RpcError], None]) -> None:
        if default == "replace":
            config.children.clear()
        top = elements
        operation = "merge" if default == "replace" else default
        if self._server.root:
            if any(element.name != self._server.root for element in elements):
                bad = next(element.name for element in elements if element.name != self._server.root)
                raise RpcError("unknown-element", "syntax error", "application", {"bad-element": bad})
            top = [child for element in elements for child in element.children]
        for element in top:
            if element.space not in {"", BASE, self._server.space}:
                info = {"bad-element": element.name, "bad-namespace": element.space}
                raise RpcError("unknown-namespace", "unexpected namespace", "application", info)
        Editing(failed).apply(config, top, operation)
        if self._store.prunes:
            pruned(config)

    def _inline(self, operation: Xml, name: str) -> Sequence[Xml]:
        found = operation.child(name)
        if found is None:
            raise RpcError("missing-element", f"no {name}", "protocol", {"bad-element": name})
        text = found.render()
        normal = self._device.faults.stored(text)
        return (found if normal == text else Xml.parse(normal.encode())).children

    def _check(self, config: Node) -> None:
        if wrong := self._store.check(config):
            raise CheckFailed(wrong)

    def _source(self, operation: Xml) -> Node:
        """The configuration of ``<source>``: of a datastore, or the one that stands there."""
        if self.named(operation, "source") != "config":
            return self.config(self.named(operation, "source"))
        source = operation.child("source")
        assert source is not None
        config = Node(self._store.schema)
        self._edit(config, self._inline(source, "config"), "merge", _raise)
        return config

    def copy_config(self, operation: Xml) -> None:
        """``<copy-config>``."""
        name = self.named(operation, "target")
        self.writable(name)
        self.write(name, self._source(operation))

    def delete_config(self, operation: Xml) -> None:
        """``<delete-config>``: of anything but what runs."""
        name = self.named(operation, "target")
        if name == "running":
            raise RpcError("operation-not-supported", "running cannot be deleted", "protocol")
        self.writable(name)
        self.write(name, Node(self._store.schema))

    def validate(self, operation: Xml) -> None:
        """``<validate>``."""
        self._check(self._source(operation))


def _raise(error: RpcError) -> None:
    raise error


def _text(operation: Xml, name: str, default: str, known: set[str]) -> str:
    """The text of a parameter."""
    found = operation.child(name)
    text = found.text if found is not None else default
    if text not in known:
        raise RpcError("invalid-value", f"{name} cannot be {text!r}", "protocol", {"bad-element": name})
    return text
