"""What each device of a small fleet must have, and what a transaction that has ended must have made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from fleets import LINES

from netres.change import changed
from netres.fleet.journal import PartRecord, TransactionRecord
from netres.model import Config, Vlan
from netres.plan import ApplyResult

NAMES: Final = ("m1", "m2", f"{LINES}1")
Vlans: TypeAlias = dict[int, str]
"""Names of VLANs by number."""


@dataclass
class Believed:
    """What a device must have."""

    running: Vlans = field(default_factory=Vlans)
    saved: Vlans = field(default_factory=Vlans)
    before: Vlans | None = None
    """What comes back when nobody confirms in time; ``None``: nothing waits."""
    due: float = 0.0

    def take_back(self) -> None:
        if self.before is not None:
            self.running, self.before = self.before, None

    def tick(self, now: float) -> None:
        if self.due <= now:
            self.take_back()

    def reboot(self) -> None:
        self.running, self.before = self.saved, None


@dataclass(frozen=True)
class Made:
    """A change that was made: what a device had, and what it has."""

    device: str
    before: Vlans
    wanted: Vlans
    result: ApplyResult

    @property
    def keys(self) -> set[int]:
        return differing(self.before, self.wanted)

    def undone(self, has: Vlans) -> Vlans:
        return merged(has, self.before, self.keys)

    def stands(self, has: Vlans) -> bool:
        return self.of(has) == self.of(self.wanted)

    def gone(self, has: Vlans) -> bool:
        return self.of(has) == self.of(self.before)

    def of(self, has: Vlans) -> Vlans:
        return {key: has[key] for key in self.keys & has.keys()}

    def strange(self, has: Vlans) -> bool:
        """Whether somebody changed one of its VLANs to something else."""
        return any(has.get(key) not in {self.before.get(key), self.wanted.get(key)} for key in self.keys)


def differing(one: Vlans, other: Vlans) -> set[int]:
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


def merged(has: Vlans, source: Vlans, keys: set[int]) -> Vlans:
    kept = {key: name for key, name in has.items() if key not in keys}
    return kept | {key: name for key, name in source.items() if key in keys}


def config(vlans: Vlans) -> Config:
    return Config.of(Vlan(id=key, name=name) for key, name in sorted(vlans.items()))


def check(
    record: TransactionRecord, was: TransactionRecord | None, had: Mapping[str, Believed], has: Mapping[str, Believed]
) -> set[str]:
    """Check what a transaction that has ended, as the journal tells, made of its devices: which those are.

    Args:
        record: the transaction.
        was: how it stood in the journal before it was gone on with; ``None``: it was begun since.
        had: how the devices were then.
        has: how they are.
    """
    states = {part.id: part.state for part in was.parts} if was else {}
    came_to = [part for part in record.parts if part.noted]
    for part in came_to:
        assert has[part.device].before is None, record
        # Whose share had ended before may have been changed since; what differs was changed by hand.
        if states.get(part.id) not in {"applied", "undone", "refused"} and part.state != "differs":
            _check_share(part, had[part.device], has[part.device])
    return {part.device for part in came_to}


def _check_share(part: PartRecord, had: Believed, has: Believed) -> None:
    assert part.noted
    made = _made(part.noted)
    if part.state == "applied":
        assert made.stands(has.running), part
        assert made.stands(has.saved), part
        return
    assert has.running == made.undone(had.running if had.before is None else had.before), part
    for key in made.keys:
        assert has.saved.get(key) in {had.saved.get(key), made.before.get(key)}, part


def _made(noted: ApplyResult) -> Made:
    before = [item for item in noted.before.items if isinstance(item, Vlan)]
    after = [item for item in changed(noted.before, noted.changes).items if isinstance(item, Vlan)]
    return Made(noted.device, _vlans(before), _vlans(after), noted)


def _vlans(items: list[Vlan]) -> Vlans:
    return {item.id: item.name or "" for item in items}
