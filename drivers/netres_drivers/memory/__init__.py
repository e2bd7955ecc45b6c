"""The reference driver: it supports every kind, and is its own device. The executable specification of a driver."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import cast
from urllib.parse import quote

from pydantic import BaseModel

from netres.change import Change
from netres.confirming import Confirming, Trial
from netres.driver import Driver, Facts, Feature, Reading, Scope, Source
from netres.errors import ParseError
from netres.flow import Body, Flow, Http, Json, Operation, Reply, Transport, ask
from netres.inventory.entry import Entry
from netres.model import KINDS, STATES, Item, Secret, State
from netres.plan import Guarantee
from netres_drivers.memory.device import at
from netres_drivers.memory.impact import impact


def _feature(item: type[Item]) -> Feature:
    return Feature(item, _reader(item), _write, limits={"max": 4094} if item.KIND == "vlan" else {})


def _reader(item: type[Item]) -> Callable[[], Flow[Iterable[Item]]]:
    def read() -> Flow[Iterable[Item]]:
        reply = yield Http("GET", f"/{item.KIND}")
        documents = cast("Mapping[str, Json]", reply.body)
        return [item.model_validate(_with_secrets(document)) for document in documents.values()]

    return read


def _reading(state: type[State]) -> Reading:
    def read() -> Flow[Iterable[State]]:
        reply = yield Http("GET", f"/state/{state.KIND}")
        return [state.model_validate(document) for document in cast("Sequence[Json]", reply.body)]

    return Reading(state, read)


def _write(change: Change, scope: Scope) -> Iterator[Operation]:
    path = f"/{change.key.kind}/{quote(' '.join(change.key.values), safe='') or 'it'}"
    yield Http("PUT", path, _document(change.after)) if change.after else Http("DELETE", path)


def _document(value: object) -> Body:
    """A JSON document; a secret stands in it as ``{"$secret": …}``."""
    if value is None or isinstance(value, str | int):  # most of a document
        return value
    if isinstance(value, Secret):
        return {"$secret": value}
    if isinstance(value, BaseModel):
        return {name: _document(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, tuple):
        return [_document(part) for part in cast("tuple[object, ...]", value)]
    return cast("Body", value)


def _with_secrets(value: Json) -> object:
    if value is None or isinstance(value, str | int):  # most of a document
        return value
    if isinstance(value, Mapping):
        if isinstance(secret := value.get("$secret"), str):
            return Secret.observed(secret)
        return {name: _with_secrets(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_with_secrets(part) for part in value]
    return value


def _facts() -> Flow[Facts]:
    yield from _native()
    return Facts(vendor="netres", model="memory")


def _native() -> Flow[Reply]:
    return ask(Http("GET", "/config"))


def _open(entry: Entry, driver: Driver) -> Transport:
    return at(entry.host, entry.options).session()


def _waits(trial: Trial) -> Flow[bool]:
    told = (yield from ask(Http("GET", "/trial"))).body
    if not isinstance(told, Mapping):
        raise ParseError("GET /trial answers with something that is no document")
    return told["persist"] == trial.token


CONFIRMING = Confirming(
    why="the device's own timer",
    commit=lambda trial: [Http("POST", "/candidate/commit", {"seconds": trial.seconds, "persist": trial.token})],
    confirm=lambda trial: [Http("POST", "/trial", trial.token)],
    cancel=lambda trial: [Http("DELETE", "/trial", trial.token)],
    waits=_waits,
    named=True,
)
DRIVER = Driver(
    platform="memory",
    title="The reference driver",
    vendor="netres",
    families=("router", "access-point", "wireless-controller", "sbc"),
    features=tuple(_feature(item) for item in KINDS.values()),
    readings=tuple(_reading(state) for state in STATES.values()),
    native=_native,
    facts=_facts,
    impact=impact,
    guarantee=Guarantee.ATOMIC,
    guarantee_why="the candidate becomes the configuration in one step, or not at all",
    transport=_open,
    begin=(Http("POST", "/candidate"),),
    commit=(Http("POST", "/candidate/commit"),),
    abort=(Http("DELETE", "/candidate"),),
    confirming=CONFIRMING,
    save=(Http("POST", "/saved"),),
    masks=(re.compile(r'"\$secret": "((?:[^"\\]|\\.)*)"'),),
    source=Source.PROVEN,
)
