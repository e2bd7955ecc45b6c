"""Objects that are only posted: what is done with each says ``_action`` in it, and all is staged until it is saved."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from netres.testing.sim.http import Json
from netres.testing.sim.rest import Object, Reason, Refusal
from netres.testing.sim.rest_objects import Objects

ACTION = "_action"


@dataclass(frozen=True)
class Done:
    """What became of one posted object."""

    collection: str
    told: Mapping[str, Json]
    refusal: Refusal | None = None


def post(objects: Objects, body: Mapping[str, Json]) -> list[Done]:
    """Do what a body says, in its order; an object that is refused does not keep the others from being done.

    ``_action`` of an object: ``add`` (the default) makes it or changes its fields, ``modify`` changes its fields,
    ``delete`` takes it away. In a field that is an object ``delete`` takes the field away, in a list the one element.

    Raises:
        Refusal: the body has a collection that there is not, or what is no object.
    """
    return [_post(objects, name, one) for name, one in _posted(objects, body)]


def _posted(objects: Objects, body: Mapping[str, Json]) -> Iterator[tuple[str, Object]]:
    for name, told in body.items():
        if name not in objects.collections:
            raise Refusal(Reason.UNKNOWN, name)
        for one in told if isinstance(told, list) else [told]:
            if not isinstance(one, dict):
                raise Refusal(Reason.MALFORMED, name)
            yield name, one


def _post(objects: Objects, collection: str, told: Object) -> Done:
    try:
        _do(objects, collection, told)
    except Refusal as refusal:
        return Done(collection, told, refusal)
    return Done(collection, told)


def _do(objects: Objects, collection: str, told: Object) -> None:
    identity = str(told.get(objects.collections[collection].key, ""))
    action = told.get(ACTION, "add")
    if action not in {"add", "modify", "delete"}:
        raise Refusal(Reason.ENUM, ACTION, action)
    if action == "delete":
        objects.delete(collection, identity)
        return
    held = [one for one in objects.listing(collection) if one.get(objects.collections[collection].key) == identity]
    if not held and action == "modify":
        raise Refusal(Reason.NO_SUCH, collection, identity)
    made = _applied(held[0] if held else {}, {name: value for name, value in told.items() if name != ACTION})
    if held:
        objects.modify(collection, identity, made, whole=True)
    else:
        objects.create(collection, made)


def _applied(before: Object, told: Mapping[str, Json]) -> Object:
    """An object's fields with those that are told."""
    made = copy.deepcopy(before)
    for name, value in told.items():
        if isinstance(value, Mapping) and value.get(ACTION) == "delete":
            made.pop(name, None)
        elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
            held = made.get(name)
            made[name] = _elements(held if isinstance(held, list) else [], value)
        else:
            made[name] = value
    return {name: value for name, value in made.items() if value != []}


def _elements(held: Sequence[Json], told: Sequence[Json]) -> list[Json]:
    """A list of objects with those that are told, and without those that are to be deleted."""
    result = list(held)
    for one in told:
        plain: Json = (
            {name: value for name, value in one.items() if name != ACTION} if isinstance(one, Mapping) else one
        )
        gone = isinstance(one, Mapping) and one.get(ACTION) == "delete"
        result = [kept for kept in result if kept != plain]
        result += [] if gone else [plain]
    return result
