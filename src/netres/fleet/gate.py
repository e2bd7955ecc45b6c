"""Which device may begin next: so many at once, of which so many with the same controller, site or jump host."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from netres.errors import InvalidConfig
from netres.inventory.entry import Entry
from netres.model.faults import nearest

Group: TypeAlias = tuple[str, str]
"""A word and a value: ``("site", "lon1")``. The devices of one have a budget."""
_FIELDS: Final[Mapping[str, Callable[[Entry], str]]] = {
    "via": lambda entry: entry.ssh.jump or "",
    "host": lambda entry: entry.host,
    "platform": lambda entry: entry.platform,
}


class Gate:
    """The devices that wait, in their order; none waits for another that waits for its budget.

    Args:
        width: devices at once.
        budgets: by word, how many at once with the same value of it.
    """

    def __init__(self, width: int, budgets: Mapping[str, int]) -> None:
        self._width = width
        self._budgets = budgets
        self._ready: deque[str] = deque()
        self._parked: dict[Group, deque[str]] = {}
        self._groups: dict[str, tuple[Group, ...]] = {}
        self._busy: Counter[Group] = Counter()
        self._at_work = 0

    def add(self, name: str, groups: tuple[Group, ...]) -> None:
        """Have one wait."""
        self._groups[name] = groups
        self._ready.append(name)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._groups) - self._at_work

    def next(self) -> str | None:
        """One that may begin, and begins; ``None``: none may, for now."""
        while self._ready and self._at_work < self._width:
            name = self._ready.popleft()
            groups = self._groups[name]
            full = next((one for one in groups if self._busy[one] >= self._budgets[one[0]]), None)
            if full is None:
                self._busy.update(groups)
                self._at_work += 1
                return name
            self._parked.setdefault(full, deque()).append(name)
            for group in groups:  # it leaves its room there to another, where it had waited for that
                self._unpark(group)
        return None

    def done(self, name: str) -> None:
        """One has ended: who waits for its budget may be next."""
        for group in self._groups.pop(name):
            self._busy[group] -= 1
            self._unpark(group)
        self._at_work -= 1

    def _unpark(self, group: Group) -> None:
        if self._busy[group] < self._budgets[group[0]] and (parked := self._parked.get(group)):
            self._ready.appendleft(parked.popleft())
            if not parked:
                del self._parked[group]

    def rest(self) -> list[str]:
        """Those that wait; they wait no more."""
        left = [*self._ready, *(name for parked in self._parked.values() for name in parked)]
        self._ready.clear()
        self._parked.clear()
        for name in left:
            del self._groups[name]
        return left


def groups_of(entry: Entry, budgets: Mapping[str, int]) -> tuple[Group, ...]:
    """The groups of a device that have a budget: by its tags, ``via`` (its jump host), ``host`` or ``platform``."""
    values = ((word, entry.tags.get(word) or (_FIELDS[word](entry) if word in _FIELDS else "")) for word in budgets)
    return tuple((word, value) for word, value in values if value)


def require_known(inventory: Mapping[str, Entry], budgets: Mapping[str, int]) -> None:
    """See that every budget is one.

    Raises:
        InvalidConfig: its word is no field and no device's tag; it lets no device through.
    """
    for word, most in budgets.items():
        if most < 1:
            raise InvalidConfig(f"budget {word} is {most}; give 1 or more")
        if word in _FIELDS or any(word in entry.tags for entry in inventory.values()):
            continue
        tags = {tag for entry in inventory.values() for tag in entry.tags}
        raise InvalidConfig(f"budget {word!r} is no device's tag{nearest(word, [*tags, *_FIELDS])}")
