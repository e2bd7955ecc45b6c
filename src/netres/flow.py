"""Flows: how a driver talks without doing any I/O.

A *flow* is a generator that yields operations (`netres.operation`), is sent replies, and returns a result. `run` drives
one over a blocking transport, `arun` over an awaitable one; the same flow serves both (as ``httpx.Auth.auth_flow``
does).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Protocol, TypeAlias, TypeVar, cast, runtime_checkable

from netres.body import Body, Json, Ref, octets, unveil
from netres.errors import DeviceError
from netres.operation import (
    Batch,
    Cli,
    Exec,
    Http,
    Note,
    Operation,
    Part,
    Pause,
    Reconnect,
    Reply,
    Snmp,
)

__all__ = [
    "AsyncTransport",
    "Batch",
    "Batching",
    "Body",
    "Cli",
    "Exec",
    "Flow",
    "Http",
    "Interruptible",
    "Json",
    "Note",
    "Operation",
    "Part",
    "Pause",
    "Pausing",
    "Reconnect",
    "Ref",
    "Reply",
    "Snmp",
    "Transport",
    "arun",
    "ask",
    "octets",
    "run",
    "show",
    "singly",
    "unveil",
]

T = TypeVar("T")

Flow: TypeAlias = Generator[Operation, Reply, T]


class Transport(Protocol):
    """What moves bytes for one session. Maps every foreign error to `netres.errors`."""

    def execute(self, operation: Operation) -> Reply:
        """Do one operation.

        Raises:
            TransportError: it did not arrive, or its answer did not.
            DeviceError: the device refused it.
            UsageError: this transport has no such operation.
        """
        ...

    def close(self) -> None:
        """End the session; never raises."""
        ...


@runtime_checkable
class Interruptible(Protocol):
    """A transport whose running operation another thread can end; the session is lost by that."""

    def interrupt(self) -> None:
        """End the running operation, if there is one, with a `netres.errors.TransportError`."""
        ...


@runtime_checkable
class Pausing(Protocol):
    """A transport with a clock of its own: that of a simulated device."""

    def pause(self, seconds: float) -> None:
        """Let this time go by."""
        ...


@runtime_checkable
class Batching(Protocol):
    """A transport that may take a `Batch`."""

    @property
    def batches(self) -> bool:
        """Whether it does."""
        ...


class AsyncTransport(Protocol):
    """`Transport`, awaited."""

    async def execute(self, operation: Operation) -> Reply:
        """Do one operation; errors as in `Transport.execute`."""
        ...

    async def close(self) -> None:
        """End the session; never raises."""
        ...


def ask(operation: Operation) -> Flow[Reply]:
    """The reply to one operation."""
    return (yield operation)


def show(command: str) -> Flow[Reply]:
    """The reply to a command that changes nothing."""
    return (yield Cli((command,), writes=False))


def singly(flow: Flow[T]) -> Flow[T]:
    """``flow``, what it would have sent as a `Batch` sent one by one."""
    try:
        operation = next(flow)
        while True:
            try:
                reply = yield from (_each(operation) if isinstance(operation, Batch) else ask(operation))
            except GeneratorExit:
                raise
            except BaseException as error:  # noqa: BLE001 - an interrupt too: the flow must get the chance to undo
                operation = flow.throw(error)
            else:
                operation = flow.send(reply)
    except StopIteration as stop:
        return cast("T", stop.value)
    finally:
        flow.close()


def _each(batch: Batch) -> Flow[Reply]:
    parts: list[Reply | DeviceError] = []
    for place, operation in enumerate(batch.operations):
        batch.sending(place)
        try:
            parts.append((yield operation))
        except DeviceError as error:
            batch.answered(place, error)
            if batch.writes:
                raise
            parts.append(error)
        else:
            batch.answered(place, parts[-1])
    return Reply(parts=tuple(parts))


def run(flow: Flow[T], execute: Callable[[Operation], Reply], *, batches: bool = False) -> T:
    """Drive ``flow`` to its end, blocking. Whatever `execute` raises is raised at the flow's ``yield``.

    With ``batches``, `execute` gets each `Batch` whole; else its operations come one by one.
    """
    flow = flow if batches else singly(flow)
    try:
        operation = next(flow)
        while True:
            try:
                reply = execute(operation)
            except BaseException as error:  # noqa: BLE001 - an interrupt too: the flow must get the chance to undo
                operation = flow.throw(error)
            else:
                operation = flow.send(reply)
    except StopIteration as stop:
        return cast("T", stop.value)
    finally:
        flow.close()


async def arun(flow: Flow[T], execute: Callable[[Operation], Awaitable[Reply]], *, batches: bool = False) -> T:
    """`run` for an awaitable `execute`."""
    flow = flow if batches else singly(flow)
    try:
        operation = next(flow)
        while True:
            try:
                reply = await execute(operation)
            except BaseException as error:  # noqa: BLE001 - a cancellation too: the flow must get the chance to undo
                operation = flow.throw(error)
            else:
                operation = flow.send(reply)
    except StopIteration as stop:
        return cast("T", stop.value)
    finally:
        flow.close()
