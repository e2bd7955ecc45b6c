"""Drivers without a device: native configuration to Items, and Items to what a device would be told. No I/O."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from netres import engine
from netres.change import Change
from netres.driver import Driver
from netres.errors import ParseError, Unsupported
from netres.flow import Cli, Flow, Http, Operation, Reply, run
from netres.model.base import Item, Key
from netres.model.config import Config
from netres.observation import Observation, observe


@dataclass(frozen=True)
class Rendered:
    """What would be done to a device: the changes, and the operations of these alone, as in `Plan.payload`."""

    changes: tuple[Change, ...]
    operations: tuple[Operation, ...]


def parse(driver: Driver, text: str) -> Observation:
    """What a device with the native configuration ``text`` has.

    Raises:
        Unsupported: the driver asks the device for more than its configuration.
        ParseError: ``text`` is not this platform's.
    """
    native = _Native(driver, text)
    seen = run(observe(native.driver), native.execute)
    if text.strip() and not seen.config and not seen.foreign:
        raise ParseError(f"no line of this is one that the {driver.platform} driver knows; is it another platform's?")
    return seen


def render(driver: Driver, desired: Config, running: str = "", prune: Collection[str] = frozenset()) -> Rendered:
    """What leads a device with the native configuration ``running`` to ``desired``; empty: one that has nothing.

    Secrets that are not resolved stay references; what they are compared with differs.

    Raises:
        InvalidConfig, Unsupported: as `Device.plan`, and as `parse`.
    """
    operations: list[Operation] = []

    def keep(rendered: Sequence[Operation]) -> Flow[str]:
        yield from ()
        operations.extend(rendered)
        return "not checked: there is no device"

    native = _Native(driver if running else _bare(driver), running)
    words = native.driver.snippets
    offline = replace(native.driver, dry_check=keep, snippets=replace(words, compare=None) if words else None)
    with desired.placing_errors():
        plan = run(engine.plan(offline, driver.platform, desired, prune), native.execute)
    return Rendered(plan.changes, tuple(operations))


def revealed(operation: Operation) -> str:
    """An operation as one line, as ``str()`` gives it, but with its secrets.

    Raises:
        SecretError: a secret is not resolved.
    """
    if isinstance(operation, Cli):
        return operation.reveal()
    if isinstance(operation, Http) and operation.body is not None:
        return f"{operation.method} {operation.path} {json.dumps(operation.reveal(), sort_keys=True)}"
    return str(operation)


class _Native:
    """Answers the operations that read a driver's native configuration, and no other."""

    def __init__(self, driver: Driver, text: str) -> None:
        self._reply = Reply(text)
        self._asked: list[Operation] = []
        run(driver.native(), self._learn)
        self.driver = replace(driver, native=self._answer, whole=_whole)

    def _learn(self, operation: Operation) -> Reply:
        self._asked.append(operation)
        return self._reply

    def _answer(self) -> Flow[Reply]:
        yield from ()
        return self._reply

    def execute(self, operation: Operation) -> Reply:
        if operation not in self._asked:
            name = self.driver.platform
            raise Unsupported(f"{name} cannot be read from a file: its driver asks the device for more: {operation}")
        return self._reply


def _bare(driver: Driver) -> Driver:
    """A driver to whom every device has nothing: no operation is needed to know that."""
    features = tuple(replace(feature, read=_no_items) for feature in driver.features)
    return replace(driver, native=_no_text, whole=_whole, foreign=_no_lines, features=features)


def _whole(native: Reply) -> bool:
    """A file may hold as little as it likes."""
    return True


def _no_items() -> Flow[Iterable[Item]]:
    yield from ()
    return ()


def _no_lines(native: Reply) -> Mapping[Key, tuple[str, ...]]:
    return {}


def _no_text() -> Flow[Reply]:
    yield from ()
    return Reply()
