"""Confirmed commit (RFC 6241, 8.4): a change that stands for a time, and is gone unless it is confirmed. Data only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

from netres.errors import InvalidConfig
from netres.flow import Flow, Operation

TOKEN: Final = re.compile("[0-9a-f]{12}")


@dataclass(frozen=True)
class Trial:
    """One change that stands for ``seconds``, unless it is confirmed."""

    seconds: int
    """A multiple of `Confirming.step`."""
    token: str
    """Names it on the device, where the device has such names (RFC 6241: persist): 12 hexadecimal digits."""
    back: tuple[Operation, ...] = ()
    """What leads the device back, for a program that netres leaves there; only where `Confirming.program`."""

    def __post_init__(self) -> None:
        # It may come from a file of somebody else's, and stands in programs that a device's shell reads.
        if not TOKEN.fullmatch(self.token):
            raise InvalidConfig(f"{self.token!r} is no token of a trial; give 12 hexadecimal digits")


def nothing(trial: Trial) -> Sequence[Operation]:
    """No operation."""
    return ()


def lacking_nothing() -> Flow[str]:
    """The `Confirming.lacks` of a platform that can always do it."""
    yield from ()
    return ""


@dataclass(frozen=True)
class Confirming:
    """How one platform has a change stand for a time. All of it is sent over whatever session there is."""

    why: str
    """What takes the change back, in words: ``commit confirmed, the router's own timer``."""
    commit: Callable[[Trial], Sequence[Operation]]
    """Sent in place of `Driver.commit`: from here on the change stands, for a time."""
    confirm: Callable[[Trial], Sequence[Operation]]
    """Makes it stand for good. Sent over another session than `commit`."""
    cancel: Callable[[Trial], Sequence[Operation]]
    """Takes it back now, timer and all. Of a trial that is over it may be refused, or do nothing."""
    waits: Callable[[Trial], Flow[bool]]
    """Whether the device still waits for the confirmation of this trial (where it cannot tell: of any)."""
    begin: Callable[[Trial], Sequence[Operation]] | None = None
    """Sent in place of `Driver.begin`; ``None``: that."""
    lacks: Callable[[], Flow[str]] = lacking_nothing
    """What this device lacks for it, and the remedy; empty: nothing. Sends only reads."""
    step: int = 1
    """Seconds: the time can be a multiple of this."""
    least: int = 1
    """Seconds."""
    most: int = 86400
    """Seconds."""
    needs: tuple[str, ...] = ()
    """Preconditions, in words: ``archive`` is configured."""
    named: bool = False
    """Whether the device tells one trial from another: then it refuses a second one by itself. Else none is begun while
    any waits."""
    program: bool = False
    """Whether it is a program that netres leaves on the device, and which sends `Trial.back`, instead of the device's
    own timer."""

    def seconds(self, wanted: float) -> int:
        """The time that the device can hold to: ``wanted`` seconds or a little more, within its bounds."""
        steps = -(-wanted // self.step)
        return int(min(max(steps * self.step, self.least), self.most))


class Timer(BaseModel):
    """What a plan says of the time that a change can stand unconfirmed, and who takes it back then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    why: str
    step: int
    """Seconds: the granularity."""
    least: int
    most: int
    needs: tuple[str, ...] = ()
    """Preconditions; they hold on this device."""

    @classmethod
    def of(cls, confirming: Confirming) -> Timer:
        """Of a platform."""
        return cls(
            why=confirming.why,
            step=confirming.step,
            least=confirming.least,
            most=confirming.most,
            needs=confirming.needs,
        )
