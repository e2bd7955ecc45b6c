"""A simulated device: what it holds, who may log in, what goes wrong, and what was said."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, Literal, Protocol, TypeAlias, TypeVar

from netres.testing.sim.clock import Clock
from netres.testing.sim.faults import Fault, FaultKind, Faults

if TYPE_CHECKING:
    from netres.testing.sim.cli import CliSession
    from netres.testing.sim.http import Request, Response
    from netres.testing.sim.wire import Conversation

A = TypeVar("A")
Oid: TypeAlias = tuple[int, ...]
Value: TypeAlias = int | bytes | Oid
Wire: TypeAlias = Literal["ssh", "http", "https", "snmp"]
MASK: Final = "********"
_KEPT: Final = 10_000
"""Exchanges; older ones are forgotten, half of them at a time."""
_LONGEST: Final = 20_000
"""Characters of an answer in the dialogue."""


class Store(Protocol):
    """What a device holds: a behaviour's own state."""

    def native(self) -> str:
        """The configuration the device runs on, as it shows it itself."""
        ...

    def load(self, text: str) -> None:
        """Add to it, in the device's own words, and save it: what somebody did by hand.

        Raises:
            ValueError: the device would refuse a line; names it.
        """
        ...

    def reset(self) -> None:
        """Have it as it came from the factory."""
        ...

    def reboot(self) -> None:
        """Start anew: what was not saved is gone."""
        ...


@dataclass(frozen=True)
class Exchange:
    """One operation and its answer, secrets masked."""

    wire: str
    sent: str
    answer: str
    fault: FaultKind | None = None

    def __str__(self) -> str:
        fault = f"    ({self.fault})\n" if self.fault else ""
        answer = "".join(f"    {line}\n" for line in self.answer.splitlines())
        return f"{self.wire}> {self.sent}\n{fault}{answer}"


@dataclass(frozen=True)
class Delivered(Generic[A]):
    """An answer, and the fault it suffers on its way. ``None``: the device has nothing to say any more."""

    answer: A | None
    fault: Fault | None = None

    @property
    def kind(self) -> FaultKind | None:
        """What the fault is."""
        return self.fault.kind if self.fault else None


@dataclass
class Simulated:
    """One device. What it does not have (no command line, no REST interface) is ``None``."""

    name: str
    platform: str
    store: Store
    clock: Clock = field(default_factory=Clock)
    username: str = "admin"
    password: str = "simulated"  # noqa: S105 - a device that is none
    token: str = "simulated-token"  # noqa: S105 - see above
    community: str = "public"
    """SNMP; what may write has ``private`` for it."""
    cli: Callable[[], CliSession] | None = None
    """A new login at the command line."""
    program: Callable[[str], Conversation] | None = None
    """A command that is run without a command line (SSH exec)."""
    subsystems: Mapping[str, Callable[[], Conversation]] = field(
        default_factory=dict[str, "Callable[[], Conversation]"]
    )
    """SSH subsystems: ``netconf``."""
    http: Callable[[Request], Response] | None = None
    http_refusal: Callable[[Request], Response] | None = None
    """How its REST interface refuses a request that a fault rejects; default: status 400."""
    mib: Callable[[], Mapping[Oid, Value]] | None = None
    """All that SNMP tells: an int is an INTEGER, bytes an OCTET STRING, a tuple an OBJECT IDENTIFIER."""
    mib_set: Callable[[Oid, Value], bool] | None = None
    """Sets an object; false where it is not writable."""
    files: MutableMapping[str, bytes] = field(default_factory=dict[str, bytes])
    """The file system, as far as there is one."""
    secrets: tuple[re.Pattern[str], ...] = ()
    """Group 1 of each is masked in the dialogue."""
    faults: Faults = field(default_factory=Faults)
    dialogue: list[Exchange] = field(default_factory=list[Exchange])
    """What was said, as far back as there is room."""
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    epoch: int = 0
    """How often it was started; a session of an earlier epoch is dead."""
    down_until: float = 0.0
    """On its clock: until then it is starting, and nobody can connect."""
    rekeyed: list[Callable[[], None]] = field(default_factory=list["Callable[[], None]"], repr=False)
    """Called when the device gets another host key or certificate: by its servers' own entries."""
    _hangups: dict[object, Callable[[], object]] = field(
        default_factory=dict[object, "Callable[[], object]"], repr=False
    )

    @property
    def up(self) -> bool:
        """Whether it can be connected to."""
        return self.clock.now >= self.down_until

    @property
    def wires(self) -> tuple[str, ...]:
        """What it speaks: ``ssh``, its subsystems (``netconf``), ``http`` and ``https``, ``snmp``."""
        ssh = ("ssh",) if self.cli or self.program or self.subsystems else ()
        return (*ssh, *self.subsystems, *(("http", "https") if self.http else ()), *(("snmp",) if self.mib else ()))

    def operate(self, wire: str, sent: str, execute: Callable[[], A], refuse: Callable[[], A]) -> Delivered[A]:
        """Do one operation, with what goes wrong at it.

        Args:
            wire: the protocol, for the dialogue.
            sent: the operation as text: faults are matched with it.
            execute: what the device does, and answers.
            refuse: what it answers where it refuses the operation.
        """
        with self.lock:
            fault = self.faults.at_operation(sent)
            kind = fault.kind if fault else None
            if fault and kind is FaultKind.CLOCK_JUMP:
                self.clock.advance(fault.seconds or 0.0)
            epoch = self.epoch
            self.clock.tick()
            if self.epoch != epoch:  # a timer restarted the device: nobody is there to do it
                fault, kind = Fault(kind=FaultKind.REBOOT, at=0), FaultKind.REBOOT
            elif fault and kind is FaultKind.REBOOT:
                self.reboot(fault.seconds or 0.0)
            answer = None
            if kind not in {FaultKind.REBOOT, FaultKind.CUT_BEFORE}:
                answer = refuse() if kind is FaultKind.REJECTED else execute()
            self._note(wire, sent, answer, kind)
        return Delivered(answer, fault)

    def reboot(self, seconds: float = 0.0) -> None:
        """Start anew: what was not saved and every session is lost; for ``seconds`` nobody can connect."""
        with self.lock:
            self.epoch += 1
            self.down_until = self.clock.now + seconds
            self.store.reboot()
            hangups, self._hangups = self._hangups, {}
        for hang_up in hangups.values():
            hang_up()

    def connected(self, connection: object, hang_up: Callable[[], object]) -> None:
        """Somebody connected; ``hang_up`` is called when the device reboots."""
        with self.lock:
            self._hangups[connection] = hang_up

    def disconnected(self, connection: object) -> None:
        """The connection is gone."""
        with self.lock:
            self._hangups.pop(connection, None)

    def native(self) -> str:
        """The configuration it runs on, whatever goes wrong with its wires."""
        with self.lock:
            self.clock.tick()
            return self.store.native()

    def fail(self, kind: FaultKind | str, **how: float | str) -> Fault:
        """Have something go wrong from now on: the fields of `Fault`.

        Raises:
            InvalidConfig: the fault names no operation, or lacks what its kind needs; says what.
        """
        fault = Fault.of({"kind": kind, **how})
        self.declare(fault)
        return fault

    def declare(self, fault: Fault) -> None:
        """Have this go wrong from now on."""
        with self.lock:
            self.faults.add(fault)
        if fault.kind is FaultKind.HOST_KEY_CHANGED:
            for rekey in self.rekeyed:
                rekey()

    def masked(self, text: str) -> str:
        """``text`` without the device's secrets."""
        for secret in sorted((self.password, self.token), key=len, reverse=True):  # one may contain the other
            text = text.replace(secret, MASK)
        for pattern in self.secrets:
            text = pattern.sub(lambda match: match[0].replace(match[1], MASK), text)
        return text

    def _note(self, wire: str, sent: str, answer: object, kind: FaultKind | None) -> None:
        shown = "" if answer is None else str(answer)
        if len(shown) > _LONGEST:
            shown = f"{shown[:_LONGEST]}\n({len(shown) - _LONGEST} characters more)"
        if len(self.dialogue) >= _KEPT:
            del self.dialogue[: _KEPT // 2]
        self.dialogue.append(Exchange(wire, self.masked(sent), self.masked(shown), kind))


@dataclass(frozen=True)
class Simulator:
    """What a platform's ``sim.py`` offers, as ``SIMULATOR``."""

    platform: str
    title: str
    make: Callable[[str], Simulated]
    """From a device's name to a device as it came from the factory, with that host name."""
    manage: Wire = "ssh"
    """How the device is usually managed: this wire's port stands in an inventory."""
