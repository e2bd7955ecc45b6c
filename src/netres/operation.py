"""Operations: what a driver would have a transport do; and the reply to one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar, cast
from urllib.parse import urlencode

from netres.errors import InvalidConfig, ParseError, SecretError
from netres.model.secret import MASK, Secret

if TYPE_CHECKING:
    from netres.plan import ApplyResult, Plan
    from netres.terms import Terms

R = TypeVar("R")

Part: TypeAlias = str | Secret
Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Body: TypeAlias = "bool | int | float | str | Secret | Ref | Sequence[Body] | Mapping[str, Body] | None"
_PLAIN: Final = (str, int, float)
"""Most of a body; asked about first: whether something is a ``Mapping`` costs ten times as much to ask."""


@dataclass(frozen=True, slots=True)
class Cli:
    """One line for a command line, made of text and secrets. ``str()`` masks the secrets.

    A line with a control character cannot be made: `InvalidConfig`.
    ``writes`` is false for a line that changes nothing: it may be asked again, and its answer may be shared by every
    feature that reads it.
    """

    parts: tuple[Part, ...]
    writes: bool = True

    def __post_init__(self) -> None:
        if not str(self).isprintable():
            raise InvalidConfig(f"a command line would hold a control character or line break: {str(self)!r}")

    def reveal(self) -> str:
        """The line as it is sent.

        Raises:
            SecretError: a secret is not resolved, or would end the line.
        """
        line = "".join(part.reveal() if isinstance(part, Secret) else part for part in self.parts)
        if not line.isprintable():
            raise SecretError(f"a secret in {str(self)!r} holds a control character or line break")
        return line

    @property
    def width(self) -> int:
        """How many characters are sent, as far as the secrets are known."""
        return sum(len(part.reveal() if isinstance(part, Secret) and part.known else str(part)) for part in self.parts)

    def __str__(self) -> str:
        return "".join(MASK if isinstance(part, Secret) else part for part in self.parts)


@dataclass(frozen=True, slots=True)
class Exec:
    """A program on the device's own shell, outside its command line; ``stdin`` is fed to it.

    ``command`` is read by a shell: it is the driver's own text, and what it takes from elsewhere (a path in the
    entry's options) is quoted. Values of Items go through ``stdin``. A command that ``writes`` and does not end with
    status 0 is a refusal; of one that reads, the reply's ``status`` tells.
    """

    command: str
    stdin: tuple[Part, ...] = ()
    writes: bool = False

    def reveal(self) -> str:
        """What is fed to the program."""
        return "".join(part.reveal() if isinstance(part, Secret) else part for part in self.stdin)

    def __str__(self) -> str:
        if not (self.writes and self.stdin):
            return self.command
        fed = "".join(MASK if isinstance(part, Secret) else part for part in self.stdin)
        # What is shown is stored too, as JSON: the bytes of a file that are no text cannot be.
        fed = fed.encode(errors="surrogateescape").decode(errors="replace")
        return f"{self.command}\n{fed}".rstrip("\n")


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands in a body for what an earlier answer of the same apply tells: the id that a server gives."""

    name: str

    def __str__(self) -> str:
        return f"<{self.name}>"


@dataclass(frozen=True)
class Http:
    """A request to a REST interface; secrets may stand anywhere in ``body``.

    ``path`` is quoted already, ``query`` is not. ``reads`` marks a POST that changes nothing.
    """

    method: str
    path: str
    body: Body = None
    query: tuple[tuple[str, str], ...] = ()
    reads: bool = False
    learns: str = ""
    """The `Ref` by which later requests name the ``id`` in the answer to this one."""

    @property
    def writes(self) -> bool:
        """Whether the request may change the resource (RFC 9110 calls the others safe)."""
        return not self.reads and self.method not in {"GET", "HEAD", "OPTIONS"}

    @property
    def target(self) -> str:
        """Path and query, as they stand in the request."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    def reveal(self) -> Json:
        """The body as it is sent."""
        return unveil(self.body)

    def bound(self, known: Mapping[str, Json]) -> Http:
        """This request with what its `Ref`s stand for.

        Raises:
            ParseError: no answer told one of them.
        """
        return replace(self, body=_bound(self.body, known))

    def learned(self, reply: Reply) -> Mapping[str, Json]:
        """What the answer tells for later requests.

        Raises:
            ParseError: it has no id.
        """
        if not self.learns:
            return {}
        if not isinstance(reply.body, Mapping) or "id" not in reply.body:
            raise ParseError(f"the answer to {self.method} {self.path} has no id")
        return {self.learns: reply.body["id"]}

    def __hash__(self) -> int:
        return hash((self.method, self.target))

    def __str__(self) -> str:
        body = "" if self.body is None else " " + json.dumps(_masked(self.body), sort_keys=True)
        return f"{self.method} {self.target}{body}"


@dataclass(frozen=True, slots=True)
class Snmp:
    """A request over SNMP: ``get`` of objects, ``walk`` of everything under some, or ``set`` of objects to values.

    The reply's ``body`` maps each object's OID (dotted, without a leading dot) to an int, or to text in which each
    character is one octet (`octets` decodes it); an OID in a value is dotted text. What the agent does not have is
    left out.
    """

    verb: Literal["get", "walk", "set"]
    oids: tuple[str, ...]
    values: tuple[str | int, ...] = ()
    """For ``set``, one per OID: text is sent as an OCTET STRING in UTF-8, a number as an INTEGER."""

    @property
    def writes(self) -> bool:
        """Whether it changes the device."""
        return self.verb == "set"

    def reveal(self) -> tuple[str | int, ...]:
        """The values as they are sent."""
        return self.values

    def __str__(self) -> str:
        if not self.values:
            return f"{self.verb} {' '.join(self.oids)}"
        pairs = zip(self.oids, self.values, strict=True)
        return f"{self.verb} " + " ".join(f"{oid}={value!r}" for oid, value in pairs)


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Give the session up and open a new one: what is known of the old one cannot be trusted."""

    writes: bool = field(default=False, init=False)

    def __str__(self) -> str:
        return "reconnect"


@dataclass(frozen=True, slots=True)
class Note:
    """For the journal: what is about to be done, or what came of it. No device sees it."""

    about: Literal["begin", "before", "steps", "armed", "left", "abandoned", "after", "failed"]
    """``begin``: the device was not even read; ``before``: nothing was sent yet, and ``result`` holds how the device
    is; ``steps``: these operations are sent next, one by one; ``armed``: the time begins in which it is to be
    confirmed; ``left``: it may wait on without us;
    ``abandoned``: we could not take it back, and `recover` may; ``after``: ``result`` is what came of it;
    ``failed``: nothing was sent, because of ``error``."""
    verb: Literal["apply", "confirm", "rollback"] = "apply"
    plan: Plan | None = None
    """Of ``begin``, where there is one."""
    result: ApplyResult | None = None
    """Of ``begin``: what is to be confirmed, or taken back."""
    terms: Terms | None = None
    """Of ``begin``."""
    error: str = ""
    steps: tuple[Operation, ...] = ()
    """Of ``steps``; where one of them fails the others are not sent."""
    writes: bool = field(default=False, init=False)

    def reveal(self) -> str:
        """As it is shown."""
        return str(self)

    def __str__(self) -> str:
        return f"note {self.about}"


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait before the next operation."""

    seconds: float
    writes: bool = field(default=False, init=False)

    def reveal(self) -> str:
        """As it is shown."""
        return str(self)

    def __str__(self) -> str:
        return f"pause {self.seconds:g} s"


Operation: TypeAlias = Cli | Exec | Http | Snmp | Reconnect | Note | Pause


def unveil(body: Body) -> Json:
    """``body`` with every secret replaced by its value.

    Raises:
        SecretError: a secret is not resolved.
    """
    return _mapped(body, lambda part: part.reveal() if isinstance(part, Secret) else str(part))


def _masked(body: Body) -> Json:
    return _mapped(body, lambda part: MASK if isinstance(part, Secret) else str(part))


def _mapped(body: Body, show: Callable[[Secret | Ref], Json]) -> Json:
    if body is None or isinstance(body, _PLAIN):
        return body
    if isinstance(body, Secret | Ref):
        return show(body)
    if isinstance(body, Mapping):
        return {name: _mapped(value, show) for name, value in body.items()}
    return [_mapped(value, show) for value in body]


def _bound(body: Body, known: Mapping[str, Json]) -> Body:
    if body is None or isinstance(body, str | int | float | Secret):
        return body
    if isinstance(body, Ref):
        if body.name not in known:
            raise ParseError(f"no answer told what {body} is")
        return known[body.name]
    if isinstance(body, Mapping):
        return {name: _bound(value, known) for name, value in body.items()}
    return [_bound(value, known) for value in body]


def octets(value: Json) -> bytes:
    """The octets of a value in the answer to `Snmp`."""
    return str(value).encode("latin-1")


@dataclass(frozen=True)
class Reply:
    """The answer to one operation: text, a number that says how it went (exit status, HTTP status), a parsed body."""

    text: str = field(default="", repr=False)
    status: int = 0
    body: Json = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False, compare=False)
    """Of an HTTP answer; names in lower case."""
    _parsed: dict[Callable[..., object], object] = field(
        default_factory=dict[Callable[..., object], object], repr=False, compare=False
    )

    def parsed(self, parser: Callable[[Reply], R]) -> R:
        """What ``parser`` makes of this reply, made once however many features ask for it."""
        if parser not in self._parsed:
            self._parsed[parser] = parser(self)
        return cast("R", self._parsed[parser])
