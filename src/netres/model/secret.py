"""Secrets: references in what users write, values in memory only, never in anything that is shown or stored."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar, cast, get_args

from pydantic import BaseModel
from pydantic_core import core_schema

from netres.errors import MissingDependency, SecretError

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

MASK: Final = "********"
REFERENCE: Final = r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*|keyring:[^/]+/.+)$"
OBSERVED: Final = r"^observed:[0-9a-f]{64}$"
_FORMS: Final = "env:NAME, file:PATH or keyring:SERVICE/USER"
# Fingerprints of secrets are keyed: an unkeyed digest of a short password is as good as the password.
_KEY: Final = secrets.token_bytes(32)
_PLAIN: Final = (str, int, float)
"""Most of a model's fields; asked about first: whether something is a ``BaseModel`` costs ten times as much to ask."""

T = TypeVar("T")


class Secret:
    """A secret: ``env:NAME``, ``file:PATH`` or ``keyring:SERVICE/USER``, or one that was read from a device.

    The value is never part of ``repr``, ``str``, a dump, a pickle or a copy of the model. Two secrets are equal when
    both values are known and equal, else when their references are.
    """

    __slots__ = ("_value", "ref")

    def __init__(self, ref: str | None = None, value: str | None = None) -> None:
        self.ref = ref
        self._value = value

    @classmethod
    def observed(cls, value: str) -> Secret:
        """A secret as a device shows it in clear text."""
        return cls(value=value)

    @property
    def known(self) -> bool:
        """Whether the value is in memory, so that it can be compared and sent."""
        return self._value is not None

    @property
    def named(self) -> bool:
        """Whether a reference leads to it, so that it can be stored."""
        return self.ref is not None and re.match(OBSERVED, self.ref) is None

    def resolve(self) -> Secret:
        """This secret with its value, read from where the reference points.

        Raises:
            SecretError: the reference leads nowhere, or to an empty value or one with control characters.
        """
        if self._value is not None:
            return self
        if self.ref is None or re.match(OBSERVED, self.ref):
            raise SecretError(f"a secret read from a device is not stored in a file; give it as {_FORMS}")
        return Secret(self.ref, _checked(self.ref, _fetch(self.ref)))

    def reveal(self) -> str:
        """The value, for the transport that sends it.

        Raises:
            SecretError: the secret was not resolved.
        """
        if self._value is None:
            raise SecretError(f"secret {self} is not resolved")
        return self._value

    def fingerprint(self) -> str:
        """Keyed digest of the value, or the reference where the value is not known. Holds for this process only."""
        if self._value is None:
            return self.ref or ""
        return "observed:" + hmac.new(_KEY, self._value.encode(), hashlib.sha256).hexdigest()

    def __str__(self) -> str:
        return self.ref or MASK

    def __repr__(self) -> str:
        return f"Secret({self.ref or MASK!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        if self._value is not None and other._value is not None:
            return hmac.compare_digest(self._value.encode(), other._value.encode())
        return self.fingerprint() == other.fingerprint() or self._dump() == other._dump()

    def __hash__(self) -> int:
        return hash(Secret)  # equality depends on what is known, so nothing finer is safe

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return (Secret, (self._dump(),))

    def _dump(self) -> str:
        return self.ref or self.fingerprint()

    @classmethod
    def _parse(cls, value: object) -> Secret:
        if isinstance(value, Secret):
            return value
        if isinstance(value, str) and (re.fullmatch(REFERENCE, value) or re.fullmatch(OBSERVED, value)):
            return cls(value)
        raise ValueError(f"is not a reference to a secret; write it as {_FORMS}")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._parse, serialization=core_schema.plain_serializer_function_ser_schema(cls._dump, when_used="json")
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": "string",
            "pattern": f"{REFERENCE}|{OBSERVED}",
            "description": f"Reference to a secret: {_FORMS}. In what netres writes also the mark of one it read.",
        }


def may_hold(model: BaseModel) -> bool:
    """Whether a secret may stand in a model's fields, or in those of its parts: most have none."""
    return any(getattr(model, name) is not None for name in _secret_fields(type(model)))


@cache
def _secret_fields(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(name for name, field in model.model_fields.items() if _secret_in(field.annotation))


def _secret_in(annotation: object) -> bool:
    if isinstance(annotation, type) and not get_args(annotation):
        if issubclass(annotation, BaseModel):
            return bool(_secret_fields(annotation))
        return issubclass(annotation, Secret)
    return any(_secret_in(part) for part in get_args(annotation))


def resolved(value: T) -> T:
    """``value`` (a model, a sequence, a secret) with every reference to a secret resolved.

    Raises:
        SecretError: see `Secret.resolve`.
    """
    return cast("T", _resolved(value))


def _resolved(value: object) -> object:
    if value is None or isinstance(value, _PLAIN):
        return value
    if isinstance(value, Secret):
        return value.resolve()
    if isinstance(value, BaseModel):
        parts = {name: getattr(value, name) for name in type(value).model_fields}
        new = {name: done for name, part in parts.items() if (done := _resolved(part)) is not part}
        return value.model_copy(update=new) if new else value
    if isinstance(value, tuple):
        whole = cast("tuple[object, ...]", value)
        done = tuple(_resolved(part) for part in whole)
        return done if any(new is not old for new, old in zip(done, whole, strict=True)) else whole
    return value


def paired(value: T, like: object, pick: Callable[[Secret, Secret], Secret]) -> T:
    """``value`` with ``pick(mine, theirs)`` wherever both hold a secret in the same place."""
    return cast("T", _paired(value, like, pick))


def _paired(value: object, like: object, pick: Callable[[Secret, Secret], Secret]) -> object:
    if value is None or like is None or isinstance(value, _PLAIN):
        return value
    if isinstance(value, Secret) and isinstance(like, Secret):
        return pick(value, like)
    if isinstance(value, BaseModel) and type(value) is type(like):
        if not may_hold(value):
            return value
        parts = {name: getattr(value, name) for name in type(value).model_fields}
        pairs = {name: _paired(part, getattr(like, name), pick) for name, part in parts.items()}
        new = {name: part for name, part in pairs.items() if part is not parts[name]}
        return value.model_copy(update=new) if new else value
    mine, theirs = _members(value), _members(like)
    if len(mine) != len(theirs):
        return value
    done = tuple(_paired(one, other, pick) for one, other in zip(mine, theirs, strict=True))
    return done if any(new is not old for new, old in zip(done, mine, strict=True)) else value


def _members(value: object) -> tuple[object, ...]:
    return cast("tuple[object, ...]", value) if isinstance(value, tuple) else ()


def _fetch(ref: str) -> str:
    scheme, _, place = ref.partition(":")
    if scheme == "env":
        if (value := os.environ.get(place)) is None:
            raise SecretError(f"environment variable {place} is not set; it is needed for secret {ref!r}")
        return value
    if scheme == "file":
        try:
            return Path(place).expanduser().read_text(encoding="utf-8").removesuffix("\n")
        except (OSError, ValueError, RuntimeError) as error:
            # Not chained: what cannot be decoded stands in the error.
            raise SecretError(f"secret {ref!r} cannot be read: {type(error).__name__}; check the path") from None
    service, _, user = place.partition("/")
    return _from_keyring(ref, service, user)


def _from_keyring(ref: str, service: str, user: str) -> str:
    try:
        import keyring
        import keyring.errors
    except ImportError as error:
        raise MissingDependency(f"secret {ref!r} needs the keyring package: pip install 'netres[keyring]'") from error
    try:
        value = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        raise SecretError(f"the keyring does not give {ref!r}: {error}") from error
    if value is None:
        raise SecretError(f"the keyring has no entry for {ref!r}; add it with: keyring set {service} {user}")
    return value


def _checked(ref: str, value: str) -> str:
    if not value:
        raise SecretError(f"secret {ref!r} is empty")
    if not value.isprintable():
        raise SecretError(f"secret {ref!r} holds a control character or line break; store one line of text")
    return value
