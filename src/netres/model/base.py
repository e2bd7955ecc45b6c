"""Item, Key and Config: the frozen, validated vocabulary every driver shares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final, Self

from pydantic import BaseModel, ConfigDict

from netres.model.types import DEFAULT_VRF

_NUMBERS: Final = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Key:
    """What names an Item on a device: its kind and the values of its key fields."""

    kind: str
    values: tuple[str, ...] = ()

    def rank(self) -> tuple[int | str, ...]:
        """For sorting as people do: numbers by value, ``eth9`` before ``eth10``."""
        parts: list[int | str] = [*_NUMBERS.split("\0".join((self.kind, *self.values)))]
        parts[1::2] = map(int, parts[1::2])  # text and numbers take turns, so like stands beside like
        return tuple(parts)

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

    @cached_property
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
        if self is other:
            return True
        if type(self) is not type(other):
            return False
        mine, theirs = self.__dict__, other.__dict__
        return all(mine[name] == theirs[name] for name in type(self).__pydantic_fields__)

    def differing(self, other: Item) -> tuple[str, ...]:
        """Names of the fields in which two Items of one kind differ."""
        mine, theirs = self.__dict__, other.__dict__
        return tuple(name for name in type(self).__pydantic_fields__ if mine[name] != theirs[name])

    def bare(self) -> Item:
        """The Item with its key alone, everything else at its default."""
        return type(self).model_validate({name: getattr(self, name) for name in self.KEY})

    def __copy__(self) -> Self:
        """A copy without the key: `model_copy` may give it other values."""
        copied = super().__copy__()
        vars(copied).pop("key", None)
        return copied

    def __deepcopy__(self, memo: dict[int, object] | None = None) -> Self:
        """As `__copy__`."""
        copied = super().__deepcopy__(memo)
        vars(copied).pop("key", None)
        return copied

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Item) and self.same(other)

    def __hash__(self) -> int:
        return hash(self.key)
