"""Ten drivers with a mistake each, made from correct ones: the law that is named finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

import hash_mutant
import pytest
import setline_driver
from memory_subject import MemorySubject
from setline_driver import set_line_subject
from shell_driver import ShellSubject, shell_driver

from netres import registry
from netres.change import Change
from netres.driver import Driver, Feature, Scope
from netres.flow import Cli, Flow, Http, Json, Operation, Reconnect, Reply, Transport, show
from netres.model import Item
from netres.testing.conformance import LAWS, Law, Subject

MEMORY = registry.get("memory")
_FEW = {"vlan", "wlan", "radius_server", "prefix_list", "route_map"}
FEW = replace(MEMORY, features=tuple(feature for feature in MEMORY.features if feature.item.KIND in _FEW))
SET_LINES = setline_driver.DRIVER
Write = Callable[[Change, Scope], Iterator[Operation]]


def written(driver: Driver, mistake: Callable[[Write], Write]) -> Driver:
    """A driver that writes with a mistake."""
    features = (replace(one, write=mistake(one.write)) if one.write else one for one in driver.features)
    return replace(driver, features=tuple(features))


def leaves_the_old_one(write: Write) -> Write:
    def mutant(change: Change, scope: Scope) -> Iterator[Operation]:
        if change.after or change.key.kind != "vlan":
            yield from write(change, scope)

    return mutant


def skips_the_way_back(write: Write) -> Write:
    def mutant(change: Change, scope: Scope) -> Iterator[Operation]:
        if scope.restore is None:
            yield from write(change, scope)

    return mutant


def forgets_a_field() -> Driver:
    def forgetful(feature: Feature) -> Feature:
        def read() -> Flow[Iterable[Item]]:
            return [item.model_copy(update={"name": None}) for item in (yield from feature.read())]

        return replace(feature, read=read) if feature.item.KIND == "vlan" else feature

    return replace(FEW, features=tuple(map(forgetful, FEW.features)))


def keeps_the_lock() -> Driver:
    """It goes into the configuration when it logs in, and stays there."""
    assert SET_LINES.shell is not None
    shell = replace(SET_LINES.shell, prepare=("configure exclusive",))
    features = tuple(
        replace(feature, read=setline_driver.reader(feature.item, "show | display set"))
        for feature in SET_LINES.features
    )
    commit = (Cli(("commit",)),)
    return replace(
        SET_LINES,
        shell=shell,
        features=features,
        native=lambda: show("show | display set"),
        begin=(),
        commit=commit,
        abort=(Cli(("rollback 0",)),),
        confirming=None,
    )


@dataclass
class Believing:
    """A session that takes for true what it was told and has passed on, even when the connection was lost since."""

    inner: Transport
    believed: dict[str, dict[str, Json]] = field(default_factory=dict[str, dict[str, Json]])

    def execute(self, operation: Operation) -> Reply:
        reply = self.inner.execute(operation)
        if isinstance(operation, Reconnect) or not isinstance(operation, Http):
            return reply
        kind, _, name = operation.path.strip("/").partition("/")
        if operation.method == "GET" and kind in self.believed:
            known = {**cast("Mapping[str, Json]", reply.body), **self.believed[kind]}
            return replace(reply, body={name: one for name, one in known.items() if one is not None})
        if kind == "candidate":
            if name == "commit" or operation.method == "DELETE":
                self.believed.clear()
        elif operation.writes and name:
            self.believed.setdefault(kind, {})[name] = operation.reveal()
        return reply

    def close(self) -> None:
        self.inner.close()


class Believer(MemorySubject):
    def open(self) -> Transport:
        return Believing(super().open())


MUTANTS: dict[str, tuple[int, Callable[[], Subject], Callable[[], Subject], str]] = {
    "an old VLAN is left behind": (
        2,
        lambda: MemorySubject(FEW),
        lambda: MemorySubject(written(FEW, leaves_the_old_one)),
        r"vlan\[20\]: wanted absent, found present",
    ),
    "a secret is not masked": (
        8,
        lambda: MemorySubject(FEW),
        lambda: MemorySubject(replace(FEW, masks=())),
        "a secret shows in a ApplyResult",
    ),
    "reading forgets a field": (
        1,
        lambda: MemorySubject(FEW),
        lambda: MemorySubject(forgets_a_field()),
        r"vlan\[20\] name: wanted 'voice', found None",
    ),
    "the order is that of hashes": (
        7,
        set_line_subject,
        lambda: set_line_subject(hash_mutant.DRIVER),
        "with another hash seed something else would be sent",
    ),
    "the way back is skipped": (
        3,
        lambda: MemorySubject(FEW),
        lambda: MemorySubject(written(FEW, skips_the_way_back)),
        "differs: .*wanted absent, found present",
    ),
    "a candidate is left open": (
        10,
        set_line_subject,
        lambda: set_line_subject(
            replace(SET_LINES, begin=(Cli(("configure",)),), abort=(Cli(("exit",)),), confirming=None)
        ),
        "rejected at operation .*left open: the candidate has changes that are not committed",
    ),
    "the timer is never confirmed": (
        1,
        set_line_subject,
        lambda: set_line_subject(
            replace(SET_LINES, commit=(Cli(("commit confirmed 5",)), Cli(("exit",))), confirming=None)
        ),
        "left open: a commit waits .* for its confirmation",
    ),
    "the lock is not released": (
        1,
        set_line_subject,
        lambda: set_line_subject(keeps_the_lock()),
        "left open: session .* holds the lock",
    ),
    "success is told after a cut": (
        10,
        lambda: MemorySubject(FEW),
        lambda: Believer(replace(FEW, confirming=None)),  # a confirmation is not believed but refused
        "truncated at operation .*told applied .*should be",
    ),
    "a value becomes a command": (
        9,
        lambda: ShellSubject(shell_driver()),
        lambda: ShellSubject(shell_driver(str)),
        "hostname pwned.*differs",
    ),
}


def law_of(number: int) -> Law:
    return LAWS[number - 1]


@pytest.mark.parametrize("mistake", MUTANTS)
def test_the_law_finds_it(mistake: str) -> None:
    number, _, mutant, words = MUTANTS[mistake]
    with pytest.raises(AssertionError, match=f"(?s){words}"):
        law_of(number)(mutant())


@pytest.mark.parametrize("mistake", MUTANTS)
def test_it_finds_nothing_in_the_correct_one(mistake: str) -> None:
    number, correct, _, _ = MUTANTS[mistake]
    law_of(number)(correct())
