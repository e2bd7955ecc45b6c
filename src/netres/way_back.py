"""Sending a change, and the way back from whatever came of it. Pure flows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from netres import differ, native_change
from netres.batches import pipelined
from netres.change import Change
from netres.confirming import Trial
from netres.driver import Driver, Scope
from netres.errors import DeviceError, TransportError, UsageError
from netres.flow import Batch, Flow, Http, Json, Note, Operation
from netres.model.base import Item, Key
from netres.model.config import Config
from netres.model.secret import Secret, paired
from netres.observation import Observation, masked, observe, render, require_secrets, spare_foreign, surely, understood
from netres.outcome import differences, lost, verified
from netres.plan import Difference
from netres.trial import cancelled, reached


def send(driver: Driver, operations: Iterable[Operation], sent: list[str], trial: Trial | None = None) -> Flow[None]:
    """Begin, send, commit, verify; where the device refuses, leave what was begun. With ``trial``: for a time."""
    known: dict[str, Json] = {}
    begin, commit = _around(driver, trial)
    steps = (*begin, *operations, *commit)
    try:
        yield Note("steps", steps=steps)
        for operation in (*begin, *pipelined(driver, steps[len(begin) : len(steps) - len(commit)]), *commit):
            if isinstance(operation, Batch):
                yield _telling(operation, sent)
                continue
            sent.append(str(operation))
            if isinstance(operation, Http):
                known |= operation.learned((yield operation.bound(known)))
            else:
                yield operation
        if driver.verify is not None:
            yield from understood(driver.verify())
    except DeviceError:
        for operation in driver.abort:
            with suppress(DeviceError, TransportError):  # what matters is read back afterwards
                yield operation
        raise


def _telling(batch: Batch, sent: list[str]) -> Batch:
    """``batch``, which says of each of its lines when it was sent."""

    def sending(place: int) -> None:
        sent.append(str(batch.operations[place]))

    return replace(batch, sending=sending)


def _around(driver: Driver, trial: Trial | None) -> tuple[Sequence[Operation], Sequence[Operation]]:
    """What is sent before a change, and what after it."""
    if trial is None or driver.confirming is None:
        return driver.begin, driver.commit
    begin = driver.confirming.begin
    return begin(trial) if begin else driver.begin, driver.confirming.commit(trial)


def restore(
    driver: Driver,
    before: Observation,
    after: Config,
    keys: Iterable[Key],
    sent: list[str],
    *,
    trial: Trial | None = None,
) -> Flow[tuple[tuple[Difference, ...], bool]]:
    """Lead the Items of ``keys`` back to what they were, from whatever the device has now.

    Returns what still differs, and whether the native configuration is byte for byte as it was. Planning back from
    what is there, instead of inverting a list of what was done, also undoes a change that was refused halfway.
    ``trial``: what stands for a time is first taken back by the device itself.
    """
    keys = frozenset(keys)
    if trial:
        yield from cancelled(driver, trial, sent)
    ordered = any(feature.positional for feature in driver.features)
    for step in ("back", "in place") if ordered else ("back",):
        now = yield from observe(driver)
        wanted = as_before(now.config, before.config, after, keys)
        changes = differ.changes(driver, now.config, wanted) if step == "back" else _in_place(driver, before, now)
        if not changes:
            continue
        differ.check_references(driver, wanted, now.foreign)
        spare_foreign(driver, changes, native_change.staying(driver, changes, now.native, now.foreign))
        operations = render(driver, changes, Scope(now.config, wanted, now.native, restore=before.native))
        require_secrets(operations)
        yield from send(driver, operations, sent)
    astray = yield from _retake(driver, sent)

    def look() -> Flow[tuple[tuple[Difference, ...], bool]]:
        return _compared(driver, before, (yield from observe(driver)), after, keys)

    wrong, exact = yield from surely(look, lambda told: told == ((), True))
    return wrong + astray, exact


def _compared(
    driver: Driver, before: Observation, now: Observation, after: Config, keys: frozenset[Key]
) -> tuple[tuple[Difference, ...], bool]:
    wanted = as_before(now.config, before.config, after, keys)
    exact = before.native.text in {now.native.text, masked(driver, now.native.text)}
    wrong = differences(driver, keys, wanted, now.config)
    odd = [key for key in keys if key not in before.config and key in now.foreign and key not in before.foreign]
    left = tuple(Difference(item=str(key), wanted="absent", found="in lines that netres cannot express") for key in odd)
    return wrong + left + lost(driver, before, now), exact


def _retake(driver: Driver, sent: list[str]) -> Flow[tuple[Difference, ...]]:
    """Where the device runs on something else than it has stored, have it take that again; what is still wrong."""
    astray = yield from verified(driver)
    if not astray or driver.compose is None:
        return astray
    now = yield from observe(driver)
    try:
        yield from send(driver, driver.compose((), Scope(now.config, now.config, now.native)), sent)
    except DeviceError as error:
        return (Difference(item=driver.platform, wanted="running as stored", found=str(error)),)
    return ()


def restore_surely(
    driver: Driver,
    before: Observation,
    after: Config,
    keys: Iterable[Key],
    sent: list[str],
    *,
    trial: Trial | None = None,
) -> Flow[tuple[tuple[Difference, ...], bool]]:
    """`restore`, and once more over a new session where the first was lost or an interrupt came in between.

    An interrupt goes on when the way back is done: it must not leave a device halfway.
    """
    try:
        return (yield from restore(driver, before, after, keys, sent, trial=trial))
    except (GeneratorExit, DeviceError, UsageError):
        raise
    except BaseException as error:
        if not sent:
            raise
        yield from reached(trial)
        done = yield from restore(driver, before, after, keys, sent, trial=trial)
        if not isinstance(error, TransportError):
            raise
        return done


def as_before(observed: Config, before: Config, after: Config, keys: frozenset[Key]) -> Config:
    """``observed`` with the Items of ``keys`` as they were; a secret that was not changed stays as it is now."""
    items = {key: item for key, item in observed.by_key.items() if key not in keys}
    for key in keys & before.by_key.keys():
        old = before.by_key[key]
        same = paired(old, after.by_key.get(key), lambda mine, theirs: _KEPT if mine == theirs else mine)
        kept = paired(same, observed.by_key.get(key), lambda mine, now: now if mine is _KEPT else mine)
        items[key] = paired(kept, old, lambda mine, was: was if mine is _KEPT else mine)
    return Config.of(items.values())


_KEPT: Final = Secret()
"""Stands for a secret that the change left alone."""


def _in_place(driver: Driver, before: Observation, now: Observation) -> tuple[Change, ...]:
    """What is to be made anew so that a device that lists Items as they were made has them in their old order.

    Nothing where lines that netres does not own would go with an Item.
    """
    found: list[Change] = []
    for feature in driver.features:
        if feature.positional is None:
            continue
        lists: dict[str, list[Item]] = {}
        for item in before.config.items:
            if item.KIND == feature.item.KIND:
                lists.setdefault(feature.positional(item), []).append(item)
        for wanted in lists.values():
            found.extend(_reordered(wanted, now))
    return tuple(found)


def _reordered(wanted: list[Item], now: Observation) -> list[Change]:
    keys = {item.key for item in wanted}
    order = [item.key for item in now.config.items if item.key in keys]
    if order == [item.key for item in wanted] or len(order) != len(wanted):
        return []
    first = next(place for place, item in enumerate(wanted) if order[place] != item.key)
    late = wanted[first:]
    if any({item.key, *item.parts()} & now.foreign.keys() for item in late):
        return []
    gone = [Change.of(now.config.by_key[item.key], None) for item in late]
    return [*gone, *(Change.of(None, item) for item in late)]
