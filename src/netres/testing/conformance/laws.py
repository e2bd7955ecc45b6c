"""Laws 1 to 9, as functions over a device under test. Each raises AssertionError with what it found."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress

from pydantic import BaseModel

from netres.device import Device
from netres.driver import Support
from netres.errors import Unsupported, UsageError
from netres.model import Config, Key, paths
from netres.plan import ApplyResult, Plan
from netres.snippets import NATIVE
from netres.testing.conformance import seeds
from netres.testing.conformance.bench import Bench, Reading
from netres.testing.conformance.subject import Subject
from netres.testing.samples import SAMPLES, SECRET, fitting


def law_1_round_trip(subject: Subject) -> None:
    """Reading what was written gives the same Items."""
    for sample in fitting(subject.driver):
        with Bench.on(subject) as bench:
            bench.to(sample)
            assert not (missing := bench.missing(sample)), missing


def law_2_convergence(subject: Subject) -> None:
    """From any sample to any other; then there is nothing left to do, and nothing else is there."""
    with Bench.on(subject) as bench:
        for sample in round_trip(fitting(subject.driver)):
            bench.to(sample)
            again = bench.device.plan(sample, bench.prune)
            assert again.empty, again.changes
            found = {item.key for item in bench.device.observe().items if item.KIND in bench.prune}
            assert not (left := found - sample.by_key.keys()), left


def round_trip(samples: Sequence[Config]) -> Iterator[Config]:
    """A way on which each sample follows each other one once: an Eulerian circuit of the complete graph."""
    yield samples[0]
    for last in range(1, len(samples)):
        for one in range(last):  # from the first to all that were there, always over the new one
            yield samples[last]
            yield samples[one + 1 if one + 1 < last else 0]


def law_3_way_back(subject: Subject) -> None:
    """Apply, then rollback: the device's own configuration is byte for byte as before."""
    samples = fitting(subject.driver)
    for one in samples:
        with Bench.on(subject) as bench:
            bench.to(one)
            before = subject.native()
            for other in samples:
                if other is one:
                    continue
                result = bench.to(other)
                back = bench.back(result)
                assert subject.native() == before, f"was:\n{before}\nis:\n{subject.native()}"
                assert back.exact


def law_4_not_mine_not_touched(subject: Subject) -> None:
    """Native lines that no feature owns survive every apply and every rollback."""
    with Bench.on(subject) as bench:
        lines = subject.scribble()
        assert all(line in subject.native().splitlines() for line in lines), subject.native()
        for sample in fitting(subject.driver):
            result = bench.device.apply(bench.device.plan(sample, _deletable(bench, sample)))
            assert result.outcome.holds, f"{result.error} {result.differences}"
            for after in (subject.native(), _native_after_rollback(bench, result)):
                lost = [line for line in lines if line not in after.splitlines()]
                assert not lost, lost


def _deletable(bench: Bench, sample: Config) -> frozenset[str]:
    """The kinds that can be pruned: where lines by hand stand inside an Item, its deletion is refused."""
    kinds = set[str]()
    for kind in sorted(bench.prune):
        with suppress(UsageError):
            bench.device.plan(sample, kinds | {kind})
            kinds.add(kind)
    return frozenset(kinds)


def _native_after_rollback(bench: Bench, result: ApplyResult) -> str:
    bench.back(result)
    return bench.subject.native()


def law_5_honest_capability(subject: Subject) -> None:
    """What is reported can be planned and read back; what is not is refused, naming kind or field, nothing sent."""
    driver = subject.driver
    written = {item.KIND for sample in fitting(driver) for item in sample.items}
    with Bench.on(subject) as bench:
        for capability in driver.capabilities():
            if capability.support is Support.READ_WRITE and capability.kind != NATIVE:  # each platform's own words
                assert capability.kind in written, f"no sample of {capability.kind} fits what the driver reports"
        for item in itertools.chain.from_iterable(SAMPLES):
            feature = driver.table.get(item.KIND)
            named: list[str] = []
            if feature and feature.write:
                named = [name for name in sorted(feature.missing) if paths.says(item, name)]
                named.extend(
                    name
                    for name, allowed in sorted(feature.values.items())
                    if not set(paths.values(item, name)) <= set(allowed)
                )
                if not named:
                    continue
            try:
                bench.device.plan(Config.of([item]))
            except Unsupported as refusal:
                refused = refusal
            else:
                raise AssertionError(f"{item} was not refused")
            assert refused.capability is not None
            assert refused.capability.kind == item.KIND
            assert (named[0] if named else item.KIND) in str(refused), refused
        assert not bench.recorder.writes(), bench.recorder.writes()


def law_6_planning_sends_only_reads(subject: Subject) -> None:
    """A plan changes nothing."""
    for sample in fitting(subject.driver):
        with Bench.on(subject) as bench:
            before = subject.native()
            bench.device.plan(sample, bench.prune)
            assert not bench.recorder.writes(), bench.recorder.writes()
            assert subject.native() == before


def law_7_order(subject: Subject) -> None:
    """No change precedes one it needs, and neither the order of Items nor the hash seed matters.

    The seed is tried where a module holds the driver under a name: only there another process finds it.
    """
    driver, samples = subject.driver, fitting(subject.driver)
    states: list[seeds.Answers] = []
    for one in samples:
        with Bench.on(subject) as bench:
            bench.to(one)
            reading = Reading(bench.recorder.inner)
            device = Device("subject", driver, reading)
            there = device.observe().by_key.keys()
            plans = [device.plan(other, bench.prune) for other in samples]
            turned = [device.plan(Config.of(reversed(other.items)), bench.prune) for other in samples]
            assert [plan.digest for plan in turned] == [plan.digest for plan in plans]
            for plan in plans:
                _check_order(plan, set(there))
            states.append(seeds.answers(reading.seen))
    other = seeds.elsewhere(driver, states)
    assert other in (None, seeds.planned(driver, states)), "with another hash seed something else would be sent"


def _check_order(plan: Plan, there: set[Key]) -> None:
    kinds = {change.key.kind for change in plan.changes}
    for change in plan.changes:
        if change.after is None:
            there.discard(change.key)
            continue
        for needed in change.after.needs():
            assert needed in there or needed.kind not in kinds, f"{change.key} comes before {needed}"
        there.add(change.key)


def law_8_secrets_never_show(subject: Subject) -> None:
    """No secret in plans, results, reprs, errors and logs."""
    shown = _Log()
    logging.getLogger().addHandler(shown)
    try:
        with Bench.on(subject) as bench:
            for sample in fitting(subject.driver):
                plan = bench.device.plan(sample, bench.prune)
                result = bench.device.apply(plan)
                back = bench.device.rollback(result)
                _search(plan, result, bench.device.observe(), back, sample, shown.lines)
    finally:
        logging.getLogger().removeHandler(shown)


class _Log(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def _search(*things: object) -> None:
    for thing in things:
        texts = [repr(thing), str(thing)]
        if isinstance(thing, BaseModel):
            texts.append(thing.model_dump_json())
            texts.append(repr(thing.model_dump()))
        assert not any(SECRET in text for text in texts), f"a secret shows in a {type(thing).__name__}"
