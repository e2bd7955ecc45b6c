"""What is wrong with input, in one line that a person can act on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_LONGEST: Final = 60


def nearest(word: str, known: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` where something known is near, else nothing."""
    near = get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def first_fault(error: ValidationError, models: Mapping[str, type[BaseModel]]) -> tuple[tuple[str | int, ...], str]:
    """Where the first fault of ``error`` lies, and what it is; never a secret's value.

    ``models`` gives, by discriminator tag (or ``""`` for the whole), the model whose fields are named.
    """
    faults = error.errors(include_url=False, include_context=True)
    # A field that is unknown explains one that is missing, and a part that is wrong explains a list that is too short.
    inner = [fault for fault in faults if fault["type"] != "too_short" or len(faults) == 1]
    fault = min(inner, key=lambda one: one["type"] != "extra_forbidden")
    tags = [step for step in fault["loc"] if step in models]
    place = tuple(step for step in fault["loc"] if step not in models)
    model = models.get(str(tags[-1])) if tags else models.get("")
    more = f" (and {len(inner) - 1} more)" if len(inner) > 1 else ""
    return place, _sentence(fault, place, model) + more


def _sentence(fault: ErrorDetails, place: Sequence[str | int], model: type[BaseModel] | None) -> str:
    field = next((step for step in reversed(place) if isinstance(step, str)), "")
    context = fault.get("ctx", {})
    match fault["type"]:
        case "extra_forbidden":
            part = _part(model, place[_depth(place) - 1 :]) if model else None
            known = sorted(part.model_fields) if part else []
            return f"unknown field {field!r}{nearest(field, known)}" + (f"; known: {', '.join(known)}" if known else "")
        case "missing":
            return f"field {field!r} is missing"
        case "union_tag_invalid":
            tag = str(context.get("tag", ""))
            known = [word.strip("' ") for word in str(context.get("expected_tags", "")).split(",")]
            return f"unknown kind {tag!r}{nearest(tag, known)}; known: {', '.join(known)}"
        case "union_tag_not_found":
            return "field 'kind' is missing"
        case _:
            return f"{field}: {_problem(fault)}" if field else _problem(fault)


def _depth(place: Sequence[str | int]) -> int:
    """How deep a field of the tagged model itself lies: ``items.3.field``; deeper ones belong to a part of it."""
    return 3 if place and place[0] == "items" else 1


def _part(model: type[BaseModel], place: Sequence[str | int]) -> type[BaseModel] | None:
    """The model of which the last step of ``place`` would be a field, beginning in ``model``."""
    names = [step for step in place if isinstance(step, str)]
    for name in names[:-1]:
        field = model.model_fields.get(name)
        inner = [one for one in _types(field.annotation) if issubclass(one, BaseModel)] if field else []
        if not inner:
            return None
        model = inner[0]
    return model


def _types(annotation: object) -> Iterator[type]:
    if isinstance(annotation, type):
        yield annotation
    for argument in get_args(annotation):
        yield from _types(argument)


def _problem(fault: ErrorDetails) -> str:
    message = fault["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    message = message.replace("input should be a valid tuple", "must be a list")
    value = cast("object", fault["input"])
    if (isinstance(value, Mapping | Sequence) and not isinstance(value, str)) or "secret" in message:
        return message
    shown = "a huge number" if isinstance(value, int) and value.bit_length() > _LONGEST * 3 else repr(value)
    return f"{shown if len(shown) <= _LONGEST else shown[:_LONGEST] + '…'}: {message}"
