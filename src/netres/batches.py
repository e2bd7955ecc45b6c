"""Fewer round trips: what may be sent without waiting for the answers in between. Pure functions and flows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from netres.driver import Driver
from netres.errors import DeviceError
from netres.flow import Batch, Cli, Flow, Operation, Reply

_ROOM: Final = 2048
"""Characters of a `Batch`: half of what a terminal of Linux keeps for whoever does not read (N_TTY_BUF_SIZE)."""


def pipelined(driver: Driver, operations: Iterable[Operation]) -> Iterator[Operation]:
    """The operations of a change in order, neighbours in a `Batch` where the driver's shell pipelines."""
    if driver.shell is None or not driver.shell.pipelines:
        yield from operations
        return
    lines: list[Cli] = []
    for operation in operations:
        if not isinstance(operation, Cli) or not operation.writes:
            yield from _joined(lines)
            yield operation
            lines = []
        elif _fits(driver, lines, operation):
            lines.append(operation)
        else:
            yield from _joined(lines)
            lines = [operation]
    yield from _joined(lines)


def _fits(driver: Driver, lines: list[Cli], line: Cli) -> bool:
    ahead = driver.shell.ahead if driver.shell else 1
    return len(lines) < ahead and sum(one.width + 1 for one in lines) + line.width < _ROOM


def _joined(lines: list[Cli]) -> Iterator[Operation]:
    if len(lines) > 1:
        yield Batch(tuple(lines))
    else:
        yield from lines


def first(flow: Flow[object]) -> Operation | None:
    """What a flow would send first; it is not driven any further."""
    try:
        return next(flow, None)
    except Exception:  # noqa: BLE001 - whoever drives it meets it again
        return None
    finally:
        flow.close()


def asked(driver: Driver, operations: Iterable[Operation | None]) -> Flow[dict[Operation, Reply | DeviceError]]:
    """What a device answers to reads that do not depend on each other, by operation.

    Where its shell takes lines ahead they go out together; what else there is, is not asked.
    """
    if driver.shell is None or driver.shell.ahead < 2:
        return {}
    lines: list[Cli] = []
    found: dict[Operation, Reply | DeviceError] = {}
    reads = [one for one in dict.fromkeys(operations) if isinstance(one, Cli) and not one.writes]
    for place, line in enumerate(reads):
        if _fits(driver, lines, line):
            lines.append(line)
        if len(lines) > 1 and (place == len(reads) - 1 or not _fits(driver, lines, reads[place + 1])):
            found |= zip(lines, (yield Batch(tuple(lines))).parts, strict=True)
            lines = []
    return found
