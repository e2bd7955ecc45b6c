"""Items and changes as lines that a person reads at a glance. Pure; secrets are masked or shown as references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias, cast

from pydantic import BaseModel

from netres.model import Item, Secret
from netres.model.secret import MASK, OBSERVED
from netres.plan import Change

Sign: TypeAlias = Literal["+", "~", "-", " "]

_SIGNS: Final[dict[str, Sign]] = {"create": "+", "modify": "~", "delete": "-"}
_WORD: Final = re.compile(r"[\w./:@+-]+")


def described(item: Item) -> str:
    """An Item in one line: its key, and every field that says more than the default."""
    shown = [str(item.key)]
    for name, field in type(item).model_fields.items():
        value = getattr(item, name)
        if name not in {"kind", *item.KEY} and value != field.get_default(call_default_factory=True):
            shown.append(f"{name}={_word(value)}")
    return " ".join(shown)


def lines(change: Change) -> Iterator[tuple[Sign, str]]:
    """A change, line by line, each with the sign that tells its colour."""
    sign = _SIGNS[change.action]
    if change.before is None or change.after is None:
        yield sign, f"{sign} {described(change.item)}"
        return
    yield sign, f"{sign} {change.key}"
    for name in change.fields:
        before, after = getattr(change.before, name), getattr(change.after, name)
        if isinstance(before, tuple) and isinstance(after, tuple):
            yield from _members(name, cast("tuple[object, ...]", before), cast("tuple[object, ...]", after))
        else:
            yield " ", f"    {name}: {_value(before)} → {_value(after)}"


def _members(name: str, before: tuple[object, ...], after: tuple[object, ...]) -> Iterator[tuple[Sign, str]]:
    gone = [member for member in before if member not in after]
    new = [member for member in after if member not in before]
    if not gone and not new:
        yield " ", f"    {name}: {_value(before)} → {_value(after)}"
        return
    yield " ", f"    {name}:"
    for member in gone:
        yield "-", f"      - {_value(member)}"
    for member in new:
        yield "+", f"      + {_value(member)}"


def _word(value: object) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else _value(value)


def _value(value: object) -> str:
    if isinstance(value, Secret):
        return MASK if re.match(OBSERVED, str(value)) else str(value)
    if isinstance(value, BaseModel):
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        return "{" + ", ".join(f"{name}: {_word(part)}" for name, part in fields.items() if part is not None) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_word(part) for part in cast("tuple[object, ...]", value)) + "]"
    if value is None or isinstance(value, bool):
        return "not set" if value is None else str(value).lower()
    return repr(value)
