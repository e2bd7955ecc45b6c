"""Bodies of requests: JSON in which secrets stand, and what an earlier answer tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from netres.errors import ParseError
from netres.model.secret import MASK, Secret

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Body: TypeAlias = "bool | int | float | str | Secret | Ref | Sequence[Body] | Mapping[str, Body] | None"
_PLAIN: Final = (str, int, float)
"""Most of a body; asked about first: whether something is a ``Mapping`` costs ten times as much to ask."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands in a body for what an earlier answer of the same apply tells: the id that a server gives."""

    name: str

    def __str__(self) -> str:
        return f"<{self.name}>"


def unveil(body: Body) -> Json:
    """``body`` with every secret replaced by its value.

    Raises:
        SecretError: a secret is not resolved.
    """
    return _mapped(body, lambda part: part.reveal() if isinstance(part, Secret) else str(part))


def veiled(body: Body) -> Json:
    """``body`` with every secret masked."""
    return _mapped(body, lambda part: MASK if isinstance(part, Secret) else str(part))


def _mapped(body: Body, show: Callable[[Secret | Ref], Json]) -> Json:
    if body is None or isinstance(body, _PLAIN):
        return body
    if isinstance(body, Secret | Ref):
        return show(body)
    if isinstance(body, Mapping):
        return {name: _mapped(value, show) for name, value in body.items()}
    return [_mapped(value, show) for value in body]


def bound(body: Body, known: Mapping[str, Json]) -> Body:
    """``body`` with what its `Ref`s stand for.

    Raises:
        ParseError: no answer told one of them.
    """
    if body is None or isinstance(body, str | int | float | Secret):
        return body
    if isinstance(body, Ref):
        if body.name not in known:
            raise ParseError(f"no answer told what {body} is")
        return known[body.name]
    if isinstance(body, Mapping):
        return {name: bound(value, known) for name, value in body.items()}
    return [bound(value, known) for value in body]


def octets(value: Json) -> bytes:
    """The octets of a value in the answer to `Snmp`."""
    return str(value).encode("latin-1")
