"""What differs between two inventories: devices, and of those in both, what they say with all they inherit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from netres.inventory.inventory import Inventory


@dataclass(frozen=True)
class Difference:
    """A device that is new (``+``) or gone (``-``), or one of whose fields differs (``~``)."""

    sign: Literal["+", "-", "~"]
    device: str
    field: str = ""
    before: object = None
    after: object = None

    def __str__(self) -> str:
        if self.sign != "~":
            return f"{self.sign} {self.device}"
        return f"~ {self.device}.{self.field}: {_told(self.before)} -> {_told(self.after)}"


def compared(before: Inventory, after: Inventory) -> Iterator[Difference]:
    """The differences, by device in the order of ``before``, then the new devices. Secrets are references."""
    for name in before:
        if name not in after:
            yield Difference("-", name)
            continue
        old, new = (dict(_flat(one[name].settings(), "")) for one in (before, after))
        for field in sorted(old.keys() | new.keys()):
            if old.get(field) != new.get(field):
                yield Difference("~", name, field, old.get(field), new.get(field))
    for name in after:
        if name not in before:
            yield Difference("+", name)


def _flat(settings: Mapping[str, object], prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(cast("Mapping[str, object]", value), f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _told(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, cast("list[object]", value))) or "none"
    return "none" if value is None else str(value)
