"""Writing a recording's file: YAML that people read and compare. Every text is a block of its own lines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, cast

import netres.errors
from netres.errors import Busy, NetresError, Rejected
from netres.flow import Json, Reply
from netres.testing.record.dialogue import Step
from netres.testing.record.escape import escaped, is_plain

_RESERVED: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan"})


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
    code = ord(character)
    if 0xD800 <= code < 0xE000:  # half a pair is no character, and no JSON has it
        return "\N{REPLACEMENT CHARACTER}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
