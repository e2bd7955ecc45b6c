"""A transport that breaks at a chosen operation, around any other one: a real device's, a simulated one's.

What arrives of a garbled answer depends on the wire, and is told as its transport would tell it:

- A command line (`Cli`) has no length and no checksum of its own: whatever stands before something like a prompt is
  the answer, so noise is taken for one, and so is half of one. A line that writes is then refused: silence is its yes.
- A program (`Exec`) ends with a status. Noise may come with a good one; half an answer comes from a program that was
  killed, which has none.
- An HTTP answer has a length: half of one is a lost connection. Noise is a page of somebody in between, with a good
  status and no JSON.
- An SNMP datagram that cannot be decoded is dropped: there is no answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, cast

from netres.errors import (
    AuthFailed,
    Busy,
    ConnectFailed,
    DeviceError,
    HostKeyMismatch,
    NetresError,
    Rejected,
    Timeout,
    TransportError,
)
from netres.flow import Batch, Cli, Exec, Http, Operation, Pausing, Reconnect, Reply, Snmp, Transport
from netres.testing.sim.delivery import garbage
from netres.testing.sim.faults import FaultKind

ON_THE_WIRE: Final = (
    FaultKind.CUT_BEFORE,
    FaultKind.CUT_AFTER,
    FaultKind.HANG,
    FaultKind.SLOW,
    FaultKind.GARBAGE,
    FaultKind.TRUNCATED,
    FaultKind.REJECTED,
    FaultKind.LOCKED,
)
"""What needs nothing of the device."""
INTERRUPT: Final = "interrupt"
"""Somebody presses Ctrl-C when the device has done it."""
NO_WAY_BACK: Final[Mapping[str, Callable[[], NetresError]]] = {
    "no-route": lambda: ConnectFailed("no route to host"),
    FaultKind.AUTH_REFUSED: lambda: AuthFailed("the login was refused"),
    FaultKind.HOST_KEY_CHANGED: lambda: HostKeyMismatch("the host key is another one than before"),
}
"""What a new connection meets after a cut, until somebody mends it."""


_LATE: Final = 0.001
"""Seconds: within every deadline; what is later is a hang."""


def everything(operation: Operation) -> bool:
    """Count every operation."""
    return True


@dataclass
class Faulty:
    """Breaks at the operation number ``at``, counted from 0 among those for which ``on`` says so.

    Args:
        inner: what moves the bytes.
        kind: what breaks: a `FaultKind`, `INTERRUPT`, or one of `NO_WAY_BACK`.
        at: where; none: nothing breaks.
        again: whether it breaks at every later operation too.
        strike: for what happens in the device: called before the operation.
        batches: whether a `Batch` is sent as typing ahead is: the device gets every line, whatever it said to those
            before, and has done them all when the connection is lost at an answer.
    """

    inner: Transport
    kind: FaultKind | str
    at: int | None = 0
    on: Callable[[Operation], bool] = everything
    again: bool = False
    strike: Callable[[], object] | None = None
    batches: bool = False
    seen: int = field(default=0, init=False)
    """How many operations there were."""
    wrote: int = field(default=0, init=False)
    """How many of all operations could have changed the device."""
    struck: Operation | None = field(default=None, init=False)
    """Where it broke last."""
    dead: bool = field(default=False, init=False)

    def arm(self, kind: FaultKind | str, at: int, strike: Callable[[], object] | None = None) -> None:
        """Have another thing break, counted from here on."""
        self.kind, self.at, self.strike = kind, at, strike
        self.seen, self.wrote, self.struck = 0, 0, None

    def mend(self) -> None:
        """Have nothing break any more, and a session that works."""
        self.at = None
        if self.dead:
            self.execute(Reconnect())

    def renew(self, opened: Callable[[], Transport]) -> None:
        """Another login, as of another program; errors as of a `Reconnect`."""
        self._require_way()
        self.inner.close()
        self.inner, self.dead = opened(), False

    def execute(self, operation: Operation) -> Reply:
        """Do one operation, or break at it."""
        if isinstance(operation, Reconnect):
            return self._reconnect(operation)
        if self.dead:
            raise ConnectFailed("the session is lost; reconnect")
        if isinstance(operation, Batch):
            return self._ahead(operation)
        self.wrote += operation.writes
        if self.at is None or not self.on(operation):
            return self.inner.execute(operation)
        number, self.seen = self.seen, self.seen + 1
        if number == self.at or (self.again and number > self.at):
            self.struck = operation
            return self._break(operation)
        return self.inner.execute(operation)

    def _ahead(self, batch: Batch) -> Reply:
        """Send every line, and then tell what came of them."""
        told: list[Reply | NetresError] = []
        for place, line in enumerate(batch.operations):
            batch.sending(place)
            try:
                told.append(self._typed(line))
            except NetresError as error:
                told.append(error)
        refused: NetresError | None = None
        for place, one in enumerate(told):
            if isinstance(one, TransportError):
                raise one
            batch.answered(place, one)
            refused = refused or (one if isinstance(one, NetresError) and batch.writes else None)
        if refused is not None:
            raise refused
        return Reply(parts=tuple(cast("list[Reply | DeviceError]", told)))

    def _typed(self, line: Cli) -> Reply:
        """A line that the device may get although the connection is lost."""
        if self.dead and self.kind in {FaultKind.REBOOT, FaultKind.CUT_BEFORE}:
            raise ConnectFailed("the session is lost; reconnect")
        return self.inner.execute(line) if self.dead else self.execute(line)

    def close(self) -> None:
        """End the session."""
        self.inner.close()

    def pause(self, seconds: float) -> None:
        """Let time go by in the device, where it has a clock of its own; in a test nobody waits."""
        if isinstance(self.inner, Pausing):
            self.inner.pause(seconds)

    def _reconnect(self, operation: Reconnect) -> Reply:
        self._require_way()
        reply = self.inner.execute(operation)
        self.dead = False
        return reply

    def _require_way(self) -> None:
        if self.at is not None and self.struck is not None and (met := NO_WAY_BACK.get(self.kind)) is not None:
            self.dead = True
            raise met()

    def _break(self, operation: Operation) -> Reply:
        if self.strike is not None:
            self.strike()
        match self.kind:
            case FaultKind.REJECTED:
                raise Rejected(str(operation), "% no")
            case FaultKind.LOCKED:
                raise Busy("somebody else has locked the configuration")
            case FaultKind.REBOOT | FaultKind.CUT_BEFORE:
                raise self._lost(TransportError)
            case _:
                return self._done(operation, self.inner.execute(operation))

    def _done(self, operation: Operation, reply: Reply) -> Reply:
        """What arrives of an answer; the device has done what it was told."""
        match self.kind:
            case kind if kind == FaultKind.CUT_AFTER or kind in NO_WAY_BACK:
                raise self._lost(TransportError)
            case FaultKind.HANG:
                raise self._lost(Timeout)
            case FaultKind.GARBAGE:
                return self._garbled(operation)
            case FaultKind.TRUNCATED:
                return self._half(operation, reply)
            case "interrupt":
                self._lost(TransportError)
                raise KeyboardInterrupt
            case FaultKind.SLOW:
                time.sleep(_LATE)
                return reply
            case _:
                return reply

    def _garbled(self, operation: Operation) -> Reply:
        noise = garbage(len(str(operation))).decode("latin-1")
        match operation:
            case Cli(writes=True):
                raise Rejected(str(operation), noise)
            case Http():
                return Reply(noise, 200)
            case Snmp():
                raise self._lost(Timeout)
            case _:
                return Reply(noise)

    def _half(self, operation: Operation, reply: Reply) -> Reply:
        half = replace(reply, text=reply.text[: len(reply.text) // 2], _parsed={})
        match operation:
            case Cli():
                if operation.writes and reply.text:
                    raise Rejected(str(operation), half.text)
                return half
            case Exec():
                if operation.writes:
                    raise Rejected(operation.command, "killed")
                return replace(half, status=-1)
            case Snmp():
                raise self._lost(Timeout)
            case _:
                raise self._lost(TransportError)

    def _lost(self, error: type[TransportError]) -> TransportError:
        """The session is given up, as every transport does: what it still holds goes with it."""
        self.dead = True
        return error("no answer" if error is Timeout else "the connection was lost")
