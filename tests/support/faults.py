"""A transport that breaks at a chosen operation, and a memory device without a candidate."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from netres import registry
from netres.driver import Driver
from netres.errors import ConnectFailed, Rejected, Timeout, TransportError
from netres.flow import Http, Operation, Reconnect, Reply, Transport
from netres.plan import Guarantee
from netres_drivers.memory.device import MemoryDevice, MemorySession

Fault = Literal["cut before", "cut after", "refused", "interrupt"]
FAULTS: tuple[Fault, ...] = ("cut before", "cut after", "refused", "interrupt")


@dataclass
class Immediate:
    """A session whose every change is the configuration at once, as on a plain command line."""

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


@dataclass
class Faulty:
    """Breaks at the writing operation number ``at``; a cut link stays cut until a reconnect that ``mends``."""

    inner: Transport
    fault: Fault
    at: int
    mends: bool = True
    again: bool = False
    """Whether it breaks at every later operation too."""
    writes: int = field(default=-1, init=False)
    dead: bool = field(default=False, init=False)

    def execute(self, operation: Operation) -> Reply:
        if isinstance(operation, Reconnect):
            if not self.mends:
                raise ConnectFailed("no route")
            self.dead = False
            return self.inner.execute(operation)
        if self.dead:
            raise TransportError("the session is dead")
        if operation.writes:
            self.writes += 1
            if self.writes == self.at or (self.again and self.writes > self.at):
                return self._break(operation)
        return self.inner.execute(operation)

    def _break(self, operation: Operation) -> Reply:
        if self.fault == "refused":
            raise Rejected(str(operation), "% no")
        self.dead = True
        if self.fault != "cut before":
            self.inner.execute(operation)
        if self.fault == "interrupt":
            raise KeyboardInterrupt
        raise Timeout("no answer")

    def close(self) -> None:
        self.inner.close()


def device_with(native: MemoryDevice, *, candidate: bool) -> MemorySession | Immediate:
    """A session with ``native``, with a candidate or without."""
    return native.session() if candidate else Immediate(native.session())
