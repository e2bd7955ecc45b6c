"""Fields of an Item, and of the parts inside it, by dotted name: ``security.mode``, ``peers.transport``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar, cast

from pydantic import BaseModel

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
