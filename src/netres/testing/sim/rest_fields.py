"""What objects of a REST interface may hold, as data: fields, ids, collections. Knows no platform."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from netres.testing.sim.http import Json
from netres.testing.sim.rest import Reason, Refusal

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
