"""The shape of a recording's file, read and written. `docs/record-and-replay.md` shows one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

import netres.errors
from netres import files
from netres.errors import Busy, InvalidConfig, NetresError, Rejected
from netres.flow import Json, Reply
from netres.model.faults import first_fault, nearest
from netres.testing.record.dialogue import Kind, Step, Told
from netres.testing.record.escape import escaped, is_plain, unescaped
from netres.testing.record.leaks import leak

VERSION: Final = 1
_KINDS: Final = ("cli", "exec", "http", "snmp", "reconnect")
_STRICT: Final = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Text(BaseModel):
    """Text that is plain, or has escapes because YAML cannot hold it."""

    model_config = _STRICT

    escaped: str

    @model_validator(mode="after")
    def _sound(self) -> Self:
        unescaped(self.escaped)
        return self


class Answer(BaseModel):
    """A `netres.flow.Reply`. ``json``: its text is its body as JSON."""

    model_config = _STRICT

    text: str | Text = ""
    status: int = 0
    headers: dict[str, str] = {}
    body: Any = None
    json_: Annotated[bool, Field(alias="json")] = False


class Fault(BaseModel):
    """A `netres.errors.NetresError`."""

    model_config = _STRICT

    kind: Annotated[str, Field(alias="class")]
    message: str | Text = ""
    operation: str | Text = ""
    """Of `Rejected` and its kin: what was refused, and the device's words."""
    answer: str | Text = ""
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

    cli: str | Text | None = None
    exec: str | Text | None = None
    http: str | Text | None = None
    snmp: str | Text | None = None
    reconnect: str | Text | None = None

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
    raise InvalidConfig(files.at(path, real, f"{files.dotted(real)}: {sentence}; mend it, or record again"))


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
    return isinstance(found, type) and issubclass(found, NetresError)


def _plain(text: str | Text) -> str:
    return text if isinstance(text, str) else unescaped(text.escaped)


def _step(exchange: Exchange) -> Step:
    (name,) = exchange.send.model_fields_set
    sent = Told(cast("Kind", name), _plain(getattr(exchange.send, name) or ""))
    if exchange.error is not None:
        return Step(sent, error=_error(exchange.error))
    answer = exchange.reply
    assert answer is not None
    body = cast("Json", answer.body)
    text = json.dumps(body) if answer.json_ else _plain(answer.text)
    return Step(sent, Reply(text, answer.status, body, answer.headers))


def _error(fault: Fault) -> NetresError:
    kind = cast("type[NetresError]", getattr(netres.errors, fault.kind))
    if issubclass(kind, Rejected):
        return kind(_plain(fault.operation), _plain(fault.answer))
    if issubclass(kind, Busy):
        return kind(_plain(fault.message), fault.retry_after)
    return kind(_plain(fault.message))


def dump(document: Mapping[str, Json], steps: Sequence[Step]) -> str:
    """The text of a file: what `load` reads."""
    lines = [f"{name}: {_scalar(value)}" for name, value in document.items()]
    lines += ["dialogue:"] if steps else ["dialogue: []"]
    for step in steps:
        lines += ["", "  - send:", *_text(6, step.told.kind, step.told.text)]
        lines += _error_lines(step.error) if step.error else _reply_lines(step.reply or Reply())
    return "\n".join(lines) + "\n"


def _reply_lines(reply: Reply) -> list[str]:
    lines: list[str] = []
    if reply.status:
        lines.append(f"      status: {reply.status}")
    if reply.headers:
        lines += [
            "      headers:",
            *(f"        {_scalar(name)}: {_scalar(text)}" for name, text in reply.headers.items()),
        ]
    if is_json(reply):
        lines.append("      json: true")
    elif reply.text:
        lines += _text(6, "text", reply.text)
    if reply.body is not None:
        body = _scalar(reply.body, indent=2).replace("\n", "\n      ")
        lines.append(f"      body: {body}")
    return ["    reply:", *lines] if lines else ["    reply: {}"]


def is_json(reply: Reply) -> bool:
    """Whether a reply's text is its body as JSON: then it is not written twice."""
    if reply.body is None:
        return False
    try:
        return cast("object", json.loads(reply.text)) == reply.body
    except ValueError:
        return False


def _error_lines(error: NetresError) -> list[str]:
    kind = next(one for one in type(error).__mro__ if vars(netres.errors).get(one.__name__) is one)
    lines = ["    error:", f"      class: {kind.__name__}"]
    if isinstance(error, Rejected):
        return [*lines, *_text(6, "operation", error.operation), *_text(6, "answer", error.answer)]
    lines += _text(6, "message", str(error))
    if isinstance(error, Busy) and error.retry_after is not None:
        lines.append(f"      retry_after: {error.retry_after}")
    return lines


def _text(indent: int, name: str, text: str) -> list[str]:
    """A field of text: in quotes, or as a block of its lines."""
    blanks = " " * indent
    if not is_plain(text):
        return [f"{blanks}{name}:", *_block(indent + 2, "escaped", escaped(text))]
    return _block(indent, name, text)


def _block(indent: int, name: str, text: str) -> list[str]:
    blanks = " " * indent
    if "\n" not in text or not text.strip("\n"):
        return [f"{blanks}{name}: {_scalar(text)}"]
    hint = "2" if text[0] in " \t\n" else ""
    chomp = "-" if not text.endswith("\n") else "+" if text.endswith("\n\n") else ""
    return [f"{blanks}{name}: |{hint}{chomp}", *(f"{blanks}  {line}" if line else "" for line in _lines(text))]


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if text.endswith("\n") else lines


def _scalar(value: Json, indent: int | None = None) -> str:
    """JSON, which is YAML, in characters that YAML can hold."""
    if (
        isinstance(value, str)
        and re.fullmatch(r"[A-Za-z][\w./+-]*(?: [\w./+-]+)*", value)
        and value.lower() not in _RESERVED
    ):
        return value
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return "".join(one if one.isprintable() or one == "\n" else _coded(one) for one in text)


def _coded(character: str) -> str:
    code = 0xFFFD if 0xD800 <= (code := ord(character)) < 0xE000 else code  # half a pair is no character
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_RESERVED: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan"})
