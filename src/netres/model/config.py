"""Config: a set of Items, what a device has or what somebody wants."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, LiteralString, cast

from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from netres.errors import InvalidConfig, SecretError, UsageError
from netres.model.base import Item, Key
from netres.model.faults import first_fault
from netres.model.kinds import KINDS, AnyItem
from netres.model.secret import may_hold, resolved

if TYPE_CHECKING:
    from netres.inventory.entry import Entry

_TWICE: Final[LiteralString] = "item_twice"


class Config(BaseModel):
    """A set of Items with unique keys. Two configs are equal when their Items are, in whatever order.

    In YAML or JSON: ``items: [{kind: vlan, id: 20, name: voice}, …]``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    items: tuple[AnyItem, ...] = ()
    _source: Path | None = PrivateAttr(default=None)
    _places: list[tuple[str | int, ...]] = PrivateAttr(default_factory=list[tuple[str | int, ...]])

    @model_validator(mode="after")
    def _unique(self) -> Config:
        seen: dict[Key, int] = {}
        for place, item in enumerate(self.items):
            if (first := seen.setdefault(item.key, place)) != place:
                twice = "items {first} and {second} are both {key}; merge them into one"
                raise PydanticCustomError(_TWICE, twice, {"first": first, "second": place, "key": str(item.key)})
        return self

    @classmethod
    def of(cls, items: Iterable[Item]) -> Config:
        """A config of Items that are valid already.

        Raises:
            InvalidConfig: two Items have one key.
        """
        whole = tuple(items)
        made = cls.model_construct(items=cast("tuple[AnyItem, ...]", whole))
        if len(made.by_key) == len(whole):
            return made
        try:
            return cls(items=made.items)
        except ValidationError as error:
            raise InvalidConfig(
                first_fault(error, {"": cls, **KINDS})[1]
            ) from None  # pydantic's error quotes the input

    @classmethod
    def load(
        cls, path: str | Path, entry: Entry | None = None, variables: Mapping[str, object] | None = None
    ) -> Config:
        """Read a YAML or JSON file: ``items:``, and beside them ``native:`` and ``templates:`` for one device.

        Args:
            path: the file.
            entry: the device for which its templates are rendered.
            variables: what the templates know beside what stands in the file; these win.

        Raises:
            InvalidConfig: the message names file, line, field and remedy.
        """
        from netres import files

        path = Path(path)
        data = files.load(path)
        if data.keys() & {"native", "templates"}:
            return cls._with_native(path, data, entry, variables)
        try:
            config = cls.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place, sentence = first_fault(error, {"": cls, **KINDS})
            if first["type"] == _TWICE:
                place = ("items", first["ctx"]["second"]) if "ctx" in first else ()
            raise InvalidConfig(files.at(path, place, sentence)) from None  # pydantic's error quotes the input
        config._source = path  # noqa: SLF001 - its own
        return config

    @classmethod
    def _with_native(
        cls, path: Path, data: object, entry: Entry | None, variables: Mapping[str, object] | None
    ) -> Config:
        from netres import files
        from netres.desired import Desired

        try:
            desired = Desired.model_validate(data)
        except ValidationError as error:
            place, sentence = first_fault(error, {"": Desired, **KINDS})
            raise InvalidConfig(files.at(path, place, sentence)) from None  # pydantic's error quotes the input
        try:
            config = cls.of(desired.all(entry, variables))
        except (InvalidConfig, ValidationError) as error:
            sentence = first_fault(error, KINDS)[1] if isinstance(error, ValidationError) else str(error)
            raise InvalidConfig(files.at(path, ("templates",) if desired.templates else (), sentence)) from None
        config._source = path  # noqa: SLF001 - its own
        config._places = desired.places()  # noqa: SLF001 - its own
        return config

    def resolved(self) -> Config:
        """This config with its secrets, read from where their references point.

        Raises:
            SecretError: naming the Item and, where the config was loaded from a file, file and line.
        """
        items: list[Item] = []
        with self.placing_errors():
            for item in self.items:
                try:
                    items.append(resolved(item) if may_hold(item) else item)
                except SecretError as error:
                    raise SecretError(f"{item.key}: {error}").about(item.key) from None
        done = Config.of(items)
        done._source = self._source  # noqa: SLF001 - its own
        return done

    @contextmanager
    def placing_errors(self) -> Generator[None]:
        """Have errors about an Item of a config that was loaded from a file begin with file and line."""
        from netres import files

        try:
            yield
        except UsageError as error:
            keys = [item.key for item in self.items]
            if self._source and error.item in keys:
                error.args = (files.at(self._source, self._place(keys.index(error.item)), str(error)), *error.args[1:])
            raise

    def _place(self, number: int) -> tuple[str | int, ...]:
        return self._places[number] if self._places else ("items", number)

    @cached_property
    def by_key(self) -> Mapping[Key, Item]:
        """The Items by key."""
        return {item.key: item for item in self.items}

    def kinds(self) -> frozenset[str]:
        """The kinds that occur."""
        return frozenset(item.KIND for item in self.items)

    def only(self, kinds: Iterable[str]) -> Config:
        """The Items of some kinds."""
        wanted = frozenset(kinds)
        return Config.of(item for item in self.items if item.KIND in wanted)

    def find(self, kind: str, *values: str) -> Item | None:
        """The Item of a kind with these key values."""
        return self.by_key.get(Key(kind, values))

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, key: object) -> bool:
        return key in self.by_key

    def each(self) -> Iterator[Item]:
        """The Items in the order of their keys."""
        return iter(self._ordered)

    @cached_property
    def _ordered(self) -> tuple[Item, ...]:
        return tuple([self.by_key[key] for key in sorted(self.by_key, key=Key.rank)])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self.by_key == other.by_key

    def __hash__(self) -> int:
        return hash(frozenset(self.by_key))
