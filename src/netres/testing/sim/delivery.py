"""How an answer reaches, or does not reach, whoever asked."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import TypeVar

from netres.testing.sim.device import Delivered
from netres.testing.sim.faults import FaultKind
from netres.testing.sim.wire import Act, Cut, Send, Stall, Wait

A = TypeVar("A")


def garbage(seed: int) -> bytes:
    """Bytes that mean nothing in any protocol, the same for the same seed; among them no line end and no prompt."""
    source = random.Random(seed)  # noqa: S311 - not for secrecy
    return bytes(source.choice([byte for byte in range(1, 256) if byte not in b"\r\n>#$]"]) for _ in range(64))


def acts(done: Delivered[A], answer: bytes, whole: Iterable[Act] | None = None) -> Iterator[Act]:
    """What happens to ``answer``, the bytes of what was done; ``whole``: what is done where nothing goes wrong."""
    wait = done.fault.seconds if done.fault else None
    match done.kind:
        case FaultKind.HANG:
            yield Stall()
        case FaultKind.GARBAGE:
            yield Send(garbage(len(answer)))
            yield Stall()
        case FaultKind.TRUNCATED:
            yield Send(answer[: len(answer) // 2])
            yield Cut()
        case FaultKind.CUT_BEFORE | FaultKind.CUT_AFTER | FaultKind.REBOOT:
            yield Cut()
        case _:
            if done.kind is FaultKind.SLOW:
                yield Wait(wait or 0.0)
            yield from [Send(answer)] if whole is None else whole
