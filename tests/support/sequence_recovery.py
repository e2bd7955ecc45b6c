"""How devices must be when what dead processes left was recovered."""

from __future__ import annotations

from collections.abc import Mapping

from sequences import Believed, Made, Vlans, World

from netres.change import changed
from netres.fleet.journal import PartRecord, TransactionRecord
from netres.fleet.recover import Recovered
from netres.model import Vlan
from netres.plan import ApplyResult


def recovered(world: World, tx: str, done: Mapping[str, Recovered], had: Mapping[str, Believed]) -> None:
    """Check one transaction that had not ended; ``had``: how the devices were before anybody recovered."""
    if tx in world.left and {one.did for one in done.values()} == {"left alone"}:
        return
    if tx not in world.left and tx not in world.doubt:
        assert done == {}
        return
    world.left.pop(tx, None)
    world.doubt.discard(tx)
    record = world.book.transaction(tx)
    assert record.ended, done
    for part in record.parts:
        has, believed = world.has(part.device), world.believed[part.device]
        assert has.before is None, done
        # Whose share had ended before may have been changed since; what differs was changed by hand.
        if done[part.device].did != "nothing" and part.state != "differs":
            _share(record, part, had[part.device], has, believed)
        believed.running, believed.saved, believed.before = has.running, has.saved, None


def _share(record: TransactionRecord, part: PartRecord, was: Believed, has: Believed, believed: Believed) -> None:
    if part.noted is None:
        return
    made = _made(part.noted)
    if part.state == "applied":
        assert made.stands(has.running), record
        assert made.stands(has.saved), record
        return
    assert has.running == made.undone(was.running if was.before is None else was.before), record
    for key in made.keys:
        assert has.saved.get(key) in {believed.saved.get(key), made.before.get(key)}, record


def _made(noted: ApplyResult) -> Made:
    before = [item for item in noted.before.items if isinstance(item, Vlan)]
    after = [item for item in changed(noted.before, noted.changes).items if isinstance(item, Vlan)]
    return Made(noted.device, _vlans(before), _vlans(after), noted)


def _vlans(items: list[Vlan]) -> Vlans:
    return {item.id: item.name or "" for item in items}
