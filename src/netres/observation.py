"""Reading a device, and saying what it would be told. Pure flows and functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar, cast

from netres import differ, native_change
from netres.batches import asked, first
from netres.change import Change
from netres.driver import Driver, Reading, Scope, together
from netres.errors import DeviceError, InvalidConfig, NetresError, ParseError, SecretError, Unsupported
from netres.flow import Cli, Flow, Operation, Reconnect, Reply
from netres.inventory.entry import Scalar
from netres.model.base import Item, Key
from netres.model.config import Config
from netres.model.secret import MASK
from netres.model.state import State
from netres.snippets import NATIVE

S = TypeVar("S", bound=State)
T = TypeVar("T")
_LOOKS: Final = 3
"""How often a device is read until it tells the same twice."""


@dataclass(frozen=True)
class Observation:
    """What was read from a device at one time."""

    config: Config
    native: Reply = field(repr=False)
    foreign: Mapping[Key, tuple[str, ...]] = field(default_factory=dict[Key, tuple[str, ...]])


def observe(driver: Driver, kinds: Collection[str] | None = None) -> Flow[Observation]:
    """Read the Items of some kinds (default: all the platform has). Asks each reading operation once.

    Raises:
        InvalidConfig, Unsupported: a kind that does not exist or is not on this platform.
        TransportError, DeviceError, ParseError: the device could not be read.
    """
    differ.check_kinds(driver, driver.table.keys() if kinds is None else kinds, write=False)
    wanted = frozenset(driver.table if kinds is None else kinds)
    features = [feature for feature in driver.features if feature.item.KIND in wanted]
    ahead = (driver.native, *(feature.read for feature in features))
    seen = yield from asked(driver, (first(read()) for read in ahead))
    native = yield from _once(driver.native(), seen)
    if not driver.whole(native):
        raise ParseError(f"{driver.platform}: what the device shows is no configuration, or not all of it; try again")
    items: list[Item] = []
    for feature in features:
        items.extend((yield from _once(feature.read(), seen)))
    try:
        config = Config.of(items)
    except InvalidConfig as error:
        raise ParseError(f"{driver.platform}: what the device shows is not understood: {error}") from error
    return Observation(config, native, driver.foreign(native))


def surely(look: Callable[[], Flow[T]], fine: Callable[[T], bool]) -> Flow[T]:
    """What looking at a device tells: what is fine at once, anything else when two looks in a row agree.

    Noise on the way, or half an answer, looks like a device on which things are gone.

    Raises:
        ParseError: it tells something else each time.
    """
    before: T | None = None
    for _ in range(_LOOKS):
        told = yield from look()
        if fine(told) or told == before:
            return told
        before = told
    raise ParseError(f"the device tells something else each time it is read; {_LOOKS} times it was")


def understood(flow: Flow[T]) -> Flow[T]:
    """A flow of a driver's that may ask the same thing again; whatever it stumbles over is told as a `ParseError`."""
    try:
        return (yield from flow)
    except (NetresError, GeneratorExit):
        raise
    except Exception as error:
        raise _misread(error) from error


def _misread(error: Exception) -> ParseError:
    return ParseError(f"an answer of the device was not understood: {type(error).__name__}: {error}")


def _once(flow: Flow[T], seen: dict[Operation, Reply | DeviceError]) -> Flow[T]:
    """``flow``, its reading operations answered from ``seen`` where they were asked before."""
    try:
        operation = next(flow)
        while True:
            if operation not in seen or operation.writes:
                seen[operation] = yield operation
            told = seen[operation]
            operation = flow.throw(told) if isinstance(told, DeviceError) else flow.send(told)
    except StopIteration as stop:
        return cast("T", stop.value)
    except (NetresError, GeneratorExit):
        raise
    except Exception as error:
        raise _misread(error) from error


def read(flow: Flow[T]) -> Flow[T]:
    """A driver's reading flow; whatever it stumbles over is told as a `ParseError`."""
    return _once(flow, {})


def fitted(driver: Driver, options: Mapping[str, Scalar]) -> Flow[Driver]:
    """The driver for one device, from its entry's options and from what it is asked. Sends only reads.

    Raises:
        InvalidConfig: an option is not usable; nothing was sent.
        TransportError, DeviceError, ParseError: the device could not be read.
    """
    if driver.fit is None:
        return driver
    return replace((yield from _once(driver.fit(options), {})), fit=None)


def state(driver: Driver, kind: type[S]) -> Flow[tuple[S, ...]]:
    """What the device tells of one kind of State.

    Raises:
        Unsupported: the platform does not tell it.
        TransportError, DeviceError, ParseError: the device could not be read.
    """
    reading = driver.telling.get(kind.KIND)
    if reading is None:
        capability = driver.capability(kind.KIND)
        reason = f": {capability.reason}" if capability.reason else ""
        raise Unsupported(f"{kind.KIND}: {driver.platform} does not tell it{reason}", capability)
    return cast("tuple[S, ...]", tuple((yield from _once(_told(reading), {}))))


def _told(reading: Reading) -> Flow[Iterable[State]]:
    return (yield from reading.read())


def render(driver: Driver, changes: Iterable[Change], scope: Scope) -> tuple[Operation, ...]:
    """What a device would be told, in order. Pure.

    Raises:
        InvalidConfig: a line would be longer than the platform takes.
    """
    operations: list[Operation] = []
    composed: list[Change] = []
    changes = tuple(changes)
    gone, new = native_change.operations(driver, changes, scope)
    for change in changes:
        write = driver.table[change.key.kind].write
        if change.key.kind == NATIVE and driver.snippets is not None:
            _require_room(driver, change.key, (*gone, *new))
        elif write is together:
            composed.append(change)
        elif write is not None:
            made = tuple(write(change, scope))
            _require_room(driver, change.key, made)
            operations.extend(made)
    if composed and driver.compose:
        operations.extend(driver.compose(composed, scope))
    return (*gone, *operations, *new)


def _require_room(driver: Driver, key: Key, operations: Iterable[Operation]) -> None:
    longest = driver.shell.longest if driver.shell else 0
    for operation in operations:
        if isinstance(operation, Cli) and operation.width > longest:
            raise InvalidConfig(
                f"{key}: {driver.platform} takes lines of at most {longest} characters, "
                f"and one would have {operation.width}: {str(operation)[:60]}…"
            )


def spare_foreign(driver: Driver, changes: Iterable[Change], foreign: Mapping[Key, tuple[str, ...]]) -> None:
    """Refuse changes that would take native lines with them that no feature owns."""
    for change in changes:
        gone = {change.key} if change.action == "create" else _parts(change.before) - _parts(change.after)
        for key in sorted(gone & foreign.keys(), key=Key.rank):
            lines = "; ".join(masked(driver, line) for line in foreign[key][:3])
            if change.action == "create":
                raise InvalidConfig(f"the device has {key} with lines that netres cannot express: {lines}")
            raise InvalidConfig(
                f"deleting {key} would take lines with it that netres does not own: {lines}; remove these by hand first"
            )


def _parts(item: Item | None) -> set[Key]:
    return {item.key, *item.parts()} if item else set()


def require_secrets(operations: Iterable[Operation]) -> None:
    """Refuse to send what holds a secret that is not known.

    Raises:
        SecretError: naming the secret.
    """
    for operation in operations:
        if not isinstance(operation, Reconnect):
            try:
                operation.reveal()
            except SecretError as error:
                shown = str(operation).partition("\n")[0]
                raise SecretError(
                    f"a secret that {shown!r} needs was read from the device and is not stored; "
                    f"write a reference (env:NAME, file:PATH, keyring:SERVICE/USER) in its place, in the file"
                ) from error


def masked(driver: Driver, text: str) -> str:
    """Native configuration with the secrets that the device shows masked, in characters that can be stored as JSON."""
    for pattern in driver.secrets:
        text = pattern.sub(lambda match: match[0].replace(match[1], MASK), text)
    return text.encode(errors="surrogateescape").decode(errors="replace")
