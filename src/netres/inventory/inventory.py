"""Inventory: the devices there are, from a file or a mapping. Does no I/O to devices."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

from netres import files
from netres.errors import UnknownDevice
from netres.files import Loc
from netres.inventory.check import check
from netres.inventory.entry import Entry
from netres.inventory.merge import Book, bound
from netres.inventory.select import matching, parse
from netres.inventory.shape import checked, refusing
from netres.model.faults import nearest


class Inventory(Mapping[str, Entry]):
    """Devices by name, in the order of the file. A selection is an Inventory too.

    Everything is checked when it is loaded; what a device inherits is merged when it is asked for.
    """

    def __init__(self, book: Book, names: Mapping[str, object], place: str) -> None:
        self._book = book
        self._names = names
        self._place = place

    @classmethod
    @files.without_gc()
    def load(cls, path: str | os.PathLike[str], *, platforms: Collection[str] = ()) -> Inventory:
        """Read a YAML or JSON file. ``platforms`` may stand in it too, beside those that have a driver.

        Raises:
            InvalidConfig: the message names file, line, field and remedy.
        """
        file = Path(path)
        return cls._of(files.load(file), str(file), lambda loc, sentence: files.at(file, loc, sentence), platforms)

    @classmethod
    @files.without_gc()
    def from_mapping(
        cls, mapping: Mapping[str, object], place: str = "inventory", *, platforms: Collection[str] = ()
    ) -> Inventory:
        """An inventory of the shape that files have; ``place`` names it in messages, ``platforms`` as for `load`.

        Raises:
            InvalidConfig: the message names place, field and remedy.
        """
        return cls._of(mapping, place, lambda loc, sentence: f"{place}: {sentence}", platforms)

    @classmethod
    def _of(cls, data: object, place: str, locate: Callable[[Loc, str], str], others: Collection[str]) -> Inventory:
        refuse = refusing(locate)
        book = bound(checked(data, refuse), refuse)
        check(book, refuse, others)
        return cls(book, book.devices, place)

    @property
    def names(self) -> tuple[str, ...]:
        """The devices' names."""
        return tuple(self._names)

    def select(self, expression: str) -> Inventory:
        """The devices that satisfy every term, such as ``family=router site=lon* role!=core,test``.

        Terms are separated by blanks; patterns are the shell's (``* ? [abc]``), several with commas between them. The
        words are ``name platform host group family`` and the names of tags.

        Raises:
            InvalidConfig: a term is malformed, or its word is no field and no device's tag.
        """
        names: Iterable[str] = self._names
        for term in parse(expression):
            names = matching(self._book, names, term)
        return Inventory(self._book, dict.fromkeys(names), self._place)

    def __getitem__(self, name: str) -> Entry:
        if name not in self._names:
            near = nearest(str(name), self._names) or f"; there are: {', '.join(list(self._names)[:10])}"
            raise UnknownDevice(f"{self._place}: no device {name!r}{near}")
        return self._book.entry(name)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<Inventory {self._place}: {len(self)} devices>"
