"""What can go wrong with a device, declared before or during a run."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from netres.errors import InvalidConfig
from netres.model.faults import first_fault


class FaultKind(StrEnum):
    """What breaks."""

    CUT_BEFORE = "cut-before"
    """The connection is lost before the device gets the operation."""
    CUT_AFTER = "cut-after"
    """The device has done it; the connection is lost before it answers."""
    HANG = "hang"
    """The device has done it and never answers; the connection stays."""
    SLOW = "slow"
    """It answers after ``seconds``."""
    GARBAGE = "garbage"
    """The device has done it and answers with bytes that mean nothing."""
    TRUNCATED = "truncated"
    """The device has done it; the first half of the answer comes, then the connection is lost."""
    REJECTED = "rejected"
    """The device refuses it, in the platform's own words."""
    LOCKED = "locked"
    """Somebody else has locked the configuration."""
    REBOOT = "reboot"
    """The device starts anew instead of doing it: what was not saved is lost, and so is every session."""
    CLOCK_JUMP = "clock-jump"
    """``seconds`` pass before the operation: past a rollback timer, or a session's end."""
    AUTH_REFUSED = "auth-refused"
    """The device refuses a login."""
    HOST_KEY_CHANGED = "host-key-changed"
    """The device has another host key, or certificate, than before."""
    NORMALISED = "normalised"
    """The device stores ``replace`` for whatever ``find`` matches in what it is told."""
    SALTED = "salted"
    """Group 1 of ``find`` is shown as a hash that is another one at each read."""


OF_OPERATIONS: Final = frozenset(
    {
        FaultKind.CUT_BEFORE,
        FaultKind.CUT_AFTER,
        FaultKind.HANG,
        FaultKind.SLOW,
        FaultKind.GARBAGE,
        FaultKind.TRUNCATED,
        FaultKind.REJECTED,
        FaultKind.REBOOT,
        FaultKind.CLOCK_JUMP,
    }
)
"""These happen at one operation, and name it by ``at`` or ``on``; a refused login may say at which. The others are
there until they are cleared."""
_TIMED: Final = frozenset({FaultKind.SLOW, FaultKind.CLOCK_JUMP})
_TEXTUAL: Final = frozenset({FaultKind.NORMALISED, FaultKind.SALTED})


class Fault(BaseModel):
    """One thing that goes wrong.

    An operation is a line of a command line, a program, an HTTP request, a NETCONF RPC or an SNMP request.

    It names the operation it happens at, where it happens at one, and has what its kind needs; else it cannot be made.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FaultKind
    at: Annotated[int, Field(ge=0)] | None = None
    """The how manieth operation from when the fault was declared, beginning with 0."""
    on: str | None = None
    """A regular expression, searched in the operation's text; with ``at``: the how manieth that matches."""
    times: Annotated[int, Field(ge=0)] = 1
    """How often it happens; 0: until it is cleared."""
    seconds: Annotated[float, Field(gt=0)] | None = None
    find: str | None = None
    """A regular expression."""
    replace: str | None = None
    """What takes its place; ``\\1`` is its first group."""

    @classmethod
    def of(cls, fields: Mapping[str, object]) -> Fault:
        """A fault from what was written down.

        Raises:
            InvalidConfig: it names no operation, or lacks what its kind needs; says what, in one line.
        """
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise InvalidConfig(f"this fault cannot be: {first_fault(error, {'': cls})[1]}") from error

    @field_validator("on", "find")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind in OF_OPERATIONS and self.at is None and self.on is None:
            raise ValueError(f"{self.kind} names no operation; say which by `at` (a number) or `on` (a pattern)")
        if self.kind in _TIMED and self.seconds is None:
            raise ValueError(f"{self.kind} needs `seconds`")
        if self.kind in _TEXTUAL and self.find is None:
            raise ValueError(f"{self.kind} needs `find`, a pattern of what the device is told")
        if self.kind is FaultKind.NORMALISED and self.replace is None:
            raise ValueError(f"{self.kind} needs `replace`, what the device stores instead")
        if self.kind is FaultKind.SALTED and not re.compile(self.find or "").groups:
            raise ValueError(f"{self.kind} needs a group in `find`: the secret")
        return self


@dataclass
class _Armed:
    fault: Fault
    seen: int = 0
    left: int = 1

    def would(self, text: str) -> bool:
        """Whether it happens at this operation, which is counted."""
        if self.fault.on is not None and not re.search(self.fault.on, text):
            return False
        number, self.seen = self.seen, self.seen + 1
        return number >= (self.fault.at or 0) and (self.left > 0 or not self.fault.times)


@dataclass
class Faults:
    """The faults of one device."""

    struck: list[tuple[str, Fault]] = field(default_factory=list[tuple[str, Fault]])
    """What happened so far: at which operation, and what."""
    _armed: list[_Armed] = field(default_factory=list[_Armed])
    _salt: int = 0

    def add(self, fault: Fault) -> None:
        """Have this go wrong from now on."""
        self._armed.append(_Armed(fault, left=fault.times))

    def clear(self) -> None:
        """Nothing goes wrong from now on."""
        self._armed.clear()

    def at_operation(self, text: str) -> Fault | None:
        """What happens at an operation; counts it. Where several would, the one that was declared first."""
        found = [one for one in self._armed if one.fault.kind in OF_OPERATIONS and one.would(text)]
        if not found:
            return None
        found[0].left -= 1
        self.struck.append((text, found[0].fault))
        return found[0].fault

    def at_login(self) -> bool:
        """Whether a login is refused; counts it."""
        found = [one for one in self._armed if one.fault.kind is FaultKind.AUTH_REFUSED and one.would("login")]
        for one in found[:1]:
            one.left -= 1
        return bool(found)

    @property
    def locked(self) -> bool:
        """Whether somebody else holds the lock of the configuration."""
        return bool(list(self._of(FaultKind.LOCKED)))

    def stored(self, text: str) -> str:
        """What the device stores of what it is told."""
        for fault in self._of(FaultKind.NORMALISED):
            text = re.sub(fault.find or "", fault.replace or "", text)
        return text

    def shown(self, text: str) -> str:
        """What the device shows of what it has stored."""
        for fault in self._of(FaultKind.SALTED):
            text = re.sub(fault.find or "", self._hashed, text)
        return text

    def _hashed(self, match: re.Match[str]) -> str:
        self._salt += 1
        start, end = (place - match.start() for place in match.span(1))
        digest = hashlib.sha256(f"{self._salt}{match[1]}".encode()).hexdigest()[:22]
        return f"{match[0][:start]}$5$sim{self._salt}${digest}{match[0][end:]}"

    def _of(self, kind: FaultKind) -> Iterator[Fault]:
        return (one.fault for one in self._armed if one.fault.kind is kind)
