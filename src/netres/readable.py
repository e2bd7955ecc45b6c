"""Items and changes as lines that a person reads at a glance. Pure; secrets are masked or shown as references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, cast

from pydantic import BaseModel

from netres.change import Change
from netres.model import Item, Secret
from netres.model.secret import MASK, OBSERVED

_SIGNS: Final = {"create": "+", "modify": "~", "delete": "-"}
_WORD: Final = re.compile(r"[\w./:@+-]+")


def described(item: Item) -> str:
    """An Item in one line: its key, and every field that says more than the default."""
    told = _told(item, frozenset({"kind", *item.KEY}))
    return " ".join([str(item.key), *(f"{name}={value}" for name, value in told)])


def told(model: BaseModel) -> str:
    """A record in one line: every field that says more than the default."""
    return " ".join(f"{name}={value}" for name, value in _told(model))


def lines(change: Change) -> Iterator[tuple[str, str]]:
    """A change, line by line, each with the sign (``+``, ``~``, ``-``, blank) that tells its colour."""
    sign = _SIGNS[change.action]
    if change.before is None or change.after is None:
        yield sign, f"{sign} {described(change.item)}"
        return
    yield sign, f"{sign} {change.key}"
    for name in change.fields:
        before, after = _get(change.before, name), _get(change.after, name)
        gone, new = _added(after, before), _added(before, after)
        if gone or new:
            yield " ", f"    {name}:"
            yield from (("-", f"      - {_value(member)}") for member in gone)
            yield from (("+", f"      + {_value(member)}") for member in new)
        else:
            yield " ", f"    {name}: {_value(before)} → {_value(after)}"


def _get(model: BaseModel, name: str) -> object:
    return cast("object", getattr(model, name))


def _added(before: object, after: object) -> list[object]:
    """The members that only the second of two lists has."""
    if not isinstance(before, tuple) or not isinstance(after, tuple):
        return []
    return [member for member in cast("tuple[object, ...]", after) if member not in before]


def _told(model: BaseModel, unless: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """The fields that say more than their default."""
    for name, field in type(model).model_fields.items():
        value = _get(model, name)
        if name not in unless and value != field.get_default(call_default_factory=True):
            yield name, _word(value)


def _word(value: object) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else _value(value)


def _value(value: object) -> str:
    if isinstance(value, Secret):
        return MASK if re.match(OBSERVED, str(value)) else str(value)
    if isinstance(value, BaseModel):
        return "{" + ", ".join(f"{name}: {shown}" for name, shown in _told(value)) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_word(part) for part in cast("tuple[object, ...]", value)) + "]"
    if value is None or isinstance(value, bool):
        return "not set" if value is None else str(value).lower()
    return repr(value)
