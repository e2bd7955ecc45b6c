"""The shape of a recording's file, and reading one. `netres.testing.record.render` writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, Self, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator

import netres.errors
from netres import files
from netres.errors import ApplyFailed, Busy, InvalidConfig, NetresError, Rejected
from netres.flow import Json, Reply
from netres.model.faults import first_fault, nearest
from netres.testing.record.dialogue import Kind, Step, Told
from netres.testing.record.escape import unescaped
from netres.testing.record.leaks import leak

VERSION: Final = 1
_KINDS: Final = ("cli", "exec", "http", "snmp", "reconnect")
_STRICT: Final = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _written(value: object) -> object:
    """Text as it is written: plain, or with escapes under ``escaped`` because YAML cannot hold it."""
    if isinstance(value, Mapping):
        inner = cast("Mapping[object, object]", value)
        if list(inner) == ["escaped"] and isinstance(text := inner["escaped"], str):
            return unescaped(text)
    elif value is None or isinstance(value, str):
        return value or ""
    raise ValueError("must be text, or {escaped: text}")


Text = Annotated[str, BeforeValidator(_written)]


class Answer(BaseModel):
    """A `netres.flow.Reply`. ``json``: its text is its body as JSON."""

    model_config = _STRICT

    text: Text = ""
    status: int = 0
    headers: dict[str, str] = {}
    body: object = None
    json_: Annotated[bool, Field(alias="json")] = False


class Fault(BaseModel):
    """A `netres.errors.NetresError`."""

    model_config = _STRICT

    kind: Annotated[str, Field(alias="class")]
    message: Text = ""
    operation: Text = ""
    """Of `Rejected` and its kin: what was refused, and the device's words."""
    answer: Text = ""
    retry_after: float | None = None

    @model_validator(mode="after")
    def _known(self) -> Self:
        known = [name for name, found in vars(netres.errors).items() if _is_error(found)]
        if self.kind not in known:
            raise ValueError(f"unknown class of error {self.kind!r}{nearest(self.kind, known)}")
        return self


class Sent(BaseModel):
    """An operation: one of the fields."""

    model_config = _STRICT

    cli: Text | None = None
    exec: Text | None = None
    http: Text | None = None
    snmp: Text | None = None
    reconnect: Text | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError(f"must name one operation: {', '.join(_KINDS)}")
        return self


class Exchange(BaseModel):
    """An operation with its reply or its error."""

    model_config = _STRICT

    send: Sent
    reply: Answer | None = None
    error: Fault | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.reply is None) == (self.error is None):
            raise ValueError("must have a reply or an error")
        return self


class Document(BaseModel):
    """The whole file."""

    model_config = _STRICT

    recording: Literal[1]
    """The version of this format."""
    platform: Annotated[str, StringConstraints(min_length=1)]
    netres: str
    date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$")]
    """ISO 8601."""
    dialogue: tuple[Exchange, ...]


def load(path: Path) -> tuple[Document, tuple[Step, ...]]:
    """Read a recording.

    Raises:
        InvalidConfig: it cannot be read, is of another version or shape, or a secret was left in it; names file, line
            and remedy, never the secret.
    """
    data = files.load(path)
    if (version := data.get("recording")) != VERSION:
        shown = f"is of format {version!r}" if isinstance(version, int) else "does not say its format"
        raise InvalidConfig(files.at(path, ("recording",), f"{shown}; this netres reads 'recording: {VERSION}'"))
    if (found := leak(path, data)) is not None:
        raise InvalidConfig(found)
    try:
        document = Document.model_validate(data)
    except ValidationError as error:
        place, sentence = first_fault(error, {"": Document})
    else:
        return document, tuple(map(_step, document.dialogue))
    # Outside of the except block: pydantic's error would show the input.
    real = _real(data, place)
    if unknown := _unknown_operation(data, real):
        sentence = unknown
    field = next((step for step in reversed(place) if isinstance(step, str)), "")
    shown = f"{files.dotted(real)}: " if real else ""
    raise InvalidConfig(files.at(path, real, f"{shown}{sentence.removeprefix(f'{field}: ')}; mend it, or record again"))


def _real(data: object, place: Sequence[str | int]) -> files.Loc:
    """The part of a fault's place that is in the file, without pydantic's names of alternatives."""
    steps: list[str | int] = []
    for step in place:
        if isinstance(data, Mapping) and step in data:
            data = cast("Mapping[object, object]", data)[step]
        elif isinstance(data, list) and isinstance(step, int):
            data = cast("list[object]", data)[step]
        else:
            continue
        steps.append(step)
    return tuple(steps)


def _unknown_operation(data: Mapping[object, object], place: files.Loc) -> str:
    if len(place) < 4 or place[2] != "send" or place[3] in _KINDS:
        return ""
    return f"unknown operation {str(place[3])!r}{nearest(str(place[3]), _KINDS)}; known: {', '.join(_KINDS)}"


def _is_error(found: object) -> bool:
    """Whether a transport may raise it."""
    return isinstance(found, type) and issubclass(found, NetresError) and not issubclass(found, ApplyFailed)


def _step(exchange: Exchange) -> Step:
    (name,) = exchange.send.model_fields_set
    sent = Told(cast("Kind", name), getattr(exchange.send, name))
    if exchange.error is not None:
        return Step(sent, error=_error(exchange.error))
    answer = exchange.reply
    assert answer is not None
    body = cast("Json", answer.body)
    text = json.dumps(body) if answer.json_ else answer.text
    return Step(sent, Reply(text, answer.status, body, answer.headers))


def _error(fault: Fault) -> NetresError:
    kind = cast("type[NetresError]", getattr(netres.errors, fault.kind))
    if issubclass(kind, Rejected):
        return kind(fault.operation, fault.answer)
    if issubclass(kind, Busy):
        return kind(fault.message, fault.retry_after)
    return kind(fault.message)
