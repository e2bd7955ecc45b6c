"""Item, Key and Config: the frozen, validated vocabulary every driver shares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from netres.model.types import DEFAULT_VRF


@dataclass(frozen=True, slots=True)
class Key:
    """What names an Item on a device: its kind and the values of its key fields."""

    kind: str
    values: tuple[str, ...] = ()

    def rank(self) -> tuple[tuple[int, int | str], ...]:
        """For sorting as people do: numbers by value, ``eth9`` before ``eth10``."""
        whole = "\0".join((self.kind, *self.values))
        parts = enumerate(re.split(r"(\d+)", whole))
        return tuple((0, int(part)) if place % 2 else (1, part) for place, part in parts)

    def __str__(self) -> str:
        shown = [value for value in self.values if value not in {"", DEFAULT_VRF}]
        return f"{self.kind}[{' '.join(shown)}]" if shown else self.kind


class Item(BaseModel):
    """One typed, vendor-neutral, frozen piece of configuration.

    A subclass has a field ``kind`` whose only value is its name, and lists its key fields. An optional field that is
    ``None`` means: as the platform has it by default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)

    KIND: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]] = ()
    NEEDS: ClassVar[frozenset[str]] = frozenset()
    """The kinds `needs` and `follows` may name."""
    FAMILIES: ClassVar[frozenset[str]] = frozenset()
    """The families of devices that can have one; empty: every."""

    @property
    def key(self) -> Key:
        """The Item's key: unique in a `Config`."""
        return Key(self.KIND, tuple([str(getattr(self, name)) for name in self.KEY]))

    def needs(self) -> Iterator[Key]:
        """Items that must exist wherever this one does."""
        return iter(())

    def parts(self) -> Iterator[Key]:
        """Keys of the Item's entries, where a device keeps each in a block of its own."""
        return iter(())

    def follows(self) -> Iterator[Key]:
        """Items that, where they change too, are made before this one and removed after it."""
        return iter(())

    def same(self, other: Item) -> bool:
        """Whether both say the same; equality without the caches pydantic keeps on an instance."""
        return type(self) is type(other) and self._values() == other._values()

    def differing(self, other: Item) -> tuple[str, ...]:
        """Names of the fields in which two Items of one kind differ."""
        mine, theirs = self._values(), other._values()
        return tuple(name for name in type(self).model_fields if mine[name] != theirs[name])

    def bare(self) -> Item:
        """The Item with its key alone, everything else at its default."""
        return type(self).model_validate({name: getattr(self, name) for name in self.KEY})

    def _values(self) -> Mapping[str, object]:
        return {name: getattr(self, name) for name in type(self).model_fields}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Item) and self.same(other)

    def __hash__(self) -> int:
        return hash(self.key)
