"""How connecting is retried: only what may succeed later, further and further apart, never beyond the deadline."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from netres.errors import NetresError
from netres.transport.deadline import Deadline

if TYPE_CHECKING:
    from tenacity.retry import retry_base
    from tenacity.stop import stop_base

T = TypeVar("T")


def retried(
    attempt: Callable[[], T],
    deadline: Deadline,
    attempts: int | None = None,
    errors: type[NetresError] = NetresError,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """The result of ``attempt``, called again after those ``errors`` whose class says ``retryable``.

    Waits are random, and on average double from one to the next (so that a thousand sessions do not come back at
    once); ``sleep`` does the waiting. Without ``attempts`` only the deadline ends it. The last error is raised.
    """
    import tenacity

    return tenacity.Retrying(
        retry=_again(errors),
        wait=tenacity.wait_random_exponential(multiplier=0.2, max=5),
        stop=_enough(deadline, attempts),
        sleep=sleep,
        reraise=True,
    )(attempt)


async def aretried(attempt: Callable[[], Awaitable[T]], deadline: Deadline, attempts: int | None = None) -> T:
    """`retried`, awaited."""
    import tenacity

    async def once() -> T:  # tenacity awaits nothing else
        return await attempt()

    return await tenacity.AsyncRetrying(
        retry=_again(NetresError),
        wait=tenacity.wait_random_exponential(multiplier=0.2, max=5),
        stop=_enough(deadline, attempts),
        reraise=True,
    )(once)


def _again(errors: type[NetresError]) -> retry_base:
    import tenacity

    return tenacity.retry_if_exception(lambda error: isinstance(error, errors) and error.retryable)


def _enough(deadline: Deadline, attempts: int | None) -> stop_base:
    import tenacity

    stop = tenacity.stop_before_delay(deadline.remaining)
    return stop if attempts is None else stop | tenacity.stop_after_attempt(attempts)
