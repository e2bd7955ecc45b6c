"""A memory device without a candidate: its every change is the configuration at once, as on a plain command line."""

from __future__ import annotations

from dataclasses import dataclass, replace

from netres import registry
from netres.driver import Driver
from netres.flow import Http, Operation, Reply
from netres.plan import Guarantee
from netres_drivers.memory.device import MemorySession


@dataclass
class Immediate:
    """A session with such a device."""

    inner: MemorySession

    def execute(self, operation: Operation) -> Reply:
        if not (isinstance(operation, Http) and operation.method in {"PUT", "DELETE"}):
            return self.inner.execute(operation)
        self.inner.execute(Http("POST", "/candidate"))
        reply = self.inner.execute(operation)
        self.inner.execute(Http("POST", "/candidate/commit"))
        return reply

    def close(self) -> None:
        self.inner.close()


def immediate_driver() -> Driver:
    """The reference driver, told that there is no candidate."""
    return replace(
        registry.get("memory"),
        begin=(),
        commit=(),
        abort=(),
        guarantee=Guarantee.COMPENSATED,
        guarantee_why="no candidate",
    )
