"""A request and its answer, as a simulated REST interface sees them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


@dataclass(frozen=True)
class Request:
    """What came."""

    method: str
    target: str
    """Path and query, as they came."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Names in lower case."""
    body: bytes = b""

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The parts of the path, unquoted; an empty last part (a trailing slash) is left out."""
        return tuple(unquote(part) for part in urlsplit(self.target).path.split("/") if part)

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The query; of a name that comes several times, the last."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        """The cookies."""
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in pairs if name}

    def json(self) -> Json:
        """The body.

        Raises:
            ValueError: it is no JSON.
        """
        made: Json = json.loads(self.body)
        return made

    def __str__(self) -> str:
        body = self.body.decode(errors="replace")
        return f"{self.method} {self.target}" + (f" {body}" if body else "")


@dataclass(frozen=True)
class Response:
    """What is answered."""

    status: int = 200
    body: Json | bytes = None
    """Bytes are sent as they are, ``None`` is an empty body, everything else is sent as JSON."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    empty: bool = True
    """Whether a body of ``None`` is no body; else it is JSON's ``null``."""

    @cached_property
    def content(self) -> bytes:
        """The body as it is sent."""
        if isinstance(self.body, bytes):
            return self.body
        if self.body is None and self.empty:
            return b""
        return json.dumps(self.body).encode()

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The header fields that are sent."""
        kind = "application/octet-stream" if isinstance(self.body, bytes) else "application/json"
        usual = {"Content-Type": kind} if self.content else {}
        return {**usual, "Content-Length": str(len(self.content)), **self.headers}

    def __str__(self) -> str:
        return f"{self.status} {self.content.decode(errors='replace')}".rstrip()
