"""Collections of objects with ids, as REST interfaces hold them. What a field may be is data. Knows no platform."""

from __future__ import annotations

import copy
import hashlib
import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast

from netres.errors import UsageError
from netres.testing.sim.http import Json
from netres.testing.sim.rest import Object, Reason, Refusal

Kind: TypeAlias = Literal["string", "integer", "boolean", "object", "any"]
_TYPES: Final[Mapping[Kind, type]] = {"string": str, "integer": int, "boolean": bool, "object": Mapping}


@dataclass(frozen=True)
class Ids:
    """How a server makes ids; the same ones for the same device, each only once."""

    form: Literal["uuid", "hex", "counter"] = "uuid"
    width: int = 24
    """Digits of a hexadecimal one."""
    prefix: str = ""
    """What stands before the number of a counted one."""

    def make(self, seed: str, number: int) -> str:
        """The id of this number."""
        match self.form:
            case "uuid":
                return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{seed}/{number}"))
            case "hex":
                return hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()[: self.width]
            case "counter":
                return f"{self.prefix}{number}"


@dataclass(frozen=True)
class Field:
    """What a field may hold. A name with dots is a field of a field; of a list each element counts."""

    name: str
    kind: Kind = "string"
    required: bool = False
    when: tuple[str, str] | None = None
    """Required only where that other field has that value."""
    many: bool = False
    """Whether it is a list."""
    pattern: str = ""
    """Of the whole value, in its text form."""
    among: tuple[str | int, ...] = ()
    least: int | None = None
    most: int | None = None
    refers: str = ""
    """It holds the id of an object of that collection."""
    unique: bool = False
    default: Json = None

    def check(self, held: Mapping[str, Json]) -> None:
        """Look at the field of an object, alone.

        Raises:
            Refusal: it cannot hold that.
        """
        found = list(values(held, self.name))
        needed = self.required or (self.when is not None and held.get(self.when[0]) == self.when[1])
        if needed and not [one for one in found if one not in (None, "")]:
            raise Refusal(Reason.REQUIRED, self.name)
        if self.many != isinstance(held.get(self.name, [] if self.many else None), list):
            raise Refusal(Reason.TYPE, self.name, held.get(self.name))
        for value in found:
            self._check(value)

    def _check(self, value: Json) -> None:
        kind = _TYPES.get(self.kind)
        whole = isinstance(value, bool) and self.kind == "integer"
        if kind is not None and (not isinstance(value, kind) or whole):
            raise Refusal(Reason.TYPE, self.name, value)
        if self.among and value not in self.among:
            raise Refusal(Reason.ENUM, self.name, value)
        if self.pattern and re.fullmatch(self.pattern, str(value)) is None:
            raise Refusal(Reason.PATTERN, self.name, value)
        low, high = self.least, self.most
        if isinstance(value, int) and ((low is not None and value < low) or (high is not None and value > high)):
            raise Refusal(Reason.RANGE, self.name, value)


@dataclass(frozen=True)
class Collection:
    """Objects of one kind."""

    name: str
    fields: tuple[Field, ...] = ()
    key: str = "id"
    """The field that holds an object's id."""
    ids: Ids | None = Ids()
    """``None``: whoever creates an object names it."""
    closed: bool = False
    """Whether a field that is not in `fields` is refused."""
    held: bool = True
    """Whether an object to which others refer stays."""
    factory: Sequence[Mapping[str, Json]] = ()
    """What is there from the factory."""

    @property
    def known(self) -> frozenset[str]:
        """Names of fields, the outermost part."""
        return frozenset(field.name.partition(".")[0] for field in self.fields) | {self.key}


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
        return copy.deepcopy(made)

    def delete(self, collection: str, identity: str) -> None:
        """Take an object away."""
        self._one(collection, identity)
        if self.collections[collection].held and (user := next(self._users(collection, identity), None)):
            raise Refusal(Reason.IN_USE, user, identity)
        del self._held[collection][identity]

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

    def reset(self) -> None:
        """Have what is there from the factory."""
        self._held = {name: {} for name in self.collections}
        for name, collection in self.collections.items():
            for one in collection.factory:
                self._put(name, one)
        self.save()

    def save(self) -> None:
        """Have it survive a restart."""
        self._saved = copy.deepcopy(self._held)

    def restore(self) -> None:
        """Have what was saved."""
        self._held = copy.deepcopy(self._saved)

    def reboot(self) -> None:
        """Start anew."""
        if self._saves:
            self.restore()

    @property
    def unsaved(self) -> bool:
        """Whether a restart would lose something."""
        return self._saves and self._held != self._saved

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


def values(held: Json, path: str) -> Iterator[Json]:
    """What is at a path of names with dots between; of a list, what is in each element."""
    if isinstance(held, list):
        for one in held:
            yield from values(one, path)
    elif isinstance(held, Mapping):
        name, _, below = path.partition(".")
        if name in held:
            inner = held[name]
            if below:
                yield from values(inner, below)
            else:
                yield from inner if isinstance(inner, list) else [inner]
