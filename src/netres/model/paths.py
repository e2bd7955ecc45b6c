"""Fields of an Item, and of the parts inside it, by dotted name: ``security.mode``, ``peers.transport``.

A *path* is the Item's key and, after a dot, the field: ``interface[eth0].description``; the whole Item without one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar, cast

from pydantic import BaseModel

from netres.errors import InvalidConfig
from netres.model.base import Key
from netres.model.faults import nearest
from netres.model.kinds import KINDS
from netres.model.types import DEFAULT_VRF

M = TypeVar("M", bound=BaseModel)


def _members(value: object) -> tuple[object, ...]:
    if value is None:
        return ()
    return cast("tuple[object, ...]", value) if isinstance(value, tuple) else (value,)


def _owners(model: BaseModel, path: str) -> Iterator[tuple[BaseModel, str]]:
    """The models that have the last field of ``path``, with its name."""
    name, _, rest = path.partition(".")
    if not rest:
        yield model, name
        return
    for part in _members(getattr(model, name)):
        if isinstance(part, BaseModel):
            yield from _owners(part, rest)


def _default(model: BaseModel, name: str) -> object:
    return cast("object", type(model).model_fields[name].get_default(call_default_factory=True))


def says(model: BaseModel, path: str) -> bool:
    """Whether a field says more than its default, in any part."""
    return any(getattr(owner, name) != _default(owner, name) for owner, name in _owners(model, path))


def values(model: BaseModel, path: str) -> tuple[object, ...]:
    """What a field says, in every part: members of a list one by one, nothing of ``None``."""
    return tuple(value for owner, name in _owners(model, path) for value in _members(getattr(owner, name)))


def reset(model: M, path: str) -> M:
    """``model`` with a field at its default, in every part."""
    name, _, rest = path.partition(".")
    value: object = getattr(model, name)
    if not rest:
        value = _default(model, name)
    elif isinstance(value, tuple):
        parts = cast("tuple[object, ...]", value)
        value = tuple(reset(part, rest) if isinstance(part, BaseModel) else part for part in parts)
    elif isinstance(value, BaseModel):
        value = reset(value, rest)
    return model.model_copy(update={name: value})


def of(key: Key, field: str = "") -> str:
    """The path of an Item, or of one of its fields."""
    values = [value for value in key.values if value not in {"", DEFAULT_VRF}] or [*filter(None, key.values)]
    item = f"{key.kind}[{' '.join(values)}]" if values else key.kind
    return f"{item}.{field}" if field else item


def matching(pattern: str) -> re.Pattern[str]:
    """Matches the paths that ``pattern`` names, and all below them; ``*`` is any text: ``interface[*].description``."""
    return re.compile(".*".join(map(re.escape, pattern.split("*"))) + r"(?:\..*)?")


def check(pattern: str) -> None:
    """Refuse a pattern that no path can match.

    Raises:
        InvalidConfig: naming what is wrong with it, and the remedy.
    """
    found = re.fullmatch(r"([^\[\].]*)(\[.*\])?(?:\.([^\[\]]+))?", pattern)
    if found is None:
        raise InvalidConfig(f"{pattern!r} is no path; write it like interface[eth0].description or vlan[*]")
    kind, item, field = found[1], found[2], str(found[3] or "*").partition(".")[0]
    if "*" in kind:
        return
    if kind not in KINDS:
        raise InvalidConfig(f"{pattern!r}: unknown kind {kind!r}{nearest(kind, KINDS)}")
    if bool(KINDS[kind].KEY) != bool(item):
        raise InvalidConfig(
            f"{pattern!r}: name the Item too, like {kind}[*]" if not item else f"{pattern!r}: there is one {kind} only"
        )
    if "*" not in field and field not in KINDS[kind].model_fields:
        raise InvalidConfig(f"{pattern!r}: {kind} has no field {field!r}{nearest(field, KINDS[kind].model_fields)}")


def differing(one: BaseModel, other: BaseModel) -> Iterator[tuple[str, object, object]]:
    """The fields in which two models of one type differ, those of their parts one by one; a list is one field."""
    for name in type(one).model_fields:
        mine, theirs = cast("object", getattr(one, name)), cast("object", getattr(other, name))
        if mine == theirs:
            continue
        if isinstance(mine, BaseModel) and isinstance(theirs, BaseModel) and type(mine) is type(theirs):
            for path, here, there in differing(mine, theirs):
                yield f"{name}.{path}", here, there
        else:
            yield name, mine, theirs


def get(model: object, path: str) -> object:
    """What a field says; ``None`` where the model, or a part on the way, is not there."""
    for name in path.split("."):
        model = cast("object", getattr(model, name, None))
    return model


def put(model: M, path: str, value: object) -> M:
    """``model`` with another value in a field. It is not checked."""
    name, _, rest = path.partition(".")
    if rest:
        value = put(cast("BaseModel", getattr(model, name)), rest, value)
    return model.model_copy(update={name: value})
