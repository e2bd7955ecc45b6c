"""The devices of a transaction, together: in what order, several at a time, and what went wrong where."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from graphlib import CycleError, TopologicalSorter
from typing import Final, Generic, TypeVar

from netres.errors import ApplyFailed, NetresError, UsageError
from netres.fleet.member import Member
from netres.plan import ApplyResult, Guarantee, Plan

M = TypeVar("M")
T = TypeVar("T")
AT_ONCE: Final = 32
"""Devices that are talked to at the same time."""
_GLANCE: Final = 0.2
"""Seconds after which who waits looks up: a signal that comes just before a thread blocks does not wake it."""


class Crew:
    """The devices of a transaction by name."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self._pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="netres-transaction")

    def close(self) -> None:
        """End the sessions."""
        for member in self.members.values():
            member.device.close()
        self._pool.shutdown()

    @property
    def all(self) -> Collection[Member]:
        """Every device."""
        return self.members.values()

    @property
    def waiting(self) -> list[Member]:
        """The devices of which a change waits for its confirmation, or for the way back."""
        return [member for member in self.all if member.waits]

    def layers(self) -> list[list[Member]]:
        """The devices in the order in which they are changed; those of one layer at the same time.

        Raises:
            UsageError: one comes after a device that has no plan, or after itself.
        """
        sorter: TopologicalSorter[str] = TopologicalSorter()
        for name, member in self.members.items():
            if missing := [other for other in member.after if other not in self.members]:
                raise UsageError(f"{name} comes after {', '.join(missing)}, which has no plan here; plan it too")
            sorter.add(name, *member.after)
        try:
            sorter.prepare()
        except CycleError as error:
            raise UsageError(f"devices come after one another in a circle: {' -> '.join(error.args[1])}") from error
        layers: list[list[Member]] = []
        while sorter.is_active():
            ready = sorter.get_ready()
            layers.append([self.members[name] for name in sorted(ready)])
            sorter.done(*ready)
        return layers

    def each(self, members: Iterable[M], act: Callable[[M], T]) -> list[T]:
        """Do something with each, at the same time; the first error is raised when all have come back."""
        return [future.result() for future in self._back(members, act)]

    def _back(self, members: Iterable[M], act: Callable[[M], T]) -> list[Future[T]]:
        """What came of each, when all have come back. After an interrupt no other is begun."""
        work = _Work(act)
        try:
            futures = [self._pool.submit(work.do, member) for member in members]
            while wait(futures, _GLANCE).not_done:
                pass
        except BaseException:
            work.stop()
            raise
        return futures

    def require(self, members: Iterable[Member], act: Callable[[Member], ApplyResult]) -> None:
        """`each`, where every result must hold.

        Raises:
            ApplyFailed: one does not.
        """
        for result in self.each(members, act):
            if not result.outcome.holds:
                reason = result.error or "; ".join(map(str, result.differences[:3]))
                raise ApplyFailed(f"{result.device}: {result.outcome}: {reason}", result)

    def tried(self, members: Iterable[Member], act: Callable[[Member], object]) -> Mapping[str, str]:
        """Do something with each, at the same time; what failed, by device, in words."""
        members = list(members)
        told: dict[str, str] = {}
        for member, future in zip(members, self._back(members, act), strict=True):
            match future.exception():
                case None:
                    pass
                case NetresError() as error:
                    told[member.name] = str(error)
                case Exception() as error:  # a bug of one driver must not keep the other devices from their way back
                    told[member.name] = f"{type(error).__name__}: {error}"
                case error:
                    raise error
        return told


class _Work(Generic[M, T]):
    """Something that is done with many, and can be stopped.

    An interrupt may come while one is handed to a thread, so that nobody holds its future: who is at work is counted.
    """

    def __init__(self, act: Callable[[M], T]) -> None:
        self._act = act
        self._changed = threading.Condition()
        self._at_work = 0
        self._stopped = False

    def do(self, member: M) -> T:
        """Do it with one, unless it was stopped."""
        with self._changed:
            if self._stopped:
                raise CancelledError
            self._at_work += 1
        try:
            return self._act(member)
        finally:
            with self._changed:
                self._at_work -= 1
                self._changed.notify_all()

    def stop(self) -> None:
        """Begin no other; returns when those at work have come back."""
        with self._changed:
            self._stopped = True
            self._changed.wait_for(lambda: self._at_work == 0)


def warnings(plans: Iterable[Plan]) -> Iterator[str]:
    """What of plans could not be taken back, or not by itself."""
    for plan in plans:
        if plan.guarantee is Guarantee.BEST_EFFORT:
            yield f"{plan.device}: what goes wrong may not be undone: {plan.guarantee_why}"
        for change in plan.changes:
            if change.before and '"observed:' in change.before.model_dump_json():
                yield (
                    f"{plan.device}: {change.key} has a secret that only the device knows; should this process die, "
                    f"nothing can put it back (a journal with sealed backups can)"
                )
        yield from (f"{plan.device}: {note}" for note in plan.notes)
