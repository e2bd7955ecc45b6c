"""What passes over a connection, with no connection in it: bytes in, and what is to be done with the connection out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable


@dataclass(frozen=True)
class Send:
    """Send this."""

    data: bytes


@dataclass(frozen=True)
class Wait:
    """Do what follows after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Cut:
    """Lose the connection, without a word."""


@dataclass(frozen=True)
class Stall:
    """Keep the connection, and never say anything again."""


@dataclass(frozen=True)
class End:
    """End it in order; of a program: with this exit status."""

    status: int = 0


Act: TypeAlias = Send | Wait | Cut | Stall | End


class Conversation(Protocol):
    """One side of a connection: a command line, a program that was started, NETCONF."""

    def start(self) -> Iterable[Act]:
        """What is done when it begins."""
        ...

    def feed(self, data: bytes) -> Iterable[Act]:
        """What is done when this has come."""
        ...

    def eof(self) -> Iterable[Act]:
        """What is done when nothing more will come."""
        ...

    def close(self) -> None:
        """The connection is gone."""
        ...


@runtime_checkable
class Ending(Protocol):
    """A conversation that may end its connection when nothing came: somebody else ends it."""

    hang_up: Callable[[], object]
    """Set by whoever has the connection."""
