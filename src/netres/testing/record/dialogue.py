"""Operations as a recording names them, and one step of a dialogue: an operation with its answer or its error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from netres.errors import NetresError, UsageError
from netres.flow import Batch, Body, Cli, Exec, Http, Json, Note, Operation, Pause, Reconnect, Reply, Snmp
from netres.model.secret import MASK, Secret
from netres.terms import TOKEN
from netres.testing.record import snmp
from netres.testing.record.redact import Redactor

UNNAMED: Final = "0c0c00000000"
"""Stands in a recording for the token of a trial."""
Kind: TypeAlias = Literal["cli", "exec", "http", "snmp", "reconnect"]


@dataclass(frozen=True)
class Told:
    """An operation as text, secrets masked: what a replay compares."""

    kind: Kind
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}" if self.text else self.kind


@dataclass(frozen=True)
class Step:
    """One operation with what came of it: a reply or an error."""

    told: Told
    reply: Reply | None = None
    error: NetresError | None = None


def untold(text: str, token: str = UNNAMED) -> str:
    """Text with ``token`` in place of whatever token of a trial stands there: it is another one each time."""
    return TOKEN.sub(token, text)


def untold_body(body: Json, token: str = UNNAMED) -> Json:
    """`untold`, in every text of a body."""
    if isinstance(body, str):
        return untold(body, token)
    if isinstance(body, Mapping):
        return {name: untold_body(value, token) for name, value in body.items()}
    return [untold_body(value, token) for value in body] if isinstance(body, Sequence) else body


def told(operation: Operation, redactor: Redactor | None = None) -> Told:
    """An operation as text: a command with what it is fed below, a request with its body below."""
    found = _told(operation, redactor)
    return Told(found.kind, untold(found.text))


def _told(operation: Operation, redactor: Redactor | None) -> Told:
    match operation:
        case Cli():
            return Told("cli", _text(redactor, str(operation)))
        case Exec():
            fed = "".join(MASK if isinstance(part, Secret) else part for part in operation.stdin)
            return Told("exec", _text(redactor, operation.command + ("\n" + fed if fed else "")))
        case Http():
            return Told("http", _request(operation, redactor))
        case Snmp():
            return Told("snmp", _snmp(operation, redactor))
        case Reconnect():
            return Told("reconnect", "")
        case Note() | Pause() | Batch():  # a batch is recorded line by line
            raise UsageError(f"{operation} is no part of a dialogue with a device")


def secrets(operation: Operation) -> Iterator[str]:
    """The values of the secrets in an operation."""
    parts: Sequence[Body] = ()
    match operation:
        case Cli():
            parts = operation.parts
        case Exec():
            parts = operation.stdin
        case Http():
            parts = (operation.body,)
        case _:
            pass
    for part in parts:
        yield from _secrets(part)


def _secrets(body: Body) -> Iterator[str]:
    if isinstance(body, Secret):
        if body.known:
            yield body.reveal()
    elif isinstance(body, Mapping):
        for value in body.values():
            yield from _secrets(value)
    elif isinstance(body, Sequence) and not isinstance(body, str):
        for value in body:
            yield from _secrets(value)


def _text(redactor: Redactor | None, text: str) -> str:
    return redactor.text(text) if redactor else text


def _request(operation: Http, redactor: Redactor | None) -> str:
    query = operation.query
    path = operation.path
    body = json.loads(str(operation).split(" ", 2)[2]) if operation.body is not None else None  # secrets masked
    if redactor:
        path = redactor.path(path)
        query = tuple((name, redactor.text(value)) for name, value in query)
        body = redactor.body(body)
    shown = f"{operation.method} {Http('GET', path, query=query).target}"
    return shown if body is None else f"{shown}\n{json.dumps(body, indent=2, sort_keys=True, ensure_ascii=False)}"


def _snmp(operation: Snmp, redactor: Redactor | None) -> str:
    oids = [snmp.oid_redacted(redactor, oid) for oid in operation.oids] if redactor else list(operation.oids)
    values = [_text(redactor, repr(value)) for value in operation.values]
    pairs = [f"{oid}={value}" for oid, value in zip(oids, values, strict=True)] if values else oids
    return "\n".join((operation.verb, *pairs))
