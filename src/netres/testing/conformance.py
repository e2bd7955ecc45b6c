"""The laws every driver keeps, as functions over a device under test.

    @pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
    def test_law(law, subject):
        law(subject)

A law raises AssertionError with what it found. Laws leave the device in any state: each begins with ``reset``.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol, Self

from pydantic import BaseModel

from netres.driver import Driver, Support
from netres.errors import NetresError, Unsupported, UsageError
from netres.flow import Operation, Reply, Transport
from netres.model import Config, Key, paths
from netres.outcome import differences
from netres.plan import ApplyResult, Outcome, Plan
from netres.resource import Device
from netres.testing.hostile import hostile
from netres.testing.samples import SAMPLES, SECRET, fitting


class Subject(Protocol):
    """A device under test: real software, or a simulation that shares no code with the driver."""

    driver: Driver

    def open(self) -> Transport:
        """A new session."""
        ...

    def native(self) -> str:
        """The device's own configuration, got in another way than through netres."""
        ...

    def reset(self) -> None:
        """Give the device its first configuration again."""
        ...

    def scribble(self) -> Sequence[str]:
        """Put lines by hand that no feature owns; returns them as `native` shows them."""
        ...


@dataclass
class Recorder:
    """A transport that passes on and remembers."""

    inner: Transport
    operations: list[Operation] = field(default_factory=list[Operation])

    def execute(self, operation: Operation) -> Reply:
        """Do one operation, and remember it."""
        self.operations.append(operation)
        return self.inner.execute(operation)

    def close(self) -> None:
        """End the session."""
        self.inner.close()

    def writes(self) -> list[str]:
        """What could have changed the device."""
        return [str(operation) for operation in self.operations if operation.writes]


@dataclass
class Bench:
    """A subject with a session, and the verbs of the laws."""

    subject: Subject
    recorder: Recorder
    device: Device

    @classmethod
    def on(cls, subject: Subject) -> Bench:
        """A subject, reset, with a new session."""
        subject.reset()
        recorder = Recorder(subject.open())
        return cls(subject, recorder, Device("subject", subject.driver, recorder))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.device.close()

    @property
    def prune(self) -> frozenset[str]:
        """All kinds that can be written and deleted: a device always has its own name."""
        return frozenset(
            kind for kind, feature in self.subject.driver.table.items() if feature.write and feature.item.KEY
        )

    def to(self, config: Config) -> ApplyResult:
        """Make the device have ``config`` and nothing else."""
        plan = self.device.plan(config, self.prune)
        result = self.device.apply(plan)
        assert result.outcome.holds, f"{result.outcome}: {result.error} {result.differences}"
        return result

    def missing(self, config: Config) -> list[str]:
        """What of ``config`` the device does not have."""
        found = self.device.observe()
        return [str(line) for line in differences(self.subject.driver, config.by_key, config, found)]


def law_1_round_trip(subject: Subject) -> None:
    """Reading what was written gives the same Items."""
    for sample in fitting(subject.driver):
        with Bench.on(subject) as bench:
            bench.to(sample)
            assert not (missing := bench.missing(sample)), missing


def law_2_convergence(subject: Subject) -> None:
    """From any sample to any other; then there is nothing left to do, and nothing else is there."""
    for one, other in itertools.permutations(fitting(subject.driver), 2):
        with Bench.on(subject) as bench:
            bench.to(one)
            bench.to(other)
            again = bench.device.plan(other, bench.prune)
            assert again.empty, again.changes
            left = {item.key for item in bench.device.observe().items if item.KIND in bench.prune} - other.by_key.keys()
            assert not left, left


def law_3_way_back(subject: Subject) -> None:
    """Apply, then rollback: the device's own configuration is byte for byte as before."""
    for one, other in itertools.permutations(fitting(subject.driver), 2):
        with Bench.on(subject) as bench:
            bench.to(one)
            before = subject.native()
            result = bench.to(other)
            back = bench.device.rollback(result)
            assert back.outcome.holds, f"{back.error} {back.differences}"
            assert subject.native() == before, f"was:\n{before}\nis:\n{subject.native()}"
            assert back.exact


def law_4_not_mine_not_touched(subject: Subject) -> None:
    """Native lines that no feature owns survive every apply and every rollback."""
    for sample in fitting(subject.driver):
        with Bench.on(subject) as bench:
            lines = subject.scribble()
            assert all(line in subject.native().splitlines() for line in lines), subject.native()
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
    assert bench.device.rollback(result).outcome.holds
    return bench.subject.native()


def law_5_honest_capability(subject: Subject) -> None:
    """What is reported can be planned and read back; what is not is refused, naming kind or field, nothing sent."""
    driver = subject.driver
    written = {item.KIND for sample in fitting(driver) for item in sample.items}
    with Bench.on(subject) as bench:
        for capability in driver.capabilities():
            if capability.support is Support.READ_WRITE:
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
    """No change precedes one it needs, and the order of Items does not matter."""
    for one, other in itertools.permutations(fitting(subject.driver), 2):
        with Bench.on(subject) as bench:
            bench.to(one)
            plan = bench.device.plan(other, bench.prune)
            turned = bench.device.plan(Config.of(reversed(other.items)), bench.prune)
            assert turned.digest == plan.digest
            _check_order(plan, set(bench.device.observe().by_key))


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
        for sample in fitting(subject.driver):
            with Bench.on(subject) as bench:
                plan = bench.device.plan(sample, bench.prune)
                result = bench.device.apply(plan)
                back = bench.device.rollback(result)
                _search(plan, result, back, bench.device.observe(), sample, shown.lines)
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


def law_9_no_injection(subject: Subject) -> None:
    """No value of any Item becomes a second command: it is refused, or it is read back as it is and alone."""
    driver = subject.driver
    taken = [item for item in hostile(*fitting(driver)) if item.KIND in driver.table]
    with Bench.on(subject) as bench:
        untouched = {key: item for key, item in bench.device.observe().by_key.items() if item.KEY}
        for item in taken:
            before = subject.native()
            support = [sample for sample in fitting(driver) if item.key in sample] or [Config()]
            items = {**{other.key: other for other in support[0].items}, item.key: item}
            try:
                plan = bench.device.plan(Config.of(items.values()))
            except NetresError:
                assert subject.native() == before
                continue
            result = bench.device.apply(plan)
            assert result.outcome.holds or result.outcome is Outcome.NOT_APPLIED, f"{item!r}: {result}"
            found = bench.device.observe().by_key
            if result.outcome.holds:
                extra = found.keys() - items.keys() - untouched.keys()
                assert not {key for key in extra if found[key].KEY}, f"{item!r} made {extra}"
            bench.device.rollback(result)
            assert subject.native() == before, item


Law = Callable[[Subject], None]
LAWS: Final[tuple[Law, ...]] = (
    law_1_round_trip,
    law_2_convergence,
    law_3_way_back,
    law_4_not_mine_not_touched,
    law_5_honest_capability,
    law_6_planning_sends_only_reads,
    law_7_order,
    law_8_secrets_never_show,
    law_9_no_injection,
)
"""The laws, in their order."""

__all__ = ["LAWS", "Bench", "Law", "Recorder", "Subject"]
