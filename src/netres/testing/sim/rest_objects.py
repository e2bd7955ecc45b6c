"""Collections of objects with ids, as REST interfaces hold them: made, changed, deleted, saved. Knows no platform."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import cast

from netres.errors import UsageError
from netres.testing.sim.http import Json
from netres.testing.sim.rest import Object, Reason, Refusal
from netres.testing.sim.rest_fields import Collection, Ids, values


class Objects:
    """All collections of a device; implements `netres.testing.sim.device.Store`.

    Args:
        seed: that of ids: the device's name.
        collections: what there is.
        saves: whether what was not saved by `save` is lost at a restart.
        stored: what the device stores of a text that it is told: `Faults.stored`.
    """

    def __init__(
        self,
        seed: str,
        collections: Iterable[Collection],
        *,
        saves: bool = False,
        stored: Callable[[str], str] = str,
    ) -> None:
        self.collections = {one.name: one for one in collections}
        self.watchers: list[Callable[[], None]] = []
        """Called after every change."""
        self._seed = seed
        self._saves = saves
        self._stored = stored
        self._made = dict.fromkeys(self.collections, 0)
        self._held: dict[str, dict[str, Object]] = {}
        self._saved: dict[str, dict[str, Object]] = {}
        self.reset()

    def listing(self, collection: str) -> list[Object]:
        """All objects of a collection, the oldest first.

        Raises:
            Refusal: there is no such collection; as everywhere here.
        """
        return copy.deepcopy(list(self._of(collection).values()))

    def get(self, collection: str, identity: str) -> Object:
        """One object."""
        return copy.deepcopy(self._one(collection, identity))

    def create(self, collection: str, body: Mapping[str, Json]) -> Object:
        """Make an object."""
        held, kind = self._of(collection), self.collections[collection]
        made = {field.name: field.default for field in kind.fields if field.default is not None} | self._told(body)
        if kind.ids is not None:
            if kind.key in body:
                raise Refusal(Reason.READ_ONLY, kind.key, body[kind.key])
            made = {kind.key: self._id(kind, kind.ids)} | made
        identity = made.get(kind.key)
        if not isinstance(identity, str) or not identity:
            raise Refusal(Reason.REQUIRED, kind.key, identity)
        if identity in held:
            raise Refusal(Reason.DUPLICATE, kind.key, identity)
        self._check(kind, made)
        held[identity] = made
        self._changed()
        return copy.deepcopy(made)

    def modify(self, collection: str, identity: str, body: Mapping[str, Json], *, whole: bool = False) -> Object:
        """Change the fields that are told; ``whole``: be what is told and no more."""
        held, kind = self._one(collection, identity), self.collections[collection]
        if body.get(kind.key, identity) != identity:
            raise Refusal(Reason.READ_ONLY, kind.key, body[kind.key])
        before: Object = {kind.key: identity} if whole else held
        made = {**before, **self._told(body)}
        self._check(kind, made)
        self._held[collection][identity] = made
        self._changed()
        return copy.deepcopy(made)

    def delete(self, collection: str, identity: str) -> None:
        """Take an object away."""
        self._one(collection, identity)
        if self.collections[collection].held and (user := next(self._users(collection, identity), None)):
            raise Refusal(Reason.IN_USE, user, identity)
        del self._held[collection][identity]
        self._changed()

    def native(self) -> str:
        """All of it as JSON: lists by the collections' names."""
        shown = {name: list(held.values()) for name, held in self._held.items()}
        return json.dumps(shown, indent=1, sort_keys=True) + "\n"

    def load(self, text: str) -> None:
        """Add objects, as `native` shows them, and save.

        Raises:
            ValueError: it is no JSON, or an object would be refused.
        """
        before = copy.deepcopy(self._held)
        told = cast("Mapping[str, Sequence[Object]]", json.loads(text))
        try:
            for name, objects in told.items():
                for one in objects:
                    self._put(name, one)
        except Refusal as refusal:
            self._held = before
            raise ValueError(f"{refusal} ({refusal.value!r})") from refusal
        self.save()
        self._changed()

    def reset(self) -> None:
        """Have what is there from the factory."""
        self._held = {name: {} for name in self.collections}
        for name, collection in self.collections.items():
            for one in collection.factory:
                self._put(name, one)
        self.save()
        self._changed()

    def save(self) -> None:
        """Have it survive a restart."""
        self._saved = copy.deepcopy(self._held)

    def restore(self) -> None:
        """Have what was saved."""
        self._held = copy.deepcopy(self._saved)
        self._changed()

    def reboot(self) -> None:
        """Start anew."""
        if self._saves:
            self.restore()

    @property
    def unsaved(self) -> bool:
        """Whether a restart would lose something."""
        return self._saves and self._held != self._saved

    def _changed(self) -> None:
        for watcher in self.watchers:
            watcher()

    def _put(self, collection: str, told: Mapping[str, Json]) -> None:
        kind = self.collections.get(collection)
        if kind is None or kind.ids is None or kind.key not in told:
            self.create(collection, told)
            return
        self._check(kind, told)
        self._held[collection][str(told[kind.key])] = dict(copy.deepcopy(told))

    def _of(self, collection: str) -> dict[str, Object]:
        if collection not in self._held:
            raise Refusal(Reason.NO_SUCH, collection)
        return self._held[collection]

    def _one(self, collection: str, identity: str) -> Object:
        if identity not in self._of(collection):
            raise Refusal(Reason.NO_SUCH, collection, identity)
        return self._held[collection][identity]

    def _id(self, kind: Collection, ids: Ids) -> str:
        while True:
            self._made[kind.name] += 1
            made = ids.make(f"{self._seed}/{kind.name}", self._made[kind.name])
            if made not in self._held[kind.name]:
                return made

    def _told(self, body: Mapping[str, Json]) -> Object:
        text = self._stored(json.dumps(body))
        try:
            return cast("Object", json.loads(text))
        except ValueError:
            raise UsageError(f"a normalisation makes no JSON of a request: {text}; change its pattern") from None

    def _check(self, kind: Collection, made: Mapping[str, Json]) -> None:
        if kind.closed and (unknown := sorted(made.keys() - kind.known)):
            raise Refusal(Reason.UNKNOWN, unknown[0], made[unknown[0]])
        for field in kind.fields:
            field.check(made)
            for value in values(made, field.name):
                if field.refers and value and str(value) not in self._of(field.refers):
                    raise Refusal(Reason.REFERENCE, field.name, value)
                others = (one for one in self._held[kind.name].values() if one.get(kind.key) != made.get(kind.key))
                if field.unique and any(value in values(other, field.name) for other in others):
                    raise Refusal(Reason.DUPLICATE, field.name, value)

    def _users(self, collection: str, identity: str) -> Iterator[str]:
        for name, kind in self.collections.items():
            for field in kind.fields:
                if field.refers == collection:
                    yield from (name for one in self._held[name].values() if identity in values(one, field.name))
